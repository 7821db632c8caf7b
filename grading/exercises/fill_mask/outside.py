"""Wrong answers to fill_mask outside its catalogue: caught they must be, named only if it is true."""

from __future__ import annotations


def _answers(model, tokenizer, text, k, *, temperature=1.0, shift=0):
    from attentif.bias import MaskedScorer

    scorer = MaskedScorer(model, tokenizer)
    ids = list(scorer.encode(text).ids)
    places = [i + shift for i, token in enumerate(ids) if token == scorer.mask_id]
    if not places:
        raise ValueError("the mask is missing")
    rows = (scorer.log_probabilities([ids], [places]) / temperature).softmax(-1)
    return [
        [(scorer.token(i), float(row[i])) for i in row.argsort(descending=True)[:k].tolist()] for row in rows
    ]


def fill_with_temperature(model, tokenizer, text, k=5):
    return _answers(model, tokenizer, text, k, temperature=0.5)


def fill_one_after(model, tokenizer, text, k=5):
    return _answers(model, tokenizer, text, k, shift=1)


def fill_masks_in_reverse(model, tokenizer, text, k=5):
    return _answers(model, tokenizer, text, k)[::-1]


def fill_one_too_few(model, tokenizer, text, k=5):
    return [best[:-1] for best in _answers(model, tokenizer, text, k)]


def fill_uniform(model, tokenizer, text, k=5):
    return [
        [(token, 1 / tokenizer.vocab_size) for token, _ in best]
        for best in _answers(model, tokenizer, text, k)
    ]


def fill_as_dict(model, tokenizer, text, k=5):
    return [dict(best) for best in _answers(model, tokenizer, text, k)]


def fill_k_cut_to_the_vocabulary(model, tokenizer, text, k=5):
    return _answers(model, tokenizer, text, max(1, min(k, model.config.vocab_size)))


def fill_error(model, tokenizer, text, k=5):
    return model.predict(text)


def fill_percent_of_ids(model, tokenizer, text, k=5):
    return [
        [(rank, 100 * p) for rank, (_, p) in enumerate(best)] for best in _answers(model, tokenizer, text, k)
    ]


OUTSIDE = {
    fill_with_temperature: (),
    fill_one_after: (),
    fill_masks_in_reverse: ("k_not_checked",),
    fill_one_too_few: (),
    fill_uniform: (),
    fill_as_dict: (),
    fill_k_cut_to_the_vocabulary: ("k_not_checked",),
    fill_error: (),
    fill_percent_of_ids: ("percentages", "ids_returned"),
}
