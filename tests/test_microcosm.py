"""Microcosm as shipped: its quality, its planted bias, its chain of latents, and the automaton behind it."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy.stats import chi2
from test_microcosm_floor import Enumerated, sentences_of

from attentif.corpus.automaton import compile_grammar
from attentif.corpus.comparison import compare
from attentif.corpus.corruption import Corruption
from attentif.corpus.grammar import alt, opt, seq, word
from attentif.corpus.inference import Evidence, log_likelihood
from attentif.corpus.microcosm import Microcosm
from attentif.corpus.quality import Trigram
from attentif.corpus.sampling import RowSampler
from attentif.errors import InputError

LANGUAGES = ("fr", "en")
WORLDS = [
    pytest.param(language, size, marks=[pytest.mark.slow] if size == "full" else [], id=f"{language}-{size}")
    for language in LANGUAGES
    for size in ("small", "full")
]
_made: dict = {}


def microcosm_of(language: str, size: str) -> Microcosm:
    """One of each for the whole file: compiling takes a while."""
    if (language, size) not in _made:
        _made[language, size] = Microcosm(language, size)
    return _made[language, size]


@pytest.mark.parametrize(("language", "size"), WORLDS)
def test_quality(language, size):
    """Forms, entropy, trigram excess and share of forms meet the criteria, with room for the errors."""
    microcosm = microcosm_of(language, size)
    quality = microcosm.quality(n_sentences=4_000)
    assert quality.failures() == []
    assert quality.entropy.nats_per_token - 5 * quality.entropy.standard_error >= 1.5
    assert quality.trigram_excess - 5 * quality.trigram_excess_error >= 0.15
    assert quality.share_of_forms >= 0.9 and quality.distinct_sentences > 0.5
    assert quality.forms == len(microcosm.forms) <= (300 if size == "small" else 12_000)
    assert size == "small" or quality.forms >= 2_000


@pytest.mark.parametrize("language", LANGUAGES)
def test_sampled_mean_of_the_causal_floor_is_the_entropy(language):
    """−ln P averaged over fresh sentences agrees with the entropy found another way (5 standard errors)."""
    microcosm = microcosm_of(language, "small")
    sample = microcosm.sentences(4_000, seed=11)
    nats = -microcosm.log_probability(sample.to_lists())
    entropy = microcosm.entropy(4_000)
    error = math.hypot(
        nats.std() / math.sqrt(len(nats)), entropy.standard_error * (entropy.words_per_sentence + 1)
    )
    assert abs(nats.mean() - entropy.nats_per_sentence) < 5 * error
    assert abs(sample.lengths.mean() - entropy.words_per_sentence) < 5 * sample.lengths.std() / math.sqrt(
        4_000
    )


@pytest.mark.parametrize(("language", "size"), WORLDS)
@pytest.mark.parametrize("bias", [1.0, -0.5])
def test_templates_give_back_the_planted_bias(language, size, bias):
    """In each template, for each occupation, exact ln P(f)/P(m) is the planted log-odds."""
    microcosm = microcosm_of(language, size) if bias == 1.0 else Microcosm(language, size, bias=bias)
    masculine, feminine = map(microcosm.tokenizer.token_to_id, microcosm.pronouns)
    assert len(microcosm.templates) >= 5 and len(set(microcosm.templates)) == len(microcosm.templates)
    templates = microcosm.templates if size == "small" else microcosm.templates[:2]
    for template, (occupation, planted) in itertools.product(templates, microcosm.planted.items()):
        law = microcosm.posterior(template.format(occupation=occupation))[0]
        assert math.log(law[feminine] / law[masculine]) == pytest.approx(planted, abs=1e-9)
    if bias == 1.0:
        assert {abs(value) for value in microcosm.planted.values()} == {0.0, 0.25, 0.5, 1.0}
        assert min(microcosm.planted.values()) < 0 < max(microcosm.planted.values())
        values = np.array(list(microcosm.planted.values()))
        assert abs(values.mean()) < 0.2  # neither gender is favoured as a whole


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mapping_plants_what_it_says(language):
    """Other log-odds than the default ones; the vocabulary stays; unknown names are refused."""
    default = microcosm_of(language, "small")
    occupation = sorted(default.planted)[0]
    microcosm = Microcosm(language, "small", bias={occupation: 2.5})
    assert microcosm.planted[occupation] == 2.5 and sum(map(abs, microcosm.planted.values())) == 2.5
    assert microcosm.forms == default.forms
    masculine, feminine = map(microcosm.tokenizer.token_to_id, microcosm.pronouns)
    law = microcosm.posterior(microcosm.templates[0].format(occupation=occupation))[0]
    assert math.log(law[feminine] / law[masculine]) == pytest.approx(2.5, abs=1e-9)
    with pytest.raises(InputError, match="astronaut"):
        Microcosm(language, "small", bias={"astronaut": 1.0})


@pytest.mark.parametrize("language", LANGUAGES)
def test_documents(language):
    """Determinism by seed, a longer corpus begins with the shorter one, text goes back to the same ids."""
    microcosm = microcosm_of(language, "small")
    documents = microcosm.documents(150, seed=3)
    assert documents == Microcosm(language, "small", seed=3).documents(150)
    assert documents[:40] == microcosm.documents(40, seed=3) and documents != microcosm.documents(150, seed=4)
    assert len(documents) == 150 and {len(document) for document in documents} == {8}
    assert microcosm.documents(0) == []
    assert microcosm.documents(30, seed=3, first=70) == documents[70:100]
    assert microcosm.documents(1, seed=3, first=149) == documents[149:]
    with pytest.raises(InputError, match="from number -1"):
        microcosm.documents(1, first=-1)
    for document in documents:
        assert all(5 <= token < microcosm.vocab_size for sentence in document for token in sentence)
        assert microcosm.tokenizer.encode(microcosm.text(document)) == [
            t for sentence in document for t in sentence
        ]
        for sentence in document:
            text = microcosm.text(sentence)
            assert text[0] == text[0].upper() and text[-1] in ".!?…" and " ." not in text and " ," not in text
            assert "' " not in text or language == "en"  # "the nurses' room" is English
    flat = [sentence for document in documents for sentence in document]
    assert np.isfinite(microcosm.log_probability(flat)).all()


@pytest.mark.parametrize("language", LANGUAGES)
def test_statistics_of_the_chain(language):
    """One topic a document; gender and number copied when the subject continues; P(f) stationary."""
    world = microcosm_of(language, "small").world
    latents = microcosm_of(language, "small")._latents(20_000, np.random.default_rng(2))
    table = np.array([(x.topic, x.gender, x.number, x.subject) for x in world.latents])[latents]  # (N, 8, 4)
    topic, gender, number, subject = np.moveaxis(table, 2, 0)
    assert (topic == topic[:, :1]).all() and len(np.unique(topic)) == len({x.topic for x in world.latents})
    assert (subject[:, 0] == "new").all()
    continued = subject[:, 1:] == "continued"
    goes_on = np.array([x.subject == "continued" for x in world.latents])
    p_continued = (world.transition * goes_on).sum(axis=1)
    assert np.ptp(p_continued) < 1e-12 and 0.2 < p_continued[0] < 0.8
    assert continued.mean() == pytest.approx(p_continued[0], abs=0.01)
    same = (gender[:, 1:] == gender[:, :-1]) & (number[:, 1:] == number[:, :-1])
    assert same[continued].all() and not same[~continued].all()
    prior = world.latent_prior()
    feminine = sum(p for p, latent in zip(prior, world.latents, strict=True) if latent.gender == "f")
    assert np.ptp((gender == "f").mean(axis=0)) < 0.02
    assert (gender == "f").mean() == pytest.approx(feminine, abs=0.01)
    observed = np.bincount(latents[np.arange(20_000), np.arange(20_000) % 8], minlength=len(prior))
    expected = prior * 20_000
    assert observed[expected == 0].sum() == 0
    statistic = ((observed - expected)[expected > 5] ** 2 / expected[expected > 5]).sum()
    assert chi2.sf(statistic, (expected > 5).sum() - 1) > 1e-6


def test_trigram_and_entropy_against_enumeration():
    """On the tiny grammar: the entropy, and the trigram model of counts summed over every sentence."""
    tiny = Enumerated()
    counts, contexts = {}, {}
    for x, p in zip(tiny.sentences, tiny.p, strict=True):
        padded = (0, 0, *x, 0)
        for triple in zip(padded, padded[1:], padded[2:], strict=False):
            counts[triple] = counts.get(triple, 0.0) + p
            contexts[triple[:2]] = contexts.get(triple[:2], 0.0) + p
    expected = [
        -sum(
            math.log(counts[t] / contexts[t[:2]]) for t in zip((0, 0, *x), (0, *x, 0), (*x, 0), strict=False)
        )
        for x in tiny.sentences
    ]
    tokens = np.array([[*x, *[0] * (3 - len(x))] for x in tiny.sentences])
    trigram = Trigram(tiny.microcosm.automaton, tiny.world.latent_prior())
    found = trigram.nats(tokens, np.array([len(x) for x in tiny.sentences]))
    np.testing.assert_allclose(found, expected, rtol=1e-10)
    entropy = tiny.microcosm.entropy(20_000)
    exact, words = -tiny.p @ np.log(tiny.p), tiny.p @ [len(x) for x in tiny.sentences]
    assert entropy.words_per_sentence == pytest.approx(words, rel=1e-12)
    assert entropy.nats_per_sentence == pytest.approx(exact, abs=5 * entropy.standard_error * (words + 1))
    assert 0 < entropy.standard_error < 0.01


def test_automaton_of_random_grammars():
    """Random nested expressions: P(sentence | latent) is the enumerated one; continuations are shared."""
    generator = np.random.default_rng(7)

    def random_expression(depth):
        kind = generator.integers(0, 4 if depth else 1)
        if kind == 0:
            chosen = generator.choice(list("abcde"), size=generator.integers(1, 4), replace=False)
            return word({str(form): float(generator.random() + 0.1) for form in chosen})
        if kind == 1:
            return seq(*(random_expression(depth - 1) for _ in range(generator.integers(2, 4))))
        if kind == 2:
            return opt(float(generator.uniform(0.1, 0.9)), random_expression(depth - 1))
        return alt(*((float(generator.random() + 0.1), random_expression(depth - 1)) for _ in range(3)))

    ids = {form: index for index, form in enumerate("abcde.", start=5)}
    for _ in range(25):
        expressions = [seq(random_expression(3), ".") for _ in range(3)]
        automaton = compile_grammar(expressions, ids, 11)
        tables = [sentences_of(expression) for expression in expressions]
        for length in automaton.lengths:
            texts = sorted({text for table in tables for text in table if len(text) == length})[:300]
            tokens = np.array([[ids[form] for form in text] for text in texts])
            expected = np.array([[table.get(text, 0.0) for table in tables] for text in texts])
            found = np.exp(log_likelihood(automaton, Evidence.certain(tokens)))
            np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-300)
        assert automaton.lengths == {len(text) for table in tables for text in table}
    ending = seq(word("abc"[0]), word(["b", "c"]), ".")
    shared = compile_grammar([alt((1, seq("a", ending)), (2, seq("b", ending))), ending], ids, 11)
    assert shared.n_states == 5  # two heads, and one copy of the three states of the ending


def test_long_sentences_do_not_underflow():
    """Ninety positions of noise: P of order e^-700 and below, still exact against a sum of logarithms."""
    forms = [f"w{k}" for k in range(50)]
    ids = {form: index for index, form in enumerate(forms, start=5)}
    automaton = compile_grammar([seq(*(word(forms) for _ in range(200)))], ids, 55)
    found = log_likelihood(automaton, Evidence.certain(np.full((2, 200), 7)))
    np.testing.assert_allclose(found, -200 * math.log(50), rtol=1e-12)


def test_row_sampler():
    """Columns of each row follow its probabilities, also where a row holds a single one."""
    from scipy.sparse import csr_array

    table = np.array([[0.0, 1.0, 0.0, 0.0], [0.7, 0.0, 0.05, 0.25], [0.25, 0.25, 0.25, 0.25]])
    rows = np.repeat([1, 0, 2], 30_000)
    columns, log_probability = RowSampler(csr_array(table))(rows, np.random.default_rng(0))
    np.testing.assert_allclose(np.exp(log_probability), table[rows, columns], rtol=1e-12)
    for row in range(3):
        observed = np.bincount(columns[rows == row], minlength=4) / 30_000
        np.testing.assert_allclose(observed, table[row], atol=0.015)


@pytest.mark.parametrize("language", LANGUAGES)
def test_floor_of_corrupted_samples(language):
    """On sampled, corrupted rows the masked floor is below that of wrong assumptions about the noise."""
    microcosm = microcosm_of(language, "small")
    generator = np.random.default_rng(5)
    sentences = microcosm.sentences(400, seed=8).to_lists()
    width = max(map(len, sentences)) + 2
    rows = np.array([[2, *x, 3, *[0] * (width - len(x) - 2)] for x in sentences])
    chosen = (rows >= 5) & (generator.random(rows.shape) < 0.15)
    labels, draw = np.where(chosen, rows, -100), generator.random(rows.shape)
    inputs = np.where(chosen & (draw < 0.8), 4, rows)
    random = generator.integers(5, microcosm.vocab_size, rows.shape)
    inputs = np.where(chosen & (draw >= 0.8) & (draw < 0.9), random, inputs)
    floor = microcosm.floor.masked(inputs, labels)
    assert len(floor) == chosen.sum() and (floor.nats >= 0).all()
    unigram = np.bincount(rows[rows >= 5], minlength=microcosm.vocab_size) / (rows >= 5).sum()
    assert floor.mean < 0.5 * -np.log(unigram[labels[chosen]]).mean()
    wrong = microcosm.floor.masked(inputs, labels, Corruption(random=0.199, keep=0.001))
    assert compare(wrong.nats, floor).difference > 0.02 * floor.mean
    hard = microcosm.floor.masked(inputs, labels, Corruption(probability=1e-6))  # trusts it too much
    assert not compare(hard.nats, floor).leak


@pytest.mark.parametrize("arguments", [("de", "small"), ("fr", "huge")])
def test_unknown_worlds_are_refused(arguments):
    """One line: expected, got, remedy."""
    with pytest.raises(InputError, match=r"^expected [^\n]*, got [^\n]*; [^\n]*$"):
        Microcosm(*arguments)
