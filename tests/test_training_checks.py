"""training_step and parameter_groups: what their checks need of the engine, what they cost, what the rescues do."""

from __future__ import annotations

import copy
import json

import numpy as np
import pytest
import torch
from torch import nn

from attentif import CausalLM, CausalObjective, ModelConfig, StepResult, TrainConfig, pretrain, rescue
from attentif.checks.public.parameter_groups import split_request
from attentif.checks.small_training import SmallModel, SmallObjective, precision_factor
from attentif.checks.step_requests import step_request
from attentif.checks.store import read_exercise
from attentif.checks.student import LocalStudent
from attentif.checks.values import Recipe, Record, Request, argument, freeze, from_json, to_json
from attentif_grading.checkdata import build_check_data, dump
from attentif_grading.contracts import load_contracts
from attentif_grading.exercises import exercise_folder, load_exercise
from attentif_grading.places import course_home
from attentif_grading.solutions import solution_body
from attentif_grading.tokens import code_tokens, runs, text_runs
from attentif_grading.trivial import trivial_answers
from attentif_grading.verify import all_checks, in_process


@pytest.fixture(scope="module")
def stored():
    return {name: build_check_data(load_exercise(name)) for name in ("training_step", "parameter_groups")}


STATE = {
    "hidden_weight": np.array([[0.5, -0.3], [0.2, 0.7]]),
    "hidden_bias": np.array([0.1, -0.4]),
    "output_weight": np.array([[0.6, -0.9]]),
    "output_bias": np.array([0.3]),
}


def piece(dtype=np.float64):
    x = np.array([[1.0, -0.5], [0.3, 0.8], [-1.2, 0.4]], dtype=dtype)
    targets = np.array([[2.0], [-1.0], [0.5]], dtype=dtype)
    return {"x": x, "targets": targets, "counted": np.array([[True], [False], [True]])}


def narrow():
    return {name: array.astype(np.float32) for name, array in STATE.items()}


# What comes back of the objects that a call was given


def test_the_state_of_an_argument_comes_back_and_the_code_may_compute_gradients():
    def step(model, micro_batches, objective, optimizer, learning_rate, max_norm):
        assert optimizer.param_groups[1]["params"][0] is model.hidden_bias
        sum(objective(model, micro_batches[0]).values()).backward()
        with torch.no_grad():
            model.output_bias -= learning_rate * model.output_bias.grad
        return StepResult(1.0, float("nan"), False)

    request = step_request(STATE, [piece()], rate=0.5)
    outcome = LocalStudent(step).run(request)
    assert outcome.error is None and set(outcome.value) == {"returned", "model"}
    assert outcome.value["returned"].fields["loss"] == 1.0
    after = outcome.value["model"]
    assert list(after) == list(STATE) and all(isinstance(array, np.ndarray) for array in after.values())
    hidden = np.tanh(piece()["x"] @ STATE["hidden_weight"].T + STATE["hidden_bias"])
    errors = (hidden @ STATE["output_weight"].T + STATE["output_bias"] - piece()["targets"])[[0, 2], 0]
    assert after["output_bias"][0] == pytest.approx(0.3 - 0.5 * 2 * errors.mean())
    assert np.array_equal(after["hidden_weight"], STATE["hidden_weight"])
    # The next call begins anew, and the request is what it was.
    assert LocalStudent(step).run(request).value["model"]["output_bias"][0] == after["output_bias"][0]


def test_without_a_state_asked_for_gradients_are_off():
    recipe = Recipe("small_model", {"state": STATE})
    outcome = LocalStudent(lambda model: torch.is_grad_enabled()).run(Request(kwargs={"model": recipe}))
    assert outcome.value is False


def test_a_recipe_takes_an_earlier_argument_itself_and_copies_of_the_rest():
    kwargs = {
        "model": Recipe("small_model", {"state": STATE}),
        "optimizer": Recipe("optimizer", {"model": argument("model"), "learning_rates": [1.0, 2.0, 3.0]}),
    }

    def answer(model, optimizer):
        model.hidden_weight.data.zero_()
        listed = [p for group in optimizer.param_groups for p in group["params"]]
        return [len(optimizer.param_groups), {id(p) for p in listed} == {id(p) for p in model.parameters()}]

    before = copy.deepcopy(STATE)
    assert LocalStudent(answer).run(Request(kwargs=kwargs)).value == [3, True]
    assert all(np.array_equal(STATE[name], before[name]) for name in STATE)


def test_parameters_of_a_model_come_back_by_name():
    request = split_request({"a.b": ["linear", 2, 3], "c": ["embedding", 4, 2]}, 0.1, ties={"again": "a.b"})

    def answer(model, weight_decay):
        return [
            model.again.bias,
            {"x": (model.c.weight,)},
            model.c.weight.detach(),
            "c.weight",
            nn.Parameter(torch.zeros(2)),
        ]

    value = LocalStudent(answer).run(request).value
    assert value[0] == Record("parameter", {"name": "a.b.bias"})
    assert value[1] == {"x": (Record("parameter", {"name": "c.weight"}),)}
    assert isinstance(value[2], np.ndarray) and value[3] == "c.weight" and isinstance(value[4], np.ndarray)
    assert isinstance(freeze(nn.Parameter(torch.zeros(2))), np.ndarray)


def test_numbers_that_are_not_finite_travel_as_json():
    numbers = [float("nan"), float("inf"), -float("inf"), 2.5, {"number": "x"}]
    written = json.dumps(to_json(numbers, 10), allow_nan=False)
    back = from_json(json.loads(written))
    assert np.isnan(back[0]) and back[1:] == numbers[1:]


@pytest.mark.parametrize("name", ["training_step", "parameter_groups"])
def test_data_files_are_json_and_small(name, stored):
    text = dump(stored[name])
    assert json.dumps(stored[name], allow_nan=False) and len(text) < 200_000
    again = read_exercise(name, json.loads(text))
    assert set(again.cases) == set(load_exercise(name).requests)


def test_an_answer_that_knows_nothing_has_no_effect_on_the_model():
    request = step_request(STATE, [piece()])
    for name in ("zeros", "ones", "noise"):
        function = trivial_answers(load_exercise("training_step"))[name]
        outcome = LocalStudent(function).run(request)
        assert outcome.error is None
        for parameter, before in STATE.items():
            assert np.array_equal(outcome.value["model"][parameter], before)


# The objective that shows in what precision it was computed


def test_the_factor_tells_the_autocast():
    assert precision_factor() == 1.0
    for dtype, factor in ((torch.float16, 3.0), (torch.bfloat16, 4.0)):
        with torch.autocast("cpu", dtype):
            assert precision_factor() == factor


def gradient(objective, model, autocast_forward=False, autocast_backward=False, scale=1.0):
    model.zero_grad()
    batch = {name: torch.from_numpy(array) for name, array in piece(np.float32).items()}
    with torch.autocast("cpu", torch.bfloat16, enabled=autocast_forward):
        loss = objective(model, batch)["next"]
    with torch.autocast("cpu", torch.bfloat16, enabled=autocast_backward):
        (scale * loss).backward()
    return loss.item(), model.hidden_weight.grad / scale


def test_the_objective_shows_where_autocast_was_and_is_exact_otherwise():
    model, objective = SmallModel(narrow()), SmallObjective(["next"])
    loss, plain = gradient(objective, model)
    for forward, backward, seen, passed in ((True, False, 4, 4), (False, True, 1, 4), (True, True, 4, 16)):
        other, changed = gradient(objective, model, forward, backward)
        assert other == pytest.approx(seen * loss, rel=1e-6)
        assert torch.allclose(changed, passed * plain, rtol=1e-5)


def test_small_gradients_need_the_scale():
    model = SmallModel(narrow())
    loss, plain = gradient(SmallObjective(["next"]), model)
    same_loss, lost = gradient(SmallObjective(["next"], half=True), model)
    assert same_loss == pytest.approx(loss, rel=1e-2) and not lost.any()
    _, kept = gradient(SmallObjective(["next"], half=True), model, scale=2.0**20)
    assert torch.allclose(kept, plain, rtol=1e-2)
    assert not gradient(SmallObjective(["next"], half=True), model, scale=2.0**50)[1].isfinite().all()


# What a mistake costs


def earned(name, stored, mistakes):
    exercise = load_exercise(name)
    public = read_exercise(name, stored[name])
    functions = {m.name: m.function for m in exercise.misconceptions}
    marks = {}
    for mistake in mistakes:
        with in_process(exercise, exercise.target(functions[mistake])) as answer:
            marks[mistake] = sum(report.earned for report in all_checks(exercise, public, answer))
    return marks


def test_a_wrong_division_does_not_cost_what_comes_after_it(stored):
    """Clipping, scaling, autocast and overflow are asked of one piece, or of equal ones."""
    points = earned(
        "training_step", stored, ["mean_of_means", "sum_of_means", "terms_mixed", "update_forgotten"]
    )
    assert points["mean_of_means"] >= 2.75 and points["sum_of_means"] >= 2.5
    total = load_contracts()["training_step"].points
    assert points["terms_mixed"] == total - 0.5 and points["update_forgotten"] == total - 1.0


def test_a_wrong_decay_does_not_cost_the_lists(stored):
    points = earned("parameter_groups", stored, ["both_decay", "embeddings_decay", "frozen_listed"])
    assert points == {"both_decay": 2.5, "embeddings_decay": 2.0, "frozen_listed": 2.5}


def test_half_of_the_variants_of_the_step_are_not_equal_to_the_bit():
    exercise = load_exercise("training_step")

    def answers(target):
        student = LocalStudent(target)
        return [repr(student.run(request).value) for request in exercise.requests.values()]

    with np.printoptions(floatmode="unique"):
        reference = answers(exercise.reference)
        others = [answers(exercise.target(variant.function)) for variant in exercise.variants]
    assert sum(other != reference for other in others) >= len(others) / 2


def test_a_step_on_a_fake_scaler_that_counts():
    """The order of calls is not what is judged, but the reference keeps torch's."""
    from attentif import training_step

    called = []

    class Counting(torch.amp.GradScaler):
        def scale(self, outputs):
            called.append("scale")
            return super().scale(outputs)

        def unscale_(self, optimizer):
            called.append("unscale_")
            return super().unscale_(optimizer)

        def step(self, optimizer, *args, **kwargs):
            called.append("step")
            return super().step(optimizer, *args, **kwargs)

        def update(self, new_scale=None):
            called.append("update")
            return super().update(new_scale)

    model = SmallModel(narrow())
    batch = {name: torch.from_numpy(array) for name, array in piece(np.float32).items()}
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    scaler = Counting("cpu", init_scale=2.0**10)
    training_step(model, [batch] * 3, SmallObjective(["next"]), optimizer, 0.1, 1.0, scaler)
    assert called == ["scale"] * 3 + ["unscale_", "step", "update"]


# Rescues


@pytest.mark.parametrize("precision", ["float32", "float16"])
def test_a_run_with_the_rescued_step_and_groups_learns(precision, monkeypatch):
    monkeypatch.delenv("ATTENTIF_GRADING", raising=False)
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    torch.manual_seed(0)
    model = CausalLM(ModelConfig(vocab_size=17, d_model=8, n_heads=2, max_length=12))
    batch = {"token_ids": torch.randint(5, 17, (4, 9), generator=torch.Generator().manual_seed(0))}
    config = TrainConfig(
        steps=40, accumulation=2, warmup_steps=3, peak_learning_rate=1e-2, log_every=1, device="cpu",
        precision=precision,
    )  # fmt: skip
    result = pretrain(
        model, [batch] * 80, CausalObjective(), config, step=rescue.training_step,
        groups=rescue.parameter_groups, progress=False,
    )  # fmt: skip
    losses = result.curve("loss")[1]
    assert losses[-1] < 0.8 * losses[0]


def test_the_rescued_step_leaves_the_weights_where_the_gradient_is_not_finite():
    model = SmallModel(narrow())
    batch = {name: torch.from_numpy(array) for name, array in piece(np.float32).items()}
    batch["targets"][0] = float("nan")
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    result = rescue.training_step(model, [batch], SmallObjective(["next"]), optimizer, 0.1)
    assert result.skipped
    assert all(np.array_equal(p.detach().numpy(), narrow()[name]) for name, p in model.named_parameters())


@pytest.mark.parametrize("name", ["training_step", "parameter_groups"])
def test_cards_hold_no_run_of_the_solution(name):
    """Cards go into notebooks, where a release allows none."""
    contract, home = load_contracts()[name], course_home()
    source = (home / "src" / contract.file).read_text(encoding="utf-8")
    secret = set(runs(code_tokens(solution_body(source, name))))
    assert len(secret) > 50
    for language in ("fr", "en"):
        path = exercise_folder(name) / f"card.{language}.md"
        assert not text_runs(path, path.read_text(encoding="utf-8")) & secret
