"""Wrong implementations that people really write, each with what it computes instead.

The first version of each takes log-probabilities of the library, as tensors; the second asks the model itself, item by
item, and works on lists of plain probabilities.
"""

from __future__ import annotations

import math
from dataclasses import replace

import torch

from attentif.bias.scorer import MaskedScorer
from attentif.bias.statistics import cluster_bootstrap
from attentif.limits.cloze import ask, ask_items, check_settings, distributions, with_article
from attentif.limits.comparing import jensen_shannon
from attentif.limits.negation import NegationResult
from attentif.limits.proportion import proportion
from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = ("negated_not_turned", "unknown_called_wrong", "items_as_groups")
FORMS, SHARES = ("affirmative", "negated"), ("accuracy", "sensitivity", "margin")


def hit(row, right, k):
    return int((row >= row[right]).sum()) <= k


def ahead(right, wrong):
    return right > wrong


def ahead_by(right, wrong, margin):
    return right.exp() - wrong.exp() > margin


def same_best(first, second):
    return bool(first.argmax() == second.argmax())


def apart(first, second):
    p, q = first.exp(), second.exp()
    m = ((p + q) / 2).log()
    return math.sqrt(max(0.0, float(0.5 * (p @ (first - m) + q @ (second - m)) / math.log(2))))


def counted(
    kept, k, margin, hit=hit, ahead=ahead, ahead_by=ahead_by, same=same_best, apart=apart, turned=True
):
    """Columns of hits and distances of ((row, id) of true and of false, affirmative then negated)."""
    columns = {name: [] for name in NegationResult.__dataclass_fields__ if name not in ("n_used", "unknown")}
    for yes_true, yes_false, no_true, no_false in kept:
        pairs = {"affirmative": (yes_true, yes_false)}
        pairs["negated"] = (no_false, no_true) if turned else (no_true, no_false)
        for form, ((row, right), (other, wrong)) in pairs.items():
            columns[f"accuracy_{form}"].append(hit(row, right, k))
            columns[f"sensitivity_{form}"].append(bool(ahead(row[right], other[wrong])))
            columns[f"margin_{form}"].append(bool(ahead_by(row[right], other[wrong], margin)))
        columns["overlap"].append(same(yes_true[0], no_true[0]))
        columns["distance"].append(apart(yes_true[0], no_true[0]))
    return columns


def told(columns, groups, interval, n_used, unknown, bound=proportion):
    """The result of these columns."""
    shares = {name: bound(hits, groups, interval) for name, hits in columns.items() if name != "distance"}
    distance = interval(columns["distance"], groups)
    return NegationResult(**shares, distance=distance, n_used=n_used, unknown=tuple(unknown))


def measured(model, tokenizer, items, k, margin, interval, groups=None, bound=proportion, **mistake):
    """The whole probe by the library's tools, with the parts of a mistake."""
    scorer = MaskedScorer(model, tokenizer)
    kept, unknown = ask_items(scorer, items, 5)
    rows = distributions(scorer, [question.context for _, asked in kept for question in asked])
    check_settings(k, margin, len(rows[kept[0][1][0].context]))
    answers = [[(rows[q.context], q.token_id) for q in asked] for _, asked in kept]
    groups = [item.cluster for item, _ in kept] if groups is None else groups(kept)
    return told(counted(answers, k, margin, **mistake), groups, interval, len(kept), unknown, bound)


def probabilities(model, ids, place):
    """P(·) at a place of one sequence, as a list."""
    model.eval()
    with torch.no_grad():
        output = model(torch.tensor([ids]))
    logits = getattr(output, "logits", output)[0, place].double()
    return torch.softmax(logits, -1).tolist()


def base_two(p, q):
    total = 0.0
    for a, b in zip(p, q, strict=True):
        total += a * math.log2(2 * a / (a + b)) + b * math.log2(2 * b / (a + b))
    return total / 2


def by_hand(
    model,
    tokenizer,
    items,
    k,
    margin,
    interval,
    place_limit=lambda place, k: place <= k,
    beats=lambda right, wrong: right > wrong,
    beats_by=lambda right, wrong, margin: right - wrong > margin,
    distance=lambda p, q: max(0.0, base_two(p, q)) ** 0.5,
    narrowed=None,
    group_of=lambda number, item: item.cluster,
    swapped=True,
    bound=proportion,
):
    """The whole probe, item by item, with the parts of a mistake."""
    scorer = MaskedScorer(model, tokenizer)
    unknown, groups, hits = [], [], {}
    for number, item in enumerate(items):
        found = []
        for said in (item.affirmative, item.negated):
            for word in (item.true, item.false):
                found.append(ask(scorer, said, word))
        if None in found:
            unknown.append(item.affirmative)
            continue
        groups.append(group_of(number, item))
        tables = [probabilities(model, question.ids, question.position) for question in found]
        ids = [question.token_id for question in found]
        if narrowed:
            tables, ids = narrowed(tables, ids)
        if not 1 <= k < len(tables[0]) and narrowed is None:
            raise ValueError(f"k out of range: {k}")
        if not 0 <= margin < 1:
            raise ValueError("a margin from 0 to 1 is expected")
        order = {"affirmative": (0, 1), "negated": (3, 2) if swapped else (2, 3)}
        for form, (one, two) in order.items():
            right, wrong = tables[one][ids[one]], tables[two][ids[two]]
            place = len([p for p in tables[one] if p >= right])
            hits.setdefault(f"accuracy_{form}", []).append(place_limit(place, k))
            hits.setdefault(f"sensitivity_{form}", []).append(beats(right, wrong))
            hits.setdefault(f"margin_{form}", []).append(beats_by(right, wrong, margin))
        first, second = tables[0], tables[2]
        hits.setdefault("overlap", []).append(first.index(max(first)) == second.index(max(second)))
        hits.setdefault("distance", []).append(distance(first, second))
    if len(set(groups)) < 5:
        raise ValueError(f"only {len(set(groups))} groups can be asked")
    return told(hits, groups, interval, len(groups), unknown, bound)


@misconception(
    "negated_not_turned",
    en="in the negated text you expect the same completion as in the affirmative one: there `true` is wrong and `false` is right",
    fr="dans le texte nié, vous attendez la même fin que dans le texte affirmatif : `true` y est faux et `false` juste",
)
def negated_not_turned(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    return measured(model, tokenizer, items, k, margin, interval, turned=False)


@again(negated_not_turned)
def negated_not_turned_2(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    return by_hand(model, tokenizer, items, k, margin, interval, swapped=False)


@misconception(
    "unknown_called_wrong",
    en="an item with a word out of the vocabulary counts as wrong: leave it out of every number, and name it in `unknown`",
    fr="un item avec un mot hors du vocabulaire compte comme faux : laissez-le hors de tous les nombres, et nommez-le dans `unknown`",
)
def unknown_called_wrong(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    scorer = MaskedScorer(model, tokenizer)
    kept, unknown = ask_items(scorer, items, 5)
    rows = distributions(scorer, [question.context for _, asked in kept for question in asked])
    columns = counted([[(rows[q.context], q.token_id) for q in asked] for _, asked in kept], k, margin)
    asked = [item.cluster for item, _ in kept]
    distance = interval(columns.pop("distance"), asked)
    missed = [item.cluster for item in items if item.name in unknown]
    shares = {
        name: proportion([*hits, *(False for _ in missed)], [*asked, *missed], interval)
        for name, hits in columns.items()
    }
    return NegationResult(**shares, distance=distance, n_used=len(items), unknown=())


@again(unknown_called_wrong)
def unknown_called_wrong_2(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    scorer, hits, groups, distances = MaskedScorer(model, tokenizer), {}, [], ([], [])
    for item in items:
        groups.append(item.cluster)
        found = [
            ask(scorer, said, word)
            for said in (item.affirmative, item.negated)
            for word in (item.true, item.false)
        ]
        known = None not in found
        if known:
            tables = [probabilities(model, question.ids, question.position) for question in found]
            p = [table[question.token_id] for table, question in zip(tables, found, strict=True)]
            distances[0].append(math.sqrt(max(0.0, base_two(tables[0], tables[2]))))
            distances[1].append(item.cluster)
            overlap = tables[0].index(max(tables[0])) == tables[2].index(max(tables[2]))
        hits.setdefault("overlap", []).append(known and overlap)
        for form, one, two in (("affirmative", 0, 1), ("negated", 3, 2)):
            place = sum(each >= p[one] for each in tables[one]) if known else k + 1
            hits.setdefault(f"accuracy_{form}", []).append(place <= k)
            hits.setdefault(f"sensitivity_{form}", []).append(known and p[one] > p[two])
            hits.setdefault(f"margin_{form}", []).append(known and p[one] - p[two] > margin)
    shares = {name: proportion(values, groups, interval) for name, values in hits.items()}
    return NegationResult(**shares, distance=interval(*distances), n_used=len(groups), unknown=())


def first_ids(tokenizer, said):
    """Ids of a text, specials around."""
    if hasattr(tokenizer, "mask_token_id"):
        return tokenizer(said)["input_ids"]
    return [tokenizer.cls_id, *tokenizer.encode(said), tokenizer.sep_id]


@misconception(
    "first_piece_taken",
    en="of a word that the tokenizer cuts or does not know you score the first piece: leave its item out, and name it in `unknown`",
    fr="d'un mot que le tokenizer coupe ou ne connaît pas, vous évaluez le premier morceau : laissez l'item de côté, et nommez-le dans `unknown`",
)
def first_piece_taken(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    scorer, answers = MaskedScorer(model, tokenizer), []
    for item in items:
        answers.append([])
        for said in (item.affirmative, item.negated):
            for word in (item.true, item.false):
                ids = scorer.encode(with_article(said, word)).ids
                place = ids.index(scorer.mask_id)
                row = scorer.log_probabilities([ids], [[place]])[0]
                answers[-1].append((row, scorer.encode(word).ids[1]))
    groups = [item.cluster for item in items]
    return told(counted(answers, k, margin), groups, interval, len(items), ())


@again(first_piece_taken)
def first_piece_taken_2(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    mask_id = getattr(tokenizer, "mask_token_id", None) or tokenizer.mask_id
    hits, groups = {}, [item.cluster for item in items]
    for item in items:
        tables = {}
        for form, said in (("affirmative", item.affirmative), ("negated", item.negated)):
            for word in (item.true, item.false):
                ids = first_ids(tokenizer, with_article(said, word))
                tables[form, word] = probabilities(model, ids, ids.index(mask_id))
        for form, right, wrong in (
            ("affirmative", item.true, item.false),
            ("negated", item.false, item.true),
        ):
            table, here, there = tables[form, right], *(first_ids(tokenizer, w)[1] for w in (right, wrong))
            lead = table[here] - tables[form, wrong][there]
            place = sum(each >= table[here] for each in table)
            for name, found in (
                ("accuracy", place <= k),
                ("sensitivity", lead > 0),
                ("margin", lead > margin),
            ):
                hits.setdefault(f"{name}_{form}", []).append(found)
        p, q = tables["affirmative", item.true], tables["negated", item.true]
        hits.setdefault("overlap", []).append(p.index(max(p)) == q.index(max(q)))
        hits.setdefault("distance", []).append(max(0.0, base_two(p, q)) ** 0.5)
    return told(hits, groups, interval, len(groups), ())


@misconception(
    "tie_is_ahead",
    en="two words that are as probable count as a success of sensitivity: it asks for P(right) > P(wrong), strictly",
    fr="deux mots aussi probables comptent comme un succès de sensitivity : il faut P(bonne fin) > P(mauvaise), strictement",
)
def tie_is_ahead(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    return measured(
        model, tokenizer, items, k, margin, interval, ahead=lambda right, wrong: not right < wrong
    )


@again(tie_is_ahead)
def tie_is_ahead_2(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    return by_hand(
        model, tokenizer, items, k, margin, interval, beats=lambda right, wrong: right - wrong >= 0
    )


@misconception(
    "margin_of_logarithms",
    en="the margin is compared with a difference of log-probabilities: it is one of probabilities, take the exponentials first",
    fr="la marge est comparée à une différence de log-probabilités : c'en est une de probabilités, prenez d'abord l'exponentielle",
)
def margin_of_logarithms(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    return measured(
        model, tokenizer, items, k, margin, interval, ahead_by=lambda right, wrong, by: right - wrong > by
    )


@again(margin_of_logarithms)
def margin_of_logarithms_2(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    def beats_by(right, wrong, margin):
        return math.log(right / wrong) > margin

    return by_hand(model, tokenizer, items, k, margin, interval, beats_by=beats_by)


@misconception(
    "best_only",
    en="accuracy looks at the most probable word alone: the right completion may be any of the k most probable",
    fr="accuracy ne regarde que le mot le plus probable : la bonne fin peut être n'importe lequel des k plus probables",
)
def best_only(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    return measured(
        model, tokenizer, items, k, margin, interval, hit=lambda row, right, k: hit(row, right, 1)
    )


@again(best_only)
def best_only_2(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    return by_hand(model, tokenizer, items, k, margin, interval, place_limit=lambda place, k: place == 1)


@misconception(
    "one_more_than_k",
    en="accuracy takes one word too many, as if places began at 0: the most probable word is in place 1, so the last one that counts is in place k",
    fr="accuracy prend un mot de trop, comme si les places commençaient à 0 : le mot le plus probable est à la place 1, le dernier qui compte à la place k",
)
def one_more_than_k(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    return measured(
        model, tokenizer, items, k, margin, interval, hit=lambda row, right, k: hit(row, right, k + 1)
    )


@again(one_more_than_k)
def one_more_than_k_2(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    return by_hand(model, tokenizer, items, k, margin, interval, place_limit=lambda place, k: place - 1 <= k)


@misconception(
    "equals_behind",
    en="words as probable as the right completion count behind it in accuracy: a model that says all words alike would be always right, so count them before it",
    fr="dans accuracy, les mots aussi probables que la bonne fin comptent après elle : un modèle qui juge tous les mots pareils aurait toujours raison, comptez-les avant elle",
)
def equals_behind(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    def found(row, right, k):
        return int((row > row[right]).sum()) + 1 <= k

    return measured(model, tokenizer, items, k, margin, interval, hit=found)


@again(equals_behind)
def equals_behind_2(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    scorer = MaskedScorer(model, tokenizer)
    kept, unknown = ask_items(scorer, items, 5)
    rows = distributions(scorer, [question.context for _, asked in kept for question in asked])
    columns = counted([[(rows[q.context], q.token_id) for q in asked] for _, asked in kept], k, margin)
    for form, which in (("affirmative", 0), ("negated", 3)):
        column = []
        for _, asked in kept:
            row = rows[asked[which].context].tolist()
            column.append(sorted(row, reverse=True).index(row[asked[which].token_id]) < k)
        columns[f"accuracy_{form}"] = column
    return told(columns, [item.cluster for item, _ in kept], interval, len(kept), unknown)


@misconception(
    "divergence_without_root",
    en="distance is the Jensen–Shannon divergence: take its root, which is a distance",
    fr="distance est la divergence de Jensen–Shannon : prenez-en la racine, qui est une distance",
)
def divergence_without_root(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    return measured(model, tokenizer, items, k, margin, interval, apart=lambda p, q: apart(p, q) ** 2)


@again(divergence_without_root)
def divergence_without_root_2(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    return by_hand(model, tokenizer, items, k, margin, interval, distance=base_two)


@misconception(
    "natural_logarithm",
    en="the distance is computed with natural logarithms and cannot reach 1: take them to base 2",
    fr="la distance est calculée avec des logarithmes népériens et ne peut atteindre 1 : prenez-les à base 2",
)
def natural_logarithm(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    def in_nats(first, second):
        p, q = first.exp(), second.exp()
        m = (p + q) / 2
        return float(((p * (p / m).log()).sum() + (q * (q / m).log()).sum()).clamp(min=0) / 2) ** 0.5

    return measured(model, tokenizer, items, k, margin, interval, apart=in_nats)


@again(natural_logarithm)
def natural_logarithm_2(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    def entropy(p):
        return -sum(each * math.log(each) for each in p)

    def distance(p, q):
        middle = [(a + b) / 2 for a, b in zip(p, q, strict=True)]
        return math.sqrt(max(0.0, entropy(middle) - (entropy(p) + entropy(q)) / 2))

    return by_hand(model, tokenizer, items, k, margin, interval, distance=distance)


@misconception(
    "kullback_leibler",
    en="distance is the Kullback–Leibler divergence of one text from the other, which depends on the order and has no upper bound: compare both with their mean, then take the root",
    fr="distance est la divergence de Kullback–Leibler d'un texte à l'autre, qui dépend de l'ordre et n'est pas bornée : comparez les deux à leur moyenne, puis prenez la racine",
)
def kullback_leibler(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    def divergence(first, second):
        return float(torch.nn.functional.kl_div(second, first, log_target=True, reduction="sum"))

    return measured(model, tokenizer, items, k, margin, interval, apart=divergence)


@again(kullback_leibler)
def kullback_leibler_2(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    def distance(p, q):
        return sum(a * (math.log(a) - math.log(b)) for a, b in zip(p, q, strict=True))

    return by_hand(model, tokenizer, items, k, margin, interval, distance=distance)


@misconception(
    "probabilities_for_logarithms",
    en="you hand probabilities to jensen_shannon, which takes their logarithms and exponentiates them: give it ln P",
    fr="vous donnez des probabilités à jensen_shannon, qui attend leurs logarithmes et en prend l'exponentielle : "
    "donnez-lui ln P",
)
def probabilities_for_logarithms(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    def given(first, second):
        return jensen_shannon(first.exp(), second.exp()).item()

    return measured(model, tokenizer, items, k, margin, interval, apart=given)


@again(probabilities_for_logarithms)
def probabilities_for_logarithms_2(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    def distance(p, q):
        # Numbers a little above 1, which sum to V and more.
        divergence = base_two([math.exp(each) for each in p], [math.exp(each) for each in q])
        return math.sqrt(min(1.0, max(0.0, divergence)))

    return by_hand(model, tokenizer, items, k, margin, interval, distance=distance)


@misconception(
    "two_candidates_only",
    en="probabilities are shared out between the two completions alone: take them over the whole vocabulary, as the model gives them",
    fr="les probabilités sont réparties entre les deux seules fins : prenez-les sur tout le vocabulaire, comme le modèle les donne",
)
def two_candidates_only(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    scorer = MaskedScorer(model, tokenizer)
    kept, unknown = ask_items(scorer, items, 5)
    rows = distributions(scorer, [question.context for _, asked in kept for question in asked])
    answers = []
    for _, asked in kept:
        answers.append([])
        for one, two in (asked[:2], asked[2:]):
            both = [rows[each.context][each.token_id] for each in (one, two)]
            pair = torch.stack(both).log_softmax(0)
            answers[-1] += [(pair, 0), (pair, 1)]
    groups = [item.cluster for item, _ in kept]
    return told(counted(answers, k, margin), groups, interval, len(kept), unknown)


@again(two_candidates_only)
def two_candidates_only_2(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    def narrowed(tables, ids):
        p = [table[token] for table, token in zip(tables, ids, strict=True)]
        yes = [p[0] / (p[0] + p[1]), p[1] / (p[0] + p[1])]
        no = [p[2] / (p[2] + p[3]), p[3] / (p[2] + p[3])]
        return [yes, yes, no, no], [0, 1, 0, 1]

    return by_hand(model, tokenizer, items, k, margin, interval, narrowed=narrowed)


@misconception(
    "fields_by_form",
    en="your six shares are in another order than the fields, first all those of the affirmative texts: accuracy, "
    "sensitivity and margin come in this order, each of the affirmative texts, then of the negated ones; name them when "
    "you make the result",
    fr="vos six proportions sont dans un autre ordre que les champs, d'abord toutes celles des textes affirmatifs : "
    "accuracy, sensitivity et margin se suivent dans cet ordre, chacune pour les textes affirmatifs puis pour les textes "
    "niés ; nommez-les en créant le résultat",
)
def fields_by_form(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    found = measured(model, tokenizer, items, k, margin, interval)
    shares = [getattr(found, f"{share}_{form}") for form in FORMS for share in SHARES]
    return NegationResult(*shares, found.overlap, found.distance, found.n_used, found.unknown)


@again(fields_by_form)
def fields_by_form_2(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    found = by_hand(model, tokenizer, items, k, margin, interval)
    return replace(
        found,
        accuracy_negated=found.sensitivity_affirmative,
        sensitivity_affirmative=found.margin_affirmative,
        sensitivity_negated=found.accuracy_negated,
        margin_affirmative=found.sensitivity_negated,
    )


@misconception(
    "accuracy_and_sensitivity_exchanged",
    en="accuracy and sensitivity are exchanged: accuracy looks for the right completion among the k most probable words, "
    "sensitivity compares it with the other one",
    fr="accuracy et sensitivity sont échangées : accuracy cherche la bonne fin parmi les k mots les plus probables, "
    "sensitivity la compare à l'autre",
)
def accuracy_and_sensitivity_exchanged(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    found = measured(model, tokenizer, items, k, margin, interval)
    shares = [
        getattr(found, f"{share}_{form}") for share in (SHARES[1], SHARES[0], SHARES[2]) for form in FORMS
    ]
    return NegationResult(*shares, found.overlap, found.distance, found.n_used, found.unknown)


@again(accuracy_and_sensitivity_exchanged)
def accuracy_and_sensitivity_exchanged_2(
    model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap
):
    found = by_hand(model, tokenizer, items, k, margin, interval)
    accuracy = found.accuracy_affirmative, found.accuracy_negated
    sensitivity = found.sensitivity_affirmative, found.sensitivity_negated
    fields = dict(zip(NegationResult.__dataclass_fields__, (*sensitivity, *accuracy), strict=False))
    return replace(found, **fields)


@misconception(
    "items_as_groups",
    en="every item is a group of its own in your intervals: those of one group (`cluster`) are not independent, hand over their groups",
    fr="dans vos intervalles, chaque item est un groupe à lui seul : ceux d'un même groupe (`cluster`) ne sont pas indépendants, donnez leurs groupes",
)
def items_as_groups(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    return measured(model, tokenizer, items, k, margin, interval, groups=lambda kept: list(range(len(kept))))


@again(items_as_groups)
def items_as_groups_2(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    return by_hand(
        model, tokenizer, items, k, margin, interval, group_of=lambda number, item: item.affirmative
    )


@misconception(
    "shares_without_doubt",
    en="shares are bounded by interval alone, which has no width where all answers are alike: proportion keeps a doubt there",
    fr="les proportions sont encadrées par interval seul, qui n'a aucune largeur quand toutes les réponses sont pareilles : proportion y garde un doute",
)
def shares_without_doubt(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    def bound(hits, groups, interval):
        return interval([float(hit) for hit in hits], groups)

    return measured(model, tokenizer, items, k, margin, interval, bound=bound)


@again(shares_without_doubt)
def shares_without_doubt_2(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    return by_hand(
        model,
        tokenizer,
        items,
        k,
        margin,
        interval,
        bound=lambda hits, groups, interval: interval([1.0 if hit else 0.0 for hit in hits], groups),
    )
