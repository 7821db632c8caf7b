"""What an oracle has answered is not computed again, and old answers give way to new ones."""

from __future__ import annotations

import numpy as np

from attentif.checks.values import part
from attentif_grading.known_answers import MOST, computed_once


def test_an_answer_of_an_oracle_is_computed_once():
    calls = []

    @computed_once
    def double(x, *, of):
        """Twice."""
        calls.append(1)
        return 2 * x[of]

    block = {"of": np.arange(3.0), "recipe": part("LayerNorm", d_model=3)}
    assert double(block, of="of").tolist() == double(dict(block), of="of").tolist() == [0.0, 2.0, 4.0]
    assert len(calls) == 1 and double.__doc__ == "Twice."
    assert double({**block, "of": np.arange(1.0, 4.0)}, of="of").tolist() == [2.0, 4.0, 6.0]
    for number in range(MOST):
        double({"of": number}, of="of")
    calls.clear()
    double(block, of="of")
    assert calls == [1], "the oldest are dropped"
