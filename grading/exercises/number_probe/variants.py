"""Right implementations, written differently: none may lose a mark."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import torch
from scipy.stats import beta, binomtest

from attentif.bias.scorer import MaskedScorer
from attentif.limits.cloze import ask, ask_items, distributions
from attentif.limits.numbers import NumberResult, check_numbers
from attentif.limits.proportion import Proportion, exact_proportion
from attentif_grading.exercises import variant


@variant
def kind_by_kind(model, tokenizer, items, integers=range(100)):
    integers = check_numbers(items, integers)
    scorer = MaskedScorer(model, tokenizer)
    kept, unknown = ask_items(scorer, items)
    table = distributions(scorer, {asked[0].context for _, asked in kept})
    accuracy = {}
    for kind in dict.fromkeys(item.kind for item, _ in kept):
        of_kind = [asked for item, asked in kept if item.kind == kind]
        p = np.array([[table[q.context][q.token_id].exp().item() for q in asked] for asked in of_kind])
        hits = (p[:, :1] > p[:, 1:]).all(axis=1)
        accuracy[kind] = exact_proportion(hits, chance=1 / p.shape[1])
    hub = hasattr(tokenizer, "unk_token_id")
    unk = tokenizer.unk_token_id if hub else tokenizer.unk_id
    cut = {
        n: tokenizer.encode(str(n), add_special_tokens=False) if hub else tokenizer.encode(str(n))
        for n in integers
    }
    return NumberResult(
        accuracy=accuracy,
        pieces={n: len(ids) for n, ids in cut.items() if unk not in ids},
        unknown_integers=[n for n, ids in cut.items() if unk in ids],
        n_used=len(kept),
        unknown=unknown,
    )


@variant
def item_by_item(model, tokenizer, items, integers=range(100)):
    integers = check_numbers(items, integers)
    scorer = MaskedScorer(model, tokenizer)
    right, asked, words, unknown = Counter(), Counter(), {}, []
    for item in items:
        questions = [ask(scorer, item.text, word) for word in [item.answer, *item.wrong]]
        if None in questions:
            unknown.append(item.name)
            continue
        row = scorer.log_probabilities([questions[0].ids], [[questions[0].position]])[0]
        values = row[torch.tensor([question.token_id for question in questions])]
        asked[item.kind] += 1
        right[item.kind] += int((values[1:] >= values[0]).sum() == 0)
        words[item.kind] = len(questions)
    if not asked:
        raise ValueError("none of the items can be asked")
    accuracy = {}
    for kind, n in asked.items():
        k, chance = right[kind], 1 / words[kind]
        low = beta.ppf(0.025, k, n - k + 1) if k > 0 else 0.0
        high = beta.isf(0.025, k + 1, n - k) if k < n else 1.0
        p_value = math.fsum([binomtest(k, n, chance).pvalue])
        accuracy[kind] = Proportion(k, n, k / n, float(low), float(high), chance, p_value)
    pieces, missing = {}, []
    for integer in integers:
        inside = scorer.encode(str(integer)).ids[1:-1]
        if scorer.unk_id in inside:
            missing.append(integer)
        else:
            pieces[integer] = len(inside)
    return NumberResult(accuracy, pieces, tuple(missing), sum(asked.values()), tuple(unknown))
