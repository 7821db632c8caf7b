"""verify-checks itself: what it puts to the checks, what it counts, and what it does not let pass."""

from __future__ import annotations

import json
import os

import pytest
import torch
from typer.testing import CliRunner

from attentif.checks.engine import Check
from attentif.checks.text import text
from attentif.errors import InputError
from attentif.rescue import known_good
from attentif_grading import cli, compositions, exercises, jobs
from attentif_grading.compositions import parts_in_turn
from attentif_grading.exercises import Exercise, Variant, load_exercise
from attentif_grading.jobs import in_processes
from attentif_grading.matrix import Matrix, Row, vacuous_checks
from attentif_grading.verify import verify

# Small ones.
SHORT = ["count_parameters", "training_flops"]


def test_a_hole_in_the_checks_is_noticed():
    rows = [
        Row("x", "reference", "x", 2.0, 2.0, passed=("public:a", "hidden:b", "hidden:c")),
        Row("x", "misconception", "m", 1.0, 2.0, passed=("hidden:b", "hidden:c"), failed=("public:a",)),
        Row("x", "again", "m", 1.0, 2.0, passed=("hidden:c",), failed=("public:a", "hidden:b")),
        Row("x", "trivial", "zeros", 1.0, 2.0, passed=("hidden:b",), failed=("public:a", "hidden:c")),
    ]
    assert vacuous_checks("x", rows) == [
        "x hidden:b: passed by zeros",
        "x hidden:c: no misconception fails it",
    ]


def wrong(kind, n, named, **more):
    return [Row("x", kind, "m", 1.0, 2.0, named=("m",) if i < named else (), **more) for i in range(n)]


@pytest.mark.parametrize(
    ("rows", "sound"),
    [
        (wrong("misconception", 3, 3), True),
        (wrong("misconception", 100, 99), False),
        (wrong("again", 100, 95), True),
        (wrong("again", 100, 94), False),
        (wrong("composed", 100, 95), True),
        (wrong("composed", 100, 94), False),
        ([*wrong("again", 100, 100), *wrong("composed", 10, 9)], False),
        (wrong("outside", 100, 2), True),
        (wrong("outside", 100, 3), False),
        (wrong("outside", 10, 10, true_names=("m", "another")), True),
        ([Row("x", "outside", "f", 2.0, 2.0)], False),
        ([Row("x", "composed", "m", 2.0, 2.0)], False),
        ([Row("x", "composed_right", "x", 2.0, 2.0)], True),
        ([Row("x", "composed_right", "x", 1.75, 2.0)], False),
        ([Row("x", "variant", "v", 1.75, 2.0)], False),
        ([Row("x", "reference", "x", 1.75, 2.0)], False),
    ],
)
def test_what_is_sound(rows, sound):
    assert Matrix(rows).sound is sound


def test_every_row_that_is_not_as_it_should_be_is_told():
    said = Matrix(
        [
            Row("x", "composed", "m", 1.0, 2.0, named=("n",), composed="other ways of /"),
            Row("x", "again", "m", 2.0, 2.0),
            Row("x", "outside", "f", 1.0, 2.0, named=("m", "n"), true_names=("n",)),
            Row("x", "composed_right", "x", 1.0, 2.0, composed="y.v"),
        ]
    ).summary()
    assert said["not_caught"] == ["x: m (again)"]
    assert said["not_named"] == ["x: m (composed with other ways of /) named n", "x: m (again) named nothing"]
    assert said["wrong_names"] == ["x: f (outside) named m"]
    assert said["variants_that_lose"] == ["x: x (composed_right with y.v)"]
    assert (said["named_share_again"], said["named_share_composed"], said["wrong_name_share"]) == (0, 0, 1)


def test_a_name_that_is_not_true_of_an_outside_answer_is_noticed(monkeypatch):
    mistake = load_exercise("perplexity").misconceptions[0]
    for true_names, lines in ((), 1), ((mistake.name,), 0):
        outside = {mistake.function: true_names}
        monkeypatch.setattr(Exercise, "outside", property(lambda self, outside=outside: outside))
        matrix = verify(["perplexity"])
        said = matrix.summary()
        assert matrix.sound is (lines == 0) and len(said["wrong_names"]) == said["wrong_name_share"] == lines


def test_a_true_name_must_be_in_the_catalogue(monkeypatch):
    exercise = load_exercise("causal_mask")
    monkeypatch.setitem(exercise.outside, len, ("transposd",))
    with pytest.raises(
        InputError, match=r"misconceptions of causal_mask beside len in its outside.py, got 'transposd'"
    ):
        exercise.outside  # noqa: B018


def test_a_check_that_only_waits_for_another_is_vacuous():
    """It passes whenever it runs: that earlier checks stop it must not look like a failure of its own."""
    hidden = load_exercise("causal_mask").hidden
    first = hidden.checks[0].name
    idle = Check("idle", lambda student, cases: None, 0.25, text("idle", "oisif"), text("", ""), (first,))
    hidden.checks.append(idle)
    try:
        matrix = verify(["causal_mask"])
    finally:
        hidden.checks.remove(idle)
    assert [line for line in matrix.vacuous if "idle" in line] and not matrix.sound


# Compositions


def test_parts_are_replaced_by_variants_in_turn():
    block, attention, norm = (load_exercise(n) for n in ("EncoderBlock", "MultiHeadAttention", "LayerNorm"))
    for turn in (0, 1, 7):
        parts, on = parts_in_turn(block, turn)
        first = attention.variants[turn % len(attention.variants)]
        second = norm.variants[turn % len(norm.variants)]
        assert {f"MultiHeadAttention.{first.name}", f"LayerNorm.{second.name}"} <= set(on)
        assert parts("MultiHeadAttention").forward is first.function
        assert issubclass(parts("LayerNorm"), norm.reference)
        assert parts("padding_mask") is known_good("padding_mask")  # none of its parts
    # One that the code calls by its name is a part as well.
    assert parts_in_turn(load_exercise("generate"), 0)[1][0].startswith("sample_next_token.")
    assert parts_in_turn(load_exercise("LayerNorm"), 0)[1] == ()


def test_the_reference_meets_every_variant_of_its_parts():
    found = [c for c in compositions.compositions(load_exercise("MaskedLMHead")) if c.name == "MaskedLMHead"]
    assert [c.on for c in found] == [(f"LayerNorm.{v.name}",) for v in load_exercise("LayerNorm").variants]
    assert {c.kind for c in found} == {"composed_right"}


def test_a_part_that_is_wrong_shows_in_what_is_made_of_it(monkeypatch):
    wrong_norm = load_exercise("LayerNorm").misconceptions[0]
    variants = {"LayerNorm": [Variant("not_right", wrong_norm.function)]}
    monkeypatch.setattr(compositions, "_variants", lambda name: variants.get(name, []))
    matrix = verify(["NextSentenceHead"])
    assert matrix.sound  # it has no part
    matrix = verify(["MaskedLMHead"])
    lost = matrix.summary()["variants_that_lose"]
    assert not matrix.sound and all("(composed_right with " in line for line in lost)
    assert all("LayerNorm.not_right" in line for line in lost)


def test_a_rewriting_that_is_not_right_is_told(monkeypatch):
    from attentif_grading.other_ways import OtherWays

    monkeypatch.setattr(OtherWays, "divided", lambda self, x, y: self._took("/", 1.01 * x / y))
    said = verify(["training_flops", "perplexity"]).summary()
    assert said["variants_that_lose"][0].startswith(
        "perplexity: perplexity (composed_right with other ways of /"
    )


def test_what_takes_no_other_way_when_it_runs_is_no_composition():
    rows = verify(["padding_mask"]).of("composed", "composed_right")
    assert rows == [] or all(row.composed for row in rows)


# Processes


def without_seconds(matrix):
    return matrix.rows, {**matrix.summary(), "seconds": None}, matrix.vacuous, matrix.unfinished


def test_the_result_does_not_depend_on_the_number_of_processes():
    told = []
    apart = verify(SHORT, told.append, jobs=2)
    assert without_seconds(apart) == without_seconds(verify(SHORT))
    assert sorted(line.partition(":")[0] for line in told) == sorted(SHORT)


def breaking(name):
    if name == "first":
        raise KeyError("what\nwas wanted")
    return name


def dying(name):
    os._exit(3)


def unknown(name):
    raise InputError(expected="a", got="b", remedy="c")


@pytest.mark.parametrize(
    ("work", "said"),
    [
        (breaking, r"work on first that comes to its end, got KeyError: .*; with --jobs 1"),
        (dying, r"processes that live until the work is done, got one that was ended"),
        (unknown, r"expected work on first that comes to its end, got expected a, got b; c; with --jobs 1"),
    ],
)
def test_a_failure_in_a_process_is_a_clear_error(work, said):
    with pytest.raises(InputError, match=said):
        list(in_processes(work, ["first"], 1))


def test_the_longest_are_real_exercises():
    assert set(jobs.LONGEST) <= set(exercises.exercises_in_chain())


def test_the_command_gives_the_figures():
    threads = torch.get_num_threads()
    done = CliRunner().invoke(cli.app, ["verify-checks", "perplexity", "--json", "--jobs", "1"])
    torch.set_num_threads(threads)
    assert done.exit_code == 0
    said = json.loads(done.output)
    assert said["exercises"] == 1 and said["composed"] == said["composed_named"] > 0
    assert said["outside_caught"] == said["outside"] >= 6 and said["wrong_names"] == []
    refused = CliRunner().invoke(cli.app, ["verify-checks", "training_flops", "--jobs", "0"])
    assert refused.exit_code == 2
