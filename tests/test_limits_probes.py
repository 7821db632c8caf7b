"""Each probe against loops of one question at a time, and on models whose answers are known beforehand."""

from __future__ import annotations

import math
import warnings
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from attentif.bias import cluster_bootstrap, pseudo_log_likelihood
from attentif.checks.recipes import context_model, hub_model, hub_tokenizer, piece_tokenizer, word_tokenizer
from attentif.corpus.tokenizers import WordTokenizer
from attentif.errors import InputError
from attentif.limits import (
    Edit,
    Fact,
    NegationItem,
    NumberItem,
    ReferentItem,
    RoleItem,
    coreference_probe,
    edits_of,
    fact_probe,
    negation_probe,
    number_probe,
    role_probe,
    sensitivity_probe,
    shuffled,
    word_order_probe,
)
from attentif.limits.word_order import with_middle_hidden

pytestmark = pytest.mark.filterwarnings("ignore:only .* groups")
LETTERS = list("abcdefghij")


class Rules(nn.Module):
    """A masked model that says what a function of the visible words says: {word: probability}, the rest shared out."""

    def __init__(self, tokenizer, rule):
        super().__init__()
        self.tokenizer, self.rule = tokenizer, rule
        self.config = SimpleNamespace(vocab_size=tokenizer.vocab_size, pad_id=0, max_length=64)

    def forward(self, token_ids):
        logits = torch.zeros(*token_ids.shape, self.config.vocab_size, dtype=torch.float64)
        for row, ids in enumerate(token_ids.tolist()):
            words = [self.tokenizer.id_to_token(i) for i in ids if i > 4 or i == self.tokenizer.mask_id]
            for place in range(len(ids)):
                said = self.rule(words)
                rest = (1 - sum(said.values())) / (self.config.vocab_size - len(said))
                probabilities = torch.full((self.config.vocab_size,), rest, dtype=torch.float64)
                for word, probability in said.items():
                    probabilities[self.tokenizer.token_to_id(word)] = probability
                logits[row, place] = probabilities.log()
        return logits


def naive(model, tokenizer, text, hub=False):
    """Probabilities at the mask, one text at a time."""
    if hub:
        ids = tokenizer.encode(text)
        logits = model.eval()(input_ids=torch.tensor([ids])).logits[0]
        place = ids.index(tokenizer.mask_token_id)
    else:
        ids = [tokenizer.cls_id, *tokenizer.encode(text), tokenizer.sep_id]
        logits, place = model.eval()(torch.tensor([ids]))[0], ids.index(tokenizer.mask_id)
    exponentials = [math.exp(value) for value in logits[place].tolist()]
    return [value / sum(exponentials) for value in exponentials]


def models():
    words = [*LETTERS, "not", "un", "."]
    own = word_tokenizer(words)
    hub = hub_tokenizer(words)
    yield context_model(own.vocab_size, seed=3, training=True), own, own.token_to_id, False
    yield hub_model(vocab_size=hub.vocab_size, seed=5), hub, hub.convert_tokens_to_ids, True


def boots(values, groups):
    return cluster_bootstrap([float(value) for value in values], groups)


@pytest.mark.parametrize("which", [0, 1])
def test_negation_is_the_naive_loop(which):
    model, tokenizer, id_of, hub = list(models())[which]
    # Of two groups each, so that shares are bounded by groups; the last item has an unknown word.
    items = [
        NegationItem(f"{a} un [MASK] .", f"{a} not un [MASK] .", b, c, group=f"g{n // 2}")
        for n, (a, b, c) in enumerate(
            zip(LETTERS, [*LETTERS[1:], "a"], [*LETTERS[2:], "a", "b"], strict=True)
        )
    ]
    items += [NegationItem("a un [MASK] .", "a not un [MASK] .", "a", "missing")]
    found = negation_probe(model, tokenizer, items, k=4, margin=0.05)
    assert found.unknown == ("a un [MASK] .",) and found.n_used == len(items) - 1
    expected = {name: [] for name in ("accuracy", "sensitivity", "margin")}
    for negated in (False, True):
        columns = {name: [] for name in expected}
        for item in items[:-1]:
            p = naive(model, tokenizer, item.negated if negated else item.affirmative, hub)
            right, wrong = (item.false, item.true) if negated else (item.true, item.false)
            columns["accuracy"].append(sum(q >= p[id_of(right)] for q in p) <= 4)
            columns["sensitivity"].append(p[id_of(right)] > p[id_of(wrong)])
            columns["margin"].append(p[id_of(right)] - p[id_of(wrong)] > 0.05)
        for name, values in columns.items():
            expected[name].append(values)
    groups = [item.group for item in items[:-1]]
    for name, pair in expected.items():
        for form, hits in zip(("affirmative", "negated"), pair, strict=True):
            assert 0 < sum(hits) < len(hits), "a case that shows nothing"
            assert getattr(found, f"{name}_{form}") == boots(hits, groups)
    distances, same = [], []
    for item in items[:-1]:
        p, q = (np.array(naive(model, tokenizer, text, hub)) for text in (item.affirmative, item.negated))
        m = (p + q) / 2
        distances.append(math.sqrt((p @ np.log2(p / m) + q @ np.log2(q / m)) / 2))
        same.append(p.argmax() == q.argmax())
    assert found.overlap.estimate == np.mean(same)
    assert found.distance.estimate == pytest.approx(np.mean(distances))
    assert found.distance.low == pytest.approx(boots(distances, groups).low)


def test_a_model_deaf_to_negation_is_right_without_and_wrong_with_it():
    tokenizer = WordTokenizer([*LETTERS, "not", "yes", "no"])
    items = [NegationItem(f"{a} [MASK]", f"{a} not [MASK]", "yes", "no") for a in LETTERS]
    deaf = negation_probe(Rules(tokenizer, lambda words: {"yes": 0.6, "no": 0.3}), tokenizer, items, k=1)
    assert (deaf.accuracy_affirmative.estimate, deaf.accuracy_negated.estimate) == (1, 0)
    assert (deaf.sensitivity_affirmative.estimate, deaf.sensitivity_negated.estimate) == (1, 0)
    assert (deaf.overlap.estimate, deaf.distance.estimate) == (1, pytest.approx(0, abs=1e-7))
    assert deaf.accuracy_negated.high == pytest.approx(1 - 0.025**0.1)  # ten out of ten still leave a doubt

    def heard(words):
        return {"yes": 0.02, "no": 0.95} if "not" in words else {"yes": 0.312, "no": 0.305}

    hears = negation_probe(Rules(tokenizer, heard), tokenizer, items, k=1)
    assert hears.accuracy_negated.estimate == hears.sensitivity_affirmative.estimate == 1
    assert (hears.margin_affirmative.estimate, hears.margin_negated.estimate) == (0, 1)  # 0.007 apart
    assert hears.overlap.estimate == 0 and hears.distance.estimate > 0.4


def test_a_word_in_pieces_is_left_out_not_cut():
    tokenizer = piece_tokenizer([*LETTERS, "not", "infirm", "##ier"])
    items = [NegationItem(f"{a} [MASK]", f"{a} not [MASK]", "b", "c") for a in LETTERS[:6]]
    model = context_model(tokenizer.vocab_size, seed=1)
    alone = negation_probe(model, tokenizer, items)
    more = [NegationItem("g [MASK]", "g not [MASK]", "infirmier", "c")]
    found = negation_probe(model, tokenizer, items + more)
    assert found.unknown == ("g [MASK]",) and found.accuracy_affirmative == alone.accuracy_affirmative


@pytest.mark.parametrize(("arguments", "message"), [({"k": 0}, "k to be"), ({"margin": 1}, "margin in")])
def test_negation_refuses(arguments, message):
    tokenizer = word_tokenizer([*LETTERS, "not"])
    items = [NegationItem(f"{a} [MASK]", f"{a} not [MASK]", "b", "c") for a in LETTERS[:6]]
    with pytest.raises(InputError, match=message):
        negation_probe(context_model(tokenizer.vocab_size, seed=1), tokenizer, items, **arguments)
    with pytest.raises(InputError, match="4; 2 of 6 items"):
        unknown = [NegationItem("z [MASK]", "z not [MASK]", "b", "c")] * 2
        negation_probe(context_model(tokenizer.vocab_size, seed=1), tokenizer, items[:4] + unknown)


@pytest.mark.parametrize("which", [0, 1])
def test_facts_are_the_naive_loop(which):
    model, tokenizer, id_of, hub = list(models())[which]
    facts, relation = [], [0, 0, 1, 2, 3, 4, 4, 5, 6, 7]
    for n, text in enumerate(
        f"{a} {b} [MASK] ." for a, b in zip(LETTERS, LETTERS[3:] + LETTERS[:3], strict=True)
    ):
        p = naive(model, tokenizer, text, hub)
        order = sorted(LETTERS, key=lambda word: -p[id_of(word)])
        answer = order[0] if n % 3 == 0 else order[2]
        others = tuple(word for word in order[:5] if word != answer)
        facts.append(
            Fact(
                text, answer, (*others, "missing"), prime="c un ." if n != 4 else "", group=f"r{relation[n]}"
            )
        )
    facts.append(Fact("a un [MASK] .", "missing", ("a",)))
    found = fact_probe(model, tokenizer, facts)
    assert found.unknown == ("a un [MASK] .",) and found.unknown_candidates == ("missing",)
    hits, ranks, confused, sure, drops, shifts, primed = [], [], [], [], [], [], []
    for fact in facts[:-1]:
        p = naive(model, tokenizer, fact.text, hub)
        best = int(np.argmax(p))
        hits.append(best == id_of(fact.answer))
        order = sorted([fact.answer, *fact.candidates[:-1]], key=lambda word: -p[id_of(word)])
        ranks.append(1 / (order.index(fact.answer) + 1))
        confused.append(best in [id_of(word) for word in fact.candidates[:-1]])
        if not hits[-1]:
            sure.append((p[best], fact.group))
        if fact.prime:
            q = naive(model, tokenizer, f"{fact.prime} {fact.text}", hub)
            drops.append(float(hits[-1]) - float(np.argmax(q) == id_of(fact.answer)))
            shifts.append(math.log(p[id_of(fact.answer)] / q[id_of(fact.answer)]))
            primed.append(fact.group)
    groups = [fact.group for fact in facts[:-1]]
    assert 0 < sum(hits) < len(hits) and any(confused) and (any(drops) or which == 1)
    assert found.precision == boots(hits, groups)
    assert found.reciprocal_rank == boots(ranks, groups)
    assert found.right_type_wrong_fact == boots(confused, groups)
    assert found.misprime_drop == boots(drops, primed)
    assert found.misprime_shift.estimate == pytest.approx(np.mean(shifts))
    assert found.confidence_when_wrong.estimate == pytest.approx(np.mean([value for value, _ in sure]))
    assert found.confidence_when_wrong.n_groups == len({group for _, group in sure})


def test_a_prime_leads_a_parrot_astray():
    tokenizer = WordTokenizer([*LETTERS, "birds", "can", "talk", "fly", "?"])

    def parrot(words):
        return {"talk": 0.9} if "talk" in words else {"fly": 0.9}

    facts = [Fact(f"birds {a} can [MASK]", "fly", ("talk",), "talk ?") for a in LETTERS]
    found = fact_probe(Rules(tokenizer, parrot), tokenizer, facts)
    assert (found.precision.estimate, found.misprime_drop.estimate) == (1, 1)
    assert found.misprime_shift.estimate > 3 and found.confidence_when_wrong is None
    wrong = [Fact(f"birds {a} can [MASK]", "talk", ("fly",)) for a in LETTERS]
    found = fact_probe(Rules(tokenizer, lambda words: {"fly": 0.9}), tokenizer, wrong)
    assert found.precision.estimate == 0 and found.right_type_wrong_fact.estimate == 1
    assert found.confidence_when_wrong.estimate == pytest.approx(0.9)
    assert found.misprime_drop is None and found.reciprocal_rank.estimate == 0.5
    # A model that says all words alike knows nothing.
    flat = fact_probe(Rules(tokenizer, lambda words: {}), tokenizer, wrong)
    assert flat.precision.estimate == 0 and flat.reciprocal_rank.estimate == 0.5


def test_a_fact_has_candidates_other_than_its_answer():
    for candidates in ((), ("fly",), "talk"):
        with pytest.raises(InputError, match="candidates other than the answer"):
            Fact("birds can [MASK]", "fly", candidates)


def test_numbers_are_counted_kind_by_kind():
    digits = [str(number) for number in range(10)]
    tokenizer = piece_tokenizer([*digits, "10", "##5", "##1", "more", "less", "than", "then"])
    model = context_model(tokenizer.vocab_size, seed=2)
    items = [
        NumberItem(f"{a} [MASK] than {b}", "more", ("less",)) for a, b in ((5, 2), (7, 1), (9, 3), (4, 0))
    ]
    items += [NumberItem(f"{a} then [MASK]", str(a + 1), (str(a), str(a + 2)), "order") for a in range(6)]
    items += [NumberItem("8 then [MASK]", "9", ("101", "8"), "order")]
    found = number_probe(model, tokenizer, items, [3, 10, 15, 105, 1051, 22])
    assert found.unknown == ("8 then [MASK]",) and found.n_used == 10
    assert found.pieces == {3: 1, 10: 1, 15: 2, 105: 2, 1051: 3} and found.unknown_integers == (22,)
    assert found.mean_pieces() == {1: 1, 2: 1.5, 3: 2, 4: 3}
    for kind, chance in (("comparison", 1 / 2), ("order", 1 / 3)):
        hits = 0
        for item in items[:-1]:
            if item.kind == kind:
                p = naive(model, tokenizer, item.text)
                answer, *wrong = (p[tokenizer.token_to_id(word)] for word in (item.answer, *item.wrong))
                hits += answer > max(wrong)
        assert (found.accuracy[kind].hits, found.accuracy[kind].chance) == (hits, chance)
    assert found.accuracy["order"].n == 6


def test_a_tie_between_numbers_is_an_error_and_kinds_have_one_chance():
    tokenizer = WordTokenizer(["1", "2", "more", "less", "than"])
    items = [NumberItem("1 [MASK] than 2", "less", ("more",))]
    found = number_probe(Rules(tokenizer, lambda words: {}), tokenizer, items, [])
    assert found.accuracy["comparison"].hits == 0
    model = context_model(tokenizer.vocab_size, seed=1)
    with pytest.raises(InputError, match="as many candidates"):
        number_probe(model, tokenizer, [*items, NumberItem("2 [MASK] than 1", "more", ("less", "1"))])
    for integers in ([-1], [True], ["7"]):
        with pytest.raises(InputError, match="whole numbers"):
            number_probe(model, tokenizer, items, integers)


def test_roles_and_completions_are_the_naive_loop():
    model, tokenizer, id_of, _ = next(models())
    items = [
        RoleItem(f"{a} un {b} [MASK] .", c, reversed=f"{b} un {a} [MASK] .")
        for a, b, c in zip(LETTERS, [*LETTERS[1:], "a"], LETTERS[5:] + LETTERS[:5], strict=True)
    ]
    items += [RoleItem(f"{a} un [MASK] .", "b", others=("c", "d", "e")) for a in LETTERS]
    items += [RoleItem(f"{a} un [MASK]", "b", others=("e", "d", "c")) for a in LETTERS]
    found = role_probe(model, tokenizer, items, k=3, margin=0.02)
    hits, leads, ratios = [], [], []
    for item in items:
        p = naive(model, tokenizer, item.text)
        target = p[id_of(item.target)]
        others = [p[id_of(word)] for word in item.others]
        if item.reversed:
            others.append(naive(model, tokenizer, item.reversed)[id_of(item.target)])
        hits.append(sum(q >= target for q in p) <= 3)
        leads.append(target - max(others))
        ratios.append(math.log(target / max(others)))
    assert found.accuracy.estimate == np.mean(hits)
    assert found.sensitivity.estimate == np.mean([lead > 0 for lead in leads])
    assert found.sensitivity_margin.estimate == np.mean([lead > 0.02 for lead in leads])
    assert found.log_ratio.estimate == pytest.approx(np.mean(ratios))
    with pytest.raises(InputError, match="reversed text or other words"):
        RoleItem("a [MASK]", "b")


def test_a_bag_of_words_does_not_know_who_did_what():
    tokenizer = WordTokenizer([*LETTERS, "un", "."])
    model = Rules(tokenizer, lambda words: {sorted(words)[1]: 0.5, "un": 0.1})
    items = [RoleItem(f"{a} un {b} [MASK]", b, reversed=f"{b} un {a} [MASK]") for a, b in pairwise(LETTERS)]
    found = role_probe(model, tokenizer, items)
    assert found.sensitivity.estimate == 0 and found.log_ratio.estimate == 0


def test_reference_is_the_naive_loop_and_a_constant_preference_is_half_right():
    model, tokenizer, id_of, _ = next(models())
    items = [
        ReferentItem(f"{a} {b} un [MASK] .", f"{a} {b} not [MASK] .", (a, b))
        for a, b in zip(LETTERS, [*LETTERS[1:], "a"], strict=True)
    ]
    found = coreference_probe(model, tokenizer, items)
    odds = []
    for item in items:
        pair = [naive(model, tokenizer, text) for text in (item.first, item.second)]
        odds.append([math.log(p[id_of(item.candidates[0])] / p[id_of(item.candidates[1])]) for p in pair])
    assert found.accuracy.estimate == np.mean([[first > 0, second < 0] for first, second in odds])
    assert found.flip.estimate == np.mean([first > 0 > second for first, second in odds])
    assert found.shift.estimate == pytest.approx(np.mean([first - second for first, second in odds]))
    assert found.accuracy.n_groups == len(items)  # two texts of an item are no two observations

    words = WordTokenizer([*LETTERS, "tired", "wide", "animal", "street"])
    items = [ReferentItem(f"{a} [MASK] tired", f"{a} [MASK] wide", ("animal", "street")) for a in LETTERS]
    same = coreference_probe(Rules(words, lambda _: {"animal": 0.8, "street": 0.1}), words, items)
    assert (same.accuracy.estimate, same.flip.estimate, same.shift.estimate) == (0.5, 0, 0)

    def reads(seen):
        return {"animal": 0.8, "street": 0.1} if "tired" in seen else {"animal": 0.1, "street": 0.8}

    turned = coreference_probe(Rules(words, reads), words, items)
    assert turned.accuracy.estimate == turned.flip.estimate == 1
    assert turned.shift.estimate == pytest.approx(2 * math.log(8))
    for bad in (("animal",), ("animal", "animal")):
        with pytest.raises(InputError, match="two different"):
            ReferentItem("[MASK] a", "[MASK] b", bad)


def test_sensitivity_is_the_naive_loop_by_kind():
    model, tokenizer, _, _ = next(models())
    edits = [Edit(f"{a} un [MASK] .", f"{a} un [MASK]", "punctuation", group=a) for a in LETTERS]
    edits += [Edit(f"{a} [MASK]", f"a {a} [MASK]", "length") for a in LETTERS[:4]]
    edits += [Edit(f"{a}  [MASK]", f"{a} [MASK]", "space") for a in LETTERS]
    edits += [Edit("z [MASK] .", "z [MASK]", "punctuation")]
    found = sensitivity_probe(model, tokenizer, edits)
    length = found["length"]
    assert (length.distance, length.kept, length.n_used) == (None, None, 4)  # 4 groups bound nothing
    distances, kept = [], []
    for edit in edits[: len(LETTERS)]:
        p, q = (np.array(naive(model, tokenizer, text)) for text in (edit.original, edit.edited))
        m = (p + q) / 2
        distances.append(math.sqrt((p @ np.log2(p / m) + q @ np.log2(q / m)) / 2))
        kept.append(p.argmax() == q.argmax())
    punctuation = found["punctuation"]
    assert punctuation.distance.estimate == pytest.approx(np.mean(distances))
    assert punctuation.kept.estimate == np.mean(kept) and punctuation.unknown == ("z [MASK] .",)
    assert (punctuation.n_used, punctuation.n_same) == (10, 0)
    assert found["space"].n_same == 10 and found["space"].distance.estimate == 0
    for nothing in ([], edits[0]):
        with pytest.raises(InputError, match="at least one edit"):
            sensitivity_probe(model, tokenizer, nothing)


def test_edits_keep_the_gap_and_speak_the_language():
    kinds = [
        (edit.kind, edit.edited) for edit in edits_of("Un chat boit du [MASK].", "fr", "C'est du [MASK].")
    ]
    assert ("punctuation", "Un chat boit du [MASK] !") in kinds and (
        "case",
        "un chat boit du [MASK].",
    ) in kinds
    assert kinds[-1] == ("paraphrase", "C'est du [MASK].") and len(kinds) == 5
    assert "case" not in [edit.kind for edit in edits_of("[MASK] boit.", "fr")]
    for text, language in (("Un chat [MASK]", "fr"), ("A [MASK].", "de"), ("A cat.", "en")):
        with pytest.raises(InputError):
            edits_of(text, language)
    with pytest.raises(InputError, match="two different texts"):
        Edit("a [MASK]", "a [MASK]", "case")


def test_shuffles_keep_n_grams_the_end_the_mask_and_the_capital():
    generator = np.random.default_rng(3)
    sentence = "Les deux chats noirs [MASK] sur un lit ."
    for n in (1, 2):
        words = ["les", *sentence.split()[1:-1]]
        grams = [tuple(words[i : i + n]) for i in range(0, len(words) - n + 1, n)]
        for _ in range(20):
            new = shuffled(sentence, n, generator)
            assert new.endswith(" .") and new[0].isupper() and new != sentence
            moved = [new[0].lower() + new.split()[0][1:], *new.split()[1:-1]]
            assert moved.index("[MASK]") == words.index("[MASK]")
            cut = [tuple(moved[i : i + n]) for i in range(0, len(words) - n + 1, n)]
            assert sorted(cut) == sorted(grams) and moved[n * len(grams) :] == words[n * len(grams) :]
    assert shuffled("a b c [MASK] d e", 3, generator) == "a b c [MASK] d e"  # one of two n-grams has the mask
    assert shuffled("a a a", 1, generator) == "a a a"  # nothing else can be made of it
    seen = {shuffled("a b c", 1, generator) for _ in range(80)}
    assert seen == {"a c b", "b a c", "b c a", "c a b", "c b a"}
    assert with_middle_hidden("a b c d e!") == "a b [MASK] d e!"


@pytest.mark.parametrize("n", [1, 2])
def test_word_order_is_the_naive_loop(n):
    model, tokenizer, _, _ = next(models())
    sentences = [
        "a b c d e f .",
        "b c d e f g h",
        "j i h g f e",
        "a un b un c not .",
        "i a j b h c d",
        "z a b c d e",
    ]
    found = word_order_probe(model, tokenizer, sentences, n=n, n_shuffles=3, seed=4)
    assert found.unknown == ("z a b c d e",) and found.n_used == 5

    def pll(sentence):
        total, ids = 0.0, [tokenizer.cls_id, *tokenizer.encode(sentence), tokenizer.sep_id]
        for place in range(1, len(ids) - 1):
            masked = [*ids[:place], tokenizer.mask_id, *ids[place + 1 :]]
            logits = model.eval()(torch.tensor([masked]))[0, place].tolist()
            total += logits[ids[place]] - math.log(sum(map(math.exp, logits)))
        return total

    generator, costs, kept = np.random.default_rng(4), [], []
    for sentence in sentences[:-1]:
        shuffles = [shuffled(sentence, n, generator) for _ in range(3)]
        costs.append((pll(sentence) - sum(map(pll, shuffles)) / 3) / len(tokenizer.encode(sentence)))
        hidden = with_middle_hidden(sentence)
        best = int(np.argmax(naive(model, tokenizer, hidden)))
        moved = [shuffled(hidden, n, generator) for _ in range(3)]
        kept.append(sum(int(np.argmax(naive(model, tokenizer, text))) == best for text in moved) / 3)
    assert found.cost.estimate == pytest.approx(np.mean(costs), abs=1e-9)
    assert found.retention.estimate == pytest.approx(np.mean(kept))
    assert abs(found.cost.estimate) > 0.01 and found.cost.low < found.cost.estimate < found.cost.high
    again = word_order_probe(model, tokenizer, sentences, n=n, n_shuffles=3, seed=4)
    assert again == found and again != word_order_probe(
        model, tokenizer, sentences, n=n, n_shuffles=3, seed=5
    )


def test_order_costs_a_bag_of_words_nothing():
    tokenizer = WordTokenizer([*LETTERS, "."])

    def bag(words):
        seen = sorted(word for word in words if word in LETTERS)
        return {seen[0]: 0.5, seen[-1]: 0.2}

    sentences = [" ".join(LETTERS[start : start + 5]) + " ." for start in range(6)]
    found = word_order_probe(Rules(tokenizer, bag), tokenizer, sentences)
    assert found.cost.estimate == pytest.approx(0, abs=1e-12) == found.cost.high
    assert (found.retention.estimate, found.retention.high) == (1, 1) and found.retention.low < 0.6


def test_word_order_uses_the_likelihood_that_it_is_given():
    model, tokenizer, _, _ = next(models())
    sentences = [" ".join(LETTERS[start : start + 5]) for start in range(6)]
    doubled = word_order_probe(
        model, tokenizer, sentences, likelihood=lambda *given: 2 * pseudo_log_likelihood(*given)
    )
    once = word_order_probe(model, tokenizer, sentences)
    assert doubled.cost.estimate == pytest.approx(2 * once.cost.estimate)


@pytest.mark.parametrize(
    ("sentences", "arguments", "message"),
    [
        (["a b c d"] * 6, {"n": 0}, "n to be a whole"),
        (["a b c d"] * 6, {"n_shuffles": 1.5}, "n_shuffles to be"),
        ("a b c d", {}, "list of sentences"),
        ([], {}, "list of sentences"),
        (["a b c d", "a b ."], {}, "at least 3 words"),
        (["a b c", "b c d", "z c d"], {}, "2; 1 of 3 items"),
        (["a [MASK] c"], {}, "without mask"),
    ],
)
def test_word_order_refuses(sentences, arguments, message):
    model, tokenizer, _, _ = next(models())
    with pytest.raises(InputError, match=message):
        word_order_probe(model, tokenizer, sentences, **arguments)


def test_no_probe_warns_of_what_it_counts():
    tokenizer = word_tokenizer([*LETTERS, "not"])
    model = context_model(tokenizer.vocab_size, seed=1)
    items = [
        NegationItem(f"{a} {b} [MASK]", f"{a} {b} not [MASK]", "b", "c") for a in LETTERS[:5] for b in LETTERS
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = negation_probe(model, tokenizer, [*items, NegationItem("z [MASK]", "z not [MASK]", "b", "c")])
    assert len(found.unknown) == 1 and found.n_used == 50
