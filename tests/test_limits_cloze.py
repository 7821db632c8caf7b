"""Gaps asked about, shares bounded and distributions compared, against slow oracles."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.spatial import distance
from scipy.stats import binom
from test_bias_scoring import BUILDERS, camembert, own

from attentif.bias import MaskedScorer, cluster_bootstrap
from attentif.checks.recipes import context_model, hub_piece_tokenizer, piece_tokenizer, word_tokenizer
from attentif.errors import InputError
from attentif.limits import ask, distributions, exact_proportion, gap, jensen_shannon, proportion
from attentif.limits.cloze import ask_items, with_article
from attentif.limits.comparing import rank
from attentif.limits.negation import NegationItem


@pytest.mark.parametrize("name", BUILDERS)
def test_a_question_hides_the_word_as_it_is_written_there(name):
    model, tokenizer = BUILDERS[name]()
    scorer = MaskedScorer(model, tokenizer)
    for word in ("elle", "médecin", "infirmière", "chat"):
        ids = list(scorer.encode(f"il est {word} .").ids)
        found = scorer.locate(f"il est {word} .", 7, 7 + len(word))[1]
        question = ask(scorer, "il est [MASK] .", word)
        if len(found) > 1 or scorer.unk_id in ids:
            assert question is None  # never its first piece
            continue
        assert ids[found[0]] == question.token_id
        ids[found[0]] = scorer.mask_id
        assert (tuple(ids), found[0]) == (question.ids, question.position) == question.context


@pytest.mark.parametrize("make", [piece_tokenizer, hub_piece_tokenizer])
def test_a_word_of_pieces_an_unknown_one_and_an_unknown_text_are_all_none(make):
    tokenizer = make(["infirm", "##ière", "il", "dort", "."])
    scorer = MaskedScorer(context_model(tokenizer.vocab_size, seed=1), tokenizer)
    assert ask(scorer, "il [MASK] .", "dort") is not None
    assert ask(scorer, "il [MASK] .", "infirmière") is None
    assert ask(scorer, "il [MASK] .", "médecin") is None
    assert ask(scorer, "nous [MASK] .", "dort") is None
    assert gap(scorer, "nous [MASK] .") is None and gap(scorer, "il [MASK] .") is not None


def test_a_word_that_melts_with_its_neighbour_is_none_but_a_text_too_long_is_an_error():
    tokenizer = piece_tokenizer(["chat", "chats", "il"])
    scorer = MaskedScorer(context_model(tokenizer.vocab_size, seed=1, max_length=6), tokenizer)
    assert ask(scorer, "il [MASK]s", "chat") is None
    with pytest.raises(InputError, match="at most 6 tokens"):
        ask(scorer, "il il il il il [MASK]", "chat")


def test_camembert_reads_the_neighbours_of_a_word_not_of_a_mask():
    model, tokenizer = camembert()
    scorer = MaskedScorer(model, tokenizer)
    question = ask(scorer, "il est [MASK].", "médecin")
    assert question.ids == (*scorer.encode("il est médecin.").ids[:3], scorer.mask_id, *question.ids[4:])
    assert scorer.token(question.token_id) == "médecin"


@pytest.mark.parametrize("text", ["il dort .", "[MASK] [MASK] .", 3])
def test_one_gap_no_more_no_less(text):
    tokenizer = word_tokenizer(["il", "dort", "."])
    scorer = MaskedScorer(context_model(tokenizer.vocab_size, seed=1), tokenizer)
    with pytest.raises(InputError, match="one \\[MASK\\]"):
        ask(scorer, text, "il")
    with pytest.raises(InputError, match="a word for"):
        ask(scorer, "[MASK] dort", " ")


def test_the_article_goes_with_the_word():
    assert with_article("It is (a|an) [MASK], not (A|an) [MASK]", "Eel") == "It is an [MASK], not An [MASK]"
    assert with_article("no article", "eel") == "no article"


@pytest.mark.parametrize("batch_size", [1, 2, 64])
def test_distributions_do_not_depend_on_the_batch(batch_size):
    model, tokenizer = own("word")
    scorer = MaskedScorer(model, tokenizer)
    texts = ["il est [MASK] .", "[MASK] dort", "la infirmière [MASK] un chat .", "il est [MASK] ."]
    contexts = [gap(scorer, text) for text in texts if gap(scorer, text)]
    rows = distributions(scorer, contexts, batch_size)
    assert len(rows) == len(set(contexts)) >= 2
    for ids, place in contexts:
        with torch.no_grad():
            logits = model.eval()(torch.tensor([ids]))[0, place].double()
        torch.testing.assert_close(rows[ids, place], logits - logits.logsumexp(0), rtol=0, atol=1e-9)


def test_ranks_count_equals_first():
    row = torch.tensor([0.1, 0.4, 0.4, 0.1]).log()
    assert [rank(row, token) for token in range(4)] == [4, 2, 2, 4]


def test_jensen_shannon_is_scipys():
    generator = np.random.default_rng(0)
    p, q = generator.dirichlet(np.full(7, 0.3), size=(2, 5))
    p[0, 2] = 0.0
    p /= p.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore"):
        found = jensen_shannon(torch.from_numpy(np.log(p)), torch.from_numpy(np.log(q))).numpy()
    expected = [distance.jensenshannon(a, b, base=2) for a, b in zip(p, q, strict=True)]
    np.testing.assert_allclose(found, expected, atol=1e-12)
    same = torch.randn(50, dtype=torch.float64).log_softmax(0)
    assert jensen_shannon(same, same).item() == pytest.approx(0, abs=1e-7)


@pytest.mark.parametrize(("hits", "n"), [(0, 8), (8, 8), (3, 8), (17, 40), (1, 1)])
def test_the_exact_interval_inverts_the_binomial_tails(hits, n):
    found = exact_proportion([True] * hits + [False] * (n - hits), chance=0.4)

    def solve(tail, rising):  # the share at which a tail is 0.025, by bisection
        low, high = 0.0, 1.0
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if (tail(middle) < 0.025) == rising else (low, middle)
        return low

    low = solve(lambda p: binom.sf(hits - 1, n, p), rising=True) if hits else 0.0
    high = solve(lambda p: binom.cdf(hits, n, p), rising=False) if hits < n else 1.0
    assert (found.low, found.high) == (pytest.approx(low, abs=1e-9), pytest.approx(high, abs=1e-9))
    probabilities = [binom.pmf(k, n, 0.4) for k in range(n + 1)]
    rare = [p for p in probabilities if p <= probabilities[hits] * (1 + 1e-7)]
    assert found.p_value == pytest.approx(sum(rare)) and found.estimate == hits / n


def test_shares_are_exact_where_hits_are_independent_and_grouped_elsewhere():
    hits = [True, False, True, True, False, True, True]
    alone = proportion(hits, range(7))
    exact = exact_proportion(hits, 0.5)
    assert (alone.low, alone.high, alone.n_groups) == (exact.low, exact.high, 7)
    groups = [0, 0, 1, 2, 3, 4, 4]
    with pytest.warns(UserWarning, match="too narrow"):
        assert proportion(hits, groups) == cluster_bootstrap([float(hit) for hit in hits], groups)
    # Hits that are all alike: as many trials as groups, not a width of 0 nor one of 60 trials.
    sure = proportion([True] * 60, [number // 10 for number in range(60)])
    assert (sure.estimate, sure.high) == (1.0, 1.0)
    assert sure.low == pytest.approx(0.025 ** (1 / 6)) and sure.n_groups == 6 and sure.effective_size == 6.0
    never = proportion([False] * 4, range(4), interval=None)
    assert (never.estimate, never.low, never.n_groups, never.effective_size) == (0.0, 0.0, 4, 4.0)
    assert never.high == pytest.approx(1 - 0.025**0.25)


@pytest.mark.parametrize("hits", [[], [0.5, 1], [math.nan], "yes"])
def test_shares_of_what_is_no_hit_are_refused(hits):
    with pytest.raises(InputError):
        proportion(hits, range(len(hits)))


def test_labels_go_with_hits_and_chance_is_a_probability():
    with pytest.raises(InputError, match="3 group labels"):
        proportion([True, False, True], [0, 1])
    with pytest.raises(InputError, match="between 0 and 1"):
        exact_proportion([True], chance=1.0)


def test_too_few_items_left_says_how_many_the_vocabulary_lacks():
    tokenizer = word_tokenizer(["a", "b", "not"])
    scorer = MaskedScorer(context_model(tokenizer.vocab_size, seed=1), tokenizer)
    items = [NegationItem(f"{a} [MASK]", f"{a} not [MASK]", "a", "b") for a in "abcd"]
    kept, unknown = ask_items(scorer, items)
    assert [item for item, _ in kept] == items[:2] and unknown == ("c [MASK]", "d [MASK]")
    with pytest.raises(InputError, match="2 of 4 items have words"):
        ask_items(scorer, items, fewest=5)
    for nothing in ([], "items", [1]):
        with pytest.raises(InputError, match="at least one item"):
            ask_items(scorer, nothing)
