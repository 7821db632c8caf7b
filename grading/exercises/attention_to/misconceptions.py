"""Wrong implementations that people really write, each with what it computes instead.

The first version of each goes through find_look and attention_maps; the second looks for the words itself, and adds up
layer by layer.
"""

from __future__ import annotations

import re

import torch

from attentif.bias.looking import attention_maps, word_positions
from attentif.bias.scorer import MaskedScorer
from attentif.checks.text import text
from attentif.limits.attention import WordAttention, find_look
from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = ("rows_and_columns_exchanged", "sum_of_looks", "specials_left_out_of_elsewhere")


def ids_of(tokenizer, said, specials=True):
    """Ids of a text, with or without the specials around."""
    if hasattr(tokenizer, "mask_token_id"):
        return tokenizer(said, add_special_tokens=specials)["input_ids"]
    ids = tokenizer.encode(said)
    return [tokenizer.cls_id, *ids, tokenizer.sep_id] if specials else ids


def unknown_of(tokenizer):
    """Id of the unknown token."""
    return tokenizer.unk_token_id if hasattr(tokenizer, "mask_token_id") else tokenizer.unk_id


def words_of(said):
    """The words and signs of a text."""
    return re.findall(r"\w+|[^\w\s]", said)


def positions_in(tokenizer, said, word, rank=0, refuse=True):
    """Positions of the pieces of a word, found by going through the words of the text."""
    if refuse and unknown_of(tokenizer) in ids_of(tokenizer, word, specials=False):
        raise ValueError(f"unknown word: {word}")
    position, found = 1, []
    for each in words_of(said):
        n = len(ids_of(tokenizer, each, specials=False))
        if each == word:
            found.append(list(range(position, position + n)))
        position += n
    if not found:
        raise ValueError(f"no such word: {word}")
    return found[rank]


def maps_of(model, tokenizer, said):
    """For each layer, its maps (H, T, T) on one text."""
    if not hasattr(tokenizer, "mask_token_id"):
        return attention_maps(MaskedScorer(model, tokenizer), ids_of(tokenizer, said))
    model.eval()
    with torch.no_grad():
        return [
            layer[0]
            for layer in model(
                input_ids=torch.tensor([ids_of(tokenizer, said)]), output_attentions=True
            ).attentions
        ]


def maps_as_it_is(model, tokenizer, ids):
    """(L, H, T, T) in the mode in which the model is."""
    ids = torch.tensor([list(ids)])
    with torch.no_grad():
        if hasattr(tokenizer, "mask_token_id"):
            return torch.cat(model(input_ids=ids, output_attentions=True).attentions)
        return torch.cat(model.encoder(ids, torch.ones_like(ids).bool())[1])


@misconception(
    "rows_and_columns_exchanged",
    en="you read how much the candidate looks at the word: in a map, the row is that of the token that looks",
    fr="vous lisez combien le candidat regarde le mot : dans une carte, la ligne est celle du jeton qui regarde",
)
def rows_and_columns_exchanged(model, tokenizer, sentence, word, candidates):
    scorer = MaskedScorer(model, tokenizer)
    ids, query, places = find_look(scorer, sentence, word, candidates)
    maps = torch.stack(attention_maps(scorer, ids))
    looks = maps[..., list(query)].mean(dim=-1)
    weights = {each: looks[..., list(place)].sum(dim=-1) for each, place in places.items()}
    return WordAttention(weights, 1 - sum(weights.values()))


@again(rows_and_columns_exchanged)
def rows_and_columns_exchanged_2(model, tokenizer, sentence, word, candidates):
    if not candidates:
        raise ValueError("no candidates")
    query = positions_in(tokenizer, sentence, word, rank=-1)
    layers, weights = maps_of(model, tokenizer, sentence), {}
    for candidate in candidates:
        keys = positions_in(tokenizer, sentence, candidate)
        rows = [sum(layer[:, k, q] for q in query for k in keys) / len(query) for layer in layers]
        weights[candidate] = torch.stack(rows)
    return WordAttention(
        weights, torch.ones_like(weights[candidates[0]]) - torch.stack([*weights.values()]).sum(dim=0)
    )


@misconception(
    "first_piece_of_the_candidate",
    en="of a candidate in several pieces you count the first one only: add up the weights on all its pieces",
    fr="d'un candidat en plusieurs morceaux, vous ne comptez que le premier : additionnez les poids sur tous ses morceaux",
)
def first_piece_of_the_candidate(model, tokenizer, sentence, word, candidates):
    scorer = MaskedScorer(model, tokenizer)
    ids, query, places = find_look(scorer, sentence, word, candidates)
    maps = torch.stack(attention_maps(scorer, ids))
    looks = maps[:, :, list(query)].mean(dim=2)
    weights = {each: looks[..., place[0]] for each, place in places.items()}
    return WordAttention(weights, 1 - sum(weights.values()))


@again(first_piece_of_the_candidate)
def first_piece_of_the_candidate_2(model, tokenizer, sentence, word, candidates):
    if not candidates:
        raise ValueError("no candidates")
    query = positions_in(tokenizer, sentence, word, rank=-1)
    layers, weights = maps_of(model, tokenizer, sentence), {}
    for candidate in candidates:
        keys = positions_in(tokenizer, sentence, candidate)
        rows = [sum(layer[:, q, keys[0]] for q in query) / len(query) for layer in layers]
        weights[candidate] = torch.stack(rows)
    return WordAttention(
        weights, torch.ones_like(weights[candidates[0]]) - torch.stack([*weights.values()]).sum(dim=0)
    )


@misconception(
    "largest_piece",
    en="of a candidate in several pieces you take the piece with the largest weight: add up the weights on all its pieces",
    fr="d'un candidat en plusieurs morceaux, vous prenez celui qui a le plus grand poids : additionnez les poids sur tous ses morceaux",
)
def largest_piece(model, tokenizer, sentence, word, candidates):
    scorer = MaskedScorer(model, tokenizer)
    ids, query, places = find_look(scorer, sentence, word, candidates)
    maps = torch.stack(attention_maps(scorer, ids))
    looks = maps[:, :, list(query)].mean(dim=2)
    weights = {each: looks[..., list(place)].amax(dim=-1) for each, place in places.items()}
    return WordAttention(weights, 1 - sum(weights.values()))


@again(largest_piece)
def largest_piece_2(model, tokenizer, sentence, word, candidates):
    if not candidates:
        raise ValueError("no candidates")
    query = positions_in(tokenizer, sentence, word, rank=-1)
    layers, weights = maps_of(model, tokenizer, sentence), {}
    for candidate in candidates:
        keys = positions_in(tokenizer, sentence, candidate)
        rows = [
            torch.stack([sum(layer[:, q, k] for q in query) / len(query) for k in keys]).max(dim=0).values
            for layer in layers
        ]
        weights[candidate] = torch.stack(rows)
    return WordAttention(
        weights, torch.ones_like(weights[candidates[0]]) - torch.stack([*weights.values()]).sum(dim=0)
    )


@misconception(
    "mean_over_pieces",
    en="you average the weights on a candidate's pieces: add them up, for they are shares of one look",
    fr="vous faites la moyenne des poids sur les morceaux d'un candidat : additionnez-les, car ce sont les parts d'un même regard",
)
def mean_over_pieces(model, tokenizer, sentence, word, candidates):
    scorer = MaskedScorer(model, tokenizer)
    ids, query, places = find_look(scorer, sentence, word, candidates)
    maps = torch.stack(attention_maps(scorer, ids))
    looks = maps[:, :, list(query)].mean(dim=2)
    weights = {each: looks[..., list(place)].mean(dim=-1) for each, place in places.items()}
    return WordAttention(weights, 1 - sum(weights.values()))


@again(mean_over_pieces)
def mean_over_pieces_2(model, tokenizer, sentence, word, candidates):
    if not candidates:
        raise ValueError("no candidates")
    query = positions_in(tokenizer, sentence, word, rank=-1)
    layers, weights = maps_of(model, tokenizer, sentence), {}
    for candidate in candidates:
        keys = positions_in(tokenizer, sentence, candidate)
        rows = [
            sum(layer[:, q, k] for q in query for k in keys) / (len(query) * len(keys)) for layer in layers
        ]
        weights[candidate] = torch.stack(rows)
    return WordAttention(
        weights, torch.ones_like(weights[candidates[0]]) - torch.stack([*weights.values()]).sum(dim=0)
    )


@misconception(
    "sum_of_looks",
    en="you add up the looks of the pieces of the word that looks: take their mean, or its weights sum to more than 1",
    fr="vous additionnez les regards des morceaux du mot qui regarde : prenez leur moyenne, sinon ses poids dépassent 1 au total",
    warning=text(
        "you add up the looks of the pieces of the word that looks",
        "vous additionnez les regards des morceaux du mot qui regarde",
    ),
)
def sum_of_looks(model, tokenizer, sentence, word, candidates):
    scorer = MaskedScorer(model, tokenizer)
    ids, query, places = find_look(scorer, sentence, word, candidates)
    maps = torch.stack(attention_maps(scorer, ids))
    looks = maps[:, :, list(query)].sum(dim=2)
    weights = {each: looks[..., list(place)].sum(dim=-1) for each, place in places.items()}
    return WordAttention(weights, 1 - sum(weights.values()))


@again(sum_of_looks)
def sum_of_looks_2(model, tokenizer, sentence, word, candidates):
    if not candidates:
        raise ValueError("no candidates")
    query = positions_in(tokenizer, sentence, word, rank=-1)
    layers, weights = maps_of(model, tokenizer, sentence), {}
    for candidate in candidates:
        keys = positions_in(tokenizer, sentence, candidate)
        rows = [sum(layer[:, q, k] for q in query for k in keys) for layer in layers]
        weights[candidate] = torch.stack(rows)
    return WordAttention(
        weights, torch.ones_like(weights[candidates[0]]) - torch.stack([*weights.values()]).sum(dim=0)
    )


@misconception(
    "last_piece_looks",
    en="of the word that looks you take the last piece only: take the mean over all its pieces",
    fr="du mot qui regarde, vous ne prenez que le dernier morceau : prenez la moyenne sur tous ses morceaux",
)
def last_piece_looks(model, tokenizer, sentence, word, candidates):
    scorer = MaskedScorer(model, tokenizer)
    ids, query, places = find_look(scorer, sentence, word, candidates)
    maps = torch.stack(attention_maps(scorer, ids))
    looks = maps[:, :, max(query)]
    weights = {each: looks[..., list(place)].sum(dim=-1) for each, place in places.items()}
    return WordAttention(weights, 1 - sum(weights.values()))


@again(last_piece_looks)
def last_piece_looks_2(model, tokenizer, sentence, word, candidates):
    if not candidates:
        raise ValueError("no candidates")
    query = positions_in(tokenizer, sentence, word, rank=-1)
    layers, weights = maps_of(model, tokenizer, sentence), {}
    for candidate in candidates:
        keys = positions_in(tokenizer, sentence, candidate)
        rows = [sum(layer[:, query[-1], k] for k in keys) for layer in layers]
        weights[candidate] = torch.stack(rows)
    return WordAttention(
        weights, torch.ones_like(weights[candidates[0]]) - torch.stack([*weights.values()]).sum(dim=0)
    )


@misconception(
    "first_piece_looks",
    en="of the word that looks you take the first piece only: take the mean over all its pieces",
    fr="du mot qui regarde, vous ne prenez que le premier morceau : prenez la moyenne sur tous ses morceaux",
)
def first_piece_looks(model, tokenizer, sentence, word, candidates):
    scorer = MaskedScorer(model, tokenizer)
    ids, query, places = find_look(scorer, sentence, word, candidates)
    maps = torch.stack(attention_maps(scorer, ids))
    looks = maps[:, :, query[0]]
    weights = {each: looks[..., list(place)].sum(dim=-1) for each, place in places.items()}
    return WordAttention(weights, 1 - sum(weights.values()))


@again(first_piece_looks)
def first_piece_looks_2(model, tokenizer, sentence, word, candidates):
    if not candidates:
        raise ValueError("no candidates")
    query = positions_in(tokenizer, sentence, word, rank=-1)
    layers, weights = maps_of(model, tokenizer, sentence), {}
    for candidate in candidates:
        keys = positions_in(tokenizer, sentence, candidate)
        rows = [layer[:, query[0]][:, keys].sum(dim=1) for layer in layers]
        weights[candidate] = torch.stack(rows)
    return WordAttention(
        weights, torch.ones_like(weights[candidates[0]]) - torch.stack([*weights.values()]).sum(dim=0)
    )


@misconception(
    "mean_over_heads",
    en="you average over the heads: each head looks in its own way, keep them apart, (L, H)",
    fr="vous faites la moyenne des têtes : chacune regarde à sa façon, gardez-les séparées, (L, H)",
)
def mean_over_heads(model, tokenizer, sentence, word, candidates):
    scorer = MaskedScorer(model, tokenizer)
    ids, query, places = find_look(scorer, sentence, word, candidates)
    maps = torch.stack(attention_maps(scorer, ids))
    looks = maps.mean(dim=1)[:, list(query)].mean(dim=1)
    weights = {each: looks[..., list(place)].sum(dim=-1) for each, place in places.items()}
    return WordAttention(weights, 1 - sum(weights.values()))


@again(mean_over_heads)
def mean_over_heads_2(model, tokenizer, sentence, word, candidates):
    if not candidates:
        raise ValueError("no candidates")
    query = positions_in(tokenizer, sentence, word, rank=-1)
    layers, weights = maps_of(model, tokenizer, sentence), {}
    for candidate in candidates:
        keys = positions_in(tokenizer, sentence, candidate)
        rows = [(sum(layer[:, q, k] for q in query for k in keys) / len(query)).mean() for layer in layers]
        weights[candidate] = torch.stack(rows)
    return WordAttention(
        weights, torch.ones_like(weights[candidates[0]]) - torch.stack([*weights.values()]).sum(dim=0)
    )


@misconception(
    "last_layer_only",
    en="you return the last layer alone: all layers are wanted, (L, H)",
    fr="vous ne renvoyez que la dernière couche : il les faut toutes, (L, H)",
)
def last_layer_only(model, tokenizer, sentence, word, candidates):
    scorer = MaskedScorer(model, tokenizer)
    ids, query, places = find_look(scorer, sentence, word, candidates)
    maps = torch.stack(attention_maps(scorer, ids))
    looks = maps[-1, :, list(query)].mean(dim=1)
    weights = {each: looks[..., list(place)].sum(dim=-1) for each, place in places.items()}
    return WordAttention(weights, 1 - sum(weights.values()))


@again(last_layer_only)
def last_layer_only_2(model, tokenizer, sentence, word, candidates):
    if not candidates:
        raise ValueError("no candidates")
    query = positions_in(tokenizer, sentence, word, rank=-1)
    layers, weights = maps_of(model, tokenizer, sentence), {}
    for candidate in candidates:
        keys = positions_in(tokenizer, sentence, candidate)
        rows = [sum(layer[:, q, k] for q in query for k in keys) / len(query) for layer in layers]
        weights[candidate] = rows[-1]
    return WordAttention(
        weights, torch.ones_like(weights[candidates[0]]) - torch.stack([*weights.values()]).sum(dim=0)
    )


@misconception(
    "axes_exchanged",
    en="layers and heads are exchanged: the layers come first, (L, H)",
    fr="les couches et les têtes sont échangées : les couches viennent d'abord, (L, H)",
)
def axes_exchanged(model, tokenizer, sentence, word, candidates):
    scorer = MaskedScorer(model, tokenizer)
    ids, query, places = find_look(scorer, sentence, word, candidates)
    maps = torch.stack(attention_maps(scorer, ids), dim=1)
    looks = maps[:, :, list(query)].mean(dim=2)
    weights = {each: looks[..., list(place)].sum(dim=-1) for each, place in places.items()}
    return WordAttention(weights, 1 - sum(weights.values()))


@again(axes_exchanged)
def axes_exchanged_2(model, tokenizer, sentence, word, candidates):
    if not candidates:
        raise ValueError("no candidates")
    query = positions_in(tokenizer, sentence, word, rank=-1)
    layers, weights = maps_of(model, tokenizer, sentence), {}
    for candidate in candidates:
        keys = positions_in(tokenizer, sentence, candidate)
        rows = [sum(layer[:, q, k] for q in query for k in keys) / len(query) for layer in layers]
        weights[candidate] = torch.stack(rows, dim=1)
    return WordAttention(
        weights, torch.ones_like(weights[candidates[0]]) - torch.stack([*weights.values()]).sum(dim=0)
    )


@misconception(
    "specials_not_counted",
    en="you count positions without the special token in front: the first word stands at position 1",
    fr="vous comptez les positions sans le jeton spécial du début : le premier mot est en position 1",
)
def specials_not_counted(model, tokenizer, sentence, word, candidates):
    scorer = MaskedScorer(model, tokenizer)
    ids, query, places = find_look(scorer, sentence, word, candidates)
    maps = torch.stack(attention_maps(scorer, ids))
    query, places = [q - 1 for q in query], {each: [p - 1 for p in place] for each, place in places.items()}
    looks = maps[:, :, list(query)].mean(dim=2)
    weights = {each: looks[..., list(place)].sum(dim=-1) for each, place in places.items()}
    return WordAttention(weights, 1 - sum(weights.values()))


@again(specials_not_counted)
def specials_not_counted_2(model, tokenizer, sentence, word, candidates):
    if not candidates:
        raise ValueError("no candidates")
    query = positions_in(tokenizer, sentence, word, rank=-1)
    layers, weights = maps_of(model, tokenizer, sentence), {}
    for candidate in candidates:
        keys = positions_in(tokenizer, sentence, candidate)
        rows = [sum(layer[:, q - 1, k - 1] for q in query for k in keys) / len(query) for layer in layers]
        weights[candidate] = torch.stack(rows)
    return WordAttention(
        weights, torch.ones_like(weights[candidates[0]]) - torch.stack([*weights.values()]).sum(dim=0)
    )


@misconception(
    "first_occurrence_looks",
    en="where the word occurs several times you take its first occurrence: the last one looks",
    fr="quand le mot figure plusieurs fois, vous prenez sa première occurrence : c'est la dernière qui regarde",
)
def first_occurrence_looks(model, tokenizer, sentence, word, candidates):
    scorer = MaskedScorer(model, tokenizer)
    ids, query, places = find_look(scorer, sentence, word, candidates)
    maps = torch.stack(attention_maps(scorer, ids))
    query = word_positions(scorer, sentence, word)[1]
    looks = maps[:, :, list(query)].mean(dim=2)
    weights = {each: looks[..., list(place)].sum(dim=-1) for each, place in places.items()}
    return WordAttention(weights, 1 - sum(weights.values()))


@again(first_occurrence_looks)
def first_occurrence_looks_2(model, tokenizer, sentence, word, candidates):
    if not candidates:
        raise ValueError("no candidates")
    query = positions_in(tokenizer, sentence, word)
    layers, weights = maps_of(model, tokenizer, sentence), {}
    for candidate in candidates:
        keys = positions_in(tokenizer, sentence, candidate)
        rows = [sum(layer[:, q, k] for q in query for k in keys) / len(query) for layer in layers]
        weights[candidate] = torch.stack(rows)
    return WordAttention(
        weights, torch.ones_like(weights[candidates[0]]) - torch.stack([*weights.values()]).sum(dim=0)
    )


@misconception(
    "last_candidate",
    en="where a candidate occurs several times you take its last occurrence: the first one counts",
    fr="quand un candidat figure plusieurs fois, vous prenez sa dernière occurrence : c'est la première qui compte",
)
def last_candidate(model, tokenizer, sentence, word, candidates):
    scorer = MaskedScorer(model, tokenizer)
    ids, query, places = find_look(scorer, sentence, word, candidates)
    maps = torch.stack(attention_maps(scorer, ids))
    places = {each: word_positions(scorer, sentence, each, last=True)[1] for each in candidates}
    looks = maps[:, :, list(query)].mean(dim=2)
    weights = {each: looks[..., list(place)].sum(dim=-1) for each, place in places.items()}
    return WordAttention(weights, 1 - sum(weights.values()))


@again(last_candidate)
def last_candidate_2(model, tokenizer, sentence, word, candidates):
    if not candidates:
        raise ValueError("no candidates")
    query = positions_in(tokenizer, sentence, word, rank=-1)
    layers, weights = maps_of(model, tokenizer, sentence), {}
    for candidate in candidates:
        keys = positions_in(tokenizer, sentence, candidate, rank=-1)
        rows = [sum(layer[:, q, k] for q in query for k in keys) / len(query) for layer in layers]
        weights[candidate] = torch.stack(rows)
    return WordAttention(
        weights, torch.ones_like(weights[candidates[0]]) - torch.stack([*weights.values()]).sum(dim=0)
    )


@misconception(
    "specials_left_out_of_elsewhere",
    en="in elsewhere you leave the special tokens out: it is all that no candidate gets, their share included",
    fr="dans elsewhere, vous laissez les jetons spéciaux de côté : c'est tout ce que n'obtient aucun candidat, leur part comprise",
    warning=text(
        "in `elsewhere` you leave the special tokens out",
        "dans `elsewhere`, vous laissez les jetons spéciaux de côté",
    ),
)
def specials_left_out_of_elsewhere(model, tokenizer, sentence, word, candidates):
    scorer = MaskedScorer(model, tokenizer)
    ids, query, places = find_look(scorer, sentence, word, candidates)
    maps = torch.stack(attention_maps(scorer, ids))
    looks = maps[:, :, list(query)].mean(dim=2)
    weights = {each: looks[..., list(place)].sum(dim=-1) for each, place in places.items()}
    return WordAttention(weights, 1 - sum(weights.values()) - looks[..., 0] - looks[..., -1])


@again(specials_left_out_of_elsewhere)
def specials_left_out_of_elsewhere_2(model, tokenizer, sentence, word, candidates):
    if not candidates:
        raise ValueError("no candidates")
    query = positions_in(tokenizer, sentence, word, rank=-1)
    layers, weights = maps_of(model, tokenizer, sentence), {}
    for candidate in candidates:
        keys = positions_in(tokenizer, sentence, candidate)
        rows = [sum(layer[:, q, k] for q in query for k in keys) / len(query) for layer in layers]
        weights[candidate] = torch.stack(rows)
    others = torch.stack([layer[:, query].mean(dim=1)[:, 1:-1].sum(dim=1) for layer in layers])
    return WordAttention(weights, others - sum(weights.values()))


@misconception(
    "itself_left_out_of_elsewhere",
    en="in elsewhere you leave the word's look at itself out: it is all that no candidate gets, the word included",
    fr="dans elsewhere, vous laissez de côté le regard du mot sur lui-même : c'est tout ce que n'obtient aucun candidat, le mot compris",
)
def itself_left_out_of_elsewhere(model, tokenizer, sentence, word, candidates):
    scorer = MaskedScorer(model, tokenizer)
    ids, query, places = find_look(scorer, sentence, word, candidates)
    maps = torch.stack(attention_maps(scorer, ids))
    looks = maps[:, :, list(query)].mean(dim=2)
    weights = {each: looks[..., list(place)].sum(dim=-1) for each, place in places.items()}
    return WordAttention(weights, 1 - sum(weights.values()) - looks[..., list(query)].sum(dim=-1))


@again(itself_left_out_of_elsewhere)
def itself_left_out_of_elsewhere_2(model, tokenizer, sentence, word, candidates):
    if not candidates:
        raise ValueError("no candidates")
    query = positions_in(tokenizer, sentence, word, rank=-1)
    layers, weights = maps_of(model, tokenizer, sentence), {}
    for candidate in candidates:
        keys = positions_in(tokenizer, sentence, candidate)
        rows = [sum(layer[:, q, k] for q in query for k in keys) / len(query) for layer in layers]
        weights[candidate] = torch.stack(rows)
    itself = torch.stack([sum(layer[:, q, k] for q in query for k in query) / len(query) for layer in layers])
    return WordAttention(weights, 1 - itself - sum(weights.values()))


@misconception(
    "shares_of_the_candidates",
    en="you divide by what all candidates get: the weights are shares of the whole look, the rest is elsewhere",
    fr="vous divisez par ce qu'obtiennent tous les candidats : les poids sont des parts du regard entier, le reste est ailleurs",
)
def shares_of_the_candidates(model, tokenizer, sentence, word, candidates):
    scorer = MaskedScorer(model, tokenizer)
    ids, query, places = find_look(scorer, sentence, word, candidates)
    maps = torch.stack(attention_maps(scorer, ids))
    looks = maps[:, :, list(query)].mean(dim=2)
    weights = {each: looks[..., list(place)].sum(dim=-1) for each, place in places.items()}
    total = sum(weights.values())
    return WordAttention({each: weight / total for each, weight in weights.items()}, 1 - total)


@again(shares_of_the_candidates)
def shares_of_the_candidates_2(model, tokenizer, sentence, word, candidates):
    if not candidates:
        raise ValueError("no candidates")
    query = positions_in(tokenizer, sentence, word, rank=-1)
    layers, weights = maps_of(model, tokenizer, sentence), {}
    for candidate in candidates:
        keys = positions_in(tokenizer, sentence, candidate)
        rows = [sum(layer[:, q, k] for q in query for k in keys) / len(query) for layer in layers]
        weights[candidate] = torch.stack(rows)
    total = torch.stack([*weights.values()]).sum(dim=0)
    return WordAttention({each: weights[each] / total for each in weights}, 1 - total)


@misconception(
    "training_mode_left_on",
    en="the model may be in training mode: without model.eval() its dropout changes the maps",
    fr="le modèle peut être en mode entraînement : sans model.eval(), son abandon (dropout) fausse les cartes",
)
def training_mode_left_on(model, tokenizer, sentence, word, candidates):
    scorer = MaskedScorer(model, tokenizer)
    ids, query, places = find_look(scorer, sentence, word, candidates)
    maps = maps_as_it_is(model, tokenizer, ids)
    looks = maps[:, :, list(query)].mean(dim=2)
    weights = {each: looks[..., list(place)].sum(dim=-1) for each, place in places.items()}
    return WordAttention(weights, 1 - sum(weights.values()))


@again(training_mode_left_on)
def training_mode_left_on_2(model, tokenizer, sentence, word, candidates):
    if not candidates:
        raise ValueError("no candidates")
    query = positions_in(tokenizer, sentence, word, rank=-1)
    layers, weights = maps_as_it_is(model, tokenizer, ids_of(tokenizer, sentence)), {}
    for candidate in candidates:
        keys = positions_in(tokenizer, sentence, candidate)
        rows = [sum(layer[:, q, k] for q in query for k in keys) / len(query) for layer in layers]
        weights[candidate] = torch.stack(rows)
    return WordAttention(
        weights, torch.ones_like(weights[candidates[0]]) - torch.stack([*weights.values()]).sum(dim=0)
    )


@misconception(
    "transformers_only",
    en="your function only works with models of transformers: use attention_maps, which handles both kinds",
    fr="votre code ne fonctionne qu'avec les modèles de transformers : utilisez attention_maps, qui traite les deux sortes",
)
def transformers_only(model, tokenizer, sentence, word, candidates):
    scorer = MaskedScorer(model, tokenizer)
    ids, query, places = find_look(scorer, sentence, word, candidates)
    model.eval()
    maps = torch.stack(model(input_ids=torch.tensor([ids]), output_attentions=True).attentions)[:, 0].detach()
    looks = maps[:, :, list(query)].mean(dim=2)
    weights = {each: looks[..., list(place)].sum(dim=-1) for each, place in places.items()}
    return WordAttention(weights, 1 - sum(weights.values()))


@again(transformers_only)
def transformers_only_2(model, tokenizer, sentence, word, candidates):
    if not candidates:
        raise ValueError("no candidates")
    query = positions_in(tokenizer, sentence, word, rank=-1)
    layers, weights = (
        [
            layer[0].detach()
            for layer in model.eval()(
                **tokenizer(sentence, return_tensors="pt"), output_attentions=True
            ).attentions
        ],
        {},
    )
    for candidate in candidates:
        keys = positions_in(tokenizer, sentence, candidate)
        rows = [sum(layer[:, q, k] for q in query for k in keys) / len(query) for layer in layers]
        weights[candidate] = torch.stack(rows)
    return WordAttention(
        weights, torch.ones_like(weights[candidates[0]]) - torch.stack([*weights.values()]).sum(dim=0)
    )


@misconception(
    "unknown_accepted",
    en="a word that the tokenizer does not know is looked at as the unknown token: refuse it, as find_look does",
    fr="un mot que le tokenizer ne connaît pas est regardé comme le jeton inconnu : refusez-le, comme le fait find_look",
)
def unknown_accepted(model, tokenizer, sentence, word, candidates):
    scorer = MaskedScorer(model, tokenizer)
    if not candidates:
        raise ValueError("no candidates")
    encoding, query = word_positions(scorer, sentence, word, last=True)
    ids, places = encoding.ids, {each: word_positions(scorer, sentence, each)[1] for each in candidates}
    maps = torch.stack(attention_maps(scorer, ids))
    looks = maps[:, :, list(query)].mean(dim=2)
    weights = {each: looks[..., list(place)].sum(dim=-1) for each, place in places.items()}
    return WordAttention(weights, 1 - sum(weights.values()))


@again(unknown_accepted)
def unknown_accepted_2(model, tokenizer, sentence, word, candidates):
    if not candidates:
        raise ValueError("no candidates")
    query = positions_in(tokenizer, sentence, word, rank=-1)
    layers, weights = maps_of(model, tokenizer, sentence), {}
    for candidate in candidates:
        keys = positions_in(tokenizer, sentence, candidate, refuse=False)
        rows = [sum(layer[:, q, k] for q in query for k in keys) / len(query) for layer in layers]
        weights[candidate] = torch.stack(rows)
    return WordAttention(
        weights, torch.ones_like(weights[candidates[0]]) - torch.stack([*weights.values()]).sum(dim=0)
    )


@misconception(
    "no_candidates_accepted",
    en="you go on without any candidate: refuse an empty list, as find_look does",
    fr="vous continuez sans aucun candidat : refusez une liste vide, comme le fait find_look",
)
def no_candidates_accepted(model, tokenizer, sentence, word, candidates):
    scorer = MaskedScorer(model, tokenizer)
    ids, query, places = find_look(scorer, sentence, word, candidates or [word])
    maps = torch.stack(attention_maps(scorer, ids))
    looks = maps[:, :, list(query)].mean(dim=2)
    weights = {each: looks[..., list(places[each])].sum(dim=-1) for each in candidates}
    return WordAttention(weights, looks.sum(dim=-1) - sum(weights.values()))


@again(no_candidates_accepted)
def no_candidates_accepted_2(model, tokenizer, sentence, word, candidates):
    query = positions_in(tokenizer, sentence, word, rank=-1)
    layers, weights = maps_of(model, tokenizer, sentence), {}
    for candidate in candidates:
        keys = positions_in(tokenizer, sentence, candidate)
        rows = [sum(layer[:, q, k] for q in query for k in keys) / len(query) for layer in layers]
        weights[candidate] = torch.stack(rows)
    return WordAttention(weights, torch.ones(len(layers), len(layers[0])) - sum(weights.values()))
