"""The exercises on scores of masked models: what their cards show is true, and what their checks stand on."""

from __future__ import annotations

import ast
import re
import warnings

import numpy as np
import pytest
import torch

from attentif import rescue
from attentif.bias import MaskedScorer, log_probability_bias, pseudo_log_likelihood
from attentif.bias.association import fill_template
from attentif.checks import recipes
from attentif.checks.compare import Mismatch
from attentif.checks.hub_like import HubLikeTokenizer
from attentif.checks.piece_tokenizers import HubPieceTokenizer, PieceTokenizer, pieces_of
from attentif.checks.public.pseudo_log_likelihood import scores_of
from attentif.checks.student import LocalStudent
from attentif.checks.values import Request
from attentif.errors import InputError
from attentif.judged import judging
from attentif.pretrained import small_model
from attentif_grading.exercises import exercise_folder, load_exercise
from attentif_grading.masked_oracle import CUT, KINDS, SIGNS, UNKNOWN, WORDS, Setting

EXERCISES = ("log_probability_bias", "pseudo_log_likelihood")
SENTENCES = [["il", "lit", "."], ["une", "danseuse", "et", "un", "infirmier"], ["soignantes"]]


# Cards


@pytest.fixture(scope="module", params=("fr", "en"))
def small(request):
    return request.param, *small_model(f"microcosm-{request.param}")


def card_of(name, language):
    return (exercise_folder(name) / f"card.{language}.md").read_text(encoding="utf-8")


def shown_by(name, language, model, tokenizer):
    """The names that the code of a card defines, and the card."""
    card = card_of(name, language)
    (code,) = re.findall(r"```python\n(.*?)```", card, re.DOTALL)
    names = {"model": model, "tokenizer": tokenizer, "MaskedScorer": MaskedScorer}
    names["fill_template"] = fill_template
    exec(code, names)
    return names, card


def test_the_card_of_the_bias_shows_what_the_model_answers(small):
    language, model, tokenizer = small
    names, card = shown_by("log_probability_bias", language, model, tokenizer)
    template, first, second, attribute = re.findall(r'`"([^"`]*)"`', card)
    score = log_probability_bias(model, tokenizer, template, first, second, attribute)
    for field in ("raw", "prior", "corrected"):
        (shown,) = re.findall(rf"`{field}` (−?\d[.,]\d+)", card)
        assert getattr(score, field) == pytest.approx(
            float(shown.replace(",", ".").replace("−", "-")), abs=0.05
        )
    # The sentence of the introduction is the same, and the model prefers what is said.
    assert template.replace("[TARGET]", "[MASK]").replace("[ATTRIBUTE]", attribute) in card
    assert score.prior < 0 < score.raw
    filled, asked = names["filled"], names["asked"]
    assert f"# {filled.target}, {filled.attribute}" in card
    hidden = [i for i, token in enumerate(asked.masked(filled.ids, [1, 4])) if token == asked.mask_id]
    assert hidden == [1, 4]
    assert all(f'"{asked.token(filled.ids[place])}"' in card for place in (1, 4))


def test_the_card_of_the_likelihood_shows_what_the_model_answers(small):
    language, model, tokenizer = small
    names, card = shown_by("pseudo_log_likelihood", language, model, tokenizer)
    sentences = ast.literal_eval(re.search(r"`(\[\"[^`]*\"\])`", card).group(1))
    shown = ast.literal_eval(re.search(r"`(\[-[^`]*\])`", card).group(1))
    assert pseudo_log_likelihood(model, tokenizer, sentences) == pytest.approx(shown, abs=0.3)
    assert all(f"`{sentence}`" in card for sentence in sentences)
    told, asked = names["told"], names["asked"]
    assert f"# {told.positions}, {told.word_ids}" in card
    assert names["rows"].shape == (3, len(tokenizer)) and "(3, V)" in card
    assert all(f'"{asked.token(told.ids[place])}"' in card for place in (1, 2))


# The small models and tokenizers of the checks


@pytest.mark.parametrize("kind", KINDS)
def test_the_lexicon_says_what_the_tokenizers_do(kind):
    setting = Setting.drawn(np.random.default_rng(5), kind)
    model, tokenizer = (recipes.build(recipe, None) for recipe in setting.recipes)
    scorer = MaskedScorer(model, tokenizer)
    assert all(word not in setting.tokens for word in (*CUT, UNKNOWN))
    for words in [*SENTENCES, [*WORDS, *SIGNS[:1]]]:
        encoding = scorer.encode(" ".join(words))
        tokens, numbers = setting.read(words)
        assert [setting.tokens[i] for i in encoding.ids] == tokens
        assert [-1 if word is None else word for word in encoding.word_ids] == numbers
        row = scorer.log_probabilities([encoding.ids], [[1]])[0].numpy()
        expected = list(setting.log_probabilities(tokens, 1).values())
        np.testing.assert_allclose(row, expected, atol=1e-10)
        assert np.exp(expected).sum() == pytest.approx(1)


def test_words_are_cut_as_wordpiece_does():
    tokenizers = pytest.importorskip("tokenizers")
    tokens = ["[UNK]", "soign", "##ant", "##es", "##e", "dans", "##eus", "le", "##s", "un"]
    library = tokenizers.models.WordPiece({token: i for i, token in enumerate(tokens)}, unk_token="[UNK]")
    for word in ("soignantes", "soignante", "danseuses", "les", "un", "une", "zut", "soignantx", "esoign"):
        theirs = [token.value for token in library.tokenize(word)]
        assert (pieces_of(word, tokens, "bert") or ["[UNK]"]) == theirs


def test_fast_tokenizers_tell_words_and_places():
    tokenizer = HubPieceTokenizer(["soign", "##ant", "##es", "il", ",", "dort"], "bert")
    text = "il, soignantes [MASK] zut"
    encoded = tokenizer(text, return_offsets_mapping=True, return_special_tokens_mask=True)
    assert tokenizer.convert_ids_to_tokens(encoded["input_ids"]) == [
        *("[CLS]", "il", ",", "soign", "##ant", "##es", "[MASK]", "[UNK]", "[SEP]")
    ]
    assert encoded.word_ids() == [None, 0, 1, 2, 2, 2, 3, 4, None]
    assert [text[start:end] for start, end in encoded["offset_mapping"][1:-1]] == [
        *("il", ",", "soign", "ant", "es", "[MASK]", "zut")
    ]
    batch = tokenizer(["il", "soignantes dort"], return_tensors="pt").to("cpu")
    assert batch.word_ids(0) == [None, 0, None, None, None, None] and batch["input_ids"].shape == (2, 6)
    assert batch.word_ids(1) == [None, 0, 0, 0, 1, None]
    assert tokenizer.decode(tokenizer("soignantes dort", add_special_tokens=False)["input_ids"]) == (
        "soignantes dort"
    )
    own = PieceTokenizer(["soign", "##ant", "##es", "il", ",", "dort"])
    assert own.encode("il, soignantes [MASK] zut") == encoded["input_ids"][1:-1]


def test_models_of_the_hubs_kind_read_what_is_not_hidden():
    model = recipes.hub_model(vocab_size=9, seed=3)
    ids = torch.tensor([[2, 6, 3, 0, 0], [2, 5, 7, 8, 3]])
    hidden = model(input_ids=ids, attention_mask=(ids != 0).long()).logits
    torch.testing.assert_close(hidden[0, :3], model(ids[:1, :3]).logits[0])
    assert (model(ids).logits[0, 1] - hidden[0, 1]).abs().max() > 1e-3
    # Ours knows its padding by the id.
    own = recipes.context_model(vocab_size=9, seed=3)
    torch.testing.assert_close(own(ids)[0, :3], own(ids[:1, :3])[0])


def test_slow_tokenizers_of_the_hubs_kind_tell_no_words():
    scorer = MaskedScorer(recipes.hub_model(vocab_size=7, seed=1), HubLikeTokenizer(["il", "dort"], "bert"))
    assert scorer.encode("il dort").word_ids is None


# Checks


@pytest.mark.parametrize("name", EXERCISES)
def test_half_of_the_variants_are_not_equal_to_the_bit(name):
    exercise = load_exercise(name)

    def answers(target):
        student = LocalStudent(target)
        found = [student.run(request) for request in exercise.requests.values()]
        return [repr(getattr(each.value, "fields", each.value)) for each in found if each.error is None]

    with np.printoptions(floatmode="unique"):
        reference = answers(exercise.reference)
        others = [answers(variant.function) for variant in exercise.variants]
    assert sum(other != reference for other in others) >= len(others) / 2


@pytest.mark.parametrize("name", EXERCISES)
def test_expected_values_are_told_apart(name):
    """Where a stored prior or a piece changed nothing, a mistake there would not show."""
    exercise = load_exercise(name)
    for case, request in exercise.requests.items():
        if case.startswith("refuses_"):
            continue
        value = exercise.student(exercise.reference).run(request).value
        if name == "log_probability_bias":
            assert min(abs(number) for number in value.fields.values()) > 5e-3, case
        else:
            assert value.max() < -0.5, case


def test_what_is_refused_is_said_without_a_remark(capsys):
    """The library remarks on unknown words; a check asks about one, and a student should not read of it."""
    exercise = load_exercise("log_probability_bias")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        outcome = exercise.student(exercise.reference).run(exercise.requests["refuses_unknown_first"])
    assert outcome.error.startswith("InputError")
    said = capsys.readouterr()
    assert said.out == said.err == ""


def test_other_warnings_of_the_code_are_not_swallowed(capsys):
    def answer():
        warnings.warn("mine", stacklevel=1)

    with pytest.warns(UserWarning, match="mine"):
        LocalStudent(answer).run(Request())


@pytest.mark.parametrize(
    ("value", "scores"),
    [
        ([-1.0, np.array(-2.0)], [-1, -2]),
        ((-1, -2.5), [-1, -2.5]),
        (np.array([-1.0], dtype=np.float32), [-1]),
        ([[-1.0]], None),
        ([float("inf")], None),
        (np.ones((2, 1)), None),
        ({"a": -1.0}, None),
        (None, None),
    ],
)
def test_scores_are_read_from_what_holds_them(value, scores):
    found = scores_of(value)
    assert found is None if scores is None else found.tolist() == scores


def test_batches_are_told_in_the_message():
    exercise = load_exercise("pseudo_log_likelihood")
    case = exercise.requests["seven_by_seven_attentif"]
    from attentif.checks.public.pseudo_log_likelihood import check_scores

    right = exercise.student(exercise.reference).run(case)
    check_scores(right, right.value, case)
    right.value[1] += 0.01
    with pytest.raises(Mismatch, match=r"'vite', batch_size=7: -\d+\.\d+ nats, got -\d"):
        check_scores(right, right.value - [0, 0.01, 0, 0], case)


# Rescue parts


def test_rescue_parts_are_simpler_than_the_exercises():
    setting = Setting.drawn(np.random.default_rng(1), "transformers")
    model, tokenizer = (recipes.build(recipe, None) for recipe in setting.recipes)
    asked = ("[TARGET] est une [ATTRIBUTE] .", "elle", "il", "danseuse")
    mine, simpler = (
        function(model, tokenizer, *asked) for function in (log_probability_bias, rescue.log_probability_bias)
    )
    assert (
        simpler.raw == pytest.approx(mine.raw) and simpler.prior == 0.0 and simpler.corrected == simpler.raw
    )
    said = ["une danseuse dort", "il lit"]
    scores = rescue.pseudo_log_likelihood(model, tokenizer, said)
    assert scores.shape == (2,) and scores.dtype == np.float64
    assert np.abs(scores - pseudo_log_likelihood(model, tokenizer, said)).min() > 1e-2
    for name, given in (("log_probability_bias", asked), ("pseudo_log_likelihood", (said,))):
        with judging(name), pytest.raises(InputError, match="rescue"):
            getattr(rescue, name)(model, tokenizer, *given)
