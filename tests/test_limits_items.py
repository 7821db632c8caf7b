"""The shipped questions, the readers of the public ones, and the probes on the small shipped models."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import numpy as np
import pytest
from tiny_bert import tiny_bert

from attentif.bias.material import material_for
from attentif.corpus.microcosm import Microcosm
from attentif.errors import InputError
from attentif.limits import (
    MediationPair,
    attention_to,
    coreference_probe,
    fact_probe,
    head_effects,
    items,
    items_en,
    items_fr,
    negation_probe,
    number_probe,
    role_probe,
    sense_profile,
    sensitivity_probe,
    word_order_probe,
)
from attentif.limits.cloze import with_article
from attentif.limits.public_sets import read_cprag, read_neg136, read_role88
from attentif.limits.word_order import END_SIGNS
from attentif.pretrained import masked_model

pytest.importorskip("transformers")
pytestmark = pytest.mark.filterwarnings("ignore:only .* groups")
LANGUAGES = ("fr", "en")
PUBLIC = Path(__file__).resolve().parents[2] / "shared" / "data" / "bias" / "lm-diagnostics"
needs_public = pytest.mark.skipif(not PUBLIC.is_dir(), reason=f"the public test sets are not in {PUBLIC}")


@pytest.fixture(scope="module", params=LANGUAGES)
def small(request):
    return request.param, *masked_model(f"microcosm-{request.param}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_enough_questions_and_no_two_alike(language):
    sets = {
        "negation": items.negation_items(language),
        "facts": items.fact_items(language),
        "numbers": items.number_items(language),
        "roles": items.role_items(language),
        "completions": items.completion_items(language),
        "referents": items.referent_items(language),
    }
    for name, each in sets.items():
        assert len(each) >= 20, name
        assert len({item.name for item in each}) == len(each), name
        for item in each:
            for text, word in item.questions():
                assert text.count("[MASK]") == 1 and word == word.strip() and word
                assert text.endswith(".") and (text[0].isupper() or text[0].isdigit()), text
                assert "  " not in text and " ." not in text and " ," not in text
                assert (" :" in text) == (":" in text) if language == "fr" else " :" not in text
    assert len(items.order_sentences(language)) == len(set(items.order_sentences(language))) >= 20
    assert len({edit.cluster for edit in items.edits(language)}) >= 20
    kinds = {edit.kind for edit in items.edits(language)}
    assert kinds == {"punctuation", "case", "length", "paraphrase"}
    assert len({pair.cluster for pair in items.mediation_pairs(language)}) >= 10


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_negated_text_is_the_affirmative_one_negated(language):
    for item in items.negation_items(language):
        plain = item.negated.replace(" n'est pas ", " est ").replace(" is not ", " is ")
        assert plain == item.affirmative and item.true != item.false
        assert with_article(item.negated, item.false).count("(") == 0


def test_french_articles_do_not_give_the_completion_away():
    feminine = {"fleur", "maison", "ville", "couleur"}
    for item in items.negation_items("fr"):
        assert ("une [MASK]" in item.affirmative) == (item.true in feminine) == (item.false in feminine)
    for item in items.referent_items("fr"):  # one gender, one article, no elision before the gap
        first, second = item.candidates
        article = re.search(r"\b(le|la) \[MASK\]", item.first).group(1)
        for noun in (first, second):
            assert re.search(rf"\b{article} {noun}\b", item.first, re.IGNORECASE), item.first


@pytest.mark.parametrize("language", LANGUAGES)
def test_referents_stand_in_both_texts_which_differ_by_one_word(language):
    for item in items.referent_items(language):
        one, other = item.first.split(), item.second.split()
        assert len(one) == len(other) and sum(a != b for a, b in zip(one, other, strict=True)) == 1
        assert all(re.search(rf"\b{noun}\b", item.first, re.IGNORECASE) for noun in item.candidates)


@pytest.mark.parametrize("language", LANGUAGES)
def test_roles_are_exchanged_and_nothing_else(language):
    for item in items.role_items(language):
        assert sorted(item.text.split()) == sorted(item.reversed.split()) and item.text != item.reversed


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_are_right_and_a_constant_answer_is_half_right(language):
    found = items.number_items(language, n=40, seed=3)
    assert found != items.number_items(language, n=40, seed=4)
    assert found == items.number_items(language, n=40, seed=3)
    for kind, each in itertools.groupby(found, key=lambda item: item.kind):
        each = list(each)
        if kind.startswith("sequence"):
            names = items_fr.NUMBER_WORDS if language == "fr" else items_en.NUMBER_WORDS
            value = {name: number for number, name in enumerate(names, start=1)}
            value |= {str(number): number for number in range(100)}
            for item in each:
                numbers = re.split(r", ", re.sub(r"^[^:]*: ", "", item.text.rstrip(".")))
                values = [value[word if word != "[MASK]" else item.answer] for word in numbers]
                assert values == list(range(values[0], values[0] + 5))
                assert not {value[word] for word in item.wrong} & set(values)
            continue
        assert len(each) == 40 and sum(item.answer == each[0].answer for item in each) == 20
        for item in each:
            first, second = map(int, re.findall(r"\d+", item.text))
            assert (item.answer == each[0].answer) == (first > second)
    for n in (0, 3, 42, True):
        with pytest.raises(InputError, match="even number"):
            items.number_items(language, n=n)


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_stand_in_their_sentences(language):
    words = items.polysemous(language)
    assert len(words) >= 8
    for word, senses in words.items():
        assert len(senses) == 2
        for sentence in itertools.chain(*senses.values()):
            assert re.search(rf"(?<!\w){word}(?!\w)", sentence), (word, sentence)
    for sentence, word in items.random_words(language):
        assert re.search(rf"(?<!\w){word}(?!\w)", sentence)
    for sentence in items.order_sentences(language):
        assert len(sentence.rstrip("".join(END_SIGNS)).split()) >= 6


def test_an_unknown_language_is_told():
    for make in (items.negation_items, items.fact_items, items.order_sentences, items.mediation_pairs):
        with pytest.raises(InputError, match="one of fr, en"):
            make("de")


# On models: the small ones know the words of Microcosm only, the tiny one writes everything letter by letter.


def test_a_small_model_has_no_words_for_these_questions_and_that_is_said(small):
    language, model, tokenizer = small
    for probe, questions in (
        (negation_probe, items.negation_items(language)),
        (fact_probe, items.fact_items(language)),
        (role_probe, items.role_items(language)),
        (coreference_probe, items.referent_items(language)),
        (number_probe, items.number_items(language)),
        (word_order_probe, items.order_sentences(language)),
    ):
        with pytest.raises(InputError, match=f"of {len(questions)} items have words outside its vocabulary"):
            probe(model, tokenizer, questions)


def test_microcosm_order_matters_to_its_model(small):
    language, model, tokenizer = small
    world = Microcosm(language)
    sentences = [sentence for sentence in sentences_of(world, 40) if len(sentence.split()) >= 7][:22]
    unknown = "le zigzague chat dort ce matin ."
    found = word_order_probe(model, tokenizer, [*sentences, unknown], n_shuffles=2)
    assert found.unknown == (unknown,) and found.n_used == len(sentences) >= 20
    assert found.cost.low > 0.5 and found.retention.high < 0.9
    pairs = word_order_probe(model, tokenizer, sentences, n=2, n_shuffles=2)
    assert pairs.cost.estimate < found.cost.estimate  # what is kept of the order is of use


def sentences_of(world, count):
    found = []
    for tokens in itertools.chain(*(world.documents(60, seed=5))):
        text = " ".join(world.tokenizer.id_to_token(token) for token in tokens)
        found += [part.strip() + " ." for part in text.split(" .") if len(part.split()) >= 6]
        if len(found) >= count:
            break
    return found


def test_microcosm_pronouns_part_by_context_layer_after_layer(small):
    language, model, tokenizer = small
    world = Microcosm(language)
    sentences = [sentence for sentence in sentences_of(world, 300) if "[" not in sentence]
    words = {}
    for word in dict.fromkeys(itertools.chain(*(sentence.split() for sentence in sentences))):
        having = [sentence for sentence in sentences if word in sentence.split()][:4]
        if word.isalpha() and len(having) == 4:
            words[word] = {"early": having[:2], "late": having[2:]}
    some = dict(list(words.items())[:8])
    others = [(each["early"][0], word) for word, each in list(words.items())[8:16]]
    found = sense_profile(model, tokenizer, some, others)
    assert len(found.within) == 3 and found.n_used == 8 and found.unknown == ()
    # A word stays itself: its vectors are more alike than those of any two words, less and less towards the end.
    assert all(
        within.estimate > baseline for within, baseline in zip(found.within, found.baseline, strict=True)
    )
    assert found.static[0].estimate == pytest.approx(1) and found.static[2].estimate < 0.9


def test_microcosm_heads_carry_the_occupation_to_the_pronoun(small):
    """Where the bias that was planted in the text passes through the trained model: few heads, whatever the sentence."""
    language, model, tokenizer = small
    material = material_for(model, tokenizer, language)
    planted, (masculine, feminine) = material.planted, material.pronouns
    best = []
    for template in material.templates[:2]:
        pairs = [
            MediationPair(
                template.format(occupation=one),
                template.format(occupation=other),
                (feminine, masculine),
                group=one,
            )
            for one in planted
            for other in planted
            if planted[other] - planted[one] >= 1  # log-odds of the feminine pronoun
        ]
        found = head_effects(model, tokenizer, pairs)
        assert found.estimates().shape == (2, 8) and found.n_used == len(pairs)
        assert found.total.low > 0.3
        shares = np.sort(found.share().ravel())
        assert (
            shares[-1] > 0.9 and np.abs(shares[:-2]).max() < 0.1
        )  # one head, or two in a row; the others nothing
        best.append({tuple(place) for place in np.argwhere(found.share() > 0.5).tolist()})
    assert best[0] == best[1]
    sentence = material.templates[0].format(occupation=next(iter(planted))).replace("[MASK]", feminine)
    looked = attention_to(model, tokenizer, sentence, feminine, [next(iter(planted))])
    assert looked.weights[next(iter(planted))].shape == (2, 8)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pieces_of_letters_are_left_out_not_scored(language, tmp_path):
    tiny_bert(tmp_path)
    model, tokenizer = masked_model(str(tmp_path))
    for probe, questions in ((negation_probe, items.negation_items), (fact_probe, items.fact_items)):
        with pytest.raises(InputError, match=f"of {len(questions(language))} items have words"):
            probe(model, tokenizer, questions(language))
    found = sensitivity_probe(model, tokenizer, items.edits(language))
    for kind in ("punctuation", "case", "length", "paraphrase"):
        assert 0 < found[kind].distance.low <= found[kind].distance.high < 1
        assert found[kind].n_used + len(found[kind].unknown) == sum(
            e.kind == kind for e in items.edits(language)
        )


def test_an_order_probe_on_a_model_of_letters_counts_tokens_not_words(tmp_path):
    tiny_bert(tmp_path)
    model, tokenizer = masked_model(str(tmp_path))
    sentences = [text for text in items.order_sentences("en") if "j" not in text.lower()][:6]
    found = word_order_probe(model, tokenizer, sentences, n_shuffles=2)
    assert np.isfinite(found.cost.estimate) and found.n_used == 6


# The public sets.


@needs_public
def test_public_sets_have_their_published_sizes():
    simple = read_neg136(PUBLIC / "NEG-136" / "NEG-136-SIMP.tsv")
    natural = read_neg136(PUBLIC / "NEG-136" / "NEG-136-NAT.tsv")
    assert 4 * (len(simple) + len(natural)) == 136
    assert all("(a|an) [MASK]." in item.affirmative for item in simple)
    assert not any("(" in item.affirmative for item in natural)
    roles = read_role88(PUBLIC / "ROLE-88" / "ROLE-88.tsv")
    assert 40 <= len(roles) <= 44 and all(item.reversed != item.text for item in roles)
    completions = read_cprag(PUBLIC / "CPRAG-102" / "CPRAG-102.tsv")
    assert 3 * len(completions) == 102 and all(len(item.others) == 2 for item in completions)
    ours = {
        item.affirmative.split()[1]
        for item in items.negation_items("en")
        if len(item.affirmative.split()) > 4
    }
    assert not ours & {item.affirmative.split()[1] for item in simple}  # none of theirs is shipped


def test_readers_of_public_sets(tmp_path):
    path = tmp_path / "roles.tsv"
    path.write_text(
        "item\tcontext\ttarget\ttgt_cloze\n1-b\twhich cat the dog had \tbitten\t0\n1-a\twhich dog the cat had\tbitten\t0.5\n"
        "2-a\tx\tseen\t0.1\n2-b\ty\tseen\t0.1\n"
    )
    (item,) = read_role88(path)
    assert (item.text, item.reversed) == ("which dog the cat had [MASK].", "which cat the dog had [MASK].")
    path.write_text("item\tcontext\ttarget\ttgt_cloze\n1-b\ta\tbitten\t0\n")
    with pytest.raises(InputError, match="two contexts"):
        read_role88(path)
    for read in (read_neg136, read_cprag):
        with pytest.raises(InputError, match="the columns"):
            read(path)
        with pytest.raises(InputError, match="a file of the public set"):
            read(tmp_path / "none.tsv")
