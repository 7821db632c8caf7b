"""Right implementations, written differently: none may lose a mark."""

from __future__ import annotations

import torch

from attentif_grading.exercises import variant


@variant
def both_kinds_by_hand(model, tokenizer, text, k=5):
    if hasattr(tokenizer, "mask_token_id"):
        mask_id = tokenizer.mask_token_id
        inputs = tokenizer(text.replace("[MASK]", tokenizer.mask_token), return_tensors="pt")
        ids = inputs["input_ids"]
    else:
        mask_id = tokenizer.mask_id
        ids = torch.tensor([[tokenizer.cls_id, *tokenizer.encode(text), tokenizer.sep_id]])
        inputs = None
    places = (ids[0] == mask_id).nonzero()[:, 0]
    if len(places) == 0:
        raise ValueError("le texte ne contient aucun masque")
    if k < 1 or k > model.config.vocab_size:
        raise ValueError(f"k vaut {k}, hors des limites")
    was_training = model.training
    model.eval()
    with torch.no_grad():
        logits = model(ids) if inputs is None else model(**inputs).logits
    model.train(was_training)
    probabilities = torch.softmax(logits[0, places].float(), dim=-1)
    answers = []
    for row in probabilities:
        best = torch.topk(row, k)
        pairs = zip(best.values, best.indices, strict=True)
        if inputs is None:
            answers.append([(tokenizer.id_to_token(int(i)), p.item()) for p, i in pairs])
        else:
            answers.append([(tokenizer.decode([int(i)]), p.item()) for p, i in pairs])
    return answers


@variant
def scorer_mask_by_mask(model, tokenizer, text, k=5):
    from attentif.bias import MaskedScorer

    scorer = MaskedScorer(model, tokenizer)
    ids = list(scorer.encode(text).ids)
    if scorer.mask_id not in ids:
        raise ValueError(
            f"expected a text with {scorer.mask_token}, got {text!r}; write it where a word is missing"
        )
    if k not in range(1, scorer.model.config.vocab_size + 1):
        raise ValueError(f"expected k from 1 to the size of the vocabulary, got {k!r}; take fewer tokens")
    answers = []
    for position in (i for i, token in enumerate(ids) if token == scorer.mask_id):
        row = scorer.log_probabilities([ids], [[position]])[0].exp().tolist()
        ranked = sorted(enumerate(row), key=lambda pair: pair[1], reverse=True)
        answers.append([(scorer.token(token), probability) for token, probability in ranked[:k]])
    return answers


@variant
def argsort_and_numpy(model, tokenizer, text, k=5):
    from attentif.bias.encoding import TextEncoder
    from attentif.errors import InputError

    encoder = TextEncoder(tokenizer)
    ids = torch.tensor([encoder.encode(text).ids])
    if encoder.mask_id not in ids:
        raise InputError(expected="a [MASK] in the text", got=text, remedy="write one")
    model.eval()
    with torch.inference_mode():
        answer = model(ids)
    logits = (answer.logits if hasattr(answer, "logits") else answer)[0].double().numpy()
    rows = logits[(ids[0] == encoder.mask_id).numpy()]
    odds = 2.718281828459045 ** (rows - rows.max(axis=-1, keepdims=True))
    shares = odds / odds.sum(axis=-1, keepdims=True)
    if not 0 < k <= shares.shape[-1]:
        raise InputError(expected="k between 1 and V", got=str(k), remedy="choose another k")
    order = (-shares).argsort(axis=-1)[:, :k]
    return [
        [[encoder.token(int(i)), float(row[i])] for i in best]
        for row, best in zip(shares, order, strict=True)
    ]
