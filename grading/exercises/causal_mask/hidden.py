"""Hidden checks of causal_mask: a loop, and what torch's own attention sees through the mask."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional as F

from attentif.checks.compare import match, value_of
from attentif.checks.engine import CheckSet
from attentif.checks.text import text
from attentif.checks.values import Request
from attentif_grading.salt import rng_for

CHECKS = CheckSet("causal_mask")
NAME = "causal_mask"


def _mask(student, length):
    return value_of(student.run(Request(args=(length,))))


@CHECKS.check(
    points=0.5,
    title=text("values for unseen lengths", "valeurs pour de nouvelles longueurs"),
    hint=text("Query t sees the keys 0 to t, t included.", "La requête t voit les clés de 0 à t, t compris."),
)
def values(student, cases):
    rng = rng_for(NAME, "values")
    for length in (3, *(int(n) for n in rng.choice(np.arange(8, 40), 3, replace=False))):
        expected = np.zeros((length, length), dtype=bool)
        for query in range(length):
            for key in range(length):
                expected[query, key] = key <= query
        match(_mask(student, length), expected)


@CHECKS.check(
    points=0.5,
    needs=("values",),
    title=text(
        "attention under your mask does not see the future",
        "sous votre masque, l'attention ne voit pas le futur",
    ),
    hint=text(
        "Changing what comes later must change nothing before, and everything from there on.",
        "Changer la suite ne doit rien changer avant, et tout changer à partir de là.",
    ),
)
def no_future(student, cases):
    rng = rng_for(NAME, "no_future")
    for length in (1, 9):
        mask = _mask(student, length)
        match(mask, np.tri(length, dtype=bool))
        x = torch.from_numpy(rng.normal(size=(2, length, 5)))
        for position in range(length):
            changed = x.clone()
            changed[:, position] += 1.0
            before, after = (
                F.scaled_dot_product_attention(y, y, y, attn_mask=torch.from_numpy(mask)).numpy()
                for y in (x, changed)
            )
            moved = np.abs(after - before).max(axis=(0, 2)) > 1e-9
            match(moved, np.arange(length) >= position)
