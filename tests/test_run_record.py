"""run.json: a run goes on with the settings, the corpus and the tokenizer that it began with, or not at all."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from attentif.corpus import Corpus, open_corpus
from attentif.corpus.microcosm import Microcosm
from attentif.corpus.tokenizers import CharTokenizer, WordTokenizer, train_tokenizer
from attentif.errors import InputError
from attentif.experiment import RunConfig, prepare, run
from attentif.run_record import corpus_digest, tokenizer_digest
from attentif.training_state import TrainConfig

LINES = [f"la phrase numéro {i} parle du jour {i % 7}" for i in range(60)]
TINY = {"steps": 4, "batch": 4, "width": 16, "heads": 2, "layers": 1, "context": 16, "checkpoint_every": 2}


@pytest.fixture(autouse=True)
def _not_being_graded(monkeypatch):
    monkeypatch.delenv("ATTENTIF_GRADING", raising=False)
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)


@pytest.fixture
def text(tmp_path) -> Path:
    path = tmp_path / "text.txt"
    path.write_text("\n".join(LINES) + "\n", encoding="utf-8")
    return path


def pretrain(text: Path, out: Path, **changes):
    config = RunConfig(corpus=str(text), **{**TINY, **changes})
    return run(prepare(config), out, progress=False)


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def refused(text: Path, out: Path, **changes) -> str:
    """The message of a refusal that changes no byte of the run."""
    before = content(out)
    with pytest.raises(InputError) as error:
        pretrain(text, out, **changes)
    assert content(out) == before
    message = str(error.value)
    assert "\n" not in message
    return message


def test_an_unchanged_corpus_goes_on(text, tmp_path):
    pretrain(text, tmp_path / "run")
    result = pretrain(text, tmp_path / "run", evaluate_every=1)
    assert result.resumed_from == result.steps == 4


@pytest.mark.parametrize("objective", ["causal", "masked"])
@pytest.mark.parametrize(
    "change",
    [
        lambda lines: [*lines[:30], lines[31], lines[30], *lines[32:]],  # the same words in another order
        lambda lines: [*lines, lines[0]],
        lambda lines: lines[:-1],
        lambda lines: [*lines[:20], "", *lines[20:]],  # where a document ends is part of it
    ],
    ids=["order", "longer", "shorter", "documents"],
)
def test_a_changed_corpus_is_noticed(change, objective, text, tmp_path):
    out = tmp_path / "run"
    pretrain(text, out, objective=objective)
    text.write_text("\n".join(change(LINES)) + "\n", encoding="utf-8")
    message = refused(text, out, objective=objective)
    assert message.startswith(f"expected the corpus that the run in {out} began with (SHA-256 ")
    assert f"got another one from {text} (" in message
    assert f"; restore {text} as it was, or choose another folder with --out" in message
    text.write_text("\n".join(LINES) + "\n", encoding="utf-8")
    assert pretrain(text, out, objective=objective).resumed_from == 4


def test_the_bytes_that_reading_drops_are_no_change(text, tmp_path):
    pretrain(text, tmp_path / "run")
    text.write_bytes(b"\xef\xbb\xbf" + text.read_bytes().replace(b"\n", b"\r\n"))
    assert pretrain(text, tmp_path / "run").resumed_from == 4


def test_a_changed_tokenizer_is_noticed(text, tmp_path):
    out = tmp_path / "run"
    pretrain(text, out)
    experiment = prepare(RunConfig(corpus=str(text), **TINY))
    experiment.tokenizer = CharTokenizer("".join(LINES) + "£")
    before = content(out)
    with pytest.raises(
        InputError, match=r"the tokenizer that the run in .* began with.*; use the version of"
    ):
        run(experiment, out, progress=False)
    assert content(out) == before


def test_a_record_of_an_earlier_version_goes_on_and_is_completed(text, tmp_path):
    out = tmp_path / "run"
    pretrain(text, out)
    path = out / "run.json"
    whole = json.loads(path.read_text())
    assert len(whole["corpus_sha256"]) == len(whole["tokenizer_sha256"]) == 64
    earlier = {name: value for name, value in whole.items() if not name.endswith("_sha256")}
    path.write_text(json.dumps(earlier))
    assert pretrain(text, out).resumed_from == 4
    assert json.loads(path.read_text()) == whole
    text.write_text("\n".join(LINES[1:]) + "\n", encoding="utf-8")
    assert "the corpus that the run" in refused(text, out)


def test_other_settings_are_named_before_the_corpus_is(text, tmp_path):
    pretrain(text, tmp_path / "run")
    text.write_text("\n".join(LINES[1:]) + "\n", encoding="utf-8")
    assert "a run with another seed" in refused(text, tmp_path / "run", seed=1)


@pytest.mark.parametrize("damage", ["", "{", "[1]", "null", "3"])
def test_a_damaged_record_is_no_record_of_this_run(damage, text, tmp_path):
    pretrain(text, tmp_path / "run")
    (tmp_path / "run" / "run.json").write_text(damage)
    assert "a run with another corpus" in refused(text, tmp_path / "run")


def test_what_was_chosen_is_recorded_as_what_was_given(text, tmp_path):
    """The defaults that adapt are written as numbers: saying them again is the same run."""
    pretrain(text, tmp_path / "run", learning_rate=2e-4)
    said = json.loads((tmp_path / "run" / "run.json").read_text())
    assert said["warmup"] == 4 and said["floor_learning_rate"] == pytest.approx(2e-5)
    same = {"learning_rate": 2e-4, "warmup": 4, "floor_learning_rate": said["floor_learning_rate"]}
    assert pretrain(text, tmp_path / "run", **same).resumed_from == 4
    assert "another warmup" in refused(text, tmp_path / "run", **{**same, "warmup": 3})


def test_a_warmup_or_a_floor_that_does_not_fit_is_an_error_and_not_cut():
    with pytest.raises(InputError, match="warmup_steps from 0 to 50, the steps of the run, got 100"):
        RunConfig(steps=50, warmup=100)
    with pytest.raises(InputError, match=r"floor_learning_rate <= peak_learning_rate, got 0\.01 and 0\.001"):
        RunConfig(floor_learning_rate=0.01)
    config = RunConfig(steps=50, learning_rate=1e-4)
    assert (config.train_config().warmup, config.train_config().floor) == (50, 1e-5)
    assert RunConfig().train_config() == TrainConfig(evaluate_every=250, checkpoint_every=250)


def test_digests_tell_corpora_apart():
    digests = {
        corpus_digest(Corpus("text", "a.txt", text="un\n\ndeux\n")),
        corpus_digest(Corpus("text", "a.txt", text="un\ndeux\n")),
        corpus_digest(Corpus("text", "a.txt", text="un\ndeux\n \ud800")),
        corpus_digest(open_corpus("microcosm:fr")),
        corpus_digest(open_corpus("microcosm:en")),
        corpus_digest(open_corpus("microcosm:fr", bias=0.5)),
    }
    assert len(digests) == 6
    # What it is called is no part of it, nor which object holds it.
    assert corpus_digest(Corpus("text", "b.txt", text="un\ndeux\n")) in digests
    assert corpus_digest(open_corpus("microcosm:fr", seed=3)) in digests


def test_a_change_of_a_grammar_s_weights_is_a_change_of_the_corpus():
    corpus = open_corpus("microcosm:fr")
    world = corpus.world.world
    first = world.first_prior.copy()
    first[0], first[1] = first[1] * 1.01, first[0] - first[1] * 0.01
    changed = replace(corpus, world=Microcosm.from_world(replace(world, first_prior=first)))
    assert corpus_digest(changed) != corpus_digest(corpus)


def test_digests_tell_tokenizers_apart():
    words = ["le chat dort .", "le chien dort ."]
    tokenizers = [
        WordTokenizer(["le", "chat"]),
        WordTokenizer(["chat", "le"]),
        WordTokenizer(["le"]),
        CharTokenizer("le chat"),
        train_tokenizer("bpe", words, 270),
        train_tokenizer("wordpiece", words, 60),
    ]
    digests = [tokenizer_digest(tokenizer) for tokenizer in tokenizers]
    assert len(set(digests)) == len(digests)
    assert tokenizer_digest(train_tokenizer("bpe", words, 270)) == digests[4]
    assert tokenizer_digest(WordTokenizer(["le", "chat"])) == digests[0]
