"""The secret from which hidden inputs are drawn: one per assignment, the same for the whole class."""

from __future__ import annotations

import os
import zlib

import numpy as np

VARIABLE = "ATTENTIF_SALT"
PUBLIC = "attentif"  # what serves when nothing is set; anyone can read it here
WARNING = (
    f"warning: {VARIABLE} is not set, so grading draws its hidden inputs from a public default; set it to a "
    "secret of your own before you grade, and to the same one each time"
)


def salt() -> str:
    """The assignment's secret, from the variable ATTENTIF_SALT; the public default if it is unset or empty."""
    return os.environ.get(VARIABLE) or PUBLIC


def is_secret() -> bool:
    """Whether a secret has been set."""
    return salt() != PUBLIC


def rng_for(exercise: str, check: str) -> np.random.Generator:
    """The generator of one check's inputs: the same for everyone, unknown without the secret."""
    keys = [zlib.crc32(part.encode()) for part in (salt(), exercise, check)]
    return np.random.default_rng(keys)
