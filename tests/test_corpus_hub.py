"""Datasets by name: local files and folders, and the hub itself played by a small HTTP server of ours."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hub_stand_in import environment
from hub_stand_in import hub as hub_of

from attentif.corpus import open_corpus
from attentif.corpus.hub import HubSource, load_hub, parse_source, rows_to_text
from attentif.corpus.text import documents
from attentif.errors import InputError

pytest.importorskip("datasets")

ROWS = ["Le chat dort.", "Il pleut.", "Éole souffle."]


def jsonl(rows: list[dict]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


@pytest.fixture(autouse=True)
def private_cache(tmp_path, monkeypatch):
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    datasets.disable_progress_bars()
    yield
    datasets.enable_progress_bars()


@pytest.fixture
def reviews(tmp_path) -> Path:
    path = tmp_path / "reviews.jsonl"
    path.write_text(jsonl([{"stars": i, "text": row} for i, row in enumerate(ROWS)]), encoding="utf-8")
    return path


# Names.


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("wikitext", HubSource("wikitext")),
        ("wikitext:wikitext-2-raw-v1", HubSource("wikitext", "wikitext-2-raw-v1")),
        ("owner/name::test", HubSource("owner/name", None, "test")),
        ("owner/name:c:validation#body", HubSource("owner/name", "c", "validation", "body")),
        ("owner/name#body", HubSource("owner/name", text_column="body")),
        (r"C:\data\x.jsonl#body", HubSource(r"C:\data\x.jsonl", text_column="body")),
    ],
)
def test_source_is_name_config_split_and_column(source, expected):
    assert parse_source(source) == expected


def test_an_existing_path_is_taken_whole(tmp_path):
    path = tmp_path / "a:b#c.jsonl"
    path.write_text(jsonl([{"text": "x"}]))
    assert parse_source(str(path)) == HubSource(str(path))
    assert load_hub(str(path)) == ["x"]


@pytest.mark.parametrize("source", ["", ":config", "a:b:c:d"])
def test_source_that_cannot_be_parsed_is_refused(source):
    with pytest.raises(InputError, match="hub:NAME"):
        parse_source(source)


# Local files and folders.


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", jsonl([{"n": i, "text": row} for i, row in enumerate(ROWS)])),
        ("a.json", json.dumps([{"n": i, "text": row} for i, row in enumerate(ROWS)])),
        ("a.csv", "n,sentence\n" + "".join(f'{i},"{row}"\n' for i, row in enumerate(ROWS))),
        ("a.tsv", "n\tphrase\n" + "".join(f"{i}\t{row}\n" for i, row in enumerate(ROWS))),
        ("a.txt", "\n".join(ROWS)),
        ("odd [name].JSONL", jsonl([{"content": row, "text_id": "x", "n": 1} for row in ROWS])),
    ],
)
def test_local_files_of_every_kind(tmp_path, name, content):
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert load_hub(str(tmp_path / name)) == ROWS
    assert load_hub(str(tmp_path / name), limit=2) == ROWS[:2]


def test_parquet_and_saved_datasets(tmp_path):
    import datasets

    rows = datasets.Dataset.from_dict({"n": [1, 2, 3], "review": ROWS})
    rows.to_parquet(str(tmp_path / "a.parquet"))
    assert load_hub(str(tmp_path / "a.parquet")) == ROWS  # its only column of text
    rows.save_to_disk(str(tmp_path / "one"))
    assert load_hub(str(tmp_path / "one"), limit=1) == ROWS[:1]
    both = datasets.DatasetDict({"train": rows.select([0]), "test": rows.select([1, 2])})
    both.save_to_disk(str(tmp_path / "two"))
    assert load_hub(str(tmp_path / "two"), split="test") == ROWS[1:]
    with pytest.raises(InputError, match=r"Available splits: \['train', 'test'\]; name a split"):
        load_hub(str(tmp_path / "two"), split="dev")


def test_folder_of_files_has_splits(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "train.csv").write_text("text\nun\ndeux\n")
    (folder / "test.csv").write_text("text\ntrois\n")
    assert load_hub(str(folder)) == ["un", "deux"]
    assert load_hub(str(folder), split="test") == ["trois"]
    assert load_hub(str(folder), split="train[1:]") == ["deux"]
    with pytest.raises(InputError, match=r"Bad split: dev.*name a split"):
        load_hub(str(folder), split="dev")
    with pytest.raises(InputError, match=r"'c' not found.*name a configuration"):
        load_hub(str(folder), config="c")


def test_local_files_leave_nothing_in_the_cache(reviews, tmp_path):
    assert load_hub(str(reviews)) == ROWS
    assert [path for path in (tmp_path / "cache").rglob("*") if path.stat().st_size and path.is_file()] == []


def test_rows_that_changed_on_disk_are_read_again(reviews):
    assert load_hub(str(reviews)) == ROWS
    reviews.write_text(jsonl([{"text": "neuf"}]))
    assert load_hub(str(reviews)) == ["neuf"]


def test_rows_without_text_are_left_out_and_not_counted(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text(jsonl([{"text": t} for t in (None, "un", None, "", "deux", "trois")]))
    assert load_hub(str(path)) == ["un", "", "deux", "trois"]
    assert load_hub(str(path), limit=3) == ["un", "", "deux"]


def test_the_text_column_is_found_or_asked_for(tmp_path):
    path = tmp_path / "pairs.jsonl"
    path.write_text(jsonl([{"premise": "p", "hypothesis": "h", "label": 1}]))
    with pytest.raises(
        InputError, match=r"columns premise, hypothesis, label \(not text\); name one: .*#COLUMN"
    ):
        load_hub(str(path))
    assert load_hub(str(path), text_column="hypothesis") == ["h"]
    for wrong in ("label", "absent"):
        with pytest.raises(InputError, match=f"a text column {wrong} in"):
            load_hub(str(path), text_column=wrong)
    path.write_text(jsonl([{"sentence": "s", "text": "t", "content": "c"}]))
    assert load_hub(str(path)) == ["t"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", b"", "no row at all"),
        ("a.jsonl", b'{"text": "  "}\n', "nothing but empty rows"),
        ("a.jsonl", b'{"text": "x\n{{', "JSON"),
        ("a.csv", "text\né\n".encode("latin-1"), "'utf-8' codec can't decode"),
        ("a.pdf", b"%PDF", "a file ending in .jsonl"),
        ("absent/b.jsonl", None, "none there; check the path"),
        ("absent", None, "none there; check the path"),
    ],
)
def test_local_file_that_cannot_be_used_is_one_line(tmp_path, name, content, message):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        load_hub(str(tmp_path / name))
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 600


def test_other_misuse(reviews, tmp_path):
    with pytest.raises(InputError, match="no configuration for the file"):
        load_hub(str(reviews), config="c")
    with pytest.raises(InputError, match="at least one row, got 0"):
        load_hub(str(reviews), limit=0)
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "code.py").write_text("raise SystemExit('ran')")
    with pytest.raises(InputError, match="scripts are no longer supported"):
        load_hub(str(tmp_path / "code"))


def test_missing_package_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(InputError, match="pip install datasets"):
        load_hub("wikitext")


# Rows to one text.


def test_rows_are_documents_unless_blank_rows_say_that_they_are_lines():
    assert documents(rows_to_text(["Un.\n\n Deux.\n", "Trois."])) == [["Un.", "Deux."], ["Trois."]]
    assert documents(rows_to_text(["", " = Titre = \n", "", "Un.\n", "Deux.", " \n", "Trois."])) == [
        ["= Titre ="],
        ["Un.", "Deux."],
        ["Trois."],
    ]


def test_open_corpus_on_a_local_dataset(reviews):
    corpus = open_corpus(f"hub:{reviews}::train#text", limit=2)
    assert (corpus.kind, corpus.documents) == ("hub", [[ROWS[0]], [ROWS[1]]])
    assert corpus.text == f"{ROWS[0]}\n\n{ROWS[1]}\n"


# The hub, played on this machine. `datasets` reads the endpoint when imported: each visit is a process.

WIKI = ["", " = Titre = \n", "", "Un.\n", "Deux.\n"]
CARD = """---
configs:
- config_name: raw
  data_files:
  - {split: train, path: raw/train.jsonl}
  - {split: test, path: raw/test.jsonl}
- config_name: pairs
  data_files:
  - {split: train, path: pairs/train.jsonl}
---
"""
REPOSITORIES = {
    "datasets/owner/wiki": {
        "README.md": CARD,
        "raw/train.jsonl": jsonl([{"id": i, "text": row} for i, row in enumerate(WIKI)]),
        "raw/test.jsonl": jsonl([{"id": 9, "text": "Neuf."}]),
        "pairs/train.jsonl": jsonl([{"premise": "p", "hypothesis": "h"}]),
    },
    "datasets/owner/plain": {"data.csv": "text\nbonjour\nsalut\n"},
    "datasets/owner/program": {"README.md": "A program.", "program.py": "raise SystemExit"},
    "datasets/owner/cut": {"data.csv": "text\n" + "bonjour\n" * 1000},
    "datasets/owner/slow": {"data.csv": "text\nbonjour\n"},
    "datasets/owner/empty": {"README.md": "Nothing else."},
}
TROUBLES = {f"datasets/owner/{trouble}": trouble for trouble in ("gated", "broken", "busy", "cut", "slow")}
VISIT = """
import json, sys, time
import datasets
from attentif.corpus.hub import load_hub
from attentif.errors import InputError
time.sleep = lambda seconds: None  # the hub's client waits before it tries again
datasets.disable_progress_bars()
results = {}
for name, options in json.loads(sys.argv[1]):
    try:
        results[name] = load_hub(**options)
    except InputError as error:
        results[name] = str(error)
print(json.dumps(results))
"""


def visit(home: Path, endpoint: str, **loads: dict) -> dict:
    """The results (rows, or the message of the error) of several load_hub(...) in one process."""
    done = subprocess.run(
        [sys.executable, "-c", VISIT, json.dumps(list(loads.items()))],
        env=environment(home, endpoint), capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """What visitors of the hub get: first with the network, then without it but with the same cache."""
    home = tmp_path_factory.mktemp("hub")
    raw = {"name": "owner/wiki", "config": "raw"}
    with hub_of(REPOSITORIES, troubles=TROUBLES) as server:
        online = visit(
            home,
            server.address,
            stream={**raw, "limit": 4},
            whole=raw,
            slice={**raw, "split": "train[3:5]", "limit": 1},
            test={**raw, "split": "test"},
            plain={"name": "owner/plain"},
            column={"name": "owner/wiki", "config": "pairs", "text_column": "premise"},
            no_column={"name": "owner/wiki", "config": "pairs"},
            no_config={"name": "owner/wiki"},
            wrong_config={"name": "owner/wiki", "config": "absent"},
            wrong_split={**raw, "split": "dev"},
            wrong_stream_split={**raw, "split": "dev", "limit": 1},
            absent={"name": "owner/absent"},
            odd={"name": "not a name!"},
            gated={"name": "owner/gated"},
            program={"name": "owner/program"},
            empty={"name": "owner/empty"},
            broken={"name": "owner/broken"},
            busy={"name": "owner/busy"},
            cut={"name": "owner/cut"},
            cut_stream={"name": "owner/cut", "limit": 900},
            slow={"name": "owner/slow"},
        )
        server.troubles.clear()
        healed = visit(
            home,
            server.address,
            cut={"name": "owner/cut"},
            cut_stream={"name": "owner/cut", "limit": 900},
            slow={"name": "owner/slow"},
        )
    away = {"cached": raw, "cached_limit": {**raw, "limit": 2}, "unknown": {"name": "owner/plain2"}}
    offline = visit(home, "http://hub.invalid", **away)
    refused = visit(home, server.address, cached=raw, unknown={"name": "owner/plain2"})
    return {
        "online": online,
        "healed": healed,
        "offline": offline,
        "refused": refused,
        "visited": server.visited,
    }


def test_hub_rows_arrive_in_order_whole_streamed_or_cut(hub):
    online = hub["online"]
    assert online["whole"] == WIKI
    assert online["stream"] == WIKI[:4]
    assert online["slice"] == WIKI[3:4]
    assert online["test"] == ["Neuf."]
    assert online["plain"] == ["bonjour", "salut"]
    assert online["column"] == ["p"]
    assert any(path.endswith("/raw/train.jsonl") for path in hub["visited"])


@pytest.mark.parametrize(
    ("visitor", "said"),
    [
        ("no_column", ["columns premise, hypothesis", "#COLUMN"]),
        ("no_config", ["['raw', 'pairs']", "name a configuration: hub:owner/wiki:CONFIG"]),
        ("wrong_config", ["'absent' not found", "['raw', 'pairs']", "name a configuration"]),
        ("wrong_split", ["dev", "['train', 'test']", "name a split: hub:owner/wiki:CONFIG:SPLIT"]),
        ("wrong_stream_split", ["dev", "['train', 'test']", "name a split"]),
        ("absent", ["doesn't exist on the Hub", "check the name at https://huggingface.co/datasets"]),
        ("odd", ["check the name"]),
        (
            "gated",
            ["gated", "ask for access at https://huggingface.co/datasets/owner/gated", "hf auth login"],
        ),
        ("program", ["scripts are no longer supported", "data files, not as a program"]),
        ("empty", ["data files", "choose a dataset that holds JSON, CSV, Parquet or text files"]),
        (
            "broken",
            ["Please check your connection", "check the connection, or use a text file or microcosm:fr"],
        ),
        ("busy", ["check the connection, or use a text file or microcosm:fr"]),
        ("cut", ["received 2668 bytes, expected 8005", "the download ended too early: run it again"]),
        ("cut_stream", ["the download ended too early: run it again"]),
        ("slow", ["timed out", "try again in a few minutes, or use a text file or microcosm:fr"]),
    ],
)
def test_what_the_hub_refuses_is_one_line_with_a_remedy(hub, visitor, said):
    message = hub["online"][visitor]
    assert isinstance(message, str) and "\n" not in message and len(message) < 600
    for part in said:
        assert part in message


def test_what_was_cut_or_slow_is_whole_the_next_time(hub):
    assert hub["healed"] == {"cut": ["bonjour"] * 1000, "cut_stream": ["bonjour"] * 900, "slow": ["bonjour"]}


def test_without_network_the_cache_answers_and_the_rest_is_one_line(hub):
    for network in ("offline", "refused"):
        assert hub[network]["cached"] == WIKI
        message = hub[network]["unknown"]
        assert "owner/plain2" in message and "\n" not in message
        assert message.endswith("check the connection, or use a text file or microcosm:fr, which need none")
    assert hub["offline"]["cached_limit"] == WIKI[:2]
