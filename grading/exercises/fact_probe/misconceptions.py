"""Wrong implementations that people really write, each with what it computes instead.

The first version of each keeps tensors of log-probabilities and one record a fact; the second asks the model itself,
fact by fact, and fills columns of plain numbers.
"""

from __future__ import annotations

import math
from types import SimpleNamespace

import torch

from attentif.bias.scorer import MaskedScorer
from attentif.bias.statistics import cluster_bootstrap
from attentif.limits.cloze import ask, ask_items, distributions
from attentif.limits.facts import FactResult, ask_candidates, where_enough
from attentif.limits.proportion import proportion
from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = ("rank_in_the_vocabulary", "confidence_of_all", "ranks_averaged", "primed_minus_unprimed")


def records_of(model, tokenizer, facts):
    """(one record a fact that can be asked, names of the others, names of unknown candidates)."""
    scorer = MaskedScorer(model, tokenizer)
    kept, unknown = ask_items(scorer, facts, 5)
    candidates, missing = ask_candidates(scorer, [fact for fact, _ in kept])
    asked = [question for _, questions in kept for question in questions]
    rows = distributions(scorer, [question.context for question in asked])
    found = []
    for (fact, questions), rivals in zip(kept, candidates, strict=True):
        row, answer = rows[questions[0].context], questions[0].token_id
        found.append(
            SimpleNamespace(
                group=fact.cluster,
                row=row,
                answer=answer,
                rivals=[question.token_id for question in rivals],
                primed=rows[questions[1].context] if len(questions) > 1 else None,
            )
        )
    return found, unknown, missing


def is_found(fact, row):
    others = torch.cat([row[: fact.answer], row[fact.answer + 1 :]])
    return bool(row[fact.answer] > others.max())


def one_over_rank(fact):
    return 1 / (1 + sum(bool(fact.row[each] >= fact.row[fact.answer]) for each in fact.rivals))


def is_confused(fact):
    return not is_found(fact, fact.row) and int(fact.row.argmax()) in fact.rivals


def how_sure(fact):
    return None if is_found(fact, fact.row) else float(fact.row.max().exp())


def lost(fact):
    return None if fact.primed is None else is_found(fact, fact.row) - is_found(fact, fact.primed)


def shifted(fact):
    return None if fact.primed is None else float(fact.row[fact.answer] - fact.primed[fact.answer])


def measured(
    model,
    tokenizer,
    facts,
    interval,
    found=lambda fact: is_found(fact, fact.row),
    place=one_over_rank,
    mistaken=is_confused,
    sure=how_sure,
    drop=lost,
    shift=shifted,
    group=lambda fact: fact.group,
):
    """The whole probe from records, with the parts of a mistake."""
    records, unknown, missing = records_of(model, tokenizer, facts)
    groups = [group(fact) for fact in records]

    def part(value):
        rows = [(group(fact), value(fact)) for fact in records if value(fact) is not None]
        return where_enough(rows, 1, interval)

    places = [place(fact) for fact in records]
    return FactResult(
        precision=proportion([found(fact) for fact in records], groups, interval),
        reciprocal_rank=interval(places, groups),
        right_type_wrong_fact=proportion([mistaken(fact) for fact in records], groups, interval),
        confidence_when_wrong=part(sure),
        misprime_drop=part(drop),
        misprime_shift=part(shift),
        n_used=len(records),
        unknown=unknown,
        unknown_candidates=missing,
    )


def probabilities(model, ids, place):
    """P(·) at a place of one sequence, as a list."""
    model.eval()
    with torch.no_grad():
        output = model(torch.tensor([ids]))
    return torch.softmax(getattr(output, "logits", output)[0, place].double(), -1).tolist()


def columns_of(model, tokenizer, facts):
    """Of each fact that can be asked: group, P, P behind the prime or None, id of the answer, ids of candidates."""
    scorer, columns, unknown, missing = MaskedScorer(model, tokenizer), [], [], []
    for fact in facts:
        own = ask(scorer, fact.text, fact.answer)
        behind = ask(scorer, f"{fact.prime} {fact.text}", fact.answer) if fact.prime else None
        if own is None or (fact.prime and behind is None):
            unknown.append(fact.text)
            continue
        rivals = []
        for word in fact.candidates:
            question = ask(scorer, fact.text, word)
            if question is None:
                missing.append(word)
            else:
                rivals.append(question.token_id)
        p = probabilities(model, own.ids, own.position)
        q = probabilities(model, behind.ids, behind.position) if behind else None
        columns.append((fact.cluster, p, q, own.token_id, rivals))
    if len({column[0] for column in columns}) < 5:
        raise ValueError(f"only {len(columns)} facts can be asked")
    return columns, unknown, sorted(set(missing))


def first_alone(p, answer):
    return p.index(max(p)) == answer and p.count(max(p)) == 1


def numbers_of(columns, found=first_alone):
    """What is right of each fact: hit, rank, whether a candidate stands first, P of the first word, drop, shift."""
    rows = []
    for group, p, q, answer, rivals in columns:
        best = p.index(max(p))
        hit = found(p, answer)
        rows.append(
            {
                "group": group,
                "hit": hit,
                "rank": 1 + len([each for each in rivals if p[each] >= p[answer]]),
                "confused": not hit and best in rivals,
                "sure": None if hit else p[best],
                "drop": None if q is None else float(hit) - float(found(q, answer)),
                "shift": None if q is None else math.log(p[answer] / q[answer]),
            }
        )
    return rows


def told(rows, unknown, missing, interval, reciprocal=None):
    """The result of these numbers."""
    groups = [row["group"] for row in rows]

    def of(name):
        part = [(row["group"], row[name]) for row in rows if row[name] is not None]
        return where_enough(part, 1, interval)

    return FactResult(
        proportion([row["hit"] for row in rows], groups, interval),
        interval([1 / row["rank"] for row in rows], groups) if reciprocal is None else reciprocal,
        proportion([row["confused"] for row in rows], groups, interval),
        of("sure"),
        of("drop"),
        of("shift"),
        len(rows),
        tuple(unknown),
        tuple(missing),
    )


@misconception(
    "best_of_the_candidates",
    en="precision asks whether the answer is the most probable of the candidates: it must be so of the whole vocabulary",
    fr="precision demande si la réponse est le plus probable des candidats : elle doit l'être de tout le vocabulaire",
)
def best_of_the_candidates(model, tokenizer, facts, interval=cluster_bootstrap):
    return measured(model, tokenizer, facts, interval, found=lambda fact: one_over_rank(fact) == 1)


@again(best_of_the_candidates)
def best_of_the_candidates_2(model, tokenizer, facts, interval=cluster_bootstrap):
    columns, unknown, missing = columns_of(model, tokenizer, facts)
    rows = numbers_of(columns)
    for row in rows:
        row["hit"] = row["rank"] == 1
    return told(rows, unknown, missing, interval)


@misconception(
    "tie_is_found",
    en="an answer that shares the first place counts as found in precision: a model that says all words alike would know everything, so a tie is a miss",
    fr="dans precision, une réponse qui partage la première place compte comme trouvée : un modèle qui juge tous les mots pareils saurait tout, une égalité est donc un échec",
)
def tie_is_found(model, tokenizer, facts, interval=cluster_bootstrap):
    return measured(
        model, tokenizer, facts, interval, found=lambda fact: bool(fact.row[fact.answer] >= fact.row.max())
    )


@again(tie_is_found)
def tie_is_found_2(model, tokenizer, facts, interval=cluster_bootstrap):
    columns, unknown, missing = columns_of(model, tokenizer, facts)
    rows = numbers_of(columns)
    for row, (_, p, _, answer, _) in zip(rows, columns, strict=True):
        row["hit"] = not any(each > p[answer] for each in p)
    return told(rows, unknown, missing, interval)


@misconception(
    "ranks_averaged",
    en="you average the ranks, or take one over their mean: take 1 / rank of each fact first, then the mean",
    fr="vous faites la moyenne des rangs, ou en prenez l'inverse : prenez d'abord 1 / rang de chaque fait, puis la moyenne",
)
def ranks_averaged(model, tokenizer, facts, interval=cluster_bootstrap):
    return measured(model, tokenizer, facts, interval, place=lambda fact: 1 / one_over_rank(fact))


@again(ranks_averaged)
def ranks_averaged_2(model, tokenizer, facts, interval=cluster_bootstrap):
    columns, unknown, missing = columns_of(model, tokenizer, facts)
    rows = numbers_of(columns)
    mean = interval([float(row["rank"]) for row in rows], [row["group"] for row in rows])
    return told(rows, unknown, missing, interval, mean)


@misconception(
    "rank_one_too_many",
    en="the rank begins at 2, as the answer counts among those before it: it is 1 where no candidate is as probable",
    fr="le rang commence à 2, car la réponse se compte parmi ceux qui la précèdent : il vaut 1 si aucun candidat n'est aussi probable",
)
def rank_one_too_many(model, tokenizer, facts, interval=cluster_bootstrap):
    return measured(model, tokenizer, facts, interval, place=lambda fact: 1 / (1 + 1 / one_over_rank(fact)))


@again(rank_one_too_many)
def rank_one_too_many_2(model, tokenizer, facts, interval=cluster_bootstrap):
    columns, unknown, missing = columns_of(model, tokenizer, facts)
    rows = numbers_of(columns)
    for row, (_, p, _, answer, rivals) in zip(rows, columns, strict=True):
        row["rank"] = 1 + sum(p[each] >= p[answer] for each in [answer, *rivals])
    return told(rows, unknown, missing, interval)


@misconception(
    "rank_in_the_vocabulary",
    en="the rank is that among all words of the vocabulary: only the candidates that are at least as probable count",
    fr="le rang est celui parmi tous les mots du vocabulaire : seuls comptent les candidats au moins aussi probables",
)
def rank_in_the_vocabulary(model, tokenizer, facts, interval=cluster_bootstrap):
    return measured(
        model,
        tokenizer,
        facts,
        interval,
        place=lambda fact: 1 / int((fact.row >= fact.row[fact.answer]).sum()),
    )


@again(rank_in_the_vocabulary)
def rank_in_the_vocabulary_2(model, tokenizer, facts, interval=cluster_bootstrap):
    columns, unknown, missing = columns_of(model, tokenizer, facts)
    rows = numbers_of(columns)
    for row, (_, p, _, answer, _) in zip(rows, columns, strict=True):
        row["rank"] = len([each for each in p if each >= p[answer]])
    return told(rows, unknown, missing, interval)


@misconception(
    "equals_behind",
    en="candidates as probable as the answer count behind it: count them before it, so that knowing nothing earns nothing",
    fr="les candidats aussi probables que la réponse comptent après elle : comptez-les avant elle, pour que ne rien savoir ne rapporte rien",
)
def equals_behind(model, tokenizer, facts, interval=cluster_bootstrap):
    def place(fact):
        return 1 / (1 + sum(bool(fact.row[each] > fact.row[fact.answer]) for each in fact.rivals))

    return measured(model, tokenizer, facts, interval, place=place)


@again(equals_behind)
def equals_behind_2(model, tokenizer, facts, interval=cluster_bootstrap):
    columns, unknown, missing = columns_of(model, tokenizer, facts)
    rows = numbers_of(columns)
    for row, (_, p, _, answer, rivals) in zip(rows, columns, strict=True):
        order = sorted([p[answer], *(p[each] for each in rivals)], reverse=True)
        row["rank"] = 1 + order.index(p[answer])
    return told(rows, unknown, missing, interval)


@misconception(
    "every_error_plausible",
    en="right_type_wrong_fact counts every missed fact: only those whose most probable word is another candidate are plausible errors",
    fr="right_type_wrong_fact compte tous les faits manqués : seuls ceux dont le mot le plus probable est un autre candidat sont des erreurs plausibles",
)
def every_error_plausible(model, tokenizer, facts, interval=cluster_bootstrap):
    return measured(model, tokenizer, facts, interval, mistaken=lambda fact: not is_found(fact, fact.row))


@again(every_error_plausible)
def every_error_plausible_2(model, tokenizer, facts, interval=cluster_bootstrap):
    columns, unknown, missing = columns_of(model, tokenizer, facts)
    rows = [row | {"confused": row["sure"] is not None} for row in numbers_of(columns)]
    return told(rows, unknown, missing, interval)


@misconception(
    "confidence_of_all",
    en="confidence_when_wrong is the mean over all facts: take those that are missed alone",
    fr="confidence_when_wrong est la moyenne sur tous les faits : ne prenez que ceux qui sont manqués",
)
def confidence_of_all(model, tokenizer, facts, interval=cluster_bootstrap):
    return measured(model, tokenizer, facts, interval, sure=lambda fact: float(fact.row.max().exp()))


@again(confidence_of_all)
def confidence_of_all_2(model, tokenizer, facts, interval=cluster_bootstrap):
    columns, unknown, missing = columns_of(model, tokenizer, facts)
    rows = [row | {"sure": max(column[1])} for row, column in zip(numbers_of(columns), columns, strict=True)]
    return told(rows, unknown, missing, interval)


@misconception(
    "confidence_in_the_answer",
    en="confidence_when_wrong averages the probability of the answer: it is about the word that the model gives instead, the most probable one",
    fr="confidence_when_wrong fait la moyenne de la probabilité de la réponse : il s'agit du mot que le modèle donne à sa place, le plus probable",
)
def confidence_in_the_answer(model, tokenizer, facts, interval=cluster_bootstrap):
    def sure(fact):
        return None if is_found(fact, fact.row) else float(fact.row[fact.answer].exp())

    return measured(model, tokenizer, facts, interval, sure=sure)


@again(confidence_in_the_answer)
def confidence_in_the_answer_2(model, tokenizer, facts, interval=cluster_bootstrap):
    columns, unknown, missing = columns_of(model, tokenizer, facts)
    rows = numbers_of(columns)
    for row, (_, p, _, answer, _) in zip(rows, columns, strict=True):
        if not row["hit"]:
            row["sure"] = p[answer]
    return told(rows, unknown, missing, interval)


@misconception(
    "primed_minus_unprimed",
    en="misprime_drop and misprime_shift have the wrong sign, with the prime minus without it: they tell what the prime takes away",
    fr="misprime_drop et misprime_shift ont le mauvais signe, avec l'amorce moins sans elle : ils disent ce que l'amorce fait perdre",
)
def primed_minus_unprimed(model, tokenizer, facts, interval=cluster_bootstrap):
    return measured(
        model,
        tokenizer,
        facts,
        interval,
        drop=lambda fact: None if lost(fact) is None else -lost(fact),
        shift=lambda fact: None if shifted(fact) is None else -shifted(fact),
    )


@again(primed_minus_unprimed)
def primed_minus_unprimed_2(model, tokenizer, facts, interval=cluster_bootstrap):
    columns, unknown, missing = columns_of(model, tokenizer, facts)
    rows = numbers_of(columns)
    for row, (_, p, q, answer, _) in zip(rows, columns, strict=True):
        if q is not None:
            row["drop"] = float(first_alone(q, answer)) - float(first_alone(p, answer))
            row["shift"] = math.log(q[answer]) - math.log(p[answer])
    return told(rows, unknown, missing, interval)


@misconception(
    "shift_of_probabilities",
    en="misprime_shift is a difference of probabilities: it is one of their natural logarithms, which small ones show in too",
    fr="misprime_shift est une différence de probabilités : c'en est une de leurs logarithmes népériens, où les petites se voient aussi",
)
def shift_of_probabilities(model, tokenizer, facts, interval=cluster_bootstrap):
    def shift(fact):
        if fact.primed is None:
            return None
        return float(fact.row[fact.answer].exp() - fact.primed[fact.answer].exp())

    return measured(model, tokenizer, facts, interval, shift=shift)


@again(shift_of_probabilities)
def shift_of_probabilities_2(model, tokenizer, facts, interval=cluster_bootstrap):
    columns, unknown, missing = columns_of(model, tokenizer, facts)
    rows = numbers_of(columns)
    for row, (_, p, q, answer, _) in zip(rows, columns, strict=True):
        row["shift"] = p[answer] - q[answer] if q else None
    return told(rows, unknown, missing, interval)


@misconception(
    "unprimed_counted",
    en="facts without a prime count as unchanged in the misprimes: leave them out, they were not put to the test",
    fr="les faits sans amorce comptent comme inchangés : laissez-les de côté, ils n'ont pas été mis à l'épreuve",
)
def unprimed_counted(model, tokenizer, facts, interval=cluster_bootstrap):
    return measured(
        model,
        tokenizer,
        facts,
        interval,
        drop=lambda fact: lost(fact) or 0,
        shift=lambda fact: shifted(fact) or 0.0,
    )


@again(unprimed_counted)
def unprimed_counted_2(model, tokenizer, facts, interval=cluster_bootstrap):
    columns, unknown, missing = columns_of(model, tokenizer, facts)
    rows = numbers_of([(group, p, q or p, answer, rivals) for group, p, q, answer, rivals in columns])
    return told(rows, unknown, missing, interval)


@misconception(
    "facts_as_groups",
    en="every fact is a group of its own in your intervals: those of one relation (`cluster`) are not independent, hand over their groups",
    fr="dans vos intervalles, chaque fait est un groupe à lui seul : ceux d'une même relation (`cluster`) ne sont pas indépendants, donnez leurs groupes",
)
def facts_as_groups(model, tokenizer, facts, interval=cluster_bootstrap):
    return measured(model, tokenizer, facts, interval, group=id)


@again(facts_as_groups)
def facts_as_groups_2(model, tokenizer, facts, interval=cluster_bootstrap):
    columns, unknown, missing = columns_of(model, tokenizer, facts)
    rows = [row | {"group": number} for number, row in enumerate(numbers_of(columns))]
    return told(rows, unknown, missing, interval)


def missed(group):
    """An unknown fact, called wrong."""
    return {
        "group": group,
        "hit": False,
        "rank": math.inf,
        "confused": False,
        "sure": None,
        "drop": None,
        "shift": None,
    }


@misconception(
    "unknown_called_wrong",
    en="a fact whose answer is out of the vocabulary counts as missed: leave it out of every number, and name it in `unknown`",
    fr="un fait dont la réponse est hors du vocabulaire compte comme manqué : laissez-le hors de tous les nombres, et nommez-le dans `unknown`",
)
def unknown_called_wrong(model, tokenizer, facts, interval=cluster_bootstrap):
    columns, unknown, missing = columns_of(model, tokenizer, facts)
    rows = [*numbers_of(columns), *(missed(fact.cluster) for fact in facts if fact.text in unknown)]
    return told(rows, (), missing, interval)


@again(unknown_called_wrong)
def unknown_called_wrong_2(model, tokenizer, facts, interval=cluster_bootstrap):
    records, unknown, missing = records_of(model, tokenizer, facts)
    left_out = [fact.cluster for fact in facts if fact.name in unknown]
    groups = [fact.group for fact in records] + left_out
    none = [False] * len(left_out)

    def part(value):
        rows = [(fact.group, value(fact)) for fact in records if value(fact) is not None]
        return where_enough(rows, 1, interval)

    return FactResult(
        precision=proportion([is_found(fact, fact.row) for fact in records] + none, groups, interval),
        reciprocal_rank=interval([one_over_rank(fact) for fact in records] + [0.0 for _ in none], groups),
        right_type_wrong_fact=proportion([is_confused(fact) for fact in records] + none, groups, interval),
        confidence_when_wrong=part(how_sure),
        misprime_drop=part(lost),
        misprime_shift=part(shifted),
        n_used=len(facts),
        unknown=(),
        unknown_candidates=missing,
    )
