"""The command line: what it does, and that bad input is one clear line, exit code 2, nothing overwritten."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from attentif.cli import app
from attentif.errors import AttentifError
from attentif.evaluation import unigram_baseline
from attentif.experiment import RunConfig, prepare

SMALL = ["--steps", "6", "--batch", "4", "--width", "16", "--heads", "2", "--layers", "1", "--no-progress"]


def call(*arguments: str) -> tuple[int, str, str]:
    """The command line in a process of its own: exit code, output, errors."""
    done = subprocess.run(
        [sys.executable, "-m", "attentif", *arguments], capture_output=True, text=True, timeout=300
    )
    return done.returncode, done.stdout, done.stderr


def inside(*arguments: str) -> None:
    """The same in this process, which is faster; errors are raised."""
    app(list(arguments), standalone_mode=False)


def refused(*arguments: str) -> str:
    """The message of a refusal."""
    with pytest.raises(AttentifError) as caught:
        inside(*arguments)
    message = str(caught.value)
    assert "\n" not in message and "expected" in message and "got" in message and ";" in message
    return message


def test_a_process_prints_one_line_and_exits_with_2(tmp_path):
    code, output, errors = call("pretrain", "--corpus", "microcosme:fr", "--out", str(tmp_path / "run"))
    assert code == 2
    assert errors.startswith("error: expected a corpus among") and errors.count("\n") == 1
    assert output == ""
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "empty"), ("caf\xe9 noir".encode("latin-1") * 9, "UTF-8"), (b"\x00\x01\x02" * 50, "")],
)
def test_a_file_that_is_no_text_is_refused(tmp_path, content, said):
    path = tmp_path / "text.txt"
    path.write_bytes(content)
    message = refused("pretrain", "--corpus", str(path), "--out", str(tmp_path / "run"), *SMALL)
    assert said in message
    assert not (tmp_path / "run").exists()


def test_a_missing_file_is_refused(tmp_path):
    assert "nothing.txt" in refused("pretrain", "--corpus", str(tmp_path / "nothing.txt"))


def test_width_and_heads_must_fit(tmp_path):
    message = refused("pretrain", "--width", "30", "--heads", "4", "--out", str(tmp_path / "run"))
    assert "d_model=30 and n_heads=4" in message and "n_heads=" in message.split(";")[1]
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--objective", "both"),
        ("--tokenizer", "sentencepiece"),
        ("--attention", "flash"),
        ("--dropout", "1.5"),
        ("--steps", "0"),
        ("--batch", "0"),
        ("--validation-share", "1.0"),
        ("--precision", "int8"),
        ("--warmup", "1001"),
        ("--warmup", "-2"),
        ("--floor-learning-rate", "0.002"),
        ("--learning-rate", "nan"),
        ("--weight-decay", "-0.5"),
        ("--evaluate-every", "-1"),
    ],
)
def test_a_setting_out_of_range_is_refused(tmp_path, option, value):
    assert value in refused("pretrain", option, value, "--out", str(tmp_path / "run"))
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    "flags",
    [["--context", "12"], ["--context", "2"], ["--objective", "pairs", "--context", "30"], ["--seed", "-1"]],
)
def test_what_would_fail_after_training_is_refused_before(tmp_path, flags):
    refused("pretrain", *SMALL, *flags, "--out", str(tmp_path / "run"))
    assert not (tmp_path / "run").exists()


def test_a_refused_setting_leaves_the_folder_free(tmp_path):
    out = str(tmp_path / "run")
    refused("pretrain", *SMALL, "--accumulation", "0", "--out", out)
    inside("pretrain", *SMALL, "--out", out)
    assert (tmp_path / "run" / "model.safetensors").exists()


def test_a_file_in_the_place_of_the_folder_is_kept(tmp_path):
    path = tmp_path / "run"
    path.write_text("mine")
    assert "a file" in refused("pretrain", *SMALL, "--out", str(path))
    assert path.read_text() == "mine"


def test_a_toml_file_sets_what_flags_do_not(tmp_path):
    settings = tmp_path / "run.toml"
    settings.write_text('steps = 3\nbatch = 4\nwidth = 16\nheads = 2\nlayers = 1\ncorpus = "microcosm:en"\n')
    out = tmp_path / "run"
    inside("pretrain", "--config", str(settings), "--steps", "5", "--no-progress", "--out", str(out))
    said = json.loads((out / "run.json").read_text())
    assert (said["steps"], said["batch"], said["corpus"]) == (5, 4, "microcosm:en")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("stesp = 3", "settings among corpus, rows, objective"),
        ("steps = 'three'", "steps to be a whole number, got 'three'"),
        ("steps = ", "a readable TOML file"),
        ("steps = true", "steps to be a whole number, got True"),
        ("warmup = 2.5", "warmup to be a whole number, got 2.5"),
        ("init_std = 'small'", "init_std to be a number, got 'small'"),
        ("bias = 1", "bias to be true or false, got 1"),
    ],
)
def test_a_wrong_toml_file_is_refused(tmp_path, line, said):
    settings = tmp_path / "run.toml"
    settings.write_text(line + "\n")
    assert said in refused("pretrain", "--config", str(settings), "--out", str(tmp_path / "run"))
    assert not (tmp_path / "run").exists()


def test_a_whole_number_is_a_float_too():
    assert RunConfig.from_mapping({"learning_rate": 1, "init_std": 1}).learning_rate == 1


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> Path:
    """A small causal and a small masked run."""
    folder = tmp_path_factory.mktemp("runs")
    inside("pretrain", *SMALL, "--out", str(folder / "causal"))
    inside("pretrain", *SMALL, "--objective", "masked", "--out", str(folder / "masked"))
    return folder


def test_a_run_leaves_model_tokenizer_metrics_and_checkpoint(runs):
    names = {path.name for path in (runs / "causal").iterdir()}
    assert names == {
        "run.json", "metrics.jsonl", "checkpoint.pt", "model.safetensors", "config.json", "tokenizer.json",
    }  # fmt: skip
    entries = [json.loads(line) for line in (runs / "causal" / "metrics.jsonl").read_text().splitlines()]
    assert entries[-1]["step"] == 6 and entries[-1]["validation_loss"] > 0


def test_another_run_is_not_overwritten(runs):
    before = {path.name: path.read_bytes() for path in (runs / "causal").iterdir()}
    settings = [*SMALL[:1], "7", *SMALL[2:]]
    assert "steps" in refused("pretrain", *settings, "--out", str(runs / "causal"))
    assert "resume" in refused("pretrain", *SMALL, "--no-resume", "--out", str(runs / "causal"))
    assert {path.name: path.read_bytes() for path in (runs / "causal").iterdir()} == before


def test_a_folder_of_something_else_is_not_touched(tmp_path):
    (tmp_path / "thesis.tex").write_text("mine")
    refused("pretrain", *SMALL, "--out", str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_checkpoint_cut_in_half_is_refused_and_kept(runs, tmp_path):
    import shutil

    broken = shutil.copytree(runs / "causal", tmp_path / "broken")
    whole = (broken / "checkpoint.pt").read_bytes()
    (broken / "checkpoint.pt").write_bytes(whole[: len(whole) // 2])
    message = refused("pretrain", *SMALL, "--out", str(broken))
    assert "damaged" in message
    assert (broken / "checkpoint.pt").read_bytes() == whole[: len(whole) // 2]


def test_the_same_command_again_goes_on_and_changes_nothing(runs, capsys):
    weights = (runs / "masked" / "model.safetensors").read_bytes()
    inside("pretrain", *SMALL, "--objective", "masked", "--out", str(runs / "masked"))
    assert "resumed from step 6" in capsys.readouterr().out
    assert (runs / "masked" / "model.safetensors").read_bytes() == weights


def test_generate_continues_a_prompt(runs, capsys):
    inside("generate", str(runs / "causal"), "--prompt", "notre dentiste", "--tokens", "5", "--samples", "2")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 and all(line.lower().startswith("notre dentiste") for line in lines)
    inside("generate", str(runs / "causal"), "--beams", "3", "--tokens", "4")
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_generate_and_probe_refuse_the_other_kind_of_model(runs):
    assert "causal" in refused("generate", str(runs / "masked"))
    assert "masked" in refused("probe", str(runs / "causal"), "--text", "notre [MASK] .")
    assert "saved by attentif" in refused("generate", str(runs / "nothing"))


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--samples", "0"], "--samples of at least 1, got 0"),
        (["--tokens", "-3"], "--tokens of at least 1, got -3"),
        (["--beams", "0"], "--beams of at least 1, got 0"),
        (["--beams", "3", "--samples", "4"], "--samples of at most 3, one a beam, got 4; raise --beams"),
        (["--temperature", "-0.5"], "--temperature of at least 0, got -0.5"),
        (["--temperature", "nan"], "--temperature of at least 0, got nan"),
        (["--top-k", "0"], "--top-k of at least 1, got 0"),
        (["--top-p", "0"], "--top-p above 0, at most 1, got 0.0"),
        (["--top-p", "1.5"], "--top-p above 0, at most 1, got 1.5"),
        (["--alpha", "-1"], "--alpha of at least 0, got -1.0"),
        (["--seed", "-1"], "--seed from 0"),
        (["--seed", str(2**70)], "--seed from 0"),
    ],
)
def test_generate_refuses_settings_before_it_loads_a_model(tmp_path, flags, said):
    assert said in refused("generate", str(tmp_path / "nothing"), *flags)


def test_a_refused_setting_of_generate_is_one_line_and_exit_code_2(tmp_path):
    code, output, errors = call("generate", str(tmp_path), "--samples", "0")
    assert (
        (code, output) == (2, "")
        and errors.startswith("error: expected --samples")
        and errors.count("\n") == 1
    )


def test_as_many_samples_as_beams(runs, capsys):
    inside("generate", str(runs / "causal"), "--beams", "3", "--samples", "3", "--tokens", "4")
    assert len(capsys.readouterr().out.splitlines()) == 3


def test_probe_fills_masks_and_compares_sentences(runs, tmp_path, capsys):
    inside("probe", str(runs / "masked"), "--text", "notre [MASK] travaille .", "--k", "3")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 and len(lines[1].split("   ")) >= 3
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("il travaille .\telle travaille .\n")
    inside("probe", str(runs / "masked"), "--pairs", str(pairs))
    assert "nats" in capsys.readouterr().out


def test_probe_without_a_mask_or_too_long_is_refused(runs):
    assert "mask" in refused("probe", str(runs / "masked"), "--text", "notre dentiste travaille .").lower()
    long = "notre [MASK] " + "travaille " * 80
    assert "64" in refused("probe", str(runs / "masked"), "--text", long)
    refused("probe", str(runs / "masked"))


def test_probe_prints_nothing_when_it_refuses(runs, tmp_path, capsys):
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("il travaille .\telle travaille .\til travaille .\n")
    good = ["--text", "notre [MASK] travaille ."]
    for flags, said in (
        (["--text", "notre dentiste travaille ."], "at least one [MASK]"),
        ([*good, "--text", "notre dentiste travaille ."], "at least one [MASK]"),
        ([*good, "--k", "0"], "--k of at least 1, got 0"),
        ([*good, "--k", "100000"], "k to be a whole number from 1"),
        ([*good, "--pairs", str(pairs)], "two sentences a line, separated by a tab, got 3 in"),
        ([*good, "--pairs", str(tmp_path / "nothing.tsv")], "nothing.tsv"),
    ):
        assert said in refused("probe", str(runs / "masked"), *flags)
        assert capsys.readouterr().out == ""
    # The number of words and the file are looked at before a model is.
    assert "--k" in refused("probe", str(tmp_path / "nothing"), *good, "--k", "0")
    assert "tab" in refused("probe", str(tmp_path / "nothing"), "--pairs", str(pairs))


def test_words_that_the_model_does_not_know_are_named_once(runs, tmp_path, capsys):
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("il travaille .\tzorglub travaille .\n")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        inside(
            "probe", str(runs / "masked"), "--text", "notre [MASK] bidule .", "--text", "notre bidule [MASK] .",
            "--pairs", str(pairs),
        )  # fmt: skip
    said = capsys.readouterr()
    assert said.err == ("warning: not in the vocabulary, so the model reads [UNK] instead: bidule, zorglub\n")
    assert len(said.out.splitlines()) == 5
    inside("generate", str(runs / "causal"), "--prompt", "notre bidule", "--tokens", "2")
    assert capsys.readouterr().err.endswith("reads [UNK] instead: bidule\n")
    inside("generate", str(runs / "causal"), "--prompt", "Notre dentiste", "--tokens", "2")
    inside("probe", str(runs / "masked"), "--text", "Notre dentiste [MASK].")
    assert capsys.readouterr().err == ""


def test_text_corpora_train_causal_and_masked(tmp_path):
    path = tmp_path / "text.txt"
    lines = [f"la phrase numéro {i} parle du jour {i % 7}" for i in range(120)]
    path.write_text("\n\n".join("\n".join(lines[i : i + 5]) for i in range(0, 120, 5)), encoding="utf-8")
    for objective in ("causal", "masked", "pairs"):
        config = RunConfig(
            corpus=str(path), objective=objective, steps=2, batch=4, width=16, heads=2, layers=1,
            context=24, vocab_size=120,
        )  # fmt: skip
        experiment = prepare(config)
        batch = experiment.batches[0]
        assert batch["token_ids"].shape[0] == 4
        assert ("labels" in batch) == (objective != "causal")
        assert ("is_next" in batch) == (objective == "pairs")
        assert unigram_baseline(experiment) > 0
