"""The notebooks run from the top: with the reference, untouched, and with any exercise left undone."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from built_course import built_course
from hub_stand_in import environment as hub_environment
from hub_stand_in import hub
from tiny_bert import tiny_bert

from attentif.checks.text import LANGUAGES
from attentif_grading.contracts import load_contracts, load_course
from attentif_grading.nbgrader_course import kernel_environment
from attentif_grading.notebooks import write_source_notebooks
from attentif_grading.packed_class import everything_selected
from attentif_grading.places import course_home
from attentif_grading.run_cells import code_cells, left_out, main, run_cells, run_without, shortened

HOME = course_home()
COURSE = load_course(HOME)
# What the notebooks may remark on: few groups is what they teach about.
REMARKS = ("groups: with fewer than 20", "groupes seulement : à moins de 20")

# Cells of notebook 2 that show numbers of rescue parts where nothing is written, and of how many.
RESCUED = {
    **{
        "measure_bias": 1,
        "likelihood_picture": 1,
        "intervals": 2,
        "forest": 2,
        "calibrate": 2,
        "templates": 1,
    },
    **{
        "counterfactual_picture": 1,
        "context_profile": 1,
        "senses_profile": 1,
        "order_picture": 2,
        "facts_picture": 1,
    },
}


def run(path, *options, **more):
    """What became of a notebook in a process that sees what a student sees: the stripped library, and no grading."""
    environment = {**os.environ, **kernel_environment(HOME, built_course()[0]), **more}
    del environment["ATTENTIF_GRADING"]
    done = subprocess.run(
        [sys.executable, "-m", "attentif_grading.run_cells", str(path), "--short", *options],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def troubles(ran):
    """Errors, and warnings that are not expected remarks."""
    found = []
    for cell in ran["cells"]:
        if cell["error"]:
            found.append(f"{ran['without']}: {cell['name']}: {cell['error'].splitlines()[-1]}")
        unexpected = [said for said in cell["warned"] if not any(remark in said for remark in REMARKS)]
        found += [f"{ran['without']}: {cell['name']}: {said}" for said in unexpected]
    return found


def notebook_file(notebook, language, solved=True):
    built = built_course()[0]
    folder = (
        built / "grading" / "source" / COURSE.assignments[language]
        if solved
        else built / "notebooks" / language
    )
    return folder / f"{notebook.file[language]}.ipynb"


def said_of(ran, name):
    return next(cell["printed"] for cell in ran["cells"] if cell["name"] == name)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("notebook", COURSE.notebooks, ids=lambda notebook: f"notebook{notebook.number}")
def test_the_reference_runs_without_error_or_warning(notebook, language):
    (ran,) = run(notebook_file(notebook, language))
    assert troubles(ran) == []
    assert not any("rescue" in cell["printed"] or "secours" in cell["printed"] for cell in ran["cells"])
    assert len(ran["cells"]) > 3 * len(notebook.exercises)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("notebook", COURSE.notebooks, ids=lambda notebook: f"notebook{notebook.number}")
def test_the_untouched_notebook_runs_and_says_what_is_to_be_written(notebook, language):
    (ran,) = run(notebook_file(notebook, language, solved=False))
    assert troubles(ran) == []
    wanted = {"fr": "reste à écrire", "en": "still to be written"}[language]
    assert sum(wanted in cell["printed"] for cell in ran["cells"]) >= len(notebook.exercises) / 3
    if notebook.number == 2:
        # Where numbers come of a simpler rescue part, their cell says so, once.
        said = {"fr": "nombres ne sont pas ceux que décrit", "en": "numbers are not those described"}[
            language
        ]
        for name, parts in RESCUED.items():
            assert said_of(ran, name).count(said) == parts, name
        detected = {"fr": "même l'un des plus grands", "en": "even one of the largest"}[language]
        assert detected not in said_of(ran, "calibrate")


@pytest.fixture(scope="module")
def tiny_hub(tmp_path_factory):
    """A hub with one model, and a home for what is downloaded from it."""
    files = tiny_bert(tmp_path_factory.mktemp("tiny"))
    with hub({"owner/tiny": files}) as server:
        yield server, tmp_path_factory.mktemp("home")


@pytest.mark.parametrize(
    ("language", "solved"),
    [
        pytest.param("fr", True, id="fr-solved"),
        pytest.param("en", False, id="en-untouched"),
        pytest.param("en", True, id="en-solved", marks=pytest.mark.slow),
        pytest.param("fr", False, id="fr-untouched", marks=pytest.mark.slow),
    ],
)
def test_notebook_2_runs_with_a_model_of_the_hub(tiny_hub, language, solved, tmp_path):
    server, home = tiny_hub
    source = notebook_file(COURSE.notebooks[1], language, solved)
    changed = source.read_text(encoding="utf-8").replace(
        f'MODEL = \\"microcosm-{language}\\"', 'MODEL = \\"owner/tiny\\"'
    )
    path = tmp_path / source.name
    path.write_text(changed, encoding="utf-8")
    reached = {k: v for k, v in hub_environment(home, server.address).items() if k.startswith("HF_")}
    (ran,) = run(path, "--skip-checks", **reached, HF_HUB_OFFLINE="0")
    assert troubles(ran) == []
    assert any(visited.startswith("GET /cdn/owner/tiny") for visited in server.visited)
    chosen = said_of(ran, "model")
    if language == "fr":
        assert "Personne ne connaît le vrai biais de ce modèle" in chosen
        assert "Laissé de côté : juge (le tokenizer ne le connaît pas)." in chosen
        assert "Rien de connu ne peut être opposé" in said_of(ran, "measure_bias")
        assert "Association moyenne, un groupe par métier" in said_of(ran, "intervals")
        assert "Sans valeurs introduites, pas d'étalonnage" in said_of(ran, "calibrate")
    else:
        assert "Nobody knows this model's true bias" in chosen
        assert "Left out: judge (the tokenizer does not know it)." in chosen
        assert "Nothing known stands against" in said_of(ran, "measure_bias")
        assert "Mean association, one group per occupation" in said_of(ran, "intervals")
        assert "Without planted values there is no calibration" in said_of(ran, "calibrate")


@pytest.mark.parametrize("notebook", COURSE.notebooks, ids=lambda notebook: f"notebook{notebook.number}")
def test_exercises_can_be_left_undone(notebook):
    """Every one is missing in one of three runs, while most of what needs it is there."""
    thirds = ["+".join(notebook.exercises[start::3]) for start in range(3)]
    ran = run(notebook_file(notebook, "en"), "--small", "--skip-checks", "--without", *thirds)
    assert [each["without"] for each in ran] == thirds
    assert [line for each in ran for line in troubles(each)] == []


@pytest.mark.slow
def test_any_exercise_can_be_left_undone_when_all_are_selected(tmp_path):
    home = everything_selected(HOME, tmp_path / "home")
    paths = write_source_notebooks(home, tmp_path / "out")
    for notebook in load_course(home).notebooks:
        path = next(each for each in paths if each.stem == notebook.file["fr"] and "fr" in each.parts[-2])
        without = ("", *notebook.exercises, "+".join(notebook.exercises))
        ran = run(path, "--small", "--skip-checks", "--without", *without)
        assert len(ran) == len(notebook.exercises) + 2
        assert [line for each in ran for line in troubles(each)] == []


def test_every_exercise_of_the_contracts_finds_the_names_that_it_uses(tmp_path):
    """Whichever an instructor selects: the sources can be written, each solution below what it needs."""
    home = everything_selected(HOME, tmp_path / "home")
    assert set(load_course(home).exercises) == set(load_contracts(HOME))
    assert len(write_source_notebooks(home, tmp_path / "out")) == 4


# The runner


def cell(source, name="a", role="definition", exercise=None):
    return {"name": name, "role": role, "exercise": exercise, "source": source}


def test_cells_share_names_and_tell_what_happened():
    cells = [
        cell("import warnings\nx = 2\nprint(x)", "first"),
        cell("warnings.warn('look')", "second"),
        cell("x / 0", "third"),
        cell("import sys\nprint(x + 1, file=sys.stderr)", "fourth"),
    ]
    first, second, third, fourth = run_cells(cells)
    assert first.printed == "2\n" and first.error is None and first.warned == ()
    assert second.warned == ("UserWarning: look",)
    assert third.error.endswith("ZeroDivisionError: division by zero\n")
    assert fourth.printed == "3\n"
    assert [each.name for each in run_cells(cells, keep_going=False)] == ["first", "second", "third"]


def test_a_solution_is_taken_out_again():
    source = "def f():\n    '''Doc.'''\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION\n"
    cells = [cell(source, exercise="f"), cell(source, exercise="g"), cell("f()", role="check", exercise="f")]
    without = left_out(cells, ["f"])
    assert without[0]["source"] == "def f():\n    '''Doc.'''\n    raise NotImplementedError()\n"
    assert without[1:] == cells[1:]
    assert [each["source"] for each in shortened([cell("a = 1\nsteps = 4000 if x else 600")])] == [
        "a = 1\nsteps = 3"
    ]


def test_what_comes_before_the_first_difference_is_run_once(tmp_path):
    place = tmp_path / "times.txt"
    note = f"open({str(place)!r}, 'a').write"
    solved = "def {0}():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION\n"
    cells = [
        cell(f"{note}('start ')\nx = [1]", "start"),
        cell(solved.format("f"), "f", exercise="f"),
        cell(f"x.append(2)\n{note}('middle ')", "middle"),
        cell(solved.format("g"), "g", exercise="g"),
        cell(f"import os, pathlib\nkept = pathlib.Path(os.environ['ATTENTIF_RUNS'])\n{note}('end ')", "end"),
        cell(
            "print(x, [p.name for p in kept.iterdir()])\nx.append(3)\n(kept / 'run').touch()\nf(), g()", "use"
        ),
    ]
    ran = run_without(cells, ["g", "", "f", "f+g"])
    assert list(ran) == ["g", "", "f", "f+g"]
    for alternative, done in ran.items():
        assert [each.name for each in done] == ["start", "f", "middle", "g", "end", "use"]
        assert done[-1].printed == "[1, 2] []\n"
        assert (done[-1].error is None) == (alternative == "")
    assert "in f" in ran["f"][-1].error and "in g" in ran["g"][-1].error and "in f" in ran["f+g"][-1].error
    # Four alternatives are more than three: all is run once beforehand.
    assert sorted(place.read_text().split()) == sorted(["start"] * 2 + ["middle"] * 4 + ["end"] * 5)


def test_a_fork_that_ends_by_itself_is_told():
    cells = [cell("def f():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION\n", exercise="f")]
    with pytest.raises(RuntimeError, match="ended by itself"):
        run_without([*cells, cell("import os; os._exit(3)")], ["f"])


def test_every_training_cell_can_be_shortened():
    for notebook in COURSE.notebooks:
        cells = code_cells(notebook_file(notebook, "en"))
        trains = any(each["role"] == "training" for each in cells)
        assert (shortened(cells) != cells) == trains


def test_the_exit_code_tells_of_an_error(tmp_path, capsys):
    path = tmp_path / "a.ipynb"
    for source, code in (("1 / 0", 1), ("x = 1", 0)):
        path.write_text(
            json.dumps(
                {"cells": [{"cell_type": "code", "metadata": {"attentif": {"name": "a"}}, "source": source}]}
            ),
            encoding="utf-8",
        )
        assert main([str(path)]) == code
        assert json.loads(capsys.readouterr().out)[0]["cells"][0]["name"] == "a"
