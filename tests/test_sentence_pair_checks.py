"""The checks of sentence_pairs: what they say, what they accept whatever the draws, and the rescue part."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch

from attentif import InputError, SentencePair, rescue, sentence_pairs
from attentif.checks.compare import Mismatch
from attentif.checks.examining import examine
from attentif.checks.pair_draws import check_drawn, check_generator, check_half
from attentif.checks.pair_edges import check_edges, passes_over_empty, with_empty
from attentif.checks.pairs import Shelf, check_labels, check_layout, check_pairs, shelf
from attentif.checks.report import as_text
from attentif.checks.store import public_module, read_exercise
from attentif.checks.student import LocalStudent
from attentif.checks.text import LANGUAGES, set_language
from attentif_grading.checkdata import build_check_data
from attentif_grading.exercises import load_exercise

SMALL = Shelf([[[101, 7], [102], [103, 8, 9]], [[104]]], cls_id=5, sep_id=6)


@pytest.fixture(autouse=True)
def _english():
    set_language("en")
    yield
    set_language("en")


@pytest.fixture(scope="module")
def public():
    return read_exercise("sentence_pairs", build_check_data(load_exercise("sentence_pairs")))


def answering(*pairs):
    """A student whose code returns these pairs."""
    return LocalStudent(lambda *args, **kwargs: [SentencePair(*pair) for pair in pairs])


NEXT = ([5, 101, 7, 6, 102, 6], [0, 0, 0, 0, 1, 1], True)
ELSEWHERE = ([5, 102, 6, 104, 6], [0, 0, 0, 1, 1], False)


def test_right_pairs_pass_one_by_one():
    for check in (check_layout, check_pairs, check_labels):
        check(answering(NEXT, ELSEWHERE), SMALL)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pair_that_is_wrong_is_shown(language):
    wrong = (
        (check_pairs, (NEXT, ([5, 101, 7, 6, 104, 6], [0, 0, 0, 0, 1, 1], False))),
        (check_layout, (NEXT, ([5, 102, 104, 6], [0, 0, 1, 1], False))),
        (check_layout, (NEXT, ([5, 102, 6, 104, 6], [0, 0, 1, 1, 1], False))),
        (check_labels, (NEXT, ([5, 102, 6, 104, 6], [0, 0, 0, 1, 1], True))),
    )
    for check, pairs in wrong:
        with pytest.raises(Mismatch) as caught:
            check(answering(*pairs), SMALL)
        pair = {"en": "pair 1", "fr": "paire 1"}[language]
        assert pair in caught.value.expected[language]
    assert caught.value.expected["fr"].endswith("is_next = False") and caught.value.got["en"] == "True"


def test_a_sentence_of_the_same_document_is_no_random_one():
    own = ([5, 102, 6, 101, 7, 6], [0, 0, 0, 1, 1, 1], False)
    with pytest.raises(Mismatch, match="one of another document, got sentence 0 of document 0"):
        check_labels(answering(NEXT, own), SMALL)


def test_labels_may_be_numbers_and_ids_tensors():
    def lenient(documents, cls_id, sep_id, generator=None):
        pairs = sentence_pairs(documents, cls_id, sep_id, generator)
        return tuple(
            SentencePair(torch.tensor(p.token_ids), tuple(p.segment_ids), torch.tensor(int(p.is_next)))
            for p in pairs
        )

    exercise = load_exercise("sentence_pairs")
    for checks in (public_module("sentence_pairs").CHECKS, exercise.hidden):
        report = checks.run(exercise.student(lenient), {})
        assert report.earned == report.maximum


@pytest.mark.parametrize("secret", range(12))
def test_right_answers_pass_whatever_is_drawn(secret, monkeypatch):
    """One draw before the others is another stream: neither it nor another salt costs a right answer a mark."""
    monkeypatch.setenv("ATTENTIF_SALT", f"secret {secret}")
    exercise = load_exercise("sentence_pairs")
    functions = [exercise.reference, *(variant.function for variant in exercise.variants)]
    function = functions[secret % len(functions)]

    def later(documents, cls_id, sep_id, generator=None):
        torch.rand(secret + 1, generator=generator)
        return function(documents, cls_id, sep_id, generator)

    report = exercise.hidden.run(exercise.student(later), {})
    assert report.earned == report.maximum


@pytest.mark.parametrize("stream", [1, 2])
@pytest.mark.parametrize("name", ["own_document_drawn", "uniform_over_sentences", "one_draw_a_document"])
def test_a_mistake_is_named_whatever_is_drawn(name, stream, public):
    exercise = load_exercise("sentence_pairs")
    for mistake in (m for m in exercise.all_misconceptions if m.name == name):

        def later(documents, cls_id, sep_id, generator=None, mistake=mistake):
            torch.rand(stream, generator=generator)
            return mistake.function(documents, cls_id, sep_id, generator)

        assert [diagnosis.name for diagnosis in examine(public, later).diagnoses] == [name]


def test_empty_documents_are_put_between_the_others():
    assert [len(document) for document in with_empty(SMALL).documents] == [0, 3, 0, 1, 0]
    assert passes_over_empty(LocalStudent(sentence_pairs), (1, 2))
    check_edges(LocalStudent(sentence_pairs), np.random.default_rng(0), (1, 2))


def test_what_is_refused_makes_no_pair_so_that_nothing_waits_for_another_document():
    from attentif.checks.pair_edges import REFUSED

    for documents in REFUSED:
        assert all(len(document) < 2 for document in documents)
        with pytest.raises(InputError):
            sentence_pairs(documents, 2, 3)


def test_a_report_is_read_in_both_languages(public):
    exercise = load_exercise("sentence_pairs")
    (inverted,) = [m for m in exercise.misconceptions if m.name == "labels_inverted"]
    for language, words in {
        "en": ("likely cause: is_next is inverted", "B: sentence", "is_next = "),
        "fr": ("cause probable : is_next est inversé", "B : la phrase", "is_next = "),
    }.items():
        set_language(language)
        said = as_text(examine(public, inverted.function))
        assert all(word in said for word in words)


# The rescue part


def test_the_rescue_makes_pairs_that_a_model_can_train_on():
    documents = shelf(np.random.default_rng(3), [5, 1, 4]).documents
    pairs = rescue.sentence_pairs([*documents, []], 2, 3)
    assert len(pairs) == 7 and {pair.is_next for pair in pairs} == {True, False}
    for pair in pairs:
        assert len(pair.token_ids) == len(pair.segment_ids)
        assert pair.segment_ids.count(0) == pair.token_ids.index(3) + 1
    student = LocalStudent(rescue.sentence_pairs)
    check_layout(student, shelf(np.random.default_rng(4), [3, 1, 5]), 1)
    for check, lengths in ((check_half, [40] * 12), (check_drawn, [1, 2, 200, 300])):
        with pytest.raises(Mismatch):
            check(student, shelf(np.random.default_rng(5), lengths), 1)
    with pytest.raises(Mismatch):
        check_generator(student, shelf(np.random.default_rng(6), [9, 9]), (1, 2))


def test_the_rescue_is_no_answer(public):
    for checks in (None, load_exercise("sentence_pairs").hidden):
        report = examine(public, rescue.sentence_pairs, checks)
        assert report.earned == 0.0
        assert re.search("rescue", str(report.results[0].got))
