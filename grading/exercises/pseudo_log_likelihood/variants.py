"""Right implementations, written differently: none may lose a mark."""

from __future__ import annotations

import numpy as np
import torch

from attentif.bias.likelihood import check_sentences
from attentif.bias.scorer import MaskedScorer
from attentif_grading.exercises import variant


@variant
def one_row_at_a_time(model, tokenizer, sentences, within_word=False, batch_size=64):
    if isinstance(sentences, str):
        raise ValueError("sentences: une liste, pas une chaîne")
    scorer = MaskedScorer(model, tokenizer)
    scores = []
    for sentence in sentences:
        text = scorer.encode(sentence, masks_allowed=False)
        score = 0.0
        for here in text.positions:
            ids = list(text.ids)
            for there in text.positions:
                later = there > here and within_word and text.word_ids[there] == text.word_ids[here]
                if there == here or later:
                    ids[there] = scorer.mask_id
            score += float(scorer.log_probabilities([ids], [[here]])[0, text.ids[here]])
        scores.append(score)
    if not scores:
        raise ValueError("la liste de phrases est vide")
    return np.array(scores, dtype=np.float64)


@variant
def sentence_by_sentence_on_the_diagonal(model, tokenizer, sentences, within_word=False, batch_size=64):
    check_sentences(sentences, batch_size)
    scorer = MaskedScorer(model, tokenizer)
    was_training = model.training
    model.eval()
    scores = torch.zeros(len(sentences), dtype=torch.float64)
    for number, sentence in enumerate(sentences):
        text = scorer.encode(sentence, masks_allowed=False)
        ids, places = torch.tensor(text.ids), torch.tensor(text.positions)
        words = torch.tensor(text.word_ids[1:-1]) if within_word else torch.arange(len(places))
        same_word = words[:, None] == words[None, :]  # (T, T)
        hide = torch.zeros(len(places), len(ids), dtype=torch.bool)
        hide[:, places] = same_word.triu()
        copies = ids.expand(len(places), -1).masked_fill(hide, scorer.mask_id)
        with torch.inference_mode():
            answers = [model(part) for part in copies.split(batch_size)]
        logits = torch.cat([getattr(answer, "logits", answer) for answer in answers])  # (T, T + 2, V)
        diagonal = logits[torch.arange(len(places)), places].float()
        scores[number] = -torch.nn.functional.cross_entropy(diagonal, ids[places], reduction="sum").double()
    model.train(was_training)
    return scores.numpy()


@variant
def padded_batches_by_hand(model, tokenizer, sentences, within_word=False, batch_size=64):
    hub = hasattr(tokenizer, "mask_token_id")
    if not isinstance(sentences, (list, tuple)) or not sentences:
        raise ValueError("expected a list of sentences")
    mask_id, pad_id = (
        (tokenizer.mask_token_id, tokenizer.pad_token_id) if hub else (tokenizer.mask_id, tokenizer.pad_id)
    )
    copies = []  # (sentence, masked ids, position, true id)
    for number, sentence in enumerate(sentences):
        if hub:
            encoded = tokenizer(sentence)
            ids, words = encoded["input_ids"], encoded.word_ids()
        else:
            content = tokenizer.encode(sentence)
            ids, words = [tokenizer.cls_id, *content, tokenizer.sep_id], [None]
            for token in content:
                inside = tokenizer.id_to_token(token).startswith("##")
                words.append((words[-1] if inside else len(words)) if len(words) > 1 else 0)
        if len(ids) < 3:
            raise ValueError(f"sentence {number} is empty")
        if mask_id in ids:
            raise ValueError(f"sentence {number} contains a mask")
        for t in range(1, len(ids) - 1):
            masked, end = list(ids), t + 1
            while within_word and end < len(ids) - 1 and words[end] == words[t]:
                end += 1
            masked[t:end] = [mask_id] * (end - t)
            copies.append((number, masked, t, ids[t]))
    model.eval()
    scores = np.zeros(len(sentences))
    while copies:
        batch, copies = copies[:batch_size], copies[batch_size:]
        longest = max(len(masked) for _, masked, _, _ in batch)
        ids = torch.tensor([masked + [pad_id] * (longest - len(masked)) for _, masked, _, _ in batch])
        seen = torch.tensor([[int(i < len(masked)) for i in range(longest)] for _, masked, _, _ in batch])
        with torch.no_grad():
            logits = model(input_ids=ids, attention_mask=seen)["logits"] if hub else model(ids)
        for row, (number, _, t, token) in zip(logits, batch, strict=True):
            scores[number] += float(row[t, token] - torch.logsumexp(row[t], dim=0))
    return scores
