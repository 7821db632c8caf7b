"""Wrong implementations that people really write, each with what it computes instead.

What a version does not get wrong it takes from the right parts below: the first ones from `by_questions`, which goes
through align_pair and MaskedScorer, the second ones from `by_hand`, which asks model and tokenizer itself.
"""

from __future__ import annotations

import math
from difflib import SequenceMatcher

import numpy as np
import torch

from attentif.bias.alignment import align_pair
from attentif.bias.attention_weights import attention_received
from attentif.bias.pair_scores import check_pairs
from attentif.bias.scorer import MaskedScorer
from attentif.checks.text import text
from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = ("sets_exchanged", "changed_masked_together", "aul_masked", "weights_renormalised")

MASKING = ("unmodified", "modified")


# Right parts by questions


def scored(kind, sentence):
    """The positions that a definition scores."""
    return {"unmodified": sentence.shared, "modified": sentence.modified}.get(kind, sentence.content)


def hidden(kind, sentence, place):
    """The positions that are masked while the token at `place` is scored."""
    return [place] if kind in MASKING else []


def diagonal(kind, logs, tokens):
    """Of each row of log-probabilities the one of its own token."""
    return [row[token].item() for row, token in zip(logs, tokens, strict=True)]


def weighted(kind, scorer, sentence, asked):
    """What each value counts."""
    if kind != "aula":
        return np.ones(len(asked))
    return attention_received(scorer, [sentence.ids])[0][list(asked)]


def total(kind, values, sentence):
    """The score that the values of a sentence make."""
    if kind == "unmodified":
        return math.fsum(values)
    return math.fsum(values) / len(values) if len(values) else math.nan


def both_or_none(scores):
    """NaN for both sentences of a pair where one has no score."""
    scores[np.isnan(scores).any(axis=1)] = np.nan
    return scores


def by_questions(
    model,
    tokenizer,
    pairs,
    kind,
    batch_size,
    official,
    *,
    checking=check_pairs,
    aligned_as=None,
    scored=scored,
    hidden=hidden,
    shift=0,
    values_of=diagonal,
    weighted=weighted,
    total=total,
    completed=both_or_none,
    rounded=None,
):
    """The scores, some of the steps replaced."""
    checking(pairs, kind, batch_size)
    scorer = MaskedScorer(model, tokenizer)
    scores = np.zeros((len(pairs), 2))
    for row, pair in zip(scores, pairs, strict=True):
        aligned = align_pair(scorer, *pair, official if aligned_as is None else aligned_as)
        for column, sentence in enumerate((aligned.first, aligned.second)):
            asked = scored(kind, sentence)
            values = np.empty(0)
            if asked:
                copies = [scorer.masked(sentence.ids, hidden(kind, sentence, place)) for place in asked]
                logs = scorer.log_probabilities(copies, [[place + shift] for place in asked])  # (K, V)
                values = np.array(values_of(kind, logs, [sentence.ids[place] for place in asked]))
                values = values * weighted(kind, scorer, sentence, asked)
            row[column] = total(kind, values, sentence)
    scores = completed(scores)
    return scores.round(3) if (official if rounded is None else rounded) else scores


# Right parts by hand


def ids_of(tokenizer, sentence):
    """Ids with the specials around, for both kinds of tokenizer."""
    if hasattr(tokenizer, "mask_token_id"):
        return list(tokenizer(sentence)["input_ids"])
    return [tokenizer.cls_id, *tokenizer.encode(sentence), tokenizer.sep_id]


def mask_of(tokenizer):
    """The id of the mask."""
    return tokenizer.mask_token_id if hasattr(tokenizer, "mask_token_id") else tokenizer.mask_id


def logits_of(model, ids):
    """(T, V) of one sequence, all of which is visible."""
    model.eval()
    with torch.no_grad():
        output = model(torch.tensor([ids]))
    return getattr(output, "logits", output)[0]


def maps_of(model, ids):
    """The attention maps (H, T, T) of one sequence, layer by layer."""
    model.eval()
    if hasattr(model.config, "model_type"):
        with torch.no_grad():
            return [layer[0] for layer in model(torch.tensor([ids]), output_attentions=True).attentions]
    kept = []
    hooks = [
        block.attention.register_forward_hook(lambda _, __, out: kept.append(out[1][0]))
        for block in model.encoder.blocks
    ]
    logits_of(model, ids)
    for hook in hooks:
        hook.remove()
    return kept


def received(maps):
    """(T,) the mean over layers, heads and queries."""
    return torch.stack(maps).mean(dim=(0, 1, 2))


def refused(pairs, kind):
    """Refuse what the contract refuses."""
    if not pairs:
        raise ValueError("no pair of sentences")
    for first, second in pairs:
        if first == second:
            raise ValueError("the two sentences of a pair must differ")
    if kind not in (*MASKING, "aul", "aula"):
        raise ValueError(f"unknown kind {kind}")


def in_common(ids, official):
    """Places of the shared tokens of two sequences, in each; the first special has place 0."""
    inner = [one[1:-1] for one in ids]
    turned = not official and inner[0] > inner[1]
    blocks = SequenceMatcher(None, *(inner[::-1] if turned else inner), autojunk=False).get_matching_blocks()
    places = [
        [1 + start + n for start, size in zip(starts, sizes, strict=True) for n in range(size)]
        for starts, sizes in (
            ([block.a for block in blocks], [block.size for block in blocks]),
            ([block.b for block in blocks], [block.size for block in blocks]),
        )
    ]
    return places[::-1] if turned else places


def natural(logits, token):
    """ln P(token)."""
    return logits.log_softmax(-1)[token].item()


def mean_or_nan(values):
    """The mean, or NaN of nothing."""
    return sum(values) / len(values) if values else math.nan


REDUCED = {"unmodified": sum, "modified": mean_or_nan, "aul": mean_or_nan, "aula": mean_or_nan}


def by_hand(
    model,
    tokenizer,
    pairs,
    kind,
    official,
    *,
    asks=refused,
    order=None,
    choose=None,
    hide=None,
    back=0,
    answer=logits_of,
    value=natural,
    alpha=None,
    reduced=REDUCED,
    alone=False,
    digits=None,
):
    """The scores, one masked copy at a time, some of the steps replaced."""
    asks(pairs, kind)
    table = []
    for pair in pairs:
        both = [ids_of(tokenizer, sentence) for sentence in pair]
        common = in_common(both, official if order is None else order)
        scores = []
        for ids, shared in zip(both, common, strict=True):
            inside = list(range(1, len(ids) - 1))
            changed = [place for place in inside if place not in shared]
            sets = {"unmodified": shared, "modified": changed}
            places = sets.get(kind, inside) if choose is None else choose(kind, shared, changed, ids)
            factors = [1.0] * len(ids)
            if kind == "aula":
                factors = received(maps_of(model, ids)).tolist() if alpha is None else alpha(model, ids)
            found = []
            for place in places:
                covered = [place] if kind in MASKING else []
                covered = covered if hide is None else hide(kind, place, shared, changed)
                copy = [mask_of(tokenizer) if n in covered else token for n, token in enumerate(ids)]
                found.append(factors[place] * value(answer(model, copy)[place - back], ids[place]))
            scores.append(reduced.get(kind, mean_or_nan)(found))
        spoiled = any(map(math.isnan, scores)) and not alone
        table.append([math.nan] * 2 if spoiled else scores)
    table = np.array(table, dtype=np.float64).reshape(-1, 2)
    return np.round(table, 3) if (official if digits is None else digits) else table


@misconception(
    "sets_exchanged",
    en="you score the changed tokens for unmodified and the shared ones for modified: unmodified scores the shared tokens, given the changed ones",
    fr="vous évaluez les jetons modifiés pour unmodified et les jetons communs pour modified : unmodified évalue les jetons communs, sachant les modifiés",
)
def sets_exchanged(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    def other(kind, sentence):
        turned = {"unmodified": "modified", "modified": "unmodified"}
        return scored(turned.get(kind, kind), sentence)

    return by_questions(model, tokenizer, pairs, kind, batch_size, official, scored=other)


@again(sets_exchanged)
def sets_exchanged_2(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    def choose(kind, shared, changed, ids):
        return {"unmodified": changed, "modified": shared}.get(kind, range(1, len(ids) - 1))

    return by_hand(model, tokenizer, pairs, kind, official, choose=choose)


@misconception(
    "all_tokens_for_unmodified",
    en="for unmodified you score all tokens of the sentence: only the shared ones count, or the frequency of the changed word decides",
    fr="pour unmodified, vous évaluez tous les jetons de la phrase : seuls les jetons communs comptent, sans quoi la fréquence du mot modifié décide",
)
def all_tokens_for_unmodified(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    def everything(kind, sentence):
        return sentence.content if kind == "unmodified" else scored(kind, sentence)

    return by_questions(model, tokenizer, pairs, kind, batch_size, official, scored=everything)


@again(all_tokens_for_unmodified)
def all_tokens_for_unmodified_2(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    def choose(kind, shared, changed, ids):
        return changed if kind == "modified" else range(1, len(ids) - 1)

    return by_hand(model, tokenizer, pairs, kind, official, choose=choose)


@misconception(
    "mean_for_unmodified",
    en="for unmodified you return the mean over the shared tokens: their sum is asked for",
    fr="pour unmodified, vous renvoyez la moyenne sur les jetons communs : on demande leur somme",
)
def mean_for_unmodified(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    def mean(kind, values, sentence):
        return np.mean(values) if kind == "unmodified" else total(kind, values, sentence)

    return by_questions(model, tokenizer, pairs, kind, batch_size, official, total=mean)


@again(mean_for_unmodified)
def mean_for_unmodified_2(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    return by_hand(model, tokenizer, pairs, kind, official, reduced=REDUCED | {"unmodified": mean_or_nan})


@misconception(
    "sum_for_modified",
    en="for modified you return the sum over the changed tokens: their mean is asked for, as the two sentences may have different numbers of them",
    fr="pour modified, vous renvoyez la somme sur les jetons modifiés : on demande leur moyenne, car les deux phrases peuvent en avoir des nombres différents",
)
def sum_for_modified(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    def summed(kind, values, sentence):
        if kind == "modified":
            return values.sum() if len(values) else math.nan
        return total(kind, values, sentence)

    return by_questions(model, tokenizer, pairs, kind, batch_size, official, total=summed)


@again(sum_for_modified)
def sum_for_modified_2(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    def sum_or_nan(values):
        return sum(values) if values else math.nan

    return by_hand(model, tokenizer, pairs, kind, official, reduced=REDUCED | {"modified": sum_or_nan})


@misconception(
    "sum_for_aul",
    en="for aul and aula you return the sum over the tokens: divide it by their number",
    fr="pour aul et aula, vous renvoyez la somme sur les jetons : divisez-la par leur nombre",
)
def sum_for_aul(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    def summed(kind, values, sentence):
        return values.sum() if kind in ("aul", "aula") else total(kind, values, sentence)

    return by_questions(model, tokenizer, pairs, kind, batch_size, official, total=summed)


@again(sum_for_aul)
def sum_for_aul_2(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    return by_hand(model, tokenizer, pairs, kind, official, reduced=REDUCED | {"aul": sum, "aula": sum})


@misconception(
    "shared_masked_together",
    en="for unmodified you mask all shared tokens at once: mask one at a time, the others staying visible",
    fr="pour unmodified, vous masquez tous les jetons communs à la fois : masquez-en un seul à la fois, les autres restant visibles",
)
def shared_masked_together(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    def together(kind, sentence, place):
        return sentence.shared if kind == "unmodified" else hidden(kind, sentence, place)

    return by_questions(model, tokenizer, pairs, kind, batch_size, official, hidden=together)


@again(shared_masked_together)
def shared_masked_together_2(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    def hide(kind, place, shared, changed):
        return {"unmodified": shared, "modified": [place]}.get(kind, [])

    return by_hand(model, tokenizer, pairs, kind, official, hide=hide)


@misconception(
    "changed_masked_together",
    en="for modified you mask all changed tokens at once: mask one at a time, the others staying visible",
    fr="pour modified, vous masquez tous les jetons modifiés à la fois : masquez-en un seul à la fois, les autres restant visibles",
)
def changed_masked_together(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    def together(kind, sentence, place):
        return sentence.modified if kind == "modified" else hidden(kind, sentence, place)

    return by_questions(model, tokenizer, pairs, kind, batch_size, official, hidden=together)


@again(changed_masked_together)
def changed_masked_together_2(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    def hide(kind, place, shared, changed):
        return {"unmodified": [place], "modified": changed}.get(kind, [])

    return by_hand(model, tokenizer, pairs, kind, official, hide=hide)


@misconception(
    "every_cell",
    en="of the table positions × tokens you average every cell, each position answering for all tokens: take the diagonal, each position for its own token",
    fr="dans le tableau positions × jetons, vous faites la moyenne de toutes les cases, chaque position répondant de tous les jetons : prenez la diagonale, chaque position pour son propre jeton",
)
def every_cell(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    def cells(kind, logs, tokens):
        return diagonal(kind, logs, tokens) if kind == "unmodified" else logs[:, tokens].mean(dim=1).tolist()

    return by_questions(model, tokenizer, pairs, kind, batch_size, official, values_of=cells)


@again(every_cell)
def every_cell_2(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    if kind == "unmodified":
        return by_hand(model, tokenizer, pairs, kind, official)
    refused(pairs, kind)
    table = []
    for pair in pairs:
        both = [ids_of(tokenizer, sentence) for sentence in pair]
        scores = []
        for ids, shared in zip(both, in_common(both, official), strict=True):
            places = [n for n in range(1, len(ids) - 1) if kind != "modified" or n not in shared]
            weights = received(maps_of(model, ids)).tolist()
            cells = []
            for place in places:
                copy = list(ids)
                copy[place] = mask_of(tokenizer) if kind == "modified" else ids[place]
                logs = logits_of(model, copy)[place].log_softmax(-1)
                cells += [logs[ids[n]].item() * (weights[place] if kind == "aula" else 1.0) for n in places]
            scores.append(mean_or_nan(cells))
        table.append([math.nan] * 2 if any(map(math.isnan, scores)) else scores)
    return np.round(table, 3) if official else np.array(table)


@misconception(
    "specials_scored",
    en="you score the special tokens too: the model reads them, but neither the shared tokens nor the content hold them",
    fr="vous évaluez aussi les jetons spéciaux : le modèle les lit, mais ni les jetons communs ni le contenu ne les comprennent",
)
def specials_scored(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    def with_specials(kind, sentence):
        if kind == "modified":
            return sentence.modified
        return [0, *scored(kind, sentence), len(sentence.ids) - 1]

    return by_questions(model, tokenizer, pairs, kind, batch_size, official, scored=with_specials)


@again(specials_scored)
def specials_scored_2(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    def choose(kind, shared, changed, ids):
        return [
            place
            for place in range(len(ids))
            if kind in ("aul", "aula") or (place in changed) == (kind == "modified")
        ]

    return by_hand(model, tokenizer, pairs, kind, official, choose=choose)


@misconception(
    "position_without_first_special",
    en="you read one position before the token: [CLS] stands before the text, and the positions of align_pair count it",
    fr="vous lisez la position qui précède le jeton : [CLS] est placé devant le texte, et les positions d'align_pair en tiennent compte",
)
def position_without_first_special(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    return by_questions(model, tokenizer, pairs, kind, batch_size, official, shift=-1)


@again(position_without_first_special)
def position_without_first_special_2(
    model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False
):
    return by_hand(model, tokenizer, pairs, kind, official, back=1)


@misconception(
    "aul_masked",
    en="for aul and aula you mask each token: these two read the whole sentence, nothing masked",
    fr="pour aul et aula, vous masquez chaque jeton : ces deux-là lisent la phrase entière, sans rien masquer",
    warning=text(
        "for aul and aula too you mask each token", "pour aul et aula aussi, vous masquez chaque jeton"
    ),
)
def aul_masked(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    def always(kind, sentence, place):
        return [place]

    return by_questions(model, tokenizer, pairs, kind, batch_size, official, hidden=always)


@again(aul_masked)
def aul_masked_2(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    return by_hand(model, tokenizer, pairs, kind, official, hide=lambda kind, place, shared, changed: [place])


@misconception(
    "nothing_masked",
    en="for unmodified and modified you mask nothing: a token that is visible gives itself away, mask each one in its turn",
    fr="pour unmodified et modified, vous ne masquez rien : un jeton visible se trahit lui-même, masquez chacun à son tour",
)
def nothing_masked(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    def never(kind, sentence, place):
        return []

    return by_questions(model, tokenizer, pairs, kind, batch_size, official, hidden=never)


@again(nothing_masked)
def nothing_masked_2(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    return by_hand(model, tokenizer, pairs, kind, official, hide=lambda kind, place, shared, changed: [])


@misconception(
    "padding_attended",
    en="the model reads the padding that fills up the shorter sentences: give it the attention_mask, or let MaskedScorer do it",
    fr="le modèle lit le remplissage qui complète les phrases plus courtes : donnez-lui l'attention_mask, ou laissez MaskedScorer le faire",
)
def padding_attended(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    check_pairs(pairs, kind, batch_size)
    scorer = MaskedScorer(model, tokenizer)
    aligned = [align_pair(scorer, *pair, official) for pair in pairs]
    longest = max(len(one.ids) for pair in aligned for one in (pair.first, pair.second))

    def filled(kind, scorer, sentence, asked):
        model.eval()
        copies = [scorer.masked(sentence.ids, hidden(kind, sentence, place)) for place in asked]
        rows = torch.tensor([[*copy, *[scorer.pad_id] * (longest - len(copy))] for copy in copies])
        with torch.no_grad():
            output = model(rows)
        logs = getattr(output, "logits", output).log_softmax(-1)
        found = [logs[n, place, sentence.ids[place]].item() for n, place in enumerate(asked)]
        return np.array(found) * weighted(kind, scorer, sentence, asked)

    def ones(kind, logs, tokens):
        return [1.0] * len(tokens)

    return by_questions(model, tokenizer, pairs, kind, batch_size, official, values_of=ones, weighted=filled)


@again(padding_attended)
def padding_attended_2(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    pad = tokenizer.pad_token_id if hasattr(tokenizer, "pad_token_id") else tokenizer.pad_id
    width = max((len(ids_of(tokenizer, sentence)) for pair in pairs for sentence in pair), default=0)

    def answer(model, copy):
        return logits_of(model, copy + [pad] * (width - len(copy)))

    return by_hand(model, tokenizer, pairs, kind, official, answer=answer)


@misconception(
    "filled_with_masks",
    en="you fill up the shorter sentences with [MASK], and the model reads it: padding has an id of its own, and is hidden from the model",
    fr="vous complétez les phrases plus courtes par [MASK], et le modèle le lit : le remplissage a son propre identifiant, et reste invisible au modèle",
)
def filled_with_masks(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    check_pairs(pairs, kind, batch_size)
    scorer = MaskedScorer(model, tokenizer)
    longest = max(len(scorer.encode(sentence).ids) for pair in pairs for sentence in pair)

    def filled(kind, scorer, sentence, asked):
        rest = [scorer.mask_id] * (longest - len(sentence.ids))
        copies = [[*scorer.masked(sentence.ids, hidden(kind, sentence, place)), *rest] for place in asked]
        logs = scorer.log_probabilities(copies, [[place] for place in asked])
        found = diagonal(kind, logs, [sentence.ids[place] for place in asked])
        return np.array(found) * weighted(kind, scorer, sentence, asked)

    def ones(kind, logs, tokens):
        return [1.0] * len(tokens)

    return by_questions(model, tokenizer, pairs, kind, batch_size, official, values_of=ones, weighted=filled)


@again(filled_with_masks)
def filled_with_masks_2(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    width = max((len(ids_of(tokenizer, sentence)) for pair in pairs for sentence in pair), default=0)

    def answer(model, copy):
        return logits_of(model, copy + [mask_of(tokenizer)] * (width - len(copy)))

    return by_hand(model, tokenizer, pairs, kind, official, answer=answer)


@misconception(
    "weights_renormalised",
    en="for aula you divide by the sum of the weights: divide by the number of tokens, the weights stay as they are",
    fr="pour aula, vous divisez par la somme des poids : divisez par le nombre de jetons, sans toucher aux poids",
)
def weights_renormalised(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    def shares(kind, scorer, sentence, asked):
        weights = weighted(kind, scorer, sentence, asked)
        return weights * len(asked) / weights.sum()

    return by_questions(model, tokenizer, pairs, kind, batch_size, official, weighted=shares)


@again(weights_renormalised)
def weights_renormalised_2(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    def alpha(model, ids):
        weights = received(maps_of(model, ids))
        weights = weights / weights[1:-1].sum() * (len(ids) - 2)
        return weights.tolist()

    return by_hand(model, tokenizer, pairs, kind, official, alpha=alpha)


@misconception(
    "weights_one_too_early",
    en="for aula each token has the weight of the one before it: the weights of attention_received begin with [CLS], those of received_weights with the text",
    fr="pour aula, chaque jeton a le poids de celui qui le précède : les poids d'attention_received commencent à [CLS], ceux de received_weights au texte",
)
def weights_one_too_early(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    def early(kind, scorer, sentence, asked):
        return weighted(kind, scorer, sentence, [place - 1 for place in asked])

    return by_questions(model, tokenizer, pairs, kind, batch_size, official, weighted=early)


@again(weights_one_too_early)
def weights_one_too_early_2(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    return by_hand(
        model,
        tokenizer,
        pairs,
        kind,
        official,
        alpha=lambda model, ids: [0.0, *received(maps_of(model, ids)).tolist()],
    )


@misconception(
    "last_layer_only",
    en="for aula you take the attention of the last layer: it is the mean over all layers",
    fr="pour aula, vous prenez l'attention de la dernière couche : c'est la moyenne sur toutes les couches",
)
def last_layer_only(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    def last(kind, scorer, sentence, asked):
        if kind != "aula":
            return np.ones(len(asked))
        return maps_of(scorer.model, sentence.ids)[-1].mean(dim=(0, 1)).numpy()[list(asked)]

    return by_questions(model, tokenizer, pairs, kind, batch_size, official, weighted=last)


@again(last_layer_only)
def last_layer_only_2(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    return by_hand(
        model,
        tokenizer,
        pairs,
        kind,
        official,
        alpha=lambda model, ids: received(maps_of(model, ids)[-1:]).tolist(),
    )


@misconception(
    "first_query_only",
    en="for aula you take the attention that [CLS] gives: it is the mean over all tokens that look",
    fr="pour aula, vous prenez l'attention que donne [CLS] : c'est la moyenne sur tous les jetons qui regardent",
)
def first_query_only(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    def of_first(kind, scorer, sentence, asked):
        if kind != "aula":
            return np.ones(len(asked))
        return torch.stack(maps_of(scorer.model, sentence.ids))[:, :, 0].mean(dim=(0, 1)).numpy()[list(asked)]

    return by_questions(model, tokenizer, pairs, kind, batch_size, official, weighted=of_first)


@again(first_query_only)
def first_query_only_2(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    def alpha(model, ids):
        heads = [head[0] for layer in maps_of(model, ids) for head in layer]
        return (sum(heads) / len(heads)).tolist()

    return by_hand(model, tokenizer, pairs, kind, official, alpha=alpha)


@misconception(
    "text_queries_only",
    en="for aula you average over the tokens of the text alone: the specials look too, and count among the queries",
    fr="pour aula, vous faites la moyenne sur les seuls jetons du texte : les jetons spéciaux regardent aussi, et comptent parmi les requêtes",
)
def text_queries_only(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    def inner(kind, scorer, sentence, asked):
        if kind != "aula":
            return np.ones(len(asked))
        return (
            torch.stack(maps_of(scorer.model, sentence.ids))[:, :, 1:-1]
            .mean(dim=(0, 1, 2))
            .numpy()[list(asked)]
        )

    return by_questions(model, tokenizer, pairs, kind, batch_size, official, weighted=inner)


@again(text_queries_only)
def text_queries_only_2(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    def alpha(model, ids):
        return received([layer[:, 1:-1] for layer in maps_of(model, ids)]).tolist()

    return by_hand(model, tokenizer, pairs, kind, official, alpha=alpha)


@misconception(
    "attention_given",
    en="for aula you average each row of the maps, what a token gives (always the same): average the columns, what it receives",
    fr="pour aula, vous faites la moyenne de chaque ligne des cartes, ce qu'un jeton donne (toujours autant) : faites celle des colonnes, ce qu'il reçoit",
)
def attention_given(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    def given(kind, scorer, sentence, asked):
        if kind != "aula":
            return np.ones(len(asked))
        return torch.stack(maps_of(scorer.model, sentence.ids)).mean(dim=(0, 1, 3)).numpy()[list(asked)]

    return by_questions(model, tokenizer, pairs, kind, batch_size, official, weighted=given)


@again(attention_given)
def attention_given_2(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    return by_hand(
        model, tokenizer, pairs, kind, official, alpha=lambda model, ids: [1 / len(ids)] * len(ids)
    )


@misconception(
    "queries_summed",
    en="for aula you add up what all tokens give: take the mean over the tokens that look, so that the weights of a sentence sum to 1",
    fr="pour aula, vous additionnez ce que donnent tous les jetons : faites la moyenne sur les jetons qui regardent, pour que les poids d'une phrase aient pour somme 1",
)
def queries_summed(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    def summed(kind, scorer, sentence, asked):
        weights = weighted(kind, scorer, sentence, asked)
        return weights * len(sentence.ids) if kind == "aula" else weights

    return by_questions(model, tokenizer, pairs, kind, batch_size, official, weighted=summed)


@again(queries_summed)
def queries_summed_2(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    def alpha(model, ids):
        return torch.stack(maps_of(model, ids)).mean(dim=(0, 1)).sum(dim=0).tolist()

    return by_hand(model, tokenizer, pairs, kind, official, alpha=alpha)


@misconception(
    "weights_ignored",
    en="aula is aul: multiply each log-probability by the attention that its token receives",
    fr="aula vaut aul : multipliez chaque log-probabilité par l'attention que reçoit son jeton",
)
def weights_ignored(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    return by_questions(
        model,
        tokenizer,
        pairs,
        kind,
        batch_size,
        official,
        weighted=lambda kind, scorer, sentence, asked: np.ones(len(asked)),
    )


@again(weights_ignored)
def weights_ignored_2(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    return by_hand(model, tokenizer, pairs, "aul" if kind == "aula" else kind, official)


@misconception(
    "length_with_specials",
    en="for aul and aula you divide by a length that counts the specials: divide by the number of tokens of the text",
    fr="pour aul et aula, vous divisez par une longueur qui compte les jetons spéciaux : divisez par le nombre de jetons du texte",
)
def length_with_specials(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    def longer(kind, values, sentence):
        if kind in MASKING:
            return total(kind, values, sentence)
        return values.sum() / len(sentence.ids)

    return by_questions(model, tokenizer, pairs, kind, batch_size, official, total=longer)


@again(length_with_specials)
def length_with_specials_2(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    def longer(values):
        return sum(values) / (len(values) + 2)

    return by_hand(model, tokenizer, pairs, kind, official, reduced=REDUCED | {"aul": longer, "aula": longer})


@misconception(
    "modified_by_length",
    en="for modified you divide by the length of the sentence: divide by the number of its changed tokens",
    fr="pour modified, vous divisez par la longueur de la phrase : divisez par le nombre de ses jetons modifiés",
)
def modified_by_length(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    def longer(kind, values, sentence):
        if kind != "modified":
            return total(kind, values, sentence)
        return values.sum() / len(sentence.content) if len(values) else math.nan

    return by_questions(model, tokenizer, pairs, kind, batch_size, official, total=longer)


@again(modified_by_length)
def modified_by_length_2(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    scores = by_hand(model, tokenizer, pairs, kind, official, digits=False)
    if kind == "modified":
        for row, pair in zip(scores, pairs, strict=True):
            both = [ids_of(tokenizer, sentence) for sentence in pair]
            for n, (ids, shared) in enumerate(zip(both, in_common(both, official), strict=True)):
                row[n] *= (len(ids) - 2 - len(shared)) / (len(ids) - 2)
    return np.round(scores, 3) if official else scores


@misconception(
    "bits",
    en="your logarithm has base 2: the contract asks for nats, the natural logarithm",
    fr="votre logarithme est de base 2 : le contrat demande des nats, le logarithme népérien",
)
def bits(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    def in_bits(kind, logs, tokens):
        return [value / math.log(2) for value in diagonal(kind, logs, tokens)]

    return by_questions(model, tokenizer, pairs, kind, batch_size, official, values_of=in_bits)


@again(bits)
def bits_2(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    def value(logits, token):
        return logits.softmax(-1)[token].log2().item()

    return by_hand(model, tokenizer, pairs, kind, official, value=value)


@misconception(
    "logits_added",
    en="you add up logits: log-probabilities are their log_softmax over the vocabulary",
    fr="vous additionnez des logits : les log-probabilités sont leur log_softmax sur le vocabulaire",
)
def logits_added(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    check_pairs(pairs, kind, batch_size)

    def raw(kind, scorer, sentence, asked):
        copies = [scorer.masked(sentence.ids, hidden(kind, sentence, place)) for place in asked]
        rows = [
            logits_of(model, copy)[place, sentence.ids[place]].item()
            for copy, place in zip(copies, asked, strict=True)
        ]
        return np.array(rows) * weighted(kind, scorer, sentence, asked)

    def ones(kind, logs, tokens):
        return [1.0] * len(tokens)

    return by_questions(model, tokenizer, pairs, kind, batch_size, official, values_of=ones, weighted=raw)


@again(logits_added)
def logits_added_2(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    return by_hand(model, tokenizer, pairs, kind, official, value=lambda logits, token: logits[token].item())


@misconception(
    "probabilities_added",
    en="you add up probabilities: add up their logarithms",
    fr="vous additionnez des probabilités : additionnez leurs logarithmes",
)
def probabilities_added(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    return by_questions(
        model,
        tokenizer,
        pairs,
        kind,
        batch_size,
        official,
        values_of=lambda kind, logs, tokens: diagonal(kind, logs.exp(), tokens),
    )


@again(probabilities_added)
def probabilities_added_2(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    return by_hand(
        model, tokenizer, pairs, kind, official, value=lambda logits, token: logits.softmax(-1)[token].item()
    )


@misconception(
    "losses_added",
    en="your sign is that of a loss: a log-probability is negative, and the preferred sentence has the higher score",
    fr="votre signe est celui d'une perte : une log-probabilité est négative, et la phrase préférée a le score le plus haut",
)
def losses_added(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    def loss(kind, values, sentence):
        return -total(kind, values, sentence)

    return by_questions(model, tokenizer, pairs, kind, batch_size, official, total=loss)


@again(losses_added)
def losses_added_2(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    return -by_hand(model, tokenizer, pairs, kind, official)


@misconception(
    "training_mode_left_on",
    en="dropout is still active: call model.eval() first",
    fr="l'abandon (dropout) est encore actif : appelez model.eval() avant",
)
def training_mode_left_on(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    check_pairs(pairs, kind, batch_size)

    def as_it_came(kind, scorer, sentence, asked):
        copies = [scorer.masked(sentence.ids, hidden(kind, sentence, place)) for place in asked]
        with torch.no_grad():
            output = model(torch.tensor(copies))
        logs = getattr(output, "logits", output).log_softmax(-1)
        found = [logs[n, place, sentence.ids[place]].item() for n, place in enumerate(asked)]
        return np.array(found) * weighted(kind, scorer, sentence, asked)

    def ones(kind, logs, tokens):
        return [1.0] * len(tokens)

    return by_questions(
        model, tokenizer, pairs, kind, batch_size, official, values_of=ones, weighted=as_it_came
    )


@again(training_mode_left_on)
def training_mode_left_on_2(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    was_training = model.training

    def answer(model, copy):
        model.train(was_training)
        with torch.no_grad():
            output = model(torch.tensor([copy]))
        return getattr(output, "logits", output)[0]

    return by_hand(model, tokenizer, pairs, kind, official, answer=answer)


@misconception(
    "nothing_changed_is_zero",
    en="a sentence without changed tokens scores 0, the best there is: for modified the pair has no score then, NaN for both",
    fr="une phrase sans jeton modifié obtient 0, le meilleur score possible : pour modified, la paire n'a alors pas de score, NaN pour les deux",
)
def nothing_changed_is_zero(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    def or_zero(kind, values, sentence):
        return total(kind, values, sentence) if len(values) else 0.0

    return by_questions(model, tokenizer, pairs, kind, batch_size, official, total=or_zero)


@again(nothing_changed_is_zero)
def nothing_changed_is_zero_2(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    def mean_or_zero(values):
        return sum(values) / max(1, len(values))

    return by_hand(model, tokenizer, pairs, kind, official, reduced=REDUCED | {"modified": mean_or_zero})


@misconception(
    "one_score_left",
    en="where one sentence has no changed token, the other one keeps its score: NaN for both, as one score compares with nothing",
    fr="quand une phrase n'a aucun jeton modifié, l'autre garde son score : NaN pour les deux, car un score seul ne se compare à rien",
)
def one_score_left(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    return by_questions(model, tokenizer, pairs, kind, batch_size, official, completed=lambda scores: scores)


@again(one_score_left)
def one_score_left_2(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    return by_hand(model, tokenizer, pairs, kind, official, alone=True)


@misconception(
    "official_not_rounded",
    en="with official the scores are not rounded: round them to 3 decimals at the end",
    fr="avec official, les scores ne sont pas arrondis : arrondissez-les à 3 décimales, à la fin",
)
def official_not_rounded(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    return by_questions(model, tokenizer, pairs, kind, batch_size, official, rounded=False)


@again(official_not_rounded)
def official_not_rounded_2(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    return by_hand(model, tokenizer, pairs, kind, official, digits=False)


@misconception(
    "always_rounded",
    en="you round the scores in all cases: only with official, or small differences become ties",
    fr="vous arrondissez les scores dans tous les cas : seulement avec official, sinon de petites différences deviennent des égalités",
)
def always_rounded(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    return by_questions(model, tokenizer, pairs, kind, batch_size, official, rounded=True)


@again(always_rounded)
def always_rounded_2(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    return by_hand(model, tokenizer, pairs, kind, official, digits=True)


@misconception(
    "official_alignment_missing",
    en="official does not reach the alignment: hand it over to align_pair",
    fr="official n'atteint pas l'alignement : transmettez-le à align_pair",
)
def official_alignment_missing(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    return by_questions(model, tokenizer, pairs, kind, batch_size, official, aligned_as=False)


@again(official_alignment_missing)
def official_alignment_missing_2(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    return by_hand(model, tokenizer, pairs, kind, official, order=False)


@misconception(
    "nothing_refused",
    en="your function scores whatever it is given: call check_pairs(pairs, kind, batch_size) first",
    fr="votre fonction évalue tout ce qu'on lui donne : appelez d'abord check_pairs(pairs, kind, batch_size)",
)
def nothing_refused(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    return by_questions(
        model, tokenizer, pairs, kind, batch_size, official, checking=lambda pairs, kind, batch_size: None
    )


@again(nothing_refused)
def nothing_refused_2(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    return by_hand(model, tokenizer, pairs, kind, official, asks=lambda pairs, kind: None)
