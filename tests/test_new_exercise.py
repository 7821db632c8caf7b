"""new-exercise: what it writes comes from the library, does not pass for finished, and is all there or not at all."""

from __future__ import annotations

import inspect
import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from attentif.errors import InputError
from attentif_grading import cli
from attentif_grading.contract_entry import CONTRACTS
from attentif_grading.contracts import load_contracts
from attentif_grading.definitions import find_definition, plain_signature
from attentif_grading.french_outline import french_outline
from attentif_grading.matrix import Matrix
from attentif_grading.new_exercise import DOCSTRING, FILES, new_exercise
from attentif_grading.places import course_home
from attentif_grading.unfinished import MARK, files_of, unwritten

HOME = course_home()
EXISTING = load_contracts(HOME)
EVERY_FILE = (DOCSTRING, *FILES.values())


@pytest.fixture
def home(tmp_path):
    """A course of its own: the two files of its settings, and the folder of the public checks."""
    for name in (CONTRACTS, "grading/course.toml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(HOME / name, tmp_path / name)
    (tmp_path / "src" / "attentif" / "checks" / "public").mkdir(parents=True)
    return tmp_path


def files(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


# What the library says


@pytest.mark.parametrize("name", EXISTING)
def test_signatures_and_parts_are_those_that_people_wrote(name):
    contract = EXISTING[name]
    found = find_definition(contract.body[0], contract.module)
    assert (found.body, found.module) == (contract.body[0], contract.module)
    assert (found.signature, found.init, found.method) == (contract.signature, contract.init, contract.method)
    # A part without a default is for the author to say.
    parameters = inspect.signature(found.subject).parameters
    with_default = {a: p for a, p in contract.parts.items() if callable(parameters[a].default)}
    assert found.parts(EXISTING) == {
        a: p for a, p in with_default.items() if parameters[a].default is not inspect.Parameter.empty
    }


@pytest.mark.parametrize("name", EXISTING)
def test_the_french_outline_keeps_headings_names_and_examples(name):
    found = find_definition(EXISTING[name].body[0], EXISTING[name].module)
    english = inspect.getdoc(found.written)
    outline = french_outline(english)
    assert len(outline.splitlines()) == len(english.splitlines())
    names = r"^ {4}([a-z_]+(?:, [a-z_]+)*) ?: "
    assert re.findall(names, outline, re.MULTILINE) == re.findall(names, english, re.MULTILINE)
    assert not re.search(r"^(Args|Returns|Raises|Source):", outline, re.MULTILINE)
    lines = [line.strip() for line in outline.splitlines()]
    assert [line for line in lines if line.startswith(">>>")] == re.findall(r">>> .*", english)
    assert not any(MARK in line for line in lines if line.startswith(">>>"))
    assert MARK in lines[0]


def test_a_signature_can_be_written_down_where_its_names_are_unknown():
    from attentif import MaskedLMHead

    assert plain_signature(MaskedLMHead.__init__).endswith("norm=LayerNorm)")
    assert plain_signature(MaskedLMHead.__init__, only_literals=True).endswith("eps=1e-12, norm=None)")


# What is written


@pytest.mark.parametrize(
    ("asked", "name", "options", "said"),
    [
        ("clip_gradients", "clip_gradients", {}, {"init": None, "points": 2.0, "core": True, "depends": ()}),
        (
            "clip_gradients",
            "clip_gradients",
            {"points": 2.75, "minutes": 40, "difficulty": 3, "importance": 1, "core": False, "depends": ["warmup_cosine", "causal_mask"]},
            {"points": 2.75, "minutes": 40, "difficulty": 3, "importance": 1, "core": False, "depends": ("causal_mask", "warmup_cosine")},
        ),
        (
            "TokenEmbeddings.forward",
            "TokenEmbeddings",
            {},
            {
                "body": ("TokenEmbeddings.forward",),
                "signature": "(self, token_ids)",
                "depends": ("sinusoidal_encoding",),
                "parts": {"positions": "sinusoidal_encoding"},
            },
        ),
        ("adamw", "adamw", {"module": "attentif.optimization"}, {"module": "attentif.optimization"}),
    ],
)  # fmt: skip
def test_every_file_is_written_and_the_contract_is_read_back(home, asked, name, options, said):
    before = files(home)
    made = new_exercise(home, asked, **options)
    written = {path.format(name=name) for path in EVERY_FILE}
    assert set(made.files) == {*written, CONTRACTS}
    after = files(home)
    assert set(after) == set(before) | written
    assert {path for path in before if before[path] != after[path]} == {CONTRACTS}
    contract = load_contracts(home)[name]
    assert contract == made.contract
    assert {key: getattr(contract, key) for key in said} == said
    for path in written:
        content = after[path].decode()
        assert MARK in content and content.endswith("\n") and "{{" not in content and "{%" not in content
        if path.endswith(".py"):
            compile(content, path, "exec")
    # Public and hidden checks share the points already.
    points = [re.findall(r"points=([\d.]+)", after[p].decode()) for p in written if p.endswith(".py")]
    assert sum(float(each) for found in points for each in found) == contract.points
    assert set(files_of(home, name)) == {home / path for path in written}
    assert unwritten(home, contract)[len(written) :] == [f"grading/contracts.toml: the notions of {name}"]


def test_the_entry_is_put_where_it_was_asked_for_and_nothing_else_changes(home):
    path = home / CONTRACTS
    old = path.read_text(encoding="utf-8")
    order = list(EXISTING)

    def place_of(name):
        found = list(load_contracts(home))
        assert [each for each in found if each != name] == order
        return found[found.index(name) - 1]

    new_exercise(home, "clip_gradients", after="causal_mask")
    assert place_of("clip_gradients") == "causal_mask"
    entry = re.search(
        r'\[\[exercise\]\]\nname = "clip_gradients"\n(?:.+\n)+\n', path.read_text(encoding="utf-8")
    )
    assert path.read_text(encoding="utf-8").replace(entry[0], "") == old

    for notebook in (1, 2):
        path.write_text(old, encoding="utf-8")
        shutil.rmtree(home / "grading" / "exercises")
        (home / FILES["public.py.j2"].format(name="clip_gradients")).unlink()
        load_contracts.cache_clear()
        new_exercise(home, "clip_gradients", notebook=notebook)
        last = [name for name in order if EXISTING[name].notebook == notebook][-1]
        assert place_of("clip_gradients") == last


def test_the_next_steps_name_the_places_of_this_exercise(home):
    steps = "\n".join(new_exercise(home, "TokenEmbeddings", after="mask_tokens").next_steps)
    for place in (
        "verify-checks TokenEmbeddings",
        "src/attentif/rescue",
        'notebooks/source/notebook1.py: # %% name="exercise_TokenEmbeddings" exercise="TokenEmbeddings"',
        "in grading/course.toml, after mask_tokens",
        "attentif-grading build",
    ):
        assert place in steps
    assert "parts = " not in steps


def test_a_dependency_that_no_default_hands_over_is_for_the_author_to_place(home):
    steps = new_exercise(home, "CausalLMHead", depends=["LayerNorm", "FeedForward"]).next_steps
    assert steps[0].endswith('parts = { ARGUMENT = "LayerNorm", ARGUMENT = "FeedForward" }')


# Refusals


@pytest.mark.parametrize(
    ("asked", "options", "said"),
    [
        ("causal_mask", {}, "got 'causal_mask', of which there is an entry of grading/contracts.toml"),
        ("LayerNorm.forward", {}, "no exercise yet, got 'LayerNorm'"),
        ("no_such_function", {}, "that attentif or attentif.bias offers, got 'no_such_function'; give --module"),
        ("clip_gradient", {"module": "attentif.optimization"}, "did you mean clip_gradients?"),
        ("causal_mask_", {"module": "attentif.parts"}, "that attentif.parts defines, got 'causal_mask_'"),
        ("causal_mask", {"module": "attentif.parts"}, "that attentif.parts defines, got 'causal_mask'"),
        ("clip_gradients", {"module": "attentif.nowhere"}, "a module of the library, got 'attentif.nowhere'"),
        ("loads", {"module": "json"}, "a module of the library, got 'json'"),
        ("two words", {}, "the name of a public function or class, got 'two words'"),
        ("../up", {}, "the name of a public function or class, got '../up'"),
        ("class", {}, "the name of a public function or class, got 'class'"),
        ("_shares", {}, "the name of a public function or class"),
        ("TokenEmbeddings.__init__", {}, "the name of a public function or class"),
        ("TokenEmbeddings.absent", {}, "a function, or a class that defines __init__"),
        ("clip_gradients.forward", {}, "a function, or a class that defines __init__"),
        ("ModelConfig", {}, "a function, or a class that defines __init__"),
        ("clip_gradients", {"points": 0.25}, "half a point at least, got 0.25"),
        ("clip_gradients", {"points": 1.1}, "points in quarters"),
        ("clip_gradients", {"points": float("nan")}, "points in quarters"),
        ("clip_gradients", {"points": float("inf")}, "points in quarters"),
        ("clip_gradients", {"minutes": 0}, "a positive whole number for minutes"),
        ("clip_gradients", {"difficulty": 5}, "1, 2, 3 or 4 for difficulty"),
        ("clip_gradients", {"importance": 0}, "1, 2, 3 or 4 for importance"),
        ("clip_gradients", {"notebook": 3}, "1 or 2 for notebook"),
        ("clip_gradients", {"depends": ["causal_maks"]}, "did you mean causal_mask?"),
        ("clip_gradients", {"depends": ["fill_mask"]}, "dependencies among the exercises of notebook 1"),
        ("clip_gradients", {"depends": ["warmup_cosine"], "after": "causal_mask"}, "depend on exercises above it"),
        ("clip_gradients", {"after": "causal_maks"}, "did you mean causal_mask?"),
    ],
)  # fmt: skip
def test_what_cannot_be_an_exercise_is_refused_and_nothing_is_written(home, asked, options, said):
    before = files(home)
    with pytest.raises(InputError) as caught:
        new_exercise(home, asked, **options)
    assert said in str(caught.value) and "\n" not in str(caught.value)
    assert files(home) == before
    assert not (home / "grading" / "exercises").exists()


@pytest.mark.parametrize("path", ["grading/exercises/{name}", FILES["public.py.j2"]])
def test_a_leftover_is_told_and_kept(home, path):
    place = home / path.format(name="clip_gradients")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.mkdir()
    (place / "mine.txt").write_text("work")
    before = files(home)
    with pytest.raises(InputError, match=f"of which there is {path.format(name='clip_gradients')}"):
        new_exercise(home, "clip_gradients")
    assert files(home) == before


def test_a_function_without_docstring_is_refused(home, monkeypatch):
    from attentif import clip_gradients

    monkeypatch.setattr(clip_gradients, "__doc__", None)
    with pytest.raises(InputError, match="a docstring of clip_gradients"):
        new_exercise(home, "clip_gradients")


def test_if_one_file_cannot_be_written_none_is(home, monkeypatch):
    public = home / "src" / "attentif" / "checks" / "public"
    public.rmdir()
    public.write_text("in the way")
    before = files(home)
    with pytest.raises(OSError):
        new_exercise(home, "clip_gradients")
    assert files(home) == before

    public.unlink()
    before = files(home)

    def refuse(self, target):
        raise PermissionError(13, "Permission denied", str(target))

    monkeypatch.setattr(type(home), "replace", refuse)
    with pytest.raises(PermissionError):
        new_exercise(home, "clip_gradients")
    assert files(home) == before
    assert "clip_gradients" not in load_contracts(home)
    assert not (home / "grading" / "exercises" / "clip_gradients").exists()


def test_a_broken_course_is_told_before_anything_is_written(home):
    (home / "grading" / "course.toml").write_text("[course")
    before = files(home)
    with pytest.raises(InputError, match="readable TOML file"):
        new_exercise(home, "clip_gradients")
    assert files(home) == before


def test_the_command_ends_with_2_and_one_line(home, monkeypatch, capsys):
    monkeypatch.setattr(cli, "course_home", lambda: home)
    monkeypatch.setattr(sys, "argv", ["attentif-grading", "new-exercise", "causal_mask"])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    said = capsys.readouterr().err
    assert caught.value.code == 2
    assert said.startswith("error: expected ") and said.count("\n") == 1 and "docs/authoring.md" in said


# Unfinished work


def test_the_exercises_of_the_course_are_finished():
    from attentif_grading.exercises import exercises_in_chain

    assert [line for name in exercises_in_chain() for line in unwritten(HOME, EXISTING[name])] == []


def test_one_mark_anywhere_is_told_with_its_place(home):
    contract = new_exercise(home, "clip_gradients").contract
    contract = replace(contract, notions={"fr": "le gradient", "en": "the gradient"})
    paths = files_of(home, "clip_gradients")
    for path in paths:
        path.write_text(path.read_text(encoding="utf-8").replace(MARK, ""), encoding="utf-8")
    assert unwritten(home, contract) == []
    for path in paths:
        whole = path.read_text(encoding="utf-8")
        path.write_text(f"a\nb {MARK} c\nd\ne {MARK} f\n", encoding="utf-8")
        place = path.relative_to(home).as_posix()
        assert unwritten(home, contract) == [f"{place}: 2 to write, the first in line 2"]
        path.write_text(whole, encoding="utf-8")
    unsaid = replace(contract, returns=f"{MARK} kind, shape, unit")
    assert unwritten(home, unsaid) == ["grading/contracts.toml: what clip_gradients returns"]
    unsaid = replace(contract, notions={"fr": "le gradient", "en": f"{MARK} what to know"})
    assert unwritten(home, unsaid) == ["grading/contracts.toml: the notions of clip_gradients"]
    assert Matrix().sound and not Matrix(unfinished=["a line"]).sound


PROGRAM = """
import json, sys
from typer.testing import CliRunner
from attentif_grading import cli
from attentif_grading.places import course_home
from attentif_grading.release import release
from attentif_grading.verify import verify
import attentif
said = {"library": attentif.__file__}
run = CliRunner().invoke
for name in ("clip_gradients", "CausalLM"):
    made = run(cli.app, ["new-exercise", name, "--points", "2.5", "--optional"])
    said[name] = made.exit_code, made.output
told = run(cli.app, ["verify-checks", "clip_gradients", "CausalLM"])
said["verify-checks"] = told.exit_code, told.output
matrix = verify(["clip_gradients", "CausalLM"])
said["sound"], said["summary"] = matrix.sound, matrix.summary()
said["earned"] = [row.earned for row in matrix.rows]
said["passed"] = [row.passed for row in matrix.rows if row.passed]
try:
    release(course_home(), course_home() / "out")
except Exception as error:
    said["release"] = type(error).__name__, str(error)
print(json.dumps(said))
"""


def test_a_fresh_exercise_loads_passes_nothing_and_is_not_released(tmp_path):
    for folder in ("src", "grading"):
        ignored = shutil.ignore_patterns("__pycache__", "source", "submitted", "autograded", "*.db")
        shutil.copytree(HOME / folder, tmp_path / folder, ignore=ignored)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "src"), "ATTENTIF_COURSE": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(PROGRAM)],
        cwd=tmp_path,
        env=environment | {"OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["library"].startswith(str(tmp_path))
    assert [said[name][0] for name in ("clip_gradients", "CausalLM")] == [0, 0]
    code, told = said["verify-checks"]
    assert code == 1
    for name in ("clip_gradients", "CausalLM"):
        for path in EVERY_FILE:
            assert f"{path.format(name=name)}: " in told
    assert not said["sound"]
    summary = said["summary"]
    assert len(summary["unfinished"]) == 2 * (len(EVERY_FILE) + 1) + 1
    assert "grading/contracts.toml: what CausalLM returns" in summary["unfinished"]
    # Nothing passes, nothing is paid, and a check that is not written is no fault beside that.
    assert set(said["earned"]) == {0} and said["passed"] == []
    assert summary["references_full_marks"] == 0 and summary["exercises"] == 2
    assert summary["faulty"] == [] and summary["vacuous"] == []
    kind, message = said["release"]
    assert kind == "InputError" and not (tmp_path / "out").exists()
    assert "clip_gradients, unfinished in 10 places" in message
    assert "verify-checks clip_gradients CausalLM tells" in message


# The guide

GUIDE = (HOME / "docs" / "authoring.md").read_text(encoding="utf-8")


def test_the_guide_s_commands_and_options_exist():
    commands = re.findall(r"attentif-grading ([a-z-]+)", GUIDE)
    assert {"new-exercise", "verify-checks", "build"} <= set(commands)
    for command in set(commands):
        assert CliRunner().invoke(cli.app, [command, "--help"]).exit_code == 0, command
    parameters = inspect.signature(cli.new_exercise).parameters
    options = set(re.findall(r"--([a-z]+)", GUIDE))
    assert options - {"optional"} <= set(parameters) and "optional" in options
    assert {
        target for line in re.findall(r"^ *make (.*)$", GUIDE, re.MULTILINE) for target in line.split()
    } <= set(re.findall(r"^([a-z]+):", (HOME / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def test_the_guide_names_every_file_of_an_exercise_and_only_what_exists():
    told = set(re.findall(r"`([\w./-]+\.(?:py|md|txt|toml|json))`", GUIDE))
    names = {path.replace("{name}", "NAME").rpartition("/")[2] for path in EVERY_FILE}
    assert names <= {path.rpartition("/")[2] for path in told}
    missing = []
    for path in sorted(told):
        real = path.replace("NAME", "perplexity").replace("notebookN", "notebook1")
        beside = ("", "grading/", "grading/exercises/perplexity/", "grading/student/")
        if not any((HOME / folder / real).exists() for folder in beside):
            missing.append(path)
    # What a build makes is not there before the first one.
    assert missing in ([], ["src/attentif/checks/data/NAME.json"])


@pytest.mark.parametrize("page", ["README.md", "README.fr.md", "CONTRIBUTING.md"])
def test_the_guide_is_linked(page):
    assert "](docs/authoring.md)" in (HOME / page).read_text(encoding="utf-8")
