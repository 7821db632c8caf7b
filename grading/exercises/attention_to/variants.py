"""Right implementations, written differently: none may lose a mark."""

from __future__ import annotations

import numpy as np
import torch

from attentif.bias.looking import attention_maps
from attentif.bias.scorer import MaskedScorer
from attentif.limits.attention import WordAttention, find_look
from attentif_grading.exercises import variant


@variant
def layer_by_layer(model, tokenizer, sentence, word, candidates):
    scorer = MaskedScorer(model, tokenizer)
    looked = find_look(scorer, sentence, word, candidates)
    tables = {candidate: [] for candidate in looked.places}
    for maps in attention_maps(scorer, looked.ids):
        for candidate, places in looked.places.items():
            heads = [sum(one[q, k] for q in looked.query for k in places) / len(looked.query) for one in maps]
            tables[candidate].append(torch.stack(heads))
    weights = {candidate: torch.stack(rows) for candidate, rows in tables.items()}
    return WordAttention(weights, 1 - torch.stack(list(weights.values())).sum(dim=0))


@variant
def products_with_indicators(model, tokenizer, sentence, word, candidates):
    # looks = a row that averages the query's pieces, times the maps, times a column a candidate.
    scorer = MaskedScorer(model, tokenizer)
    ids, query, places = find_look(scorer, sentence, word, candidates)
    maps = torch.stack(attention_maps(scorer, ids))
    row = torch.zeros(len(ids), dtype=maps.dtype)
    row[list(query)] = 1 / len(query)
    columns = torch.zeros(len(ids), len(places), dtype=maps.dtype)
    for number, place in enumerate(places.values()):
        columns[list(place), number] = 1
    shares = torch.einsum("t,lhts,sn->nlh", row, maps, columns)
    rest = torch.einsum("t,lhts,s->lh", row, maps, 1 - columns.amax(dim=1))
    return WordAttention(dict(zip(places, shares, strict=True)), rest)


@variant
def in_single_precision_by_numpy(model, tokenizer, sentence, word, candidates):
    scorer = MaskedScorer(model, tokenizer)
    ids, query, places = find_look(scorer, sentence, word, candidates)
    maps = np.stack([maps.numpy() for maps in attention_maps(scorer, ids)]).astype(np.float32)
    looks = np.take(maps, query, axis=2).mean(axis=2)
    weights = {name: np.take(looks, place, axis=-1).sum(axis=-1) for name, place in places.items()}
    others = np.delete(looks, [k for place in places.values() for k in place], axis=-1).sum(axis=-1)
    return WordAttention(
        {name: torch.from_numpy(each) for name, each in weights.items()}, torch.from_numpy(others)
    )


@variant
def pieces_of_the_look_one_by_one(model, tokenizer, sentence, word, candidates):
    scorer = MaskedScorer(model, tokenizer)
    ids, query, places = find_look(scorer, sentence, word, candidates)
    maps = torch.stack(attention_maps(scorer, ids)).unbind(dim=2)  # T times (L, H, T)
    weights = {name: torch.zeros_like(maps[0][..., 0]) for name in places}
    for position in query:
        for name, place in places.items():
            for target in place:
                weights[name] += maps[position][..., target] / len(query)
    rest = torch.ones_like(maps[0][..., 0])
    for each in weights.values():
        rest = rest - each
    return WordAttention(elsewhere=rest, weights=weights)
