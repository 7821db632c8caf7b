"""The last cell: the notebook is found, nothing personal is in the file, and nothing that was run is missing from it."""

from __future__ import annotations

import json
import os
import sys
import types
from datetime import datetime
from pathlib import Path

import nbformat
import pytest

from attentif.checks.text import set_language
from attentif.errors import InputError
from attentif.submission import ENDING, cleaning, find_notebook, receipt_of, standing, submit
from attentif.submission.finding import MOST_BYTES
from attentif.submission.summary import Summary
from attentif_grading.contracts import load_course
from attentif_grading.grader.assignment import load_assignments
from attentif_grading.grader.collect import collect
from attentif_grading.grader.reading import read_notebook
from attentif_grading.grader.repair import repair
from attentif_grading.places import course_home

HOME = course_home()
MASK = "def causal_mask(length):\n    return torch.ones(length, length).tril().bool()"


@pytest.fixture(autouse=True)
def session(monkeypatch, tmp_path):
    """A session in an empty folder, outside grading, on a machine where nobody can be asked."""
    monkeypatch.delenv("ATTENTIF_GRADING", raising=False)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("builtins.input", _nobody)
    set_language("en")
    yield
    set_language("en")


def _nobody(question: str) -> str:
    raise EOFError


def _released(number: int = 1, language: str = "en") -> dict:
    file = load_course(HOME).notebooks[number - 1].file[language]
    return json.loads((HOME / "notebooks" / language / f"{file}.ipynb").read_text(encoding="utf-8"))


def _with(content: dict, **sources: str) -> dict:
    """The notebook, these cells changed, by name."""
    for cell in content["cells"]:
        name = cell["metadata"].get("attentif", {}).get("name")
        if name in sources:
            cell["source"] = sources[name]
    return content


def _saved(path: Path, content: dict) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


class _Colab(types.ModuleType):
    """What stands where Colab's interface would."""

    def __init__(self, content: dict | None):
        super().__init__("google.colab")
        self.downloaded: list[str] = []
        self._message = types.SimpleNamespace(blocking_request=self._answer)
        self.files = types.SimpleNamespace(download=self.downloaded.append)
        self._content = content

    def _answer(self, kind: str, request: str = "", timeout_sec: int = 0) -> dict:
        assert kind == "get_ipynb" and timeout_sec > 0
        if self._content is None:
            raise TimeoutError
        return {"ipynb": self._content}


def _on_colab(monkeypatch, content: dict | None) -> _Colab:
    colab = _Colab(content)
    monkeypatch.setitem(sys.modules, "google", types.ModuleType("google"))
    monkeypatch.setitem(sys.modules, "google.colab", colab)
    return colab


def test_colab_gives_what_is_on_the_screen(monkeypatch):
    content = _released()
    content["metadata"]["colab"] = {"name": "My work (1).ipynb"}
    _on_colab(monkeypatch, content)
    _saved(Path("other.ipynb"), _released(2))
    found = find_notebook([], ask=_nobody)
    assert found.live and found.name == "My work (1)" and found.content is content


def test_a_colab_that_does_not_answer_is_passed_over(monkeypatch):
    _on_colab(monkeypatch, None)
    _saved(Path("here.ipynb"), _released())
    assert find_notebook([], ask=_nobody).name == "here"


def test_vs_code_and_jupyter_tell_the_path(monkeypatch, tmp_path):
    _saved(tmp_path / "nearer.ipynb", _released())
    far = _saved(tmp_path / "elsewhere" / "mine.ipynb", _released(2))
    monkeypatch.setattr(sys.modules["__main__"], "__vsc_ipynb_file__", str(far), raising=False)
    assert find_notebook([], ask=_nobody).name == "mine"
    monkeypatch.delattr(sys.modules["__main__"], "__vsc_ipynb_file__")
    (tmp_path / "elsewhere" / "below").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere" / "below")
    # As Jupyter's server tells it: below the folder where it was started.
    monkeypatch.setenv("JPY_SESSION_NAME", "elsewhere/mine.ipynb")
    assert find_notebook([], ask=_nobody).name == "mine"


def test_of_several_in_the_folder_the_one_whose_cells_were_run(tmp_path):
    first, second = _released(), _released(2)
    _saved(tmp_path / "a.ipynb", first)
    _saved(tmp_path / "b.ipynb", second)
    (tmp_path / "c.ipynb").write_text("not JSON", encoding="utf-8")
    _saved(tmp_path / "d.ipynb", {"cells": [], "metadata": {}})
    for content, name in ((first, "a"), (second, "b")):
        ran = ["".join(cell["source"]) for cell in content["cells"] if cell["cell_type"] == "code"]
        assert find_notebook(ran, ask=_nobody).name == name


def test_else_it_is_asked_for(tmp_path):
    _saved(tmp_path / "far" / "mine.ipynb", _released())
    answers = iter(["nowhere.ipynb", f'"{tmp_path / "far" / "mine"}"'])
    assert find_notebook([], ask=lambda question: next(answers)).name == "mine"
    assert find_notebook([], ask=lambda question: "") is None
    assert find_notebook([], ask=_nobody) is None


def test_a_huge_file_is_not_read(tmp_path):
    with (tmp_path / "huge.ipynb").open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    assert find_notebook([], ask=_nobody) is None


def test_nothing_about_persons_is_in_the_file(tmp_path):
    content = _released()
    content["metadata"] |= {"colab": {"provenance": [{"file_id": "1secret"}], "authorship_tag": "secret"}}
    content["metadata"]["widgets"] = {"state": "secret"}
    for cell in content["cells"]:
        cell["metadata"] |= {"executionInfo": {"user": {"displayName": "secret"}}, "outputId": "secret"}
        cell["metadata"]["colab"] = {"base_uri": "https://secret"}
    code = next(cell for cell in content["cells"] if cell["cell_type"] == "code")
    code["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": "kept", "metadata": {"user": "secret"}}
    ]
    _saved(tmp_path / "mine.ipynb", content)
    summary = submit()
    written = summary.file.read_text(encoding="utf-8")
    assert "secret" not in written and "kept" in written
    nbformat.validate(nbformat.reads(written, as_version=4))


def test_the_receipt_is_that_of_what_was_written_and_of_nothing_else(tmp_path):
    content = _released()
    _saved(tmp_path / "mine.ipynb", content)
    summary = submit()
    written = json.loads(summary.file.read_text(encoding="utf-8"))
    assert summary.receipt == receipt_of(written) == receipt_of(content)
    assert written["metadata"]["attentif"]["handed_in"]["receipt"] == summary.receipt
    with_metadata = written | {"metadata": {}}
    assert receipt_of(with_metadata) == summary.receipt
    changed = _with(_released(), answer_curve="Another answer.")
    assert receipt_of(changed) != summary.receipt
    for cell in content["cells"]:  # as lines or as one text: the same notebook
        cell["source"] = "".join(cell["source"]).splitlines(True)
    assert receipt_of(content) == summary.receipt


def test_what_was_written_is_not_taken_for_the_notebook(tmp_path):
    _saved(tmp_path / "mine.ipynb", _released())
    first = submit()
    assert first.file.name == "mine_submission.ipynb"
    assert submit().file == Path("mine_submission.ipynb")


def test_the_grader_reads_it_as_the_notebook_itself(tmp_path):
    content = _with(_released(), causal_mask=MASK, answer_curve="My answer.")
    _saved(tmp_path / "mine.ipynb", content)
    assignment = load_assignments(HOME)[1, "en"]
    one, other = (
        repair(read_notebook(path.read_bytes()), assignment)
        for path in (tmp_path / "mine.ipynb", submit().file)
    )
    assert one.cells == other.cells and one.written == other.written == ("causal_mask",)
    assert one.remarks == other.remarks


def test_code_that_was_run_and_not_saved_is_told_and_nothing_is_written(tmp_path, monkeypatch):
    _saved(tmp_path / "mine.ipynb", _released())
    history = types.SimpleNamespace(input_hist_raw=["", MASK])
    shell = types.SimpleNamespace(history_manager=history)
    monkeypatch.setattr(sys.modules["__main__"], "get_ipython", lambda: shell, raising=False)
    summary = submit()
    assert summary.unsaved == ("causal_mask",) and summary.file is None
    assert sorted(os.listdir(tmp_path)) == ["mine.ipynb"]
    assert "causal_mask. Save the notebook" in str(summary)
    _saved(tmp_path / "mine.ipynb", _with(_released(), causal_mask=MASK + "\n"))
    assert submit().file is not None


def test_results_that_are_newer_than_the_file_are_told(tmp_path, monkeypatch):
    content = _released()
    sources = ["".join(cell["source"]) for cell in content["cells"] if cell["cell_type"] == "code"]
    history = ["", *sources[:3], "submit()"]
    shell = types.SimpleNamespace(history_manager=types.SimpleNamespace(input_hist_raw=history))
    monkeypatch.setattr(sys.modules["__main__"], "get_ipython", lambda: shell, raising=False)
    _saved(tmp_path / "mine.ipynb", content)
    summary = submit()
    assert summary.older == 3 and "results of 3 cells" in str(summary)
    code = [cell for cell in content["cells"] if cell["cell_type"] == "code"]
    for count, cell in enumerate(code[:3], 1):
        cell["execution_count"] = count
    _saved(tmp_path / "mine.ipynb", content)
    summary = submit()
    assert summary.older == 0 and "results of" not in str(summary)


def test_points_and_questions_are_told(tmp_path, monkeypatch):
    import torch

    namespace: dict = {"torch": torch}
    exec(MASK, namespace)
    monkeypatch.setattr(sys.modules["__main__"], "causal_mask", namespace["causal_mask"], raising=False)
    _saved(tmp_path / "mine.ipynb", _with(_released(), causal_mask=MASK, answer_curve="My answer."))
    summary = submit()
    by_name = {each.exercise: each for each in summary.standings}
    assert by_name["causal_mask"].earned == by_name["causal_mask"].maximum > 0
    assert by_name["LayerNorm"].to_do and not by_name["causal_mask"].to_do
    assert list(by_name)[:3] == ["attention_by_hand", "scaled_dot_product_attention", "causal_mask"]
    assert summary.unanswered == ("Question 1", "Question 2", "Question 3", "Question 5")
    assert summary.receipt in str(summary) and summary.receipt in summary._repr_html_()


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_released_notebook_has_everything_to_answer(number, language):
    content = _released(number, language)
    assignment = load_assignments(HOME)[number, language]
    assert len(standing.unanswered(content)) == len(assignment.manual)
    assert standing.exercises_in(content) == list(assignment.exercises)
    without = json.loads(json.dumps(content))
    for cell in without["cells"]:
        cell["metadata"] = {}
    assert set(standing.exercises_in(without)) == set(assignment.exercises)


def test_in_french(tmp_path):
    set_language("fr")
    _saved(tmp_path / "mien.ipynb", _released(1, "fr"))
    said = str(submit())
    assert (
        "Fichier à rendre : mien_rendu.ipynb" in said
        and "Reçu : " in said
        and "Question 1, Question 2" in said
    )


def test_without_a_file_the_checks_are_told_all_the_same():
    summary = submit()
    assert isinstance(summary, Summary) and summary.file is None
    assert "was not found" in str(summary)


def test_a_path_that_is_none_is_an_error(tmp_path):
    with pytest.raises(InputError, match="a notebook of the assignment, saved, got nowhere"):
        submit("nowhere.ipynb")


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path):
    path = _saved(tmp_path / "mine.ipynb", _released())
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="a folder where the file can be written"):
        submit(path, folder=tmp_path / "file")


def test_on_colab_the_file_is_downloaded(monkeypatch):
    colab = _on_colab(monkeypatch, _released())
    summary = submit()
    assert colab.downloaded == [str(summary.file)] and summary.file.is_file()
    assert "as it is on the screen" in str(summary)


def test_while_grading_it_does_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("ATTENTIF_GRADING", "1")
    _saved(tmp_path / "mine.ipynb", _released())
    assert submit() is None and os.listdir(tmp_path) == ["mine.ipynb"]


def test_what_a_student_named_is_no_markup(tmp_path):
    _saved(tmp_path / "<b>mine.ipynb", _released())
    assert "<b>mine" not in submit()._repr_html_()


def test_cleaning_leaves_the_notebook_alone():
    content = _released()
    before = json.dumps(content)
    cleaning.cleaned(content, datetime.now(), datetime.now())
    assert json.dumps(content) == before


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_grader_knows_whose_it_is(tmp_path, language):
    """Both notebooks of a student are one student's, whatever the last cell has called them."""
    assignments, ending = load_assignments(HOME), ENDING[language]
    for number in (1, 2):
        file, content = assignments[number, language].file, _released(number, language)
        _saved(tmp_path / f"Zoé Martin_12_assignsubmission_file_{file}{ending}.ipynb", content)
        _saved(tmp_path / f"bob-{file}{ending} (1).ipynb", content)
    collected = collect([tmp_path], assignments)
    assert [len(each.notebooks) for each in collected.students] == [2, 2] and not collected.set_aside
    assert {each.shown.partition("_")[0].partition("-")[0] for each in collected.students} == {
        "Zoé Martin",
        "bob",
    }


def test_cells_alike_are_no_older_results():
    """The cells of the checks at grading all say the same; which of them was run last cannot be told, and need not."""
    same, own = "# Further checks run here at grading.", "x = 1"

    def saved(*counts):
        sources = (same, own, same)
        cells = [
            {"cell_type": "code", "source": source, "execution_count": count, "metadata": {}}
            for source, count in zip(sources, counts, strict=True)
        ]
        return {"cells": cells}

    history = ["", same, own, same]  # each at its execution count
    assert standing.older_results(saved(1, 2, 3), history) == 0
    assert standing.older_results(saved(1, 2, 3), [*history, own]) == 1
