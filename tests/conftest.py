"""What the whole suite shares: one thread, reproducible properties, `slow` tests left for `make verify`."""

from __future__ import annotations

import os

import pytest
import torch

torch.set_num_threads(1)

try:
    from hypothesis import settings
except ImportError:  # only the property tests need it
    pass
else:
    # The same examples every time: a test that fails must fail again when it is run again.
    settings.register_profile("attentif", max_examples=30, deadline=None, derandomize=True, database=None)
    settings.load_profile("attentif")


def pytest_sessionstart(session):
    """The students' edition of the library, which the grader's workers import, is there before any test.

    A clean checkout has none; it is made as the build makes it, once, before tests run side by side.
    """
    if hasattr(session.config, "workerinput"):
        return
    from attentif.errors import InputError
    from attentif_grading.contracts import load_contracts
    from attentif_grading.grader.box import require_box
    from attentif_grading.notebooks import written_exercises
    from attentif_grading.places import course_home
    from attentif_grading.wheel import stage_library

    home = course_home()
    try:
        require_box(home)
    except InputError:
        contracts = load_contracts(home)
        stage_library(home, home, [contracts[name] for name in written_exercises(home)])


def pytest_addoption(parser):
    parser.addoption("--run-slow", action="store_true", help="run the tests marked slow as well")


def pytest_collection_modifyitems(config, items):
    if config.getoption("--run-slow") or os.environ.get("ATTENTIF_SLOW") == "1":
        return
    slow = [item for item in items if "slow" in item.keywords]
    if slow:
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if "slow" not in item.keywords]


@pytest.fixture(autouse=True)
def _fresh_randomness():
    """Each test starts from the same global seed, so that none depends on those before it."""
    torch.manual_seed(0)


@pytest.fixture(autouse=True, scope="module")
def _english_first():
    """A file of tests that chooses a language chooses it for itself alone."""
    from attentif.language import switch

    switch("en")
    yield
    switch("en")
