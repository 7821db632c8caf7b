"""Rescue parts: a student who is stuck goes on with these. They are worth no marks.

They are thin wrappers of torch's own functions, or simpler stand-ins, and refuse to serve as the answer to
the exercise that they replace.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from attentif import attention, decoding
from attentif.errors import InputError
from attentif.objectives import SentencePair
from attentif.torch_blocks import TorchDecoderBlock, TorchEncoderBlock

_judged: list[str] = []


@contextmanager
def judging(exercise: str):
    """While an exercise is being judged, its own rescue part is not available."""
    _judged.append(exercise)
    try:
        yield
    finally:
        _judged.pop()


def _offer(exercise: str) -> None:
    if _judged and _judged[-1] == exercise:
        raise InputError(
            expected=f"an answer of your own to {exercise}",
            got="the rescue part",
            remedy="the rescue lets the rest of the notebook run, it is not an answer",
        )


def scaled_dot_product_attention(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None, dropout_p: float = 0.0
) -> tuple[Tensor, Tensor]:
    """torch's fused attention; the weights come from attending to the identity matrix."""
    _offer("scaled_dot_product_attention")
    # torch's kernel for CPUs does not look: it reads past the end of the shorter one.
    if key.shape[:-1] != value.shape[:-1]:
        raise InputError(
            expected="key (..., S, K) and value (..., S, d_v) of the same length S",
            got=f"{tuple(key.shape)} and {tuple(value.shape)}",
            remedy="take both from the sequence that is read",
        )
    hidden = None if mask is None else ~mask.any(dim=-1, keepdim=True)

    def attend(content: Tensor, drop: float) -> Tensor:
        answer = F.scaled_dot_product_attention(query, key, content, attn_mask=mask, dropout_p=drop)
        return answer if hidden is None else answer.masked_fill(hidden, 0.0)

    identity = torch.eye(key.size(-2), dtype=value.dtype, device=value.device)
    return attend(value, dropout_p), attend(identity.expand(*key.shape[:-1], -1), 0.0)


def causal_mask(length: int) -> Tensor:
    """torch's own causal mask, turned from 0 and −∞ into True and False."""
    _offer("causal_mask")
    return nn.Transformer.generate_square_subsequent_mask(length) == 0


class MultiHeadAttention(attention.MultiHeadAttention):
    """torch's own multi-head attention on the library's parameters; `attend` is unused."""

    def __init__(self, d_model: int, n_heads: int, dropout: float = 0.0, bias: bool = True, attend=None):
        _offer("MultiHeadAttention")
        super().__init__(d_model, n_heads, dropout, bias)

    def forward(
        self,
        query: Tensor,
        key: Tensor | None = None,
        value: Tensor | None = None,
        mask: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """See `attentif.MultiHeadAttention`."""
        _offer("MultiHeadAttention")
        key = query if key is None else key
        value = key if value is None else value
        hidden = None
        if mask is not None:
            full = mask.expand(query.size(0), self.n_heads, query.size(1), key.size(1))
            hidden = ~full.flatten(0, 1)  # (B * H, T, S)
        layers = (self.query_projection, self.key_projection, self.value_projection)
        bias = None if layers[0].bias is None else torch.cat([layer.bias for layer in layers])
        output, weights = F.multi_head_attention_forward(
            *(x.transpose(0, 1) for x in (query, key, value)), self.d_model, self.n_heads,
            torch.cat([layer.weight for layer in layers]), bias, None, None, False,
            self.dropout, self.output_projection.weight, self.output_projection.bias,
            training=self.training, attn_mask=hidden, average_attn_weights=False,
        )  # fmt: skip
        return output.transpose(0, 1), weights


def padding_mask(token_ids: Tensor, pad_id: int) -> Tensor:
    """A simpler mask: everything is visible, so that attention reads the padding too."""
    _offer("padding_mask")
    batch, length = token_ids.shape
    return torch.ones(batch, 1, 1, length, dtype=torch.bool, device=token_ids.device)


def sinusoidal_encoding(length: int, d_model: int) -> Tensor:
    """A simpler signature: random numbers in [−1, 1), the same for a position whatever the length."""
    _offer("sinusoidal_encoding")
    generator = torch.Generator().manual_seed(d_model)
    return 2.0 * torch.rand(length, d_model, generator=generator) - 1.0


class LayerNorm(nn.LayerNorm):
    """torch's nn.LayerNorm; its parameters have the names of the library's."""

    def __init__(self, d_model: int, eps: float = 1e-5):
        _offer("LayerNorm")
        super().__init__(d_model, eps=eps)

    def forward(self, x: Tensor) -> Tensor:
        """See `attentif.LayerNorm`."""
        _offer("LayerNorm")
        return super().forward(x)


class FeedForward(nn.Module):
    """torch's own layers in a row; the two with parameters have the names of the library's."""

    def __init__(self, d_model: int, d_ff: int, activation: str = "relu", dropout: float = 0.0):
        super().__init__()
        _offer("FeedForward")
        self.expand, self.contract = nn.Linear(d_model, d_ff), nn.Linear(d_ff, d_model)
        self.between = nn.Sequential(nn.ReLU() if activation == "relu" else nn.GELU(), nn.Dropout(dropout))

    def forward(self, x: Tensor) -> Tensor:
        """See `attentif.FeedForward`."""
        _offer("FeedForward")
        for layer in (self.expand, self.between, self.contract):
            x = layer(x)
        return x


class EncoderBlock(TorchEncoderBlock):
    """torch's nn.TransformerEncoderLayer around the parts that it is given."""

    def __init__(self, *parts: Any, **others: Any):
        _offer("EncoderBlock")
        super().__init__(*parts, **others)

    def forward(self, *inputs: Tensor | None, **others: Tensor | None) -> Tensor:
        """See `attentif.EncoderBlock`."""
        _offer("EncoderBlock")
        return super().forward(*inputs, **others)


class DecoderBlock(TorchDecoderBlock):
    """torch's nn.TransformerDecoderLayer around the parts that it is given."""

    def __init__(self, *parts: Any, **others: Any):
        _offer("DecoderBlock")
        super().__init__(*parts, **others)

    def forward(self, *inputs: Tensor | None, **others: Tensor | None) -> Tensor:
        """See `attentif.DecoderBlock`."""
        _offer("DecoderBlock")
        return super().forward(*inputs, **others)


class BertEmbeddings(nn.Module):
    """torch's embedding_bag: one bag of rows for each token, from the three tables laid end to end."""

    def __init__(
        self,
        vocab_size: int,
        d_model: int,
        max_length: int,
        n_segments: int = 2,
        dropout: float = 0.0,
        eps: float = 1e-12,
        norm: Callable | None = None,
    ):
        super().__init__()
        _offer("BertEmbeddings")
        sizes = {"token": vocab_size, "segment": n_segments, "position": max_length}
        for name, rows in sizes.items():
            self.add_module(name, nn.Embedding(rows, d_model))
        self.after = nn.Sequential(nn.LayerNorm(d_model, eps), nn.Dropout(dropout))

    def forward(self, token_ids: Tensor, segment_ids: Tensor | None = None) -> Tensor:
        """See `attentif.BertEmbeddings`."""
        _offer("BertEmbeddings")
        tables = [table.weight for table in (self.token, self.segment, self.position)]
        first_segment, first_position = len(tables[0]), len(tables[0]) + len(tables[1])
        places = first_position + torch.arange(token_ids[0].numel(), device=token_ids.device)
        segments = first_segment + (segment_ids if segment_ids is not None else 0 * token_ids)
        bags = torch.stack([token_ids, segments, places.broadcast_to(token_ids.shape)], -1)
        joined = F.embedding_bag(bags.flatten(0, 1), torch.cat(tables), mode="sum")
        return self.after(joined.unflatten(0, token_ids.shape))


class MaskedLMHead(nn.Module):
    """A simpler head: the comparison with the token embedding, and nothing before or after it."""

    def __init__(self, token_embedding: nn.Embedding, eps: float = 1e-12, norm: Callable | None = None):
        super().__init__()
        _offer("MaskedLMHead")
        self.token_embedding = token_embedding

    def forward(self, hidden: Tensor) -> Tensor:
        """See `attentif.MaskedLMHead`."""
        _offer("MaskedLMHead")
        return F.linear(hidden, self.token_embedding.weight)


class NextSentenceHead(nn.Module):
    """A simpler head: one linear layer on the mean over the positions."""

    def __init__(self, d_model: int):
        super().__init__()
        _offer("NextSentenceHead")
        self.linear = nn.Linear(d_model, 2)

    def forward(self, hidden: Tensor) -> Tensor:
        """See `attentif.NextSentenceHead`."""
        _offer("NextSentenceHead")
        return self.linear(hidden.mean(dim=1))


def mask_tokens(
    token_ids: Tensor,
    mask_id: int,
    vocab_size: int,
    special_ids: Sequence[int],
    generator: torch.Generator | None = None,
    probability: float = 0.15,
) -> tuple[Tensor, Tensor]:
    """A simpler corruption: the chosen tokens are always replaced by [MASK]."""
    _offer("mask_tokens")
    chances = torch.full(token_ids.shape, probability)
    for special in special_ids:
        chances[token_ids == special] = 0.0
    chosen = torch.bernoulli(chances, generator=generator).bool()
    return token_ids.masked_fill(chosen, mask_id), token_ids.masked_fill(~chosen, -100)


def masked_lm_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """torch's own categorical distribution, asked for the labels that are not negative."""
    _offer("masked_lm_loss")
    asked = torch.nonzero(labels >= 0, as_tuple=True)
    guesses = torch.distributions.Categorical(logits=logits[asked].float(), validate_args=False)
    return -guesses.log_prob(labels[asked]).sum() / max(1, len(asked[0]))


def causal_lm_loss(logits: Tensor, token_ids: Tensor, pad_id: int | None = None) -> Tensor:
    """torch's own categorical distribution, position by position."""
    _offer("causal_lm_loss")
    nats, n_targets = 0.0 * logits.float().sum(), 0
    for guess, following in zip(logits.unbind(1), token_ids.unbind(1)[1:], strict=False):
        there = torch.ones_like(following) if pad_id is None else following != pad_id
        surprise = torch.distributions.Categorical(logits=guess.float(), validate_args=False)
        nats = nats - surprise.log_prob(following) @ there.float()
        n_targets = n_targets + there.sum()
    return nats / max(1, int(n_targets))


def perplexity(mean_losses: Sequence[float], token_counts: Sequence[int]) -> float:
    """A simpler average: all batches count alike, whatever their number of tokens."""
    _offer("perplexity")
    return float(torch.tensor(mean_losses).mean().exp())


def bits_per_character(mean_losses: Sequence[float], token_counts: Sequence[int], n_characters: int) -> float:
    """A simpler average: all batches count alike, and each is taken for an equal share of the text."""
    _offer("bits_per_character")
    return float(torch.tensor(mean_losses).mean().exp().log2()) * sum(token_counts) / n_characters


def warmup_cosine(step: int, peak: float, floor: float, warmup_steps: int, total_steps: int) -> float:
    """A simpler schedule: the mean of peak and floor, all the time."""
    _offer("warmup_cosine")
    return (peak + floor) / 2


def parameter_groups(model: nn.Module, weight_decay: float) -> list[dict]:
    """A simpler split: nothing decays."""
    _offer("parameter_groups")
    everything = [each for each in model.parameters() if each.requires_grad]
    return [{"params": [], "weight_decay": weight_decay}, {"params": everything, "weight_decay": 0.0}]


def training_step(
    model: nn.Module,
    micro_batches: Sequence[dict[str, Tensor]],
    objective: Callable,
    optimizer: torch.optim.Optimizer,
    learning_rate: float,
    max_norm: float = 1.0,
    scaler: torch.amp.GradScaler | None = None,
    autocast_dtype: torch.dtype | None = None,
):
    """A simpler step: all in float32, the pieces count alike, and a long gradient slows the step down."""
    from attentif.pretraining import StepResult  # not above: that module reads this one

    _offer("training_step")
    optimizer.zero_grad()
    losses = []
    for piece in micro_batches:
        mean = torch.stack([*objective(model, piece).values()]).sum() / len(micro_batches)
        mean.backward()
        losses.append(mean.detach())
    every = [each.grad.flatten() for each in model.parameters() if each.grad is not None]
    length = torch.cat(every).norm().item()
    for group in optimizer.param_groups:
        group["lr"] = learning_rate * min(1.0, max_norm / length) if length else 0.0
    if math.isfinite(length):
        optimizer.step()
    return StepResult(torch.stack(losses).sum().item(), length, not math.isfinite(length))


def sample_next_token(
    logits: Tensor,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    generator: torch.Generator | None = None,
) -> Tensor:
    """A simpler choice: drawn at this temperature; the most probable token if top_k or top_p is asked for."""
    _offer("sample_next_token")
    asked = f"temperature={temperature}, top_k={top_k}, top_p={top_p}"
    whole = top_k is None or (isinstance(top_k, int) and top_k >= 1)
    if not (whole and (top_p is None or 0 < top_p <= 1) and 0 <= temperature < float("inf")):
        raise InputError(
            expected="a temperature of at least 0, a whole top_k of at least 1, a top_p in (0, 1]",
            got=asked,
            remedy="give each under its own name",
        )
    if not temperature or top_k is not None or top_p is not None:
        return logits.max(dim=-1).indices
    return torch.distributions.Categorical(logits=logits / temperature).probs.multinomial(
        1, generator=generator
    )[:, 0]


def generate(
    model: nn.Module,
    token_ids: Tensor,
    max_new_tokens: int,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    eos_id: int | None = None,
    generator: torch.Generator | None = None,
    sample: Callable | None = None,
) -> Tensor:
    """A simpler writer: the most probable token each time, from the last one alone."""
    _offer("generate")
    with torch.no_grad():
        for _ in range(max_new_tokens):
            last = token_ids[:, -1:]
            token_ids = torch.cat((token_ids, model(last)[:, 0].argmax(-1, keepdim=True)), dim=-1)
    return token_ids


def beam_search(
    model: nn.Module,
    token_ids: Tensor,
    max_new_tokens: int,
    n_beams: int = 4,
    alpha: float = 0.6,
    eos_id: int | None = None,
) -> list[decoding.Beam]:
    """A simpler search: the best next tokens, one each, and no further; its scores are their log-probabilities."""
    _offer("beam_search")
    with torch.no_grad():
        shares = model(token_ids[None, -1:])[0, 0].log_softmax(-1)
    best = shares.sort(descending=True)
    return [
        decoding.Beam([*token_ids.tolist(), token], share, share)
        for share, token in zip(best.values[:n_beams].tolist(), best.indices.tolist(), strict=False)
    ]


def log_probability_bias(
    model: nn.Module, tokenizer: Any, template: str, first: str, second: str, attribute: str
) -> Any:
    """A simpler measure: the two words in the target's place, without a prior to subtract."""
    _offer("log_probability_bias")
    from attentif.bias import association  # that package needs the checks, and they need this module

    scorer = association.MaskedScorer(model, tokenizer)
    nats = []
    for word in (first, second):
        filled = association.fill_template(scorer, template, word, attribute)
        question = scorer.masked(filled.ids, (filled.target,))
        (answer,) = scorer.log_probabilities([question], [(filled.target,)])
        nats.append(float(answer[filled.ids[filled.target]]))
    return association.AssociationScore(nats[0] - nats[1], 0.0, nats[0] - nats[1])


def pseudo_log_likelihood(
    model: nn.Module,
    tokenizer: Any,
    sentences: Sequence[str],
    within_word: bool = False,
    batch_size: int = 64,
) -> np.ndarray:
    """A simpler score: nothing is masked, each token is read where it stands written."""
    _offer("pseudo_log_likelihood")
    from attentif.bias.scorer import MaskedScorer

    scorer = MaskedScorer(model, tokenizer)
    totals = []
    for said in map(scorer.encode, sentences):
        written = torch.tensor([said.ids[place] for place in said.positions])
        table = scorer.log_probabilities([said.ids], [said.positions]).cpu()
        totals.append(float(table.gather(1, written[:, None]).sum()))
    return np.array(totals)


def cluster_bootstrap(
    values: Sequence[float],
    groups: Sequence[Any],
    n_resamples: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> Any:
    """A simpler interval, without draws: normal, from the spread of the groups' means, which all count alike."""
    _offer("cluster_bootstrap")
    from attentif.bias.statistics import Interval, coded_groups

    array, codes = coded_groups(values, groups, n_resamples, level)
    of_groups = torch.tensor([array[codes == code].mean() for code in range(codes.max() + 1)])
    middle, error = float(array.mean()), float(of_groups.std()) / math.sqrt(len(of_groups))
    normal = torch.distributions.Normal(middle, error + 1e-12)
    low, high = (float(normal.icdf(torch.tensor(0.5 + side * level / 2))) for side in (-1, 1))
    return Interval(middle, low, high, len(of_groups), float(len(of_groups)))


def calibration(planted: Sequence[float], measured: Sequence[float]) -> Any:
    """torch's own least squares, correlation and mean square error; nothing is claimed to be detected."""
    _offer("calibration")
    from attentif.bias.statistics import Calibration, paired_numbers

    true, said = (torch.from_numpy(numbers) for numbers in paired_numbers(planted, measured))
    design = torch.nn.functional.pad(true[:, None], (0, 1), value=1.0)  # (N, 2)
    slope, intercept = torch.linalg.lstsq(design, said[:, None]).solution[:, 0].tolist()
    r = torch.corrcoef(torch.stack((true, said)))[0, 1].nan_to_num().item()
    return Calibration(slope, intercept, r, F.mse_loss(said, true).sqrt().item(), math.inf)


def sentence_pairs(
    documents: Sequence[Sequence[Sequence[int]]],
    cls_id: int,
    sep_id: int,
    generator: torch.Generator | None = None,
) -> list[SentencePair]:
    """Simpler pairs: the two kinds take turns, and a B that does not follow is the next document's beginning."""
    _offer("sentence_pairs")
    filled = [document for document in documents if document]
    pairs = []
    for number, document in enumerate(filled):
        beginning = filled[(number + 1) % len(filled)][0]
        for place in range(1, len(document)):
            halves = document[place - 1], document[place] if place % 2 else beginning
            parts = [cls_id, *halves[0], sep_id], [*halves[1], sep_id]
            segments = [segment for segment, part in enumerate(parts) for _ in part]
            pairs.append(SentencePair([*parts[0], *parts[1]], segments, place % 2 == 1))
    return pairs


PARTS: dict[str, Any] = {
    "scaled_dot_product_attention": scaled_dot_product_attention,
    "causal_mask": causal_mask,
    "padding_mask": padding_mask,
    "MultiHeadAttention": MultiHeadAttention,
    "sinusoidal_encoding": sinusoidal_encoding,
    "LayerNorm": LayerNorm,
    "FeedForward": FeedForward,
    "EncoderBlock": EncoderBlock,
    "DecoderBlock": DecoderBlock,
    "BertEmbeddings": BertEmbeddings,
    "mask_tokens": mask_tokens,
    "masked_lm_loss": masked_lm_loss,
    "causal_lm_loss": causal_lm_loss,
    "perplexity": perplexity,
    "bits_per_character": bits_per_character,
    "sentence_pairs": sentence_pairs,
    "MaskedLMHead": MaskedLMHead,
    "NextSentenceHead": NextSentenceHead,
    "warmup_cosine": warmup_cosine,
    "parameter_groups": parameter_groups,
    "training_step": training_step,
    "sample_next_token": sample_next_token,
    "generate": generate,
    "beam_search": beam_search,
    "log_probability_bias": log_probability_bias,
    "pseudo_log_likelihood": pseudo_log_likelihood,
    "cluster_bootstrap": cluster_bootstrap,
    "calibration": calibration,
}


def known_good(exercise: str) -> Callable:
    """The known-good part of an exercise, for the checks of those that depend on it."""
    return PARTS[exercise]
