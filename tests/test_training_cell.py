"""Training cells: a live curve, a state that outlives the kernel, what is normal, and code that has changed since."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import types
from pathlib import Path

import pytest
import torch
from built_course import built_course
from torch import nn

from attentif import Parts
from attentif.checks import check
from attentif.checks.text import set_language
from attentif.code_digest import code_digest
from attentif.errors import InputError
from attentif.expected_losses import NormalExcess, normal_excess, settings_key
from attentif.experiment import RunConfig, prepare
from attentif.run_folder import run_folder
from attentif.training_cell import Paused, train
from attentif_grading.places import course_home

TINY = {
    "steps": 12,
    "batch": 4,
    "width": 16,
    "heads": 2,
    "layers": 1,
    "checkpoint_every": 4,
    "evaluate_every": 6,
}


@pytest.fixture(autouse=True)
def not_graded(monkeypatch):
    monkeypatch.delenv("ATTENTIF_GRADING", raising=False)
    monkeypatch.setattr("attentif.in_use._made_with", {})
    set_language("en")


def tiny(parts=None, **changes):
    return prepare(RunConfig(**{**TINY, **changes}), parts)


def in_notebook(monkeypatch, source, **names):
    """Definitions as a notebook has them: in __main__, compiled from a cell."""
    main = sys.modules["__main__"]
    before = dict(vars(main))
    namespace = {"__name__": "__main__", **names}
    exec(compile(source, "<cell>", "exec"), namespace)
    made = {
        name: value for name, value in namespace.items() if getattr(value, "__module__", "") == "__main__"
    }
    for name, value in made.items():
        monkeypatch.setattr(main, name, value, raising=False)
    assert set(before) <= set(vars(main))
    return types.SimpleNamespace(**made)


# Keeping the state.


def test_a_run_that_was_stopped_goes_on_with_a_continuous_curve(tmp_path, capsys):
    whole = train(tiny(), "whole", tmp_path, progress=False)

    def stop_at_7(*arguments):
        if arguments[0] == 6:
            os.kill(os.getpid(), signal.SIGINT)
        from attentif import warmup_cosine

        return warmup_cosine(*arguments)

    with pytest.raises(Paused, match="Paused at step 7 of 12"):
        train(tiny(), "cut", tmp_path, learning_rate=stop_at_7, progress=False)
    capsys.readouterr()
    # The same code by another name of place: stopping is over.
    record = tmp_path / "cut.json"
    record.write_text(json.dumps(json.loads((tmp_path / "whole.json").read_text())))
    again = train(tiny(), "cut", tmp_path, progress=False)
    assert "goes on from step 7 of 12" in capsys.readouterr().out
    assert again.resumed_from == 7 and again.steps == 12
    assert again.curve("loss") == whole.curve("loss")
    assert again.curve("validation_loss") == whole.curve("validation_loss")


KILLED = """
import os, signal, sys
from pathlib import Path
from attentif import warmup_cosine
from attentif.experiment import RunConfig, prepare
from attentif.training_cell import train

def rate(step, *settings):
    if step == 9 and "--die" in sys.argv:
        os.kill(os.getpid(), signal.SIGKILL)
    return warmup_cosine(step, *settings)

settings = {settings}
result = train(prepare(RunConfig(**settings)), "run", Path(sys.argv[1]), learning_rate=rate, progress=False)
import json
print(json.dumps(result.curve("loss")), result.resumed_from)
"""


def test_a_killed_kernel_loses_nothing_that_was_kept(tmp_path):
    script = tmp_path / "cell.py"
    script.write_text(KILLED.format(settings=TINY))

    def run(folder, *options):
        command = [sys.executable, str(script), str(tmp_path / folder), *options]
        return subprocess.run(command, capture_output=True, text=True, timeout=300)

    assert run("cut", "--die").returncode == -signal.SIGKILL
    again, whole = run("cut"), run("whole")
    curve, resumed = again.stdout.strip().splitlines()[-1].rsplit(" ", 1)
    assert resumed == "8" and "goes on from step 8 of 12" in again.stdout
    assert curve == whole.stdout.strip().splitlines()[-1].rsplit(" ", 1)[0]
    assert json.loads(curve)[0][-1] == 12


def test_a_finished_run_is_read_back_and_can_be_asked_for_again(tmp_path, capsys):
    first = train(tiny(), "run", tmp_path, progress=False)
    trained = tiny()
    second = train(trained, "run", tmp_path, progress=False)
    assert "trained already (12 steps)" in capsys.readouterr().out
    assert second.curve("loss") == first.curve("loss") and second.resumed_from == 12
    third = train(tiny(), "run", tmp_path, again=True, progress=False)
    assert third.resumed_from == 0 and third.curve("loss") == first.curve("loss")
    assert (tmp_path / "run.1" / "metrics.jsonl").is_file()
    assert not (tmp_path / "run.1" / "checkpoint.pt").exists()


def test_changed_settings_begin_again_and_say_which(tmp_path, capsys):
    train(tiny(), "run", tmp_path, progress=False)
    result = train(tiny(steps=13), "run", tmp_path, progress=False)
    assert "the settings (steps)" in capsys.readouterr().out
    assert result.resumed_from == 0 and result.steps == 13


NORM = """
class LayerNorm(nn.Module):
    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.weight, self.bias = nn.Parameter(torch.ones(d_model)), nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        {comment}
        return {factor} * F.layer_norm(x, x.shape[-1:], self.weight, self.bias, self.eps)
"""
USED = {"nn": nn, "torch": torch, "F": nn.functional}


def test_changed_code_begins_again_and_a_comment_does_not(tmp_path, monkeypatch, capsys):
    def trained(comment, factor):
        made = in_notebook(monkeypatch, NORM.format(comment=comment, factor=factor), **USED)
        return train(tiny(Parts(norm=made.LayerNorm)), "run", tmp_path, progress=False).resumed_from

    assert trained("# first", 1.0) == 0
    assert trained("# another comment", 1.0) == 12
    assert "trained already" in capsys.readouterr().out
    assert trained("# first", 0.5) == 0
    assert "your code (LayerNorm)" in capsys.readouterr().out


def test_a_damaged_state_begins_again(tmp_path, capsys):
    train(tiny(), "run", tmp_path, progress=False)
    for name in ("checkpoint.pt", "checkpoint.1.pt"):
        (tmp_path / "run" / name).write_bytes(b"cut short")
    result = train(tiny(), "run", tmp_path, progress=False)
    assert "cannot be read" in capsys.readouterr().out
    assert result.resumed_from == 0 and result.steps == 12


def test_a_full_drive_is_an_error_with_a_remedy(tmp_path, monkeypatch):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("attentif.checkpoint_series.save_checkpoint", full)
    with pytest.raises(InputError, match="bin of Drive"):
        train(tiny(), "run", tmp_path, progress=False)


def test_without_a_folder_nothing_is_written_and_a_stop_says_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert train(tiny(), "run", None, progress=False).steps == 12

    def stopping(*arguments):
        os.kill(os.getpid(), signal.SIGINT)
        return 1e-3

    with pytest.raises(Paused, match="Nothing is kept") as caught:
        train(tiny(), "run", None, learning_rate=stopping, progress=False)
    assert caught.value._render_traceback_() == [str(caught.value)]
    assert list(tmp_path.iterdir()) == []
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_second_stop_does_not_wait_for_the_step(tmp_path):
    def stuck(*arguments):
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(60)

    with pytest.raises(KeyboardInterrupt) as caught:
        train(tiny(), "run", tmp_path, learning_rate=stuck, progress=False)
    assert not isinstance(caught.value, Paused)


def test_while_grading_nothing_is_trained_or_written(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("ATTENTIF_GRADING", "1")
    assert train(tiny(), "run", tmp_path).skipped_while_grading
    assert run_folder() is None and list(tmp_path.iterdir()) == []
    assert "skipped while" in capsys.readouterr().out


# Where it is kept.


def test_the_folder_is_beside_the_notebook_or_where_the_environment_says(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ATTENTIF_RUNS", raising=False)
    assert run_folder() == tmp_path / "attentif-runs" and (tmp_path / "attentif-runs").is_dir()
    monkeypatch.setenv("ATTENTIF_RUNS", str(tmp_path / "elsewhere"))
    assert run_folder() == tmp_path / "elsewhere"
    assert str(tmp_path / "elsewhere") in capsys.readouterr().out
    monkeypatch.setenv("ATTENTIF_RUNS", "")
    assert run_folder() is None
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ATTENTIF_RUNS", str(tmp_path / "file" / "below"))
    assert run_folder() is None
    assert "Nothing can be written" in capsys.readouterr().out


@pytest.mark.parametrize("refused", [False, True])
def test_on_colab_it_is_in_drive_if_the_student_allows_it(refused, tmp_path, monkeypatch, capsys):
    """google.colab played by a module of ours: mount() makes the folder, or raises as a refusal does."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ATTENTIF_RUNS", raising=False)
    monkeypatch.setattr("attentif.run_folder._DRIVE", tmp_path / "drive")
    asked = []

    def mount(place):
        asked.append(place)
        if refused:
            raise ValueError("mount failed")
        (Path(place) / "MyDrive").mkdir(parents=True)

    package, colab, drive = (
        types.ModuleType(name) for name in ("google", "google.colab", "google.colab.drive")
    )
    drive.mount = mount
    for module in (package, colab, drive):
        module.__path__ = []
        module.__spec__ = types.SimpleNamespace(name=module.__name__)
        monkeypatch.setitem(sys.modules, module.__name__, module)
    folder = run_folder()
    said = capsys.readouterr().out
    assert asked == [str(tmp_path / "drive")]
    if refused:
        assert folder == tmp_path / "attentif-runs" and "lost when Colab takes it back" in said
        assert run_folder(drive=False) == folder and len(asked) == 1
    else:
        assert folder == tmp_path / "drive" / "MyDrive" / "attentif-runs" and str(folder) in said
        assert run_folder() == folder and len(asked) == 1


# Code that has changed since.


def test_parts_that_were_mended_after_the_model_was_made_are_noticed(monkeypatch, capsys):
    old = in_notebook(monkeypatch, NORM.format(comment="", factor=0.9), **USED)
    experiment = tiny(Parts(norm=old.LayerNorm))
    in_notebook(monkeypatch, NORM.format(comment="", factor=0.9), **USED)
    train(experiment, "run", None, title="small model", progress=False)
    assert (
        "does not use it yet" not in capsys.readouterr().out
    )  # the cell was run again, and nothing is new in it
    new = in_notebook(monkeypatch, NORM.format(comment="", factor=1.0), **USED)
    train(experiment, "run", None, title="small model", progress=False)
    assert "does not use it yet: LayerNorm" in capsys.readouterr().out
    assert check(old.LayerNorm).outdated == ()  # wrong: that comes first
    outdated = check(new.LayerNorm)
    assert outdated.outdated == ("small model",)
    assert "Made with an earlier version of it: small model" in capsys.readouterr().out
    assert "small model" in outdated._repr_html_()
    train(tiny(Parts(norm=new.LayerNorm)), "run", None, title="small model", progress=False)
    assert check(new.LayerNorm).outdated == ()


def test_a_digest_follows_what_the_notebook_calls(monkeypatch):
    source = "def helper(x):\n    return x + {n}\n\n\ndef f(x):\n    return helper(x) if x in {{1, 'a', 'b'}} else len(str(x))\n"
    first = in_notebook(monkeypatch, source.format(n=1)).f
    same = in_notebook(monkeypatch, "# a comment\n\n" + source.format(n=1)).f
    other = in_notebook(monkeypatch, source.format(n=2)).f
    assert code_digest(first) == code_digest(same) != code_digest(other)


def test_a_digest_is_the_same_in_another_process():
    program = (
        "def f(x, y=frozenset({'a', 'b', 'c'})):\n    return x in {'p', 'q', 'r', 's'} and (lambda: y)()\n"
        "from attentif.code_digest import code_digest\nprint(code_digest(f))"
    )
    found = set()
    for seed in ("1", "2", "3"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, env=environment
        )
        found.add(done.stdout)
    assert len(found) == 1 and len(found.pop().strip()) == 16


# What is normal.


def test_a_loss_is_compared_with_what_the_reference_reaches(monkeypatch, capsys):
    config = RunConfig(**TINY)
    assert normal_excess(config) is None
    losses = [(5.0, 1.0), (5.1, 1.0), (5.2, 1.0)]
    monkeypatch.setattr("attentif.expected_losses.read_losses", lambda: {settings_key(config): losses})
    assert normal_excess(RunConfig(**{**TINY, "seed": 5, "checkpoint_every": 0})) == NormalExcess(
        pytest.approx(4.1), pytest.approx(0.1), 3
    )
    assert normal_excess(RunConfig(**{**TINY, "width": 32})) is None
    normal = NormalExcess(5.1, 0.1, 3)
    assert [normal.verdict(loss) for loss in (5.35, 5.45, 4.75, float("nan"))] == [
        "within",
        "above",
        "below",
        "above",
    ]
    monkeypatch.setattr("attentif.training_cell.normal_excess", lambda config: NormalExcess(1.0, 0.01, 3))
    train(tiny(), "run", None, progress=False)
    assert (
        "1.000 ± 0.010 nats above the floor" in (said := capsys.readouterr().out) and "That is more" in said
    )


def test_a_text_is_compared_with_plain_frequencies(tmp_path, capsys):
    text = tmp_path / "text.txt"
    text.write_text("le chat dort . le chien court .\n" * 200)
    train(tiny(corpus=str(text), context=16), "run", tmp_path / "runs", progress=False)
    assert "by its frequency alone" in capsys.readouterr().out
    assert torch.get_default_dtype() is torch.float32


def test_what_is_normal_is_known_for_every_training_cell_on_a_cpu():
    sys.path.insert(0, str(course_home() / "benchmarks"))
    try:
        from expected_losses import training_settings
    finally:
        sys.path.pop(0)
    settings = list(training_settings("cpu"))
    assert len(settings) == 6
    for config in settings:
        normal = normal_excess(config)
        assert normal is not None, f"run benchmarks/expected_losses.py: nothing for {settings_key(config)}"
        assert normal.seeds >= 3 and 0 < normal.spread < 0.5 * normal.mean


@pytest.mark.slow
def test_a_notebook_whose_kernel_is_killed_goes_on_when_everything_is_run_again(tmp_path, monkeypatch):
    """As when Colab takes the machine back in mid-training: the curve is the one of a single run."""
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    built = built_course()[0]
    monkeypatch.setenv("PYTHONPATH", str(built / "build" / "student" / "src"))
    monkeypatch.delenv("ATTENTIF_RUNS", raising=False)
    notebook = nbformat.read(next(built.glob("grading/source/*-fr/notebook1*.ipynb")), as_version=4)
    names = [cell.metadata.get("attentif", {}).get("name", "") for cell in notebook.cells]
    until = names.index("train_causal") + 1
    kept = zip(names[:until], notebook.cells[:until], strict=True)
    notebook.cells = [cell for name, cell in kept if not name.endswith(("_public", "_hidden"))]
    place = tmp_path / "attentif-runs" / "causal-fr"

    def client():
        return nbclient.NotebookClient(
            notebook, timeout=900, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
        )

    first = client()

    def kill():
        while not (place / "checkpoint.pt").exists():
            time.sleep(0.1)
        os.kill(first.km.provisioner.process.pid, signal.SIGKILL)

    threading.Thread(target=kill, daemon=True).start()
    with pytest.raises(nbclient.exceptions.DeadKernelError):
        first.execute()
    client().execute()
    lines = [json.loads(line) for line in (place / "metrics.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == list(range(10, 801, 10))
    said = "".join(output.get("text", "") for output in notebook.cells[-1].outputs)
    assert "L'entraînement continue à l'étape 250" in said or "à l'étape 500" in said
    assert "C'est normal." in said


def test_what_is_still_unwritten_has_not_changed(monkeypatch, capsys):
    """A rescue part serves in its place: nothing is to be run again."""
    from attentif import rescue

    unwritten = NORM.format(comment="raise NotImplementedError()", factor=1.0)
    in_notebook(monkeypatch, unwritten, **USED)
    experiment = tiny(Parts(norm=rescue.PARTS["LayerNorm"]))
    train(experiment, "run", None, title="small model", progress=False)
    assert "does not use it yet" not in capsys.readouterr().out
    in_notebook(monkeypatch, NORM.format(comment="", factor=1.0), **USED)
    train(experiment, "run", None, title="small model", progress=False)
    assert "does not use it yet: LayerNorm" in capsys.readouterr().out


def test_code_that_crashes_in_training_is_told_to_be_the_students(capsys):
    def broken(*arguments):
        raise RuntimeError("view size is not compatible")

    with pytest.raises(RuntimeError, match="view size"):
        train(tiny(), "run", None, step=broken, progress=False)
    assert "raise NotImplementedError() back into its cell" in capsys.readouterr().out
