"""The build: the same bytes every time, a stripped library, two languages, and stale files told."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
import zipfile

import nbformat
import numpy as np
import pytest
from built_course import built_course
from typer.testing import CliRunner

from attentif.checks.fingerprints import IDENTIFIERS, identifier
from attentif.checks.values import to_json
from attentif.errors import InputError
from attentif_grading import build as builder
from attentif_grading import cli
from attentif_grading.build import CHECK_DATA, Built, build, differences, make
from attentif_grading.checkdata import build_check_data, dump, same_within_rounding
from attentif_grading.contracts import Contract, load_contracts, load_course
from attentif_grading.exercises import exercises_in_chain, load_exercise
from attentif_grading.grade_ids import grade_ids
from attentif_grading.grader.box import require_box
from attentif_grading.names import needed_names
from attentif_grading.notebook_cells import check_points, expand
from attentif_grading.notebook_source import SourceCell, read_notebook_source
from attentif_grading.notebooks import source_notebook, written_exercises
from attentif_grading.places import course_home
from attentif_grading.solutions import BEGIN, END, french_docstrings, solution_body, solution_source
from attentif_grading.strip import body_statements, definition, is_stub, strip_source

HOME = course_home()
WRITTEN = written_exercises(HOME)
CONTRACTS = load_contracts(HOME)
LANGUAGES = ("fr", "en")


def files(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def notebooks(language):
    folder, _ = built_course()
    return {
        p.stem: nbformat.read(p, as_version=4)
        for p in sorted((folder / "notebooks" / language).glob("*.ipynb"))
    }


def contract(body, module="attentif.example"):
    return Contract(body.split(".")[0], 1, module, (body,), "", "", True, 1, 1, 1, 1, {})


def stored_input(*numbers):
    return to_json(np.array(numbers))


# Reproducibility


def test_second_build_is_the_same_byte_for_byte(tmp_path):
    """Check data apart: `test_committed_check_data_agree_with_their_sources` makes them anew, one exercise at a time."""
    first, _ = built_course()
    make(HOME, tmp_path, say=lambda line: None, data_at_hand=True)
    once, twice = files(first), files(tmp_path)
    assert sorted(once) == sorted(twice)
    assert [name for name in once if once[name] != twice[name]] == []
    assert any(name.endswith(".whl") for name in once)


def test_committed_files_agree_with_their_sources():
    assert differences(HOME, built_course()[0]) == [], (
        "run `attentif-grading build` and commit what it changes"
    )


@pytest.mark.parametrize("name", exercises_in_chain())
def test_committed_check_data_agree_with_their_sources(name):
    kept = json.loads((HOME / CHECK_DATA / f"{name}.json").read_text(encoding="utf-8"))
    made = json.loads(dump(build_check_data(load_exercise(name))))
    assert same_within_rounding(kept, made), "run `attentif-grading build` and commit what it changes"


def test_stale_files_are_found(tmp_path, monkeypatch):
    fresh, _ = built_course()
    home = tmp_path / "home"
    for folder in ("src/attentif/checks/data", "grading", "notebooks"):
        shutil.copytree(fresh / folder, home / folder)
    assert differences(home, fresh) == []
    changed = next((home / "notebooks" / "fr").glob("*.ipynb"))
    changed.write_text(changed.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    missing = next((home / "grading" / "source").glob("*/*.ipynb"))
    missing.unlink()
    (home / "notebooks" / "en" / "old_name.ipynb").write_text("{}")
    data = next((home / "src/attentif/checks/data").glob("*.json"))
    data.write_text("{}")
    (home / "notebooks" / "fr" / ".ipynb_checkpoints").mkdir()
    (home / "notebooks" / "fr" / ".ipynb_checkpoints" / "x.ipynb").write_text("{}")

    monkeypatch.setattr(
        builder, "make", lambda home, out, say: shutil.copytree(fresh, out, dirs_exist_ok=True)
    )
    monkeypatch.setattr(cli, "course_home", lambda: home)
    result = CliRunner().invoke(cli.app, ["build", "--check"])
    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert lines[:-1] == [
        f"{data.relative_to(home).as_posix()}: differs from its sources",
        f"{missing.relative_to(home).as_posix()}: missing",
        "notebooks/en/old_name.ipynb: no longer made",
        f"{changed.relative_to(home).as_posix()}: differs from its sources",
    ]
    assert "attentif-grading build" in lines[-1]


def test_build_puts_all_in_place_or_changes_nothing(tmp_path, monkeypatch):
    fresh, built = built_course()

    def copied(home, out, say):
        shutil.copytree(fresh, out, dirs_exist_ok=True)
        return Built(out / built.wheel.relative_to(fresh), {})

    orphan = tmp_path / "notebooks" / "fr" / "renamed_since.ipynb"
    orphan.parent.mkdir(parents=True)
    orphan.write_text("{}")
    (orphan.parent / "README.md").write_text("kept")
    before = files(tmp_path)

    def failing(home, out, say):
        copied(home, out, say)
        raise InputError(expected="a", got="b", remedy="c")

    monkeypatch.setattr(builder, "make", failing)
    with pytest.raises(InputError):
        build(HOME, tmp_path)
    assert files(tmp_path) == before

    monkeypatch.setattr(builder, "make", copied)
    assert build(HOME, tmp_path).wheel.is_file()
    assert files(tmp_path) == {**files(fresh), "notebooks/fr/README.md": b"kept"}


def test_data_that_differs_by_rounding_is_kept(tmp_path, monkeypatch):
    names = WRITTEN[:1]
    monkeypatch.setattr(builder, "exercises_in_chain", lambda: names)
    monkeypatch.setattr(builder, "load_exercise", lambda name: name)
    contents = iter([{"a": 0.1234567890}, {"a": 0.1234567891}, {"a": 0.13}])
    monkeypatch.setattr(builder, "build_check_data", lambda exercise: next(contents))
    kept = []
    for _ in range(3):
        (path,) = builder.write_check_data(tmp_path, tmp_path)
        kept.append(json.loads(path.read_text())["a"])
    assert kept == [0.1234567890, 0.1234567890, 0.13]


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ({"a": [1.0, None]}, {"a": [1.0 + 1e-9, None]}, True),
        ({"a": [1.0]}, {"a": [1.0 + 1e-6]}, False),
        ({"a": [1.0]}, {"a": [1.0, 2.0]}, False),
        ({"a": 1.0}, {"b": 1.0}, False),
        ({"a": 1}, {"a": 1.0}, False),
        ({"array": [1.0], "dtype": "float32"}, {"array": [1.0 + 1e-6], "dtype": "float32"}, True),
        ({"array": [1.0], "dtype": "float32"}, {"array": [1.0 + 1e-4], "dtype": "float32"}, False),
        ({"fingerprints": {"m": [1.0]}}, {"fingerprints": {"m": [1.0 + 1e-6]}}, True),
        ({"fingerprints": {"m": [1.0]}}, {"fingerprints": {"m": [1.001]}}, False),
        ({"fingerprints": {"m": [2**33 + 70]}}, {"fingerprints": {"m": [2**33 + 70]}}, True),
        ({"fingerprints": {"m": [2**33 + 70]}}, {"fingerprints": {"m": [2**33 + 71]}}, False),
        ({"x": "text"}, {"x": "other"}, False),
        (stored_input(1.0), stored_input(1.0 + 1e-15), True),
        (stored_input(1.0), stored_input(1.001), False),
        (stored_input(1.0), stored_input(1.0, 2.0), False),
        (stored_input(1), stored_input(1), True),
        (stored_input(1), stored_input(2), False),
        (stored_input(1), stored_input(1.0), False),
    ],
)
def test_same_within_rounding(first, second, same):
    assert same_within_rounding(first, second) is same


def test_identifiers_are_stored_to_the_last_digit():
    """Each text that a probe of fill_mask answers with is in the file as it is, though measures are rounded."""
    data = built_course()[0] / "src/attentif/checks/data/fill_mask.json"
    prints = json.loads(data.read_text(encoding="utf-8"))["fingerprints"]
    stored = [number for numbers in prints["reference"].values() for number in numbers]
    whole = [number for number in stored if isinstance(number, int)]
    words = ("elle", "il", "dort", "lit", "chat")
    assert len(whole) > 10 and all(number >= IDENTIFIERS for number in whole)
    assert {identifier(word) for word in words} & set(whole)
    assert all(number < IDENTIFIERS for number in stored if isinstance(number, float))


# The stripped library

SOURCE = '''\
"""Module."""

from attentif.errors import InputError


@staticmethod
def first(a: int, *, b=2) -> int:
    """One line."""
    # a comment of the solution
    def inner():
        return a

    return inner() + b
    # a last comment of the solution


class Second:
    """A class."""

    def __init__(self, x):
        self.x = x  # kept

    def forward(self, y):
        """Doc.

        More.
        """
        return self.x + y

    def first(self):
        return "kept: a method of another name"


def third(): return 3
'''


def test_strip_removes_bodies_and_nothing_else():
    stripped = strip_source(SOURCE, [contract("first"), contract("Second.forward")])
    tree = ast.parse(stripped)
    assert is_stub(definition(tree, "first")) and is_stub(definition(tree, "Second.forward"))
    assert ast.get_docstring(definition(tree, "Second.forward")) == "Doc.\n\nMore."
    gone = ["comment of the solution", "inner", "self.x + y"]
    assert [text for text in gone if text in stripped] == []
    new = [line for line in stripped.splitlines() if line not in SOURCE.splitlines()]
    assert [line.strip().split("(")[0].split(" import")[0] for line in new] == [
        "from attentif.errors",
        "raise ExerciseNotDone",
        "raise ExerciseNotDone",
    ]
    assert 'return "kept: a method of another name"' in stripped and "def third(): return 3" in stripped


def test_strip_handles_a_body_on_the_line_of_its_signature():
    assert is_stub(definition(ast.parse(strip_source(SOURCE, [contract("third")])), "third"))


def test_strip_of_nothing_is_the_source_itself():
    assert strip_source(SOURCE, []) == SOURCE


@pytest.mark.parametrize("name", ["absent", "Second.absent", "inner"])
def test_strip_refuses_an_unknown_body(name):
    with pytest.raises(InputError, match=r"contracts\.toml"):
        strip_source(SOURCE, [contract(name)])


def test_every_exercise_of_the_contracts_can_be_stripped():
    for file in {c.file for c in CONTRACTS.values()}:
        mine = [c for c in CONTRACTS.values() if c.file == file]
        tree = ast.parse(strip_source((HOME / "src" / file).read_text(encoding="utf-8"), mine))
        assert all(is_stub(definition(tree, body)) for c in mine for body in c.body), file


def test_student_library_equals_the_library_but_for_the_selected_bodies():
    student = built_course()[0] / "build" / "student" / "src"
    names = {p.relative_to(HOME / "src") for p in (HOME / "src" / "attentif").rglob("*.py")}
    assert names == {p.relative_to(student) for p in student.rglob("*.py")}
    changed = set()
    for name in sorted(names):
        whole, stripped = ((root / name).read_text(encoding="utf-8") for root in (HOME / "src", student))
        bodies = [
            body
            for exercise in WRITTEN
            for body in CONTRACTS[exercise].body
            if CONTRACTS[exercise].file == name
        ]
        if not bodies:
            assert whole == stripped, name
            continue
        changed.add(name)
        trees = [ast.parse(whole), ast.parse(stripped)]
        for body in bodies:
            for tree in trees:
                node = definition(tree, body)
                node.body = [statement for statement in node.body if statement not in body_statements(node)]
        assert _without_stub_import(trees[0]) == _without_stub_import(trees[1]), name
    assert changed == {CONTRACTS[exercise].file for exercise in WRITTEN}


def _without_stub_import(tree):
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == "attentif.errors":
            node.names = [alias for alias in node.names if alias.name != "ExerciseNotDone"]
    tree.body = [node for node in tree.body if not (isinstance(node, ast.ImportFrom) and not node.names)]
    return ast.dump(tree)


def test_in_the_student_library_selected_exercises_raise_and_others_work():
    program = textwrap.dedent(
        """
        import importlib, inspect, json, sys
        from attentif.errors import ExerciseNotDone
        import attentif
        said = {"place": attentif.__file__}
        said["given"] = attentif.count_parameters(2, 3, 5)
        for module, body in json.loads(sys.argv[1]):
            owner, _, method = body.partition(".")
            function = getattr(importlib.import_module(module), owner)
            function = getattr(function, method) if method else function
            needed = [p for p in inspect.signature(function).parameters.values() if p.default is p.empty]
            try:
                function(*[None] * len(needed))
            except ExerciseNotDone as error:
                said[body] = str(error)
        print(json.dumps(said))
        """
    )
    student = built_course()[0] / "build" / "student" / "src"
    bodies = [(CONTRACTS[name].module, body) for name in WRITTEN for body in CONTRACTS[name].body]
    done = subprocess.run(
        [sys.executable, "-c", program, json.dumps(bodies)],
        env={**os.environ, "PYTHONPATH": str(student)},
        capture_output=True,
        text=True,
        check=True,
    )
    said = json.loads(done.stdout)
    assert said.pop("place").startswith(str(student))
    assert "count_parameters" not in WRITTEN and said.pop("given") == 12 * 2 * 3**2 + 5 * 3
    assert set(said) == {body for _, body in bodies}
    assert all("notebook" in message for message in said.values())


def test_wheel_has_no_dependency_and_no_staff_file():
    folder, built = built_course()
    with zipfile.ZipFile(built.wheel) as wheel:
        names = wheel.namelist()
        info = next(name for name in names if name.endswith(".dist-info/METADATA"))
        metadata = wheel.read(info).decode()
        stamps = {entry.date_time for entry in wheel.infolist()}
    assert "Requires-Dist" not in metadata and "\nName: attentif\n" in metadata
    assert {name.split("/")[0] for name in names} == {"attentif", info.split("/")[0]}
    assert len(stamps) == 1
    staged = {
        p.relative_to(folder / "build/student/src").as_posix()
        for p in (folder / "build/student/src").rglob("*.*")
    }
    assert {name for name in names if name.startswith("attentif/")} == {
        n for n in staged if "." in n.split("/")[-1]
    }
    assert all(f"attentif/checks/data/{name}.json" in names for name in WRITTEN)


# Solution cells


@pytest.mark.parametrize("name", WRITTEN)
def test_solution_cell_is_the_library_s_definition(name):
    exercise = CONTRACTS[name]
    whole = ast.parse((HOME / "src" / exercise.file).read_text(encoding="utf-8"))
    english = solution_source(exercise, "en", HOME)
    assert english.count(BEGIN) == english.count(END) == 1
    (top,) = ast.parse(english).body
    assert ast.dump(top) == ast.dump(definition(whole, name))
    inside = english[english.index(BEGIN) + len(BEGIN) : english.index(END)]
    body = solution_body((HOME / "src" / exercise.file).read_text(encoding="utf-8"), exercise.body[0])
    assert textwrap.dedent(inside).strip() == body.strip()


@pytest.mark.parametrize("name", WRITTEN)
def test_docstrings_are_in_the_notebook_s_language(name):
    exercise = CONTRACTS[name]
    trees = {language: ast.parse(solution_source(exercise, language, HOME)) for language in LANGUAGES}
    said = french_docstrings(exercise, HOME)
    for body, text in {name: said[None], exercise.body[0]: said[exercise.method]}.items():
        french, english = (ast.get_docstring(definition(trees[language], body)) for language in LANGUAGES)
        assert (french or "") == text.strip()
        assert french != english
        # The examples are code: the same in both.
        examples = [re.findall(r"^>>> .*$", each or "", re.MULTILINE) for each in (french, english)]
        assert examples[0] == examples[1]


def test_method_docstring_is_left_out_rather_than_in_the_other_language(tmp_path):
    folder = tmp_path / "grading" / "exercises" / "LayerNorm"
    folder.mkdir(parents=True)
    (folder / "docstring.fr.txt").write_text("Une ligne.\n", encoding="utf-8")
    (tmp_path / "src").symlink_to(HOME / "src")
    tree = ast.parse(solution_source(CONTRACTS["LayerNorm"], "fr", tmp_path))
    assert ast.get_docstring(definition(tree, "LayerNorm")) == "Une ligne."
    assert ast.get_docstring(definition(tree, "LayerNorm.forward")) is None


# Student notebooks


def test_student_notebooks_hold_no_solution_line():
    # A line such as `raise InputError(` stands in constructors too, which are given.
    library = (built_course()[0] / "build" / "student" / "src").rglob("*.py")
    given = {line.strip() for path in library for line in path.read_text(encoding="utf-8").splitlines()}
    for language in LANGUAGES:
        cells = [cell for notebook in notebooks(language).values() for cell in notebook.cells]
        # A card may quote on purpose the call of a helper that is given.
        text = "\n".join(
            re.sub("`[^`]*`", "", cell.source) if cell.cell_type == "markdown" else cell.source
            for cell in cells
        )
        assert BEGIN not in text and END not in text and "HIDDEN" not in text
        for name in WRITTEN:
            source = (HOME / "src" / CONTRACTS[name].file).read_text(encoding="utf-8")
            lines = [line.strip() for line in solution_body(source, CONTRACTS[name].body[0]).splitlines()]
            told = [line for line in lines if len(line) > 15 and line in text and line not in given]
            assert told == [], f"{name}, {language}"


def test_student_notebooks_are_valid_and_alike_in_both_languages():
    course = load_course(HOME)
    for notebook in course.notebooks:
        pair = [notebooks(language)[notebook.file[language]] for language in LANGUAGES]
        for made, language in zip(pair, LANGUAGES, strict=True):
            nbformat.validate(made)
            ids = [cell.id for cell in made.cells]
            assert len(set(ids)) == len(ids) and all(re.fullmatch(r"[0-9a-f]{12}", each) for each in ids)
            assert made.metadata.kernelspec.name == "python3"
            about = made.metadata.attentif
            assert (about.language, about.notebook) == (language, notebook.number)
            assert re.fullmatch(r"[0-9a-f]{12}", about.release) and re.match(r"\d+\.\d+", about.version)
            code = [cell for cell in made.cells if cell.cell_type == "code"]
            assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
            assert all(cell.metadata.attentif.role for cell in code)
        fr, en = pair
        assert [cell.id for cell in fr.cells] == [cell.id for cell in en.cells]
        grading = [[_grading(cell) for cell in made.cells if "nbgrader" in cell.metadata] for made in pair]
        assert grading[0] == grading[1]


def _grading(cell):
    return {key: value for key, value in cell.metadata.nbgrader.items() if key != "checksum"}


def test_each_exercise_has_its_cells_points_and_stub():
    stubs = {"fr": "# VOTRE CODE ICI", "en": "# YOUR CODE HERE"}
    for language in LANGUAGES:
        cells = {c.metadata.attentif.name: c for nb in notebooks(language).values() for c in nb.cells}
        for name in WRITTEN:
            solution, public, hidden = (cells[grade_id] for grade_id in grade_ids(name))
            assert stubs[language] in solution.source and "raise NotImplementedError()" in solution.source
            assert solution.metadata.attentif.role == "definition" and not solution.metadata.nbgrader.grade
            assert public.source == f"check({name})" and public.metadata.attentif.role == "check"
            assert hidden.source.startswith("#") and "\n" not in hidden.source
            points = [cell.metadata.nbgrader.points for cell in (public, hidden)]
            assert sum(points) == CONTRACTS[name].points and all(each > 0 for each in points)
            assert cells[f"{name}_card"].source.startswith("### ")
            assert f"**{CONTRACTS[name].points:g} point" in cells[f"{name}_card"].source


def test_manual_questions_are_blank_and_graded_by_hand():
    stubs = {"fr": "*Votre réponse ici.*", "en": "*Your answer here.*"}
    for language in LANGUAGES:
        manual = [
            cell
            for notebook in notebooks(language).values()
            for cell in notebook.cells
            if cell.cell_type == "markdown" and "nbgrader" in cell.metadata
        ]
        assert manual
        for cell in manual:
            assert cell.metadata.nbgrader.grade and cell.metadata.nbgrader.solution
            assert stubs[language] in cell.source


def test_deselected_exercise_is_given():
    cells = expand(SourceCell("code", "", "x", exercise="padding_mask"), 1, "en", HOME, written=False)
    assert cells[-1].source == "from attentif.attention import padding_mask"
    assert all("nbgrader" not in cell.metadata for cell in cells)


# Refusals


def test_points_must_add_up():
    from dataclasses import replace

    with pytest.raises(InputError, match="points"):
        check_points(replace(CONTRACTS[WRITTEN[0]], points=99))


GOOD = '# %% [markdown] name="a" lang="fr"\n# x\n\n# %% [markdown] name="a" lang="en"\n# y\n'


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ('# %% role="setup"\nx = 1\n', "no name"),
        ('# %% name="b"\nx = 1\n', "a role among"),
        ('# %% name="b" role="magic"\nx = 1\n', "a role among"),
        ('# %% name="é" role="setup"\nx = 1\n', "letters, digits"),
        ('# %% name="b" role="setup" colour="red"\nx = 1\n', "colour"),
        ('# %% name="b" role="setup" lang="de"\nx = 1\n', "fr or en"),
        ('# %% name="b" role="setup" lang="fr"\nx = 1\n', "both languages"),
        ('# %% name="a" role="setup"\nx = 1\n', "twice"),
        ('# %% name="b" exercise="causal_mask"\nx = 1\n', "no content"),
        ('# %% [markdown] name="b" manual="q"\n# answer\n', "points"),
        (
            '# %% [markdown] name="b" manual="q" points=1 lang="fr"\n# r\n\n'
            '# %% [markdown] name="b" manual="q" points=2 lang="en"\n# a\n',
            "same manual questions",
        ),
    ],
)
def test_malformed_sources_are_refused(tmp_path, cells, said):
    path = tmp_path / "notebook1.py"
    path.write_text(GOOD + "\n" + cells, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        read_notebook_source(path, [])


def test_selected_exercise_needs_a_cell_and_one_only(tmp_path):
    path = tmp_path / "notebook1.py"
    path.write_text(GOOD, encoding="utf-8")
    assert read_notebook_source(path, []).exercises == []
    with pytest.raises(InputError, match="0 for causal_mask"):
        read_notebook_source(path, ["causal_mask"])
    with pytest.raises(InputError, match="no such file"):
        read_notebook_source(tmp_path / "notebook7.py", [])


def test_solution_that_could_not_run_is_refused(tmp_path):
    name = "scaled_dot_product_attention"
    path = tmp_path / "notebook1.py"
    path.write_text(GOOD + f'\n# %% name="e" exercise="{name}"\n', encoding="utf-8")
    source = read_notebook_source(path, [name])
    notebook = next(each for each in load_course(HOME).notebooks if name in each.exercises)
    with pytest.raises(InputError, match=r"no .*Tensor"):
        source_notebook(source, notebook, "en", HOME)


def test_needed_names_sees_through_scopes():
    tree = ast.parse("def f(a, b=outside):\n    c = [x for x in a]\n    return len(c) + other(b)\n")
    assert needed_names(tree) == {"outside", "other"}


def test_the_grader_refuses_a_build_of_another_version(tmp_path):
    built, _ = built_course()
    library = "build/student/src/attentif"
    shutil.copytree(built / library, tmp_path / library, ignore=shutil.ignore_patterns("__pycache__"))
    assert require_box(tmp_path) == tmp_path / library
    (tmp_path / library / "checks" / "student.py").write_text("# of last year\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"checks/student\.py differs.*attentif-grading build"):
        require_box(tmp_path)
    (tmp_path / library / "checks" / "student.py").unlink()
    with pytest.raises(InputError, match=r"checks/student\.py differs"):
        require_box(tmp_path)
    shutil.rmtree(tmp_path / library)
    with pytest.raises(InputError, match="attentif-grading build"):
        require_box(tmp_path)
