"""Hidden checks of padding_mask: a loop, and attention over the real tokens alone."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional as F

from attentif.checks.compare import describe, match, require, value_of
from attentif.checks.engine import CheckSet
from attentif.checks.text import text
from attentif.checks.values import Request
from attentif_grading.salt import rng_for

CHECKS = CheckSet("padding_mask")
NAME = "padding_mask"


def _batch(rng, rows, length):
    """(token_ids, pad_id): some rows padded at the end, others anywhere; the first token is real."""
    pad_id = int(rng.integers(1, 30))
    words = np.setdiff1d(np.arange(31), [pad_id])
    token_ids = rng.choice(words, (rows, length))
    padded = rng.random((rows, length)) < 0.4
    ends = np.arange(length) >= rng.integers(1, length + 1, (rows, 1))
    padded = np.where(rng.random((rows, 1)) < 0.5, padded, ends)
    padded[:, 0] = False
    return np.where(padded, pad_id, token_ids), pad_id


def _mask(student, token_ids, pad_id):
    return value_of(student.run(Request(args=(token_ids, pad_id))))


@CHECKS.check(
    points=0.5,
    title=text("values for unseen batches", "valeurs pour de nouveaux lots"),
    hint=text(
        "Padding may stand anywhere in a row, and pad_id may be any id.",
        "Le remplissage peut être n'importe où dans une ligne, et pad_id peut être n'importe quel identifiant.",
    ),
)
def values(student, cases):
    rng = rng_for(NAME, "values")
    for rows, length in ((5, 9), (1, 6), (7, 1), (2, 33), (4, 3)):
        token_ids, pad_id = _batch(rng, rows, length)
        token_ids[-1, : length // 2] = pad_id
        expected = np.zeros((rows, 1, 1, length), dtype=bool)
        for row, ids in enumerate(token_ids.tolist()):
            for key, token in enumerate(ids):
                expected[row, 0, 0, key] = token != pad_id
        match(_mask(student, token_ids, pad_id), expected)


@CHECKS.check(
    points=0.5,
    needs=("values",),
    title=text(
        "attention under your mask is attention over the real tokens alone",
        "sous votre masque, l'attention est celle des seuls vrais jetons",
    ),
    hint=text(
        "Every query of every head reads the real keys of its own row, and no other.",
        "Chaque requête de chaque tête lit les vraies clés de sa propre ligne, et aucune autre.",
    ),
)
def attention(student, cases):
    rng = rng_for(NAME, "attention")
    batch, heads, queries, keys, width = 3, 2, 4, 7, 5
    for rows in (batch, 1):
        token_ids, pad_id = _batch(rng, rows, keys)
        mask = _mask(student, token_ids, pad_id)
        # What broadcasts is enough here; the shape itself is a matter of the values.
        four = isinstance(mask, np.ndarray) and mask.dtype == bool and mask.ndim == 4
        fits = four and all(
            n in (1, full) for n, full in zip(mask.shape, (rows, heads, queries, keys), strict=True)
        )
        wanted = text("a boolean mask for (B, H, T, S)", "un masque booléen pour (B, H, T, S)")
        require(fits, wanted, describe(mask))
        query = torch.from_numpy(rng.normal(size=(rows, heads, queries, width)))
        key, value = (torch.from_numpy(rng.normal(size=(rows, heads, keys, width))) for _ in range(2))
        got = F.scaled_dot_product_attention(query, key, value, attn_mask=torch.from_numpy(mask))
        for row in range(rows):
            real = np.flatnonzero(token_ids[row] - pad_id)
            alone = F.scaled_dot_product_attention(query[row], key[row][:, real], value[row][:, real])
            match(got[row].numpy(), alone.numpy())
