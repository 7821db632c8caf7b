"""The checks of decoding: exact bounds for draws, laws that are true, texts that show mistakes, and parts by name."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

import attentif
from attentif import InputError, generate, rescue, sample_next_token
from attentif.checks import sampling
from attentif.checks.causal_models import causal_model, table_model
from attentif.checks.compare import Mismatch
from attentif.checks.engine import PASSED, TODO
from attentif.checks.examining import examine, stale_parts
from attentif.checks.public import beam_search as public_beams
from attentif.checks.public import generate as public_generate
from attentif.checks.public import sample_next_token as public_sampling
from attentif.checks.recipes import build
from attentif.checks.store import read_exercise
from attentif.checks.student import LocalStudent, names_of, replaced_names
from attentif.checks.text import text
from attentif.checks.values import Request
from attentif_grading.checkdata import build_check_data
from attentif_grading.contracts import load_contracts
from attentif_grading.exercises import load_exercise

ASKED = text("asked", "demandé")


# Judging draws


@pytest.mark.parametrize("n", [7, 60, 400])
@pytest.mark.parametrize("share", [0.003, 0.1, 0.5, 0.93])
@pytest.mark.parametrize("false_rejection", [1e-2, 1e-6])
def test_a_right_share_is_refused_no_more_often_than_promised(n, share, false_rejection):
    chance = sum(
        math.comb(n, count) * share**count * (1 - share) ** (n - count)
        for count in range(n + 1)
        if not sampling.is_likely(count, n, share, false_rejection)
    )
    assert chance <= false_rejection


def test_a_wrong_share_is_seen():
    n = sampling.N_DRAWS
    for share, wrong in ((0.5, 0.56), (0.3, 0.36), (0.05, 0.08), (0.02, 0.045)):
        assert sampling.is_likely(round(share * n), n, share)
        assert not sampling.is_likely(round(wrong * n), n, share)
        assert not sampling.is_likely(round(share * n), n, wrong)
    # What must not happen, and what must, leave nothing to chance.
    assert sampling.is_likely(0, n, 0.0) and not sampling.is_likely(1, n, 0.0)
    assert sampling.is_likely(n, n, 1.0) and not sampling.is_likely(n - 1, n, 1.0)


def test_the_law_names_the_token_that_is_wrong():
    rng = np.random.default_rng(0)
    law = (0.5, 0.3, 0.2, 0.0)
    sampling.require_law(rng.choice(4, 5000, p=law), law, ASKED)
    with pytest.raises(Mismatch) as caught:
        sampling.require_law(rng.choice(4, 5000, p=(0.5, 0.29, 0.2, 0.01)), law, ASKED)
    assert caught.value.expected["en"] == "asked: token 3 never"
    with pytest.raises(Mismatch) as caught:
        sampling.require_law(rng.choice(4, 5000, p=(0.5, 0.2, 0.3, 0.0)), law, ASKED)
    assert "token 1 in 30.0%" in caught.value.expected["en"]
    assert "le jeton 1 dans 30,0" in caught.value.expected["fr"]


# Laws that are stored


def law_of(shares, temperature=1.0, top_k=None, top_p=None):
    """By sorting plain numbers."""
    weights = [share ** (1 / temperature) for share in shares]
    order = sorted(range(len(weights)), key=lambda i: -weights[i])[:top_k]
    total, kept, reached = sum(weights[i] for i in order), [], 0.0
    for i in order:
        kept.append(i)
        reached += weights[i] / total
        if top_p is not None and reached >= top_p:
            break
    total = sum(weights[i] for i in kept)
    return [weights[i] / total if i in kept else 0.0 for i in range(len(weights))]


def test_the_stored_laws_of_sampling_are_true():
    public = public_sampling
    settings = [public.COLD, public.HOT, *public.TOP_K, *public.TOP_P, *public.IN_ORDER]
    for options, law in settings:
        assert law == pytest.approx(law_of(public.SHARES, **options), abs=1e-6), options
    assert pytest.approx(law_of(public.OTHER, top_k=2), abs=1e-6) == public.BEST_TWO_OF_OTHER
    assert pytest.approx(law_of(public.OTHER, top_p=0.8), abs=1e-6) == public.BEST_FOUR_OF_OTHER
    assert sum(public.SHARES) == pytest.approx(1) == sum(public.OTHER)
    # No p is so near a running sum that rounding decides.
    for options, law in settings:
        if "top_p" in options:
            kept = law_of(public.SHARES, options.get("temperature", 1.0), options.get("top_k"))
            sums = np.cumsum(sorted(kept, reverse=True)[: sum(share > 0 for share in law)])
            assert options["top_p"] == 1.0 or np.abs(sums - options["top_p"]).min() > 0.02


def test_the_stored_tables_of_generate_are_true():
    for row, cold in zip(public_generate.TABLE, public_generate.COLD_TABLE, strict=True):
        assert sum(row) == pytest.approx(1)
        assert cold == pytest.approx(law_of(row, temperature=0.5), abs=1e-6)


# Models


def test_the_causal_model_is_causal_and_reads_all_of_its_context():
    model = causal_model(vocab_size=7, seed=1, max_length=6)
    ids = torch.tensor([[1, 2, 3, 4, 5, 6]])
    logits = model(ids)
    assert logits.shape == (1, 6, 7)
    for place in range(6):
        changed = ids.clone()
        changed[0, place] = 0
        moved = (model(changed) - logits).abs().sum(-1)[0]
        assert (moved[:place] == 0).all() and (moved[place:] > 1e-3).all()
    with pytest.raises(InputError, match="at most 6 tokens"):
        model(torch.ones(1, 7).long())
    trained = causal_model(vocab_size=7, seed=1, max_length=6, training=True)
    assert trained.training and not torch.allclose(trained(ids), logits)
    torch.testing.assert_close(trained.eval()(ids), logits)


def test_the_table_model_says_what_stands_in_its_table():
    table = [[0.2, 0.8], [0.6, 0.4]]
    shares = table_model(table)(torch.tensor([[0, 1, 1]])).softmax(-1)
    torch.testing.assert_close(shares[0], torch.tensor([table[0], table[1], table[1]], dtype=torch.float64))


# Texts that show mistakes


def text_of(name):
    request = load_exercise("generate").requests[name]
    model = build(request.args[0], None)
    options = {name: value for name, value in request.kwargs.items() if name != "sample"}
    text = generate(model, torch.tensor(request.args[1]), request.args[2], **options)
    return text[:, request.args[1].shape[1] :].tolist(), request


def test_stored_texts_are_lively_and_finish_at_different_steps():
    for name in public_generate.WITHOUT_CHANCE:
        new, request = text_of(name)
        eos_id = request.kwargs.get("eos_id")
        if eos_id is None:
            assert all(len(set(row)) >= 3 for row in new), name
        else:
            ends = [row.index(eos_id) if eos_id in row else None for row in new]
            assert (None in ends) == (name == "eos_some")
            assert len(set(ends)) > 1 or len(ends) == 1
            assert (eos_id in request.args[1]) == (name == "eos_in_beginning")
            assert name == "eos_some" or len(new[0]) < request.args[2]


def test_stored_searches_find_what_greedy_decoding_does_not():
    exercise = load_exercise("beam_search")
    greedy = next(m.function for m in exercise.misconceptions if m.name == "one_beam_only")
    for name, request in exercise.requests.items():
        if name in ("one_step", "one_beam", "all_candidates"):
            continue

        def search(function, request=request):
            token_ids = torch.tensor(request.args[1])
            return function(build(request.args[0], None), token_ids, request.args[2], **request.kwargs)

        beams = search(attentif.beam_search)
        assert beams[0].token_ids != search(greedy)[0].token_ids, name
        # No two are so near that rounding decides.
        assert all(a.score - b.score > 1e-3 for a, b in pairwise(beams))
        if name in (*public_beams.FINISHING, *public_beams.RANKED):
            assert len({len(beam.token_ids) for beam in beams}) > 1, name


# Parts that are handed over, and parts that are called by their names


@pytest.fixture(scope="module")
def handed_over():
    return read_exercise("generate", build_check_data(load_exercise("generate")))


@pytest.fixture(scope="module")
def writing(handed_over):
    """The same exercise as if its code called the sampler by name."""
    return replace(handed_over, parts={}, called=("sample_next_token",))


def notebook(sampler):
    """A notebook's names: a sampler, and a right `generate` that calls it by name, under a decorator."""
    names = {"torch": torch}
    source = """
@torch.no_grad()
def generate(
    model, token_ids, max_new_tokens, temperature=1.0, top_k=None, top_p=None, eos_id=None, generator=None, sample=None
):
    model.eval()
    finished = torch.zeros(len(token_ids), dtype=torch.bool)
    for _ in range(max_new_tokens):
        if finished.all():
            break
        logits = model(token_ids[:, -model.config.max_length :])[:, -1]
        new = sample_next_token(logits, temperature, top_k, top_p, generator)
        if eos_id is not None:
            new = torch.where(finished, eos_id, new)
            finished = finished | (new == eos_id)
        token_ids = torch.cat([token_ids, new[:, None]], dim=1)
    return token_ids
"""
    exec(source, names)
    if sampler is not None:
        names["sample_next_token"] = sampler
    return names


def unwritten(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    raise NotImplementedError


def broken(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    return logits.argmin(-1)


@pytest.mark.parametrize("sampler", [unwritten, broken])
def test_a_mistake_in_the_sampler_that_generate_takes_costs_nothing(handed_over, sampler):
    def writer(*args, sample=sampler, **kwargs):
        return generate(*args, sample=sample, **kwargs)

    names = {"sample_next_token": sample_next_token, "generate": writer}
    for checks in (None, load_exercise("generate").hidden):
        report = examine(handed_over, writer, checks, names)
        assert report.earned == report.maximum and report.carried_forward == ("sample_next_token",)
    assert stale_parts(handed_over, writer, names) == ["sample_next_token"]


@pytest.mark.parametrize("hidden", [False, True])
@pytest.mark.parametrize("sampler", [unwritten, broken, None])
def test_a_mistake_in_sampling_costs_nothing_in_generate(writing, sampler, hidden):
    names = notebook(sampler)
    checks = load_exercise("generate").hidden if hidden else None
    report = examine(writing, names["generate"], checks, names)
    assert report.earned == report.maximum
    assert report.carried_forward == (() if sampler is None else ("sample_next_token",))
    # The notebook finds its own function again.
    assert names.get("sample_next_token") is sampler


def test_a_right_sampler_is_not_blamed(writing):
    names = notebook(sample_next_token)
    report = examine(writing, names["generate"])
    assert report.earned == report.maximum and report.carried_forward == ()


def test_a_mistake_in_generate_stays_its_own(writing):
    for sampler in (sample_next_token, unwritten):
        names = notebook(sampler)

        def one_too_many(model, token_ids, max_new_tokens, *args, names=names, **kwargs):
            return names["generate"](model, token_ids, max_new_tokens + 1, *args, **kwargs)

        report = examine(writing, one_too_many)
        assert report.earned < report.maximum and report.carried_forward == ()
    assert not [result.fault for result in report.results if result.fault]


def test_an_unwritten_generate_is_to_do_even_with_a_known_good_sampler(writing):
    names = notebook(unwritten)
    exec("def generate(*args, **kwargs):\n    raise NotImplementedError", names)
    report = examine(writing, names["generate"])
    assert {result.status for result in report.results} == {TODO}


def test_names_are_replaced_only_while_the_code_runs():
    names = {}
    exec("def asks():\n    return part", names)
    asks = names["asks"]
    student = LocalStudent(asks, None, lambda name: f"known-good {name}", called=("part",))
    assert student.run(Request()).value == "known-good part" and "part" not in names
    names["part"] = "own"
    assert student.run(Request()).value == "known-good part" and names["part"] == "own"
    assert LocalStudent(asks, None, None, called=("part",)).run(Request()).value == "own"
    own = LocalStudent(asks, None, lambda name: "known-good", {"part": "own"}, ("part",))
    assert own.run(Request()).value == "own"
    with pytest.raises(ZeroDivisionError), replaced_names(asks, {"part": 1}):
        raise ZeroDivisionError
    assert names["part"] == "own"
    # What is no plain function has no names to replace.
    assert names_of(print) is None and names_of(torch.nn.Linear) is None
    with replaced_names(print, {"part": 1}):
        assert names["part"] == "own"


def test_dependencies_come_as_arguments_or_by_name():
    contracts = load_contracts()
    assert contracts["generate"].called == () and contracts["generate"].parts["sample"] == "sample_next_token"
    assert replace(contracts["generate"], parts={}).called == ("sample_next_token",)
    for contract in contracts.values():
        assert set(contract.called) | set(contract.parts.values()) == set(contract.depends)
        # A class is handed its parts: only a function is looked into for names.
        assert contract.method is None or contract.called == ()


# The rescue parts


def test_the_simpler_sampler_draws_at_its_temperature_and_takes_the_best_of_a_cut():
    logits = torch.tensor(sampling.same_rows(public_sampling.SHARES))
    for (options, law), seed in zip((public_sampling.COLD, public_sampling.HOT), (1, 2), strict=True):
        tokens = rescue.sample_next_token(logits, **options, generator=torch.Generator().manual_seed(seed))
        sampling.require_law(tokens.numpy(), law, ASKED)
    for options in ({"temperature": 0}, {"top_k": 3}, {"top_p": 0.9, "temperature": 2.0}):
        assert rescue.sample_next_token(logits[:5], **options).tolist() == [3] * 5
    for options in ({"top_k": 0.5}, {"top_k": 0}, {"top_p": 3}, {"temperature": -1.0}):
        with pytest.raises(InputError):
            rescue.sample_next_token(logits[:5], **options)


def test_the_simpler_writer_and_search_let_a_notebook_go_on():
    model = causal_model(vocab_size=7, seed=2, max_length=5)
    start = torch.tensor([[1, 2, 3], [4, 5, 6]])
    text = rescue.generate(model, start, 9, eos_id=0)
    assert text.shape == (2, 12) and torch.equal(text[:, :3], start)
    beams = rescue.beam_search(model, start[0], 4, n_beams=3)
    assert len(beams) == 3 and all(beam.token_ids[:3] == [1, 2, 3] for beam in beams)
    assert sorted((beam.score for beam in beams), reverse=True) == [beam.score for beam in beams]


# What an answer may look like


def test_beams_may_come_as_dicts_and_ids_as_tensors():
    exercise = load_exercise("beam_search")
    public = read_exercise("beam_search", build_check_data(exercise))

    def as_dicts(*args, **kwargs):
        return [
            {
                "token_ids": torch.tensor(beam.token_ids),
                "log_probability": torch.tensor(beam.log_probability),
                "score": beam.score,
            }
            for beam in attentif.beam_search(*args, **kwargs)
        ]

    assert examine(public, as_dicts).earned == sum(check.points for check in public.checks.checks)

    def without_scores(*args, **kwargs):
        return [(beam.token_ids, beam.log_probability) for beam in attentif.beam_search(*args, **kwargs)]

    report = examine(public, without_scores)
    assert report.earned == 0 and not [result.fault for result in report.results if result.fault]
    assert "Beam(token_ids" in report.results[0].expected["en"]


def test_a_refusal_is_a_value_error():
    def sample(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
        if temperature < 0 or top_k == 0:
            raise KeyError("top_k")
        return sample_next_token(logits, temperature, top_k, top_p, generator)

    logits = sampling.same_rows(public_sampling.SHARES, 2)
    student = LocalStudent(sample)
    sampling.check_refused(student, logits, top_p=1.5)
    with pytest.raises(Mismatch, match="KeyError"):
        sampling.check_refused(student, logits, top_k=0)
    with pytest.raises(Mismatch):
        sampling.check_refused(LocalStudent(lambda logits, **options: logits.argmax(-1)), logits, top_k=0)


def test_hidden_checks_are_fair_for_many_secrets(monkeypatch):
    names = ("sample_next_token", "generate", "beam_search")
    for secret in ("a", "b", "c"):
        monkeypatch.setenv("ATTENTIF_SALT", secret)
        for name in names:
            exercise = load_exercise(name)
            report = exercise.hidden.run(LocalStudent(exercise.reference), {})
            assert [r.check.name for r in report.results if r.status != PASSED] == []
