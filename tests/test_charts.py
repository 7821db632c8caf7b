"""Numbers on the axes of a picture are written in the notebook's language."""

from __future__ import annotations

import re

import pytest
import torch

from attentif.charts import plot_lines, plot_positions
from attentif.checks import set_language
from attentif.language import current_language

CHARTS = {
    "lines": lambda: plot_lines({"a": [0.25, 0.5, 1.0]}, [0.0, 0.5, 1.0], "x", "y"),
    "positions": lambda: plot_positions(torch.linspace(-1, 1, 64).view(8, 8)),
}


@pytest.fixture(autouse=True)
def same_language_afterwards():
    before = current_language()
    yield
    set_language(before)


def ticks(picture) -> list[str]:
    picture.figure.canvas.draw()
    labels = [
        label for axes in picture.figure.axes for label in axes.get_xticklabels() + axes.get_yticklabels()
    ]
    return [label.get_text() for label in labels]


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize(("language", "ours", "theirs"), [("fr", ",", "."), ("en", ".", ",")])
def test_ticks_have_the_decimal_sign_of_the_language(name, language, ours, theirs):
    set_language(language)
    said = ticks(CHARTS[name]())
    assert [tick for tick in said if re.fullmatch(rf"−?\d\{ours}\d+", tick)]
    assert not [tick for tick in said if theirs in tick]
