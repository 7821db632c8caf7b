"""Where the public lists of WEAT and SEAT are, for tests that need them; they are never part of the repository."""

from __future__ import annotations

from pathlib import Path

import pytest

SEAT = Path(__file__).resolve().parents[2] / "shared" / "data" / "bias" / "seat"
needs_seat = pytest.mark.skipif(
    not SEAT.is_dir(), reason="the lists of WEAT and SEAT (CC BY-NC) are not beside the checkout"
)
