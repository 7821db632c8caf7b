"""Logits at some positions equal those of the whole batch, whichever model gives them, and the head reads no others."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from attentif.bias import MaskedScorer
from attentif.bias.output_layer import STRETCH, chosen_log_probabilities
from attentif.bias.reading import logits_at
from attentif.bias.scorer import Question
from attentif.checks.recipes import context_model, word_tokenizer
from attentif.errors import InputError
from attentif.models import MaskedLM, ModelConfig

transformers = pytest.importorskip("transformers", reason="the models under test are transformers' own")
V = 29
SIZES = {"vocab_size": V, "hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 3}


def hub(kind: str, **more) -> nn.Module:
    config = getattr(transformers, f"{kind}Config")(**{**SIZES, **more})
    return getattr(transformers, f"{kind}ForMaskedLM")(config)


WIDE = {"intermediate_size": 16, "max_position_embeddings": 40}
BUILDERS = {
    "bert": lambda: hub("Bert", **WIDE),
    "roberta": lambda: hub("Roberta", pad_token_id=1, **WIDE),
    "camembert": lambda: hub("Camembert", pad_token_id=1, **WIDE),
    "albert": lambda: hub("Albert", embedding_size=7, **WIDE),
    "electra": lambda: hub("Electra", embedding_size=7, **WIDE),
    "deberta": lambda: hub("DebertaV2", pad_token_id=0, **WIDE),
    "distilbert": lambda: transformers.DistilBertForMaskedLM(
        transformers.DistilBertConfig(vocab_size=V, dim=12, n_layers=2, n_heads=3, hidden_dim=16)
    ),
    "own": lambda: MaskedLM(ModelConfig(V, d_model=12, n_heads=3, n_layers=2, max_length=40)),
    "context": lambda: context_model(V, seed=1),
}


@pytest.fixture(params=sorted(BUILDERS))
def model(request) -> nn.Module:
    torch.manual_seed(5)
    return BUILDERS[request.param]().double().train()


def batch() -> tuple[torch.Tensor, torch.Tensor]:
    token_ids = torch.randint(6, V, (3, 7), generator=torch.Generator().manual_seed(2))
    visible = torch.ones_like(token_ids)
    visible[1, 5:] = 0
    return token_ids, visible


ROWS, COLUMNS = [2, 0, 0, 1, 2], [0, 6, 1, 4, 0]


def test_logits_at_some_places_are_those_of_all(model):
    token_ids, visible = batch()
    if hasattr(model.config, "model_type"):
        arguments = {"input_ids": token_ids, "attention_mask": visible}
    else:
        token_ids[visible == 0] = 0
        arguments = {"token_ids": token_ids}
    model.eval()
    with torch.no_grad():
        output = model(**arguments)
    model.train()
    expected = getattr(output, "logits", output)[ROWS, COLUMNS]
    found = logits_at(model, token_ids, visible, ROWS, COLUMNS)
    assert found.shape == (5, V) and not found.requires_grad
    assert (found - expected).abs().max() < 1e-12
    assert expected.std() > 0.01
    assert all(module.training for module in model.modules())
    assert not any(module._forward_hooks for module in model.modules())


def test_the_head_is_given_the_asked_places_only(model):
    decoder = next(
        (module for module in model.modules() if isinstance(module, nn.Linear) and module.out_features == V),
        None,
    )
    if decoder is None:
        decoder = getattr(model, "head", None)
    if not isinstance(decoder, nn.Module):
        pytest.skip("a stand-in without a head of its own")
    seen = []
    decoder.register_forward_hook(lambda module, inputs, output: seen.append(output.numel() // V))
    token_ids, visible = batch()
    logits_at(model, token_ids, visible, ROWS, COLUMNS)
    assert seen == [len(ROWS)]


def test_an_interrupted_reading_leaves_no_hook():
    model = BUILDERS["bert"]()
    model.cls.register_forward_hook(lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        logits_at(model, *batch(), ROWS, COLUMNS)
    assert not model.bert._forward_hooks and model.training


def test_a_body_without_a_head_is_refused():
    body = transformers.BertModel(transformers.BertConfig(**SIZES, **WIDE))
    with pytest.raises(InputError, match="logits"):
        logits_at(body, *batch(), ROWS, COLUMNS)


# Many questions


def questions(count: int) -> list[Question]:
    generator = torch.Generator().manual_seed(3)
    made = []
    for _ in range(count):
        length = int(torch.randint(3, 12, (1,), generator=generator))
        ids = torch.randint(5, 20, (length,), generator=generator).tolist()
        places = torch.randperm(length, generator=generator)[
            : int(torch.randint(0, 4, (1,), generator=generator))
        ]
        made.append(Question(ids, places.tolist(), [ids[place] for place in places]))
    return made


@pytest.mark.parametrize("batch_size", [1, 2, 5, 64])
def test_answers_come_in_the_order_of_the_questions(batch_size):
    tokenizer = word_tokenizer([f"w{number}" for number in range(15)])
    scorer = MaskedScorer(context_model(tokenizer.vocab_size, seed=4), tokenizer)
    asked = questions(150)
    expected = []
    for ids, positions, tokens in asked:
        for position, token in zip(positions, tokens, strict=True):
            expected.append(scorer.log_probabilities([ids], [[position]])[0, token].item())
    found = scorer.token_log_probabilities(iter(asked), batch_size)
    assert found.dtype == "float64" and len(found) == len(expected) > 100
    assert abs(found - expected).max() < 1e-12
    assert scorer.token_log_probabilities([]).shape == (0,)


def test_batches_stay_small_whatever_is_asked():
    tokenizer = word_tokenizer(["w"])
    model = context_model(tokenizer.vocab_size, seed=4, max_length=700)
    scorer = MaskedScorer(model, tokenizer)
    sizes = []
    inner = scorer._places

    def watched(sequences, positions):
        longest = max(map(len, sequences))
        sizes.append((len(sequences), longest * len(sequences), sum(map(len, positions))))
        return inner(sequences, positions)

    scorer._places = watched
    short, long = [5] * 6, [5] * 600

    def asked():
        for ids in [short] * 300 + [long] * 20:
            yield Question(ids, [1], [5])
        yield Question(long, list(range(600)), long)
        for _ in range(20):
            yield Question(short, list(range(6)), short)

    assert len(scorer.token_log_probabilities(asked(), batch_size=8)) == 320 + 600 + 120
    assert max(count for count, _, _ in sizes) == 8
    assert max(tokens for _, tokens, _ in sizes) <= 8 * 128
    assert sorted(read for _, _, read in sizes)[-2] <= 8 * 4  # one sequence alone may ask for more


def test_who_listens_to_a_part_of_the_model_hears_whole_batches():
    model, heard = BUILDERS["bert"]().double(), []
    layer = model.bert.encoder.layer[-1].attention.output.dense
    expected = logits_at(model, *batch(), [0, 1, 2], [1, 2, 3])
    layer.register_forward_pre_hook(lambda module, inputs: heard.append(inputs[0].shape[:2]))
    found = logits_at(model, *batch(), [0, 1, 2], [1, 2, 3])
    assert heard == [(3, 7)]
    assert (found - expected).abs().max() < 1e-12


# The last matrix, by stretches of the vocabulary


class Plain:
    """A tokenizer with no more than its special ids."""

    mask_token_id, unk_token_id, all_special_ids, mask_token, pad_token_id = (
        4,
        1,
        (0, 1, 2, 3, 4),
        "[MASK]",
        0,
    )


@pytest.mark.parametrize("kind", ["Bert", "Roberta", "Camembert"])
@pytest.mark.parametrize("vocab_size", [V, STRETCH, 2 * STRETCH + 7])
def test_chosen_tokens_have_the_probability_of_the_whole_vocabulary(kind, vocab_size, monkeypatch):
    """In float64, for more places than wait together; the whole vocabulary's logits are made nowhere."""
    monkeypatch.setattr("attentif.bias.scorer.ROWS", 40)
    torch.manual_seed(1)
    model = hub(kind, vocab_size=vocab_size, pad_token_id=0, **WIDE).double().train()
    nn.init.normal_(model.get_output_embeddings().bias)
    scorer, asked = MaskedScorer(model, Plain()), questions(90)
    for number, question in enumerate(asked):  # tokens of every stretch
        asked[number] = question._replace(tokens=[(token * 797) % vocab_size for token in question.tokens])
    expected = torch.cat(
        [
            scorer.log_probabilities([ids], [places])[range(len(places)), tokens]
            for ids, places, tokens in asked
        ]
    )
    made = []
    monkeypatch.setattr(nn.functional, "cross_entropy", lambda *_, **__: made.append(1))
    found = scorer.token_log_probabilities(asked)
    assert not made and len(found) > 80
    assert abs(found - expected.numpy()).max() < 1e-12
    assert model.training and "forward" not in vars(model.get_output_embeddings())


def test_a_head_that_does_more_than_its_matrix_is_asked_as_a_whole():
    class Softened(transformers.BertForMaskedLM):
        def forward(self, *arguments, **named):
            output = super().forward(*arguments, **named)
            output.logits = output.logits / 3
            return output

    torch.manual_seed(1)
    model = Softened(transformers.BertConfig(**SIZES, **WIDE)).double()
    scorer, asked = MaskedScorer(model, Plain()), questions(20)
    expected = torch.cat(
        [
            scorer.log_probabilities([ids], [places])[range(len(places)), tokens]
            for ids, places, tokens in asked
        ]
    )
    assert abs(scorer.token_log_probabilities(asked) - expected.numpy()).max() < 1e-12


def test_logits_that_are_no_numbers_are_refused_by_stretches_too():
    model = BUILDERS["bert"]()
    with torch.no_grad():
        model.get_output_embeddings().weight[7] = float("nan")
    with pytest.raises(InputError, match="NaN"):
        MaskedScorer(model, Plain()).token_log_probabilities(questions(3))


def test_the_last_matrix_may_have_no_bias():
    torch.manual_seed(2)
    layer, vectors = nn.Linear(6, 2 * STRETCH + 1, bias=False).double(), torch.randn(5, 6).double()
    tokens = torch.tensor([0, STRETCH - 1, STRETCH, 2 * STRETCH, 3])
    expected = layer(vectors).log_softmax(dim=-1)[range(5), tokens]
    found = chosen_log_probabilities(layer, vectors, tokens)
    assert not found.requires_grad and (found - expected).abs().max() < 1e-12
    # Logits far from 0 neither overflow nor vanish, and a sure token is not more than sure.
    layer.weight.data *= 1e4
    expected = layer(vectors).log_softmax(dim=-1)[range(5), tokens]
    assert torch.allclose(chosen_log_probabilities(layer, vectors, tokens), expected, rtol=1e-9, atol=1e-9)
    assert (chosen_log_probabilities(layer, vectors, tokens) <= 0).all()
