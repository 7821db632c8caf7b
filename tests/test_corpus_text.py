"""Text files, their errors in one line, the cuts into sentences and documents, and corpora by name."""

from __future__ import annotations

import errno
import os
import sys
import types
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from attentif.corpus import Corpus, open_corpus
from attentif.corpus.text import documents, read_text, sentences, split_documents, split_train_validation
from attentif.errors import InputError

TEXT = "Première phrase.\nDeuxième.\n\n\nAutre document.\n"


def refused(path) -> str:
    """The message of the error, which is one line and says what to do."""
    with pytest.raises(InputError) as caught:
        read_text(path)
    message = str(caught.value)
    assert "\n" not in message and "; " in message
    return message


# Reading.


def test_reads_any_utf8_text(tmp_path):
    path = tmp_path / "corpus.txt"
    path.write_bytes("Été 😀\ttab\u2028x\n".encode())
    assert read_text(path) == read_text(str(path)) == "Été 😀\ttab\u2028x\n"


def test_byte_order_mark_and_foreign_line_ends_disappear(tmp_path):
    path = tmp_path / "windows.txt"
    path.write_bytes(b"\xef\xbb\xbfun\r\ndeux\rtrois\n")
    assert read_text(path) == "un\ndeux\ntrois\n"


def test_missing_file_and_folder(tmp_path):
    assert "no such file" in refused(tmp_path / "absent.txt")
    assert f"got a folder; name one file in it, or load the folder with hub:{tmp_path}" in refused(tmp_path)
    (tmp_path / "file").write_text("x")
    assert "Not a directory" in refused(tmp_path / "file" / "x.txt")
    assert "null" in refused("a\0b")


def test_file_without_permission(tmp_path, monkeypatch):
    def closed(path):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(Path, "read_bytes", closed)
    assert "Permission denied; check the path and its permissions" in refused(tmp_path / "closed.txt")


@pytest.mark.parametrize("data", [b"", b" \n\t\r\n", b"\xef\xbb\xbf"])
def test_empty_file(tmp_path, data):
    path = tmp_path / "empty.txt"
    path.write_bytes(data)
    assert f"an empty file ({len(data)} bytes" in refused(path)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_other_encoding_says_where_and_how_to_convert(tmp_path, mark):
    path = tmp_path / "latin.txt"
    path.write_bytes(mark + "Un été.\nDéjà.".encode("cp1252"))
    message = refused(path)
    assert f"byte 0xe9 at byte {len(mark) + 3} (line 1)" in message
    assert f"iconv -f WINDOWS-1252 -t UTF-8 {path} > new.txt" in message


def test_offset_is_that_of_the_first_wrong_byte_of_the_file(tmp_path):
    path = tmp_path / "mixed.txt"
    good = "é\n" * 700
    path.write_bytes(good.encode() + b"ab\xff")
    assert f"0xff at byte {len(good.encode()) + 2} (line 701)" in refused(path)
    path.write_bytes("tronqué".encode()[:-1])  # cut in the middle of a character
    assert "0xc3 at byte 6 (line 1)" in refused(path)


def test_utf16_is_named(tmp_path):
    for encoding in ("utf-16", "utf-16-le", "utf-16-be"):
        path = tmp_path / f"{encoding}.txt"
        path.write_bytes("Bonjour".encode(encoding))
        assert "UTF-16" in refused(path) if encoding == "utf-16" else "zero byte" in refused(path)


def test_binary_files(tmp_path):
    path = tmp_path / "picture.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    assert "binary data (a zero byte at byte 8)" in refused(path)
    path.write_bytes(bytes(range(1, 256)) * 4)  # no zero byte, but control characters
    assert "got binary data; extract the text" in refused(path)


@given(st.binary(max_size=40))
@settings(max_examples=200, deadline=None)
def test_any_file_is_read_exactly_or_refused_in_one_line(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "any.txt"
    path.write_bytes(data)
    try:
        text = read_text(path)
    except InputError as error:
        assert "\n" not in str(error)
    else:
        expected = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        assert text.encode() == expected


# Cutting.


@pytest.mark.parametrize("make", [lambda n: "x" * n, list, np.arange, torch.arange, range])
def test_split_keeps_the_order_and_loses_nothing(make):
    data = make(range(37)) if make is list else make(37)
    train, validation = split_train_validation(data)
    assert (len(train), len(validation)) == (33, 4)
    assert list(train) + list(validation) == list(data)


def test_split_cuts_where_the_usual_recipe_does():
    for length in (2, 10, 11, 1_115_394):
        assert len(split_train_validation(range(length))[0]) == int(length * 0.9)
    assert split_train_validation("abcd", fraction=0.5) == ("ab", "cd")


@pytest.mark.parametrize(
    ("data", "fraction"), [("", 0.9), ("a", 0.9), ("abc", 0.1), ("abc", 1.0), ("abc", 0), ("abc", 90)]
)
def test_split_with_an_empty_side_is_refused(data, fraction):
    with pytest.raises(InputError, match=f"length {len(data)}"):
        split_train_validation(data, fraction)


def test_lines_are_sentences_and_blank_lines_end_documents():
    assert documents(TEXT) == [["Première phrase.", "Deuxième."], ["Autre document."]]
    assert sentences(TEXT) == ["Première phrase.", "Deuxième.", "Autre document."]
    assert documents("\n \t\n a\u2028b \n\n\n") == [["a\u2028b"]]  # only "\n" ends a line
    assert documents("") == sentences(" \n") == []


@given(
    st.lists(st.lists(st.sampled_from("abcd"), min_size=1, max_size=5), min_size=1, max_size=6),
    st.floats(0.05, 0.95),
)
@settings(max_examples=150, deadline=None)
def test_split_documents_keeps_sentences_in_order(texts, fraction):
    flat = [sentence for document in texts for sentence in document]
    cut = int(len(flat) * fraction)
    if not 0 < cut < len(flat):
        with pytest.raises(InputError):
            split_documents(texts, fraction)
        return
    train, validation = split_documents(texts, fraction)
    assert [s for document in train for s in document] == flat[:cut]
    assert [s for document in validation for s in document] == flat[cut:]
    whole = [document for document in (*train, *validation) if document in texts]
    assert len(whole) >= len(train) + len(validation) - 2  # at most one document was cut
    assert len(train) + len(validation) - len(texts) in (0, 1)


# By name.


def test_open_corpus_reads_a_file(tmp_path):
    path = tmp_path / "corpus.txt"
    path.write_text(TEXT, encoding="utf-8")
    corpus = open_corpus(str(path))
    assert (corpus.kind, corpus.name, corpus.language, corpus.world) == ("text", str(path), None, None)
    assert corpus.text == TEXT and corpus.documents == documents(TEXT)
    with pytest.raises(AttributeError):
        corpus.text = "other"


def test_a_file_without_suffix_in_the_current_folder_is_found(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "corpus").write_text("a b")
    assert open_corpus("corpus").text == "a b"


@pytest.fixture
def fake_microcosm(monkeypatch):
    module = types.ModuleType("attentif.corpus.microcosm")
    module.Microcosm = lambda *args, **options: (args, options)
    monkeypatch.setitem(sys.modules, module.__name__, module)


@pytest.mark.parametrize(
    ("spec", "language", "size"),
    [
        ("microcosm", "fr", "small"),
        ("microcosm:en", "en", "small"),
        ("microcosm:fr:full", "fr", "full"),
        ("microcosm::full", "fr", "full"),
    ],
)
def test_open_corpus_builds_the_world_that_is_named(fake_microcosm, spec, language, size):
    corpus = open_corpus(spec, bias=0.5, seed=3)
    assert corpus.world == ((language, size), {"bias": 0.5, "seed": 3})
    assert (corpus.kind, corpus.name, corpus.language) == (
        "microcosm",
        f"microcosm:{language}:{size}",
        language,
    )
    assert corpus.text is None and corpus.documents == []


def test_open_corpus_opens_the_real_microcosm():
    pytest.importorskip("attentif.corpus.microcosm")
    corpus = open_corpus("microcosm:en", seed=4)
    assert (corpus.world.language, corpus.world.size, corpus.world.seed) == ("en", "small", 4)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("wikitext", "microcosm:fr, microcosm:en, .*FILE.txt, hub:NAME, got 'wikitext'"),
        ("microcosme:fr", "did you mean microcosm:fr?"),
        ("", "a corpus among"),
        ("microcosm:de", "fr or en.*got microcosm:de"),
        ("microcosm:fr:huge", "small or full"),
        ("microcosm:fr:small:x", "microcosm:LANGUAGE:SIZE"),
        ("absent.txt", "no such file"),
        ("folder/absent", "no such file"),
        ("hub:", "hub:NAME"),
    ],
)
def test_unknown_corpus_lists_what_is_known(spec, message):
    with pytest.raises(InputError, match=message) as caught:
        open_corpus(spec)
    assert "\n" not in str(caught.value)


def test_options_of_a_world_are_refused_elsewhere(tmp_path):
    with pytest.raises(InputError, match=r"got bias with absent\.txt"):
        open_corpus("absent.txt", bias=1.0)


def test_a_corpus_is_a_text_or_a_world():
    with pytest.raises(InputError, match="neither"):
        Corpus("text", "x")
    with pytest.raises(InputError, match="both"):
        Corpus("text", "x", text="a", world=object())
