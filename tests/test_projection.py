"""The gender direction and its removal, against numpy's covariance, loops and cosines."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

from attentif.bias.projection import GenderDirection, debiased, equalize, gender_direction, neutralize
from attentif.corpus.tokenizers import WordTokenizer
from attentif.errors import InputError
from attentif.models import MaskedLM, ModelConfig

PAIRS = [(0, 5), (3, 1), (7, 2)]


def table(rows=9, width=6, seed=0):
    return torch.randn(rows, width, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def unit(vector):
    return vector / vector.norm()


def test_direction_is_the_first_component_of_the_centred_pairs():
    vectors = table().numpy()
    centred = []
    for first, second in PAIRS:
        middle = (vectors[first] + vectors[second]) / 2
        centred += [vectors[first] - middle, vectors[second] - middle]
    values, components = np.linalg.eigh(
        np.cov(np.array(centred).T, bias=True)
    )  # their mean is 0 by construction
    found = gender_direction(table(), PAIRS)
    expected = components[:, -1]
    assert abs(found.vector.numpy() @ expected) == pytest.approx(1, abs=1e-10)
    assert found.explained == pytest.approx(values[-1] / values.sum(), abs=1e-10)
    assert sum((vectors[second] - vectors[first]) @ found.vector.numpy() for first, second in PAIRS) > 0


def test_direction_of_one_pair_is_its_difference_and_turns_with_it():
    vectors = table()
    found = gender_direction(vectors, [(4, 2)])
    assert torch.allclose(found.vector, unit(vectors[2] - vectors[4]))
    assert found.explained == pytest.approx(1)
    assert torch.allclose(gender_direction(vectors, [(2, 4)]).vector, -found.vector)


def test_a_planted_direction_is_found():
    generator = torch.Generator().manual_seed(3)
    planted = unit(torch.randn(30, generator=generator))
    first = torch.randn(20, 30, generator=generator)
    second = first + 3 * planted + 0.2 * torch.randn(20, 30, generator=generator)
    found = gender_direction(torch.cat([first, second]), [(k, k + 20) for k in range(20)])
    assert found.vector @ planted > 0.98 and found.vector.dtype == torch.float32


def test_neutralize_takes_the_component_out_of_these_rows_only():
    vectors, direction = table(), unit(table(1, 6, seed=9)[0])
    kept = vectors.clone()
    changed = neutralize(vectors, [1, 4], direction)
    assert torch.equal(vectors, kept)
    for row in range(len(vectors)):
        if row in (1, 4):
            along = sum(float(vectors[row, k] * direction[k]) for k in range(6))
            assert torch.allclose(changed[row], vectors[row] - along * direction)
            assert changed[row] @ direction == pytest.approx(0, abs=1e-12)
        else:
            assert torch.equal(changed[row], vectors[row])


def test_equalized_pairs_are_as_near_to_every_neutral_word():
    vectors = table()
    direction = gender_direction(vectors, PAIRS).vector
    changed = equalize(neutralize(vectors, [4, 6, 8], direction), PAIRS, direction)
    for first, second in PAIRS:
        between = changed[second] - changed[first]
        # They differ along the direction alone, by what they differed along it before.
        assert torch.allclose(between, (between @ direction) * direction)
        assert between @ direction == pytest.approx(
            abs(float((vectors[second] - vectors[first]) @ direction))
        )
        for word in (4, 6, 8):
            assert changed[word] @ changed[first] == pytest.approx(float(changed[word] @ changed[second]))
            distances = [(changed[word] - changed[each]).norm().item() for each in (first, second)]
            assert distances[0] == pytest.approx(distances[1])


def tiny_bert(tied):
    transformers = pytest.importorskip("transformers")
    config = transformers.BertConfig(
        vocab_size=10, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=12,
        max_position_embeddings=16, tie_word_embeddings=tied,
    )  # fmt: skip
    return transformers.BertForMaskedLM(config).eval()


@pytest.mark.parametrize("kind", ["ours", "tied", "untied"])
def test_debiased_copies_the_model_and_keeps_its_ties(kind):
    tokenizer = WordTokenizer(["il", "elle", "médecin", "dort", "père", "mère"])
    model = (
        MaskedLM(ModelConfig(vocab_size=tokenizer.vocab_size, d_model=8, n_heads=2))
        if kind == "ours"
        else None
    )
    if model is None:
        model = tiny_bert(kind == "tied")
        model.resize_token_embeddings(tokenizer.vocab_size)
        if kind == "untied":
            model.get_output_embeddings().weight = torch.nn.Parameter(
                torch.randn_like(model.get_input_embeddings().weight)
            )
    before = copy.deepcopy(model.state_dict())
    changed = debiased(model, tokenizer, [("il", "elle"), ("père", "mère")], ["médecin"])
    after = model.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)  # the model itself is left alone
    words = {word: tokenizer.encode(word)[0] for word in ("il", "elle", "médecin", "dort")}
    if kind == "ours":
        tables = [changed.encoder.embeddings.token.weight, changed.head.token_embedding.weight]
    else:
        tables = [changed.get_input_embeddings().weight, changed.get_output_embeddings().weight]
    assert (tables[0].data_ptr() == tables[1].data_ptr()) == (kind != "untied")
    for number, weights in enumerate(tables):
        weights = weights.detach()
        assert weights[words["médecin"]] @ weights[words["il"]] == pytest.approx(
            float(weights[words["médecin"]] @ weights[words["elle"]]), abs=1e-5
        )
        original = (
            model.encoder.embeddings.token.weight
            if kind == "ours"
            else (model.get_input_embeddings() if number == 0 else model.get_output_embeddings()).weight
        )
        assert torch.equal(weights[words["dort"]], original[words["dort"]])
    ids = torch.tensor([[words["dort"], words["médecin"]]])
    output = changed(ids)
    assert torch.isfinite(getattr(output, "logits", output)).all()


def test_without_equalizing_the_pairs_stay():
    tokenizer = WordTokenizer(["il", "elle", "médecin"])
    model = MaskedLM(ModelConfig(vocab_size=tokenizer.vocab_size, d_model=6, n_heads=2))
    changed = debiased(model, tokenizer, [("il", "elle")], ["médecin"], equal=False)
    old, new = (each.encoder.embeddings.token.weight for each in (model, changed))
    same = [bool(torch.equal(old[row], new[row])) for row in range(tokenizer.vocab_size)]
    assert same.count(False) == 1 and not same[tokenizer.encode("médecin")[0]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: gender_direction(table(), []), "at least one pair"),
        (lambda: gender_direction(table(), [(0, 1, 2)]), "at least one pair"),
        (lambda: gender_direction(table(), [(0, 9)]), "ids of rows"),
        (lambda: gender_direction(table(), [(-1, 2)]), "ids of rows"),
        (lambda: gender_direction(table(), [(2, 2)]), "different vectors"),
        (lambda: neutralize(table()[0], [0], table()[0]), "ids of rows"),
        (lambda: equalize(table(), [], table()[0]), "at least one pair"),
        (lambda: GenderDirection(table(), 0.5), "one direction"),
        (
            lambda: debiased(torch.nn.Linear(2, 2), WordTokenizer(["il", "elle"]), [("il", "elle")], []),
            "table of embeddings",
        ),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(InputError, match=message):
        call()


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_definitional_words_of_several_or_unknown_tokens_are_refused():
    tokenizer = WordTokenizer(["il", "elle", "le", "roi"])
    model = MaskedLM(ModelConfig(vocab_size=tokenizer.vocab_size, d_model=6, n_heads=2))
    for pair in (("le roi", "elle"), ("il", "reine")):
        with pytest.raises(InputError, match="one known token"):
            debiased(model, tokenizer, [pair], [])
