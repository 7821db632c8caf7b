"""Right implementations, written differently: none may lose a mark."""

from __future__ import annotations

import math

import numpy as np
import torch

from attentif.bias.scorer import MaskedScorer
from attentif.bias.statistics import cluster_bootstrap
from attentif.limits.cloze import ask, ask_items, distributions
from attentif.limits.facts import FactResult, ask_candidates, where_enough
from attentif.limits.proportion import proportion
from attentif_grading.exercises import variant


@variant
def columns_of_arrays(model, tokenizer, facts, interval=cluster_bootstrap):
    scorer = MaskedScorer(model, tokenizer)
    kept, unknown = ask_items(scorer, facts, 5)
    candidates, missing = ask_candidates(scorer, [fact for fact, _ in kept])
    table = distributions(scorer, [q.context for _, asked in kept for q in asked])
    p = np.exp([table[asked[0].context].numpy() for _, asked in kept])  # (N, V)
    answers = np.array([asked[0].token_id for _, asked in kept])
    lines = np.arange(len(kept))
    own = p[lines, answers]
    hits = (p >= own[:, None]).sum(axis=1) == 1
    best = p.argmax(axis=1)
    rivals = [[question.token_id for question in each] for each in candidates]
    places = [1 + int((p[line, each] >= own[line]).sum()) for line, each in enumerate(rivals)]
    confused = [not hits[line] and best[line] in each for line, each in enumerate(rivals)]
    groups = [fact.cluster for fact, _ in kept]
    primed = []
    for line, (fact, asked) in enumerate(kept):
        if fact.prime:
            q = table[asked[1].context].exp().numpy()
            after = (q >= q[answers[line]]).sum() == 1
            primed.append(
                (fact.cluster, int(hits[line]) - int(after), math.log(own[line] / q[answers[line]]))
            )
    errors = [(groups[line], float(p[line].max())) for line in lines if not hits[line]]
    return FactResult(
        precision=proportion(hits, groups, interval),
        reciprocal_rank=interval((1 / np.array(places)).tolist(), groups),
        right_type_wrong_fact=proportion(confused, groups, interval),
        confidence_when_wrong=where_enough(errors, 1, interval),
        misprime_drop=where_enough(primed, 1, interval),
        misprime_shift=where_enough(primed, 2, interval),
        n_used=len(kept),
        unknown=unknown,
        unknown_candidates=missing,
    )


@variant
def fact_by_fact(model, tokenizer, facts, interval=cluster_bootstrap):
    scorer = MaskedScorer(model, tokenizer)
    groups, hits, reciprocal, confused, sure, drops, shifts = [], [], [], [], {}, {}, {}
    unknown, missing = [], {}

    def answers(question):
        return scorer.log_probabilities([question.ids], [[question.position]])[0]

    for fact in facts:
        questions = [ask(scorer, text, word) for text, word in fact.questions()]
        if None in questions:
            unknown.append(fact.text)
            continue
        number, row, token = len(groups), answers(questions[0]), questions[0].token_id
        groups.append(fact.cluster)
        values, ids = torch.topk(row, 2)
        hits.append(ids[0].item() == token and bool(values[0] > values[1]))
        ahead = 1
        others = set()
        for word in fact.candidates:
            question = ask(scorer, fact.text, word)
            if question is None:
                missing[word] = True
                continue
            others.add(question.token_id)
            ahead += not bool(row[question.token_id] < row[token])
        reciprocal.append(1.0 / ahead)
        confused.append(not hits[-1] and ids[0].item() in others)
        if not hits[-1]:
            sure[number] = math.exp(values[0])
        for question in questions[1:]:
            after = answers(question)
            top = after.topk(2).values
            found = bool(after[token] == top[0]) and bool(top[0] > top[1])
            drops[number] = float(hits[-1]) - float(found)
            shifts[number] = (row[token] - after[token]).item()
    if len(set(groups)) < 5:
        raise ValueError(f"{len(set(groups))} groups of facts can be asked, 5 are needed")

    def of(part):
        labels = [groups[number] for number in part]
        return interval(list(part.values()), labels) if len(set(labels)) > 4 else None

    return FactResult(
        proportion(hits, groups, interval),
        interval(reciprocal, groups),
        proportion(confused, groups, interval),
        of(sure),
        of(drops),
        of(shifts),
        len(groups),
        tuple(unknown),
        tuple(missing),
    )
