"""The audit of pairs: each defect planted and found, counts against plain loops, and the published figures of public sets."""

from __future__ import annotations

import random
import warnings
from collections import Counter

import pytest
from public_sets import public_set
from tiny_bert import tiny_bert

from attentif.bias.audit import Clusters, audit_pairs
from attentif.bias.changes import changed_words
from attentif.bias.defects import DEFECTS, OF_TOKENS
from attentif.bias.encoding import TextEncoder
from attentif.bias.pairs import Pair, own_pairs
from attentif.bias.public_pairs import load_crows_pairs
from attentif.corpus.tokenizers import WordTokenizer
from attentif.errors import InputError


@pytest.fixture(scope="module")
def pieces(tmp_path_factory):
    """A tokenizer that knows "il" and "elle", and writes other words letter by letter."""
    from transformers import AutoTokenizer

    folder = tmp_path_factory.mktemp("bert")
    tiny_bert(folder)
    return AutoTokenizer.from_pretrained(folder)


def found_in(more, less, tokenizer=None, **fields):
    return {row.kind for row in audit_pairs([Pair(more, less, "x", **fields)], tokenizer).rows}


@pytest.mark.parametrize(
    ("more", "less", "expected"),
    [
        ("Elle dort.", "Il dort.", set()),
        ("L'infirmière dort.", "L'infirmier dort.", set()),
        ("A twenty-year-old sings.", "A sixty-year-old sings.", set()),
        ("A well-off man sings.", "A poor man sings.", set()),
        ("Elle dort.", "Elle dort.", {"identical"}),
        ("Elle dort.", "elle dort !", {"surface_only"}),
        ("Elle dort.", "Elle  dort.", {"surface_only", "spacing"}),
        ("Elle dort. ", "Il dort.", {"spacing"}),
        ("Elle dort ici.", "Il dort, ici.", {"surface_too"}),
        ("Elle aime Rome.", "Il aime rome.", {"surface_too"}),
        ("Elle dort.", "Elle ne dort pas.", {"insertion_only", "several_words", "unequal_words"}),
        ("Elle dort bien.", "Elle dort.", {"insertion_only", "unequal_words"}),
        ("Ma sœur dort.", "Mon frère dort.", {"several_words"}),
        ("Elle aime sa mère.", "Il aime son père.", {"several_words"}),
        ("Un homme riche dort.", "Un homme très pauvre dort.", {"several_words", "unequal_words"}),
        ("Elle dort.", "", {"empty"}),
        ("…", "Il dort.", {"empty"}),
    ],
)
def test_each_defect_of_a_text_is_found(more, less, expected):
    assert found_in(more, less) == expected
    assert found_in(less, more) == expected


def test_disputed_and_repeated_pairs_are_found():
    assert found_in("a b", "a c", agreement=0.5) == {"disputed"}
    assert found_in("a b", "a c", agreement=0.6) == set()
    pairs = [Pair("a b", "a c", "x"), Pair("a d", "a c", "x"), Pair("a c", "a b", "y", "antistereo")]
    assert [(row.number, row.kind) for row in audit_pairs(pairs).rows] == [(2, "duplicate")]


def test_each_defect_of_the_tokens_is_found(pieces):
    assert found_in("elle .", "il .", pieces) == set()
    assert found_in("le ba .", "le co .", pieces) == {"multi_token"}
    assert found_in("elle .", "lui .", pieces) == {"multi_token", "unequal_tokens"}
    assert found_in("le bal .", "le ball .", pieces) == {"unequal_tokens"}
    assert "unknown_tokens" in found_in("elle .", "jaja .", pieces)
    assert found_in("elle .", "", pieces) == {"empty"}
    own = WordTokenizer(["elle", "il", "."])
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # unknown words are told by the defect, not by a warning
        assert found_in("elle .", "il .", own) == set()
        assert found_in("elle .", "lui .", own) == {"unknown_tokens"}


def test_every_defect_has_a_test_above_and_words_in_both_languages():
    # The defects that no set of ours has can only be shown by planting them.
    planted = {"empty", "identical", "surface_only", "surface_too", "insertion_only", "several_words", "unequal_words",
               "spacing", "duplicate", "disputed", *OF_TOKENS}  # fmt: skip
    assert planted == set(DEFECTS) and all(each["fr"] != each["en"] for each in DEFECTS.values())


def test_counts_are_of_pairs_and_token_defects_need_a_tokenizer(pieces):
    pairs = [Pair("ma sœur .", "mon père .", "x"), Pair("elle .", "il .", "x")]
    without, with_tokens = audit_pairs(pairs), audit_pairs(pairs, pieces)
    assert set(with_tokens.counts) == set(DEFECTS) == set(without.counts) | set(OF_TOKENS)
    assert without.counts["several_words"] == 1 and without.share("several_words") == 0.5
    assert {kind: n for kind, n in with_tokens.counts.items() if kind not in OF_TOKENS} == without.counts
    for report in (without, with_tokens):
        assert report.counts == {kind: sum(row.kind == kind for row in report.rows) for kind in report.counts}


def test_tokens_against_a_plain_comparison(pieces):
    """Cut what both have in common at the ends: what is left of one changed word is the change."""
    encoder = TextEncoder(pieces)
    pairs = own_pairs("fr", "gender")[:60]
    report = audit_pairs(pairs, pieces)
    for number, pair in enumerate(pairs):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            first, second = (list(encoder.encode(s).ids)[1:-1] for s in (pair.more, pair.less))
        kinds = {row.kind for row in report.rows if row.number == number}
        assert ("unequal_tokens" in kinds) == (len(first) != len(second))
        assert ("unknown_tokens" in kinds) == (encoder.unk_id in first + second)
        while first and second and first[0] == second[0]:
            del first[0], second[0]
        while first and second and first[-1] == second[-1]:
            del first[-1], second[-1]
        if max(len(first), len(second)) <= 1:
            assert "multi_token" not in kinds
    assert report.counts["multi_token"] > 0


def test_clusters_against_plain_counting():
    draw = random.Random(2)
    words = ["lait", "bois", "chat", "pont"]
    pairs = []
    for _ in range(300):
        a, b = draw.sample(words, 2)
        pairs.append(
            Pair(f"le {a} dort", f"le {b} dort", draw.choice("xy"), draw.choice(("stereo", "antistereo")))
        )
    report = audit_pairs(pairs)
    assert [each.category for each in report.clusters] == [
        "all",
        *dict.fromkeys(pair.category for pair in pairs),
    ]
    for category in "xy":
        sizes = Counter(frozenset(p.more.split() + p.less.split()) for p in pairs if p.category == category)
        found, total = report.of(category), sum(sizes.values())
        assert (found.n_pairs, found.n_units) == (total, len(sizes)) and len(sizes) == 6
        assert found.effective_size == pytest.approx(total**2 / sum(n * n for n in sizes.values()), rel=1e-12)
        assert found.n_largest == max(sizes.values())
        assert set(found.largest) < max(sizes, key=sizes.get)
    assert report.of("all").n_pairs == 300


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: audit_pairs([]), "a list of at least one Pair, got 0 items"),
        (lambda: audit_pairs([("a b", "a c")]), "a list of at least one Pair, got 1 items"),
        (lambda: audit_pairs([Pair("a b", "a c", "x")], object()), "a tokenizer with a mask token"),
        (lambda: audit_pairs([Pair("a b", "a c", "x")]).of("y"), "one of all, x, got 'y'"),
        (lambda: Clusters("x", 3, 2, 2.5, ("a", "b"), 2), "an effective size from 1 to 2, got 2.5"),
    ],
)
def test_bad_input_gets_one_line(call, said):
    with pytest.raises(InputError) as caught:
        call()
    assert said in str(caught.value) and "\n" not in str(caught.value)


# The public sets, where they are at hand. The figures with the vocabulary of BERT (43 % and 28 %) need its files.


def test_english_crows_pairs_has_the_published_defects():
    pairs = load_crows_pairs(public_set("crows-pairs/crows_pairs_anonymized.csv"))
    report = audit_pairs(pairs)
    assert report.n_pairs == 1508 and report.counts["identical"] == 0
    # Published for the tokens of BERT: 28 % of unequal length. Words are longer: fewer pairs differ.
    assert 0.10 < report.share("unequal_words") < 0.28 < report.share("several_words") < 0.43
    race = [pair for pair in pairs if pair.category == "race-color"]
    assert len(race) == 516
    # Published: 147 of 516 change "black" for "white", in this order and by BERT's tokens, effective size about 12.
    ordered = Counter(changed_words(pair.more, pair.less) for pair in race)
    assert abs(ordered["black", "white"] - 147) <= 3
    assert 516**2 / sum(n * n for n in ordered.values()) == pytest.approx(12, abs=1)
    # Whatever the order, a little less.
    assert report.of("race-color").largest == ("black", "white")
    assert 10 < report.of("race-color").effective_size < 12
    assert report.of("sexual-orientation").effective_size == pytest.approx(5, abs=0.5)


def test_french_crows_pairs_has_the_known_defects():
    report = audit_pairs(load_crows_pairs(public_set("crows-pairs/crows_french.csv")))
    assert report.n_pairs == 1463
    assert (report.counts["identical"], report.counts["empty"], report.counts["disputed"]) == (1, 1, 0)
    assert report.of("race-color").effective_size < 13
    ours = audit_pairs(own_pairs("fr", "gender")).of("gender")
    theirs = report.of("gender")
    assert ours.effective_size / ours.n_pairs > theirs.effective_size / theirs.n_pairs
