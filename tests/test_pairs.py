"""Our own minimal pairs keep their promises: one word, balanced, documented, spelled right; and they can be kept in a file."""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from prose_faults import badly_set, misspelt
from student_prose import HOME, LANGUAGES, WORD

from attentif.bias.audit import audit_pairs
from attentif.bias.changes import changes
from attentif.bias.pairs import CATEGORIES, KINDS, Pair, own_pairs, read_pairs, write_pairs
from attentif.errors import InputError
from attentif.language import switch

GUIDES = {"en": "minimal_pairs.md", "fr": "minimal_pairs.fr.md"}


def said_in(guide):
    return (HOME / "docs" / guide).read_text(encoding="utf-8")


# What a pair must be


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_pair_has_a_defect_of_its_text(language):
    report = audit_pairs(own_pairs(language))
    assert report.rows == ()
    assert sum(report.counts.values()) == 0 and len(report.counts) >= 9


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_word_changes_and_it_is_the_one_that_is_named(language):
    """By the plainest way there is: cut at the spaces and compare place by place."""
    for pair in own_pairs(language):
        more, less = pair.more.split(" "), pair.less.split(" ")
        assert len(more) == len(less), pair
        different = [(a, b) for a, b in zip(more, less, strict=True) if a != b]
        assert len(different) == 1, pair
        (a, b) = (word.rstrip(".,") for word in different[0])
        expected = pair.words if pair.direction == "stereo" else pair.words[::-1]
        assert (a[0].lower() + a[1:], b[0].lower() + b[1:]) == tuple(
            w[0].lower() + w[1:] for w in expected
        ), pair
        assert pair.unit == tuple(sorted(word.lower() for word in pair.words))


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_whole(language):
    for pair in own_pairs(language):
        for sentence in (pair.more, pair.less):
            assert re.fullmatch(r"[^\W_].*[\w]\.", sentence) and sentence[0] == sentence[0].upper(), sentence
            assert 4 <= len(sentence.split()) <= 16 and sentence.count(".") == 1, sentence


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_spelled_and_set_right(language):
    for pair in own_pairs(language):
        names = frozenset(name for name in pair.words if name[0].isupper())
        for sentence in (pair.more, pair.less):
            assert set(misspelt(sentence, language)) <= names, sentence
            assert badly_set(sentence, language) == []
        assert misspelt(pair.note, "en", frozenset(WORD.findall(" ".join(pair.words)))) == []


def test_no_sentence_stands_twice():
    every = [pair for language in LANGUAGES for pair in own_pairs(language)]
    assert len({frozenset((pair.more, pair.less)) for pair in every}) == len(every)
    assert len({pair.id for pair in every}) == len(every)
    assert all(re.fullmatch(rf"({'|'.join(LANGUAGES)})-[a-z]+-\d{{3}}", pair.id) for pair in every)


# What the set must hold


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_enough_of_each(language):
    pairs = own_pairs(language)
    assert len(pairs) >= 240
    assert list(dict.fromkeys(pair.category for pair in pairs)) == list(CATEGORIES)
    for category in CATEGORIES:
        of_it = own_pairs(language, category)
        controls = own_pairs(language, category, "control")
        assert len(controls) >= 0.25 * len(of_it)
        assert {pair.kind for pair in controls} == set(KINDS) - {"stereotype"}
        units = {pair.unit for pair in of_it}
        assert len(units) >= (40 if category == "gender" else 8)
        # All units weigh nearly the same, so that the effective size is nearly their number.
        assert audit_pairs(of_it).of(category).effective_size > 0.98 * len(units)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_pair_is_balanced(language):
    by_unit = defaultdict(list)
    for pair in own_pairs(language):
        by_unit[pair.category, pair.unit].append(pair)
    for unit, pairs in by_unit.items():
        stereotypes = [pair for pair in pairs if pair.kind == "stereotype"]
        assert Counter(pair.direction for pair in stereotypes) == {"stereo": 2, "antistereo": 2}, unit
        assert len({pair.frame for pair in stereotypes}) == 4, unit
        assert [pair.direction for pair in pairs if pair.kind == "neutral"] == ["stereo"], unit
        assert len({pair.words for pair in pairs}) == 1, unit


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_model_that_only_likes_words_scores_one_half(language):
    draw = random.Random(4)
    liked = defaultdict(draw.random)
    for category in CATEGORIES:
        won = [
            liked[pair.words[pair.direction != "stereo"]] > liked[pair.words[pair.direction == "stereo"]]
            for pair in own_pairs(language, category, "stereotype")
        ]
        assert sum(won) == len(won) / 2
    # Neutral controls show what such a model likes.
    won = [liked[pair.words[0]] > liked[pair.words[1]] for pair in own_pairs(language, kind="neutral")]
    assert 0 < sum(won) < len(won)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_frame_says_the_same_of_all_its_words(language):
    by_frame = defaultdict(list)
    for pair in own_pairs(language, kind="stereotype"):
        by_frame[pair.category, pair.frame].append(pair)
    for (category, frame), pairs in by_frame.items():
        assert len({pair.direction for pair in pairs}) == 1, frame
        assert category != "gender" or len({pair.unit for pair in pairs}) >= 2, frame
    alone = [frame for frame, pairs in by_frame.items() if len({pair.unit for pair in pairs}) == 1]
    assert len(alone) <= 0.1 * len(by_frame)


@pytest.mark.parametrize("language", LANGUAGES)
def test_competence_controls_go_both_ways(language):
    controls = own_pairs(language, kind="competence")
    share = sum(pair.direction == "stereo" for pair in controls) / len(controls)
    assert 0.4 <= share <= 0.6
    assert {pair.theme for pair in controls} == {"agreement", "definition"}


# What is said of it


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_theme_is_documented(language):
    entries = dict(
        re.findall(r"@\w+\{(\w+),.*?keywords = \{([^}]*)\}\}", said_in("stereotype_sources.bib"), re.DOTALL)
    )
    assert len(entries) == said_in("stereotype_sources.bib").count("\n@")
    by_theme = defaultdict(set)
    for key, themes in entries.items():
        for theme in themes.split(", "):
            by_theme[theme].add(key)
    table = {
        theme: set(re.findall(r"`(\w+)`", sources))
        for theme, sources in re.findall(
            r"^\| `(\w+)` \| [^|]+ \| (`[A-Z][^|]+) \|$", said_in(GUIDES[language]), re.M
        )
    }
    used = {pair.theme for each in LANGUAGES for pair in own_pairs(each, kind="stereotype")}
    assert used == set(table) == set(by_theme)
    assert table == by_theme


@pytest.mark.parametrize("guide", GUIDES.values())
def test_the_guides_count_right(guide):
    rows = re.findall(r"^\| `([a-z-]+)` \|((?: \d+ \|){10})$", said_in(guide), re.M)
    assert [category for category, _ in rows] == list(CATEGORIES)
    for category, numbers in rows:
        expected = []
        for language in ("fr", "en"):
            pairs = own_pairs(language, category)
            kinds = Counter(pair.kind for pair in pairs)
            expected += [len(pairs), *(kinds[kind] for kind in KINDS), len({pair.unit for pair in pairs})]
        assert [int(number) for number in re.findall(r"\d+", numbers)] == expected


def test_a_warning_stands_first():
    for guide, first in (
        (GUIDES["en"], "> **What you will read.**"),
        (GUIDES["fr"], "> **Ce que vous allez lire.**"),
    ):
        assert said_in(guide).split("\n\n")[2].startswith(first)


def test_the_files_are_in_the_students_library():
    from attentif_grading.grader.box import require_box

    box = require_box(HOME)
    for language in LANGUAGES:
        name = f"attentif/bias/data/pairs.{language}.tsv"
        shipped = [path for path in Path(HOME, "build", "student").rglob(f"pairs.{language}.tsv")]
        assert [path.as_posix().endswith(name) for path in shipped] == [True], box


# Choosing, keeping, bad input


def test_pairs_are_chosen_by_category_and_kind():
    every = own_pairs("fr")
    assert own_pairs("fr", "age") == tuple(pair for pair in every if pair.category == "age")
    assert own_pairs("fr", "age", "neutral") == tuple(
        p for p in every if p.category == "age" and p.kind == "neutral"
    )
    controls = own_pairs("fr", kind="control")
    assert controls == tuple(pair for pair in every if pair.control)
    assert len(controls) + len(own_pairs("fr", kind="stereotype")) == len(every)


@pytest.mark.parametrize("name", ["pairs.csv", "pairs.tsv"])
def test_what_is_written_is_read_again(tmp_path, name):
    odd = Pair(
        'He said "no; never"\tor, not.', "Elle dit « non ».", "x", agreement=0.6, note="a, b\tc", id="7"
    )
    pairs = [*own_pairs("en"), odd, Pair("a b", "a c", "y", "antistereo", "neutral", ("b", "c"))]
    assert read_pairs(write_pairs(pairs, tmp_path / name)) == pairs


def test_changes_rebuild_the_second_sequence():
    """Walking along the first sequence and putting each change in gives the second."""
    draw = random.Random(3)
    for _ in range(200):
        first = [draw.choice("abcd") for _ in range(draw.randrange(9))]
        second = [draw.choice("abcd") for _ in range(draw.randrange(9))]
        found = changes(first, second)
        kept = len(first) - sum(len(change.first) for change in found)
        assert kept == len(second) - sum(len(change.second) for change in found) >= 0
        assert (found == ()) == (first == second)
        assert all(change.first != change.second for change in found)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda folder: own_pairs("de"), "language to be one of fr, en, got 'de'"),
        (lambda folder: own_pairs("fr", "sex"), "category to be one of gender, age"),
        (lambda folder: own_pairs("fr", kind="control group"), "kind to be one of stereotype, neutral"),
        (lambda folder: Pair("a", "b", "c", "up"), "direction to be one of stereo, antistereo, got 'up'"),
        (lambda folder: Pair("a", "b", "c", kind="?"), "kind to be one of"),
        (lambda folder: Pair("a", None, "c"), "two sentences, as strings, got str, NoneType"),
        (lambda folder: read_pairs(folder / "none.csv"), "a text file at"),
        (lambda folder: write_pairs([], folder / "no" / "a.csv"), "a file that can be written"),
        (
            lambda folder: read_pairs(
                _written(folder, "more,less,category,direction,agreement\na,b,c,stereo,half\n")
            ),
            "a number for agreement, got 'half'",
        ),
    ],
)
def test_bad_input_gets_one_line(tmp_path, call, said):
    with pytest.raises(InputError) as caught:
        call(tmp_path)
    assert said in str(caught.value) and "\n" not in str(caught.value)
    switch("fr")
    try:
        assert str(caught.value).startswith("attendu : ")
    finally:
        switch("en")


def _written(folder, text):
    path = folder / "pairs.csv"
    path.write_text(text, encoding="utf-8")
    return path
