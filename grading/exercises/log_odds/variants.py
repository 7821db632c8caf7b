"""Right implementations, written differently: none may lose a mark."""

from __future__ import annotations

import math

import torch

from attentif.bias.candidates import single_token
from attentif.bias.scorer import MaskedScorer, Question
from attentif_grading.exercises import variant


@variant
def share_of_the_two(model, tokenizer, template, first, second):
    scorer = MaskedScorer(model, tokenizer)
    (ids, here), (others, _) = (single_token(scorer, template, word) for word in (first, second))
    row = scorer.log_probabilities([scorer.masked(ids, [here])], [[here]])[0].exp()
    p, q = row[ids[here]].item(), row[others[here]].item()
    share = p / (p + q)
    return math.log(share) - math.log(1 - share)


@variant
def two_questions(model, tokenizer, template, first, second):
    scorer = MaskedScorer(model, tokenizer)
    questions = []
    for word in (second, first):
        ids, place = single_token(scorer, template, word)
        questions.append(Question(scorer.masked(ids, [place]), [place], [ids[place]]))
    low, high = scorer.token_log_probabilities(questions, batch_size=1)
    return float(high - low)


@variant
def difference_of_logits(model, tokenizer, template, first, second):
    # One softmax for both words: its denominator goes away.
    hub = hasattr(tokenizer, "mask_token_id")
    if template.count("[MASK]") != 1:
        raise ValueError(f"il faut un [MASK], et un seul : {template}")
    mask_id = tokenizer.mask_token_id if hub else tokenizer.mask_id
    if hub:
        ids = tokenizer(template.replace("[MASK]", tokenizer.mask_token))["input_ids"]
    else:
        ids = [tokenizer.cls_id, *tokenizer.encode(template), tokenizer.sep_id]
    tokens = []
    for word in (first, second):
        pieces = tokenizer(word, add_special_tokens=False)["input_ids"] if hub else tokenizer.encode(word)
        if len(pieces) > 1:
            raise ValueError(f"{word} : {len(pieces)} jetons")
        if pieces[0] == (tokenizer.unk_token_id if hub else tokenizer.unk_id):
            raise ValueError(f"mot inconnu : {word}")
        tokens += pieces
    was_training = model.training
    model.eval()
    with torch.inference_mode():
        output = model(torch.tensor([ids]))
    model.train(was_training)
    logits = (output.logits if hub else output)[0, ids.index(mask_id)].float()
    return (logits[tokens[0]] - logits[tokens[1]]).item()
