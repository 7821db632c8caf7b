"""Wrong answers to attention_to outside its catalogue, each with the catalogued mistakes that are true of it."""

from __future__ import annotations

import torch

from attentif.bias.looking import attention_maps
from attentif.bias.scorer import MaskedScorer
from attentif.limits.attention import WordAttention, attention_to, find_look


def _looked(model, tokenizer, sentence, word, candidates):
    """The maps (L, H, T, T), the query, and the places."""
    scorer = MaskedScorer(model, tokenizer)
    ids, query, places = find_look(scorer, sentence, word, candidates)
    return torch.stack(attention_maps(scorer, ids)), list(query), places


def _answer(looks, places):
    weights = {each: looks[..., list(place)].sum(dim=-1) for each, place in places.items()}
    return WordAttention(weights, looks.sum(dim=-1) - sum(weights.values()))


def rollout_of_the_layers(model, tokenizer, sentence, word, candidates):
    maps, query, places = _looked(model, tokenizer, sentence, word, candidates)
    flow = [maps[0]]
    for layer in maps[1:]:
        flow.append(layer @ flow[-1])
    return _answer(torch.stack(flow)[:, :, query].mean(dim=2), places)


def symmetrical(model, tokenizer, sentence, word, candidates):
    maps, query, places = _looked(model, tokenizer, sentence, word, candidates)
    return _answer(((maps + maps.mT) / 2)[:, :, query].mean(dim=2), places)


def first_special_looks(model, tokenizer, sentence, word, candidates):
    maps, _, places = _looked(model, tokenizer, sentence, word, candidates)
    return _answer(maps[:, :, 0], places)


def mean_of_all_looks(model, tokenizer, sentence, word, candidates):
    maps, _, places = _looked(model, tokenizer, sentence, word, candidates)
    return _answer(maps.mean(dim=2), places)


def token_after_the_word(model, tokenizer, sentence, word, candidates):
    maps, query, places = _looked(model, tokenizer, sentence, word, candidates)
    return _answer(maps[:, :, [place + 1 for place in query]].mean(dim=2), places)


def softmax_again(model, tokenizer, sentence, word, candidates):
    maps, query, places = _looked(model, tokenizer, sentence, word, candidates)
    return _answer(maps.softmax(dim=-1)[:, :, query].mean(dim=2), places)


def without_specials_renormalised(model, tokenizer, sentence, word, candidates):
    maps, query, places = _looked(model, tokenizer, sentence, word, candidates)
    looks = maps[:, :, query].mean(dim=2)
    looks[..., [0, -1]] = 0
    return _answer(looks / looks.sum(dim=-1, keepdim=True), places)


def heads_in_reverse(model, tokenizer, sentence, word, candidates):
    maps, query, places = _looked(model, tokenizer, sentence, word, candidates)
    return _answer(maps.flip(1)[:, :, query].mean(dim=2), places)


def largest_head(model, tokenizer, sentence, word, candidates):
    maps, query, places = _looked(model, tokenizer, sentence, word, candidates)
    return _answer(maps[:, :, query].mean(dim=2).amax(dim=1, keepdim=True), places)


def elsewhere_as_a_mean(model, tokenizer, sentence, word, candidates):
    maps, query, places = _looked(model, tokenizer, sentence, word, candidates)
    found = _answer(maps[:, :, query].mean(dim=2), places)
    return WordAttention(found.weights, found.elsewhere / maps.size(-1))


def everything_looked_at_once(model, tokenizer, sentence, word, candidates):
    found = attention_to(model, tokenizer, sentence, word, candidates)
    total = sum(found.weights.values())
    return WordAttention({each: total + 1e-3 for each in found.weights}, found.elsewhere)


def one_where_the_look_is_largest(model, tokenizer, sentence, word, candidates):
    found = attention_to(model, tokenizer, sentence, word, candidates)
    weights = {each: (weight > found.elsewhere / 5).double() for each, weight in found.weights.items()}
    return WordAttention(weights, found.elsewhere)


OUTSIDE = {
    each: ()
    for each in (
        rollout_of_the_layers,
        symmetrical,
        first_special_looks,
        mean_of_all_looks,
        token_after_the_word,
        softmax_again,
        without_specials_renormalised,
        heads_in_reverse,
        largest_head,
        elsewhere_as_a_mean,
        everything_looked_at_once,
        one_where_the_look_is_largest,
    )
}
