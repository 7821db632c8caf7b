"""The checks are checked: every mistake caught and named, every right answer paid, nothing paid for nothing."""

from __future__ import annotations

import ast
import copy
import inspect
import re
import textwrap

import numpy as np
import pytest
import torch

from attentif.checks.engine import FAILED
from attentif.checks.examining import examine
from attentif.checks.store import load_exercise as load_public
from attentif.checks.store import public_module
from attentif.checks.student import LocalStudent
from attentif.checks.text import LANGUAGES
from attentif.rescue import known_good
from attentif_grading.contracts import load_contracts, load_course
from attentif_grading.exercises import exercises_in_chain, load_exercise
from attentif_grading.verify import all_checks, in_process, verify

NAMES = exercises_in_chain()


def every_check(name):
    return [*public_module(name).CHECKS.checks, *load_exercise(name).hidden.checks]


@pytest.mark.parametrize("name", NAMES)
def test_the_fast_part_of_the_matrix_is_sound(name):
    """All of it is for `verify-checks`, which `make verify` calls."""
    matrix = verify([name], fast=True)
    said, exercise = matrix.summary(), load_exercise(name)
    lists = {key: value for key, value in said.items() if isinstance(value, list)}
    assert matrix.sound and not any(lists.values()), {key: value for key, value in lists.items() if value}
    assert said["misconceptions"] == said["caught"] == said["named"] == len(exercise.misconceptions)
    assert said["variants_full_marks"] == len(exercise.variants)
    assert said["second_versions"] >= 1 and said["outside"] >= 1


@pytest.mark.parametrize("name", NAMES)
def test_the_catalogue_is_large_enough(name):
    exercise = load_exercise(name)
    first = exercise.misconceptions
    assert len(first) >= 6 and len(exercise.variants) >= 2
    assert len(exercise.all_misconceptions) >= 2 * len(first)
    assert len(exercise.outside) >= 6
    assert all(set(names) <= {m.name for m in first} for names in exercise.outside.values())


def test_the_selected_exercises_have_gone_through_the_chain():
    assert set(load_course().exercises) <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_each_mistake_has_a_second_version_written_independently(name):
    exercise = load_exercise(name)
    first = {m.name: m for m in exercise.misconceptions}
    versions = [m for m in exercise.all_misconceptions if m is not first[m.name]]
    assert {m.name for m in versions} == set(first)
    for version in versions:
        assert shape_of(version.function) != shape_of(first[version.name].function), version.name


@pytest.mark.parametrize("name", NAMES)
def test_accepted_variants_are_other_code(name):
    exercise = load_exercise(name)
    reference = exercise.reference
    functions = [getattr(reference, exercise.contract.method) if exercise.contract.method else reference]
    functions += [variant.function for variant in exercise.variants]
    shapes = [shape_of(function) for function in functions]
    assert len(set(shapes)) == len(shapes)


@pytest.mark.parametrize(
    "name",
    [
        "scaled_dot_product_attention",
        "MultiHeadAttention",
        "warmup_cosine",
        "fill_mask",
        "BertEmbeddings",
        "MaskedLMHead",
        "NextSentenceHead",
        "sinusoidal_encoding",
        "LayerNorm",
        "FeedForward",
        "EncoderBlock",
        "DecoderBlock",
        "masked_lm_loss",
        "causal_lm_loss",
        "perplexity",
        "bits_per_character",
        "cluster_bootstrap",
        "calibration",
    ],
)
def test_half_of_the_variants_are_not_equal_to_the_bit(name):
    exercise = load_exercise(name)

    def answers(target):
        student = LocalStudent(target, exercise.contract.method, known_good)
        return [repr(student.run(request).value) for request in exercise.requests.values()]

    with np.printoptions(floatmode="unique", threshold=100_000):
        reference = answers(exercise.reference)
        others = [answers(exercise.target(variant.function)) for variant in exercise.variants]
    assert sum(other != reference for other in others) >= len(others) / 2


def shape_of(function):
    """A function's syntax tree without names, docstring and decorators."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    if ast.get_docstring(tree) is not None:
        tree.body = tree.body[1:]
    names = {}
    for node in ast.walk(tree):
        for field in ("id", "arg", "name"):
            if isinstance(getattr(node, field, None), str):
                setattr(node, field, names.setdefault(getattr(node, field), f"n{len(names)}"))
    return "\n".join(ast.dump(statement) for statement in tree.body)


@pytest.mark.parametrize("name", NAMES)
def test_points_are_those_of_the_contract(name):
    public_points = sum(check.points for check in public_module(name).CHECKS.checks)
    hidden_points = sum(check.points for check in load_exercise(name).hidden.checks)
    total = load_contracts()[name].points
    assert public_points + hidden_points == total
    assert 0.4 * total <= public_points <= 0.6 * total


@pytest.mark.parametrize("name", NAMES)
def test_texts_exist_in_both_languages(name):
    exercise = load_exercise(name)
    texts = [t for check in every_check(name) for t in (check.title, check.hint)]
    texts += [m.said for m in exercise.all_misconceptions]
    for said in texts:
        assert set(said) == set(LANGUAGES)
        assert all(sentence.strip() for sentence in said.values())
    # Titles and diagnoses are sentences of their language, not copies.
    for said in [check.title for check in every_check(name)] + [m.said for m in exercise.misconceptions]:
        assert said["fr"] != said["en"]
    for scope in (public_module(name).CHECKS, exercise.hidden):
        for language in LANGUAGES:
            titles = [check.title[language] for check in scope.checks]
            assert len(set(titles)) == len(titles)
    said = [m.said["en"] for m in exercise.misconceptions] + [m.said["fr"] for m in exercise.misconceptions]
    assert len(set(said)) == len(said)


@pytest.mark.parametrize("name", NAMES)
def test_needs_name_earlier_checks_of_the_same_set(name):
    for checks in (public_module(name).CHECKS, load_exercise(name).hidden):
        seen = []
        for check in checks.checks:
            assert set(check.needs) <= set(seen), check.name
            assert check.name not in seen
            seen.append(check.name)


@pytest.mark.parametrize("name", NAMES)
def test_cards_and_docstrings_exist_in_both_languages(name):
    folder = load_exercise(name).folder
    for language, heading, hint in (("en", "### Exercise: ", "Hint"), ("fr", "### Exercice : ", "Piste")):
        card = (folder / f"card.{language}.md").read_text(encoding="utf-8")
        assert card.startswith(f"{heading}`{name}`\n")
        assert card.count(f"<details><summary>{hint} ") == 2
        assert card.count("</details>") == 2
    french = (folder / "docstring.fr.txt").read_text(encoding="utf-8")
    assert re.search(r"[àâéèêîôùû]", french)
    reference = load_exercise(name).reference
    method = load_contracts()[name].method
    english = (
        inspect.getdoc(reference) + "\n" + (inspect.getdoc(getattr(reference, method)) if method else "")
    )
    # The same doctest, and the same argument names.
    assert doctest_of(french) == doctest_of(english)
    assert [line for line in named_in(french)] == [line for line in named_in(english)]
    if method:
        assert f"\n--- {method} ---\n" in french


def doctest_of(docstring):
    """The examples with their answers, up to the blank line after them."""
    lines = [line.strip() for line in docstring.splitlines()]
    first = next(number for number, line in enumerate(lines) if line.startswith(">>>"))
    block = []
    for line in lines[first:]:
        if (
            not line
            or line.startswith("---")
            or (not line.startswith((">>>", "...")) and not re.match(r"[\[(\d'TF]", line))
        ):
            break
        block.append(line)
    return block


def named_in(docstring):
    """Arguments in the order in which the docstring explains them."""
    return re.findall(r"^ {4}([a-z_]+(?:, [a-z_]+)*) ?: ", docstring, re.MULTILINE)


STAND_INS = ("distance_attention", "spread_interval", "order_likelihood", "first_pair_likelihood")


@pytest.mark.parametrize("name", NAMES)
def test_parts_come_as_recipes_so_that_an_earlier_mistake_costs_nothing(name):
    contract = load_contracts()[name]
    for request in load_exercise(name).requests.values():
        for argument in contract.parts:
            given = (request.init if contract.method else request.kwargs)[argument]
            # A block may lack a part (one without a cross-attention); a stand-in shows what it is given.
            assert given is None or given.name in ("part", *STAND_INS)


# Answers of any kind


class Strange:
    """An object that is equal to everything and has no attribute."""

    def __eq__(self, other):
        return True

    def __getattr__(self, name):
        raise RuntimeError(name)


STRANGE = [
    *(None, 1, True, "x", b"x", 10**400, float("nan"), [], (), {}, object, print, 1j),
    *(
        [[]],
        [[1]],
        [(1, 2)],
        [[("a", None)]],
        [[["a", float("nan")]]],
        [("a", Strange())],
        ("a", "b"),
        (None, None),
    ),
    *(
        torch.tensor(1.0),
        torch.tensor(2),
        torch.tensor(1j),
        torch.tensor(True),
        torch.zeros(0),
        torch.zeros(2, 3),
    ),
    *(
        torch.full((3, 3), float("nan")),
        torch.zeros(2, 2, dtype=torch.bfloat16),
        torch.zeros(2, 3).to_sparse(),
    ),
    *(np.array(["a"]), np.array([None]), np.zeros(3), np.float32(2), Strange(), (Strange(), Strange())),
    *({1: 2}, (torch.zeros(1),) * 3, range(3), torch.nn.Linear(2, 2)),
]


@pytest.mark.parametrize("name", NAMES)
def test_whatever_comes_back_gets_a_verdict_and_no_points(name):
    exercise = load_exercise(name)
    for value in STRANGE:
        target = exercise.target(lambda *args, value=value, **kwargs: value)
        for checks in (load_public(name).checks, exercise.hidden):
            report = examine(load_public(name), target, checks)
            assert report.earned == 0.0, repr(value)
            assert any(result.status == FAILED for result in report.results)
            assert not [result.fault for result in report.results if result.fault], repr(value)


@pytest.mark.parametrize("name", NAMES)
def test_verdicts_do_not_depend_on_what_ran_before(name):
    exercise = load_exercise(name)
    wrong = exercise.target(exercise.misconceptions[0].function)

    def verdicts():
        with in_process(exercise, wrong) as answer:
            reports = all_checks(exercise, load_public(name), answer)
        return [[r.status for r in report.results] for report in reports]

    first = verdicts()
    torch.manual_seed(99)
    np.random.seed(99)
    torch.rand(5)
    assert verdicts() == first


@pytest.mark.parametrize("name", NAMES)
def test_another_secret_makes_other_inputs_and_the_same_marks(name, monkeypatch):
    exercise = load_exercise(name)
    seen = []

    class Spy(LocalStudent):
        def run(self, request):
            seen[-1].append(copy.deepcopy(request))
            return super().run(request)

    for secret in ("one", "another"):
        monkeypatch.setenv("ATTENTIF_SALT", secret)
        seen.append([])
        report = exercise.hidden.run(Spy(exercise.reference, exercise.contract.method, known_good), {})
        assert report.earned == report.maximum
    assert len(seen[0]) > 0
    if exercise.contract.signature != "()":  # one that takes nothing has no inputs to draw
        assert repr(seen[0]) != repr(seen[1])
