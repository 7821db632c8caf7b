"""The checks of losses and of the numbers made from them: what they accept, what they say, what one mistake costs."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from oracles import randn, seeded
from torch.nn import functional as F

import attentif
from attentif import InputError, causal_lm_loss, masked_lm_loss, rescue, training_objectives
from attentif.checks.compare import Mismatch
from attentif.checks.engine import Case
from attentif.checks.examining import examine
from attentif.checks.losses import check_loss, loss_probes, rounding_shows
from attentif.checks.numbers import check_refusals
from attentif.checks.refusals import refused
from attentif.checks.store import public_module, read_exercise
from attentif.checks.student import LocalStudent
from attentif.checks.text import text
from attentif.checks.values import Outcome, Request
from attentif_grading.checkdata import build_check_data, dump
from attentif_grading.contracts import load_contracts
from attentif_grading.exercises import load_exercise
from attentif_grading.leaks import _given_away, _given_runs, _solutions
from attentif_grading.loss_oracle import cross_entropy_by_loops
from attentif_grading.places import course_home
from attentif_grading.strip import strip_source

LOSSES, NUMBERS = ("masked_lm_loss", "causal_lm_loss"), ("perplexity", "bits_per_character")


@pytest.fixture(scope="module")
def public():
    """The public side of an exercise, made afresh once."""
    made = {}

    def get(name):
        if name not in made:
            made[name] = read_exercise(name, build_check_data(load_exercise(name)))
        return made[name]

    return get


def marks(public, name, function):
    """Points of the public and of the hidden checks together."""
    return sum(examine(public(name), function, c).earned for c in (None, load_exercise(name).hidden))


def catalogued(name, mistake):
    return next(m.function for m in load_exercise(name).misconceptions if m.name == mistake)


def outside(name, function):
    return next(f for f in load_exercise(name).outside if f.__name__ == function)


# The library's own


@pytest.mark.parametrize(
    ("given", "computed"),
    [("float64", "float64"), ("float32", "float32"), ("float16", "float32"), ("bfloat16", "float32")],
)
def test_a_loss_is_as_wide_as_its_logits_and_at_least_float32(given, computed):
    logits = randn(2, 5, 7).to(getattr(torch, given))
    ids = torch.randint(0, 7, (2, 5), generator=seeded(1))
    for loss in (masked_lm_loss, causal_lm_loss):
        assert loss(logits, ids).dtype is getattr(torch, computed)


@pytest.mark.parametrize(
    "written", [("masked_lm_loss",), ("causal_lm_loss",), ("perplexity",), ("bits_per_character",)]
)
def test_what_is_given_works_where_the_other_one_is_still_to_be_written(written):
    contracts = [load_contracts()[name] for name in written]
    path = course_home() / "src" / contracts[0].file
    module = {"__name__": contracts[0].module}
    source = strip_source(path.read_text(encoding="utf-8"), contracts)
    exec(compile(source, str(path), "exec", dont_inherit=True), module)
    logits, ids = randn(2, 5, 7), torch.randint(0, 7, (2, 5), generator=seeded(1))
    calls = {
        "masked_lm_loss": (logits, ids),
        "causal_lm_loss": (logits, ids, 0),
        "perplexity": ([1.0, 2.0], [3, 4]),
        "bits_per_character": ([1.0, 2.0], [3, 4], 20),
    }
    for name in set(module) & set(calls):
        if name in written:
            with pytest.raises(attentif.errors.ExerciseNotDone):
                module[name](*calls[name])
        else:
            assert module[name](*calls[name]) == getattr(attentif, name)(*calls[name])


@pytest.mark.parametrize("written", [*((name,) for name in LOSSES + NUMBERS), LOSSES, NUMBERS])
def test_the_given_library_does_not_give_these_solutions_away(written):
    home = course_home()
    contracts = tuple(load_contracts()[name] for name in written)
    assert not list(_given_away(dict(_solutions(home, contracts)), _given_runs(home, contracts)))


def test_sentence_pairs_train_where_the_masked_loss_is_still_to_be_written(monkeypatch):
    def unwritten(logits, labels):
        raise NotImplementedError

    monkeypatch.setattr(training_objectives, "masked_lm_loss", unwritten)
    sizes = attentif.ModelConfig(vocab_size=12, d_model=8, n_layers=1, n_heads=2, max_length=6)
    model = attentif.MaskedLM(sizes).eval()
    ids = torch.randint(5, 12, (3, 6), generator=seeded(1))
    batch = {"token_ids": ids, "labels": ids, "is_next": torch.tensor([1, 0, 1])}
    terms = training_objectives.MaskedObjective(F.cross_entropy)(model, batch)
    expected = F.cross_entropy(model.next_sentence_head(model.hidden(ids)), batch["is_next"])
    torch.testing.assert_close(terms["is_next"], expected)


@pytest.mark.parametrize("pad_id", [None, 0, 3])
def test_rescue_losses_are_losses(pad_id):
    logits, ids = randn(4, 5, 7), torch.randint(0, 7, (4, 5), generator=seeded(2))
    ids[:, 3:] = pad_id or 0
    ours, theirs = (f(logits, ids, pad_id).double() for f in (causal_lm_loss, rescue.causal_lm_loss))
    torch.testing.assert_close(theirs, ours, rtol=1e-5, atol=1e-6)
    labels = ids.masked_fill(ids == (pad_id or 0), -100)
    ours, theirs = (f(logits, labels).double() for f in (masked_lm_loss, rescue.masked_lm_loss))
    torch.testing.assert_close(theirs, ours, rtol=1e-5, atol=1e-6)
    nothing = torch.full((4, 5), -100)
    assert rescue.masked_lm_loss(logits, nothing) == rescue.causal_lm_loss(logits[:, :1], ids[:, :1]) == 0


# The oracle and the stored cases


def test_the_oracle_agrees_with_torch():
    logits = randn(3, 4, 6, requires_grad=True)
    labels = torch.randint(0, 6, (3, 4), generator=seeded(3))
    labels[0, :2] = -100
    loss = F.cross_entropy(logits.flatten(0, 1), labels.flatten())
    loss.backward()
    targets = {tuple(at): int(labels[tuple(at)]) for at in (labels != -100).nonzero().tolist()}
    value, gradient = cross_entropy_by_loops(logits.detach().numpy(), targets)
    assert value == pytest.approx(loss.item(), rel=1e-12)
    np.testing.assert_allclose(gradient, logits.grad.numpy(), atol=1e-12)
    assert cross_entropy_by_loops(logits.detach().numpy(), {})[0] == 0.0


@pytest.mark.parametrize("name", LOSSES)
def test_a_number_is_stored_as_an_array_of_its_dtype(name):
    stored = read_exercise(name, json.loads(dump(build_check_data(load_exercise(name)))))
    for case, dtype in (("plain", "float64"), ("half", "float32")):
        value = stored.cases[case].expected.value
        assert isinstance(value, np.ndarray) and value.shape == () and value.dtype.name == dtype


@pytest.mark.parametrize("name", LOSSES)
def test_rounding_shows_in_the_stored_half_precision(name):
    exact = float(load_exercise(name).reference(**tensors(load_exercise(name).requests["half"])))
    assert rounding_shows(exact) and not rounding_shows(1.0) and not rounding_shows(2.5)


def tensors(request):
    return {name: torch.from_numpy(array) for name, array in request.kwargs.items()}


# What a check of a loss accepts and says


REQUEST = Request(kwargs={"logits": np.zeros((2, 3, 8)), "token_ids": np.ones((2, 3), int), "pad_id": 0})


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_loss_may_be_computed_in_float32(dtype):
    check_loss(LocalStudent(lambda **given: causal_lm_loss(**given).to(dtype)), REQUEST, math.log(8))


@pytest.mark.parametrize(
    ("change", "got"),
    [
        (lambda loss: loss.half(), "a float16 tensor of shape ()"),
        (lambda loss: loss.bfloat16(), "an object of type bfloat16"),
        (lambda loss: loss.reshape(1), "a float64 tensor of shape (1,)"),
        (lambda loss: loss.item(), "2.0794415416798357 (float)"),
        (lambda loss: loss.long(), "a int64 tensor of shape ()"),
    ],
    ids=["float16", "bfloat16", "one axis", "a float", "an integer"],
)
def test_a_loss_is_a_tensor_of_one_wide_number(change, got):
    with pytest.raises(Mismatch) as caught:
        check_loss(LocalStudent(lambda **given: change(causal_lm_loss(**given))), REQUEST, math.log(8))
    assert caught.value.expected["en"] == "a tensor of one number, float32 or wider"
    assert caught.value.got["en"] == got


def test_a_wrong_loss_is_told_with_its_call():
    with pytest.raises(Mismatch) as caught:
        check_loss(LocalStudent(lambda **given: causal_lm_loss(**given) + 1), REQUEST, math.log(8))
    assert caught.value.expected["en"] == "the loss of logits (2, 3, 8), pad_id=0: 2.07944"
    assert caught.value.expected["fr"] == "la perte de logits (2, 3, 8), pad_id=0 : 2,07944"
    assert caught.value.got["fr"] == "3,07944"


def test_code_whose_formula_is_wrong_is_not_asked_for_more(public):
    exercise, asked = public("masked_lm_loss"), []
    probes = loss_probes(exercise.cases, "plain", ("nothing", "large", "half", "gradients"))

    def wrong(logits, labels):
        asked.append(tuple(logits.shape))
        return F.cross_entropy(logits.flatten(0, -2), labels.flatten()) + 1  # NaN where nothing is selected

    answers = {name: probe(LocalStudent(wrong)) for name, probe in probes.items()}
    assert tuple(exercise.cases["nothing"].request.kwargs["logits"].shape) not in asked
    for name in ("nothing", "large", "half", "gradients"):
        np.testing.assert_allclose(answers[name], exercise.fingerprints.reference[name], atol=1e-6)
    assert not np.allclose(answers["plain"], exercise.fingerprints.reference["plain"])


# What must be refused


@pytest.mark.parametrize(
    ("error", "is_refusal"),
    [("InputError: no", True), ("ValueError", True), ("ZeroDivisionError: division by zero", False),
     ("TypeError: no", False), (None, False)],
)  # fmt: skip
def test_an_accident_is_no_refusal(error, is_refusal):
    assert refused(Outcome(error=error)) == is_refusal
    assert not refused(Outcome(error=error), "the mask")


def test_a_call_that_should_be_refused_is_shown():
    cases = {"none": Case(Request(args=([], [])), Outcome())}

    def check(function):
        check_refusals(
            LocalStudent(function), cases, {"none": text("there is no batch", "il n'y a aucun lot")}
        )

    with pytest.raises(Mismatch) as caught:
        check(lambda losses, counts: 0.5)
    assert caught.value.expected["en"] == "an InputError for ([], []): there is no batch"
    assert caught.value.got["fr"] == "pas d'erreur, mais 0.5"
    with pytest.raises(Mismatch, match="your code stopped with ZeroDivisionError"):
        check(lambda losses, counts: 1 / len(losses))

    def refusing(losses, counts):
        raise InputError(expected="a batch", got="none", remedy="give one")

    check(refusing)


# What one mistake costs


@pytest.mark.parametrize(
    ("name", "mistake", "earned"),
    [
        ("masked_lm_loss", "nan_when_nothing_selected", 2.5),
        ("masked_lm_loss", "half_precision_kept", 2.5),
        ("masked_lm_loss", "three_axes_only", 2.25),
        ("masked_lm_loss", "detached", 2.0),
        ("causal_lm_loss", "padding_counted", 2.25),
        ("causal_lm_loss", "pad_id_0_taken_for_none", 2.5),
        ("causal_lm_loss", "nan_without_target", 2.75),
        ("causal_lm_loss", "token_ids_changed", 2.75),
        ("causal_lm_loss", "not_shifted", 0.0),
        ("perplexity", "lengths_not_compared", 0.75),
        ("bits_per_character", "no_character_not_refused", 0.75),
        ("bits_per_character", "per_token", 0.0),
    ],
)
def test_a_mistake_at_an_edge_leaves_the_rest(public, name, mistake, earned):
    assert marks(public, name, catalogued(name, mistake)) == earned


@pytest.mark.parametrize("name", LOSSES)
def test_the_usual_line_of_tutorials_is_told_its_two_mistakes(public, name):
    function = outside(name, "as_most_tutorials_write_it")
    assert marks(public, name, function) >= 2.0
    found = {diagnosis.name for diagnosis in examine(public(name), function).diagnoses}
    assert found == set(load_exercise(name).outside[function])


@pytest.mark.parametrize("name", LOSSES + NUMBERS)
def test_students_are_given_no_oracle(name):
    source = Path(public_module(name).__file__).read_text(encoding="utf-8")
    shared = [Path(attentif.checks.__file__).with_name(f"{m}.py") for m in ("losses", "numbers", "refusals")]
    for code in (source, *(path.read_text(encoding="utf-8") for path in shared)):
        assert "import torch" not in code and "attentif_grading" not in code
        assert "np.exp(" not in code and "np.log(" not in code
