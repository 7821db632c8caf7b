"""course.toml, contracts.toml, names and the salt: what an instructor writes wrongly is told in one line."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys

import pytest

from attentif.errors import InputError
from attentif_grading import cli, exercises, salt
from attentif_grading.contracts import load_contracts, load_course
from attentif_grading.exercises import exercises_in_chain, load_exercise
from attentif_grading.nearest import remedy_for
from attentif_grading.places import course_home
from attentif_grading.release import release
from attentif_grading.verify import verify

HOME = course_home()
READY = exercises_in_chain()


@pytest.fixture
def home(tmp_path):
    """A course of its own: the two files, and word of which exercises have checks."""
    grading = tmp_path / "grading"
    grading.mkdir()
    for name in ("course.toml", "contracts.toml"):
        shutil.copyfile(HOME / "grading" / name, grading / name)
    for name in READY:
        (grading / "exercises" / name).mkdir(parents=True)
        (grading / "exercises" / name / "hidden.py").touch()
    return tmp_path


def change(home, file, pattern, replacement):
    """Change the first occurrence of a pattern in a file of the course."""
    path = home / "grading" / file
    changed, n = re.subn(pattern, replacement, path.read_text(encoding="utf-8"), count=1, flags=re.MULTILINE)
    assert n == 1
    path.write_text(changed, encoding="utf-8")


def complaint(function, *args):
    """The one-line message with which a function refuses."""
    with pytest.raises(InputError) as caught:
        function(*args)
    said = str(caught.value)
    assert "\n" not in said
    return said


def test_the_course_of_the_repository_is_accepted(home):
    assert load_course(home) == load_course(HOME)
    assert load_contracts(home) == load_contracts(HOME)


@pytest.mark.parametrize(
    ("pattern", "replacement", "expected", "got", "remedy"),
    [
        ('"causal_mask"', '"causal_maks"', "exercises of notebook 1", "'causal_maks'", "did you mean causal_mask?"),
        ('"causal_mask"', '"fill_mask"', "notebook 1", "'fill_mask', of notebook 2", "select it in notebook 2"),
        ('"causal_mask"', '"mask_tokens", "mask_tokens"', "each name once", "3 times", "remove one"),
        ('"causal_mask"', "7", "a list of texts in quotes for exercises in [[notebook]] 1", "7", "mend it"),
        (r"^exercises = \[\n    \"fill_mask\"[^]]*\]", "", "for exercises in [[notebook]] 2", "none", "exercises = ..."),
        (r"^file\.en.*bias.*", "", "for file.en in [[notebook]] 2", "none", "write file.en = ..."),
        (r"^file\.en.*bias.*", "file.en = ''", "for file.en in [[notebook]] 2", "''", "mend it"),
        (r"^title\.fr.*", "", "for title.fr in [course]", "none", "write title.fr = ..."),
        (r"^en = .*", "", "for en in [assignments]", "none", "write en = ..."),
        (r"^en = .*", "de = 'x'", "known keys in [assignments]", "de", "known: fr, en"),
        (r"^en = .*", 'en = "devoir2-fr"', "different names", "'devoir2-fr' twice", "rename one"),
        (r"^en = .*", 'en = "../up"', "letters, digits", "'../up'", "rename it"),
        (r"^file\.en.*bias.*", 'file.en = "notebook1_transformer"', "different names", "twice", "rename one"),
        ("^number = 1", "number = 1\npoints = -3", "known keys in [[notebook]] 1", "points", "known: number"),
        ("^number = 1", "numbr = 1", "known keys in [[notebook]] 1", "numbr", "did you mean number?"),
        ("^number = 1", "number = true", "1 or 2 for number", "True", "mend it"),
        ("^number = 2", "number = 3", "1 or 2 for number in [[notebook]] 2", "3", "mend it"),
        ("^number = 1", 'number = "1"', "1 or 2 for number", "'1'", "mend it"),
        (r"^\[course\]", "[curse]", "known keys in course.toml", "curse", "did you mean course?"),
        (r"^\[course\]", "[course", "readable TOML file", "", "mend or restore it"),
    ],
)  # fmt: skip
def test_a_wrong_course_is_told_with_its_place(home, pattern, replacement, expected, got, remedy):
    change(home, "course.toml", pattern, replacement)
    said = complaint(load_course, home)
    assert re.fullmatch(
        f"expected .*{re.escape(expected)}.*, got .*{re.escape(got)}.*; .*{re.escape(remedy)}.*", said
    ), said


def test_a_course_without_notebooks_or_twice_the_same_is_refused(home):
    path = home / "grading" / "course.toml"
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole.partition("[[notebook]]")[0], encoding="utf-8")
    assert "write [[notebook]]" in complaint(load_course, home)
    first, second = whole.split("[[notebook]]")[1:]
    same = re.sub(r"exercises = \[[^]]*\]", "exercises = []", second.replace("number = 2", "number = 1"))
    path.write_text("[[notebook]]".join((whole.partition("[[notebook]]")[0], first, same)), encoding="utf-8")
    load_course.cache_clear()
    assert "the numbers 1, 1" in complaint(load_course, home)
    path.unlink()
    load_course.cache_clear()
    assert "No such file" in complaint(load_course, home)


def test_only_exercises_with_checks_are_proposed(home):
    change(home, "course.toml", '"causal_mask"', '"padding_maks"')
    (home / "grading" / "exercises" / "padding_mask" / "hidden.py").unlink()
    said = complaint(load_course, home)
    proposed = said.partition("with checks: ")[2].split(", ")
    ready = [name for name in READY if name != "padding_mask"]
    assert proposed == [name for name in ready if load_contracts()[name].notebook == 1]
    assert "padding_mask" not in said


@pytest.mark.parametrize(
    ("pattern", "replacement", "said"),
    [
        ("^points = 8", "points = -8", "expected positive points, in quarters, for points in scaled_dot"),
        ("^points = 8", "points = 0.3", "got 0.3"),
        ("^points = 8", "points = nan", "got nan"),
        ("^points = 8", "points = '8'", "got '8'"),
        ("^points = 8", "", "got none; write points = ..."),
        ("^points = 8", "pionts = 8", "got pionts; did you mean points?"),
        ("^minutes = 35", "minutes = 3.5", "a positive whole number for minutes"),
        ("^difficulty = 2", "difficulty = 9", "1, 2, 3 or 4 for difficulty"),
        ("^importance = 4", "importance = 5", "1, 2, 3 or 4 for importance"),
        ("^importance = 4", "", "got none; write importance = ..."),
        ("^notions.fr = .*", "", "for notions.fr in attention_by_hand of contracts.toml, got none"),
        ("^notions.fr = .*", "notions.fr = ' '", "for notions.fr in attention_by_hand"),
        ("^core = true", "core = 1", "true or false for core"),
        ('^name = "causal_mask"', 'name = "scaled_dot_product_attention"', "each exercise once"),
        ('^name = "causal_mask"', 'name = "causal mask"', "a Python name for name"),
        (r"^depends = \[\]", 'depends = ["causal_maks"]', "to depend on exercises above it, got 'causal_maks'"),
        (r'^parts = \{ attend = "scaled_dot_product_attention" \}', "parts = { attend = 1 }", "a table of names"),
        (r"^\[conventions\]", "[convention]", "did you mean conventions?"),
    ],
)  # fmt: skip
def test_a_wrong_contract_is_told_with_its_place(home, pattern, replacement, said):
    change(home, "contracts.toml", pattern, replacement)
    assert said in complaint(load_contracts, home)


# Names


def test_an_unknown_exercise_gets_the_nearest_name_and_those_with_checks(monkeypatch):
    said = complaint(load_exercise, "Causal_maks")
    assert said.startswith(
        "expected an exercise that has checks, got 'Causal_maks'; did you mean causal_mask?"
    )
    assert said.endswith("those with checks: " + ", ".join(READY))
    assert "did you mean" not in complaint(load_exercise, "zzz")
    assert remedy_for("x", [], "known") == "known: none"
    monkeypatch.setattr(exercises, "has_checks", lambda home, name: name != "beam_search")
    said = complaint(load_exercise.__wrapped__, "beam_search")  # it may have been loaded before
    assert "'beam_search', whose hidden checks are not written" in said


def test_all_names_are_looked_at_before_any_check_runs():
    ran = []
    with pytest.raises(InputError, match="causal_maks"):
        verify(["causal_mask", "causal_maks"], ran.append)
    assert ran == []


# The command line


def command(*arguments, **environment):
    """(exit code, what stands on the error stream) of attentif-grading, run in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "attentif_grading.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**environment, "PATH": "", "OMP_NUM_THREADS": "1"},
    )
    return done.returncode, done.stderr


def test_errors_are_one_line_and_exit_code_2(home, tmp_path):
    change(home, "course.toml", '"causal_mask"', '"causal_maks"')
    for arguments in (["build"], ["build", "--check"], ["release", "--out", tmp_path / "out"]):
        code, said = command(*arguments, ATTENTIF_COURSE=str(home))
        assert code == 2
        assert said.startswith("error: expected ") and said.count("\n") == 1
        assert "did you mean causal_mask?" in said
    assert not (tmp_path / "out").exists()


def test_files_that_cannot_be_written_are_an_error_in_one_line(monkeypatch, capsys):
    def refuse():
        raise PermissionError(13, "Permission denied", "/some/where")

    monkeypatch.setattr(cli, "app", refuse)
    with pytest.raises(SystemExit) as caught:
        cli.main()
    assert caught.value.code == 2
    assert capsys.readouterr().err == (
        "error: expected to read or write /some/where, got Permission denied; check the path and its permissions\n"
    )


def test_a_release_folder_must_be_free(tmp_path):
    used = tmp_path / "used"
    (used / ".git").mkdir(parents=True)
    for name in "abcd":
        (used / name).write_text("work")
    said = complaint(release, HOME, used)
    assert "got a folder with a, b, c, ..." in said and "choose another, or empty it first" in said
    for place in (used / "a", used / "a" / "below"):
        assert f"got the file {used / 'a'}" in complaint(release, HOME, place)


# The salt


@pytest.mark.parametrize(
    ("value", "secret"), [(None, False), ("", False), ("attentif", False), ("s3cret", True)]
)
def test_an_unset_or_empty_salt_is_the_public_one(monkeypatch, value, secret):
    if value is None:
        monkeypatch.delenv(salt.VARIABLE, raising=False)
    else:
        monkeypatch.setenv(salt.VARIABLE, value)
    assert salt.is_secret() is secret
    assert salt.salt() == (value if secret else salt.PUBLIC)
    first = salt.rng_for("causal_mask", "values").integers(2**31, size=4)
    monkeypatch.setenv(salt.VARIABLE, salt.PUBLIC)
    public = salt.rng_for("causal_mask", "values").integers(2**31, size=4)
    assert (first == public).all() != secret


@pytest.mark.parametrize("arguments", [["build"], ["release", "--out", "somewhere"]])
def test_build_and_release_warn_while_the_salt_is_public(monkeypatch, arguments):
    from typer.testing import CliRunner

    from attentif_grading import build, release

    monkeypatch.setattr(build, "build", lambda home: None)
    monkeypatch.setattr(release, "release", lambda home, out: None)
    monkeypatch.delenv(salt.VARIABLE, raising=False)
    result = CliRunner().invoke(cli.app, arguments)
    assert result.exit_code == 0
    assert result.stderr == salt.WARNING + "\n"
    assert "warning" not in result.stdout
    monkeypatch.setenv(salt.VARIABLE, "s3cret")
    assert CliRunner().invoke(cli.app, arguments).stderr == ""


@pytest.mark.parametrize("readme", ["README.md", "README.fr.md"])
def test_both_readmes_tell_instructors_of_the_salt(readme):
    said = (HOME / readme).read_text(encoding="utf-8")
    assert f"export {salt.VARIABLE}=" in said
    assert "attentif-grading grade" in said
