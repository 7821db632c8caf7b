"""Wrong implementations that people really write, each with what it computes instead.

The first version of each asks model and tokenizer itself, one masked copy at a time; the second goes through
MaskedScorer, all copies of a sentence at once.
"""

from __future__ import annotations

import math

import numpy as np
import torch

from attentif.bias.likelihood import check_sentences
from attentif.bias.scorer import MaskedScorer
from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = ("mean_not_sum", "specials_scored", "attention_mask_forgotten", "whole_word_masked")


def read(tokenizer, sentence):
    """(ids with the specials around, number of each one's word, id of the mask), for both kinds of tokenizer."""
    if hasattr(tokenizer, "mask_token_id"):
        encoded = tokenizer(sentence)
        return list(encoded["input_ids"]), encoded.word_ids(), tokenizer.mask_token_id
    words = []
    for token in tokenizer.encode(sentence):
        words.append(len(set(words)) - tokenizer.id_to_token(token).startswith("##"))
    ids = [tokenizer.cls_id, *tokenizer.encode(sentence), tokenizer.sep_id]
    return ids, [None, *words, None], tokenizer.mask_id


def logits_of(model, ids):
    """(T, V) of one sequence."""
    model.eval()
    with torch.no_grad():
        output = model(torch.tensor([ids]))
    return getattr(output, "logits", output)[0]


def logs_of(model, ids):
    """Log-probabilities (T, V) of one sequence."""
    return logits_of(model, ids).log_softmax(-1)


def padded(tokenizer, sentences):
    """(ids, words, own length) of each sentence, all filled up to the length of the longest, and the mask's id."""
    found = [read(tokenizer, sentence) for sentence in sentences]
    longest = max(len(ids) for ids, _, _ in found)
    pad_id = tokenizer.pad_token_id if hasattr(tokenizer, "mask_token_id") else tokenizer.pad_id
    rows = []
    for ids, words, _ in found:
        rest = longest - len(ids)
        rows.append(([*ids, *[pad_id] * rest], [*words, *[None] * rest], len(ids)))
    return rows, found[0][2]


def hidden_with(text, t, within_word):
    """The positions to mask when the one at t is scored."""
    if not within_word:
        return [t]
    return [t, *(i for i in text.positions if i > t and text.word_of(i) == text.word_of(t))]


@misconception(
    "specials_scored",
    en="you score the special tokens too: the sum runs over the tokens of the text alone",
    fr="vous évaluez aussi les jetons spéciaux : la somme porte sur les seuls jetons du texte",
)
def specials_scored(model, tokenizer, sentences, within_word=False, batch_size=64):
    scores = []
    for sentence in sentences:
        ids, words, mask_id = read(tokenizer, sentence)
        total = 0.0
        for t in range(len(ids)):
            masked = list(ids)
            masked[t] = mask_id
            for i in range(t + 1, len(ids) - 1):
                if within_word and words[i] == words[t]:
                    masked[i] = mask_id
            total += logs_of(model, masked)[t, ids[t]].item()
        scores.append(total)
    return np.array(scores)


@again(specials_scored)
def specials_scored_2(model, tokenizer, sentences, within_word=False, batch_size=64):
    scorer = MaskedScorer(model, tokenizer)
    scores = np.zeros(len(sentences))
    for number, sentence in enumerate(sentences):
        text = scorer.encode(sentence)
        every = range(len(text.ids))
        rows = [scorer.masked(text.ids, hidden_with(text, t, within_word)) for t in every]
        logs = scorer.log_probabilities(rows, [[t] for t in every])
        found = logs[torch.arange(len(rows)), list(text.ids)]
        scores[number] = found.sum().item()
    return scores


@misconception(
    "mean_not_sum",
    en="you return the mean over the tokens: their sum is asked for",
    fr="vous renvoyez la moyenne sur les jetons : on demande leur somme",
)
def mean_not_sum(model, tokenizer, sentences, within_word=False, batch_size=64):
    scores = []
    for sentence in sentences:
        ids, words, mask_id = read(tokenizer, sentence)
        total = 0.0
        for t in range(1, len(ids) - 1):
            masked = list(ids)
            masked[t] = mask_id
            for i in range(t + 1, len(ids) - 1):
                if within_word and words[i] == words[t]:
                    masked[i] = mask_id
            total += logs_of(model, masked)[t, ids[t]].item()
        scores.append(total / (len(ids) - 2))
    return np.array(scores)


@again(mean_not_sum)
def mean_not_sum_2(model, tokenizer, sentences, within_word=False, batch_size=64):
    scorer = MaskedScorer(model, tokenizer)
    scores = np.zeros(len(sentences))
    for number, sentence in enumerate(sentences):
        text = scorer.encode(sentence)
        rows = [scorer.masked(text.ids, hidden_with(text, t, within_word)) for t in text.positions]
        logs = scorer.log_probabilities(rows, [[t] for t in text.positions])
        found = logs[torch.arange(len(rows)), [text.ids[t] for t in text.positions]]
        scores[number] = found.mean().item()
    return scores


@misconception(
    "padding_scored",
    en="you score the padding of the shorter sentences as if it were text, so that a score depends on the other sentences: leave it out, and hide it from the model",
    fr="vous évaluez le remplissage des phrases plus courtes comme s'il était du texte, si bien qu'un score dépend des autres phrases : laissez-le de côté, et cachez-le au modèle",
)
def padding_scored(model, tokenizer, sentences, within_word=False, batch_size=64):
    scores = []
    rows, mask_id = padded(tokenizer, sentences)
    for ids, words, _ in rows:
        total = 0.0
        for t in range(1, len(ids) - 1):
            masked = list(ids)
            masked[t] = mask_id
            for i in range(t + 1, len(ids) - 1):
                if within_word and words[i] == words[t]:
                    masked[i] = mask_id
            total += logs_of(model, masked)[t, ids[t]].item()
        scores.append(total)
    return np.array(scores)


@again(padding_scored)
def padding_scored_2(model, tokenizer, sentences, within_word=False, batch_size=64):
    scorer = MaskedScorer(model, tokenizer)
    texts = [scorer.encode(sentence) for sentence in sentences]
    longest = max(len(text.ids) for text in texts)
    scores = np.zeros(len(sentences))
    for number, text in enumerate(texts):
        ids = torch.full((longest,), scorer.pad_id)
        ids[: len(text.ids)] = torch.tensor(text.ids)
        word = [*text.word_ids, *[None] * (longest - len(text.ids))]
        places = range(1, longest - 1)
        rows = ids.repeat(len(places), 1)
        for row, t in zip(rows, places, strict=True):
            row[[i for i in places if i == t or (within_word and i > t and word[i] == word[t])]] = (
                scorer.mask_id
            )
        logs = scorer.log_probabilities(rows.tolist(), [[t] for t in places])
        scores[number] = logs.gather(1, ids[1:-1, None]).sum().item()
    return scores


@misconception(
    "attention_mask_forgotten",
    en="the model reads the padding that fills up the shorter sentences: give it the attention_mask",
    fr="le modèle lit le remplissage qui complète les phrases plus courtes : donnez-lui l'attention_mask",
)
def attention_mask_forgotten(model, tokenizer, sentences, within_word=False, batch_size=64):
    scores = []
    rows, mask_id = padded(tokenizer, sentences)
    for ids, words, length in rows:
        total = 0.0
        for t in range(1, length - 1):
            masked = list(ids)
            masked[t] = mask_id
            for i in range(t + 1, length - 1):
                if within_word and words[i] == words[t]:
                    masked[i] = mask_id
            total += logs_of(model, masked)[t, ids[t]].item()
        scores.append(total)
    return np.array(scores)


@again(attention_mask_forgotten)
def attention_mask_forgotten_2(model, tokenizer, sentences, within_word=False, batch_size=64):
    scorer = MaskedScorer(model, tokenizer)
    texts = [scorer.encode(sentence) for sentence in sentences]
    questions = []
    for number, text in enumerate(texts):
        for t in text.positions:
            questions.append(
                (number, scorer.masked(text.ids, hidden_with(text, t, within_word)), t, text.ids[t])
            )
    longest = max(len(text.ids) for text in texts)
    ids = torch.full((len(questions), longest), scorer.pad_id)
    for row, (_, masked, _, _) in zip(ids, questions, strict=True):
        row[: len(masked)] = torch.tensor(masked)
    model.eval()
    with torch.no_grad():
        output = model(ids)
    logs = getattr(output, "logits", output).log_softmax(-1)
    scores = np.zeros(len(sentences))
    for log, (number, _, t, token) in zip(logs, questions, strict=True):
        scores[number] += log[t, token].item()
    return scores


@misconception(
    "nothing_masked",
    en="you mask nothing: the token gives itself away (that is AUL, another score), mask each one in its turn",
    fr="vous ne masquez rien : le jeton se trahit lui-même (c'est AUL, un autre score), masquez chacun à son tour",
)
def nothing_masked(model, tokenizer, sentences, within_word=False, batch_size=64):
    scores = []
    for sentence in sentences:
        ids, _, _ = read(tokenizer, sentence)
        logs = logs_of(model, ids)
        scores.append(sum(logs[t, ids[t]].item() for t in range(1, len(ids) - 1)))
    return np.array(scores)


@again(nothing_masked)
def nothing_masked_2(model, tokenizer, sentences, within_word=False, batch_size=64):
    scorer = MaskedScorer(model, tokenizer)
    scores = np.zeros(len(sentences))
    for number, sentence in enumerate(sentences):
        text = scorer.encode(sentence)
        rows = [text.ids for _ in text.positions]
        logs = scorer.log_probabilities(rows, [[t] for t in text.positions])
        found = logs[torch.arange(len(rows)), [text.ids[t] for t in text.positions]]
        scores[number] = found.sum().item()
    return scores


@misconception(
    "all_masked_at_once",
    en="you mask all tokens of the sentence at once: mask one at a time, the others staying visible",
    fr="vous masquez tous les jetons de la phrase à la fois : masquez-en un seul à la fois, les autres restant visibles",
)
def all_masked_at_once(model, tokenizer, sentences, within_word=False, batch_size=64):
    scores = []
    for sentence in sentences:
        ids, _, mask_id = read(tokenizer, sentence)
        logs = logs_of(model, [ids[0], *[mask_id] * (len(ids) - 2), ids[-1]])
        scores.append(sum(logs[t, ids[t]].item() for t in range(1, len(ids) - 1)))
    return np.array(scores)


@again(all_masked_at_once)
def all_masked_at_once_2(model, tokenizer, sentences, within_word=False, batch_size=64):
    scorer = MaskedScorer(model, tokenizer)
    scores = np.zeros(len(sentences))
    for number, sentence in enumerate(sentences):
        text = scorer.encode(sentence)
        rows = [scorer.masked(text.ids, text.positions) for _ in text.positions]
        logs = scorer.log_probabilities(rows, [[t] for t in text.positions])
        found = logs[torch.arange(len(rows)), [text.ids[t] for t in text.positions]]
        scores[number] = found.sum().item()
    return scores


@misconception(
    "position_without_first_special",
    en="you read one position before the mask: [CLS] stands before the text, count it",
    fr="vous lisez la position qui précède le masque : comptez aussi [CLS], placé devant le texte",
)
def position_without_first_special(model, tokenizer, sentences, within_word=False, batch_size=64):
    scores = []
    for sentence in sentences:
        ids, words, mask_id = read(tokenizer, sentence)
        total = 0.0
        for t in range(1, len(ids) - 1):
            masked = list(ids)
            masked[t] = mask_id
            for i in range(t + 1, len(ids) - 1):
                if within_word and words[i] == words[t]:
                    masked[i] = mask_id
            total += logs_of(model, masked)[t - 1, ids[t]].item()
        scores.append(total)
    return np.array(scores)


@again(position_without_first_special)
def position_without_first_special_2(model, tokenizer, sentences, within_word=False, batch_size=64):
    scorer = MaskedScorer(model, tokenizer)
    scores = np.zeros(len(sentences))
    for number, sentence in enumerate(sentences):
        text = scorer.encode(sentence)
        rows = [scorer.masked(text.ids, hidden_with(text, t, within_word)) for t in text.positions]
        logs = scorer.log_probabilities(rows, [[t - 1] for t in text.positions])
        found = logs[torch.arange(len(rows)), [text.ids[t] for t in text.positions]]
        scores[number] = found.sum().item()
    return scores


@misconception(
    "bits",
    en="your logarithm has base 2: the contract asks for nats, the natural logarithm",
    fr="votre logarithme est de base 2 : le contrat demande des nats, le logarithme népérien",
)
def bits(model, tokenizer, sentences, within_word=False, batch_size=64):
    scores = []
    for sentence in sentences:
        ids, words, mask_id = read(tokenizer, sentence)
        total = 0.0
        for t in range(1, len(ids) - 1):
            masked = list(ids)
            masked[t] = mask_id
            for i in range(t + 1, len(ids) - 1):
                if within_word and words[i] == words[t]:
                    masked[i] = mask_id
            total += logs_of(model, masked)[t, ids[t]].exp().log2().item()
        scores.append(total)
    return np.array(scores)


@again(bits)
def bits_2(model, tokenizer, sentences, within_word=False, batch_size=64):
    scorer = MaskedScorer(model, tokenizer)
    scores = np.zeros(len(sentences))
    for number, sentence in enumerate(sentences):
        text = scorer.encode(sentence)
        rows = [scorer.masked(text.ids, hidden_with(text, t, within_word)) for t in text.positions]
        logs = scorer.log_probabilities(rows, [[t] for t in text.positions])
        found = logs[torch.arange(len(rows)), [text.ids[t] for t in text.positions]]
        scores[number] = found.sum().item() / math.log(2)
    return scores


@misconception(
    "logits_summed",
    en="you add up logits: log-probabilities are their log_softmax over the vocabulary",
    fr="vous additionnez des logits : les log-probabilités sont leur log_softmax sur le vocabulaire",
)
def logits_summed(model, tokenizer, sentences, within_word=False, batch_size=64):
    scores = []
    for sentence in sentences:
        ids, words, mask_id = read(tokenizer, sentence)
        total = 0.0
        for t in range(1, len(ids) - 1):
            masked = list(ids)
            masked[t] = mask_id
            for i in range(t + 1, len(ids) - 1):
                if within_word and words[i] == words[t]:
                    masked[i] = mask_id
            total += logits_of(model, masked)[t, ids[t]].item()
        scores.append(total)
    return np.array(scores)


@again(logits_summed)
def logits_summed_2(model, tokenizer, sentences, within_word=False, batch_size=64):
    scorer = MaskedScorer(model, tokenizer)
    scores = np.zeros(len(sentences))
    for number, sentence in enumerate(sentences):
        text = scorer.encode(sentence)
        rows = [scorer.masked(text.ids, hidden_with(text, t, within_word)) for t in text.positions]
        model.eval()
        with torch.no_grad():
            output = model(torch.tensor(rows))
        logits = output.logits if hasattr(output, "logits") else output
        found = logits[torch.arange(len(rows)), list(text.positions), [text.ids[t] for t in text.positions]]
        scores[number] = found.sum().item()
    return scores


@misconception(
    "probabilities_summed",
    en="you add up probabilities: add up their logarithms",
    fr="vous additionnez des probabilités : additionnez leurs logarithmes",
)
def probabilities_summed(model, tokenizer, sentences, within_word=False, batch_size=64):
    scores = []
    for sentence in sentences:
        ids, words, mask_id = read(tokenizer, sentence)
        total = 0.0
        for t in range(1, len(ids) - 1):
            masked = list(ids)
            masked[t] = mask_id
            for i in range(t + 1, len(ids) - 1):
                if within_word and words[i] == words[t]:
                    masked[i] = mask_id
            total += logs_of(model, masked)[t, ids[t]].exp().item()
        scores.append(total)
    return np.array(scores)


@again(probabilities_summed)
def probabilities_summed_2(model, tokenizer, sentences, within_word=False, batch_size=64):
    scorer = MaskedScorer(model, tokenizer)
    scores = np.zeros(len(sentences))
    for number, sentence in enumerate(sentences):
        text = scorer.encode(sentence)
        rows = [scorer.masked(text.ids, hidden_with(text, t, within_word)) for t in text.positions]
        logs = scorer.log_probabilities(rows, [[t] for t in text.positions])
        found = logs[torch.arange(len(rows)), [text.ids[t] for t in text.positions]]
        scores[number] = found.exp().sum().item()
    return scores


@misconception(
    "perplexity_returned",
    en="you return a pseudo-perplexity, exp(−mean): the sum of the log-probabilities is asked for",
    fr="vous renvoyez une pseudo-perplexité, exp(−moyenne) : on demande la somme des log-probabilités",
)
def perplexity_returned(model, tokenizer, sentences, within_word=False, batch_size=64):
    scores = []
    for sentence in sentences:
        ids, words, mask_id = read(tokenizer, sentence)
        total = 0.0
        for t in range(1, len(ids) - 1):
            masked = list(ids)
            masked[t] = mask_id
            for i in range(t + 1, len(ids) - 1):
                if within_word and words[i] == words[t]:
                    masked[i] = mask_id
            total += logs_of(model, masked)[t, ids[t]].item()
        scores.append(math.exp(-total / (len(ids) - 2)))
    return np.array(scores)


@again(perplexity_returned)
def perplexity_returned_2(model, tokenizer, sentences, within_word=False, batch_size=64):
    scorer = MaskedScorer(model, tokenizer)
    scores = np.zeros(len(sentences))
    for number, sentence in enumerate(sentences):
        text = scorer.encode(sentence)
        rows = [scorer.masked(text.ids, hidden_with(text, t, within_word)) for t in text.positions]
        logs = scorer.log_probabilities(rows, [[t] for t in text.positions])
        found = logs[torch.arange(len(rows)), [text.ids[t] for t in text.positions]]
        scores[number] = found.mean().neg().exp().item()
    return scores


@misconception(
    "loss_returned",
    en="your sign is that of a loss: a log-probability is negative",
    fr="votre signe est celui d'une perte : une log-probabilité est négative",
)
def loss_returned(model, tokenizer, sentences, within_word=False, batch_size=64):
    scores = []
    for sentence in sentences:
        ids, words, mask_id = read(tokenizer, sentence)
        total = 0.0
        for t in range(1, len(ids) - 1):
            masked = list(ids)
            masked[t] = mask_id
            for i in range(t + 1, len(ids) - 1):
                if within_word and words[i] == words[t]:
                    masked[i] = mask_id
            total -= logs_of(model, masked)[t, ids[t]].item()
        scores.append(total)
    return np.array(scores)


@again(loss_returned)
def loss_returned_2(model, tokenizer, sentences, within_word=False, batch_size=64):
    scorer = MaskedScorer(model, tokenizer)
    scores = np.zeros(len(sentences))
    for number, sentence in enumerate(sentences):
        text = scorer.encode(sentence)
        rows = [scorer.masked(text.ids, hidden_with(text, t, within_word)) for t in text.positions]
        logs = scorer.log_probabilities(rows, [[t] for t in text.positions])
        found = logs[torch.arange(len(rows)), [text.ids[t] for t in text.positions]]
        scores[number] = found.sum().item()
    return -scores


@misconception(
    "all_occurrences_masked",
    en="you mask a token wherever it occurs in the sentence: mask the position that is scored",
    fr="vous masquez un jeton partout où il figure dans la phrase : masquez la position évaluée",
)
def all_occurrences_masked(model, tokenizer, sentences, within_word=False, batch_size=64):
    scores = []
    for sentence in sentences:
        ids, words, mask_id = read(tokenizer, sentence)
        total = 0.0
        for t in range(1, len(ids) - 1):
            masked = [mask_id if token == ids[t] else token for token in ids]
            for i in range(t + 1, len(ids) - 1):
                if within_word and words[i] == words[t]:
                    masked[i] = mask_id
            total += logs_of(model, masked)[t, ids[t]].item()
        scores.append(total)
    return np.array(scores)


@again(all_occurrences_masked)
def all_occurrences_masked_2(model, tokenizer, sentences, within_word=False, batch_size=64):
    scorer = MaskedScorer(model, tokenizer)
    scores = np.zeros(len(sentences))
    for number, sentence in enumerate(sentences):
        text = scorer.encode(sentence)
        rows = []
        for t in text.positions:
            same = [i for i in text.positions if text.ids[i] == text.ids[t]]
            rows.append(scorer.masked(text.ids, [*same, *hidden_with(text, t, within_word)]))
        logs = scorer.log_probabilities(rows, [[t] for t in text.positions])
        found = logs[torch.arange(len(rows)), [text.ids[t] for t in text.positions]]
        scores[number] = found.sum().item()
    return scores


@misconception(
    "masks_left_in_place",
    en="the masks of the tokens already scored stay in the sentence: start from a fresh copy for each token",
    fr="les masques des jetons déjà évalués restent dans la phrase : repartez d'une copie neuve pour chaque jeton",
)
def masks_left_in_place(model, tokenizer, sentences, within_word=False, batch_size=64):
    scores = []
    for sentence in sentences:
        ids, words, mask_id = read(tokenizer, sentence)
        total, masked = 0.0, list(ids)
        for t in range(1, len(ids) - 1):
            masked[t] = mask_id
            for i in range(t + 1, len(ids) - 1):
                if within_word and words[i] == words[t]:
                    masked[i] = mask_id
            total += logs_of(model, masked)[t, ids[t]].item()
        scores.append(total)
    return np.array(scores)


@again(masks_left_in_place)
def masks_left_in_place_2(model, tokenizer, sentences, within_word=False, batch_size=64):
    scorer = MaskedScorer(model, tokenizer)
    scores = np.zeros(len(sentences))
    for number, sentence in enumerate(sentences):
        text = scorer.encode(sentence)
        rows = [text.ids]
        for t in text.positions:
            rows.append(scorer.masked(rows[-1], hidden_with(text, t, within_word)))
        del rows[0]
        logs = scorer.log_probabilities(rows, [[t] for t in text.positions])
        found = logs[torch.arange(len(rows)), [text.ids[t] for t in text.positions]]
        scores[number] = found.sum().item()
    return scores


@misconception(
    "within_word_ignored",
    en="within_word has no effect: with it, the later pieces of the same word are masked together with the token",
    fr="within_word est sans effet : avec cette option, les morceaux suivants du même mot sont masqués avec le jeton",
)
def within_word_ignored(model, tokenizer, sentences, within_word=False, batch_size=64):
    scores = []
    for sentence in sentences:
        ids, _, mask_id = read(tokenizer, sentence)
        total = 0.0
        for t in range(1, len(ids) - 1):
            masked = list(ids)
            masked[t] = mask_id
            total += logs_of(model, masked)[t, ids[t]].item()
        scores.append(total)
    return np.array(scores)


@again(within_word_ignored)
def within_word_ignored_2(model, tokenizer, sentences, within_word=False, batch_size=64):
    scorer = MaskedScorer(model, tokenizer)
    scores = np.zeros(len(sentences))
    for number, sentence in enumerate(sentences):
        text = scorer.encode(sentence)
        rows = [scorer.masked(text.ids, [t]) for t in text.positions]
        logs = scorer.log_probabilities(rows, [[t] for t in text.positions])
        found = logs[torch.arange(len(rows)), [text.ids[t] for t in text.positions]]
        scores[number] = found.sum().item()
    return scores


@misconception(
    "within_word_always",
    en="you mask the later pieces of the word even without within_word: do so only when it is asked for",
    fr="vous masquez les morceaux suivants du mot même sans within_word : ne le faites que si l'option est demandée",
)
def within_word_always(model, tokenizer, sentences, within_word=False, batch_size=64):
    scores = []
    for sentence in sentences:
        ids, words, mask_id = read(tokenizer, sentence)
        total = 0.0
        for t in range(1, len(ids) - 1):
            masked = list(ids)
            masked[t] = mask_id
            for i in range(t + 1, len(ids) - 1):
                if words[i] == words[t]:
                    masked[i] = mask_id
            total += logs_of(model, masked)[t, ids[t]].item()
        scores.append(total)
    return np.array(scores)


@again(within_word_always)
def within_word_always_2(model, tokenizer, sentences, within_word=False, batch_size=64):
    scorer = MaskedScorer(model, tokenizer)
    scores = np.zeros(len(sentences))
    for number, sentence in enumerate(sentences):
        text = scorer.encode(sentence)
        rows = [scorer.masked(text.ids, hidden_with(text, t, True)) for t in text.positions]
        logs = scorer.log_probabilities(rows, [[t] for t in text.positions])
        found = logs[torch.arange(len(rows)), [text.ids[t] for t in text.positions]]
        scores[number] = found.sum().item()
    return scores


@misconception(
    "whole_word_masked",
    en="within_word masks the whole word, the earlier pieces too: mask those that follow, the ones before stay visible",
    fr="avec within_word, vous masquez tout le mot, y compris les morceaux d'avant : masquez ceux qui suivent, ceux d'avant restent visibles",
)
def whole_word_masked(model, tokenizer, sentences, within_word=False, batch_size=64):
    scores = []
    for sentence in sentences:
        ids, words, mask_id = read(tokenizer, sentence)
        total = 0.0
        for t in range(1, len(ids) - 1):
            masked = list(ids)
            masked[t] = mask_id
            for i in range(1, len(ids) - 1):
                if within_word and words[i] == words[t]:
                    masked[i] = mask_id
            total += logs_of(model, masked)[t, ids[t]].item()
        scores.append(total)
    return np.array(scores)


@again(whole_word_masked)
def whole_word_masked_2(model, tokenizer, sentences, within_word=False, batch_size=64):
    scorer = MaskedScorer(model, tokenizer)
    scores = np.zeros(len(sentences))
    for number, sentence in enumerate(sentences):
        text = scorer.encode(sentence)
        rows = []
        for t in text.positions:
            whole = [i for i in text.positions if text.word_of(i) == text.word_of(t)]
            rows.append(scorer.masked(text.ids, whole if within_word else [t]))
        logs = scorer.log_probabilities(rows, [[t] for t in text.positions])
        found = logs[torch.arange(len(rows)), [text.ids[t] for t in text.positions]]
        scores[number] = found.sum().item()
    return scores


@misconception(
    "earlier_pieces_masked",
    en="within_word masks the pieces before the token: mask those that follow it in the word",
    fr="avec within_word, vous masquez les morceaux d'avant : masquez ceux qui suivent le jeton dans le mot",
)
def earlier_pieces_masked(model, tokenizer, sentences, within_word=False, batch_size=64):
    scores = []
    for sentence in sentences:
        ids, words, mask_id = read(tokenizer, sentence)
        total = 0.0
        for t in range(1, len(ids) - 1):
            masked = list(ids)
            masked[t] = mask_id
            for i in range(1, t):
                if within_word and words[i] == words[t]:
                    masked[i] = mask_id
            total += logs_of(model, masked)[t, ids[t]].item()
        scores.append(total)
    return np.array(scores)


@again(earlier_pieces_masked)
def earlier_pieces_masked_2(model, tokenizer, sentences, within_word=False, batch_size=64):
    scorer = MaskedScorer(model, tokenizer)
    scores = np.zeros(len(sentences))
    for number, sentence in enumerate(sentences):
        text = scorer.encode(sentence)
        rows = []
        for t in text.positions:
            start = t
            while within_word and text.word_of(start - 1) == text.word_of(t):
                start -= 1
            rows.append(scorer.masked(text.ids, range(start, t + 1)))
        logs = scorer.log_probabilities(rows, [[t] for t in text.positions])
        found = logs[torch.arange(len(rows)), [text.ids[t] for t in text.positions]]
        scores[number] = found.sum().item()
    return scores


@misconception(
    "rest_of_sentence_masked",
    en="within_word masks the whole rest of the sentence: mask the later pieces of the same word alone",
    fr="avec within_word, vous masquez toute la suite de la phrase : ne masquez que les morceaux suivants du même mot",
)
def rest_of_sentence_masked(model, tokenizer, sentences, within_word=False, batch_size=64):
    scores = []
    for sentence in sentences:
        ids, _, mask_id = read(tokenizer, sentence)
        total = 0.0
        for t in range(1, len(ids) - 1):
            masked = list(ids)
            masked[t] = mask_id
            for i in range(t + 1, len(ids) - 1):
                if within_word:
                    masked[i] = mask_id
            total += logs_of(model, masked)[t, ids[t]].item()
        scores.append(total)
    return np.array(scores)


@again(rest_of_sentence_masked)
def rest_of_sentence_masked_2(model, tokenizer, sentences, within_word=False, batch_size=64):
    scorer = MaskedScorer(model, tokenizer)
    scores = np.zeros(len(sentences))
    for number, sentence in enumerate(sentences):
        text = scorer.encode(sentence)
        rows = [
            scorer.masked(text.ids, text.positions[n:] if within_word else [t])
            for n, t in enumerate(text.positions)
        ]
        logs = scorer.log_probabilities(rows, [[t] for t in text.positions])
        found = logs[torch.arange(len(rows)), [text.ids[t] for t in text.positions]]
        scores[number] = found.sum().item()
    return scores


@misconception(
    "left_to_right",
    en="you mask everything that follows the token, as a model that writes from left to right would: a masked model reads both sides",
    fr="vous masquez tout ce qui suit le jeton, comme pour un modèle qui écrit de gauche à droite : un modèle masqué lit des deux côtés",
)
def left_to_right(model, tokenizer, sentences, within_word=False, batch_size=64):
    scores = []
    for sentence in sentences:
        ids, _, mask_id = read(tokenizer, sentence)
        total = 0.0
        for t in range(1, len(ids) - 1):
            masked = list(ids)
            masked[t:-1] = [mask_id] * (len(ids) - 1 - t)
            total += logs_of(model, masked)[t, ids[t]].item()
        scores.append(total)
    return np.array(scores)


@again(left_to_right)
def left_to_right_2(model, tokenizer, sentences, within_word=False, batch_size=64):
    scorer = MaskedScorer(model, tokenizer)
    scores = np.zeros(len(sentences))
    for number, sentence in enumerate(sentences):
        text = scorer.encode(sentence)
        rows = [scorer.masked(text.ids, range(t, len(text.ids) - 1)) for t in text.positions]
        logs = scorer.log_probabilities(rows, [[t] for t in text.positions])
        found = logs[torch.arange(len(rows)), [text.ids[t] for t in text.positions]]
        scores[number] = found.sum().item()
    return scores


@misconception(
    "pieces_known_by_hash",
    en="you take ## for the sign of every piece: CamemBERT writes none; ask the encoding for the word of each token",
    fr="vous prenez ## pour le signe de tout morceau : CamemBERT n'en écrit pas ; demandez à l'encodage le mot de chaque jeton",
)
def pieces_known_by_hash(model, tokenizer, sentences, within_word=False, batch_size=64):
    name = getattr(tokenizer, "convert_ids_to_tokens", None) or tokenizer.id_to_token
    scores = []
    for sentence in sentences:
        ids, _, mask_id = read(tokenizer, sentence)
        total = 0.0
        for t in range(1, len(ids) - 1):
            masked = list(ids)
            masked[t], i = mask_id, t + 1
            while within_word and name(ids[i]).startswith("##"):
                masked[i], i = mask_id, i + 1
            total += logs_of(model, masked)[t, ids[t]].item()
        scores.append(total)
    return np.array(scores)


@again(pieces_known_by_hash)
def pieces_known_by_hash_2(model, tokenizer, sentences, within_word=False, batch_size=64):
    scorer = MaskedScorer(model, tokenizer)
    scores = np.zeros(len(sentences))
    for number, sentence in enumerate(sentences):
        text = scorer.encode(sentence)
        inside = [scorer.token(token).startswith("##") for token in text.ids]
        rows = []
        for t in text.positions:
            end = next(i for i in range(t + 1, len(inside)) if not inside[i])
            rows.append(scorer.masked(text.ids, range(t, end) if within_word else [t]))
        logs = scorer.log_probabilities(rows, [[t] for t in text.positions])
        found = logs[torch.arange(len(rows)), [text.ids[t] for t in text.positions]]
        scores[number] = found.sum().item()
    return scores


@misconception(
    "last_batch_lost",
    en="the last batch is lost when it is not full: it may hold fewer copies than the others",
    fr="le dernier lot est perdu s'il n'est pas plein : il peut contenir moins de copies que les autres",
)
def last_batch_lost(model, tokenizer, sentences, within_word=False, batch_size=64):
    questions = []
    for number, sentence in enumerate(sentences):
        ids, words, mask_id = read(tokenizer, sentence)
        for t in range(1, len(ids) - 1):
            masked = list(ids)
            for i in range(t, len(ids) - 1):
                if i == t or (within_word and words[i] == words[t]):
                    masked[i] = mask_id
            questions.append((number, masked, t, ids[t]))
    scores = np.zeros(len(sentences))
    for batch in range(len(questions) // batch_size):
        for number, masked, t, token in questions[batch * batch_size : (batch + 1) * batch_size]:
            scores[number] += logs_of(model, masked)[t, token].item()
    return scores


@again(last_batch_lost)
def last_batch_lost_2(model, tokenizer, sentences, within_word=False, batch_size=64):
    scorer = MaskedScorer(model, tokenizer)
    owners, rows, places, tokens = [], [], [], []
    for number, sentence in enumerate(sentences):
        text = scorer.encode(sentence)
        for t in text.positions:
            owners.append(number)
            rows.append(scorer.masked(text.ids, hidden_with(text, t, within_word)))
            places.append([t])
            tokens.append(text.ids[t])
    scores = torch.zeros(len(sentences), dtype=torch.float64)
    for start in range(0, len(rows) - batch_size + 1, batch_size):
        stop = start + batch_size
        logs = scorer.log_probabilities(rows[start:stop], places[start:stop])
        found = logs[torch.arange(batch_size), tokens[start:stop]]
        scores.index_add_(0, torch.tensor(owners[start:stop]), found)
    return scores.numpy()


@misconception(
    "sorted_by_length",
    en="your scores come in the order of the sentences' lengths: put them back in the order in which the sentences were given",
    fr="vos scores viennent dans l'ordre des longueurs : remettez-les dans l'ordre où les phrases ont été données",
)
def sorted_by_length(model, tokenizer, sentences, within_word=False, batch_size=64):
    scores = []
    for sentence in sorted(sentences, key=lambda said: len(read(tokenizer, said)[0])):
        ids, words, mask_id = read(tokenizer, sentence)
        total = 0.0
        for t in range(1, len(ids) - 1):
            masked = list(ids)
            masked[t] = mask_id
            for i in range(t + 1, len(ids) - 1):
                if within_word and words[i] == words[t]:
                    masked[i] = mask_id
            total += logs_of(model, masked)[t, ids[t]].item()
        scores.append(total)
    return np.array(scores)


@again(sorted_by_length)
def sorted_by_length_2(model, tokenizer, sentences, within_word=False, batch_size=64):
    scorer = MaskedScorer(model, tokenizer)
    texts = sorted(map(scorer.encode, sentences), key=lambda text: len(text.ids))
    scores = np.zeros(len(sentences))
    for number, text in enumerate(texts):
        rows = [scorer.masked(text.ids, hidden_with(text, t, within_word)) for t in text.positions]
        logs = scorer.log_probabilities(rows, [[t] for t in text.positions])
        found = logs[torch.arange(len(rows)), [text.ids[t] for t in text.positions]]
        scores[number] = found.sum().item()
    return scores


@misconception(
    "total_returned",
    en="you add the sentences up into one number: one score a sentence is asked for",
    fr="vous additionnez les phrases en un seul nombre : on demande un score par phrase",
)
def total_returned(model, tokenizer, sentences, within_word=False, batch_size=64):
    total = 0.0
    for sentence in sentences:
        ids, words, mask_id = read(tokenizer, sentence)
        for t in range(1, len(ids) - 1):
            masked = list(ids)
            masked[t] = mask_id
            for i in range(t + 1, len(ids) - 1):
                if within_word and words[i] == words[t]:
                    masked[i] = mask_id
            total += logs_of(model, masked)[t, ids[t]].item()
    return total


@again(total_returned)
def total_returned_2(model, tokenizer, sentences, within_word=False, batch_size=64):
    scorer = MaskedScorer(model, tokenizer)
    scores = np.zeros(len(sentences))
    for number, sentence in enumerate(sentences):
        text = scorer.encode(sentence)
        rows = [scorer.masked(text.ids, hidden_with(text, t, within_word)) for t in text.positions]
        logs = scorer.log_probabilities(rows, [[t] for t in text.positions])
        found = logs[torch.arange(len(rows)), [text.ids[t] for t in text.positions]]
        scores[number] = found.sum().item()
    return scores.sum()


@misconception(
    "repeats_added_up",
    en="you keep the scores under the sentences' texts, so that one that comes twice is added up: keep them by number",
    fr="vous rangez les scores sous le texte des phrases, si bien qu'une phrase qui figure deux fois est additionnée : rangez-les par numéro",
)
def repeats_added_up(model, tokenizer, sentences, within_word=False, batch_size=64):
    scores = dict.fromkeys(sentences, 0.0)
    for sentence in sentences:
        ids, words, mask_id = read(tokenizer, sentence)
        for t in range(1, len(ids) - 1):
            masked = list(ids)
            masked[t] = mask_id
            for i in range(t + 1, len(ids) - 1):
                if within_word and words[i] == words[t]:
                    masked[i] = mask_id
            scores[sentence] += logs_of(model, masked)[t, ids[t]].item()
    return np.array([scores[sentence] for sentence in sentences])


@again(repeats_added_up)
def repeats_added_up_2(model, tokenizer, sentences, within_word=False, batch_size=64):
    scorer = MaskedScorer(model, tokenizer)
    scores = np.zeros(len(sentences))
    for sentence in sentences:
        text = scorer.encode(sentence)
        rows = [scorer.masked(text.ids, hidden_with(text, t, within_word)) for t in text.positions]
        logs = scorer.log_probabilities(rows, [[t] for t in text.positions])
        found = logs[torch.arange(len(rows)), [text.ids[t] for t in text.positions]]
        scores[[i for i, other in enumerate(sentences) if other == sentence]] += found.sum().item()
    return scores


@misconception(
    "no_specials_around",
    en="you encode without the special tokens around: the model reads [CLS] text [SEP]",
    fr="vous encodez sans les jetons spéciaux autour : le modèle lit [CLS] texte [SEP]",
)
def no_specials_around(model, tokenizer, sentences, within_word=False, batch_size=64):
    scores = []
    for sentence in sentences:
        ids, words, mask_id = read(tokenizer, sentence)
        total = 0.0
        for t in range(1, len(ids) - 1):
            masked = list(ids)
            masked[t] = mask_id
            for i in range(t + 1, len(ids) - 1):
                if within_word and words[i] == words[t]:
                    masked[i] = mask_id
            total += logs_of(model, masked[1:-1])[t - 1, ids[t]].item()
        scores.append(total)
    return np.array(scores)


@again(no_specials_around)
def no_specials_around_2(model, tokenizer, sentences, within_word=False, batch_size=64):
    scorer = MaskedScorer(model, tokenizer)
    scores = np.zeros(len(sentences))
    for number, sentence in enumerate(sentences):
        text = scorer.encode(sentence)
        rows = [scorer.masked(text.ids, hidden_with(text, t, within_word)) for t in text.positions]
        logs = scorer.log_probabilities([row[1:-1] for row in rows], [[n] for n in range(len(rows))])
        found = logs[torch.arange(len(rows)), [text.ids[t] for t in text.positions]]
        scores[number] = found.sum().item()
    return scores


@misconception(
    "list_returned",
    en="you return a list: a numpy array of float64 is asked for",
    fr="vous renvoyez une liste : on demande un tableau numpy de float64",
)
def list_returned(model, tokenizer, sentences, within_word=False, batch_size=64):
    if isinstance(sentences, str) or len(sentences) == 0:
        raise ValueError("expected a list of sentences")
    scores = []
    for sentence in sentences:
        ids, words, mask_id = read(tokenizer, sentence)
        if len(ids) == 2:
            raise ValueError("a sentence is empty")
        if mask_id in ids:
            raise ValueError("a sentence holds a mask")
        total = 0.0
        for t in range(1, len(ids) - 1):
            masked = list(ids)
            masked[t] = mask_id
            for i in range(t + 1, len(ids) - 1):
                if within_word and words[i] == words[t]:
                    masked[i] = mask_id
            total += logs_of(model, masked)[t, ids[t]].item()
        scores.append(total)
    return scores


@again(list_returned)
def list_returned_2(model, tokenizer, sentences, within_word=False, batch_size=64):
    check_sentences(sentences, batch_size)
    scorer = MaskedScorer(model, tokenizer)
    scores = np.zeros(len(sentences))
    for number, sentence in enumerate(sentences):
        text = scorer.encode(sentence, masks_allowed=False)
        rows = [scorer.masked(text.ids, hidden_with(text, t, within_word)) for t in text.positions]
        logs = scorer.log_probabilities(rows, [[t] for t in text.positions])
        found = logs[torch.arange(len(rows)), [text.ids[t] for t in text.positions]]
        scores[number] = found.sum().item()
    return [float(score) for score in scores]


@misconception(
    "float32_returned",
    en="your array is of float32: float64 is asked for, in which long sums keep their digits",
    fr="votre tableau est en float32 : on demande float64, où les longues sommes gardent leurs chiffres",
)
def float32_returned(model, tokenizer, sentences, within_word=False, batch_size=64):
    if isinstance(sentences, str) or len(sentences) == 0:
        raise ValueError("expected a list of sentences")
    scores = []
    for sentence in sentences:
        ids, words, mask_id = read(tokenizer, sentence)
        if len(ids) == 2:
            raise ValueError("a sentence is empty")
        if mask_id in ids:
            raise ValueError("a sentence holds a mask")
        total = 0.0
        for t in range(1, len(ids) - 1):
            masked = list(ids)
            masked[t] = mask_id
            for i in range(t + 1, len(ids) - 1):
                if within_word and words[i] == words[t]:
                    masked[i] = mask_id
            total += logs_of(model, masked)[t, ids[t]].item()
        scores.append(total)
    return torch.tensor(scores, dtype=torch.float32)


@again(float32_returned)
def float32_returned_2(model, tokenizer, sentences, within_word=False, batch_size=64):
    check_sentences(sentences, batch_size)
    scorer = MaskedScorer(model, tokenizer)
    scores = np.zeros(len(sentences), dtype=np.float32)
    for number, sentence in enumerate(sentences):
        text = scorer.encode(sentence, masks_allowed=False)
        rows = [scorer.masked(text.ids, hidden_with(text, t, within_word)) for t in text.positions]
        logs = scorer.log_probabilities(rows, [[t] for t in text.positions])
        found = logs[torch.arange(len(rows)), [text.ids[t] for t in text.positions]]
        scores[number] = found.sum().item()
    return scores


@misconception(
    "list_not_checked",
    en="a string instead of a list, or an empty list, is not refused: raise an InputError that says so (check_sentences does)",
    fr="une chaîne au lieu d'une liste, ou une liste vide, n'est pas refusée : levez une InputError qui le dit (check_sentences le fait)",
)
def list_not_checked(model, tokenizer, sentences, within_word=False, batch_size=64):
    scores = []
    for sentence in sentences:
        ids, words, mask_id = read(tokenizer, sentence)
        if len(ids) == 2:
            raise ValueError("a sentence is empty")
        if mask_id in ids:
            raise ValueError("a sentence holds a mask")
        total = 0.0
        for t in range(1, len(ids) - 1):
            masked = list(ids)
            masked[t] = mask_id
            for i in range(t + 1, len(ids) - 1):
                if within_word and words[i] == words[t]:
                    masked[i] = mask_id
            total += logs_of(model, masked)[t, ids[t]].item()
        scores.append(total)
    return np.array(scores)


@again(list_not_checked)
def list_not_checked_2(model, tokenizer, sentences, within_word=False, batch_size=64):
    scorer = MaskedScorer(model, tokenizer)
    scores = np.zeros(len(sentences))
    for number, sentence in enumerate(sentences):
        text = scorer.encode(sentence, masks_allowed=False)
        rows = [scorer.masked(text.ids, hidden_with(text, t, within_word)) for t in text.positions]
        logs = scorer.log_probabilities(rows, [[t] for t in text.positions])
        found = logs[torch.arange(len(rows)), [text.ids[t] for t in text.positions]]
        scores[number] = found.sum().item()
    return scores


@misconception(
    "empty_scored_zero",
    en="an empty sentence gets the score 0, as if it were certain: raise an InputError that says that it is empty",
    fr="une phrase vide reçoit le score 0, comme si elle était certaine : levez une InputError qui dit qu'elle est vide",
)
def empty_scored_zero(model, tokenizer, sentences, within_word=False, batch_size=64):
    if isinstance(sentences, str) or len(sentences) == 0:
        raise ValueError("expected a list of sentences")
    scores = []
    for sentence in sentences:
        ids, words, mask_id = read(tokenizer, sentence)
        if mask_id in ids:
            raise ValueError("a sentence holds a mask")
        total = 0.0
        for t in range(1, len(ids) - 1):
            masked = list(ids)
            masked[t] = mask_id
            for i in range(t + 1, len(ids) - 1):
                if within_word and words[i] == words[t]:
                    masked[i] = mask_id
            total += logs_of(model, masked)[t, ids[t]].item()
        scores.append(total)
    return np.array(scores)


@again(empty_scored_zero)
def empty_scored_zero_2(model, tokenizer, sentences, within_word=False, batch_size=64):
    check_sentences(sentences, batch_size)
    scorer = MaskedScorer(model, tokenizer)
    scores = np.zeros(len(sentences))
    for number, sentence in enumerate(sentences):
        if not sentence.strip():
            continue
        text = scorer.encode(sentence, masks_allowed=False)
        rows = [scorer.masked(text.ids, hidden_with(text, t, within_word)) for t in text.positions]
        logs = scorer.log_probabilities(rows, [[t] for t in text.positions])
        found = logs[torch.arange(len(rows)), [text.ids[t] for t in text.positions]]
        scores[number] = found.sum().item()
    return scores


@misconception(
    "mask_in_text_scored",
    en="a mask that stands in a sentence is scored as if it were a word: raise an InputError that says so",
    fr="un masque qui figure dans une phrase est évalué comme s'il était un mot : levez une InputError qui le dit",
)
def mask_in_text_scored(model, tokenizer, sentences, within_word=False, batch_size=64):
    if isinstance(sentences, str) or len(sentences) == 0:
        raise ValueError("expected a list of sentences")
    scores = []
    for sentence in sentences:
        ids, words, mask_id = read(tokenizer, sentence)
        if len(ids) == 2:
            raise ValueError("a sentence is empty")
        total = 0.0
        for t in range(1, len(ids) - 1):
            masked = list(ids)
            masked[t] = mask_id
            for i in range(t + 1, len(ids) - 1):
                if within_word and words[i] == words[t]:
                    masked[i] = mask_id
            total += logs_of(model, masked)[t, ids[t]].item()
        scores.append(total)
    return np.array(scores)


@again(mask_in_text_scored)
def mask_in_text_scored_2(model, tokenizer, sentences, within_word=False, batch_size=64):
    check_sentences(sentences, batch_size)
    scorer = MaskedScorer(model, tokenizer)
    scores = np.zeros(len(sentences))
    for number, sentence in enumerate(sentences):
        text = scorer.encode(sentence)
        rows = [scorer.masked(text.ids, hidden_with(text, t, within_word)) for t in text.positions]
        logs = scorer.log_probabilities(rows, [[t] for t in text.positions])
        found = logs[torch.arange(len(rows)), [text.ids[t] for t in text.positions]]
        scores[number] = found.sum().item()
    return scores


@misconception(
    "training_mode_left_on",
    en="the model may be in training mode: without model.eval() its dropout changes the scores",
    fr="le modèle peut être en mode entraînement : sans model.eval(), son abandon (dropout) fausse les scores",
)
def training_mode_left_on(model, tokenizer, sentences, within_word=False, batch_size=64):
    scores = []
    for sentence in sentences:
        ids, words, mask_id = read(tokenizer, sentence)
        total = 0.0
        for t in range(1, len(ids) - 1):
            masked = list(ids)
            masked[t] = mask_id
            for i in range(t + 1, len(ids) - 1):
                if within_word and words[i] == words[t]:
                    masked[i] = mask_id
            output = model(torch.tensor([masked]))
            logs = getattr(output, "logits", output).detach().log_softmax(-1)
            total += logs[0, t, ids[t]].item()
        scores.append(total)
    return np.array(scores)


@again(training_mode_left_on)
def training_mode_left_on_2(model, tokenizer, sentences, within_word=False, batch_size=64):
    scorer = MaskedScorer(model, tokenizer)
    scores = np.zeros(len(sentences))
    for number, sentence in enumerate(sentences):
        text = scorer.encode(sentence)
        rows = [scorer.masked(text.ids, hidden_with(text, t, within_word)) for t in text.positions]
        with torch.no_grad():
            output = model(torch.tensor(rows))
        logs = torch.log(torch.softmax(output.logits if hasattr(output, "logits") else output, dim=-1))
        found = logs[torch.arange(len(rows)), list(text.positions), [text.ids[t] for t in text.positions]]
        scores[number] = found.sum().item()
    return scores


@misconception(
    "transformers_only",
    en="your function only works with models of transformers: use MaskedScorer, or handle both kinds",
    fr="votre code ne fonctionne qu'avec les modèles de transformers : utilisez MaskedScorer, ou traitez les deux sortes",
)
def transformers_only(model, tokenizer, sentences, within_word=False, batch_size=64):
    model.eval()
    scores = []
    for sentence in sentences:
        encoded = tokenizer(sentence, return_tensors="pt")
        ids, words = encoded["input_ids"][0], encoded.word_ids()
        total = 0.0
        for t in range(1, len(ids) - 1):
            masked = ids.clone()
            for i in range(t, len(ids) - 1):
                if i == t or (within_word and words[i] == words[t]):
                    masked[i] = tokenizer.mask_token_id
            with torch.no_grad():
                total += model(input_ids=masked[None]).logits[0, t].log_softmax(-1)[ids[t]].item()
        scores.append(total)
    return np.array(scores)


@again(transformers_only)
def transformers_only_2(model, tokenizer, sentences, within_word=False, batch_size=64):
    model.eval()
    scores = np.zeros(len(sentences))
    for number, sentence in enumerate(sentences):
        text = MaskedScorer(model, tokenizer).encode(sentence)
        rows = torch.tensor(text.ids).repeat(len(text.positions), 1)
        for n, t in enumerate(text.positions):
            rows[n, hidden_with(text, t, within_word)] = tokenizer.mask_token_id
        with torch.no_grad():
            logits = model(rows, attention_mask=torch.ones_like(rows)).logits
        logs = logits.log_softmax(-1)
        scores[number] = sum(logs[n, t, text.ids[t]].item() for n, t in enumerate(text.positions))
    return scores


@misconception(
    "attentif_only",
    en="your function only works with models of attentif: use MaskedScorer, or handle both kinds",
    fr="votre code ne fonctionne qu'avec les modèles d'attentif : utilisez MaskedScorer, ou traitez les deux sortes",
)
def attentif_only(model, tokenizer, sentences, within_word=False, batch_size=64):
    model.eval()
    scores = []
    for sentence in sentences:
        content = tokenizer.encode(sentence)
        ids = [tokenizer.cls_id, *content, tokenizer.sep_id]
        total = 0.0
        for t in range(1, len(ids) - 1):
            masked = list(ids)
            masked[t], i = tokenizer.mask_id, t + 1
            while within_word and tokenizer.id_to_token(ids[i]).startswith("##"):
                masked[i], i = tokenizer.mask_id, i + 1
            with torch.no_grad():
                total += model(torch.tensor([masked]))[0, t].log_softmax(-1)[ids[t]].item()
        scores.append(total)
    return np.array(scores)


@again(attentif_only)
def attentif_only_2(model, tokenizer, sentences, within_word=False, batch_size=64):
    model.eval()
    scores = np.zeros(len(sentences))
    for number, sentence in enumerate(sentences):
        text = MaskedScorer(model, tokenizer).encode(sentence)
        rows = torch.tensor(text.ids).repeat(len(text.positions), 1)
        for n, t in enumerate(text.positions):
            rows[n, hidden_with(text, t, within_word)] = tokenizer.mask_id
        with torch.no_grad():
            logs = model(rows).log_softmax(-1)
        scores[number] = sum(logs[n, t, text.ids[t]].item() for n, t in enumerate(text.positions))
    return scores
