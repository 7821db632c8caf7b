"""The French Microcosm: agreement, elision, exact planted odds, reachable forms, and its quality."""

from __future__ import annotations

import math
import random
from collections import Counter
from functools import cache
from itertools import pairwise

import pytest

from attentif.corpus.grammar import Expr, Seq, Word, word
from attentif.corpus.lexicon_fr import Lexicon, load_lexicon
from attentif.corpus.microcosm import Microcosm
from attentif.corpus.microcosm_fr import build_world
from attentif.corpus.morphology_fr import adjective, conjugate, elides, pluralize
from attentif.corpus.phrases_fr import adverbials
from attentif.corpus.sentences_fr import BE, HAVE, PRONOUNS, SEEM, WAS
from attentif.corpus.world import Latent, World
from attentif.errors import InputError

SIZES = ("small", "full")
LEVELS = {0.0, 0.25, -0.25, 0.5, -0.5, 1.0, -1.0}


@cache
def world(size: str) -> World:
    return build_world(size)


@cache
def microcosm(size: str) -> Microcosm:
    return Microcosm("fr", size)


@cache
def lexicon(size: str) -> Lexicon:
    return load_lexicon(size)


# Oracles that know only the grammar's expressions, not the engine.


def draw(expression: Expr, generator: random.Random) -> list[str]:
    if isinstance(expression, Word):
        forms, weights = zip(*expression.forms, strict=True)
        return generator.choices(forms, weights)
    if isinstance(expression, Seq):
        return [token for part in expression.parts for token in draw(part, generator)]
    weights, branches = zip(*expression.branches, strict=True)
    return draw(generator.choices(branches, weights)[0], generator)


@cache
def chances(node: Word) -> dict[str, float]:
    counts: Counter[str] = Counter()
    for form, weight in node.forms:
        counts[form] += weight
    return {form: weight / counts.total() for form, weight in counts.items()}


def probability(expression: Expr, sentence: list[str]) -> float:
    """P(sentence) by trying every branch at every place."""

    def spans(node: Expr, starts: dict[int, float]) -> dict[int, float]:
        """Where the node can end, with the probability, for what it can start from."""
        if isinstance(node, Word):
            known = chances(node)
            emitted = {start + 1: mass * known.get(sentence[start], 0.0) for start, mass in starts.items()}
            return {end: mass for end, mass in emitted.items() if mass > 0 and end <= len(sentence)}
        if isinstance(node, Seq):
            for part in node.parts:
                if not starts:
                    break
                starts = spans(part, {start: mass for start, mass in starts.items() if start < len(sentence)})
            return starts
        ends: Counter[int] = Counter()
        total = sum(weight for weight, _ in node.branches)
        for weight, branch in node.branches:
            for end, mass in spans(branch, starts).items():
                ends[end] += mass * weight / total
        return ends

    return spans(expression, {0: 1.0}).get(len(sentence), 0.0)


def expected_counts(of: World) -> Counter[str]:
    """Expected occurrences of each form in a sentence of a document's middle."""
    counts: Counter[str] = Counter()

    def add(node: Expr, mass: float) -> None:
        if isinstance(node, Word):
            total = sum(weight for _, weight in node.forms)
            for form, weight in node.forms:
                counts[form] += mass * weight / total
        elif isinstance(node, Seq):
            for part in node.parts:
                add(part, mass)
        else:
            total = sum(weight for weight, _ in node.branches)
            for weight, branch in node.branches:
                add(branch, mass * weight / total)

    prior = of.first_prior @ of.transition
    for mass, expression in zip(prior, of.expressions, strict=True):
        add(expression, float(mass))
    return counts


@cache
def corpus(size: str, sentences: int) -> list[tuple[Latent, list[str]]]:
    """As many sentences of every latent."""
    of, generator = world(size), random.Random(7)
    each = -(-sentences // len(of.latents))
    pairs = zip(of.latents, of.expressions, strict=True)
    return [(latent, draw(expression, generator)) for latent, expression in pairs for _ in range(each)]


def samples() -> list:
    return [pytest.param("small", 6000, id="small"), pytest.param("full", 6000, id="full")]


# Morphology.


@pytest.mark.parametrize(
    ("infinitive", "irregular", "forms"),
    [
        ("acheter", "", "achète achètent achetait achetaient acheté"),
        ("célébrer", "", "célèbre célèbrent célébrait célébraient célébré"),
        ("emballer", "", "emballe emballent emballait emballaient emballé"),
        ("remplacer", "", "remplace remplacent remplaçait remplaçaient remplacé"),
        ("longer", "", "longe longent longeait longeaient longé"),
        ("essuyer", "", "essuie essuient essuyait essuyaient essuyé"),
        ("guérir", "", "guérit guérissent guérissait guérissaient guéri"),
        ("défendre", "", "défend défendent défendait défendaient défendu"),
        ("aller", "va vont allé all", "va vont allait allaient allé"),
    ],
)
def test_conjugation(infinitive, irregular, forms):
    table = {infinitive: irregular} if irregular else {}
    assert " ".join(conjugate(infinitive, table)[1:]) == forms


def test_conjugation_of_an_unknown_ending():
    with pytest.raises(InputError, match="irregular"):
        conjugate("conclure")


def test_adjectives_and_plurals():
    masculine = ["complet", "social", "sérieux", "européen", "officiel", "léger", "net", "bleu"]
    forms = [" ".join(adjective(form, {"complet": "complète"})) for form in masculine]
    assert forms == [
        "complet complète complets complètes",
        "social sociale sociaux sociales",
        "sérieux sérieuse sérieux sérieuses",
        "européen européenne européens européennes",
        "officiel officielle officiels officielles",
        "léger légère légers légères",
        "net nette nets nettes",
        "bleu bleue bleus bleues",
    ]
    plurals = [pluralize(noun) for noun in ["cheval", "festival", "râteau", "pneu", "procès", "gaz", "tuyau"]]
    assert plurals == ["chevaux", "festivals", "râteaux", "pneus", "procès", "gaz", "tuyaux"]


def test_adverbials_weigh_by_the_root_of_their_number():
    expression = adverbials([[["sans"], ["a", "b", "c", "d"]], [["vite"]]])
    assert [weight for weight, _ in expression.branches] == [2.0, 1.0]


# The world.


@pytest.mark.parametrize(
    ("size", "topics", "least", "most"), [("small", 4, 220, 300), ("full", 15, 2500, 3500)]
)
def test_size(size, topics, least, most):
    forms = expected_counts(world(size))
    assert len(world(size).latents) == 8 * topics
    assert least <= len(forms) <= most
    assert all(form == form.lower() and " " not in form for form in forms)


@pytest.mark.parametrize(("size", "least"), [("small", 300), ("full", 5)])
def test_no_form_is_rare(size, least):
    """Every form is expected at least this often in a million tokens; most words recur many times."""
    counts = expected_counts(world(size))
    total = sum(counts.values())
    rarest = min(counts, key=counts.get)
    assert counts[rarest] / total * 1e6 >= least, rarest
    assert 12 <= total <= 15  # tokens a sentence


@pytest.mark.parametrize("size", SIZES)
def test_priors_are_normalised_and_genders_balanced(size):
    of = world(size)
    assert float(of.first_prior.sum()) == pytest.approx(1.0, abs=1e-12)
    for topic in {latent.topic for latent in of.latents}:
        mass = {
            gender: sum(
                p
                for p, z in zip(of.first_prior, of.latents, strict=True)
                if (z.topic, z.gender) == (topic, gender)
            )
            for gender in "mf"
        }
        assert mass["f"] / (mass["m"] + mass["f"]) == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("size", SIZES)
def test_planted_values(size):
    """Every occupation has one of the seven levels; they cancel out in each topic."""
    of, words = world(size), lexicon(size)
    assert set(of.planted.values()) == LEVELS
    assert set(of.planted) == {name for topic in words.topics for name in topic.occupations}
    for topic in words.topics:
        assert sum(of.planted[name] for name in topic.occupations) == pytest.approx(0.0)


def test_bias_scales_or_replaces():
    assert build_world("small", 0.5).planted["dentiste"] == 0.5
    replaced = build_world("small", {"pianiste": -2.0}).planted
    assert replaced["pianiste"] == -2.0 and replaced["dentiste"] == 0.0
    with pytest.raises(InputError, match="size"):
        build_world("medium")
    with pytest.raises(InputError, match="astronaute"):
        build_world("small", {"astronaute": 1.0})


# The planted odds, exactly.


def pronoun_odds(of: World, template: str, occupation: str) -> dict[str, float]:
    """Per topic, ln P(elle) − ln P(il) at the mask: a sum over the latents of naive probabilities."""
    mass: Counter[tuple[str, str]] = Counter()
    for prior, latent, expression in zip(of.first_prior, of.latents, of.expressions, strict=True):
        for pronoun in of.pronouns if prior > 0 else ():
            sentence = template.format(occupation=occupation).replace("[MASK]", pronoun).split()
            mass[latent.topic, pronoun] += float(prior) * probability(expression, sentence)
    return {
        topic: math.log(p / mass[topic, "il"])
        for (topic, pronoun), p in mass.items()
        if pronoun == "elle" and p
    }


@pytest.mark.parametrize("bias", [1.0, {"juge": 3.0, "archiviste": -0.7}])
def test_templates_hold_the_planted_odds_in_the_small_world(bias):
    of = build_world("small", bias)
    for template in of.templates:
        for occupation, planted in of.planted.items():
            odds = pronoun_odds(of, template, occupation)
            assert odds, f"the grammar cannot say: {template.format(occupation=occupation)}"
            assert odds == pytest.approx(dict.fromkeys(odds, planted), abs=1e-9)


def test_templates_hold_the_planted_odds_in_the_full_world():
    of = world("full")
    occupations = list(of.planted)
    for rank, template in enumerate(of.templates):
        for occupation in occupations[rank * 13 : rank * 13 + 2]:
            odds = pronoun_odds(of, template, occupation)
            assert odds and odds == pytest.approx(dict.fromkeys(odds, of.planted[occupation]), abs=1e-9)


def test_the_engine_agrees_on_the_planted_odds():
    full = microcosm("full")
    he, she = (full.tokenizer.token_to_id(pronoun) for pronoun in full.pronouns)
    for template, occupation in zip(full.templates, ["architecte", "juge", "ministre", "mime"], strict=False):
        row = full.posterior(template.format(occupation=occupation))[0]
        assert row[she] + row[he] == pytest.approx(1.0)
        assert math.log(row[she] / row[he]) == pytest.approx(full.planted[occupation], abs=1e-9)


def test_the_article_l_keeps_the_planted_odds():
    """The determiner of a noun in a vowel may not depend on the gender."""
    of = world("full")
    for occupation in ("architecte", "astronome", "haltérophile"):
        odds = pronoun_odds(of, "l' {occupation} dit qu' [MASK] travaille ce matin .", occupation)
        assert odds == pytest.approx(dict.fromkeys(odds, of.planted[occupation]), abs=1e-9)


# Agreement, in thousands of sentences.


@cache
def noun_genders(size: str) -> dict[str, set[str]]:
    """Singular noun or prenominal adjective → the genders it may have."""
    words, genders = lexicon(size), {}
    for topic in words.topics:
        nouns = [noun for frame in topic.frames for noun in frame.nouns] + [*topic.places, *topic.events]
        for noun in nouns:
            genders.setdefault(noun.singular, set()).add(noun.gender)
        for person in topic.persons:
            genders.setdefault(person.m_sg, set()).add("m")
            genders.setdefault(person.f_sg, set()).add("f")
    for name in ("prenominal", "order"):
        for forms in words.adjectives[name]:
            genders.setdefault(forms.m_sg, set()).add("m")
            genders.setdefault(forms.f_sg, set()).add("f")
    return genders


@pytest.mark.parametrize(("size", "sentences"), samples())
def test_articles_agree_with_nouns(size, sentences):
    genders, occupations = noun_genders(size), set(world(size).planted)
    masculine, feminine = {"le", "un", "ce", "cet", "du", "au"}, {"la", "une", "cette", "sa"}
    seen = Counter()
    for latent, tokens in corpus(size, sentences):
        text = " ".join(tokens)
        for article, following in pairwise(tokens):
            if article not in masculine | feminine or following not in genders.keys() | occupations:
                continue
            gender = "m" if article in masculine else "f"
            seen[article] += 1
            if following in occupations:
                assert gender == latent.gender, text
            else:
                assert gender in genders[following], text
    assert all(seen[article] > 20 for article in masculine | feminine - {"cet"})


@pytest.mark.parametrize(("size", "sentences"), samples())
def test_elision_and_contraction(size, sentences):
    aspirated = lexicon(size).aspirated | {form + "s" for form in lexicon(size).aspirated}
    full_forms = {"le", "la", "de", "que", "ne", "ce", "sa"}
    for _, tokens in corpus(size, sentences):
        text = " ".join(tokens)
        for first, second in pairwise(tokens):
            if first in full_forms:
                assert not elides(second, aspirated), text
            if first.endswith("'"):
                assert elides(second, aspirated), text
            assert (first, second) not in {("de", "le"), ("de", "les"), ("à", "le"), ("à", "les")}, text


@pytest.mark.parametrize(("size", "sentences"), samples())
def test_pronouns_and_verbs_agree_with_the_subject(size, sentences):
    words = lexicon(size)
    number = {}
    verbs = [verb for frame in (f for t in words.topics for f in t.frames) for verb in frame.verbs]
    for verb in [*verbs, *(verb for group in words.verbs.values() for verb in group)]:
        number |= dict.fromkeys((verb.present_sg, verb.imperfect_sg), "sg")
        number |= dict.fromkeys((verb.present_pl, verb.imperfect_pl), "pl")
    for table in (BE, WAS, HAVE, SEEM):
        number |= {form: key for key, form in table.items()}
    pronouns = set(PRONOUNS.values())
    for latent, tokens in corpus(size, sentences):
        text, own = " ".join(tokens), PRONOUNS[latent.gender, latent.number]
        assert not (pronouns - {own}) & set(tokens), text
        for first, second in pairwise(tokens):
            if first == own and second not in ("n'", "ne"):
                assert number[second] == latent.number, text
            if first == "qui":
                assert number[second] == latent.number, text
        if latent.subject == "continued":
            assert own in tokens[:5], text  # perhaps after an opening or an adjective


@pytest.mark.parametrize(("size", "sentences"), samples())
def test_attributes_agree_with_the_subject(size, sentences):
    """After the copula (and a degree), an adjective or a participle has the subject's gender and number."""
    words = lexicon(size)
    groups = ("feeling", "trait", "trouble", "arrived", "recent", "left")
    forms = [forms for name in groups for forms in words.adjectives[name]]
    degrees = {*words.words["degree"], *words.words["lasting"], "pas"}
    own = {key: {getattr(f, "_".join(key)) for f in forms} for key in PRONOUNS}
    seen = 0
    for latent, tokens in corpus(size, sentences):
        for place, token in enumerate(tokens):
            if token in {*BE.values(), *WAS.values(), *SEEM.values()}:
                attribute = next(t for t in tokens[place + 1 :] if t not in degrees)
                assert attribute in own[latent.gender, latent.number], " ".join(tokens)
                seen += 1
    assert seen > sentences // 3


@pytest.mark.parametrize(("size", "sentences"), samples())
def test_sentences_are_well_formed(size, sentences):
    lengths = []
    for _, tokens in corpus(size, sentences):
        text = " ".join(tokens)
        assert tokens[-1] == "." and tokens.count(".") == 1, text
        assert all(first != second for first, second in pairwise(tokens)), text
        assert tokens[-2] != "," and tokens[0] != ",", text
        lengths.append(len(tokens))
    lengths.sort()
    assert lengths[len(lengths) // 10] >= 5 and lengths[len(lengths) * 9 // 10] <= 22
    assert lengths[-1] <= 40


@pytest.mark.parametrize("size", SIZES)
def test_a_second_action_is_of_another_kind(size):
    """No frame has a verb of which another frame of the topic would repeat the objects."""
    for topic in lexicon(size).topics:
        frames = [(set(frame.verbs), {noun.singular for noun in frame.nouns}) for frame in topic.frames]
        for rank, (verbs, nouns) in enumerate(frames):
            for other_verbs, other_nouns in frames[rank + 1 :]:
                assert not (verbs & other_verbs and nouns & other_nouns), topic.name


def test_quality_of_the_small_world():
    quality = microcosm("small").quality(n_sentences=4000)
    assert quality.failures() == []
    assert quality.entropy.nats_per_token <= 2.3  # learnable in a minute or two
    assert quality.trigram_excess >= 0.17
    assert quality.share_of_forms == 1.0


def test_quality_of_the_full_world():
    quality = microcosm("full").quality(n_sentences=1500, n_tokens=100_000)
    assert quality.entropy.nats_per_token >= 1.8
    assert quality.trigram_excess >= 0.17
    assert quality.states <= 20_000
    assert quality.distinct_sentences > 0.98


def test_words_of_the_sampler_are_those_of_the_grammar():
    """The oracle `draw` follows the weights: a coin of 3 to 1."""
    generator = random.Random(3)
    heads = sum(draw(word({"pile": 3.0, "face": 1.0}), generator) == ["pile"] for _ in range(4000))
    assert abs(heads - 3000) < 5 * math.sqrt(4000 * 0.75 * 0.25)
