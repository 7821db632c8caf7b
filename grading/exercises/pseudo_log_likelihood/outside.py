"""Wrong answers to pseudo_log_likelihood outside its catalogue, each with the catalogued mistakes that are true of it."""

from __future__ import annotations

import math

import numpy as np
import torch

from attentif.bias.likelihood import check_sentences
from attentif.bias.scorer import MaskedScorer


def _rows(model, tokenizer, sentence, within_word, hide=None, read_at=0, score=lambda text, t: text.ids[t]):
    """ln P of what `score` names, one a token of the sentence."""
    scorer = MaskedScorer(model, tokenizer)
    text = scorer.encode(sentence, masks_allowed=False)
    found = []
    for t in text.positions:
        hidden = [t]
        if within_word:
            hidden += [i for i in text.positions if i > t and text.word_of(i) == text.word_of(t)]
        hidden = hidden if hide is None else hide(text, t)
        row = scorer.log_probabilities([scorer.masked(text.ids, hidden)], [[t + read_at]])[0]
        found.append(row[score(text, t)].item())
    return found


def _scores(model, tokenizer, sentences, within_word=False, summed=sum, **options):
    check_sentences(sentences, 1)
    return np.array([summed(_rows(model, tokenizer, each, within_word, **options)) for each in sentences])


def one_after(model, tokenizer, sentences, within_word=False, batch_size=64):
    return _scores(model, tokenizer, sentences, within_word, read_at=1)


def next_token_scored(model, tokenizer, sentences, within_word=False, batch_size=64):
    return _scores(model, tokenizer, sentences, within_word, score=lambda text, t: text.ids[t + 1])


def mask_scored(model, tokenizer, sentences, within_word=False, batch_size=64):
    mask_id = MaskedScorer(model, tokenizer).mask_id
    return _scores(model, tokenizer, sentences, within_word, score=lambda text, t: mask_id)


def next_token_masked_too(model, tokenizer, sentences, within_word=False, batch_size=64):
    return _scores(model, tokenizer, sentences, hide=lambda text, t: {t, min(t + 1, text.positions[-1])})


def all_but_the_token_masked(model, tokenizer, sentences, within_word=False, batch_size=64):
    return _scores(model, tokenizer, sentences, hide=lambda text, t: [i for i in text.positions if i != t])


def first_token_left_out(model, tokenizer, sentences, within_word=False, batch_size=64):
    return _scores(model, tokenizer, sentences, within_word, summed=lambda logs: sum(logs[1:]))


def lowest_token(model, tokenizer, sentences, within_word=False, batch_size=64):
    return _scores(model, tokenizer, sentences, within_word, summed=min)


def exponential_of_the_sum(model, tokenizer, sentences, within_word=False, batch_size=64):
    return _scores(model, tokenizer, sentences, within_word, summed=lambda logs: math.exp(sum(logs)))


def mean_over_words(model, tokenizer, sentences, within_word=False, batch_size=64):
    scores = _scores(model, tokenizer, sentences, within_word)
    return scores / [len(sentence.split()) for sentence in sentences]


def mean_with_the_specials(model, tokenizer, sentences, within_word=False, batch_size=64):
    return _scores(model, tokenizer, sentences, within_word, summed=lambda logs: sum(logs) / (len(logs) + 2))


def scores_centred(model, tokenizer, sentences, within_word=False, batch_size=64):
    scores = _scores(model, tokenizer, sentences, within_word)
    return scores - scores.mean()


def words_masked_whole_and_scored_once(model, tokenizer, sentences, within_word=False, batch_size=64):
    def first_of_word(logs_and_words):
        return sum(dict(reversed(logs_and_words)).values())

    scorer, scores = MaskedScorer(model, tokenizer), []
    for sentence in sentences:
        text = scorer.encode(sentence, masks_allowed=False)
        logs = _rows(model, tokenizer, sentence, within_word)
        words = [text.word_of(t) for t in text.positions]
        scores.append(first_of_word(list(zip(words, logs, strict=True))))
    return np.array(scores)


def batch_size_in_the_sum(model, tokenizer, sentences, within_word=False, batch_size=64):
    def first_batch(logs):
        return sum(logs[:batch_size])

    return _scores(model, tokenizer, sentences, within_word, summed=first_batch)


def mean_in_bits(model, tokenizer, sentences, within_word=False, batch_size=64):
    scores = _scores(model, tokenizer, sentences, within_word, summed=lambda logs: sum(logs) / len(logs))
    return scores / math.log(2)


def column_of_scores(model, tokenizer, sentences, within_word=False, batch_size=64):
    return _scores(model, tokenizer, sentences, within_word)[:, None]


def one_number_short(model, tokenizer, sentences, within_word=False, batch_size=64):
    return _scores(model, tokenizer, sentences, within_word)[:-1]


def half_precision(model, tokenizer, sentences, within_word=False, batch_size=64):
    return torch.tensor(_scores(model, tokenizer, sentences, within_word)).half()


def key_error(model, tokenizer, sentences, within_word=False, batch_size=64):
    return {}[sentences[0]]


OUTSIDE = {
    one_after: (),
    next_token_scored: (),
    mask_scored: (),
    next_token_masked_too: (),
    all_but_the_token_masked: (),
    first_token_left_out: (),
    lowest_token: (),
    exponential_of_the_sum: (),
    mean_over_words: (),
    mean_with_the_specials: (),
    scores_centred: (),
    words_masked_whole_and_scored_once: (),
    batch_size_in_the_sum: (),
    mean_in_bits: (),
    column_of_scores: (),
    one_number_short: (),
    half_precision: (),
    key_error: (),
}
