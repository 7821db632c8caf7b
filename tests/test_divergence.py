"""Runs whose numbers are no longer finite: they stop in time, and say where and what to do."""

from __future__ import annotations

import json
import math

import pytest
import torch

from attentif import (
    CausalLM,
    CausalObjective,
    InputError,
    ModelConfig,
    StepResult,
    TrainConfig,
    causal_lm_loss,
    pretrain,
    training_step,
)
from attentif.checkpoint import load_checkpoint, save_checkpoint
from attentif.divergence import MOST_NOT_FINITE, MOST_SKIPS, MOST_SPIKES, is_spike

V = 17
BATCH = {"token_ids": torch.randint(5, V, (3, 9), generator=torch.Generator().manual_seed(0))}


@pytest.fixture(autouse=True)
def _not_being_graded(monkeypatch):
    monkeypatch.delenv("ATTENTIF_GRADING", raising=False)
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)


def new_model() -> CausalLM:
    torch.manual_seed(0)
    return CausalLM(ModelConfig(vocab_size=V, d_model=8, n_heads=2, max_length=12, dropout=0.0))


class Poisoned(CausalObjective):
    """From the call `first` on, the loss is `value` times what it should be."""

    def __init__(self, first: int, value: float = math.nan):
        super().__init__()
        self.first, self.value, self.calls = first, value, 0

    def __call__(self, model, batch):
        self.calls += 1
        factor = self.value if self.calls >= self.first else 1.0
        return {term: mean * factor for term, mean in super().__call__(model, batch).items()}


def weights_of(model) -> torch.Tensor:
    return torch.cat([parameter.detach().flatten() for parameter in model.parameters()]).clone()


def strictly(text: str) -> list[dict]:
    """The lines of a file of JSON, which knows neither NaN nor Infinity."""

    def refuse(constant):
        raise ValueError(f"{constant} is no JSON")

    return [json.loads(line, parse_constant=refuse) for line in text.splitlines()]


def config(**changes) -> TrainConfig:
    settings = {"steps": 12, "warmup_steps": 2, "log_every": 1, "checkpoint_every": 4, "device": "cpu"}
    return TrainConfig(**{**settings, "precision": "float32", **changes})


def run(model, objective, directory=None, **changes):
    return pretrain(model, [BATCH] * 200, objective, config(**changes), directory=directory, progress=False)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_step_that_is_not_finite_leaves_the_weights_alone(value):
    model = new_model()
    before = weights_of(model)
    optimizer = torch.optim.AdamW(model.parameters())
    result = training_step(model, [BATCH], Poisoned(1, value=value), optimizer, 0.1)
    assert result.skipped and not math.isfinite(result.gradient_norm)
    assert torch.equal(weights_of(model), before) and not optimizer.state
    assert not training_step(model, [BATCH], CausalObjective(), optimizer, 0.1).skipped
    assert not torch.equal(weights_of(model), before)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_run_stops_at_the_step_and_keeps_what_was_good(value, tmp_path):
    model, good = new_model(), new_model()
    with pytest.raises(InputError) as error:
        run(model, Poisoned(8, value=value), tmp_path, steps=30)
    text = str(error.value)
    last = 7 + MOST_NOT_FINITE
    assert text.startswith(f"expected a finite loss and gradient at step {last}, got a loss of {value:g} and")
    assert f"the last of {MOST_NOT_FINITE} steps skipped in a row" in text
    assert "lower the learning rate (its peak is 0.001)" in text and "look at the data" in text
    assert text.endswith(f"; {tmp_path / 'checkpoint.pt'} is as it was") and "\n" not in text
    entries = strictly((tmp_path / "metrics.jsonl").read_text())
    assert [entry["step"] for entry in entries] == list(range(1, last))
    assert [entry["step"] for entry in entries if entry.get("skipped")] == list(range(8, last))
    # What was due at steps 8 and 12 was not written.
    assert load_checkpoint(tmp_path / "checkpoint.pt")["step"] == 4
    # The weights are those of the seventh step, the checkpoint goes on to the end.
    seven = []

    def step(*arguments):
        if len(seven) < 7:
            seven.append(training_step(*arguments))
            return seven[-1]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pretrain(good, [BATCH] * 100, CausalObjective(), config(steps=30), step=step, progress=False)
    assert torch.equal(weights_of(model), weights_of(good))
    result = run(new_model(), CausalObjective(), tmp_path, steps=30)
    assert result.resumed_from == 4 and result.steps == 30


def test_a_few_bad_batches_are_skipped_and_counted(tmp_path):
    class Twice(CausalObjective):
        calls = 0

        def __call__(self, model, batch):
            self.calls += 1
            factor = math.nan if self.calls in (3, 8) else 1.0
            return {term: mean * factor for term, mean in super().__call__(model, batch).items()}

    model = new_model()
    result = run(model, Twice(), tmp_path)
    entries = strictly((tmp_path / "metrics.jsonl").read_text())
    assert [entry["step"] for entry in entries if entry.get("skipped")] == [
        3,
        8,
    ] and result.skipped_steps == 2
    assert result.steps == 12 and bool(weights_of(model).isfinite().all())
    # The checkpoint that was due at step 8 was written at step 9.
    assert load_checkpoint(tmp_path / "checkpoint.1.pt")["step"] == 9


def spiking(steps, factor=20.0):
    """An objective whose loss is `factor` times too large at these steps."""

    class Spiking(CausalObjective):
        calls = 0

        def __call__(self, model, batch):
            self.calls += 1
            scale = factor if self.calls in steps else 1.0
            return {term: mean * scale for term, mean in super().__call__(model, batch).items()}

    return Spiking()


@pytest.mark.parametrize("accumulation", [1, 2])
def test_a_spike_leaves_the_weights_alone(accumulation, tmp_path):
    """A run with two spikes ends with the weights of one in which those steps changed nothing."""
    settings = {"steps": 70, "accumulation": accumulation, "peak_learning_rate": 1e-4}
    calls = [accumulation * step for step in (60, 65)]
    model, without = new_model(), new_model()
    result = run(model, spiking(calls), tmp_path, **settings, checkpoint_every=0)
    entries = strictly((tmp_path / "metrics.jsonl").read_text())
    assert [entry["step"] for entry in entries if entry.get("spike")] == [60, 65]
    assert result.skipped_steps == 2 and entries[59]["loss"] > 5 * entries[58]["loss"]

    def step(model, pieces, objective, optimizer, rate, *rest):
        outcome = None
        done = len(taken) + 1
        if done in (60, 65):
            outcome = StepResult(1.0, 1.0, False)
        taken.append(done)
        return outcome or training_step(model, pieces, objective, optimizer, rate, *rest)

    taken = []
    pretrain(without, [BATCH] * 200, CausalObjective(), config(**settings), step=step, progress=False)
    assert torch.equal(weights_of(model), weights_of(without))


def test_a_level_of_the_loss_that_stays_is_the_new_one():
    result = run(new_model(), spiking(range(60, 99), factor=3.0), steps=80, peak_learning_rate=1e-5)
    assert result.skipped_steps == MOST_SPIKES and result.steps == 80


def test_what_a_spike_is_survives_a_checkpoint(tmp_path):
    settings = {"steps": 70, "checkpoint_every": 30, "peak_learning_rate": 1e-4}

    class Stopped(Exception):
        pass

    def stop(entry):
        if entry["step"] == 61:
            raise Stopped

    with pytest.raises(Stopped):
        pretrain(
            new_model(), [BATCH] * 100, spiking([62]), config(**settings), directory=tmp_path, progress=False,
            on_log=stop,
        )  # fmt: skip
    # Two steps after the checkpoint of step 60: without its losses nothing could be a spike yet.
    result = run(new_model(), spiking([2]), tmp_path, **settings)
    assert result.resumed_from == 60 and result.skipped_steps == 1


def test_ordinary_noise_is_no_spike():
    generator = torch.Generator().manual_seed(0)
    noise = (3 + 0.4 * torch.randn(20_000, generator=generator)).tolist()
    assert not any(is_spike(noise[i], noise[i - 100 : i]) for i in range(100, len(noise)))
    falling = [6 * math.exp(-step / 300) + 1 for step in range(2000)]
    assert not any(is_spike(falling[i], falling[max(0, i - 100) : i]) for i in range(2000))


def test_no_checkpoint_is_spoken_of_where_there_is_none(tmp_path):
    for directory in (None, tmp_path):
        with pytest.raises(InputError, match="at step 10, got a loss of nan") as error:
            run(new_model(), Poisoned(3), directory)
        assert "checkpoint" not in str(error.value)


def test_a_step_that_does_not_look_is_stopped_too(tmp_path):
    """A student's step may apply whatever it has computed: nothing of it is written."""

    def careless(model, pieces, objective, optimizer, rate, *rest):
        optimizer.zero_grad()
        loss = sum(objective(model, pieces[0]).values())
        loss.backward()
        optimizer.step()
        return StepResult(loss.item(), 1.0, False)

    model = new_model()
    with pytest.raises(InputError, match="at step 13, got a loss of nan and a gradient of norm 1"):
        pretrain(
            model,
            [BATCH] * 20,
            Poisoned(6),
            config(steps=20),
            step=careless,
            directory=tmp_path,
            progress=False,
        )
    state = load_checkpoint(tmp_path / "checkpoint.pt")
    assert state["step"] == 4 and all(bool(t.isfinite().all()) for t in state["model"].values())
    assert len(strictly((tmp_path / "metrics.jsonl").read_text())) == 12
    assert bool(weights_of(model).isfinite().all())


def test_a_schedule_without_a_number_is_refused_before_it_does_harm(tmp_path):
    model = new_model()

    def rate(step, *settings):
        return math.nan if step == 0 else 1e-3

    with pytest.raises(InputError, match="at step 1, got learning rate nan; check the schedule"):
        pretrain(
            model, [BATCH] * 12, CausalObjective(), config(), learning_rate=rate, directory=tmp_path,
            progress=False,
        )  # fmt: skip
    assert torch.equal(weights_of(model), weights_of(new_model())) and list(tmp_path.iterdir()) == []


def test_a_validation_loss_that_is_not_finite_stops_the_run(tmp_path):
    class Empty(CausalObjective):
        def __call__(self, model, batch):
            terms = super().__call__(model, batch)
            return terms if model.training else {term: mean / 0.0 for term, mean in terms.items()}

    with pytest.raises(
        InputError, match="finite numbers at step 5, got loss inf, next inf; look at the valid"
    ):
        pretrain(
            new_model(), [BATCH] * 12, Empty(), config(evaluate_every=5), validation=[BATCH],
            directory=tmp_path, progress=False,
        )  # fmt: skip
    assert len(strictly((tmp_path / "metrics.jsonl").read_text())) == 4


def test_a_scaler_skips_some_steps_and_says_so(tmp_path):
    """Five overflows, then one, with good steps in between: the run goes on to its end."""
    model = new_model()

    class Twice(CausalObjective):
        calls = 0

        def __call__(self, model, batch):
            self.calls += 1
            factor = math.inf if self.calls in (3, 4, 5, 6, 7, 10) else 1.0
            return {term: mean * factor for term, mean in super().__call__(model, batch).items()}

    result = run(model, Twice(), tmp_path, precision="float16")
    entries = strictly((tmp_path / "metrics.jsonl").read_text())
    assert entries == result.history and len(entries) == 12
    skipped = [entry["step"] for entry in entries if entry.get("skipped")]
    assert skipped == [3, 4, 5, 6, 7, 10]
    assert entries[2].keys() == {"step", "learning_rate", "skipped"}
    assert result.curve("loss")[0] == [1, 2, 8, 9, 11, 12]
    assert bool(weights_of(model).isfinite().all())


def test_the_loss_of_a_skipped_step_is_kept_where_it_is_a_number(tmp_path):
    class Steep(CausalObjective):
        """A finite loss, and a gradient beyond the numbers of float32."""

        def __call__(self, model, batch):
            terms = super().__call__(model, batch)
            return {term: mean + 1e38 * (mean - mean.detach()) for term, mean in terms.items()}

    with pytest.raises(InputError, match=f"the last of {MOST_SKIPS} steps skipped in a row"):
        run(new_model(), Steep(), tmp_path, precision="float16", steps=100)
    entries = strictly((tmp_path / "metrics.jsonl").read_text())
    assert entries[0].keys() == {"step", "loss", "learning_rate", "skipped"}


def test_infinities_of_an_earlier_version_are_left_out(tmp_path):
    run(new_model(), CausalObjective(), tmp_path)
    state = load_checkpoint(tmp_path / "checkpoint.pt")
    del state["format"]
    state["history"][2] |= {"gradient_norm": math.inf, "loss": math.nan}
    save_checkpoint(tmp_path / "checkpoint.pt", state)
    run(new_model(), CausalObjective(), tmp_path)
    entries = strictly((tmp_path / "metrics.jsonl").read_text())
    assert len(entries) == 12 and entries[2].keys() == {"step", "learning_rate"}


def test_a_scaler_that_only_skips_stops_the_run(tmp_path):
    with pytest.raises(InputError) as error:
        run(new_model(), Poisoned(10), tmp_path, precision="float16", steps=100)
    text = str(error.value)
    assert f"at step {9 + MOST_SKIPS}, got a loss of nan" in text
    assert f"the last of {MOST_SKIPS} steps skipped in a row; lower the learning rate" in text
    entries = strictly((tmp_path / "metrics.jsonl").read_text())
    assert [entry["step"] for entry in entries] == list(range(1, 9 + MOST_SKIPS))
    state = load_checkpoint(tmp_path / "checkpoint.pt")
    assert all(bool(t.isfinite().all()) for t in state["model"].values())


def test_a_part_of_the_student_s_that_gives_nan_is_named_among_the_causes():
    def loss(logits, token_ids, pad_id):
        return causal_lm_loss(logits, token_ids, pad_id) * float("nan")

    with pytest.raises(InputError, match="check the parts that are your own"):
        run(new_model(), CausalObjective(loss=loss))


def test_numbers_are_read_once_a_step(monkeypatch):
    """Each reading makes the CPU wait for a GPU: as many for five pieces as for one."""
    readings = []
    for name in ("item", "__float__", "tolist", "__bool__"):
        real = getattr(torch.Tensor, name)

        def counting(tensor, *arguments, real=real):
            readings.append(tensor.shape)
            return real(tensor, *arguments)

        monkeypatch.setattr(torch.Tensor, name, counting)

    def count(n_pieces: int) -> int:
        model = new_model()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        training_step(model, [BATCH] * 2, CausalObjective(), optimizer, 0.1)
        readings.clear()
        training_step(model, [BATCH] * n_pieces, CausalObjective(), optimizer, 0.1)
        return len(readings)

    assert count(5) == count(1) >= 1
