"""Right implementations, written differently: none may lose a mark."""

from __future__ import annotations

import math

import numpy as np
import torch

from attentif.bias.scorer import MaskedScorer
from attentif.bias.statistics import cluster_bootstrap
from attentif.limits.cloze import ask, ask_items, check_settings, distributions
from attentif.limits.negation import NegationResult
from attentif.limits.proportion import proportion
from attentif_grading.exercises import variant


@variant
def tables_of_all_items(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    scorer = MaskedScorer(model, tokenizer)
    kept, unknown = ask_items(scorer, items, 5)
    rows = distributions(scorer, {question.context for _, asked in kept for question in asked})
    logs = np.stack([[rows[q.context].numpy() for q in asked] for _, asked in kept])  # (N, 4, V)
    ids = np.array([[q.token_id for q in asked] for _, asked in kept])  # (N, 4)
    check_settings(k, margin, logs.shape[-1])
    p = np.exp(logs)
    own = np.take_along_axis(p, ids[..., None], -1)[..., 0]  # (N, 4)
    places = (p >= own[..., None]).sum(-1)
    groups = [item.cluster for item, _ in kept]
    fields = {}
    for form, right, wrong in (("affirmative", 0, 1), ("negated", 3, 2)):
        lead = own[:, right] - own[:, wrong]
        fields[f"accuracy_{form}"] = proportion(places[:, right] <= k, groups, interval)
        fields[f"sensitivity_{form}"] = proportion(lead > 0, groups, interval)
        fields[f"margin_{form}"] = proportion(lead > margin, groups, interval)
    first, second = p[:, 0], p[:, 2]
    mean = (first + second) / 2
    parts = [(each * np.log2(each / mean)).sum(-1) for each in (first, second)]
    distances = np.sqrt(np.maximum(0, sum(parts)) / 2)
    return NegationResult(
        **fields,
        overlap=proportion(first.argmax(-1) == second.argmax(-1), groups, interval),
        distance=interval(distances.tolist(), groups),
        n_used=len(kept),
        unknown=unknown,
    )


@variant
def item_by_item(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    scorer = MaskedScorer(model, tokenizer)
    hits, groups, unknown = [], [], []
    if not 0 <= margin < 1 or k < 1:
        raise ValueError(f"k = {k}, margin = {margin}")
    for item in items:
        questions = [
            ask(scorer, text, word)
            for text in (item.affirmative, item.negated)
            for word in (item.true, item.false)
        ]
        if any(question is None for question in questions):
            unknown.append(item.name)
            continue
        answers = [scorer.log_probabilities([q.ids], [[q.position]])[0] for q in questions]
        if k >= len(answers[0]):
            raise ValueError(f"k = {k}, and the vocabulary has {len(answers[0])} words")
        p = [math.exp(answer[q.token_id]) for answer, q in zip(answers, questions, strict=True)]
        found = []
        for right, wrong in ((0, 1), (3, 2)):
            answer, token = answers[right], questions[right].token_id
            before = torch.count_nonzero(answer >= answer[token]).item()
            found += [before <= k, p[right] > p[wrong], p[right] - p[wrong] > margin]
        first, second = answers[0], answers[2]
        middle = torch.logaddexp(first, second) - math.log(2)
        halves = [
            torch.nn.functional.kl_div(middle, each, log_target=True, reduction="sum")
            for each in (first, second)
        ]
        distance = (max(0.0, float(sum(halves))) / (2 * math.log(2))) ** 0.5
        hits.append([*found, bool(first.argmax() == second.argmax()), distance])
        groups.append(item.cluster)
    if len(set(groups)) < 5:
        raise ValueError(f"{len(set(groups))} groups only")
    names = [
        f"{name}_{form}"
        for form in ("affirmative", "negated")
        for name in ("accuracy", "sensitivity", "margin")
    ]
    columns = list(zip(*hits, strict=True))
    fields = {
        name: proportion(column, groups, interval)
        for name, column in zip([*names, "overlap"], columns[:-1], strict=True)
    }
    return NegationResult(
        distance=interval(columns[-1], groups), n_used=len(groups), unknown=tuple(unknown), **fields
    )


@variant
def all_in_one_batch(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    scorer = MaskedScorer(model, tokenizer)
    kept, unknown = ask_items(scorer, items, 5)
    asked = [question for _, questions in kept for question in questions]
    table = scorer.log_probabilities([q.ids for q in asked], [[q.position] for q in asked])  # (4N, V)
    check_settings(k, margin, table.shape[-1])
    own = table.gather(1, torch.tensor([[q.token_id] for q in asked]))
    place = (table >= own).sum(1).view(-1, 4)
    chance = own.exp().view(-1, 4)
    table = table.view(len(kept), 4, -1)
    p, q = table[:, 0].exp(), table[:, 2].exp()
    m = 0.5 * (p + q)

    def entropy(each):
        return -(each * each.log2()).sum(-1)

    distance = (entropy(m) - 0.5 * entropy(p) - 0.5 * entropy(q)).clamp(min=0).sqrt()
    groups = [item.cluster for item, _ in kept]

    def share(hits):
        return proportion(hits.tolist(), groups, interval)

    leads = {"affirmative": chance[:, 0] - chance[:, 1], "negated": chance[:, 3] - chance[:, 2]}
    return NegationResult(
        accuracy_affirmative=share(place[:, 0] <= k),
        accuracy_negated=share(place[:, 3] <= k),
        **{f"sensitivity_{form}": share(lead > 0) for form, lead in leads.items()},
        **{f"margin_{form}": share(lead > margin) for form, lead in leads.items()},
        overlap=share(p.argmax(-1) == q.argmax(-1)),
        distance=interval(distance.tolist(), groups),
        n_used=len(kept),
        unknown=unknown,
    )
