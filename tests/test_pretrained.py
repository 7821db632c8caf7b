"""Masked models by name: ours, and those of the hub, which a small HTTP server of ours plays."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hub_stand_in import environment, hub

from attentif.checks.text import set_language
from attentif.errors import InputError
from attentif.pretrained import masked_model, small_model, world_of
from attentif.pretrained_errors import explained

pytest.importorskip("transformers")

WORDS = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    *["the", "nurse", "he", "she", "works", ".", "notre", "juge", "il", "elle", "travaille"],
]


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """The files of tiny models, as their authors would put them on the hub."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import (
        BertConfig,
        BertForMaskedLM,
        BertForPreTraining,
        BertModel,
        GPT2Config,
        GPT2LMHeadModel,
        PreTrainedTokenizerFast,
    )

    torch.manual_seed(0)
    backend = Tokenizer(models.WordPiece({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = {f"{name}_token": f"[{name.upper()}]" for name in ("pad", "unk", "cls", "sep", "mask")}
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=backend, **special)
    shape = {"vocab_size": len(WORDS), "max_position_embeddings": 16, "num_hidden_layers": 1}
    bert = BertConfig(hidden_size=8, num_attention_heads=2, intermediate_size=8, **shape)
    gpt2 = GPT2Config(vocab_size=len(WORDS), n_positions=16, n_embd=8, n_layer=1, n_head=2)
    models_of = {
        "plain": BertForMaskedLM(bert),
        "bert-like": BertForPreTraining(bert),  # with a next-sentence head and a pooler, as bert-base-uncased
        "headless": BertModel(bert),
        "causal": GPT2LMHeadModel(gpt2),
    }
    found = {}
    for name, model in models_of.items():
        folder = tmp_path_factory.mktemp(name)
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        found[name] = {path.name: path.read_bytes() for path in folder.iterdir()}
    old = {name: content for name, content in found["plain"].items() if name != "model.safetensors"}
    weights = tmp_path_factory.mktemp("old") / "pytorch_model.bin"
    torch.save(models_of["plain"].state_dict(), weights)
    found["old-format"] = {**old, "pytorch_model.bin": weights.read_bytes()}
    program = {"auto_map": {"AutoConfig": "odd.Odd", "AutoModelForMaskedLM": "odd.Odd"}, "model_type": "odd"}
    odd = "raise SystemExit('ran')"
    found["program"] = {**old, "config.json": json.dumps(program), "odd.py": odd}
    found["empty"] = {"README.md": "Nothing yet."}
    return found


VISIT = """
import contextlib, io, json, sys, time, warnings
import torch
from attentif.checks.text import set_language
from attentif.errors import InputError
from attentif.pretrained import masked_model, _copy
time.sleep = lambda seconds: None  # the hub's client waits before it tries again
now = time.perf_counter
results = {}
for key, step in json.loads(sys.argv[1]):
    set_language(step.pop("language", "en"))
    if file := step.pop("damage", None):
        with open(_copy(step["name"]) + "/" + file, "r+b") as copy:
            copy.truncate(step.pop("at", 100))
        continue
    said = io.StringIO()
    full = step.pop("full", False)
    begun = now()
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.redirect_stdout(said))
        heard = stack.enter_context(warnings.catch_warnings(record=True))
        if full:
            import errno, huggingface_hub.file_download as download
            def no_space(*_, **__): raise OSError(errno.ENOSPC, "No space left on device")
            stack.callback(setattr, download, "http_get", download.http_get)
            download.http_get = no_space
        warnings.simplefilter("always")
        try:
            model, tokenizer = masked_model(**step)
            with torch.no_grad():
                logits = model(**tokenizer("the [MASK] works .", return_tensors="pt")).logits
            got = round(float(logits.sum()), 4)
        except InputError as error:
            got = str(error)
    results[key] = {
        "got": got, "said": said.getvalue(), "seconds": now() - begun, "warned": [str(each.message) for each in heard]
    }
print("RESULTS" + json.dumps(results))
"""


class Seen(dict):
    """What each step gave, and what the process wrote to its error stream (`errors`)."""

    errors = ""


def visit(home: Path, endpoint: str, *steps: dict, **more: str) -> Seen:
    """The results of several masked_model(...) in one process; a step may have a key, else its name is the key."""
    listed = [(step.pop("key", step["name"]), step) for step in map(dict, steps)]
    done = subprocess.run(
        [sys.executable, "-c", VISIT, json.dumps(listed)],
        env=environment(home, endpoint, **more), capture_output=True, text=True, timeout=200,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    seen = Seen(json.loads(done.stdout.rpartition("RESULTS")[2]))
    seen.errors = done.stderr
    return seen


TROUBLES = ("gated", "forbidden", "broken", "busy", "slow", "silent", "cut")


@pytest.fixture(scope="module")
def seen(saved, tmp_path_factory):
    """What visitors get: with the network, once the troubles are over, and without the network, with the same cache."""
    home = tmp_path_factory.mktemp("home")
    repositories = {f"owner/{name}": files for name, files in saved.items()}
    repositories |= {f"owner/{trouble}": saved["plain"] for trouble in TROUBLES}
    repositories |= {
        "owner/damaged": saved["plain"],
        "owner/damaged-words": saved["plain"],
        "owner/full": saved["plain"],
    }
    troubles = {f"owner/{trouble}": trouble for trouble in TROUBLES}
    with hub(repositories, troubles=troubles, renamed={"plain-base": "owner/plain"}) as server:
        names = (
            "plain",
            "bert-like",
            "old-format",
            "headless",
            "causal",
            "program",
            "empty",
            "absent",
            *TROUBLES,
        )
        found = {}
        found["online"] = visit(
            home,
            server.address,
            {"name": "plain-base"},
            *({"name": f"owner/{name}"} for name in names),
            {"name": "not a name!"},
            {"name": "owner/gated", "key": "fr", "language": "fr"},
            {"name": "owner/full", "full": True},
            {"name": "owner/plain", "key": "again"},
            {"name": "owner/damaged", "key": "whole"},
            {"name": "owner/damaged", "damage": "model.safetensors"},
            {"name": "owner/damaged"},
            {"name": "owner/damaged", "download_again": True, "key": "repaired"},
            {"name": "owner/damaged", "key": "repaired for good"},
            {"name": "owner/damaged-words", "key": "whole words"},
            {"name": "owner/damaged-words", "damage": "tokenizer.json", "at": 200},
            {"name": "owner/damaged-words"},
            {"name": "owner/damaged-words", "damage": "config.json", "at": 20},
            {"name": "owner/damaged-words", "key": "damaged config"},
            {"name": "owner/damaged-words", "download_again": True, "key": "repaired words"},
        )
        found["visited"] = list(server.visited)
        server.troubles.clear()
        found["healed"] = visit(home, server.address, *({"name": f"owner/{trouble}"} for trouble in TROUBLES))
        server.troubles["owner/plain"] = "silent"
        found["slow again"] = visit(home, server.address, {"name": "owner/plain"})
        address = server.address
    away = (
        {"name": "owner/plain"},
        {"name": "plain-base"},
        {"name": "owner/unknown"},
        {"name": "microcosm-fr"},
    )
    found["offline"] = visit(home, "http://hub.invalid", *away)
    found["switched off"] = visit(home, address, *away, HF_HUB_OFFLINE="1")
    found["refused"] = visit(
        home, address, *away,
        {"name": "owner/plain", "damage": "model.safetensors"}, {"name": "owner/plain", "key": "damaged"},
    )  # fmt: skip
    return found


LOADED = float
FIRST = "is downloaded once"


def test_a_model_of_the_hub_is_downloaded_once_and_no_library_chatters(seen):
    online = seen["online"]
    for name in ("plain-base", "owner/plain", "owner/bert-like", "owner/old-format"):
        assert isinstance(online[name]["got"], LOADED), online[name]
        assert online[name]["said"].startswith(f"{name} is downloaded once") and not online[name]["warned"]
    assert online["owner/plain"]["got"] == online["owner/old-format"]["got"] == online["again"]["got"]
    assert online["again"]["said"] == ""
    weights = [path for path in seen["visited"] if path == "GET /cdn/owner/plain/@/model.safetensors"]
    assert len(weights) == 2  # under the old name and under the new one
    assert not any("odd.py" in path for path in seen["visited"])
    for chatter in ("LOAD REPORT", "UNEXPECTED", "not used when", "Loading weights"):
        assert chatter not in online.errors


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("owner/headless", "a model of another kind; choose one that fills in masks: bert-base-uncased"),
        ("owner/causal", "a model of another kind; choose one that fills in masks: bert-base-uncased"),
        ("owner/program", "no program of a repository is ever run here"),
        ("owner/empty", "look at its files at https://huggingface.co/owner/empty/tree/main"),
        ("owner/absent", "no such model on the hub, or a private one; check the name at https://huggingface.co/models"),
        ("not a name!", "check the name at https://huggingface.co/models"),
        ("owner/gated", "ask for access at https://huggingface.co/owner/gated, then log in: hf auth login"),
        ("fr", "demandez l'accès sur https://huggingface.co/owner/gated, puis connectez-vous : hf auth login"),
        ("owner/forbidden", "log in again: hf auth login"),
        ("owner/broken", 'try again in a few minutes, or set MODEL = "microcosm-en", which needs no network'),
        ("owner/busy", "wait a few minutes, or log in"),
        ("owner/slow", 'no answer in time; the network or the hub is slow: try again, or set MODEL = "microcosm-en"'),
        ("owner/silent", "no answer in time"),
        ("owner/cut", "a download that ended too early; run the cell again"),
        ("owner/full", "a full disk; free some space, or set HF_HOME to a larger disk"),
        ("owner/damaged", 'a damaged file (model.safetensors); download it again: masked_model("owner/damaged", device, download_again=True)'),
        ("owner/damaged-words", 'a damaged file (tokenizer.json); download it again: masked_model("owner/damaged-words", device, download_again=True)'),
        ("damaged config", 'a damaged file (config.json); download it again: masked_model("owner/damaged-words", device, download_again=True)'),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_one_line_that_says_what_to_do(seen, key, said):
    message = seen["online"][key]["got"]
    assert isinstance(message, str) and "\n" not in message and len(message) < 500
    assert said in message
    assert seen["online"][key]["seconds"] < 10


def test_of_a_model_that_fills_in_no_masks_only_the_settings_are_fetched(seen):
    assert FIRST not in seen["online"]["owner/causal"]["said"]
    assert not any("owner/causal" in path and "safetensors" in path for path in seen["visited"])


def test_what_was_damaged_is_whole_again(seen):
    online = seen["online"]
    for key in ("whole", "repaired", "repaired for good", "whole words", "repaired words"):
        assert online[key]["got"] == online["owner/plain"]["got"], key


def test_what_was_refused_cut_or_slow_is_there_the_next_time(seen):
    whole = seen["online"]["owner/plain"]["got"]
    assert {key: step["got"] for key, step in seen["healed"].items()} == {
        f"owner/{t}": whole for t in TROUBLES
    }


@pytest.mark.parametrize("network", ["offline", "switched off", "refused", "slow again"])
def test_after_the_first_time_no_network_is_needed(seen, network):
    visited, whole = seen[network], seen["online"]["owner/plain"]["got"]
    for name in {"owner/plain", "plain-base"} & set(visited):
        assert visited[name]["got"] == whole
        assert visited[name]["said"] == f"Without the hub, {name} is read from this machine.\n"
    # Some versions of huggingface_hub say that they try a slow hub again.
    assert network == "slow again" or visited.errors == ""
    # No library's own patience with a hub that hardly answers, beyond what a busy machine needs for the same at best.
    at_best = max(step["seconds"] for step in seen["online"].values())
    assert max(step["seconds"] for step in visited.values()) < 20 + 5 * at_best
    if network != "slow again":
        message = visited["owner/unknown"]["got"]
        assert "no copy on this machine; check the connection, or set MODEL" in message
        assert isinstance(visited["microcosm-fr"]["got"], LOADED)


def test_a_damaged_copy_is_told_from_a_missing_network(seen):
    assert "a damaged file" in seen["refused"]["damaged"]["got"]


# Ours, and while grading.


def test_small_models_are_known_for_ours():
    for language in ("fr", "en"):
        model, tokenizer = masked_model(f"microcosm-{language}")
        assert world_of(model) == language and not model.training
        assert tokenizer.mask_token == "[MASK]"
    with pytest.raises(
        InputError, match="a small model among microcosm-en, microcosm-fr, got 'microcosm-de'"
    ):
        masked_model("microcosm-de")
    with pytest.raises(InputError, match="a small model among"):
        masked_model("")


def test_a_folder_is_a_model_too(saved, tmp_path):
    for name, content in saved["plain"].items():
        (tmp_path / name).write_bytes(content)
    model, _ = masked_model(str(tmp_path))
    assert world_of(model) is None
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises(InputError, match="no weights or no settings"):
        masked_model(str(tmp_path))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_while_grading_the_small_model_answers_at_once(monkeypatch, capsys, language):
    monkeypatch.setenv("ATTENTIF_GRADING", "1")
    monkeypatch.setattr("attentif.pretrained._from_hub", lambda *_: pytest.fail("the network was asked"))
    set_language(language)
    try:
        model, _ = masked_model("camembert-base")
    finally:
        set_language("en")
    assert world_of(model) == language
    said = capsys.readouterr().out
    assert f"microcosm-{language}" in said and "camembert-base" in said and said.count("\n") == 1


def test_old_weights_and_an_old_torch():
    error = ValueError(
        "Due to a serious vulnerability issue in `torch.load`, we now require users to upgrade torch"
    )
    assert "upgrade torch to 2.6 or later" in str(explained(error, "owner/name"))


def test_an_unforeseen_error_is_quoted():
    assert "got odd thing; choose another model, or set MODEL" in str(
        explained(KeyError("odd thing"), "x")
    ).replace("'", "")
    assert world_of(small_model("microcosm-fr")[0]) == "fr"
