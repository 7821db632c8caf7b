"""The release: what students get is clean, and each way of leaking the staff side is refused."""

from __future__ import annotations

import ast
import hashlib
import json
import shutil
import zipfile
from functools import cache
from pathlib import Path, PurePosixPath

import nbformat
import pytest
from built_course import built_course, student_tree

from attentif.errors import InputError
from attentif_grading import CANARY, leaks
from attentif_grading import release as releasing
from attentif_grading.contracts import load_contracts
from attentif_grading.exercises import exercise_folder, exercises_in_chain, load_exercise
from attentif_grading.leaks import StaffSide, find_leaks
from attentif_grading.notebooks import written_exercises
from attentif_grading.places import course_home
from attentif_grading.release import ReleaseRefused, refuse_leaks, release
from attentif_grading.solutions import solution_body
from attentif_grading.tokens import RUN, code_tokens, function_bodies, runs, text_runs

HOME = course_home()
NAME = "scaled_dot_product_attention"
CONTRACT = load_contracts(HOME)[NAME]
LIBRARY = (HOME / "src" / CONTRACT.file).read_text(encoding="utf-8")
SOLUTION = solution_body(LIBRARY, NAME)


@cache
def side():
    return StaffSide.of(HOME)


@pytest.fixture
def tree(tmp_path):
    """A copy of the students' tree, to plant things in; its wheel holds two files, to be searched fast."""
    tree = Path(shutil.copytree(student_tree(), tmp_path / "tree"))
    (wheel,) = (tree / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as whole:
        kept = {name: whole.read(name) for name in (CONTRACT.file.as_posix(), "attentif/rescue/attending.py")}
    write_wheel(wheel, kept)
    return tree


def write_wheel(path, contents):
    with zipfile.ZipFile(path, "w") as wheel:
        for name, content in contents.items():
            wheel.writestr(name, content)


def leaks_in(tree):
    return find_leaks(tree, side())


def rules(tree):
    return {leak.rule for leak in leaks_in(tree)}


def a_notebook(tree):
    return next((tree / "notebooks" / "en").glob("notebook1*.ipynb"))


def edit_notebook(path, change):
    notebook = nbformat.read(path, as_version=4)
    change(notebook)
    nbformat.write(notebook, path)


def edit_wheel(tree, file, content):
    (path,) = (tree / "dist").glob("*.whl")
    with zipfile.ZipFile(path) as wheel:
        inside = {name: wheel.read(name) for name in wheel.namelist()}
    write_wheel(path, {**inside, file: content})


def staff_body(stem):
    """The longest function body of a staff file, other comments and layout than the original."""
    source = (exercise_folder(NAME) / f"{stem}.py").read_text(encoding="utf-8")
    body = max((body for _, body in function_bodies(source)), key=len)
    return "\n".join(line + "    # another comment" for line in body.splitlines())


# What is released


def test_the_tree_is_clean():
    assert leaks_in(student_tree()) == []
    refuse_leaks(student_tree(), HOME)


def test_the_tree_has_what_students_need():
    tree = student_tree()
    names = {path.relative_to(tree).as_posix() for path in tree.rglob("*") if path.is_file()}
    assert {"README.md", "README.fr.md", "AGENTS.md", "release.json"} <= names
    about = json.loads((tree / "release.json").read_text(encoding="utf-8"))
    assert set(about["notebooks"]) == {name for name in names if name.endswith(".ipynb")}
    assert {stamp["language"] for stamp in about["notebooks"].values()} == {"fr", "en"}
    wheel = tree / about["wheel"]["file"]
    assert hashlib.sha256(wheel.read_bytes()).hexdigest() == about["wheel"]["sha256"]
    assert "tutor" in (tree / "AGENTS.md").read_text(encoding="utf-8").lower()
    assert not [name for name in names if "grading" in name or "source" in name]


def test_release_writes_the_tree_it_examined(tmp_path, monkeypatch):
    monkeypatch.setattr(releasing, "make", _prebuilt)
    monkeypatch.setattr(releasing, "differences", lambda home, fresh: [])
    monkeypatch.setattr(releasing, "written_exercises", lambda home: releasing.load_course(home).exercises)
    out = tmp_path / "out"
    (out / ".git").mkdir(parents=True)
    release(HOME, out, say=lambda line: None)
    written = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    expected = {
        path.relative_to(student_tree()).as_posix() for path in student_tree().rglob("*") if path.is_file()
    }
    assert written == expected


def test_release_refuses_and_writes_nothing(tmp_path, monkeypatch):
    out = tmp_path / "out"
    monkeypatch.setattr(releasing, "make", _prebuilt)
    monkeypatch.setattr(releasing, "written_exercises", lambda home: releasing.load_course(home).exercises)
    monkeypatch.setattr(releasing, "differences", lambda home, fresh: ["notebooks/fr/x.ipynb: missing"])
    with pytest.raises(InputError, match="attentif-grading build"):
        release(HOME, out, say=lambda line: None)

    def leaky(home, built, wheel, tree):
        shutil.copytree(student_tree(), tree)
        (tree / "README.md").write_text(f"```python\n{SOLUTION}```\n", encoding="utf-8")

    monkeypatch.setattr(releasing, "differences", lambda home, fresh: [])
    monkeypatch.setattr(releasing, "assemble", leaky)
    with pytest.raises(
        ReleaseRefused, match=r"README.md: code of the solution of scaled_dot_product_attention"
    ):
        release(HOME, out, say=lambda line: None)
    assert not out.exists()


def test_release_refuses_an_exercise_without_checks(tmp_path, monkeypatch):
    monkeypatch.setattr(releasing, "written_exercises", lambda home: [NAME])
    with pytest.raises(InputError, match="causal_mask"):
        release(HOME, tmp_path / "out")


def test_release_overwrites_nothing(tmp_path):
    (tmp_path / "kept.txt").write_text("mine")
    with pytest.raises(InputError, match=r"empty but for \.git, got a folder with kept\.txt"):
        release(HOME, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["kept.txt"]


def _prebuilt(home, out, say):
    folder, built = built_course()
    shutil.copytree(folder, out)
    return built


# Planted leaks, rule 1


def test_unstripped_module_in_the_wheel(tree):
    edit_wheel(tree, CONTRACT.file.as_posix(), LIBRARY.encode())
    assert rules(tree) == {"stub", "copy"}


def test_body_too_short_for_a_run_is_still_no_stub(tree):
    stripped = (built_course()[0] / "build/student/src" / CONTRACT.file).read_text(encoding="utf-8")
    lines = stripped.splitlines()
    place = next(
        number for number, line in enumerate(lines) if NAME in line and "raise ExerciseNotDone" in line
    )
    lines[place] = "    return value, mask"
    edit_wheel(tree, CONTRACT.file.as_posix(), "\n".join(lines).encode())
    assert rules(tree) == {"stub"}


def test_solved_cell_of_a_notebook(tree):
    def solve(notebook):
        for cell in notebook.cells:
            if cell.metadata.attentif.name == NAME:
                cell.source = cell.source.replace("raise NotImplementedError()", "return value, mask")

    edit_notebook(a_notebook(tree), solve)
    assert rules(tree) == {"stub"}


# Rule 2


@pytest.mark.parametrize("mark", leaks.MARKS)
def test_mark_of_the_staff_side(tree, mark):
    (tree / "notes.txt").write_text(f"see {mark} for more", encoding="utf-8")
    assert rules(tree) == {"canary"}


def test_mark_inside_the_wheel_and_in_bytes(tree):
    edit_wheel(tree, "attentif/data/extra.bin", b"\x00\xff" + CANARY.encode() + b"\x00")
    assert rules(tree) == {"canary"}


@pytest.mark.parametrize(
    "name", ["hidden.py", "misconceptions.py", "variants.py", "outside.py", "gradebook.db"]
)
def test_staff_file_by_name(tree, name):
    (tree / "extra").mkdir()
    (tree / "extra" / name).write_text("", encoding="utf-8")
    assert rules(tree) == {"canary"}


def test_every_staff_file_is_refused_under_another_name(tree):
    staff = [
        *(HOME / "src" / "attentif_grading").glob("*.py"),
        *(HOME / "grading" / "exercises").glob("*/*.py"),
    ]
    for number, path in enumerate(staff):
        shutil.copyfile(path, tree / f"innocent_{number}.txt")
    found = {leak.file for leak in leaks_in(tree) if leak.rule == "canary"}
    assert found == {f"innocent_{number}.txt" for number in range(len(staff))}


def test_nbgrader_source_notebook(tree):
    source = next((built_course()[0] / "grading" / "source").glob("*/notebook1*.ipynb"))
    shutil.copyfile(source, a_notebook(tree))
    assert rules(tree) == {"stub", "canary", "copy"}


# Rule 3

HIDING_PLACES = {
    "code": lambda text: nbformat.v4.new_code_cell(
        f"def f(query, key, value, mask, dropout_p):\n{_indent(text)}"
    ),
    "comment": lambda text: nbformat.v4.new_code_cell("\n".join("# " + line for line in text.splitlines())),
    "string": lambda text: nbformat.v4.new_code_cell(f"exec({text!r})"),
    "fence": lambda text: nbformat.v4.new_markdown_cell(f"Try:\n```python\n{text}\n```"),
    "words": lambda text: nbformat.v4.new_markdown_cell("Try this: " + " ".join(text.split())),
    "broken": lambda text: nbformat.v4.new_code_cell(f"%%bash\nif (\n{text}"),
}


def _indent(text):
    return "\n".join("    " + line for line in text.splitlines())


@pytest.mark.parametrize("place", HIDING_PLACES)
@pytest.mark.parametrize("secret", ["solution", "hidden", "misconceptions", "variants"])
def test_secret_code_in_a_notebook(tree, secret, place):
    # Retyped: other comments, spacing and quotes than the original.
    text = (
        ast.unparse(ast.parse(SOLUTION.replace("return", "answer =")))
        if secret == "solution"
        else staff_body(secret)
    )

    def plant(notebook):
        notebook.cells.insert(2, HIDING_PLACES[place](text))
        notebook.cells[2].metadata["attentif"] = {"name": "planted", "role": "setup"}

    edit_notebook(a_notebook(tree), plant)
    found = leaks_in(tree)
    assert {leak.rule for leak in found} == {"copy"}
    assert {leak.file for leak in found} == {a_notebook(tree).relative_to(tree).as_posix()}


def test_secret_code_elsewhere(tree):
    (tree / "README.md").write_text("\n".join(SOLUTION.splitlines()), encoding="utf-8")
    edit_wheel(tree, "attentif/extra.json", json.dumps({"a": [{"b": SOLUTION}]}).encode())
    assert {leak.file.rpartition("!")[2] for leak in leaks_in(tree)} == {"README.md", "attentif/extra.json"}


@pytest.mark.parametrize("name", written_exercises(HOME))
def test_each_solution_is_recognised(tree, name):
    contract = load_contracts(HOME)[name]
    body = solution_body((HOME / "src" / contract.file).read_text(encoding="utf-8"), contract.body[0])
    (tree / "extra.py").write_text(f"def f():\n{_indent(body)}\n", encoding="utf-8")
    assert any(leak.what == f"code of the solution of {contract.body[0]}" for leak in leaks_in(tree))


def test_what_the_given_library_holds_is_no_leak(tree):
    # The rescue part resembles variants of the exercise; the fused attention, one of its misconceptions.
    for name in ("rescue/attending.py", "attention.py"):
        source = (built_course()[0] / "build/student/src/attentif" / name).read_text(encoding="utf-8")
        (tree / Path(name).name).write_text(source, encoding="utf-8")
    assert leaks_in(tree) == []


def test_library_that_gives_a_solution_away(tree, tmp_path):
    home = tmp_path / "home"
    for folder in ("src", "grading"):
        shutil.copytree(HOME / folder, home / folder, ignore=shutil.ignore_patterns("__pycache__", "source"))
    rescue = home / "src" / "attentif" / "rescue" / "attending.py"
    helper = f"\n\ndef helper(query, key, value, mask, dropout_p):\n{_indent(SOLUTION)}\n"
    rescue.write_text(rescue.read_text(encoding="utf-8") + helper, encoding="utf-8")
    found = find_leaks(tree, StaffSide.of(home))
    assert [(leak.rule, leak.file) for leak in found] == [("copy", "attentif/rescue/attending.py")]
    assert "most of the solution" in found[0].what


def test_nothing_else_in_the_suite_hides_behind_the_allowance():
    """The allowance is small: nearly all runs of the staff side are secret."""
    solutions = dict(leaks._solutions(HOME, side().contracts))
    every = leaks._secret_runs(solutions)
    assert len(side().secret) > 0.9 * len(every)


# Tokens


def test_tokens_ignore_comments_strings_and_layout():
    first = code_tokens('x = f(a,   "one")  # why\nif x:\n    y = 1\n')
    second = code_tokens("x=f(a,'two')\nif x : y=1 # other")
    assert first == second == ["x", "=", "f", "(", "a", ",", ")", "if", "x", ":", "y", "=", "1"]


def test_nine_tokens_are_no_run_and_ten_are_one():
    nine = "a + b + c + d + e"
    assert len(code_tokens(nine)) == RUN - 1 and list(runs(code_tokens(nine))) == []
    assert len(list(runs(code_tokens(nine + " +\\\n 1")))) == 2
    assert text_runs(PurePosixPath("x.md"), f"so {nine} is") == {
        ("so", *code_tokens(nine)),
        (*code_tokens(nine), "is"),
    }


def test_function_bodies_leave_out_signature_and_docstring():
    source = 'def f(a=1):\n    """Doc."""\n    return a\n\nclass C:\n    def g(self):\n        return self\n'
    assert dict(function_bodies(source)) == {"f": "return a", "g": "return self"}


def test_every_exercise_keeps_something_secret():
    secret = set(side().secret.values())
    for name in exercises_in_chain():
        assert any(what.startswith(f"hidden.py of {name}") for what in secret)
        assert load_exercise(name).hidden.checks
