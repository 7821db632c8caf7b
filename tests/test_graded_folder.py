"""What a folder of a graded class remembers of its making, and what is said of damaged answers."""

from __future__ import annotations

import json

import pytest

from attentif.errors import InputError
from attentif_grading.grader.flags import Flags
from attentif_grading.grader.journal import SECRET, Journal
from attentif_grading.grader.repair import CodeCell
from attentif_grading.grader.verdict import Verdict
from attentif_grading.grader.workplace import _why_missing
from attentif_grading.salt import VARIABLE


def _begun(folder, verdicts=1):
    journal = Journal(folder)
    if verdicts:
        journal.append("someone", [(Verdict("causal_mask", ()), "key")], {})
    journal.close()


def test_another_secret_is_refused_where_verdicts_are(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, "one")
    _begun(tmp_path)
    monkeypatch.setenv(VARIABLE, "another")
    with pytest.raises(InputError, match=f"the secret with which {tmp_path} was graded"):
        Journal(tmp_path)
    monkeypatch.setenv(VARIABLE, "one")
    Journal(tmp_path).close()
    assert "one" not in (tmp_path / SECRET).read_text(encoding="utf-8")


def test_a_folder_without_verdicts_takes_any_secret(tmp_path, monkeypatch):
    for secret in ("one", "another"):
        monkeypatch.setenv(VARIABLE, secret)
        _begun(tmp_path, verdicts=secret == "another")
    Journal(tmp_path).close()


def test_a_folder_of_before_learns_the_secret(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, "one")
    _begun(tmp_path)
    kept = (tmp_path / SECRET).read_text(encoding="utf-8")
    for spoilt in ("", "{"):
        (tmp_path / SECRET).write_text(spoilt, encoding="utf-8")
        Journal(tmp_path).close()
        assert (tmp_path / SECRET).read_text(encoding="utf-8") == kept
    (tmp_path / SECRET).unlink()
    Journal(tmp_path).close()
    assert json.loads((tmp_path / SECRET).read_text(encoding="utf-8")) == json.loads(kept)


def test_a_cell_that_is_no_python_is_told_from_one_that_is_not_there():
    cells = [CodeCell("one", "def causal_mask(:", "definition", "causal_mask")]
    missing, fine = Verdict("causal_mask", (), trouble="missing"), Verdict("causal_mask", ())
    assert _why_missing(missing, cells, {"one": "SyntaxError: invalid syntax"}) == "syntax"
    assert _why_missing(missing, cells, {"one": "NameError: no"}) == "missing"
    assert _why_missing(missing, cells, {"two": "SyntaxError: invalid syntax"}) == "missing"
    assert _why_missing(fine, cells, {"one": "SyntaxError: invalid syntax"}) is None


def test_code_that_changes_the_checks_is_flagged():
    source = "import sys\nsys.modules['attentif.checks.compare'].match = lambda *a: None"
    assert "tampering" in Flags([CodeCell("cell_9", source, "extra")]).of("causal_mask")
