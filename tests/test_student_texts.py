"""What students read, held to the course: marks, words, letters, and examples that are true."""

from __future__ import annotations

import ast
import re
from itertools import pairwise
from pathlib import Path

import pytest
import torch

from attentif.bias import MaskedScorer, fill_mask
from attentif.bias.material import material_for
from attentif.bias.sentences import show_calibration, show_interval
from attentif.bias.statistics import Calibration, Interval, calibration, cluster_bootstrap
from attentif.charts import label_heights, plot_calibration
from attentif.checks.store import public_module
from attentif.checks.text import Remark, set_language, text
from attentif.corpus.microcosm import Microcosm
from attentif.notebook import setup
from attentif.pretrained import small_model
from attentif.submission import ENDING
from attentif_grading.contracts import load_contracts, load_course
from attentif_grading.exercises import exercise_folder, exercises_in_chain, load_exercise
from attentif_grading.notebook_source import read_notebook_source
from attentif_grading.places import course_home

HOME = course_home()
LANGUAGES = ("fr", "en")
COURSE, CONTRACTS = load_course(HOME), load_contracts(HOME)


@pytest.fixture(autouse=True)
def _english():
    set_language("en")
    yield
    set_language("en")


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def source(number):
    return HOME / "notebooks" / "source" / f"notebook{number}.py"


def cells(number, language):
    notebook = next(each for each in COURSE.notebooks if each.number == number)
    return read_notebook_source(source(number), notebook.exercises).of(language)


def card_of(name, language):
    return read(exercise_folder(name) / f"card.{language}.md")


def french_prose_of(name):
    """Every French text of an exercise that students read, by where it stands; code is left out."""
    exercise, found = load_exercise(name), {}
    found["card"] = re.sub(r"```.*?```", "", card_of(name, "fr"), flags=re.DOTALL)
    docstring = read(exercise_folder(name) / "docstring.fr.txt")
    found["docstring"] = "\n".join(line for line in docstring.splitlines() if ">>>" not in line)
    for check in (*public_module(name).CHECKS.checks, *exercise.hidden.checks):
        found[f"check {check.name}"] = f"{check.title['fr']}\n{check.hint['fr']}"
    for mistake in exercise.misconceptions:
        found[f"mistake {mistake.name}"] = f"{mistake.said['fr']}\n{mistake.pitfall['fr']}"
    found["notions"] = CONTRACTS[name].notions["fr"]
    return found


def french_prose_of_the_course():
    """The French texts of the notebooks, of the instructions and of the library's modules."""
    found = {}
    for number in (1, 2):
        found |= {
            f"notebook{number}, {cell.name}": cell.text
            for cell in cells(number, "fr")
            if cell.kind == "markdown"
        }
    readme = read(HOME / "grading" / "student" / "README.fr.md")
    found["README"] = re.sub(r"^    .*$", "", readme, flags=re.MULTILINE)
    # What stands in the modules: the second argument of text(en, fr), under whatever name it is imported.
    for path in sorted((HOME / "src" / "attentif").rglob("*.py")):
        tree = ast.parse(read(path))
        names = {n.asname or n.name for n in ast.walk(tree) if isinstance(n, ast.alias) and n.name == "text"}
        for node in ast.walk(tree):
            called = isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", ""))
            if called in names | {"text"} and len(node.args) == 2:
                pieces = [n.value for n in ast.walk(node.args[1]) if isinstance(n, ast.Constant)]
                found[f"{path.name}:{node.lineno}"] = " ".join(map(str, pieces))
    return found


# Terms


FRENCH_TERMS = {
    r"\btokens?\b": "jeton",
    r"\bnotebooks?\b": "carnet",
    r"\bplant(é|ée|és|ées|er|ons)\b": "introduit",
    r"\b(petits?|chaque|un|de|par|nombre de) pas\b": "étape d'optimisation",
    r"\b(masking|embedding|attention heads?)\b": "masquage, plongement, tête",
}


def other_words(texts):
    """Where another word than the course's stands, with the course's."""
    found = []
    for place, said in texts.items():
        # Names of the code, and what Colab writes in its menus, are quoted as they are.
        prose = re.sub(r"`[^`]*`|\*notebooks\*|« [^»]* »|\$\$?[^$]*\$\$?|<code>.*?</code>", "", said)
        for pattern, term in FRENCH_TERMS.items():
            found += [f"{place}: {match.group()} ({term})" for match in re.finditer(pattern, prose)]
    return found


@pytest.mark.parametrize("name", exercises_in_chain())
def test_french_exercises_say_each_thing_by_one_word(name):
    assert other_words(french_prose_of(name)) == []


def test_french_says_each_thing_by_one_word():
    assert other_words(french_prose_of_the_course()) == []
    assert other_words({"here": "un token, de petits pas, un biais planté, ce notebook"}) != []


LETTERS = {"B", "T", "S", "H", "D", "K", "V"}


def test_notebooks_explain_the_letters():
    for language in LANGUAGES:
        title = next(cell.text for cell in cells(1, language) if cell.name == "title")
        assert set(re.findall(r"`([A-Z])`", title)) == LETTERS


@pytest.mark.parametrize("name", exercises_in_chain())
def test_shapes_are_written_in_these_letters(name):
    for language in LANGUAGES:
        shapes = re.findall(r"`\(([^`]*)\)`", card_of(name, language))
        sizes = {each.strip() for shape in shapes for each in shape.split(",")}
        # N counts what a function is given, such as texts or heads.
        assert {each for each in sizes if re.fullmatch(r"[A-Za-z]", each)} <= LETTERS | {"N"}


@pytest.mark.parametrize("name", exercises_in_chain())
def test_letters_of_dimensions_name_nothing_else(name):
    """Q, K, V are the paper's matrices, T its number of steps: here K, V, T are widths and lengths."""
    folder = exercise_folder(name)
    texts = [read(folder / f) for f in ("card.fr.md", "card.en.md", "docstring.fr.txt")]
    reference = load_exercise(name).reference
    texts.append(reference.__doc__)
    texts += [said for check in public_module(name).CHECKS.checks for said in check.hint.values()]
    texts += [said for m in load_exercise(name).misconceptions for said in m.said.values()]
    for said in texts:
        # One sentence tells how the paper names things.
        said = re.sub(r"[^.;]*(article|paper)[^.]*\.", "", said)
        for other in (
            r"W\^",
            r"\bQ\b",
            r"Q K",
            r"K\^\\top",
            r"\\sqrt\{d_k\}",
            r"√d_k",
            r"[−-] W\b",
            r"T [−-] W",
            r"\bW =",
        ):
            assert not re.search(other, said), f"{other} in {said[:80]}"
    if name == "warmup_cosine":
        assert not any(re.search(r"(?<![\w`])[TWt](?![\w'])", said) for said in texts)


# Marks and files


def marks(number):
    """(by checks, by the report, minutes) of a notebook."""
    notebook = next(each for each in COURSE.notebooks if each.number == number)
    report = sum(cell.points or 0 for cell in cells(number, "fr"))
    return (
        sum(CONTRACTS[name].points for name in notebook.exercises),
        report,
        sum(CONTRACTS[name].minutes for name in notebook.exercises),
    )


def times(said):
    """The durations of a text, in minutes, in order: 8 h 30, 6 h, 45 min."""
    found = re.findall(r"(\d+) h(?: (\d+))?\b|(\d+) min\b", said)
    return [60 * int(hours or 0) + int(minutes or alone or 0) for hours, minutes, alone in found]


def test_durations_are_read():
    assert times("8 h 30, dont 6 h d'exercices, et 45 min") == [510, 360, 45] and times("huit heures") == []


@pytest.mark.parametrize("number", (1, 2))
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_notebook_says_its_marks_and_time_first(number, language):
    (title,) = [cell.text for cell in cells(number, language) if cell.name == "title"]
    said = next(line for line in title.splitlines() if "points" in line)
    readme = read(HOME / "grading" / "student" / {"fr": "README.fr.md", "en": "README.md"}[language])
    (row,) = [line for line in readme.splitlines() if line.startswith(f"| {number}, ")]
    checks, report, minutes = marks(number)
    assert times(said) == times(row) and times(said)[1] == minutes
    for duration in re.findall(r"\d+ h(?: \d+)?", said):
        said = said.replace(duration, "")
    assert [int(each) for each in re.findall(r"\d+", said)] == [checks + report, checks, report]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_readme_says_marks_time_and_how_to_hand_in(language):
    readme = read(HOME / "grading" / "student" / {"fr": "README.fr.md", "en": "README.md"}[language])
    rows = [re.findall(r"[^|]+", line) for line in readme.splitlines() if line.startswith("|")][2:]
    totals, times_in_all = [0, 0, 0], []
    for number, row in zip((1, 2), rows, strict=False):
        notebook = next(each for each in COURSE.notebooks if each.number == number)
        checks, report, minutes = marks(number)
        assert f"`{notebook.file[language]}.ipynb`" in row[0]
        assert [int(cell) for cell in row[1:4]] == [checks + report, checks, report]
        in_all, for_exercises = times(row[4])
        assert for_exercises == minutes < in_all
        times_in_all.append(in_all)
        totals = [a + b for a, b in zip(totals, (checks + report, checks, report), strict=True)]
        # Where it tells how to hand in, it names what the last cell writes.
        assert f"`{notebook.file[language]}{ENDING[language]}.ipynb`" in readme.rpartition("## ")[2]
    assert [int(cell) for cell in rows[2][1:4]] == totals
    assert times(rows[2][4]) == [sum(times_in_all)]
    assert {"fr": "## Rendre le devoir", "en": "## Handing in"}[language] in readme
    (pip,) = [line for line in readme.splitlines() if "pip install dist" in line]
    needed = {"torch", "numpy", "tqdm", "matplotlib", "transformers", "jupyterlab", "ipywidgets"}
    assert needed <= set(pip.split())


# Assistants


def test_what_an_assistant_may_do_is_told_to_both_in_both_languages():
    agents = read(HOME / "grading" / "student" / "AGENTS.md")
    french, english = agents.split("## English")
    french = french.split("## Français")[1]
    assert french.count("\n- ") == english.count("\n- ") == 8
    for number in (1, 2):
        for language, section, start, declared in (
            ("fr", french, "**Assistants.** Un assistant", "permis et déclaré ne coûte aucun point"),
            ("en", english, "**Assistants.** An assistant", "allowed and declared costs no points"),
        ):
            (cell,) = [cell for cell in cells(number, language) if cell.name == "report_idea"]
            policy = " ".join(cell.text.partition(start)[2].split())
            assert declared in policy and declared in " ".join(section.split())


# Examples that are true


@pytest.fixture(scope="module", params=LANGUAGES)
def small(request):
    model, tokenizer = small_model(f"microcosm-{request.param}")
    return request.param, model, tokenizer


def test_the_card_of_fill_mask_shows_what_the_model_answers(small):
    language, model, tokenizer = small
    card = card_of("fill_mask", language)
    sentence = re.search(r"`([^`]*\[MASK\][^`]*)`", card).group(1)
    shown = ast.literal_eval(re.search(r"`(\[\[\(.*?\)\]\])`", card).group(1))
    got = fill_mask(model, tokenizer, sentence, k=3)
    assert [[token for token, _ in best] for best in got] == [[token for token, _ in best] for best in shown]
    for (_, mine), (_, theirs) in zip(got[0], shown[0], strict=True):
        assert mine == pytest.approx(theirs, abs=0.02)
    # A matter of meaning: no pronoun, no word that grammar alone decides.
    assert not {"il", "elle", "he", "she"} & {token for token, _ in got[0]}


def test_the_card_of_fill_mask_shows_calls_that_work(small):
    language, model, tokenizer = small
    (code,) = re.findall(r"```python\n(.*?)```", card_of("fill_mask", language), re.DOTALL)
    names = {"model": model, "tokenizer": tokenizer, "MaskedScorer": MaskedScorer}
    exec(code, names)
    rows, asked, read_ = (names[name] for name in ("rows", "asked", "read"))
    assert rows.shape == (2, len(tokenizer)) and "(2, V)" in code
    assert rows[0].exp().sum().item() == pytest.approx(1)
    assert f'"{asked.token(read_.ids[1])}"' in code
    assert torch.equal(asked.log_probabilities([read_.ids], [[1, 2]]), rows)


def test_notebook_2_asks_for_meaning_and_for_gender(small):
    language, model, tokenizer = small
    sentence, about_gender = material_for(model, tokenizer, language).blanks
    best = dict(fill_mask(model, tokenizer, sentence, k=5)[0])
    assert not {"il", "elle", "he", "she", "[UNK]"} & set(best)
    assert sum(best.values()) > 0.6, "the model knows what belongs there"
    assert tokenizer.unk_token_id not in tokenizer(sentence)["input_ids"]
    best = dict(fill_mask(model, tokenizer, about_gender, k=2)[0])
    assert set(best) == set(Microcosm(language).pronouns)


def test_notebook_2_prints_sentences_and_no_dataclass():
    for language in LANGUAGES:
        code = "\n".join(cell.text for cell in cells(2, language) if cell.kind == "code")
        assert "print(found)" not in code and "print(interval)" not in code
        assert "show_calibration(" in code and "show_interval(interval" in code


def test_attention_maps_are_introduced():
    for language, words in {
        "fr": ("ligne", "colonne", "requête", "clé"),
        "en": ("row", "column", "query", "key"),
    }.items():
        names = [cell.name for cell in cells(1, language)]
        before = cells(1, language)[names.index("attention_picture") - 1]
        assert before.kind == "markdown" and all(word in before.text for word in words)


# Measures in words


MEASURED = Calibration(slope=0.5, intercept=-0.125, r=0.82, rmse=0.375, smallest_detected=float("inf"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_calibration_is_a_table(language, capsys):
    set_language(language)
    show_calibration(MEASURED)
    said = capsys.readouterr().out
    lines = said.splitlines()
    assert len(lines) == 6 and lines[0].endswith(":")
    words = {"fr": ("pente", "0,50", "−0,12", "aucun"), "en": ("slope", "0.50", "−0.12", "none")}[language]
    assert all(word in said for word in words)
    assert not re.search(r"Calibration|inf\b|smallest_detected|=", said)
    show_calibration(calibration([-1.0, 0.0, 1.0], [-1.0, 0.0, 1.0]))
    assert words[3] not in capsys.readouterr().out
    # Where nothing was looked for, "none" would be a finding.
    show_calibration(MEASURED, detects=False)
    last = capsys.readouterr().out.splitlines()[-1]
    assert words[3] not in last and {"fr": "ne le calcule pas", "en": "not calculated"}[language] in last


@pytest.mark.parametrize(
    ("low", "high", "fr", "en"),
    [
        (-0.1, 0.3, "contient 0", "holds 0"),
        (0.1, 0.3, "au-dessus de 0", "above 0"),
        (-0.3, -0.1, "au-dessous de 0", "below 0"),
    ],
)
def test_an_interval_is_two_sentences(low, high, fr, en, capsys):
    interval = Interval((low + high) / 2, low, high, 16, 16.0)
    for language, zero in (("fr", fr), ("en", en)):
        set_language(language)
        show_interval(interval, "X")
        said = capsys.readouterr().out
        assert zero in said and "16" in said and "95 %" in said and "Interval" not in said
        assert said.startswith("X : " if language == "fr" else "X: ")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_remark_is_a_sentence_in_the_output(language, capsys, recwarn):
    import warnings

    with warnings.catch_warnings():
        setup(language)
        setup(language)  # a cell that is run again changes nothing
        capsys.readouterr()
        cluster_bootstrap([0.0, 1.0] * 8, list(range(16)))
        warnings.warn("of somebody else's", stacklevel=1)
    said = capsys.readouterr()
    start = {"fr": "Remarque : 16 groupes seulement", "en": "Note: only 16 groups"}[language]
    assert said.out.startswith(start) and said.out.count("16") == 1
    assert "statistics.py" not in said.out


def test_a_remark_is_a_warning_in_the_language_of_the_moment():
    remark = Remark(text("few", "peu"))
    assert isinstance(remark, UserWarning) and str(remark) == "few"
    set_language("fr")
    assert str(remark) == "peu"


# Names beside points


def test_names_of_a_column_do_not_overlap():
    x = [0.5, 0.5, 0.5, 0.5, -1.0]
    y = [0.0, 0.01, 0.02, 3.0, 0.01]
    heights = label_heights(x, y, line=0.1)
    assert heights[3] == 3.0 and heights[4] == 0.01, "nobody near"
    assert heights[:3] == pytest.approx([-0.09, 0.01, 0.11])
    assert label_heights([0.0] * 3, [0.3, 0.2, 0.1], 0.05) == pytest.approx([0.3, 0.2, 0.1])
    # Runs that touch once they are spread become one.
    spread = sorted(label_heights([0.0] * 4, [0.0, 0.0, 0.12, 0.12], 0.1))
    assert all(b - a >= 0.1 - 1e-9 for a, b in pairwise(spread))


def test_each_occupation_has_its_name_on_the_picture():
    planted = {"juge": 0.5, "guide": 0.5, "notaire": -0.5}
    figure = plot_calibration(planted, {"juge": 0.41, "guide": 0.42, "notaire": -0.1}).figure
    names = {note.get_text(): note for note in figure.axes[0].texts}
    assert set(names) == set(planted)
    assert abs(names["juge"].xyann[1] - names["guide"].xyann[1]) > 0.05
    assert {name: note.xy for name, note in names.items()}["notaire"] == (-0.5, -0.1)


@pytest.mark.parametrize(("language", "words"), [("fr", ("étape/s", "perte")), ("en", ("step/s", "loss"))])
def test_the_progress_bar_speaks_the_language(language, words, capsys):
    from attentif.experiment import RunConfig, prepare, run

    set_language(language)
    tiny = RunConfig(corpus="microcosm:fr", steps=3, batch=2, width=8, layers=1, heads=1)
    run(prepare(tiny), progress=True)
    said = capsys.readouterr().err
    assert all(word in said for word in words)
