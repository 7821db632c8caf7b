"""The report's rubric: it has every question, in both languages, and markers get what it says."""

from __future__ import annotations

import re
import shutil
from statistics import median

import pytest

from attentif.errors import InputError
from attentif.expected_losses import read_losses
from attentif_grading.build import COMMITTED, differences
from attentif_grading.contracts import load_course
from attentif_grading.leaks import StaffSide, find_leaks
from attentif_grading.notebook_source import read_notebook_source
from attentif_grading.places import course_home
from attentif_grading.rubric import CRITERIA, N_LEVELS, read_rubric
from attentif_grading.rubric_pages import LEVELS, page, write_rubric

HOME = course_home()
LANGUAGES = ("fr", "en")


@pytest.fixture
def home(tmp_path):
    """A course of its own: what the rubric is read from."""
    (tmp_path / "grading").mkdir()
    for name in ("course.toml", "contracts.toml", "rubric.toml"):
        shutil.copyfile(HOME / "grading" / name, tmp_path / "grading" / name)
    shutil.copytree(HOME / "notebooks" / "source", tmp_path / "notebooks" / "source")
    return tmp_path


def change(home, file, pattern, replacement, count=1):
    path = home / file
    changed, n = re.subn(
        pattern, replacement, path.read_text(encoding="utf-8"), count=count, flags=re.M | re.S
    )
    assert n == count
    path.write_text(changed, encoding="utf-8")


def refusal(home):
    with pytest.raises(InputError) as caught:
        read_rubric(home)
    said = str(caught.value)
    assert "\n" not in said
    return said


def sources():
    for notebook in load_course(HOME).notebooks:
        path = HOME / "notebooks" / "source" / f"notebook{notebook.number}.py"
        yield notebook.number, read_notebook_source(path, notebook.exercises)


def test_every_question_has_its_levels(home):
    questions = read_rubric(home)
    manual = [
        (n, cell.manual, cell.points) for n, source in sources() for cell in source.of("fr") if cell.manual
    ]
    assert [(each.notebook, each.grade_id, each.points) for each in questions] == manual
    for question in questions:
        assert sum(criterion.points[0] for criterion in question.criteria) == question.points
        assert len(question.criteria) == len(CRITERIA) and question.reference and len(question.wrong) >= 3
        for criterion in question.criteria:
            assert len(criterion.levels) == len(criterion.points) == N_LEVELS == len(LEVELS)
        # Of what is right, and of what was observed, each level that earns points has a sentence as example.
        for criterion in question.criteria[:2]:
            assert all(level.beside["fr"] and level.beside["en"] for level in criterion.levels[:3])
        assert question.asked["fr"].startswith("**Question") and question.asked["en"].startswith("**Question")


def test_no_level_is_another_question_s(home):
    said = [
        (criterion.name["fr"], level.said[language])
        for question in read_rubric(home)
        for criterion in question.criteria[:1]
        for level in criterion.levels[:3]
        for language in LANGUAGES
    ]
    assert len(set(said)) == len(said)


@pytest.mark.parametrize(
    ("pattern", "replacement", "said"),
    [
        (r"^\[question_causal\]", "[question_casual]", "question_casual"),
        (
            r"^\[question_groups\.right\].*?(?=^\[question_groups\.evidence)",
            "",
            "right",
        ),
        (r"^\[question_groups\.wrong\]", "[question_groups.worng]", "worng"),
        (r"points = \[3, 2, 1, 0\]", "points = [4, 2, 1, 0]", "7"),
        (r"points = \[3, 2, 1, 0\]", "points = [3, 2, 2, 0]", "each less than"),
        (r"points = \[3, 2, 1, 0\]", "points = [3, 2, 1]", "each less than"),
        (r"points = \[3, 2, 1, 0\]", "points = [3, 2, 1, 0.5]", "each less than"),
        (r"points = \[3, 2, 1, 0\]", "points = [3, 1.9, 1, 0]", "each less than"),
        (r'title\.en = "Reading one\'s curve"\n', "", "title.en"),
        (r'^  \["Rien de ses courbes\.", ""\],\n', "", "3 in fr, 4 in en"),
        (r'^  \["Nothing from one\'s curves\.", ""\]', '  ["", ""]', "pairs of texts"),
        (
            r'^  \["Nothing right\.", "[^"]*"\]',
            '  ["Nothing right.", ""]',
            "in one only",
        ),
    ],
)
def test_a_wrong_rubric_is_told_with_its_place(home, pattern, replacement, said):
    change(home, "grading/rubric.toml", pattern, replacement)
    assert said in refusal(home)


def test_points_are_those_of_the_cells(home):
    change(
        home,
        "notebooks/source/notebook1.py",
        r'question_curve" points=6',
        'question_curve" points=8',
        count=2,
    )
    assert "question_curve in rubric.toml worth the 8 points of its cell" in refusal(home)


def test_a_course_of_one_notebook_has_the_questions_of_that_one(home):
    change(home, "grading/course.toml", r"^\[\[notebook\]\]\s+number = 2.*?(?=^\[|\Z)", "")
    load_course.cache_clear()
    assert {question.notebook for question in read_rubric(home)} == {1}


def test_a_new_question_needs_levels(home):
    source = home / "notebooks" / "source" / "notebook1.py"
    said = source.read_text(encoding="utf-8")
    for language in LANGUAGES:
        said += f'\n# %% [markdown] name="more" lang="{language}"\n# Why?\n'
        said += (
            f'\n# %% [markdown] name="answer_more" manual="question_more" points=6 lang="{language}"\n# So.\n'
        )
    source.write_text(said, encoding="utf-8")
    assert "question_more" in refusal(home)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_it_all(home, language):
    questions = read_rubric(home)
    said = page(questions, language)
    assert said == (HOME / "grading" / f"rubric.{language}.md").read_text(encoding="utf-8")
    for question in questions:
        assert question.title[language] in said and question.asked[language].splitlines()[0] in said
        assert question.answer[language].splitlines()[0] in said
        assert all(each[language] in said for each in question.reference)
        for criterion in question.criteria:
            assert all(level.said[language] in said for level in criterion.levels)
    # A row of a table is one line, with its four cells.
    rows = [line for line in said.splitlines() if line.startswith("|")]
    assert len(rows) == len(questions) * len(CRITERIA) * (N_LEVELS + 2)
    assert {row.count("|") for row in rows} == {5}


def test_a_stale_page_is_told(home, tmp_path):
    assert "grading/rubric.*.md" in COMMITTED
    fresh = tmp_path / "fresh"
    write_rubric(home, fresh)
    write_rubric(home, home)
    assert not [line for line in differences(home, fresh) if "rubric" in line]
    change(home, "grading/rubric.fr.md", "complet", "parfait")
    (home / "grading" / "rubric.en.md").unlink()
    told = [line for line in differences(home, fresh) if "rubric" in line]
    assert told == ["grading/rubric.en.md: missing", "grading/rubric.fr.md: differs from its sources"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_students_are_told_how_they_are_marked(language):
    names = {"fr": "quatre niveaux : ", "en": "four levels: "}[language] + ", ".join(
        level[language] for level in LEVELS
    )
    for number, source in sources():
        (cell,) = [cell for cell in source.of(language) if cell.name == "report_idea"]
        assert names in " ".join(cell.text.split())
        marks = [
            f"({criterion.points[0]:g})" for criterion in read_rubric(HOME)[0 if number == 1 else -1].criteria
        ]
        assert re.findall(r"\(\d\)", cell.text) == marks


def test_the_rubric_does_not_go_to_students(tmp_path):
    side = StaffSide((), {}, {}, ())
    for name in ("rubric.toml", "rubric.fr.md", "rubric.en.md"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    assert {leak.file for leak in find_leaks(tmp_path, side)} == {
        "rubric.toml",
        "rubric.fr.md",
        "rubric.en.md",
    }


def test_the_losses_of_the_reference_are_those_that_were_measured():
    said = next(
        question for question in read_rubric(HOME) if question.grade_id == "question_directions"
    ).reference[1]
    on_a_cpu = {key: median(found) for key, found in read_losses().items() if '"batch": 64' in key}
    assert len(on_a_cpu) == 4
    for loss in on_a_cpu.values():
        near = (f"{loss + change:.2f}" for change in (-0.01, 0, 0.01))
        assert any(number in said["en"] and number.replace(".", ",") in said["fr"] for number in near), loss
