"""Judging drawn tokens by how often each comes out, never by the random stream of one implementation.

A share is refused when Chernoff's bound gives it a chance below `FALSE_REJECTION`: P(k of n draws, or further
from n·p) ≤ 2 exp(−n·KL(k/n ‖ p)) holds for every n and p, so no table and no normal approximation is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from attentif.checks.compare import Mismatch, describe, require, value_of
from attentif.checks.corruption import percent
from attentif.checks.text import Text, text
from attentif.checks.values import Outcome, Request, generator
from attentif.checks.wording import stopped

N_DRAWS = 4_000
FALSE_REJECTION = 1e-9  # of one law; an exercise judges a few dozen


def draw_request(logits: np.ndarray, seed: int | None = None, **options: Any) -> Request:
    """A call of sample_next_token."""
    if seed is not None:
        options["generator"] = generator(seed)
    return Request(kwargs={"logits": logits, **options})


def drawn(student: Any, logits: np.ndarray, seed: int | None = None, **options: Any) -> np.ndarray:
    """The tokens (B,) that sample_next_token draws; a Mismatch if they are no tokens."""
    request = draw_request(logits, seed, **options)
    value = value_of(student.run(request), request)
    n_rows, vocab_size = logits.shape
    fits = isinstance(value, np.ndarray) and value.shape == (n_rows,) and value.dtype == np.int64
    require(fits, describe(np.zeros(n_rows, np.int64)), describe(value))
    within = (value >= 0) & (value < vocab_size)
    require(
        bool(within.all()),
        text(f"tokens from 0 to {vocab_size - 1}", f"des jetons de 0 à {vocab_size - 1}"),
        text(f"token {value[~within][:1]}", f"le jeton {value[~within][:1]}"),
    )
    return value


def same_rows(shares: Sequence[float], n: int = N_DRAWS, dtype: Any = np.float64) -> np.ndarray:
    """Logits (n, V), all rows the same, whose softmax are these shares; shifted, as a model's own are."""
    return np.tile(np.log(shares) + 1.5, (n, 1)).astype(dtype)


def is_likely(count: int, n: int, share: float, false_rejection: float = FALSE_REJECTION) -> bool:
    """Whether `count` of n draws can be chance, if each has this share."""
    if share in (0.0, 1.0):
        return count == share * n
    got = count / n
    divergence = sum(x * np.log(x / y) for x, y in ((got, share), (1 - got, 1 - share)) if x > 0)
    return bool(n * divergence <= np.log(2 / false_rejection))


def require_law(tokens: np.ndarray, law: Sequence[float], asked: Text) -> None:
    """How often each token came out must agree with its probability, give or take chance."""
    n = len(tokens)
    counts = np.bincount(tokens, minlength=len(law))
    for token, (count, share) in enumerate(zip(counts.tolist(), law, strict=True)):
        if share == 0.0:
            never = text(f"{asked['en']}: token {token} never", f"{asked['fr']} : jamais le jeton {token}")
            require(count == 0, never, text(f"{count} times in {n}", f"{count} fois sur {n}"))
        wanted, got = percent(share), percent(count / n)
        require(
            is_likely(count, n, share, FALSE_REJECTION / len(law)),
            text(
                f"{asked['en']}: token {token} in {wanted['en']} of the draws",
                f"{asked['fr']} : le jeton {token} dans {wanted['fr']} des tirages",
            ),
            text(f"{got['en']} of {n}", f"{got['fr']} de {n}"),
        )


def asked_with(options: dict[str, Any]) -> Text:
    """The options of a call, in words."""
    said = ", ".join(f"{name}={value}" for name, value in options.items())
    return text(f"with {said}", f"avec {said}") if said else text("by default", "par défaut")


def check_law(
    student: Any, shares: Sequence[float], law: Sequence[float], seed: int | None, **options: Any
) -> None:
    """Many rows of the same logits: the tokens that come out follow the law that the options make of them."""
    require_law(drawn(student, same_rows(shares), seed, **options), law, asked_with(options))


def check_two_kinds_of_rows(
    student: Any,
    shares: Sequence[Sequence[float]],
    laws: Sequence[Sequence[float]],
    seed: int,
    **options: Any,
) -> None:
    """Rows of two kinds, in turn: each kind follows a law of its own."""
    tokens = drawn(student, in_turn(*shares), seed, **options)
    for kind, law in enumerate(laws):
        require_law(tokens[kind::2], law, asked_with(options))


def in_turn(first: Sequence[float], second: Sequence[float], n: int = N_DRAWS // 2) -> np.ndarray:
    """Logits (2n, V), rows of two kinds in turn; those of the second kind are lower by a constant."""
    return np.stack([same_rows(first, n), same_rows(second, n) - 4.0], axis=1).reshape(2 * n, -1)


def check_equal_logits(student: Any, logits: Sequence[float], best: Sequence[int], k: int, seed: int) -> None:
    """Of equal logits, which are the best, exactly k come out, one as often as the other."""
    tokens = drawn(student, np.tile(np.array(logits, np.float64), (N_DRAWS, 1)), seed, top_k=k)
    found = sorted(set(tokens.tolist()))
    asked = text(
        f"of the logits {list(logits)} with top_k={k}", f"parmi les logits {list(logits)} avec top_k={k}"
    )
    require(
        len(found) == k and set(found) <= set(best),
        text(f"{asked['en']}, {k} tokens drawn", f"{asked['fr']}, {k} jetons tirés"),
        text(f"tokens {found}", f"les jetons {found}"),
    )
    require_law(tokens, [1 / k if token in found else 0.0 for token in range(len(logits))], asked)


def check_generator(student: Any, shares: Sequence[float], seeds: tuple[int, int], **options: Any) -> None:
    """The generator decides all draws: the same again with the same seed, others with another."""
    logits = same_rows(shares, 2_000)
    first, again, second = (drawn(student, logits, seed, **options) for seed in (seeds[0], *seeds))
    require(
        bool((first == again).all()),
        text(
            "the same tokens with a generator of the same seed",
            "les mêmes jetons avec un générateur de même graine",
        ),
        text("other tokens", "d'autres jetons"),
    )
    agreement = float((first == second).mean())
    said = percent(agreement, 0)
    require(
        agreement < 0.8,
        text("other tokens with another seed", "d'autres jetons avec une autre graine"),
        text(f"the same in {said['en']} of the rows", f"les mêmes dans {said['fr']} des lignes"),
    )


def is_refusal(outcome: Outcome) -> bool:
    """Whether a call was refused by an InputError or another ValueError."""
    kind = (outcome.error or "").partition(":")[0]
    return kind in ("InputError", "ValueError")


def check_refused(student: Any, logits: np.ndarray, **options: Any) -> None:
    """A call with such options must be refused."""
    outcome = student.run(draw_request(logits, 1, **options))
    if is_refusal(outcome):
        return
    asked = asked_with(options)
    wanted = text(f"{asked['en']}, an InputError", f"{asked['fr']}, une InputError")
    raise Mismatch(wanted, describe(outcome.value) if outcome.error is None else stopped(outcome))
