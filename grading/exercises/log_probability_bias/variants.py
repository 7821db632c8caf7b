"""Right implementations, written differently: none may lose a mark."""

from __future__ import annotations

import math

import torch

from attentif.bias.association import AssociationScore, fill_template
from attentif.bias.scorer import MaskedScorer
from attentif_grading.exercises import variant


@variant
def all_four_at_once(model, tokenizer, template, first, second, attribute):
    scorer = MaskedScorer(model, tokenizer)
    sentences = [fill_template(scorer, template, word, attribute) for word in (first, second)]
    rows, places = [], []
    for hide_attribute in (False, True):
        for sentence in sentences:
            hidden = {sentence.target, *(sentence.attribute if hide_attribute else ())}
            rows.append([scorer.mask_id if i in hidden else token for i, token in enumerate(sentence.ids)])
            places.append([sentence.target])
    answers = scorer.log_probabilities(rows, places)  # (4, V)
    tokens = torch.tensor([sentence.ids[sentence.target] for sentence in sentences] * 2)
    a, b, c, d = answers[torch.arange(4), tokens].tolist()
    return AssociationScore(raw=a - b, prior=c - d, corrected=(a - c) - (b - d))


@variant
def difference_of_logits(model, tokenizer, template, first, second, attribute):
    # Both words are read from one softmax: its denominator goes away in the difference.
    scorer = MaskedScorer(model, tokenizer)
    one, two = (fill_template(scorer, template, word, attribute) for word in (first, second))
    ids = torch.tensor([one.ids, one.ids])
    ids[:, one.target] = scorer.mask_id
    ids[1, list(one.attribute)] = scorer.mask_id
    was_training = model.training
    model.eval()
    with torch.inference_mode():
        output = model(ids)
    model.train(was_training)
    logits = getattr(output, "logits", output)[:, one.target].float()
    raw, prior = (logits[:, one.ids[one.target]] - logits[:, two.ids[two.target]]).tolist()
    return AssociationScore(raw, prior, raw - prior)


@variant
def share_of_the_two_as_log_odds(model, tokenizer, template, first, second, attribute):
    scorer = MaskedScorer(model, tokenizer)
    spots = [fill_template(scorer, template, word, attribute) for word in (first, second)]
    pair = [spot.ids[spot.target] for spot in spots]
    found = []
    for hidden in ((), spots[0].attribute):
        ids = scorer.masked(spots[0].ids, [*hidden, spots[0].target])
        row = scorer.log_probabilities([ids], [[spots[0].target]])[0].exp()
        share = (row[pair[0]] / row[pair].sum()).item()
        found.append(math.log(share / (1 - share)))
    return AssociationScore(found[0], found[1], found[0] - found[1])


@variant
def masks_written_in_the_text(model, tokenizer, template, first, second, attribute):
    hub = hasattr(tokenizer, "mask_token_id")
    mask = tokenizer.mask_token if hub else "[MASK]"
    mask_id, unk_id = (
        (tokenizer.mask_token_id, tokenizer.unk_token_id) if hub else (tokenizer.mask_id, tokenizer.unk_id)
    )

    def tokens(said):
        return tokenizer(said, add_special_tokens=False)["input_ids"] if hub else tokenizer.encode(said)

    if [template.count(slot) for slot in ("[TARGET]", "[ATTRIBUTE]")] != [1, 1]:
        raise ValueError("le gabarit doit contenir [TARGET] et [ATTRIBUTE], une fois chacun")
    words = {word: tokens(word) for word in (first, second, attribute)}
    for word, pieces in words.items():
        if unk_id in pieces:
            raise ValueError(f"le tokenizer ne connaît pas {word!r}")
    for word in (first, second):
        if len(words[word]) > 1:
            raise ValueError(f"{word!r} est coupé en {len(words[word])} jetons")
    n_masks = len(words[attribute])
    number = 0 if template.index("[TARGET]") < template.index("[ATTRIBUTE]") else n_masks
    model.eval()
    differences = []
    for written, which in ((attribute, 0), (" ".join([mask] * n_masks), number)):
        content = tokens(template.replace("[TARGET]", mask).replace("[ATTRIBUTE]", written))
        ids = [tokenizer.cls_token_id, *content, tokenizer.sep_token_id] if hub else None
        ids = torch.tensor([ids or [tokenizer.cls_id, *content, tokenizer.sep_id]])
        with torch.no_grad():
            logits = model(ids).logits if hub else model(ids)
        place = torch.nonzero(ids[0] == mask_id)[which, 0]
        shares = torch.softmax(logits[0, place], dim=-1)
        differences.append(torch.log(shares[words[first][0]]) - torch.log(shares[words[second][0]]))
    raw, prior = (float(difference) for difference in differences)
    return AssociationScore(raw=raw, prior=prior, corrected=raw - prior)
