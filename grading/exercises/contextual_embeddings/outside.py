"""Wrong answers to contextual_embeddings outside its catalogue, each with the catalogued mistakes that are true of it."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from attentif.bias.scorer import MaskedScorer
from attentif.limits.inside import hidden_states
from attentif.limits.representations import find_words, static_embeddings


def _vectors(model, tokenizer, sentences, words, batch_size, reduce):
    """(L + 1, N, D), by reduce(states (L + 1, T, D), places) of each sentence."""
    scorer = MaskedScorer(model, tokenizer)
    found = find_words(scorer, sentences, words)
    columns = []
    for start in range(0, len(found), batch_size):
        states = hidden_states(scorer, [each.ids for each in found[start : start + batch_size]])
        for row, each in enumerate(found[start : start + batch_size]):
            columns.append(reduce(states[:, row, : len(each.ids)], list(each.places)))
    return torch.stack(columns, dim=1)


def _reduced(reduce):
    def answer(model, tokenizer, sentences, words, batch_size=32):
        return _vectors(model, tokenizer, sentences, words, batch_size, reduce)

    answer.__name__ = reduce.__name__
    return answer


def largest_of_the_pieces(states, places):
    return states[:, places].amax(dim=1)


def normalised(states, places):
    return F.normalize(states[:, places].mean(dim=1), dim=-1)


def pieces_normalised_first(states, places):
    return F.normalize(states[:, places], dim=-1).mean(dim=1)


def token_after(states, places):
    return states[:, [place + 1 for place in places]].mean(dim=1)


def sentence_without_specials(states, places):
    return states[:, 1:-1].mean(dim=1)


def word_and_neighbours(states, places):
    return states[:, min(places) - 1 : max(places) + 2].mean(dim=1)


def layers_reversed(states, places):
    return states[:, places].mean(dim=1).flip(0)


def embeddings_subtracted(states, places):
    vectors = states[:, places].mean(dim=1)
    return vectors - vectors[:1]


def embeddings_twice(states, places):
    vectors = states[:, places].mean(dim=1)
    return torch.cat([vectors[:1], vectors])


def last_layer_missing(states, places):
    return states[:-1, places].mean(dim=1)


def other_tokens_of_the_sentence(states, places):
    return states[:, [place for place in range(states.size(1)) if place not in places]].mean(dim=1)


def mean_of_all_layers(model, tokenizer, sentences, words, batch_size=32):
    return _vectors(
        model, tokenizer, sentences, words, batch_size, lambda states, places: states[:, places].mean(dim=1)
    ).mean(dim=0)


def rows_of_the_table(model, tokenizer, sentences, words, batch_size=32):
    words = [words] * len(sentences) if isinstance(words, str) else words
    return static_embeddings(model, tokenizer, words).detach()[None].expand(4, -1, -1)


def out_of_context(model, tokenizer, sentences, words, batch_size=32):
    words = [words] * len(sentences) if isinstance(words, str) else words
    return _vectors(
        model, tokenizer, words, words, batch_size, lambda states, places: states[:, places].mean(dim=1)
    )


def first_of_each_batch(model, tokenizer, sentences, words, batch_size=32):
    scorer = MaskedScorer(model, tokenizer)
    found = find_words(scorer, sentences, words)
    states = hidden_states(scorer, [each.ids for each in found])
    return torch.stack([states[:, 0, list(each.places)].mean(dim=1) for each in found], dim=1)


OUTSIDE = {
    **{
        _reduced(reduce): ()
        for reduce in (
            largest_of_the_pieces,
            normalised,
            pieces_normalised_first,
            token_after,
            sentence_without_specials,
            word_and_neighbours,
            layers_reversed,
            embeddings_subtracted,
            embeddings_twice,
            last_layer_missing,
            other_tokens_of_the_sentence,
        )
    },
    mean_of_all_layers: (),
    rows_of_the_table: (),
    out_of_context: (),
    first_of_each_batch: (),
}
