"""The English Microcosm: agreement, articles, exact planted odds, reachable forms and their frequencies."""

from __future__ import annotations

import math
import random
import re
from collections import Counter
from functools import cache

import numpy as np
import pytest

from attentif.corpus.clauses_en import PRONOUNS, phrases
from attentif.corpus.grammar import Expr, Seq, Word
from attentif.corpus.inference import Evidence, log_likelihood
from attentif.corpus.lexicon_en import Lexicon, load_lexicon
from attentif.corpus.microcosm import Microcosm
from attentif.corpus.microcosm_en import build_world
from attentif.corpus.morphology_en import Morphology
from attentif.corpus.quality import Trigram, expected_visits
from attentif.corpus.world import Latent, World
from attentif.errors import InputError

SIZES = ("small", "full")
LEVELS = {0.0, 0.25, -0.25, 0.5, -0.5, 1.0, -1.0}
PRESENT_BE, PAST_BE = {"is", "are"}, {"was", "were"}
PRONOUNCED_WITH_Y = {"used", "useful", "uniform"}  # begin with a vowel's letter and a consonant's sound


@cache
def world(size: str) -> World:
    return build_world(size)


@cache
def lexicon(size: str) -> Lexicon:
    return load_lexicon(size)


@cache
def microcosm(size: str) -> Microcosm:
    return Microcosm.from_world(world(size))


# Oracles that know only the grammar's expressions, not the engine.


def draw(expression: Expr, generator: random.Random) -> list[str]:
    """One sentence of the expression."""
    if isinstance(expression, Word):
        forms, weights = zip(*expression.forms, strict=True)
        return generator.choices(forms, weights)
    if isinstance(expression, Seq):
        return [token for part in expression.parts for token in draw(part, generator)]
    weights, branches = zip(*expression.branches, strict=True)
    return draw(generator.choices(branches, weights)[0], generator)


def expected_count(expression: Expr, form: str, known: dict[int, float]) -> float:
    """How often a sentence of the expression holds the form, on average; exact."""
    if id(expression) not in known:
        if isinstance(expression, Word):
            weights = [weight for _, weight in expression.forms]
            result = sum(weight for other, weight in expression.forms if other == form) / sum(weights)
        elif isinstance(expression, Seq):
            result = sum(expected_count(part, form, known) for part in expression.parts)
        else:
            total = sum(weight for weight, _ in expression.branches)
            parts = ((w, expected_count(branch, form, known)) for w, branch in expression.branches)
            result = sum(weight * count for weight, count in parts) / total
        known[id(expression)] = result
    return known[id(expression)]


@cache
def samples(size: str) -> list[tuple[Latent, list[str]]]:
    """Thousands of sentences, as many for each latent."""
    generator = random.Random(5)
    each = 4000 // len(world(size).latents) + 1
    return [
        (latent, draw(expression, generator))
        for latent, expression in zip(world(size).latents, world(size).expressions, strict=True)
        for _ in range(each)
    ]


@cache
def vocabulary(size: str) -> dict[str, set[str]]:
    """Forms by what they can be."""
    english, words, topics = lexicon(size).morphology, lexicon(size).words, lexicon(size).topics
    frames = [frame for topic in topics for frame in topic.frames]
    verbs = {verb for frame in frames for verb in frame.verbs}
    verbs |= {verb for name in ("sayings", "wishes", "activities") for verb in words[name]}
    occupations = set(lexicon(size).planted)
    things = {noun for frame in frames for noun in frame.nouns.any_number}
    singular = {noun for frame in frames for noun in frame.nouns.singular} | occupations
    singular |= {*words["people_m"], *words["people_f"], "day", "week", "month"}
    plural = {noun for frame in frames for noun in frame.nouns.plural}
    plural |= {english.plural(noun) for noun in occupations}
    return {
        "base": verbs,
        "third": {english.third_person(verb) for verb in verbs},
        "past": {english.past(verb) for verb in verbs},
        "things": things,
        "singular": singular,
        "plural": plural,
        "occupations": occupations | {english.plural(noun) for noun in occupations},
        "adjectives": {form for frame in frames for form in frame.adjectives}
        | set(words["ages"])
        | set(words["selectors"]),
        "adverbs": set(words["adverbs"]),
        "modals": {
            form
            for name in words
            if name.startswith(("modals", "duties", "chances"))
            for entry in words[name]
            for form in entry.split()
        },
    }


# Morphology and lexicon


def test_regular_and_irregular_forms():
    """A hand-written table of spelling rules, one word a rule."""
    english = Morphology({"leaf": "leaves"}, {"lead": "led"}, frozenset({"admit"}), {"hour": "an"})
    plurals = {"ward": "wards", "bus": "buses", "box": "boxes", "porch": "porches", "brush": "brushes"}
    plurals |= {"ferry": "ferries", "tray": "trays", "piano": "pianos", "leaf": "leaves", "horse": "horses"}
    assert {noun: english.plural(noun) for noun in plurals} == plurals
    third = {"check": "checks", "wash": "washes", "go": "goes", "carry": "carries", "stay": "stays"}
    assert {verb: english.third_person(verb) for verb in third} == third
    past = {"check": "checked", "serve": "served", "carry": "carried", "stay": "stayed", "stop": "stopped"}
    past |= {"visit": "visited", "admit": "admitted", "heat": "heated", "sew": "sewed", "lead": "led"}
    past |= {"quiz": "quizzed", "fix": "fixed", "agree": "agreed"}
    assert {verb: english.past(verb) for verb in past} == past
    gerund = {"check": "checking", "serve": "serving", "tie": "tying", "cut": "cutting", "dye": "dyeing"}
    gerund |= {"agree": "agreeing", "admit": "admitting", "lead": "leading", "carry": "carrying"}
    assert {verb: english.gerund(verb) for verb in gerund} == gerund
    assert [english.article(form) for form in ("ward", "apple", "hour")] == ["a", "an", "an"]


@pytest.mark.parametrize("size", SIZES)
def test_every_exception_of_the_lexicon_is_used_and_needed(size):
    """No dead entry: the word occurs, and the rule alone would spell it wrongly."""
    english, rules = lexicon(size).morphology, Morphology()
    forms = set(microcosm(size).forms)
    for noun, plural in english.plurals.items():
        assert noun in forms and plural in forms and rules.plural(noun) != plural
    for verb, past in english.pasts.items():
        assert verb in forms and past in forms and rules.past(verb) != past
    for verb in english.doubling:
        assert verb in forms and rules.past(verb) != english.past(verb)
    for form, article in english.articles.items():
        assert form in forms and rules.article(form) != article


@pytest.mark.parametrize("size", SIZES)
def test_planted_levels_cancel_out_in_each_topic(size):
    """The levels are those announced, and no topic leans to a gender."""
    planted = lexicon(size).planted
    assert set(planted.values()) == LEVELS
    for topic in lexicon(size).topics:
        assert sum(planted[occupation] for occupation in topic.occupations) == 0
    assert set(planted) == {occupation for topic in lexicon(size).topics for occupation in topic.occupations}


# The language


@pytest.mark.parametrize("size", SIZES)
def test_sizes(size):
    """Numbers of topics and of forms, and what a token looks like."""
    topics, forms = lexicon(size).topics, microcosm(size).forms
    assert len(topics) == 4 if size == "small" else 12 <= len(topics) <= 16
    assert 220 <= len(forms) <= 300 if size == "small" else 2_500 <= len(forms) <= 3_500
    assert all(re.fullmatch(r"[a-z]+|[.,]", form) for form in forms)
    assert len(world(size).latents) == 8 * len(topics)
    assert microcosm(size).automaton.n_states < (3_000 if size == "small" else 21_000)


@pytest.mark.parametrize("size", SIZES)
def test_gender_and_number_of_every_pronoun(size):
    """Pronouns, possessives, reflexives and words of person are those of the latent, and of no other."""
    words = lexicon(size).words
    shown = {gender: {*words["names_" + gender], *words["people_" + gender]} for gender in ("m", "f")}
    seen = Counter()
    for latent, sentence in samples(size):
        person = latent.gender if latent.number == "sg" else "pl"
        own = set(PRONOUNS[person]) | shown.get(person, set())
        others = {form for key in PRONOUNS for form in PRONOUNS[key]} | shown["m"] | shown["f"]
        assert not set(sentence) & (others - own), sentence
        seen.update(set(sentence) & own)
    people = {form for gender in ("m", "f") for form in words["people_" + gender]}
    assert set(seen) >= {form for key in PRONOUNS for form in PRONOUNS[key]} | people


@pytest.mark.parametrize("size", SIZES)
def test_new_and_continued_subjects(size):
    """A continued sentence begins with its pronoun and names nobody; a new one names one person or group."""
    kinds, words = vocabulary(size), lexicon(size).words
    people = {form for name in ("people_m", "people_f", "names_m", "names_f") for form in words[name]}
    people |= kinds["occupations"]
    sure = people - kinds["base"] - kinds["third"] - kinds["things"]  # "cook" is a verb too, "guide" a book
    for latent, sentence in samples(size):
        opened = sentence[:5].index(",") + 1 if "," in sentence[:5] else 0
        pronoun = PRONOUNS[latent.gender if latent.number == "sg" else "pl"][0]
        if latent.subject == "continued":
            assert sentence[opened] == pronoun, sentence
            assert not set(sentence) & (sure | {"who"}), sentence
        else:
            assert sum(token in sure for token in sentence) <= 1, sentence
            assert set(sentence[opened : opened + 3]) & people, sentence
        assert sentence[-1] == "." and sentence.count(".") == 1 and sentence.count(",") <= 1


@pytest.mark.parametrize("size", SIZES)
def test_verbs_agree_with_their_subject(size):
    """To be has the latent's number; after a pronoun (and adverbs) the verb has its person and number."""
    kinds = vocabulary(size)
    checked = 0
    for latent, sentence in samples(size):
        wrong_be = {"are", "were"} if latent.number == "sg" else {"is", "was"}
        assert not set(sentence) & wrong_be, sentence
        pronoun = PRONOUNS[latent.gender if latent.number == "sg" else "pl"][0]
        for position, token in enumerate(sentence):
            if token != pronoun:
                continue
            verb = next(t for t in sentence[position + 1 :] if t not in kinds["adverbs"])
            finite = kinds["third"] if latent.number == "sg" else kinds["base"]
            assert verb in finite | kinds["past"] | kinds["modals"] | PRESENT_BE | PAST_BE, (verb, sentence)
            checked += 1
    assert checked > 2_000


@pytest.mark.parametrize("size", SIZES)
def test_one_tense_a_sentence(size):
    """No sentence mixes present and past: forms of to be, verbs after a pronoun, reports."""
    kinds, words, english = vocabulary(size), lexicon(size).words, lexicon(size).morphology
    only_past = {english.past(verb) for verb in words["sayings"]} | PAST_BE
    only_past |= set(words.get("modals_past", ()))
    only_present = {english.third_person(verb) for verb in words["sayings"]} | PRESENT_BE
    only_present |= set(words["modals_present"]) | kinds["third"]
    only_present -= kinds["singular"] | kinds["plural"] | kinds["base"] | kinds["past"]
    for _, sentence in samples(size):
        assert not (set(sentence) & only_past and set(sentence) & only_present), sentence
    assert any(set(sentence) & only_past for _, sentence in samples(size)) == (size == "full")


@pytest.mark.parametrize("size", SIZES)
def test_articles_and_determiners(size):
    """ "a" before a consonant's sound, "an" before a vowel's; each determiner with nouns of its number."""
    kinds, words = vocabulary(size), lexicon(size).words
    nouns = kinds["singular"] | kinds["plural"]
    singular_only = (set(words["object_singular"]) | {"a", "an"}) - {"that"}
    plural_only = {*words["object_plural"], *words["subject_plural"]} - {"our", "the", "your"}
    seen = Counter()
    for _, sentence in samples(size):
        for position, token in enumerate(sentence):
            if token in ("a", "an"):
                following = sentence[position + 1]
                vowel = following[0] in "aeiou" and following not in PRONOUNCED_WITH_Y
                assert token == ("an" if vowel else "a"), sentence
            if token not in singular_only | plural_only:
                continue
            rest = sentence[position + 1 :]
            if rest[0] == "of":
                assert rest[1] in {"the", "his", "her", "their"} and rest[2] in kinds["plural"], sentence
                continue
            candidates = [form for form in rest[:2] if form in nouns - kinds["adjectives"]]
            noun = candidates[0] if candidates else rest[0]
            assert noun in kinds["singular" if token in singular_only else "plural"], (token, noun, sentence)
            seen[token] += 1
    assert set(seen) >= singular_only | plural_only - {"many"}


@pytest.mark.parametrize("size", SIZES)
def test_a_topic_has_its_own_words(size):
    """Occupations and nouns of a sentence are those of its latent's topic."""
    nouns = {
        topic.name: {*topic.occupations, *(form for f in topic.frames for form in f.nouns.any_number)}
        for topic in lexicon(size).topics
    }
    everywhere = set.union(*nouns.values())
    context = {
        topic.name: {*topic.places, *topic.spots, *topic.events}
        | {form for frame in topic.frames for form in (*frame.targets, *frame.verbs, *frame.adjectives)}
        for topic in lexicon(size).topics
    }
    english = lexicon(size).morphology
    for topic in lexicon(size).topics:
        context[topic.name] |= {english.plural(occupation) for occupation in topic.occupations}
        for inflect in (english.third_person, english.past, english.gerund):
            context[topic.name] |= {inflect(verb) for frame in topic.frames for verb in frame.verbs}
    entries = [entry for words in lexicon(size).words.values() for entry in words]
    shared = {form for entry in entries for form in re.split(r"[ |]", entry)}
    shared |= {inflect(verb) for verb in shared for inflect in (english.third_person, english.past)}
    for latent, sentence in samples(size):
        foreign = set(sentence) & everywhere - nouns[latent.topic] - context[latent.topic] - shared
        assert not foreign, (latent.topic, foreign, sentence)


def _topic(size: str, name: str):
    return next(topic for topic in lexicon(size).topics if topic.name == name)


# Probabilities


@pytest.mark.parametrize("size", SIZES)
def test_gender_given_the_occupation_is_exactly_planted(size):
    """ln P(f, occupation) − ln P(m, occupation), from expected counts in the grammar, is as planted."""
    occupations = list(world(size).planted)[:: 1 if size == "small" else 5]
    counts = {occupation: Counter() for occupation in occupations}
    chosen = [
        (prior, latent, expression)
        for prior, latent, expression in zip(
            world(size).latent_prior(), world(size).latents, world(size).expressions, strict=True
        )
        if (latent.number, latent.subject) == ("sg", "new")
    ]
    for occupation, by_gender in counts.items():
        for prior, latent, expression in chosen:
            if occupation in _topic(size, latent.topic).occupations:
                by_gender[latent.gender] += prior * expected_count(expression, occupation, {})
        odds = math.log(by_gender["f"] / by_gender["m"])
        assert odds == pytest.approx(world(size).planted[occupation], abs=1e-9)


@pytest.mark.parametrize("size", SIZES)
def test_templates_are_sentences_of_every_topic_of_the_occupation(size):
    """Either pronoun fills each template, in each topic, and the two have the planted odds there."""
    m = microcosm(size)
    several = [o for o in m.planted if sum(o in topic.occupations for topic in lexicon(size).topics) > 1]
    assert several
    latents, log_prior = world(size).latents, np.log(world(size).latent_prior())
    occupations = list(m.planted) if size == "small" else [*several, "nurse", "plumber", "weaver"]
    for template in m.templates:
        for occupation in occupations:
            sentences = [template.format(occupation=occupation).replace("[MASK]", p) for p in m.pronouns]
            ids = [[m.tokenizer.token_to_id(form) for form in text.split()] for text in sentences]
            by_latent = log_likelihood(m.automaton, Evidence.certain(np.array(ids))) + log_prior
            for topic in lexicon(size).topics:
                here = [z for z, latent in enumerate(latents) if latent.topic == topic.name]
                he, she = np.logaddexp.reduce(by_latent[:, here], axis=1)
                if occupation in topic.occupations:
                    assert she - he == pytest.approx(m.planted[occupation], abs=1e-9)
                else:
                    assert she == he == -np.inf


@pytest.mark.parametrize("size", SIZES)
def test_priors(size):
    """Topics are equally likely, and each document is as likely to be about a woman as about a man."""
    prior, latents = world(size).latent_prior(), world(size).latents
    assert prior.sum() == pytest.approx(1.0, abs=1e-12)
    np.testing.assert_allclose(world(size).transition.sum(axis=1), 1.0, atol=1e-12)
    share = Counter()
    for probability, latent in zip(prior, latents, strict=True):
        share[latent.topic] += probability
        share[latent.topic, latent.gender] += probability
    for topic in lexicon(size).topics:
        assert share[topic.name] == pytest.approx(1 / len(lexicon(size).topics))
        assert share[topic.name, "f"] == pytest.approx(0.5 * share[topic.name])  # planted values cancel out


@pytest.mark.parametrize("size", SIZES)
def test_every_form_is_frequent_enough(size):
    """Every form is expected at least ten times in a million tokens, so that nearly all are met."""
    m = microcosm(size)
    visits = expected_visits(m.automaton, world(size).latent_prior())
    by_word = np.bincount(m.automaton.word_of_state, visits, m.automaton.emission.shape[0])
    frequency = (by_word @ m.automaton.emission)[-len(m.forms) :] / visits.sum() * 1e6
    assert frequency.min() >= 10
    lengths = np.array([len(sentence) for _, sentence in samples(size)])
    assert 10 < visits.sum() < 14 and ((lengths >= 7) & (lengths <= 18)).mean() > 0.85


def test_trigram_misses_what_is_far_away_in_full():
    """The trigram model with the true counts stays far above the floor; entropy is 2.0 to 2.6 nats."""
    m = microcosm("full")
    sample = m.sentences(1_200, seed=8)
    floor = -m.log_probability(sample.to_lists())
    trigram = Trigram(m.automaton, world("full").latent_prior()).nats(sample.tokens, sample.lengths)
    assert trigram.sum() / floor.sum() > 1.17
    assert 2.0 < floor.sum() / (sample.lengths + 1).sum() < 2.6


# Arguments


def test_bias_scales_or_replaces_the_planted_odds():
    assert set(build_world("small", bias=0.0).planted.values()) == {0.0}
    assert build_world("small", bias=-2.0).planted["nurse"] == 2.0
    replaced = build_world("small", bias={"nurse": 0.75}).planted
    assert replaced["nurse"] == 0.75 and sum(map(abs, replaced.values())) == 0.75


def test_phrases_of_several_tokens():
    """Single tokens share one word; others are sequences of choices; weights are kept."""
    expression = phrases({"now": 1.0, "last week|year": 2.0, "then": 1.0})
    generator = random.Random(0)
    drawn = Counter(" ".join(draw(expression, generator)) for _ in range(4_000))
    assert set(drawn) == {"now", "then", "last week", "last year"}
    assert drawn["last week"] + drawn["last year"] == pytest.approx(2_000, abs=160)


@pytest.mark.parametrize("arguments", [("medium",), ("small", {"astronaut": 1.0})])
def test_bad_arguments_are_refused(arguments):
    with pytest.raises(InputError, match=r"expected .* got"):
        build_world(*arguments)
