"""The first cells of a notebook: the library is installed where it is not there, and the student is told what was found."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest
from built_course import built_course

from attentif.checks.text import LANGUAGES
from attentif.notebook import setup
from attentif_grading.contracts import load_contracts, load_course
from attentif_grading.notebooks import wheel_address, write_source_notebooks
from attentif_grading.packed_class import everything_selected
from attentif_grading.places import course_home
from attentif_grading.run_cells import code_cells

HOME = course_home()
COURSE = load_course(HOME)


def first_cell(number, language):
    notebook = next(each for each in COURSE.notebooks if each.number == number)
    folder = built_course()[0] / "notebooks" / language
    return code_cells(folder / f"{notebook.file[language]}.ipynb")[0]


def run_first_cell(source, monkeypatch, installed):
    """The commands that the cell runs, where the library is installed or not."""
    commands = []
    spec = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name, *more: spec(name, *more) if installed or name != "attentif" else None,
    )
    monkeypatch.setattr(subprocess, "run", lambda command, **options: commands.append((command, options)))
    exec(compile(source, "<first cell>", "exec"), {"__name__": "__main__"})
    return commands


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("number", [1, 2])
def test_it_installs_the_wheel_alone_where_it_is_not_there(number, language, tmp_path, monkeypatch):
    cell = first_cell(number, language)
    assert cell["name"] == "install" and cell["role"] == "setup"
    work = tmp_path / "notebooks" / language
    work.mkdir(parents=True)
    monkeypatch.chdir(work)
    with monkeypatch.context() as patch:
        assert run_first_cell(cell["source"], patch, installed=True) == []
    with monkeypatch.context() as patch, pytest.raises(FileNotFoundError, match="dist"):
        run_first_cell(cell["source"], patch, installed=False)
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "attentif-0.1.0-py3-none-any.whl").touch()
    with monkeypatch.context() as patch:
        [(command, options)] = run_first_cell(cell["source"], patch, installed=False)
    wheel = "../../dist/attentif-0.1.0-py3-none-any.whl"
    assert (
        command == [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", wheel]
        and options["check"]
    )


def test_a_published_tree_is_where_it_comes_from(tmp_path, monkeypatch):
    home = everything_selected(HOME, tmp_path / "home")
    settings = home / "grading" / "course.toml"
    written = settings.read_text(encoding="utf-8")
    address = "https://github.com/a-course/devoir.2"
    assert 'published = ""' in written
    settings.write_text(written.replace('published = ""', f'published = "{address}"'), encoding="utf-8")
    load_contracts.cache_clear()
    paths = write_source_notebooks(home, tmp_path / "out")
    monkeypatch.chdir(tmp_path)
    for path in paths:
        text = path.read_text(encoding="utf-8")
        page = f"colab.research.google.com/github/a-course/devoir.2/blob/main/notebooks/{path.parent.name[-2:]}/{path.name}"
        assert page in text
        [(command, _)] = run_first_cell(code_cells(path)[0]["source"], monkeypatch, installed=False)
        assert (
            command[-1]
            == wheel_address(address)
            == f"{address}/raw/main/dist/attentif-0.1.0-py3-none-any.whl"
        )


@pytest.mark.parametrize("language", LANGUAGES)
def test_setup_tells_versions_and_what_is_missing(language, monkeypatch, capsys):
    setup(language)
    said = capsys.readouterr().out
    assert all(name in said for name in ("Python 3", "torch 2", "numpy ", "transformers ", "float32"))
    assert "%pip install" not in said
    spec = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name, *more: None if name in ("scipy", "datasets") else spec(name, *more),
    )
    setup(language)
    said = capsys.readouterr().out
    assert "%pip install scipy datasets" in said
    assert {"fr": "les vrais corpus", "en": "real corpora"}[language] in said
    setup("en")


def test_without_torch_the_library_says_what_to_install(tmp_path):
    program = (
        "import importlib.util, sys\n"
        "find = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, *more: None if name == 'torch' else find(name, *more)\n"
        "import attentif"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 1
    assert "pip install torch" in done.stderr and "ailleurs : pip install torch" in done.stderr
