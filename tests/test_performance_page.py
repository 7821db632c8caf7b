"""docs/performance.md is that of the kept results, in both languages."""

from __future__ import annotations

import copy
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parent.parent / "benchmarks"))
import performance_page as page

KEPT = page.results()


def test_there_are_results():
    assert KEPT and all(each["benchmark"] == "pretraining" and each["machine"] for each in KEPT)


def test_the_pages_are_those_of_the_results():
    for name, said in page.pages(KEPT).items():
        assert (page.DOCS / name).read_text(encoding="utf-8") == said, "run benchmarks/performance_page.py"
        assert "{" not in said and "}" not in said


def test_every_ratio_is_shown_in_each_language():
    for said in page.pages(KEPT).values():
        shown = said.count(" times [") + said.count(" fois [")
        assert shown == sum(len(each["ratios"]) for each in KEPT)


@pytest.mark.parametrize("what", ["ratios", "measurements"])
def test_other_results_make_other_pages(what):
    other = copy.deepcopy(KEPT)
    if what == "ratios":
        next(iter(other[0]["ratios"].values()))["median"] = 99.0
    else:
        next(iter(next(iter(other[0]["measurements"].values())).values()))["tokens_per_second"] = 1
    before, after = page.pages(KEPT), page.pages(other)
    assert all(before[name] != after[name] for name in before)
