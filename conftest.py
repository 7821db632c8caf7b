"""Examples in docstrings find the library's own names, as a student finds those of the cells above."""

from __future__ import annotations

import pytest

import attentif


@pytest.fixture(autouse=True)
def _names_of_the_library(doctest_namespace):
    for name, value in vars(attentif).items():
        if not name.startswith("_"):
            doctest_namespace.setdefault(name, value)
