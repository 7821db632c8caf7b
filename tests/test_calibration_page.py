"""docs/calibration.md and its picture are those of the kept results, and say of each metric what the figures say."""

from __future__ import annotations

import copy
import json
import sys
from pathlib import Path

import pytest
from PIL import Image

sys.path.append(str(Path(__file__).resolve().parent.parent / "benchmarks"))
import calibration_page as page

from attentif.checks import set_language
from attentif.language import current_language


@pytest.fixture(autouse=True)
def same_language_afterwards():
    before = current_language()
    yield
    set_language(before)


@pytest.fixture
def kept():
    return json.loads(page.RESULTS.read_text(encoding="utf-8"))


def test_the_pages_are_those_of_the_results(kept):
    for name, said in page.pages(kept).items():
        assert (page.DOCS / name).read_text(encoding="utf-8") == said, "run benchmarks/calibration_page.py"
    for path in page.PICTURES.values():
        picture = Image.open(page.DOCS / path)
        assert picture.info["Description"] == page.digest(kept), "run benchmarks/calibration_page.py"


def test_nothing_is_left_to_fill_in(kept):
    for said in page.pages(kept).values():
        assert "{" not in said and "}" not in said


def test_other_results_make_other_pages(kept):
    other = copy.deepcopy(kept)
    other["measurements"]["means"]["fr"]["log_odds"]["mean_over_seeds"]["slope"] = 0.12
    before, after = page.pages(kept), page.pages(other)
    assert all(before[name] != after[name] for name in before)
    assert page.digest(kept) != page.digest(other)


@pytest.mark.parametrize(
    ("slope", "r_squared", "said"),
    [
        (1.0, 0.95, "recovers"),
        (0.9, 0.9, "recovers"),
        (1.11, 0.95, "rescales"),
        (1.0, 0.85, "rescales"),
        (0.5, 0.95, "rescales"),
        (1.0, 0.79, "misses"),
        (0.0, 0.1, "misses"),
        (0.24, 0.95, "misses"),
    ],
)
def test_verdicts(slope, r_squared, said):
    assert page.verdict({"slope": slope, "r_squared": r_squared}) == said
