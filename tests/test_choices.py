"""What a run does to be fast: chosen by hardware and data, said in one line, and no change to what is computed."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
import torch
from typer.testing import CliRunner

from attentif import CausalLM, CausalObjective, MaskedLM, MaskedObjective, ModelConfig, TrainConfig, pretrain
from attentif.choices import choose_attention, choose_compile, choose_packing, choose_prefetch, padding_share
from attentif.cli import app
from attentif.corpus.batching import MaskedBatches, RowBatches, WindowBatches
from attentif.corpus.prefetch import Prefetched
from attentif.corpus.tokenizers import WordTokenizer
from attentif.errors import InputError
from attentif.experiment import RunConfig, prepare

CPU, GPU = torch.device("cpu"), torch.device("cuda", 0)


@pytest.fixture(autouse=True)
def _not_being_graded(monkeypatch):
    monkeypatch.delenv("ATTENTIF_GRADING", raising=False)
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)


@pytest.mark.parametrize(
    ("asked", "device", "longest", "value"),
    [
        ("auto", CPU, 64, "explicit"),
        ("auto", CPU, 1024, "fused"),
        ("auto", GPU, 64, "fused"),
        ("explicit", GPU, 4096, "explicit"),
        ("fused", CPU, 8, "fused"),
    ],
)
def test_attention_follows_the_hardware_and_the_rows(asked, device, longest, value):
    chosen = choose_attention(asked, device, longest)
    assert chosen.value == value and str(chosen).startswith(f"attention {value} (")
    assert (asked == "auto") == ("asked for" not in str(chosen))


@pytest.mark.parametrize(
    ("asked", "device", "one_length", "value"),
    [(None, CPU, True, False), (None, GPU, False, False), (None, GPU, True, True), (True, CPU, False, True), (False, GPU, True, False)],
)  # fmt: skip
def test_compiling_follows_the_hardware_and_the_shapes(asked, device, one_length, value):
    assert choose_compile(asked, device, one_length).value is value


def test_batches_are_made_ahead_for_a_gpu():
    assert [choose_prefetch(None, device).value for device in (CPU, GPU)] == [0, 2]
    assert choose_prefetch(5, CPU).value == 5


def rows_of(lengths):
    return [[2, *([7] * (length - 2)), 3] for length in lengths]


def test_packing_follows_the_padding():
    even, uneven = RowBatches(rows_of([9] * 40), 4, 0), RowBatches(rows_of([3, 3, 3, 30] * 10), 40, 0)
    assert padding_share([even[0]], 0) == 0
    assert padding_share([uneven[0]], 0) == pytest.approx(1 - 390 / 1200)
    assert [choose_packing(None, each, 0).value for each in (even, uneven)] == [False, True]
    assert "68 % of padding" in str(choose_packing(None, uneven, 0))
    assert choose_packing(True, even, 0).value is True


def masked_batches():
    lengths = torch.randint(3, 12, (40,), generator=torch.Generator().manual_seed(1)).tolist()
    return MaskedBatches(RowBatches(rows_of(lengths), 4, 0), WordTokenizer([f"w{n}" for n in range(14)]))


def new_model(kind=MaskedLM):
    torch.manual_seed(0)
    return kind(ModelConfig(vocab_size=19, d_model=12, n_layers=3, n_heads=3, max_length=16, dropout=0.2))


def trained(config: TrainConfig, kind=MaskedLM) -> torch.Tensor:
    model = new_model(kind)
    if kind is CausalLM:
        ids = torch.randint(5, 19, (200,), generator=torch.Generator().manual_seed(2))
        pretrain(model, WindowBatches(ids, 4, 10), CausalObjective(), config, progress=False)
    else:
        pretrain(model, masked_batches(), MaskedObjective(), config, progress=False)
    return torch.cat([parameter.detach().flatten() for parameter in model.parameters()])


PLAIN = TrainConfig(
    steps=12, accumulation=2, warmup_steps=2, device="cpu", precision="float32", peak_learning_rate=1e-2
)


@pytest.mark.parametrize("kind", [MaskedLM, CausalLM])
@pytest.mark.parametrize("change", [{"recompute": True}, {"prefetch": 3}, {"tf32": False}])
def test_options_change_no_weight(kind, change):
    """Dropout is on: what is computed again draws the same numbers."""
    assert torch.equal(trained(replace(PLAIN, **change), kind), trained(PLAIN, kind))


def test_recomputing_keeps_less():
    """Of a block only what enters it is kept for the backward pass."""

    def kept(recompute: bool) -> int:
        model = new_model()
        model.encoder.recompute = recompute
        sizes = []

        def pack(tensor):
            sizes.append(tensor.numel())
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
            MaskedObjective()(model, masked_batches()[0])
        return sum(sizes)

    assert kept(True) < 0.6 * kept(False)


@pytest.mark.slow
def test_compiled_blocks_compute_the_same():
    pytest.importorskip("torch._inductor")
    config = replace(PLAIN, steps=4)
    ids = torch.randint(5, 19, (200,), generator=torch.Generator().manual_seed(2))
    ends = []
    for compiled in (False, True):
        torch.manual_seed(0)
        model = CausalLM(
            ModelConfig(vocab_size=19, d_model=12, n_layers=2, n_heads=3, max_length=16, dropout=0.0)
        )
        model.double()
        pretrain(
            model,
            WindowBatches(ids, 4, 10),
            CausalObjective(),
            replace(config, compile=compiled),
            progress=False,
        )
        assert all(not name.startswith("_orig_mod") for name in model.state_dict())
        ends.append(torch.cat([parameter.detach().flatten() for parameter in model.parameters()]))
    torch.testing.assert_close(ends[0], ends[1], rtol=1e-5, atol=1e-7)


class Counting:
    def __init__(self, fails: int = -1):
        self.made, self.threads, self.fails = [], set(), fails

    def __getitem__(self, index):
        self.made.append(index)
        self.threads.add(threading.current_thread().name)
        if index == self.fails:
            raise InputError(expected="a batch", got="none", remedy="look")
        return {"token_ids": torch.full((1, 1), index)}


def test_prefetched_batches_are_the_same_and_made_by_one_thread():
    source = Counting()
    batches = Prefetched(source, ahead=2)
    for index in (0, 1, 2, 7, 8, 3):  # jumps too
        assert batches[index]["token_ids"].item() == index
    batches.close()
    assert len(source.threads) == 1 and source.threads != {threading.current_thread().name}
    assert source.made[:3] == [0, 1, 2]


def test_a_batch_that_cannot_be_made_fails_where_it_is_asked_for():
    batches = Prefetched(Counting(fails=2), ahead=2)
    assert batches[0]["token_ids"].item() == 0 and batches[1]["token_ids"].item() == 1
    with pytest.raises(InputError, match="expected a batch"):
        batches[2]
    batches.close()


def test_the_command_line_says_what_was_chosen(tmp_path):
    asked = [
        "pretrain", "--steps", "2", "--width", "16", "--layers", "1", "--no-progress", "--out", str(tmp_path / "a"), "--packing", "--recompute",
    ]  # fmt: skip
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.output
    assert (
        "attention explicit (short rows on a CPU); packing on (asked for); compile off (a CPU" in done.output
    )


def test_a_run_of_an_earlier_version_goes_on(tmp_path):
    """Its record lacks the settings that are new."""
    import json

    from attentif.experiment import run

    config = RunConfig(steps=2, width=16, layers=1, attention="explicit", evaluate_every=0)
    run(prepare(config), tmp_path, progress=False)
    record = json.loads((tmp_path / "run.json").read_text())
    for name in ("packing", "norm_eps"):
        record.pop(name, None)
    (tmp_path / "run.json").write_text(json.dumps(record))
    assert run(prepare(config), tmp_path, progress=False).resumed_from == 2


def test_packed_and_padded_runs_end_alike(tmp_path):
    """A whole run, dropout off: the same weights to rounding."""
    config = RunConfig(objective="masked", steps=6, width=16, layers=1, dropout=0.0, evaluate_every=0)
    ends = []
    for packing in (False, True):
        experiment = prepare(replace(config, packing=packing))
        experiment.model.double()  # in float32 the optimizer makes weights of what is rounding in the gradient of keys' biases
        pretrain(
            experiment.model, experiment.batches, experiment.objective, config.train_config(), progress=False
        )
        ends.append(torch.cat([parameter.detach().flatten() for parameter in experiment.model.parameters()]))
    torch.testing.assert_close(ends[0], ends[1], rtol=1e-5, atol=1e-7)
