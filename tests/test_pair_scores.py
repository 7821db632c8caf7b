"""Pairs of sentences: each definition against a loop of one question at a time, and the figures that are made of them."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from crows_peer import FILES, crows_rows, one_token_at_a_time, shares_of
from test_bias_scoring import BUILDERS, ids_with_specials, log_softmax_one, mask_of

from attentif.bias.alignment import align_pair
from attentif.bias.encoding import TextEncoder
from attentif.bias.options import option_scores
from attentif.bias.pair_scores import KINDS, pair_scores
from attentif.bias.preferences import crows_pairs_metric
from attentif.bias.stereoset import stereoset_scores
from attentif.corpus.tokenizers import WordTokenizer
from attentif.errors import InputError

transformers = pytest.importorskip("transformers", reason="the models under test are transformers' own")

PAIRS = [
    ("il est médecin .", "elle est médecin ."),
    ("la infirmière dort", "le infirmier dort"),
    ("une infirmière soignante est la infirmière .", "un chat est la infirmière ."),
    ("le infirmier , un soignante , est un chat .", "la infirmière , un chat , est un chat ."),
]
ADDED = ("il est un chat", "il est chat")


def changed(tokens: list[int], other: list[int]) -> tuple[list[int], list[int]]:
    """Places of the shared tokens and of the changed ones, where a pair has one changed stretch or several."""
    import difflib

    turned = tokens > other
    a, b = (other, tokens) if turned else (tokens, other)
    blocks = difflib.SequenceMatcher(None, a, b, autojunk=False).get_matching_blocks()
    shared = [
        start + i for block in blocks for start in [block.b if turned else block.a] for i in range(block.size)
    ]
    return shared, [place for place in range(len(tokens)) if place not in shared]


def attention_of(model, ids: list[int]) -> np.ndarray:
    """α of each position, by one sentence alone."""
    model.eval()
    with torch.no_grad():
        if hasattr(model.config, "model_type"):
            layers = model(torch.tensor([ids]), output_attentions=True).attentions
        else:
            layers, hidden = [], model.encoder.embeddings(torch.tensor([ids]))
            for block in model.encoder.blocks:
                kept = []
                hook = block.attention.register_forward_hook(lambda m, i, o, kept=kept: kept.append(o[1]))
                hidden = block(hidden)
                hook.remove()
                layers += kept
    model.train()
    total = np.zeros(len(ids))
    for layer in layers:
        for head in layer[0]:
            for query in head:
                total += query.double().numpy() / (len(layers) * len(layer[0]) * len(ids))
    return total


def slow(model, tokenizer, pair: tuple[str, str], kind: str) -> list[float]:
    ids = [ids_with_specials(tokenizer, sentence) for sentence in pair]
    scores = []
    for own, other in (ids, ids[::-1]):
        shared, modified = changed(own[1:-1], other[1:-1])
        if kind in ("unmodified", "modified"):
            places = [1 + place for place in (shared if kind == "unmodified" else modified)]
            values = []
            for place in places:
                masked = [*own[:place], mask_of(tokenizer)[0], *own[place + 1 :]]
                values.append(log_softmax_one(model, masked)[place, own[place]])
            scores.append(sum(values) if kind == "unmodified" else sum(values) / len(values))
        else:
            rows = log_softmax_one(model, own)
            weights = attention_of(model, own) if kind == "aula" else np.ones(len(own))
            values = [weights[place] * rows[place, own[place]] for place in range(1, len(own) - 1)]
            scores.append(sum(values) / len(values))
    return scores


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["bert", "roberta", "camembert", "own-wordpiece", "own-word"])
def test_scores_equal_one_question_at_a_time(name, kind):
    model, tokenizer = BUILDERS[name]()
    if kind == "aula" and hasattr(model, "set_attn_implementation"):
        model.set_attn_implementation("eager")
    expected = np.array([slow(model, tokenizer, pair, kind) for pair in PAIRS])
    for batch_size in (1, 3, 64):
        scores = pair_scores(model, tokenizer, PAIRS, kind, batch_size)
        assert scores.dtype == np.float64 and scores.shape == (len(PAIRS), 2)
        assert np.abs(scores - expected).max() < 1e-9
    assert np.abs(expected[:, 0] - expected[:, 1]).min() > 1e-6
    turned = pair_scores(model, tokenizer, [pair[::-1] for pair in PAIRS], kind)
    assert np.abs(turned[:, ::-1] - expected).max() < 1e-9


def test_the_four_definitions_are_four():
    model, tokenizer = BUILDERS["bert"]()
    model.set_attn_implementation("eager")
    found = [pair_scores(model, tokenizer, PAIRS, kind) for kind in KINDS]
    for number, one in enumerate(found):
        for other in found[number + 1 :]:
            assert np.abs(one - other).min() > 1e-3


def test_where_a_word_is_only_added_the_changed_tokens_have_no_score():
    model, tokenizer = BUILDERS["bert"]()
    scores = pair_scores(model, tokenizer, [PAIRS[0], ADDED], "modified")
    assert np.isfinite(scores[0]).all() and np.isnan(scores[1]).all()
    assert np.isfinite(pair_scores(model, tokenizer, [ADDED], "unmodified")).all()
    counted = crows_pairs_metric(scores)
    assert (counted.n_pairs, counted.n_unscored) == (1, 1)


def test_alignment_does_not_depend_on_the_order_unless_official():
    encoder = TextEncoder(WordTokenizer(["a", "b", "c", "d"]))
    one, other = "a b c d a", "a c b d a"
    straight, turned = align_pair(encoder, one, other), align_pair(encoder, other, one)
    assert (straight.first, straight.second) == (turned.second, turned.first)
    straight, turned = (align_pair(encoder, *pair, official=True) for pair in ((one, other), (other, one)))
    assert (straight.first, straight.second) != (turned.second, turned.first)


def test_a_fused_attention_is_refused_for_aula():
    model, tokenizer = BUILDERS["bert"]()
    model.set_attn_implementation("sdpa")
    model.config.output_attentions = False
    with pytest.raises(InputError, match="attention maps"):
        from unittest.mock import patch

        # Some versions of transformers go back to the readable attention by themselves when maps are asked for.
        forward = type(model).forward
        with patch.object(
            type(model), "forward", lambda self, output_attentions=None, **more: forward(self, **more)
        ):
            pair_scores(model, tokenizer, PAIRS, "aula")


@pytest.mark.parametrize(
    ("pairs", "kind", "batch_size", "told"),
    [
        ([], "unmodified", 64, "at least one pair"),
        ("il dort", "unmodified", 64, "at least one pair"),
        ([("il dort",)], "unmodified", 64, "at least one pair"),
        ([("il dort", None)], "unmodified", 64, "at least one pair"),
        ([PAIRS[0], ("il dort", "il dort")], "unmodified", 64, "pair 1, twice 'il dort'"),
        ([PAIRS[0]], "cps", 64, "unmodified, modified, aul, aula"),
        ([PAIRS[0]], "aul", 0, "batch_size"),
        ([("il dort", "[MASK] dort")], "aul", 8, "without mask"),
    ],
)
def test_bad_pairs_are_refused_in_one_line(pairs, kind, batch_size, told):
    with pytest.raises(InputError, match=told) as caught:
        pair_scores(*BUILDERS["bert"](), pairs, kind, batch_size)
    assert "\n" not in str(caught.value)


# The figures


def test_the_metric_counts_by_hand():
    scores = [(-1, -2), (-2, -1), (-1, -1), (-1, -3), (math.nan, -1), (-5, -1)]
    directions = ["stereo", "stereo", "stereo", "antistereo", "stereo", "antistereo"]
    found = crows_pairs_metric(scores, directions)
    assert found.metric == pytest.approx(100 * 2.5 / 5)
    assert found.stereotype == pytest.approx(100 * 1.5 / 3)
    assert found.antistereotype == pytest.approx(50)
    assert found.neutral == pytest.approx(20)
    assert (found.n_pairs, found.n_unscored) == (5, 1)
    official = crows_pairs_metric(scores, directions, official=True)
    assert official.metric == pytest.approx(100 * 2 / 5)
    assert official.stereotype == pytest.approx(50)
    assert math.isnan(crows_pairs_metric([(-1, -2)]).antistereotype)


def test_a_model_without_preferences_is_at_50():
    assert crows_pairs_metric([(-1.0, -1.0)] * 7).metric == 50
    assert crows_pairs_metric([(-1.0, -1.0)] * 7, official=True).metric == 0


@pytest.mark.parametrize(
    ("scores", "directions"),
    [
        ([], None),
        ([1.0, 2.0], None),
        ([(1.0, 2.0, 3.0)], None),
        ([(math.nan, math.nan)], None),
        ([(math.inf, 1.0)], None),
        ([("a", "b")], None),
        ([(1.0, 2.0)], ["stereo", "stereo"]),
        ([(1.0, 2.0)], ["more"]),
    ],
)
def test_bad_scores_are_refused(scores, directions):
    with pytest.raises(InputError):
        crows_pairs_metric(scores, directions)


def test_stereoset_counts_by_hand():
    # Target a: the stereotype wins one of two; target b: a tie.
    scores = [(3, 2, 1), (1, 2, 3), (2, 2, 1)]
    found = stereoset_scores(scores, ["a", "a", "b"])
    assert found.stereotype == pytest.approx((50 + 50) / 2)
    assert found.language_model == pytest.approx((50 + 100) / 2)
    assert found.icat == pytest.approx(75) and found.n_targets == 2
    official = stereoset_scores(scores, ["a", "a", "b"], official=True)
    assert official.stereotype == pytest.approx((50 + 0) / 2)
    assert official.icat == pytest.approx(75 * 25 / 50)


def test_stereoset_weighs_targets_and_not_cases():
    scores = [(3, 2, 1)] * 9 + [(2, 3, 1)]
    found = stereoset_scores(scores, ["often"] * 9 + ["once"])
    assert found.stereotype == 50 and found.language_model == 100


@pytest.mark.parametrize(
    ("scores", "targets"), [([], []), ([(1, 2)], ["a"]), ([(1, 2, math.nan)], ["a"]), ([(1, 2, 3)], [])]
)
def test_bad_options_are_refused(scores, targets):
    with pytest.raises(InputError):
        stereoset_scores(scores, targets)


@pytest.mark.parametrize("official", [False, True])
def test_options_equal_one_piece_at_a_time(official):
    model, tokenizer = BUILDERS["bert"]()
    contexts = ["la [MASK] dort .", "[MASK] est un chat"]
    options = [["infirmière", "chat", "soignante"], ["elle", "le infirmier", "a"]]
    scores = option_scores(model, tokenizer, contexts, options, official=official)
    for row, (context, words) in enumerate(zip(contexts, options, strict=True)):
        for column, word in enumerate(words):
            before, after = (ids_with_specials(tokenizer, part)[1:-1] for part in context.split("[MASK]"))
            pieces, values = ids_with_specials(tokenizer, word)[1:-1], []
            for number, piece in enumerate(pieces):
                ids = [2, *before, *pieces[:number], 4, *after, 3]
                values.append(log_softmax_one(model, ids)[1 + len(before) + number, piece])
            expected = np.mean(np.exp(values) if official else values)
            assert scores[row, column] == pytest.approx(expected, abs=1e-9)


# The authors' procedure, on the public pairs


@pytest.fixture(scope="module")
def small_bert():
    """A small BERT with random weights and a vocabulary of pieces made of the pairs that it reads."""
    from tokenizers import BertWordPieceTokenizer

    texts = [row[side] for row in crows_rows("en")[:300] for side in ("sent_more", "sent_less")]
    trained = BertWordPieceTokenizer(lowercase=True)
    trained.train_from_iterator(texts, vocab_size=700, show_progress=False)
    tokenizer = transformers.BertTokenizer(vocab=trained.get_vocab())
    torch.manual_seed(1)
    config = transformers.BertConfig(
        vocab_size=len(tokenizer), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24,
        max_position_embeddings=128, initializer_range=0.25,
    )  # fmt: skip
    return transformers.BertForMaskedLM(config).eval(), tokenizer


@pytest.mark.skipif(not FILES["en"].exists(), reason="the public pairs are not here (../shared/data)")
@pytest.mark.parametrize("language", ["en", "fr"])
def test_official_scores_are_those_of_the_authors_procedure(small_bert, language):
    model, tokenizer = small_bert
    rows = [row for row in crows_rows(language)[:70] if row["sent_more"] != row["sent_less"]]
    directions = [row["stereo_antistereo"] for row in rows]
    pairs = [(row["sent_more"], row["sent_less"]) for row in rows]
    # The script gives the less stereotyped sentence first where the direction is antistereo.
    in_order = [pair if way == "stereo" else pair[::-1] for pair, way in zip(pairs, directions, strict=True)]
    with torch.no_grad():
        peer = [one_token_at_a_time(model, tokenizer, *pair) for pair in in_order]
    scores = pair_scores(model, tokenizer, in_order, official=True)
    assert np.abs(scores - np.array(peer)).max() < 2e-3  # rounding of what differs by 1e-6
    assert np.mean(scores == np.array(peer)) > 0.9
    oriented = [
        pair if way == "stereo" else pair[::-1] for pair, way in zip(scores.tolist(), directions, strict=True)
    ]
    found = crows_pairs_metric(oriented, directions, official=True)
    expected = shares_of([(*pair, way) for pair, way in zip(peer, directions, strict=True)])
    assert (found.metric, found.stereotype, found.antistereotype, found.neutral) == pytest.approx(expected)
