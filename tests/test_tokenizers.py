"""Tokenizers: specials first, exact round trips, one file on disk, readable text from words."""

from __future__ import annotations

import json
import sys
from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from attentif.corpus.tokenizers import (
    FILE_NAME,
    SPECIAL_TOKENS,
    CharTokenizer,
    SubwordTokenizer,
    WordTokenizer,
    load_tokenizer,
    render,
    train_tokenizer,
)
from attentif.errors import InputError

FORMS = [
    "l'",
    "le",
    "la",
    "qu'",
    "il",
    "elle",
    "infirmière",
    "dort",
    "porte-parole",
    "aujourd'hui",
    "nurse",
    "'s",
    "-t-il",
    "Marie",
    ".",
    ",",
    "c'",
    "est",
]
TEXTS = [
    "Le chat dort , la chatte dort .",
    "L'infirmière lit : « l'été » !",
    "The nurse's cat sleeps.\n\tTwice.",
] * 4
KINDS = ("char", "word", "bpe", "wordpiece")


@pytest.fixture(scope="module")
def trained():
    pytest.importorskip("tokenizers")
    return {kind: train_tokenizer(kind, TEXTS, 300) for kind in KINDS}


# What all kinds share.


@pytest.mark.parametrize("kind", KINDS)
def test_specials_come_first_in_their_fixed_order(trained, kind):
    tokenizer = trained[kind]
    assert [tokenizer.id_to_token(i) for i in range(5)] == ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    named = (tokenizer.pad_id, tokenizer.unk_id, tokenizer.cls_id, tokenizer.sep_id, tokenizer.mask_id)
    assert named == (0, 1, 2, 3, 4) == tokenizer.special_ids
    assert [tokenizer.token_to_id(token) for token in SPECIAL_TOKENS] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("kind", KINDS)
def test_tokens_and_ids_are_inverse_over_the_whole_vocabulary(trained, kind):
    tokenizer = trained[kind]
    tokens = [tokenizer.id_to_token(i) for i in range(tokenizer.vocab_size)]
    assert len(set(tokens)) == tokenizer.vocab_size <= 300
    assert [tokenizer.token_to_id(token) for token in tokens] == list(range(tokenizer.vocab_size))
    assert tokenizer.token_to_id("not a token, surely") is None


@pytest.mark.parametrize("kind", KINDS)
def test_literal_specials_in_a_text_become_their_ids(trained, kind):
    tokenizer = trained[kind]
    ids = tokenizer.encode("[CLS]dort [MASK] dort[SEP][PAD][UNK]")
    assert [i for i in ids if i < 5] == [2, 4, 3, 0, 1]
    assert tokenizer.encode("dort") == ids[1 : ids.index(4)][: len(tokenizer.encode("dort"))]
    assert 4 not in tokenizer.encode("[MASK") + tokenizer.encode("[mask]")


@pytest.mark.parametrize("kind", KINDS)
def test_encode_adds_no_special(trained, kind):
    assert trained[kind].encode("") == []
    assert min(trained[kind].encode("Le chat dort , la chatte dort .")) >= 5


@pytest.mark.parametrize("kind", KINDS)
def test_decode_writes_specials_or_skips_them_and_takes_arrays(trained, kind):
    tokenizer = trained[kind]
    ids = [2, *tokenizer.encode("dort"), 3, 0, 0]
    shown = tokenizer.decode(ids)
    assert shown.startswith("[CLS]") and shown.endswith("[PAD]") and "dort" in shown.lower()
    assert tokenizer.decode(ids, skip_special_tokens=True).lower() == "dort"
    assert tokenizer.decode(torch.tensor(ids)) == tokenizer.decode(np.array(ids)) == shown


@pytest.mark.parametrize("kind", KINDS)
def test_ids_outside_the_vocabulary_are_refused(trained, kind):
    tokenizer = trained[kind]
    for wrong in (-1, -100, tokenizer.vocab_size):
        with pytest.raises(InputError, match=f"from 0 to {tokenizer.vocab_size - 1}, got {wrong}"):
            tokenizer.id_to_token(wrong)
        with pytest.raises(InputError):
            tokenizer.decode([5, wrong])


@pytest.mark.parametrize("kind", KINDS)
def test_a_list_of_texts_is_refused(trained, kind):
    with pytest.raises(InputError, match="got list"):
        trained[kind].encode(["dort"])


@pytest.mark.parametrize("kind", KINDS)
def test_training_twice_gives_the_same_ids(trained, kind):
    again = train_tokenizer(kind, iter(TEXTS), 300)
    assert again == trained[kind]
    assert again != train_tokenizer(kind, [*TEXTS, "Autre phrase zébrée."], 290)


def test_wordpiece_ids_do_not_depend_on_the_order_of_the_texts():
    texts = [f"{a}{b}{c} {c}{a}" for a in "abcdef" for b in "uvw" for c in "xyz"]  # counts full of ties
    first = train_tokenizer("wordpiece", texts, 60)
    assert first == train_tokenizer("wordpiece", texts[::-1], 60)
    assert first.vocab_size == 60


def test_wordpiece_cuts_words_into_the_longest_known_pieces():
    tokenizer = train_tokenizer("wordpiece", ["chanter chanteur chanter danser danseur"] * 9, 60)
    for word in ("chanter", "danseur", "dachan", "reteur"):
        ids, at = tokenizer.encode(word), 0
        for index, piece in enumerate(map(tokenizer.id_to_token, ids)):
            prefix = "##" if index else ""
            rest = word[at:]
            longest = max(
                n for n in range(1, len(rest) + 1) if tokenizer.token_to_id(prefix + rest[:n]) is not None
            )
            assert piece == prefix + rest[:longest]
            at += longest
        assert at == len(word)
    assert len(tokenizer.encode("chanter")) == 1 < len(tokenizer.encode("reteur"))


# On disk.


@pytest.mark.parametrize("kind", KINDS)
def test_save_and_load_give_back_the_same_tokenizer(trained, kind, tmp_path):
    path = trained[kind].save(tmp_path / "new" / "folder")
    assert [p.name for p in path.parent.iterdir()] == [FILE_NAME]
    assert json.loads(path.read_text())["kind"] == kind
    loaded = load_tokenizer(path.parent)
    assert type(loaded) is type(trained[kind]) and loaded == trained[kind]
    sentence = "L'infirmière dort. [MASK] 😀"
    assert loaded.encode(sentence) == trained[kind].encode(sentence)


def test_failed_save_leaves_the_previous_file(tmp_path, monkeypatch):
    CharTokenizer("abc").save(tmp_path)
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        CharTokenizer("xyz").save(tmp_path)
    assert load_tokenizer(tmp_path) == CharTokenizer("abc")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "got No such file"),
        ('{"kind": "char", "tok', "damaged or cut short"),
        ('{"version": "1.0", "model": {}}', "kind None.*AutoTokenizer"),
        ('["kind"]', "kind None"),
        ('{"kind": "word"}', "content of a word tokenizer"),
        ('{"kind": "bpe", "library": {"version": "9"}}', "JSON of a `tokenizers` tokenizer"),
    ],
)
def test_folder_without_a_tokenizer_of_ours_is_one_line(tmp_path, content, message):
    if content is not None:
        (tmp_path / FILE_NAME).write_text(content)
    with pytest.raises(InputError, match=message) as caught:
        load_tokenizer(tmp_path)
    assert "\n" not in str(caught.value)


def test_library_json_with_other_specials_is_refused():
    library = pytest.importorskip("tokenizers")
    foreign = library.Tokenizer(
        library.models.WordLevel({"<s>": 0, "[UNK]": 1, "chat": 2}, unk_token="[UNK]")
    )
    with pytest.raises(InputError, match="ids 0 to 4"):
        SubwordTokenizer("wordpiece", foreign.to_str())


# Characters.


def test_char_ids_are_those_of_the_sorted_characters():
    tokenizer = CharTokenizer("la nuit[MASK]")
    assert [tokenizer.id_to_token(i) for i in range(5, tokenizer.vocab_size)] == [
        " ",
        "a",
        "i",
        "l",
        "n",
        "t",
        "u",
    ]
    assert tokenizer.encode("ni Z") == [9, 7, 5, 1]


@given(st.text(st.characters(exclude_categories=[])), st.text())
@settings(max_examples=60, deadline=None)
def test_char_round_trip_on_all_known_characters(text, other):
    tokenizer = CharTokenizer(text + other)
    for known in (text, other + "[MASK]" + text):
        assert tokenizer.decode(tokenizer.encode(known)) == known


@given(st.text(), st.text(min_size=1, max_size=9))
@settings(max_examples=40, deadline=None)
def test_char_keeps_one_id_a_character_when_some_are_unknown(text, vocabulary):
    ids = CharTokenizer(vocabulary).encode(text.replace("[", "("))
    assert [i == 1 for i in ids] == [c not in vocabulary for c in text.replace("[", "(")]


def test_char_round_trip_survives_a_lone_surrogate_on_disk(tmp_path):
    tokenizer = CharTokenizer("a\ud800\0é")
    tokenizer.save(tmp_path)
    assert load_tokenizer(tmp_path).decode(tokenizer.encode("\0\ud800é")) == "\0\ud800é"


# Words.


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        ("le chat dort .", "Le chat dort."),
        ("l' infirmière , elle , dort .", "L'infirmière, elle, dort."),
        ("il dort . elle lit ! et puis ?", "Il dort. Elle lit! Et puis?"),
        ("the nurse 's cat", "The nurse's cat"),
        ("chante -t-il ?", "Chante-t-il?"),
        (
            "[CLS] le [MASK] dort . [SEP] il dort . [SEP] [PAD]",
            "[CLS] Le [MASK] dort. [SEP] Il dort. [SEP] [PAD]",
        ),
        ("[MASK] dort .", "[MASK] dort."),
        ("été .", "Été."),
        ("ßa", "ßa"),
        ("", ""),
    ],
)
def test_render_writes_readable_text(tokens, expected):
    assert render(tokens.split()) == expected


def test_word_ids_follow_the_order_given():
    tokenizer = WordTokenizer(FORMS)
    assert [tokenizer.token_to_id(form) for form in FORMS] == list(range(5, 5 + len(FORMS)))
    assert tokenizer.encode("elle dort .") == [10, 12, 19]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("L'infirmière dort.", "l' infirmière dort ."),
        ("l’infirmière dort", "l' infirmière dort"),  # the typographic apostrophe
        ("l'infirmie\u0300re", "l' infirmière"),  # a decomposed accent
        ("Aujourd'hui, le porte-parole dort.", "aujourd'hui , le porte-parole dort ."),
        ("Dort-t-il", "dort -t-il"),
        ("nurse's", "nurse 's"),
        ("Marie dort", "Marie dort"),
        ("zèbre", "[UNK]"),
        ("Zèbre-d'eau, dort", "[UNK] , dort"),
        ("qu'zoé.", "qu' [UNK] ."),
        ("l'[MASK] dort...", "l' [MASK] dort . . ."),
        ("", ""),
    ],
)
def test_word_tokenizer_reads_text_as_people_write_it(text, tokens):
    tokenizer = WordTokenizer(FORMS)
    for _ in range(2):  # the second time comes from memory
        assert [tokenizer.id_to_token(i) for i in tokenizer.encode(text)] == tokens.split()


LOWER_FORMS = [form for form in FORMS if form not in ("Marie", "c'", "est")]


@given(st.lists(st.lists(st.sampled_from(LOWER_FORMS[:-2]), min_size=1, max_size=6), max_size=4))
@settings(max_examples=150, deadline=None)
def test_word_round_trip_through_readable_text(sentences):
    # A suffix follows a word, as in the language: nothing else can be told apart.
    tokens = [token for sentence in sentences for token in [*sentence, "le", "."]]
    suffixes = ("'s", "-t-il")
    tokens = [t for i, t in enumerate(tokens) if t not in suffixes or (i and tokens[i - 1] == "nurse")]
    tokenizer = WordTokenizer(FORMS)
    ids = [tokenizer.token_to_id(token) for token in tokens]
    assert tokenizer.encode(" ".join(tokens)) == ids
    assert tokenizer.encode(tokenizer.decode(ids)) == ids


@pytest.mark.parametrize("language", ["fr", "en"])
def test_microcosm_sentences_round_trip_through_readable_text(language):
    microcosm = pytest.importorskip("attentif.corpus.microcosm").Microcosm(language, "small")
    tokenizer = microcosm.tokenizer
    documents = microcosm.documents(300)
    for document in documents:
        ids = [i for sentence in document for i in sentence]
        assert tokenizer.encode(tokenizer.decode(ids)) == ids
    sentence = tokenizer.decode(documents[0][0])
    assert sentence[0].isupper() and sentence.endswith(".") and " ." not in sentence and " ," not in sentence


def test_a_long_run_without_spaces_costs_no_more_than_its_length():
    tokenizer = WordTokenizer(FORMS)
    assert Counter(tokenizer.encode("." * 30_000 + "é" * 30_000)) == {19: 30_000, 1: 1}


@pytest.mark.parametrize("forms", [["a", ""], ["a b"], ["a\n"], ["x[MASK]"], ["[PAD]"], ["a", "b", "a"]])
def test_forms_that_cannot_be_tokens_are_refused(forms):
    with pytest.raises(InputError, match=r"expected (forms without|distinct forms)"):
        WordTokenizer(forms)


# Subwords.


@given(text=st.text())
@settings(max_examples=150, deadline=None)
def test_byte_level_bpe_gives_back_any_unicode_text(trained, text):
    for sample in (text, f" {text}[MASK]  {text}\n"):
        assert trained["bpe"].decode(trained["bpe"].encode(sample)) == sample


def test_byte_level_bpe_knows_every_byte_and_never_says_unknown(trained):
    everything = "".join(map(chr, [*range(0x300), 0x4E2D, 0xFFFD, 0x1F600, 0x10FFFF]))
    ids = trained["bpe"].encode(everything)
    assert 1 not in ids and trained["bpe"].decode(ids) == everything


def test_bpe_learns_merges(trained):
    assert trained["bpe"].vocab_size == 300
    assert len(trained["bpe"].encode(TEXTS[0])) < len(TEXTS[0])


def test_lone_surrogate_is_refused_by_subwords(trained):
    for kind in ("bpe", "wordpiece"):
        with pytest.raises(InputError, match="lone surrogate"):
            trained[kind].encode("a\ud800")


def test_wordpiece_gives_back_words_with_case_and_accents(trained):
    tokenizer = trained["wordpiece"]
    assert tokenizer.decode(tokenizer.encode("L'infirmière   lit")).replace(" ' ", "'") == "L'infirmière lit"
    assert tokenizer.encode("infirmie\u0300re") == tokenizer.encode("infirmière")
    assert tokenizer.encode("漢") == [1]
    assert tokenizer.token_to_id("##a") is not None and tokenizer.token_to_id("##,") is None


def test_specials_in_the_training_texts_are_not_learned():
    for kind in KINDS:
        tokenizer = train_tokenizer(kind, ["[MASK] aba [CLS] aba"] * 5, 290)
        learned = [tokenizer.id_to_token(i) for i in range(5, tokenizer.vocab_size)]
        assert not any("MASK" in token or "CLS" in token for token in learned)
        assert kind == "bpe" or not any(c in "".join(learned) for c in "[MCLS]")


def test_one_long_string_trains_like_its_lines():
    text = "le chat dort\nle chien dort\n\nla souris"
    for kind in KINDS:
        assert train_tokenizer(kind, text, 280) == train_tokenizer(kind, text.splitlines(keepends=True), 280)


# Training.


def test_the_most_frequent_are_kept_and_ties_are_alphabetical():
    tokenizer = train_tokenizer("word", ["b a c c", "z y x c"], vocab_size=8)
    assert [tokenizer.id_to_token(i) for i in (5, 6, 7)] == ["c", "a", "b"]
    assert tokenizer.encode("c z") == [5, 1]
    characters = train_tokenizer("char", "bbaac", vocab_size=7)
    assert characters.encode("abc") == [5, 6, 1]
    assert train_tokenizer("char", "bbaac").vocab_size == 8


@pytest.mark.parametrize(
    ("kind", "texts", "vocab_size", "message"),
    [
        ("unigram", ["a"], 100, "among char, word, bpe, wordpiece"),
        ("bpe", ["a"], 260, "at least 261"),
        ("word", ["a"], 5, "at least 6"),
        ("wordpiece", ["abcdefghijklmno"], 9, "at least 35 for these characters"),
        ("wordpiece", ["  "], 100, "got none"),
        ("word", [" "], None, "got none"),
        ("char", [], None, "got none"),
    ],
)
def test_training_that_cannot_work_says_why(kind, texts, vocab_size, message):
    with pytest.raises(InputError, match=message):
        train_tokenizer(kind, texts, vocab_size)


@pytest.mark.parametrize("kind", KINDS)
def test_only_subwords_need_the_library(kind, monkeypatch):
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    if kind in ("bpe", "wordpiece"):
        with pytest.raises(InputError, match="pip install tokenizers"):
            train_tokenizer(kind, TEXTS, 300)
    else:
        assert train_tokenizer(kind, TEXTS, 300).encode("dort")
