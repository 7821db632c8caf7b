"""The exercises on what goes on inside a model: what their cards show is true, and what their checks stand on."""

from __future__ import annotations

import ast
import re

import numpy as np
import pytest
import torch

from attentif import rescue
from attentif.bias import MaskedScorer
from attentif.bias.looking import attention_maps
from attentif.checks import recipes
from attentif.errors import InputError
from attentif.judged import judging
from attentif.limits import contextual_embeddings, head_effect
from attentif.limits.attention import find_look
from attentif.limits.inside import hidden_states, on_head_outputs
from attentif.limits.mediation import check_mediation
from attentif.limits.representations import find_words
from attentif.pretrained import small_model
from attentif_grading.exercises import exercise_folder
from attentif_grading.layered_oracle import H, L, LayeredSetting
from attentif_grading.masked_oracle import KINDS

WORDS = ["une", "danseuse", "et", "un", "infirmier"]


@pytest.fixture(scope="module", params=("fr", "en"))
def small(request):
    return request.param, *small_model(f"microcosm-{request.param}")


def run_card(name, language, **names):
    """The code of a card, run: what it defines, and each line of it with its remark."""
    card = (exercise_folder(name) / f"card.{language}.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", card, re.DOTALL)
    exec(code, names)
    remarks = [line.split("  # ") for line in code.splitlines() if "  # " in line]
    return names, {line: said for line, said in remarks}


def shown(remark):
    """The values that a remark begins with."""
    return ast.literal_eval(re.split(r" ?:", remark)[0])


def test_the_card_of_the_vectors_shows_what_the_model_answers(small):
    language, model, tokenizer = small
    names, remarks = run_card(
        "contextual_embeddings", language, model=model, tokenizer=tokenizer, MaskedScorer=MaskedScorer,
        find_words=find_words, hidden_states=hidden_states,
    )  # fmt: skip
    hits = names["hits"]
    assert shown(remarks["hits[0].places, hits[1].places"]) == (hits[0].places, hits[1].places)
    assert shown(remarks["states.shape"]) == tuple(names["states"].shape)
    said = remarks["hits[1].ids"].split(",")[0].split()
    assert [names["asked"].token(i) for i in hits[1].ids] == said
    sentences = [" ".join(said[1:-1])] * 3
    assert contextual_embeddings(model, tokenizer, sentences, said[1]).shape == (3, 3, 128)


def test_the_card_of_the_looks_shows_what_the_model_answers(small):
    language, model, tokenizer = small
    names, remarks = run_card(
        "attention_to", language, model=model, tokenizer=tokenizer, MaskedScorer=MaskedScorer,
        find_look=find_look, attention_maps=attention_maps,
    )  # fmt: skip
    looked, maps = names["looked"], names["maps"]
    assert remarks["looked.query, looked.places"].startswith(f"{looked.query}, {looked.places}")
    assert shown(remarks["len(maps), maps[0].shape"]) == (len(maps), tuple(maps[0].shape))


def test_the_card_of_the_heads_shows_what_the_model_answers(small):
    language, model, tokenizer = small
    names, remarks = run_card(
        "head_effect", language, model=model, tokenizer=tokenizer, MaskedScorer=MaskedScorer,
        check_mediation=check_mediation, on_head_outputs=on_head_outputs,
    )  # fmt: skip
    assert ast.literal_eval(remarks["shapes"]) == names["shapes"]
    card = (exercise_folder("head_effect") / f"card.{language}.md").read_text(encoding="utf-8")
    words = {"fr": ("elle", "il"), "en": ("she", "he")}[language]
    head = ast.literal_eval(re.search(r"`(\(\d, \d\))`", card).group(1))
    found = head_effect(model, tokenizer, *names["texts"], words, [head])
    total, indirect = (
        float(re.search(rf"`{name}` [a-z ]*(\d[.,]\d+)", card).group(1).replace(",", "."))
        for name in ("total", "indirect")
    )
    assert (found.total, found.indirect[0]) == pytest.approx((total, indirect), abs=0.05)


@pytest.mark.parametrize("kind", KINDS)
def test_the_layered_models_are_what_the_oracle_computes(kind):
    setting = LayeredSetting.drawn(np.random.default_rng(5), kind)
    model, tokenizer = (recipes.build(recipe, None) for recipe in setting.recipes)
    scorer, tokens = MaskedScorer(model, tokenizer), setting.read(WORDS)[0]
    ids = scorer.encode(" ".join(WORDS)).ids
    assert [setting.tokens[i] for i in ids] == tokens
    inside = setting.inside(tokens)
    states = hidden_states(scorer, [ids, ids[:4]])
    assert states.shape == (L + 1, 2, len(ids), 10)
    np.testing.assert_allclose(states[:, 0], inside.states, atol=1e-10)
    np.testing.assert_allclose(torch.stack(attention_maps(scorer, ids)), inside.maps, atol=1e-10)
    np.testing.assert_allclose(inside.maps.sum(-1), 1)
    row = scorer.log_probabilities([ids], [[2]])[0]
    np.testing.assert_allclose(row, torch.from_numpy(inside.logits[2]).log_softmax(-1), atol=1e-10)


@pytest.mark.parametrize("kind", KINDS)
def test_heads_of_the_layered_models_are_replaced_as_the_oracle_does(kind):
    setting = LayeredSetting.drawn(np.random.default_rng(6), kind)
    model, tokenizer = (recipes.build(recipe, None) for recipe in setting.recipes)
    heads = [(layer, head) for layer in range(L) for head in range(H)]
    found = head_effect(
        model, tokenizer, "le chat , [MASK] lit", "le juge , [MASK] lit", ("il", "elle"), heads
    )
    one, other = (setting.read(["le", word, ",", "il", "lit"])[0] for word in ("chat", "juge"))
    one[4] = other[4] = setting.mask
    il, elle = (setting.tokens.index(setting.entry(word)) for word in ("il", "elle"))
    counterfactual = setting.inside(other)

    def log_odds(inside):
        return inside.logits[4, il] - inside.logits[4, elle]

    before = log_odds(setting.inside(one))
    assert found.total == pytest.approx(log_odds(counterfactual) - before)
    for (layer, head), effect in zip(heads, found.indirect, strict=True):
        patched = setting.inside(one, {(layer, head): counterfactual.outputs[layer, head]})
        assert effect == pytest.approx(log_odds(patched) - before)


def test_the_rescue_part_reads_one_piece_and_is_no_answer():
    setting = LayeredSetting.drawn(np.random.default_rng(7), "transformers")
    model, tokenizer = (recipes.build(recipe, None) for recipe in setting.recipes)
    said = [" ".join(WORDS), "un danseuse"]
    found = rescue.PARTS["contextual_embeddings"](model, tokenizer, said, ["un", "danseuse"])
    right = contextual_embeddings(model, tokenizer, said, ["un", "danseuse"])
    assert found.shape == right.shape
    torch.testing.assert_close(found[:, 0], right[:, 0])
    assert not torch.allclose(found[:, 1], right[:, 1])
    with judging("contextual_embeddings"), pytest.raises(InputError, match="answer of your own"):
        rescue.PARTS["contextual_embeddings"](model, tokenizer, said, ["un", "danseuse"])
