"""Stored inputs of the public checks: small models and tokenizers, built by recipe where the code runs."""

from __future__ import annotations

import numpy as np

from attentif.bias import fill_mask
from attentif.checks.student import LocalStudent
from attentif.checks.values import Recipe, Request
from attentif.rescue import known_good

WORDS = ["il", "elle", "dort", "chante", "lit", "vite", "bien", "ici", "le", "chat", "chien", "pain", "."]
N_SPECIALS = 5


def attentif_like(words: list[str], seed: int, training: bool = False) -> dict[str, Recipe]:
    """A model of this library's kind and its tokenizer."""
    arguments = {"vocab_size": N_SPECIALS + len(WORDS), "seed": seed, "training": training}
    return {
        "model": Recipe("context_model", arguments),
        "tokenizer": Recipe("word_tokenizer", {"words": words}),
    }


def hub_like(words: list[str], seed: int, training: bool = False, style: str = "bert") -> dict[str, Recipe]:
    """A model of transformers' kind and its tokenizer."""
    arguments = {"vocab_size": N_SPECIALS + len(WORDS), "seed": seed, "training": training}
    tokenizer = Recipe("hub_tokenizer", {"words": words, "style": style})
    return {"model": Recipe("hub_model", arguments), "tokenizer": tokenizer}


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name: the stored ones, or with a generator others of the same kind."""
    if rng is None:
        return _requests(WORDS, 0)
    while True:
        requests = _requests(rng.permutation(WORDS).tolist(), 100 * int(rng.integers(1, 2**24)))
        if all(_shows_specials(requests, kind) for kind in ("attentif", "transformers")):
            return requests


def _shows_specials(requests: dict[str, Request], kind: str) -> bool:
    """Whether a special token is among the best of a text with one mask, so that leaving them out is a mistake there."""
    student = LocalStudent(fill_mask, None, known_good)
    answers = [student.run(requests[f"{name}_{kind}"]).value for name in ("middle", "first", "best", "five")]
    return any(token.startswith("[") for answer in answers for best in answer for token, _ in best)


def _requests(words: list[str], offset: int) -> dict[str, Request]:
    requests = {}
    for seed, (kind, make) in enumerate(
        {"attentif": attentif_like, "transformers": hub_like}.items(), start=1
    ):

        def request(text: str, n: int, training: bool = False, make=make, seed=seed, **k: int) -> Request:
            # Positional, as in fill_mask(model, tokenizer, text).
            parts = make(words, offset + 10 * seed + n, training)
            return Request(args=(parts["model"], parts["tokenizer"], text), kwargs=k)

        requests |= {
            f"middle_{kind}": request("il [MASK] bien ici .", 1, k=3),
            f"first_{kind}": request("[MASK] dort .", 2, k=4),
            f"best_{kind}": request("le chat [MASK] le pain .", 3, k=1),
            f"five_{kind}": request("elle chante [MASK] bien", 4),
            f"two_{kind}": request("le [MASK] lit [MASK] .", 5, k=3),
            f"three_{kind}": request("[MASK] [MASK] bien [MASK] .", 6, k=2),
            f"refuses_{kind}": request("le chien dort .", 7, k=2),
            f"refuses_zero_{kind}": request("il [MASK] vite .", 9, k=0),
            f"refuses_negative_{kind}": request("il [MASK] vite .", 9, k=-2),
            f"refuses_large_{kind}": request("il [MASK] vite .", 9, k=N_SPECIALS + len(WORDS) + 1),
            f"training_{kind}": request("il lit [MASK] .", 8, training=True, k=3),
        }
    camembert = hub_like(words, offset + 31, style="camembert")
    other = hub_like(words, offset + 32, style="camembert")
    return requests | {
        "camembert": Request(args=(*camembert.values(), "il [MASK] vite ."), kwargs={"k": 3}),
        "camembert_two": Request(args=(*other.values(), "[MASK] dort le [MASK] ."), kwargs={"k": 2}),
    }
