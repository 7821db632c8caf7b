"""Embeddings, heads, whole models: tied weights, first loss, causality, padding, composition, bad sizes."""

from __future__ import annotations

import math
from dataclasses import fields, replace

import pytest
import torch
from oracles import assert_same, assert_same_gradients, encoder_layer_pairs, randn, randomise, seeded
from torch import nn
from torch.nn import functional as F

from attentif import (
    BertEmbeddings,
    CausalLM,
    CausalLMHead,
    Decoder,
    DecoderBlock,
    Encoder,
    EncoderBlock,
    FeedForward,
    InputError,
    MaskedLM,
    MaskedLMHead,
    ModelConfig,
    MultiHeadAttention,
    NextSentenceHead,
    Parts,
    Seq2Seq,
    TokenEmbeddings,
    count_parameters,
    fused_attention,
    scaled_dot_product_attention,
    sinusoidal_encoding,
)

V, D, LENGTH = 23, 12, 9
CONFIG = ModelConfig(vocab_size=V, d_model=D, n_layers=2, n_heads=3, max_length=LENGTH, d_ff=20, dropout=0.0)
MODELS = (MaskedLM, CausalLM, Seq2Seq)


def tokens(*shape: int, seed: int = 0, low: int = 5, high: int = V) -> torch.Tensor:
    return torch.randint(low, high, shape, generator=seeded(seed))


def build(kind=CausalLM, seed: int = 0, parts: Parts = Parts(), **changes) -> nn.Module:
    return randomise(kind(replace(CONFIG, **changes), parts), seed).eval()


def run(model: nn.Module, seed: int = 0, length: int = 6) -> torch.Tensor:
    """Logits of two random rows (and a source, for a Seq2Seq)."""
    ids = tokens(2, length, seed=seed)
    return model(tokens(2, 4, seed=seed + 50), ids) if isinstance(model, Seq2Seq) else model(ids)


# Embeddings


def check_bert_embeddings(kind) -> None:
    ours = randomise(kind(V, D, LENGTH, n_segments=3, dropout=0.4), seed=1).eval()
    ids, segments = tokens(2, 5), tokens(2, 5, seed=1, low=0, high=3)
    tables = [
        table.weight.detach().clone().requires_grad_() for table in (ours.token, ours.segment, ours.position)
    ]
    weight, bias = (tensor.detach().clone().requires_grad_() for tensor in (ours.norm.weight, ours.norm.bias))
    for given in (segments, None):
        index = torch.zeros_like(ids) if given is None else given
        total = tables[0][ids] + tables[1][index] + tables[2][torch.arange(5)]
        expected = F.layer_norm(total, (D,), weight, bias, 1e-12)
        assert_same_gradients(
            ours(ids, given),
            expected,
            [
                (ours.token.weight, tables[0]), (ours.segment.weight, tables[1]),
                (ours.position.weight, tables[2]), (ours.norm.weight, weight), (ours.norm.bias, bias),
            ],
        )  # fmt: skip


def test_bert_embeddings_add_token_segment_and_position():
    check_bert_embeddings(BertEmbeddings)


class NoSegment(BertEmbeddings):
    def forward(self, token_ids, segment_ids=None):
        return super().forward(token_ids, torch.zeros_like(token_ids)) + 0 * self.segment.weight.sum()


class PositionFromOne(BertEmbeddings):
    def forward(self, token_ids, segment_ids=None):
        self.position.weight.data = self.position.weight.data.roll(-1, 0)
        try:
            return super().forward(token_ids, segment_ids)
        finally:
            self.position.weight.data = self.position.weight.data.roll(1, 0)


class DropoutAlways(BertEmbeddings):
    def forward(self, token_ids, segment_ids=None):
        return F.dropout(super().forward(token_ids, segment_ids), 0.4)


@pytest.mark.parametrize("mistake", [NoSegment, PositionFromOne, DropoutAlways])
def test_the_comparison_sees_wrong_embeddings(mistake):
    with pytest.raises(AssertionError):
        check_bert_embeddings(mistake)


def test_only_the_rows_that_are_used_get_a_gradient():
    ours = randomise(BertEmbeddings(V, D, LENGTH), seed=1)
    ids, segments = torch.tensor([[7, 8, 7]]), torch.tensor([[0, 0, 0]])
    (ours(ids, segments) * randn(1, 3, D, seed=2)).sum().backward()
    used = [{7, 8}, {0}, {0, 1, 2}]
    for table, rows in zip((ours.token, ours.segment, ours.position), used, strict=True):
        assert set(table.weight.grad.abs().sum(1).nonzero().flatten().tolist()) == rows


@pytest.mark.parametrize("scale", [True, False])
@pytest.mark.parametrize("learned", [True, False])
def test_token_embeddings_add_a_position(learned, scale):
    ours = TokenEmbeddings(V, 6, LENGTH, learned=learned, scale=scale)
    if learned:
        randomise(ours, seed=1)
    ids = tokens(2, 5)
    position = ours.position[:5] if learned else sinusoidal_encoding(5, 6)
    factor = 6**0.5 if scale else 1.0
    assert_same(ours(ids), factor * ours.token.weight[ids] + position)
    names = {name for name, _ in ours.named_parameters()}
    assert names == ({"token.weight", "position"} if learned else {"token.weight"})


@pytest.mark.parametrize("embeddings", [TokenEmbeddings, BertEmbeddings])
def test_embeddings_drop_in_training_only(embeddings):
    ours = randomise(embeddings(V, D, LENGTH, dropout=0.5))
    ids = tokens(2, 5)
    whole = ours.eval()(ids)
    dropped = ours.train()(ids)
    kept = dropped != 0
    assert 0 < kept.sum() < kept.numel()
    assert_same(dropped[kept], 2 * whole[kept])


@pytest.mark.parametrize("embeddings", [TokenEmbeddings, BertEmbeddings])
def test_a_sequence_longer_than_the_table_is_refused(embeddings):
    ours = embeddings(V, D, LENGTH)
    assert ours(tokens(1, LENGTH)).shape == (1, LENGTH, D)
    with pytest.raises(
        InputError, match=r"at most 9 tokens .the model's context., got a sequence of 10"
    ) as error:
        ours(tokens(1, LENGTH + 1))
    assert "\n" not in str(error.value)


# Heads


def check_masked_head(kind) -> None:
    embedding = randomise(nn.Embedding(V, D), seed=1)
    ours = randomise(kind(embedding), seed=2)
    copies = {name: p.detach().clone().requires_grad_() for name, p in ours.named_parameters()}
    hidden = randn(2, 5, D, seed=3, requires_grad=True)
    transformed = F.gelu(F.linear(hidden, copies["transform.weight"], copies["transform.bias"]))
    normed = F.layer_norm(transformed, (D,), copies["norm.weight"], copies["norm.bias"], 1e-12)
    expected = F.linear(normed, copies["token_embedding.weight"], copies["bias"])
    pairs = [(p, copies[name]) for name, p in ours.named_parameters()]
    assert {"token_embedding.weight", "bias"} < set(copies)
    assert_same_gradients(ours(hidden), expected, [(hidden, hidden), *pairs])


def test_masked_head_is_transform_gelu_norm_and_tied_decoder():
    check_masked_head(MaskedLMHead)


class WrongHead(MaskedLMHead):
    def forward(self, hidden):
        return self.compute(hidden) @ self.token_embedding.weight.T + self.bias


@pytest.mark.parametrize(
    "compute",
    [
        lambda self, h: F.gelu(self.norm(self.transform(h))),
        lambda self, h: self.norm(self.transform(h)),
        lambda self, h: self.norm(F.gelu(self.transform(h), approximate="tanh")),
        lambda self, h: self.norm(F.gelu(self.transform(h))).detach(),
    ],
    ids=["norm before gelu", "no gelu", "tanh gelu", "detached"],
)
def test_the_comparison_sees_wrong_masked_heads(compute):
    wrong = type("Wrong", (WrongHead,), {"compute": compute})
    with pytest.raises(AssertionError):
        check_masked_head(wrong)


def test_causal_head_is_the_transposed_embedding():
    embedding = randomise(nn.Embedding(V, D), seed=1)
    table = embedding.weight.detach().clone().requires_grad_()
    hidden = randn(2, 5, D, seed=3, requires_grad=True)
    got = CausalLMHead(embedding)(hidden)
    assert_same_gradients(got, F.linear(hidden, table), [(hidden, hidden), (embedding.weight, table)])


def test_next_sentence_head_reads_the_first_position():
    ours = randomise(NextSentenceHead(D), seed=1)
    hidden = randn(2, 5, D, seed=3, requires_grad=True)
    pooled = torch.tanh(F.linear(hidden[:, 0], ours.pooler.weight, ours.pooler.bias))
    expected = F.linear(pooled, ours.classifier.weight, ours.classifier.bias)
    assert_same_gradients(ours(hidden), expected, [(hidden, hidden)])
    (gradient,) = torch.autograd.grad(ours(hidden).sum(), hidden)
    assert gradient[:, 1:].abs().max() == 0


# Whole models against torch's stacks


@pytest.mark.parametrize(("norm_first", "activation"), [(True, "gelu"), (True, "relu"), (False, "gelu")])
@pytest.mark.parametrize("kind", [MaskedLM, CausalLM])
def test_bodies_equal_torch_stacks(kind, norm_first, activation):
    model = build(kind, norm_first=norm_first, activation=activation, n_segments=0)
    body = model.encoder if kind is MaskedLM else model.decoder
    layer = nn.TransformerEncoderLayer(D, 3, 20, 0.0, activation, batch_first=True, norm_first=norm_first)
    norm = nn.LayerNorm(D) if norm_first else None
    theirs = nn.TransformerEncoder(layer, 2, norm, enable_nested_tensor=False).double().train()
    pairs = [
        pair
        for mine, his in zip(body.blocks, theirs.layers, strict=True)
        for pair in encoder_layer_pairs(mine, his)
    ]
    if norm_first:
        pairs += [(body.final_norm.weight, norm.weight), (body.final_norm.bias, norm.bias)]
    with torch.no_grad():
        for mine, his in pairs:
            his.copy_(torch.cat(mine) if isinstance(mine, tuple) else mine)
    ids = tokens(2, 6)
    ids[1, 4:] = 0
    x = body.embeddings(ids)
    if kind is MaskedLM:
        expected = theirs(x, src_key_padding_mask=ids == 0)
    else:
        future = torch.ones(6, 6, dtype=torch.bool).triu(1)
        expected = theirs(x, mask=future)
    assert_same_gradients(body(ids), expected, pairs)


# Tied weights


@pytest.mark.parametrize("kind", MODELS)
def test_embedding_and_head_are_one_tensor(kind, tmp_path):
    model = build(kind)
    body = model.decoder if kind is CausalLM else model.encoder
    table = body.embeddings.token.weight
    assert model.head.token_embedding.weight is table
    assert sum(parameter is table for parameter in model.parameters()) == 1
    if kind is Seq2Seq:
        assert model.decoder.embeddings.token.weight is table
    # Both uses of the table reach its gradient.
    run(model)[..., 3].sum().backward()
    assert table.grad[3].abs().max() > 0, "the head's use of a token that is not in the input"
    assert table.grad[5:].abs().max() > 0
    torch.save(model.state_dict(), tmp_path / "weights.pt")
    other = build(kind, seed=9)
    other.load_state_dict(torch.load(tmp_path / "weights.pt", weights_only=True))
    assert other.head.token_embedding.weight is not table
    tied = (other.decoder if kind is CausalLM else other.encoder).embeddings.token.weight
    assert other.head.token_embedding.weight is tied
    assert_same(run(other), run(model).detach())


@pytest.mark.parametrize("bias", [True, False])
def test_parameters_are_counted_once(bias):
    attention = 4 * (D * D + D * bias)
    feed_forward = 2 * D * 20 + D + 20
    block = attention + feed_forward + 2 * 2 * D
    causal = V * D + LENGTH * D + 2 * block + 2 * D
    assert build(CausalLM, bias=bias).n_parameters() == causal
    head = D * D + D + 2 * D + V
    pairs = D * D + D + 2 * D + 2
    assert build(MaskedLM, bias=bias).n_parameters() == causal + 2 * D + 2 * D + head + pairs
    cross = attention + 2 * D
    both = causal + LENGTH * D + 2 * block + 2 * D + 2 * cross
    assert build(Seq2Seq, bias=bias).n_parameters() == both
    wide = CausalLM(ModelConfig(vocab_size=500, d_model=128, n_layers=3, n_heads=4, max_length=16))
    assert abs(count_parameters(3, 128, 500) / wide.n_parameters() - 1) < 0.02


# Initial weights and the first loss


@pytest.mark.parametrize("kind", [MaskedLM, CausalLM])
def test_first_loss_is_that_of_gaussian_logits(kind):
    """ln V + ½ Var(logits): the mean of exp over a Gaussian.

    For given logits and independent targets the loss differs from the mean of logsumexp − mean by a sampling
    error of √(Var/N). That mean differs from ln V + ½ Var by the sample's third cumulant over 6, of standard
    deviation √(6/V)/6 = 0.013 for V = 1000 and a variance of 1: 0.05 is nearly four of them.
    """
    vocab_size = 1000
    torch.manual_seed(1)
    model = kind(ModelConfig(vocab_size=vocab_size, d_model=64, n_heads=4, max_length=32)).eval()
    ids, targets = tokens(16, 32, high=vocab_size), tokens(16, 32, seed=1, high=vocab_size)
    with torch.no_grad():
        logits = model(ids).flatten(0, 1)
    loss = F.cross_entropy(logits, targets.flatten()).item()
    variance = logits.var(dim=-1).mean().item()
    centred = (logits.logsumexp(-1) - logits.mean(-1)).mean().item()
    assert abs(loss - centred) < 5 * math.sqrt(variance / targets.numel())
    assert abs(centred - (math.log(vocab_size) + variance / 2)) < 0.05
    # Weights of 1/√D after a normalisation: logits of variance 1, neither 0.03 (0.02) nor D (N(0, 1)).
    assert 0.8 < variance < 1.25


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize(("given", "expected"), [(None, 1 / math.sqrt(96)), (0.03, 0.03)])
def test_initial_weights_have_the_announced_spread(kind, given, expected):
    torch.manual_seed(2)
    model = kind(ModelConfig(vocab_size=50, d_model=96, n_layers=3, n_heads=4, init_std=given))
    for name, parameter in model.named_parameters():
        if parameter.dim() < 2:
            assert bool((parameter == float(name.endswith("weight"))).all()), name
            continue
        wanted = expected
        if name.endswith(("output_projection.weight", "contract.weight")):
            wanted /= math.sqrt(2 * 3)
        # The standard deviation of n normal numbers is itself uncertain by 1/√(2n).
        allowed = 5 / math.sqrt(2 * parameter.numel())
        assert abs(parameter.std().item() / wanted - 1) < allowed, name
        assert abs(parameter.mean().item()) < 5 * wanted / math.sqrt(parameter.numel()), name


@pytest.mark.parametrize("kind", [CausalLM, Seq2Seq])
def test_scaled_embeddings_reach_the_blocks(kind):
    """The tokens' vectors are multiplied by √D before the position is added, in every embedding of the model."""
    sizes = ModelConfig(
        vocab_size=V, d_model=6, n_heads=2, max_length=LENGTH, dropout=0.0, scale_embeddings=True
    )
    model = kind(sizes)
    embeddings = [m for m in model.modules() if isinstance(m, TokenEmbeddings)]
    assert len(embeddings) == (2 if kind is Seq2Seq else 1)
    for one in embeddings:
        ids = tokens(2, 5)
        assert_same(one(ids), 6**0.5 * one.token.weight[ids] + one.position[:5])


# What a model may look at


def test_a_causal_model_sees_the_past_only():
    model = build(CausalLM)
    ids = tokens(2, 7)
    logits = model(ids)
    for t in range(7):
        changed = ids.clone()
        changed[:, t] = (ids[:, t] - 5 + 1) % (V - 5) + 5
        difference = (model(changed) - logits).abs().amax(dim=(0, 2))
        assert bool((difference[:t] == 0).all()) and bool((difference[t:] > 1e-9).all())
        # A prefix alone gives what it gives in the whole.
        assert_same(model(ids[:, : t + 1]), logits[:, : t + 1])


def test_a_masked_model_sees_both_sides():
    model = build(MaskedLM)
    ids = tokens(2, 7)
    for t in (0, 3, 6):
        changed = ids.clone()
        changed[:, t] = (ids[:, t] - 5 + 1) % (V - 5) + 5
        assert bool(((model(changed) - model(ids)).abs().amax(dim=(0, 2)) > 1e-9).all())


def test_segments_and_positions_matter_to_a_masked_model():
    model = build(MaskedLM)
    ids = tokens(2, 6)
    segments = torch.tensor([[0, 0, 0, 1, 1, 1]] * 2)
    assert not torch.allclose(model(ids, segments), model(ids))
    assert_same(model(ids, torch.zeros_like(ids)), model(ids))
    assert not torch.allclose(model(ids.flip(1)).flip(1), model(ids))
    # Only the position tells two equal tokens apart.
    same = torch.full((1, 4), 7)
    assert not torch.allclose(model(same)[:, 0], model(same)[:, 3])


@pytest.mark.parametrize("norm_first", [True, False])
def test_padding_changes_neither_logits_nor_gradients_of_a_masked_model(norm_first):
    model = build(MaskedLM, norm_first=norm_first)
    short, long = tokens(1, 4), tokens(1, 7, seed=1)
    padded = torch.cat([torch.cat([short, torch.zeros(1, 3, dtype=torch.long)], 1), long])
    assert_same(model(padded)[:1, :4], model(short))
    assert_same(model(padded)[1:], model(long))
    gradients = []
    for ids in (short, padded[:1]):
        model.zero_grad()
        (model(ids)[:, :4] * randn(1, 4, V, seed=3)).sum().backward()
        gradients.append([parameter.grad for parameter in model.parameters() if parameter.grad is not None])
    for alone, with_padding in zip(*gradients, strict=True):
        assert_same(with_padding, alone)


def test_padding_on_the_right_changes_nothing_for_a_causal_model():
    model = build(CausalLM)
    short = tokens(1, 4)
    padded = torch.cat([short, torch.zeros(1, 3, dtype=torch.long)], 1)
    assert_same(model(padded)[:, :4], model(short))


def test_a_row_of_padding_only_is_finite():
    for kind in MODELS:
        model = build(kind)
        nothing = torch.zeros(2, 5, dtype=torch.long)
        logits = model(nothing, nothing) if kind is Seq2Seq else model(nothing)
        logits.square().sum().backward()
        assert bool(torch.isfinite(logits).all())
        assert all(bool(torch.isfinite(p.grad).all()) for p in model.parameters() if p.grad is not None)


@pytest.mark.parametrize("norm_first", [True, False])
def test_seq2seq_reads_its_source_and_hides_its_padding(norm_first):
    model = build(Seq2Seq, norm_first=norm_first)
    source, target = tokens(2, 5), tokens(2, 4, seed=1)
    logits = model(source, target)
    for s in range(5):
        changed = source.clone()
        changed[:, s] = (source[:, s] - 5 + 1) % (V - 5) + 5
        assert bool(((model(changed, target) - logits).abs().amax(dim=(0, 2)) > 1e-9).all())
    assert not torch.allclose(model(source.flip(1), target), logits)
    padded = torch.cat([source, torch.zeros(2, 3, dtype=torch.long)], 1)
    assert_same(model(padded, target), logits)
    # One row of the source is nobody else's business.
    assert_same(model(torch.stack([source[0], source[0]]), target)[0], logits[0])
    for t in range(4):
        changed = target.clone()
        changed[:, t] = (target[:, t] - 5 + 1) % (V - 5) + 5
        difference = (model(source, changed) - logits).abs().amax(dim=(0, 2))
        assert bool((difference[:t] == 0).all()) and bool((difference[t:] > 1e-9).all())


def test_every_parameter_takes_part():
    ids = tokens(2, 6)
    for kind in MODELS:
        model = build(kind)
        direction = randn(2, 6, V, seed=4)
        loss = (run(model) * direction).sum()
        if kind is MaskedLM:
            loss = loss + (model.next_sentence_head(model.hidden(ids, ids % 2)) * randn(2, 2, seed=5)).sum()
        loss.backward()
        for name, parameter in model.named_parameters():
            assert parameter.grad is not None, name
            # A key's bias adds the same to all scores of a query: its gradient is 0 but for rounding.
            assert name.endswith("key_projection.bias") or parameter.grad.abs().max() > 1e-9, name


@pytest.mark.parametrize("kind", MODELS)
def test_the_settings_reach_every_part(kind):
    model = build(kind, dropout=0.3, activation="relu", norm_first=False, d_ff=17)
    modules = list(model.modules())
    blocks = [m for m in modules if isinstance(m, (EncoderBlock, DecoderBlock))]
    attentions = [m for m in modules if isinstance(m, MultiHeadAttention)]
    embeddings = [m for m in modules if isinstance(m, (BertEmbeddings, TokenEmbeddings))]
    networks = [m for m in modules if isinstance(m, FeedForward)]
    assert (len(blocks), len(attentions)) == ((4, 6) if kind is Seq2Seq else (2, 2))
    assert all(attention.dropout == 0.3 for attention in attentions)
    assert all(part.dropout.p == 0.3 for part in (*blocks, *embeddings, *networks))
    assert all(network.activation is F.relu for network in networks)
    assert all(network.expand.out_features == 17 for network in networks)
    assert not any(block.norm_first for block in blocks)


@pytest.mark.parametrize("kind", MODELS)
def test_dropout_acts_in_training_only(kind):
    model = build(kind, dropout=0.3)
    still = build(kind)
    assert torch.equal(run(model), run(still))
    model.train()
    assert not torch.allclose(run(model), run(model))


# Composition


@pytest.mark.parametrize("kind", MODELS)
def test_the_attend_that_is_given_is_the_one_that_runs(kind):
    calls = []

    def counting(query, key, value, mask=None, dropout_p=0.0):
        calls.append(query.shape)
        return scaled_dot_product_attention(query, key, value, mask, dropout_p)

    def unscaled(query, key, value, mask=None, dropout_p=0.0):
        return scaled_dot_product_attention(2 * query, key, value, mask, dropout_p)

    expected = run(build(kind))
    assert torch.equal(run(build(kind, parts=Parts(attend=counting))), expected)
    assert len(calls) == {MaskedLM: 2, CausalLM: 2, Seq2Seq: 6}[kind]
    assert not torch.allclose(run(build(kind, parts=Parts(attend=unscaled))), expected)
    assert_same(run(build(kind, parts=Parts(attend=fused_attention))), expected)


USED_BY = {
    "attend": {Seq2Seq, MaskedLM, CausalLM},
    "causal_mask": {Seq2Seq, CausalLM},
    "padding_mask": {Seq2Seq, MaskedLM},
    "positions": {Seq2Seq, CausalLM},  # when they are not learned
    "attention": {Seq2Seq, MaskedLM, CausalLM},
    "feed_forward": {Seq2Seq, MaskedLM, CausalLM},
    "norm": {Seq2Seq, MaskedLM, CausalLM},
    "encoder_block": {Seq2Seq, MaskedLM},
    "decoder_block": {Seq2Seq, CausalLM},
    "token_embeddings": {Seq2Seq, CausalLM},
    "bert_embeddings": {MaskedLM},
    "masked_head": {MaskedLM},
    "causal_head": {Seq2Seq, CausalLM},
    "next_sentence_head": {MaskedLM},
}


@pytest.mark.parametrize("part", [field.name for field in fields(Parts)])
def test_every_part_can_be_replaced(part):
    assert set(USED_BY) == {field.name for field in fields(Parts)}
    original = getattr(Parts(), part)
    for kind in MODELS:
        changes = {"learned_positions": False} if part == "positions" and kind in USED_BY[part] else {}
        calls = []

        def counting(*arguments, **named):
            calls.append(arguments)  # noqa: B023
            return original(*arguments, **named)

        model = build(kind, parts=Parts(**{part: counting}), **changes)
        built = len(calls)
        assert torch.equal(run(model), run(build(kind, **changes)))
        if part in ("attend", "causal_mask", "padding_mask"):
            assert built == 0 and (len(calls) > 0) == (kind in USED_BY[part])
        else:
            assert (built > 0) == (kind in USED_BY[part]) and len(calls) == built


def test_a_block_of_ones_own_needs_only_the_same_contract():
    class Bag(nn.Module):
        """An encoder block that averages the visible positions, for want of attention."""

        def __init__(self, attention, feed_forward, norm_attention, norm_feed_forward, dropout, norm_first):
            super().__init__()
            self.feed_forward = feed_forward

        def forward(self, x, mask=None):
            seen = mask.squeeze(1).to(x.dtype)  # (B, 1, T)
            return x + self.feed_forward(seen @ x / seen.sum(-1, keepdim=True))

    model = build(MaskedLM, parts=Parts(encoder_block=Bag))
    short = tokens(1, 4)
    padded = torch.cat([short, torch.zeros(1, 3, dtype=torch.long)], 1)
    assert_same(model(padded)[:, :4], model(short))


# Bad sizes


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"d_model": 10, "n_heads": 4}, "multiple of n_heads, got d_model=10 and n_heads=4; take n_heads=5"),
        ({"d_model": 7, "n_heads": 3}, "got d_model=7 and n_heads=3; take n_heads=1"),
        ({"vocab_size": 0}, "vocab_size of at least 1, got 0"),
        ({"n_layers": 0}, "n_layers of at least 1, got 0"),
        ({"n_heads": 0}, "n_heads of at least 1, got 0"),
        ({"max_length": -1}, "max_length of at least 1, got -1"),
        ({"dropout": 1.0}, r"dropout in \[0, 1\), got 1.0"),
        ({"dropout": -0.1}, r"dropout in \[0, 1\), got -0.1"),
        ({"init_std": float("nan")}, "init_std of at least 0, got nan"),
        ({"activation": "tanh"}, "one of relu, gelu, gelu_tanh, got 'tanh'"),
        ({"d_model": 9, "n_heads": 3, "learned_positions": False}, "even d_model"),
    ],
)
def test_sizes_that_cannot_be_built_are_refused(changes, message):
    with pytest.raises(InputError, match=message) as error:
        replace(CONFIG, **changes)
    assert "\n" not in str(error.value)


def test_a_config_is_plain_values_and_cannot_be_changed():
    assert ModelConfig(**CONFIG.to_dict()) == CONFIG
    assert CONFIG.hidden_width == 20 and replace(CONFIG, d_ff=None).hidden_width == 4 * D
    with pytest.raises(AttributeError):
        CONFIG.d_model = 5


@pytest.mark.parametrize("kind", MODELS)
def test_a_sequence_longer_than_the_context_is_refused(kind):
    model = build(kind)
    run(model, length=LENGTH)
    with pytest.raises(InputError, match="at most 9 tokens"):
        run(model, length=LENGTH + 1)
    if kind is Seq2Seq:
        with pytest.raises(InputError, match="at most 9 tokens"):
            model(tokens(2, LENGTH + 1), tokens(2, 3))


def test_bodies_alone_give_vectors():
    assert Encoder(CONFIG)(tokens(2, 5)).shape == (2, 5, D)
    assert Decoder(CONFIG)(tokens(2, 5)).shape == (2, 5, D)
    crossed = Decoder(CONFIG, cross=True)(tokens(2, 5), torch.randn(2, 7, D))
    assert crossed.shape == (2, 5, D)


@pytest.mark.parametrize("learned", [True, False])
def test_positions_are_those_that_the_config_asks_for(learned):
    for kind in (CausalLM, Seq2Seq):
        model = build(kind, learned_positions=learned)
        assert isinstance(model.decoder.embeddings.position, nn.Parameter) == learned
    model = build(MaskedLM, n_segments=0, learned_positions=learned)
    assert isinstance(model.encoder.embeddings.position, nn.Parameter) == learned
