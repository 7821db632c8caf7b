"""attention_by_hand: the answer sheet against the library's attention, and numbers that are not shown."""

from __future__ import annotations

import json
import math
import re

import pytest
import torch

from attentif import attention_by_hand, scaled_dot_product_attention
from attentif.by_hand import KEY, QUERY, VALUE
from attentif.checks.examining import examine
from attentif.checks.report import as_text
from attentif.checks.sealed import opens, seal
from attentif.checks.store import read_exercise
from attentif.checks.text import LANGUAGES, set_language
from attentif_grading.checkdata import build_check_data, dump
from attentif_grading.exercises import load_exercise

QKV = [torch.tensor(rows, dtype=torch.float64) for rows in (QUERY, KEY, VALUE)]


@pytest.fixture(scope="module")
def stored():
    return build_check_data(load_exercise("attention_by_hand"))


@pytest.fixture(autouse=True)
def _english():
    set_language("en")
    yield
    set_language("en")


def test_the_answer_sheet_is_the_librarys_attention():
    answer = attention_by_hand()
    outputs, weights = scaled_dot_product_attention(*QKV)
    scores = QKV[0] @ QKV[1].T / math.sqrt(2)
    for name, table in {"scores": scores, "weights": weights, "outputs": outputs}.items():
        assert answer[name] == [[pytest.approx(x, abs=5.001e-4) for x in row] for row in table.tolist()]
        assert answer[name] == [[round(x, 3) for x in row] for row in answer[name]]


def test_the_texts_show_the_numbers_of_the_module():
    exercise = load_exercise("attention_by_hand")
    (docstring,) = re.findall(r"query =(.*?)\n\n", attention_by_hand.__doc__, re.DOTALL)
    french = (exercise.folder / "docstring.fr.txt").read_text(encoding="utf-8")
    (translated,) = re.findall(r"query =(.*?)\n\n", french, re.DOTALL)
    by_rows = [x for rows in zip(QUERY, KEY, VALUE, strict=True) for row in rows for x in row]
    for text in (docstring, translated):
        assert [float(n) for n in re.findall(r"-?\d+", text)] == by_rows
    for language in LANGUAGES:
        card = (exercise.folder / f"card.{language}.md").read_text(encoding="utf-8")
        matrices = re.findall(r"begin\{pmatrix\}(.*?)\\end", card)
        shown = [[float(n) for n in re.findall(r"-?\d+", matrix)] for matrix in matrices]
        assert shown == [[x for row in rows for x in row] for rows in (QUERY, KEY, VALUE)]


def test_working_by_hand_with_rounded_numbers_is_accepted(stored):
    public = read_exercise("attention_by_hand", stored)
    sheet = attention_by_hand()

    def moved():
        return {name: [[x + 0.0014 for x in row] for row in table] for name, table in sheet.items()}

    def moved_too_far():
        return {name: [[x - 0.0016 for x in row] for row in table] for name, table in sheet.items()}

    assert examine(public, moved).earned == examine(public, moved).maximum
    assert examine(public, moved_too_far).earned == 0.0


def test_no_expected_number_is_in_what_students_get(stored):
    expected = {abs(x) for rows in attention_by_hand().values() for row in rows for x in row} - {0.0}
    prints = stored["fingerprints"]
    # The sums over each wrong answer are some hundred numbers; what belongs to the right one is looked at.
    kept = {"cases": stored["cases"], "reference": prints["reference"], "diagnoses": prints["diagnoses"]}
    numbers = [float(n) for n in re.findall(r"(?<![0-9a-f.])\d+\.\d+", dump(kept))]
    assert len(numbers) >= 9, "the sums over the right answer"
    assert not expected & {round(abs(n), 3) for n in numbers}
    assert not re.search(r"\d\.\d", json.dumps(stored["cases"]["answer"]["value"]))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wrong_number_is_pointed_at_and_the_right_one_is_not_said(stored, language):
    set_language(language)
    public = read_exercise("attention_by_hand", stored)

    def slip():
        answer = attention_by_hand()
        answer["weights"][1][2] = 0.5
        return answer

    def nothing_right():
        return {name: [[9.0 for _ in row] for row in table] for name, table in attention_by_hand().items()}

    said = as_text(examine(public, slip))
    assert {"en": "query 1, key 2", "fr": "requête 1, clé 2"}[language] in said
    assert {"en": "8 of 9", "fr": "8 sur 9"}[language] in said
    said += as_text(examine(public, nothing_right))
    for rows in attention_by_hand().values():
        for number in {abs(x) for row in rows for x in row} - {0.0, 1.414}:  # √2 is in a hint
            assert f"{number:.3f}" not in said.replace(",", ".")


def test_a_seal_accepts_one_unit_either_way_and_no_other_place():
    sealed = seal({"a": [0.25, 0.25], "b": -0.0004})
    first, second = sealed["a"]
    for number in (0.25, 0.2514, 0.2486, 0.249, 0.251):
        assert opens(first, number) and opens(second, number)
    for number in (0.252, 0.248, -0.25, 0.0, math.nan, math.inf, -math.inf, 10**400, "0.25", None, True):
        assert not opens(first, number)
    assert not set(first["digests"]) & set(second["digests"])
    assert opens(sealed["b"], 0) and opens(sealed["b"], -0.001)
