"""Decoding against exact probabilities and exhaustive enumeration."""

from __future__ import annotations

import functools
import itertools
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from oracles import assert_distribution, assert_independent, assert_same, randn, randomise, seeded
from torch import nn

from attentif import CausalLM, InputError, ModelConfig, beam_search, generate, sample_next_token

N = 20_000


def frequencies(logits, seed: int = 0, sample=sample_next_token, **options) -> torch.Tensor:
    """How often each token is drawn in N rows of the same logits."""
    drawn = sample(logits.expand(N, -1), generator=seeded(seed), **options)
    assert drawn.shape == (N,) and drawn.dtype == torch.int64
    return torch.bincount(drawn, minlength=logits.size(-1))


def exact(logits, temperature=1.0, top_k=None, top_p=None) -> list[float]:
    """The distribution that should be drawn from, by sorting plain numbers; ties keep the lower id first."""
    weights = [math.exp(float(x) / temperature) for x in logits]
    order = sorted(range(len(weights)), key=lambda i: (-weights[i], i))[:top_k]
    total = sum(weights[i] for i in order)
    kept, mass = [], 0.0
    for i in order:
        kept.append(i)
        mass += weights[i] / total
        if top_p is not None and mass >= top_p:
            break
    total = sum(weights[i] for i in kept)
    return [weights[i] / total if i in kept else 0.0 for i in range(len(weights))]


# One token

LOGITS = torch.tensor([0.3, 2.0, -1.0, 1.1, 0.9, -0.4, 1.7], dtype=torch.float64)
# Probabilities 0.4, 0.3, 0.2, 0.1 in another order.
SHARES = torch.tensor([0.1, 0.4, 0.2, 0.3], dtype=torch.float64)
SETTINGS = [
    (LOGITS, {}),
    (LOGITS, {"temperature": 0.5}),
    (LOGITS, {"temperature": 2.5}),
    (LOGITS, {"top_k": 1}),
    (LOGITS, {"top_k": 3}),
    (LOGITS, {"top_k": 7}),
    (LOGITS, {"top_k": 50}),
    (LOGITS, {"top_k": 3, "temperature": 2.0}),
    (SHARES.log(), {"top_p": 0.35}),  # the first token crosses: it alone
    (SHARES.log(), {"top_p": 0.45}),  # the token that crosses is kept
    (SHARES.log(), {"top_p": 0.75}),
    (SHARES.log(), {"top_p": 0.95}),
    (SHARES.log(), {"top_p": 1.0}),
    (SHARES.log(), {"top_p": 1e-9}),
    # After top-k two tokens hold 0.78; before it they held 0.70, and a third was needed.
    (SHARES.log(), {"top_k": 3, "top_p": 0.72, "temperature": 1.0}),
    (SHARES.log(), {"top_p": 0.75, "temperature": 3.0}),  # the flattened distribution is what is cut
]


def check_sampling(candidate) -> None:
    for seed, (logits, options) in enumerate(SETTINGS):
        assert_distribution(frequencies(logits, seed, candidate, **options), exact(logits, **options))


def test_draws_follow_the_exact_distribution():
    check_sampling(sample_next_token)


def sampler(temperature_power=1, cut_before=False, keep_crossing=True, k_shift=0, use_k=True, p_first=False):
    """The sampling written again; each argument is a way to get it wrong."""

    def sample(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
        def nucleus(logits, by):
            shares, order = by.softmax(-1).sort(descending=True, stable=True)
            below = shares.cumsum(-1) - (shares if keep_crossing else 0) >= top_p - 1e-12
            if not keep_crossing:
                below[..., 0] = False
            return logits.masked_fill(torch.zeros_like(below).scatter(-1, order, below), -torch.inf)

        whole, logits = logits, logits / temperature**temperature_power
        if top_p is not None and p_first:
            logits = nucleus(logits, logits)
        if top_k is not None and use_k:
            kept = logits.topk(min(top_k + k_shift, logits.size(-1))).indices
            logits = torch.full_like(logits, -torch.inf).scatter(-1, kept, logits.gather(-1, kept))
        if top_p is not None and not p_first:
            logits = nucleus(logits, whole if cut_before else logits)
        return torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)

    return sample


@pytest.mark.parametrize(
    "mistake",
    [
        sampler(temperature_power=-1),
        sampler(temperature_power=0),
        sampler(cut_before=True),
        sampler(keep_crossing=False),
        sampler(k_shift=1),
        sampler(use_k=False),
        sampler(p_first=True),
        lambda logits, **options: logits.argmax(-1),
    ],
    ids=[
        "times T", "T ignored", "cut before T", "crossing token lost", "one more", "top-k does nothing",
        "top-p first", "always greedy",
    ],
)  # fmt: skip
def test_the_statistics_see_wrong_sampling(mistake):
    with pytest.raises(AssertionError):
        check_sampling(mistake)


def test_the_statistics_accept_correct_sampling_written_differently():
    check_sampling(sampler())


def test_temperature_zero_is_greedy():
    logits = randn(50, 9, seed=1)
    assert torch.equal(sample_next_token(logits, temperature=0), logits.argmax(-1))
    assert torch.equal(sample_next_token(logits, temperature=0.0, top_k=3, top_p=0.5), logits.argmax(-1))
    assert torch.equal(sample_next_token(logits, top_k=1), logits.argmax(-1))
    assert torch.equal(sample_next_token(logits, temperature=1e-4), logits.argmax(-1))


@pytest.mark.parametrize("top_k", [1, 2, 3])
def test_ties_do_not_enlarge_the_set(top_k):
    for logits in (torch.zeros(6), torch.tensor([0.0, 1.0, 1.0, 1.0, 0.0, 1.0])):
        counts = frequencies(logits, top_k=top_k)
        assert (counts > 0).sum() == top_k
        assert_distribution(counts, (counts > 0).double() / top_k)


def test_rows_have_their_own_distribution_and_their_own_draw():
    logits = torch.stack([LOGITS, LOGITS.flip(0)]).repeat(N // 2, 1)
    drawn = sample_next_token(logits, top_k=4, generator=seeded(1)).reshape(-1, 2)
    for column, expected in enumerate((exact(LOGITS, top_k=4), exact(LOGITS.flip(0), top_k=4))):
        assert_distribution(torch.bincount(drawn[:, column], minlength=7), expected)
    table = torch.bincount(7 * drawn[:, 0] + drawn[:, 1], minlength=49).reshape(7, 7)
    assert_independent(table[table.sum(1) > 0][:, table.sum(0) > 0])


def test_sampling_leaves_its_input_and_the_global_generator_alone():
    logits = randn(3, 9, seed=1)
    before, state = logits.clone(), torch.get_rng_state()
    first = sample_next_token(logits, top_k=2, top_p=0.5, generator=seeded(1))
    assert torch.equal(first, sample_next_token(logits, top_k=2, top_p=0.5, generator=seeded(1)))
    assert torch.equal(logits, before) and torch.equal(torch.get_rng_state(), state)
    sample_next_token(logits)
    assert not torch.equal(torch.get_rng_state(), state)


@given(
    seed=st.integers(0, 300),
    vocab_size=st.integers(1, 12),
    top_k=st.none() | st.integers(1, 15),
    top_p=st.none() | st.floats(0.01, 1.0),
    temperature=st.floats(0.1, 5.0),
)
def test_what_is_drawn_is_in_the_set(seed, vocab_size, top_k, top_p, temperature):
    # Rounded logits, so that ties are frequent.
    logits = (2 * randn(vocab_size, seed=seed)).round()
    drawn = sample_next_token(logits.expand(200, -1), temperature, top_k, top_p, seeded(seed))
    # The sum that crosses p may be rounded: a token on the very edge is allowed.
    allowed = exact(logits, temperature, top_k, None if top_p is None else min(1.0, top_p + 1e-9))
    assert all(allowed[token] > 0 for token in drawn.tolist())


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_narrow_logits_are_drawn_from_too(dtype):
    counts = frequencies(LOGITS.to(dtype), top_k=3)
    assert (counts > 0).nonzero().flatten().tolist() == [1, 3, 6]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_the_nucleus_of_narrow_logits_is_summed_in_float32(dtype):
    # 4,000 tokens of equal probability: in half precision their running sum stalls far below 1.
    equal = torch.zeros(1, 4000, dtype=dtype)
    drawn = sample_next_token(equal.expand(3000, -1), top_p=0.5, generator=seeded(0))
    assert 1900 <= int(drawn.max()) < 2001
    # A temperature above 1 is applied before rounding can make two tokens equal.
    close = torch.tensor([[8.0, 7.96875]], dtype=dtype)
    assert torch.equal(
        sample_next_token(close.expand(500, -1), 3.0, generator=seeded(1)),
        sample_next_token(close.float().expand(500, -1), 3.0, generator=seeded(1)),
    )


@pytest.mark.parametrize(
    "options",
    [{"temperature": -0.1}, {"top_k": 0}, {"top_k": -3}, {"top_p": 0.0}, {"top_p": 1.1}, {"top_p": -0.5}],
)
def test_options_without_meaning_are_refused(options):
    name, value = next(iter(options.items()))
    with pytest.raises(InputError, match=rf"got .*{name}={value}") as error:
        sample_next_token(torch.zeros(2, 5), **options)
    assert "\n" not in str(error.value)


# A text

V = 5


def tiny_model(seed: int = 0, vocab_size: int = V, max_length: int = 8, dropout: float = 0.0) -> CausalLM:
    sizes = ModelConfig(
        vocab_size=vocab_size, d_model=8, n_layers=1, n_heads=2, max_length=max_length, dropout=dropout
    )
    return randomise(CausalLM(sizes), seed).train()


def log_probabilities(model, ids: list[int]) -> torch.Tensor:
    """log P(next | the last tokens that fit in the context)."""
    with torch.no_grad():
        return model.eval()(torch.tensor([ids[-model.config.max_length :]]))[0, -1].log_softmax(-1)


def test_greedy_generation_takes_the_best_token_of_each_row():
    model = tiny_model(14, max_length=6, dropout=0.5)
    start = torch.tensor([[1, 2, 3], [4, 0, 2]])
    text = generate(model, start, 9, temperature=0)  # on past the context of 6
    assert text.shape == (2, 12) and text.dtype == torch.int64 and torch.equal(text[:, :3], start)
    for row in text.tolist():
        assert len(set(row[6:])) >= 3, "a text that repeats itself would not show which tokens are read"
        for t in range(3, 12):
            assert row[t] == int(log_probabilities(model, row[:t]).argmax())


def test_generation_gives_the_mode_back():
    for training in (True, False):
        model = tiny_model(dropout=0.5).train(training)
        generate(model, torch.ones(1, 2).long(), 2)
        beam_search(model, torch.ones(2).long(), 2)
        assert model.training is training
        with pytest.raises(InputError):
            generate(model, torch.ones(1, 2).long(), 2, temperature=-1.0)
        assert model.training is training


def test_generation_samples_from_the_model():
    model = tiny_model(3)
    texts = generate(model, torch.tensor([[1, 2]]).expand(N, -1), 2, generator=seeded(2))
    law = [
        (log_probabilities(model, [1, 2])[a] + log_probabilities(model, [1, 2, a])[b]).exp().item()
        for a in range(V)
        for b in range(V)
    ]
    assert_distribution(torch.bincount(V * texts[:, 2] + texts[:, 3], minlength=V * V), law)


def test_generation_passes_its_options_on():
    model = tiny_model(3)
    start = torch.tensor([[1, 2]]).expand(N, -1)
    texts = generate(model, start, 1, temperature=1.5, top_k=4, top_p=0.8, generator=seeded(2))
    law = exact(log_probabilities(model, [1, 2]), 1.5, 4, 0.8)
    assert_distribution(torch.bincount(texts[:, -1], minlength=V), law)
    again = generate(model, start, 1, temperature=1.5, top_k=4, top_p=0.8, generator=seeded(2))
    assert torch.equal(again, texts)


class Scripted(nn.Module):
    """A model that continues each row by a script: token t of row b is script[b][t]."""

    def __init__(self, script, vocab_size: int = 9):
        super().__init__()
        self.script, self.vocab_size, self.calls = torch.tensor(script), vocab_size, 0

    def forward(self, token_ids):
        self.calls += 1
        logits = torch.zeros(*token_ids.shape, self.vocab_size)
        logits[torch.arange(len(token_ids)), -1, self.script[:, token_ids.size(1)]] = 50.0
        return logits


def test_a_finished_row_repeats_the_end_and_all_finished_stop():
    script = [[1, 2, 7, 5, 5, 5, 5], [1, 3, 3, 3, 7, 5, 5], [1, 7, 4, 4, 4, 4, 4]]
    start = torch.tensor([[1], [1], [1]])
    model = Scripted(script)
    text = generate(model, start, 6, eos_id=7)
    assert text.tolist() == [[1, 2, 7, 7, 7], [1, 3, 3, 3, 7], [1, 7, 7, 7, 7]] and model.calls == 4
    assert generate(Scripted(script), start, 6).tolist() == script
    assert generate(Scripted(script), start, 2, eos_id=7).tolist() == [[1, 2, 7], [1, 3, 3], [1, 7, 7]]
    assert torch.equal(generate(Scripted(script), start, 0), start)


def test_only_the_context_is_read():
    model = tiny_model(14, max_length=4)
    one, other = torch.tensor([[1, 2, 3, 4, 0, 1]]), torch.tensor([[4, 4, 3, 4, 0, 1]])
    first, second = (generate(model, ids.expand(40, -1), 5, generator=seeded(1)) for ids in (one, other))
    assert torch.equal(first[:, 6:], second[:, 6:]) and torch.equal(first[:, :6], one.expand(40, -1))
    third = generate(model, one.flip(1).expand(40, -1), 5, generator=seeded(1))
    assert not torch.equal(first[:, 6:], third[:, 6:])


# Beams


def enumerate_all(model, start: list[int], max_new_tokens: int, alpha: float, eos_id: int | None):
    """Every continuation that ends with eos_id or has the full length: (score, log-probability, ids)."""
    found = []
    step = functools.cache(lambda new: log_probabilities(model, [*start, *new]).tolist())
    for length in range(1, max_new_tokens + 1):
        for new in itertools.product(range(V), repeat=length):
            ended = eos_id is not None and new[-1] == eos_id
            if (length < max_new_tokens and not ended) or (eos_id is not None and eos_id in new[:-1]):
                continue
            total = sum(step(new[:i])[new[i]] for i in range(length))
            found.append((total / length**alpha, total, start + list(new)))
    return sorted(found, reverse=True)


@pytest.mark.parametrize("eos_id", [None, 2])
@pytest.mark.parametrize("alpha", [0.0, 0.6, 1.0, 2.0])
def test_wide_beams_equal_exhaustive_enumeration(alpha, eos_id):
    for seed in range(3):
        model = tiny_model(seed).double()
        expected = enumerate_all(model, [1, 3], 3, alpha, eos_id)
        # As many beams as continuations: nothing is ever cut.
        beams = beam_search(model, torch.tensor([1, 3]), 3, n_beams=V**3, alpha=alpha, eos_id=eos_id)
        assert len(beams) == len(expected)
        for beam, (score, total, ids) in zip(beams, expected, strict=True):
            assert beam.token_ids == ids
            assert beam.score == pytest.approx(score, abs=1e-5)
            assert beam.log_probability == pytest.approx(total, abs=1e-5)
        best = beam_search(model, torch.tensor([1, 3]), 3, n_beams=25, alpha=alpha, eos_id=eos_id)
        assert [beam.token_ids for beam in best[:5]] == [ids for _, _, ids in expected[:5]]


@pytest.mark.parametrize("n_beams", [1, 2, 3])
@pytest.mark.parametrize("alpha", [0.0, 0.6, 1.0])
def test_narrow_beams_are_scored_as_announced(n_beams, alpha):
    for seed in range(6):
        model = tiny_model(seed).double()
        beams = beam_search(model, torch.tensor([1, 3]), 5, n_beams, alpha, eos_id=2)
        assert 1 <= len(beams) <= n_beams
        assert [b.score for b in beams] == sorted((b.score for b in beams), reverse=True)
        assert len({tuple(beam.token_ids) for beam in beams}) == len(beams)
        for beam in beams:
            new = beam.token_ids[2:]
            assert beam.token_ids[:2] == [1, 3] and 1 <= len(new) <= 5 and 2 not in new[:-1]
            assert new[-1] == 2 or len(new) == 5
            total = sum(
                float(log_probabilities(model, beam.token_ids[:t])[beam.token_ids[t]])
                for t in range(2, len(beam.token_ids))
            )
            assert beam.log_probability == pytest.approx(total, abs=1e-5)
            assert beam.score == pytest.approx(total / len(new) ** alpha, abs=1e-5)


@pytest.mark.parametrize("eos_id", [None, 2])
def test_one_beam_without_length_penalty_is_greedy(eos_id):
    for seed in range(8):
        model = tiny_model(seed, max_length=6)
        start = torch.tensor([1, 3])
        (beam,) = beam_search(model, start, 7, n_beams=1, alpha=0.0, eos_id=eos_id)
        greedy = generate(model, start[None], 7, temperature=0, eos_id=eos_id)[0].tolist()
        assert beam.token_ids == greedy


def naive_beams(model, start: list[int], max_new_tokens: int, n_beams: int, alpha: float, eos_id: int | None):
    """The search to its very end, one list at a time: (score, log-probability, ids), best first."""
    alive, finished = [(0.0, start)], []
    for length in range(1, max_new_tokens + 1):
        grown = sorted(
            (
                (total + float(step[token]), [*ids, token])
                for total, ids in alive
                for step in [log_probabilities(model, ids)]
                for token in range(V)
            ),
            reverse=True,
        )
        finished += [
            (total / length**alpha, total, ids) for total, ids in grown[:n_beams] if ids[-1] == eos_id
        ]
        alive = [(total, ids) for total, ids in grown if ids[-1] != eos_id][:n_beams]
    finished += [(total / max_new_tokens**alpha, total, ids) for total, ids in alive]
    return sorted(finished, reverse=True)[:n_beams]


@pytest.mark.parametrize("eos_id", [None, 2])
@pytest.mark.parametrize("n_beams", [1, 2, 4])
@pytest.mark.parametrize("alpha", [0.0, 0.7, 1.5])
def test_narrow_beams_equal_a_naive_search(alpha, n_beams, eos_id):
    for seed in range(6):
        model = tiny_model(seed, max_length=5)
        beams = beam_search(model, torch.tensor([1, 3]), 6, n_beams, alpha, eos_id)
        expected = naive_beams(model, [1, 3], 6, n_beams, alpha, eos_id)
        assert [beam.token_ids for beam in beams] == [ids for _, _, ids in expected]
        got = torch.tensor([[b.score, b.log_probability] for b in beams]).double()
        wanted = torch.tensor([[score, total] for score, total, _ in expected], dtype=torch.float64)
        assert_same(got, wanted, tolerance=1e-4)


def test_the_length_penalty_decides_between_short_and_long():
    """P(end at once) = 0.4; going on costs 0.35, then little: the mean favours going on."""

    class TwoWays(nn.Module):
        def forward(self, token_ids):
            shares = torch.full((*token_ids.shape, 4), 1e-9)
            if token_ids.size(1) == 1:
                shares[..., 0], shares[..., 1], shares[..., 2] = 0.4, 0.35, 0.25
            else:
                shares[..., 1], shares[..., 0] = 0.9, 0.1
            return shares.log()

    def best(alpha):
        return beam_search(TwoWays(), torch.tensor([3]), 4, n_beams=3, alpha=alpha, eos_id=0)[0].token_ids

    assert best(0.0) == [3, 0]
    assert best(1.0) == [3, 1, 1, 1, 1]


def test_beams_leave_their_input_alone_and_need_no_randomness():
    model, start, state = tiny_model(1), torch.tensor([1, 3]), torch.get_rng_state()
    first = beam_search(model, start, 4, n_beams=3, eos_id=2)
    assert first == beam_search(model, start, 4, n_beams=3, eos_id=2)
    assert start.tolist() == [1, 3] and torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize(("max_new_tokens", "n_beams"), [(0, 2), (3, 0), (-1, 1)])
def test_beams_without_meaning_are_refused(max_new_tokens, n_beams):
    with pytest.raises(InputError, match=f"got max_new_tokens={max_new_tokens}, n_beams={n_beams}"):
        beam_search(tiny_model(), torch.tensor([1]), max_new_tokens, n_beams)
