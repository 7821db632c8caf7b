"""The secret from which hidden inputs are drawn: one per assignment, the same for the whole class."""

from __future__ import annotations

import os
import zlib

import numpy as np

VARIABLE = "ATTENTIF_SALT"


def salt() -> str:
    """The assignment's secret; the variable ATTENTIF_SALT sets it."""
    return os.environ.get(VARIABLE, "attentif")


def rng_for(exercise: str, check: str) -> np.random.Generator:
    """The generator of one check's inputs: the same for everyone, unknown without the secret."""
    keys = [zlib.crc32(part.encode()) for part in (salt(), exercise, check)]
    return np.random.default_rng(keys)
