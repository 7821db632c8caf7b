"""The key-value cache: the same tokens as without it, and less work."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from attentif import rescue
from attentif.attention import MultiHeadAttention, fused_attention
from attentif.decoding import beam_search, generate
from attentif.errors import InputError
from attentif.kv_cache import Cached
from attentif.models import CausalLM, MaskedLM, ModelConfig, Parts

SIZES = {"vocab_size": 17, "d_model": 12, "n_layers": 3, "n_heads": 3, "max_length": 24, "dropout": 0.2}


def model_of(parts: Parts = Parts(), **changes) -> CausalLM:
    torch.manual_seed(0)
    model = CausalLM(ModelConfig(**{**SIZES, **changes}), parts).double().eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.3 * torch.randn(parameter.shape, dtype=torch.float64))
    return model


class OwnAttention(MultiHeadAttention):
    """A student's, who asks the function that he was given by names."""

    def forward(self, query, key=None, value=None, mask=None):
        key = query if key is None else key
        value = key if value is None else value
        split = lambda x: x.view(x.size(0), x.size(1), self.n_heads, -1).permute(0, 2, 1, 3)  # noqa: E731
        output, weights = self.attend(
            split(self.query_projection(query)), split(self.key_projection(key)), split(self.value_projection(value)), mask,
            self.dropout if self.training else 0.0,
        )  # fmt: skip
        return self.output_projection(output.transpose(1, 2).reshape(query.shape)), weights


MODELS = {
    "the library's": {},
    "fused": {"parts": Parts(attend=fused_attention)},
    "a student's": {"parts": Parts(attention=OwnAttention)},
    "norms last, sinusoidal": {"norm_first": False, "learned_positions": False},
    "scaled, no bias": {"scale_embeddings": True, "bias": False},
}


@pytest.mark.parametrize("kind", MODELS)
def test_logits_are_those_of_the_whole_text(kind):
    model = model_of(**MODELS[kind])
    cached, ids = Cached(model), torch.randint(17, (4, 20), generator=torch.Generator().manual_seed(1))
    for length in (3, 4, 5, 9, 20):
        found = cached(ids[:, :length])
        torch.testing.assert_close(found[:, -1], model(ids[:, :length])[:, -1].detach(), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize("new", [15, 30])  # the second beyond the model's context
def test_the_same_texts_are_written(kind, new):
    model = model_of(**MODELS[kind])
    start = torch.randint(17, (3, 4), generator=torch.Generator().manual_seed(2))
    for temperature in (0, 1.0):
        seeded = [torch.Generator().manual_seed(5) for _ in range(2)]
        plain = generate(model, start, new, temperature, eos_id=3, generator=seeded[0])
        assert torch.equal(
            generate(Cached(model), start, new, temperature, eos_id=3, generator=seeded[1]), plain
        )


def test_beams_that_are_dropped_and_doubled_find_their_past():
    model = model_of()
    start = torch.tensor([5, 9, 2])
    for n_beams in (1, 3, 6):
        plain = beam_search(model, start, 12, n_beams, eos_id=3)
        cached = beam_search(Cached(model), start, 12, n_beams, eos_id=3)
        assert [beam.token_ids for beam in cached] == [beam.token_ids for beam in plain]
        assert [beam.score for beam in cached] == pytest.approx([beam.score for beam in plain])


def test_only_new_tokens_are_computed():
    model, seen = model_of(), []
    for block in model.decoder.blocks:
        block.feed_forward.register_forward_hook(lambda _, given, __: seen.append(given[0].size(1)))
    cached = Cached(model)
    generate(cached, torch.tensor([[5, 9, 2]]), 10, temperature=0)
    assert seen == [3] * 3 + [1] * 3 * 9
    seen.clear()
    cached(torch.tensor([[5, 9, 4, 4]]))  # another text: nothing of it is known
    assert seen == [4] * 3


def test_nothing_is_left_behind():
    model = model_of()
    before = [block.self_attention.attend for block in model.decoder.blocks]
    model.train()
    cached = Cached(model)
    generate(cached, torch.tensor([[5, 9, 2]]), 4)
    assert model.training and [block.self_attention.attend for block in model.decoder.blocks] == before
    # In training mode dropout differs each time: nothing is remembered.
    assert cached(torch.tensor([[5, 9, 2, 4]])).size(1) == 4 == cached(torch.tensor([[5, 9, 2, 4]])).size(1)


def test_an_attention_that_cannot_be_listened_to_is_asked_whole():
    class Deaf(nn.Module):
        def __init__(self, *sizes):
            super().__init__()
            self.inner = MultiHeadAttention(*sizes)

        def forward(self, *given, **named):
            return self.inner(*given, **named)

    for attention in (Deaf, rescue.MultiHeadAttention):
        model = model_of(Parts(attention=attention))
        cached, ids = Cached(model), torch.tensor([[5, 9, 2, 4, 6]])
        for length in (3, 4, 5):
            found = cached(ids[:, :length])
            torch.testing.assert_close(found[:, -1], model(ids[:, :length])[:, -1].detach())


def test_other_models_are_refused():
    with pytest.raises(InputError, match="expected a CausalLM, got MaskedLM"):
        Cached(MaskedLM(ModelConfig(**SIZES)))
