"""Wrong implementations that students really write, each with what it computes instead."""

from __future__ import annotations

import math

import numpy as np
import torch

from attentif import Beam
from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = ("equal_beams", "finished_beams_take_places", "length_with_the_beginning", "ranked_by_the_sum")


@misconception(
    "finished_beams_dropped",
    en="beams that have finished are lost: keep them aside and rank them at the end with those that still go"
    " on",
    fr="les faisceaux finis sont perdus : mettez-les de côté et classez-les à la fin avec ceux qui "
    "continuent",
)
def finished_beams_dropped(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    model.eval()
    context = model.config.max_length
    alive, totals = token_ids[None], torch.zeros(1, dtype=torch.float64)
    for _ in range(max_new_tokens):
        step = model(alive[:, -context:])[:, -1].double().log_softmax(-1)
        best, index = (totals[:, None] + step).flatten().sort(descending=True)
        going_on = []
        for rank, place in enumerate(index.tolist()):
            total, ids = best[rank].item(), [*alive[place // step.size(1)].tolist(), place % step.size(1)]
            if ids[-1] != eos_id:
                going_on.append((ids, total))
        alive = torch.tensor([ids for ids, _ in going_on[:n_beams]])
        totals = torch.tensor([total for _, total in going_on[:n_beams]], dtype=torch.float64)
    found = [Beam(ids, total, total / max_new_tokens**alpha) for ids, total in going_on[:n_beams]]
    return sorted(found, key=lambda beam: beam.score, reverse=True)[:n_beams]


@again(finished_beams_dropped)
def finished_beams_dropped_2(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    model = model.eval()
    start, beams = token_ids.tolist(), [(0.0, [])]
    for _ in range(max_new_tokens):
        grown = []
        for total, new in beams:
            window = torch.tensor([(start + new)[-model.config.max_length :]])
            shares = torch.softmax(model(window)[0, -1].double(), dim=0)
            grown += [(total + math.log(share), [*new, token]) for token, share in enumerate(shares.tolist())]
        grown.sort(key=lambda pair: -pair[0])
        beams = [(total, new) for total, new in grown if new[-1] != eos_id][:n_beams]
    every = [Beam(start + new, total, total / len(new) ** alpha) for total, new in beams]
    every.sort(key=lambda beam: -beam.score)
    return every[:n_beams]


@misconception(
    "finished_beams_extended",
    en="beams that have drawn eos_id are continued: they are finished and leave the search",
    fr="des faisceaux qui ont tiré eos_id sont prolongés : ils sont finis et quittent la recherche",
)
def finished_beams_extended(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    model.eval()
    context = model.config.max_length
    alive, totals = token_ids[None], torch.zeros(1, dtype=torch.float64)
    for _ in range(max_new_tokens):
        step = model(alive[:, -context:])[:, -1].double().log_softmax(-1)
        best, index = (totals[:, None] + step).flatten().sort(descending=True)
        going_on = []
        for value, place in zip(best.tolist(), index.tolist(), strict=True):
            total, ids = value, [*alive[place // step.size(1)].tolist(), place % step.size(1)]
            going_on.append((ids, total))
        alive = torch.tensor([ids for ids, _ in going_on[:n_beams]])
        totals = torch.tensor([total for _, total in going_on[:n_beams]], dtype=torch.float64)
    found = [Beam(ids, total, total / max_new_tokens**alpha) for ids, total in going_on[:n_beams]]
    return sorted(found, key=lambda beam: beam.score, reverse=True)[:n_beams]


@again(finished_beams_extended)
def finished_beams_extended_2(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    model = model.eval()
    start, beams = token_ids.tolist(), [(0.0, [])]
    for _ in range(max_new_tokens):
        grown = []
        for total, new in beams:
            window = torch.tensor([(start + new)[-model.config.max_length :]])
            shares = torch.softmax(model(window)[0, -1].double(), dim=0)
            grown += [(total + math.log(share), [*new, token]) for token, share in enumerate(shares.tolist())]
        grown.sort(key=lambda pair: -pair[0])
        beams = grown[:n_beams]
    every = [Beam(start + new, total, total / len(new) ** alpha) for total, new in beams]
    every.sort(key=lambda beam: -beam.score)
    return every[:n_beams]


@misconception(
    "finished_beams_take_places",
    en="a finished beam keeps a place among the n_beams: it leaves the search, and n_beams others go on",
    fr="un faisceau fini garde une place parmi les n_beams : il quitte la recherche, et n_beams autres "
    "continuent",
)
def finished_beams_take_places(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    model.eval()
    beams = [(0.0, token_ids.tolist(), False)]
    for _ in range(max_new_tokens):
        grown = []
        for total, ids, ended in beams:
            if ended:
                grown.append((total, ids, True))
                continue
            logits = model(torch.tensor([ids[-model.config.max_length :]]))[0, -1]
            for token, value in enumerate(logits.double().log_softmax(-1).tolist()):
                grown.append((total + value, [*ids, token], token == eos_id))
        beams = sorted(grown, key=lambda beam: beam[0], reverse=True)[:n_beams]
    n_given = len(token_ids)
    found = [Beam(ids, total, total / (len(ids) - n_given) ** alpha) for total, ids, _ in beams]
    return sorted(found, key=lambda beam: beam.score, reverse=True)


@again(finished_beams_take_places)
def finished_beams_take_places_2(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    model = model.eval()
    start, kept = token_ids.tolist(), {(): 0.0}
    for _ in range(max_new_tokens):
        open_ones = [new for new in kept if not new or new[-1] != eos_id]
        candidates = {new: total for new, total in kept.items() if new not in open_ones}
        for new in open_ones:
            window = torch.tensor([(start + list(new))[-model.config.max_length :]])
            shares = torch.softmax(model(window)[0, -1].double(), dim=0).tolist()
            candidates |= {(*new, token): kept[new] + math.log(share) for token, share in enumerate(shares)}
        kept = {new: candidates[new] for new in sorted(candidates, key=candidates.get)[::-1][:n_beams]}
    every = [Beam(start + list(new), total, total / len(new) ** alpha) for new, total in kept.items()]
    every.sort(key=lambda beam: -beam.score)
    return every


@misconception(
    "search_narrows",
    en="your search narrows with every beam that finishes: n_beams beams go on besides those that have "
    "finished",
    fr="votre recherche se rétrécit à chaque faisceau fini : n_beams faisceaux continuent, outre ceux qui "
    "ont fini",
)
def search_narrows(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    model.eval()
    context = model.config.max_length
    alive, totals, finished = token_ids[None], torch.zeros(1, dtype=torch.float64), []
    for length in range(1, max_new_tokens + 1):
        step = model(alive[:, -context:])[:, -1].double().log_softmax(-1)
        best, index = (totals[:, None] + step).flatten().sort(descending=True)
        going_on = []
        for total, place in list(zip(best.tolist(), index.tolist(), strict=True))[: n_beams - len(finished)]:
            ids = [*alive[place // step.size(1)].tolist(), place % step.size(1)]
            if ids[-1] == eos_id:
                finished.append(Beam(ids, total, total / length**alpha))
            else:
                going_on.append((ids, total))
        if not going_on:
            break
        alive = torch.tensor([ids for ids, _ in going_on])
        totals = torch.tensor([total for _, total in going_on], dtype=torch.float64)
    finished += [Beam(ids, total, total / length**alpha) for ids, total in going_on]
    return sorted(finished, key=lambda beam: beam.score, reverse=True)


@again(search_narrows)
def search_narrows_2(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    model = model.eval()
    start, beams, done = token_ids.tolist(), [(0.0, [])], []
    for _ in range(max_new_tokens):
        grown = []
        for total, new in beams:
            window = torch.tensor([(start + new)[-model.config.max_length :]])
            shares = torch.softmax(model(window)[0, -1].double(), dim=0)
            grown += [(total + math.log(share), [*new, token]) for token, share in enumerate(shares.tolist())]
        grown.sort(key=lambda pair: -pair[0])
        width = n_beams - len(done)
        done += [(total, new) for total, new in grown[:width] if new[-1] == eos_id]
        beams = [(total, new) for total, new in grown[:width] if new[-1] != eos_id]
    every = [Beam(start + new, total, total / len(new) ** alpha) for total, new in done + beams]
    every.sort(key=lambda beam: -beam.score)
    return every[:n_beams]


@misconception(
    "any_candidate_finishes",
    en="every candidate that ends with eos_id counts as finished: only those among the n_beams best "
    "candidates of the step do",
    fr="tout candidat terminé par eos_id compte comme fini : seuls comptent ceux qui sont parmi les n_beams "
    "meilleurs candidats de l'étape",
)
def any_candidate_finishes(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    model.eval()
    context = model.config.max_length
    alive, totals, finished = token_ids[None], torch.zeros(1, dtype=torch.float64), []
    for length in range(1, max_new_tokens + 1):
        step = model(alive[:, -context:])[:, -1].double().log_softmax(-1)
        best, index = (totals[:, None] + step).flatten().sort(descending=True)
        going_on = []
        for total, place in zip(best.tolist(), index.tolist(), strict=True):
            ids = [*alive[place // step.size(1)].tolist(), place % step.size(1)]
            if ids[-1] != eos_id:
                going_on.append((ids, total))
            else:
                finished.append(Beam(ids, total, total / length**alpha))
        alive = torch.tensor([ids for ids, _ in going_on[:n_beams]])
        totals = torch.tensor([total for _, total in going_on[:n_beams]], dtype=torch.float64)
    finished += [Beam(ids, total, total / length**alpha) for ids, total in going_on[:n_beams]]
    return sorted(finished, key=lambda beam: beam.score, reverse=True)[:n_beams]


@again(any_candidate_finishes)
def any_candidate_finishes_2(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    model = model.eval()
    start, beams, done = token_ids.tolist(), [(0.0, [])], []
    for _ in range(max_new_tokens):
        grown = []
        for total, new in beams:
            window = torch.tensor([(start + new)[-model.config.max_length :]])
            shares = torch.softmax(model(window)[0, -1].double(), dim=0)
            grown += [(total + math.log(share), [*new, token]) for token, share in enumerate(shares.tolist())]
        grown.sort(key=lambda pair: -pair[0])
        done += [(total, new) for total, new in grown if new[-1] == eos_id]
        beams = [(total, new) for total, new in grown if new[-1] != eos_id][:n_beams]
    every = [Beam(start + new, total, total / len(new) ** alpha) for total, new in done + beams]
    every.sort(key=lambda beam: -beam.score)
    return every[:n_beams]


@misconception(
    "stops_at_the_first_finished",
    en="your search ends as soon as one beam has finished: the others may still become better, go on to "
    "max_new_tokens",
    fr="votre recherche s'arrête dès qu'un faisceau a fini : les autres peuvent encore devenir meilleurs, "
    "continuez jusqu'à max_new_tokens",
)
def stops_at_the_first_finished(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    model.eval()
    context = model.config.max_length
    alive, totals, finished = token_ids[None], torch.zeros(1, dtype=torch.float64), []
    for length in range(1, max_new_tokens + 1):
        step = model(alive[:, -context:])[:, -1].double().log_softmax(-1)
        best, index = (totals[:, None] + step).flatten().sort(descending=True)
        going_on = []
        for rank, place in enumerate(index.tolist()):
            total, ids = best[rank].item(), [*alive[place // step.size(1)].tolist(), place % step.size(1)]
            if ids[-1] != eos_id:
                going_on.append((ids, total))
            elif rank < n_beams:
                finished.append(Beam(ids, total, total / length**alpha))
        if finished:
            break
        alive = torch.tensor([ids for ids, _ in going_on[:n_beams]])
        totals = torch.tensor([total for _, total in going_on[:n_beams]], dtype=torch.float64)
    finished += [Beam(ids, total, total / length**alpha) for ids, total in going_on[:n_beams]]
    return sorted(finished, key=lambda beam: beam.score, reverse=True)[:n_beams]


@again(stops_at_the_first_finished)
def stops_at_the_first_finished_2(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    model = model.eval()
    start, beams, done = token_ids.tolist(), [(0.0, [])], []
    n_steps = 0
    while n_steps < max_new_tokens and not done:
        n_steps += 1
        grown = []
        for total, new in beams:
            window = torch.tensor([(start + new)[-model.config.max_length :]])
            shares = torch.softmax(model(window)[0, -1].double(), dim=0)
            grown += [(total + math.log(share), [*new, token]) for token, share in enumerate(shares.tolist())]
        grown.sort(key=lambda pair: -pair[0])
        done += [(total, new) for total, new in grown[:n_beams] if new[-1] == eos_id]
        beams = [(total, new) for total, new in grown if new[-1] != eos_id][:n_beams]
    every = [Beam(start + new, total, total / len(new) ** alpha) for total, new in done + beams]
    every.sort(key=lambda beam: -beam.score)
    return every[:n_beams]


@misconception(
    "penalty_multiplied",
    en="you multiply by |x|^α: the sum is divided by it, so that a long text is not at a disadvantage",
    fr="vous multipliez par |x|^α : on divise la somme par |x|^α, pour ne pas désavantager un texte long",
)
def penalty_multiplied(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    model.eval()
    context = model.config.max_length
    alive, totals, finished = token_ids[None], torch.zeros(1, dtype=torch.float64), []
    for length in range(1, max_new_tokens + 1):
        step = model(alive[:, -context:])[:, -1].double().log_softmax(-1)
        best, index = (totals[:, None] + step).flatten().sort(descending=True)
        going_on = []
        for rank, place in enumerate(index.tolist()):
            total, ids = best[rank].item(), [*alive[place // step.size(1)].tolist(), place % step.size(1)]
            if ids[-1] != eos_id:
                going_on.append((ids, total))
            elif rank < n_beams:
                finished.append(Beam(ids, total, total * length**alpha))
        alive = torch.tensor([ids for ids, _ in going_on[:n_beams]])
        totals = torch.tensor([total for _, total in going_on[:n_beams]], dtype=torch.float64)
    finished += [Beam(ids, total, total * length**alpha) for ids, total in going_on[:n_beams]]
    return sorted(finished, key=lambda beam: beam.score, reverse=True)[:n_beams]


@again(penalty_multiplied)
def penalty_multiplied_2(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    model = model.eval()
    start, beams, done = token_ids.tolist(), [(0.0, [])], []
    for _ in range(max_new_tokens):
        grown = []
        for total, new in beams:
            window = torch.tensor([(start + new)[-model.config.max_length :]])
            shares = torch.softmax(model(window)[0, -1].double(), dim=0)
            grown += [(total + math.log(share), [*new, token]) for token, share in enumerate(shares.tolist())]
        grown.sort(key=lambda pair: -pair[0])
        done += [(total, new) for total, new in grown[:n_beams] if new[-1] == eos_id]
        beams = [(total, new) for total, new in grown if new[-1] != eos_id][:n_beams]
    every = [Beam(start + new, total, total * len(new) ** alpha) for total, new in done + beams]
    every.sort(key=lambda beam: -beam.score)
    return every[:n_beams]


@misconception(
    "penalty_missing",
    en="your score is the sum alone: divide it by |x|^α",
    fr="votre score est la somme seule : divisez-la par |x|^α",
)
def penalty_missing(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    model.eval()
    context = model.config.max_length
    alive, totals, finished = token_ids[None], torch.zeros(1, dtype=torch.float64), []
    for _ in range(max_new_tokens):
        step = model(alive[:, -context:])[:, -1].double().log_softmax(-1)
        best, index = (totals[:, None] + step).flatten().sort(descending=True)
        going_on = []
        for rank, place in enumerate(index.tolist()):
            total, ids = best[rank].item(), [*alive[place // step.size(1)].tolist(), place % step.size(1)]
            if ids[-1] != eos_id:
                going_on.append((ids, total))
            elif rank < n_beams:
                finished.append(Beam(ids, total, total))
        alive = torch.tensor([ids for ids, _ in going_on[:n_beams]])
        totals = torch.tensor([total for _, total in going_on[:n_beams]], dtype=torch.float64)
    finished += [Beam(ids, total, total) for ids, total in going_on[:n_beams]]
    return sorted(finished, key=lambda beam: beam.score, reverse=True)[:n_beams]


@again(penalty_missing)
def penalty_missing_2(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    model = model.eval()
    start, beams, done = token_ids.tolist(), [(0.0, [])], []
    for _ in range(max_new_tokens):
        grown = []
        for total, new in beams:
            window = torch.tensor([(start + new)[-model.config.max_length :]])
            shares = torch.softmax(model(window)[0, -1].double(), dim=0)
            grown += [(total + math.log(share), [*new, token]) for token, share in enumerate(shares.tolist())]
        grown.sort(key=lambda pair: -pair[0])
        done += [(total, new) for total, new in grown[:n_beams] if new[-1] == eos_id]
        beams = [(total, new) for total, new in grown if new[-1] != eos_id][:n_beams]
    every = [Beam(start + new, total, total) for total, new in done + beams]
    every.sort(key=lambda beam: -beam.score)
    return every[:n_beams]


@misconception(
    "length_with_the_beginning",
    en="your length |x| counts the beginning: it counts the new tokens only",
    fr="votre longueur |x| compte le début : elle ne compte que les nouveaux jetons",
)
def length_with_the_beginning(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    model.eval()
    context = model.config.max_length
    alive, totals, finished = token_ids[None], torch.zeros(1, dtype=torch.float64), []
    for _ in range(max_new_tokens):
        step = model(alive[:, -context:])[:, -1].double().log_softmax(-1)
        best, index = (totals[:, None] + step).flatten().sort(descending=True)
        going_on = []
        for rank, place in enumerate(index.tolist()):
            total, ids = best[rank].item(), [*alive[place // step.size(1)].tolist(), place % step.size(1)]
            if ids[-1] != eos_id:
                going_on.append((ids, total))
            elif rank < n_beams:
                finished.append(Beam(ids, total, total / len(ids) ** alpha))
        alive = torch.tensor([ids for ids, _ in going_on[:n_beams]])
        totals = torch.tensor([total for _, total in going_on[:n_beams]], dtype=torch.float64)
    finished += [Beam(ids, total, total / len(ids) ** alpha) for ids, total in going_on[:n_beams]]
    return sorted(finished, key=lambda beam: beam.score, reverse=True)[:n_beams]


@again(length_with_the_beginning)
def length_with_the_beginning_2(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    model = model.eval()
    start, beams, done = token_ids.tolist(), [(0.0, [])], []
    for _ in range(max_new_tokens):
        grown = []
        for total, new in beams:
            window = torch.tensor([(start + new)[-model.config.max_length :]])
            shares = torch.softmax(model(window)[0, -1].double(), dim=0)
            grown += [(total + math.log(share), [*new, token]) for token, share in enumerate(shares.tolist())]
        grown.sort(key=lambda pair: -pair[0])
        done += [(total, new) for total, new in grown[:n_beams] if new[-1] == eos_id]
        beams = [(total, new) for total, new in grown if new[-1] != eos_id][:n_beams]
    every = [
        Beam(start + new, total, total / (len(start) + len(new)) ** alpha) for total, new in done + beams
    ]
    every.sort(key=lambda beam: -beam.score)
    return every[:n_beams]


@misconception(
    "eos_not_counted",
    en="your length |x| leaves eos_id out: it counts like any other token",
    fr="votre longueur |x| ne compte pas eos_id : il compte comme tout autre jeton",
)
def eos_not_counted(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    model.eval()
    context = model.config.max_length
    alive, totals, finished = token_ids[None], torch.zeros(1, dtype=torch.float64), []
    for length in range(1, max_new_tokens + 1):
        step = model(alive[:, -context:])[:, -1].double().log_softmax(-1)
        best, index = (totals[:, None] + step).flatten().sort(descending=True)
        going_on = []
        for rank, place in enumerate(index.tolist()):
            total, ids = best[rank].item(), [*alive[place // step.size(1)].tolist(), place % step.size(1)]
            if ids[-1] != eos_id:
                going_on.append((ids, total))
            elif rank < n_beams:
                finished.append(Beam(ids, total, total / max(1, length - 1) ** alpha))
        alive = torch.tensor([ids for ids, _ in going_on[:n_beams]])
        totals = torch.tensor([total for _, total in going_on[:n_beams]], dtype=torch.float64)
    finished += [Beam(ids, total, total / length**alpha) for ids, total in going_on[:n_beams]]
    return sorted(finished, key=lambda beam: beam.score, reverse=True)[:n_beams]


@again(eos_not_counted)
def eos_not_counted_2(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    model = model.eval()
    start, beams, done = token_ids.tolist(), [(0.0, [])], []
    for _ in range(max_new_tokens):
        grown = []
        for total, new in beams:
            window = torch.tensor([(start + new)[-model.config.max_length :]])
            shares = torch.softmax(model(window)[0, -1].double(), dim=0)
            grown += [(total + math.log(share), [*new, token]) for token, share in enumerate(shares.tolist())]
        grown.sort(key=lambda pair: -pair[0])
        done += [(total, new) for total, new in grown[:n_beams] if new[-1] == eos_id]
        beams = [(total, new) for total, new in grown if new[-1] != eos_id][:n_beams]
    every = [
        Beam(start + new, total, total / max(1, sum(token != eos_id for token in new)) ** alpha)
        for total, new in done + beams
    ]
    every.sort(key=lambda beam: -beam.score)
    return every[:n_beams]


@misconception(
    "ranked_by_the_sum",
    en="your scores are right, but you rank by the sums: the best score comes first",
    fr="vos scores sont justes, mais vous classez par les sommes : le meilleur score vient d'abord",
)
def ranked_by_the_sum(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    model.eval()
    context = model.config.max_length
    alive, totals, finished = token_ids[None], torch.zeros(1, dtype=torch.float64), []
    for length in range(1, max_new_tokens + 1):
        step = model(alive[:, -context:])[:, -1].double().log_softmax(-1)
        best, index = (totals[:, None] + step).flatten().sort(descending=True)
        going_on = []
        for rank, place in enumerate(index.tolist()):
            total, ids = best[rank].item(), [*alive[place // step.size(1)].tolist(), place % step.size(1)]
            if ids[-1] != eos_id:
                going_on.append((ids, total))
            elif rank < n_beams:
                finished.append(Beam(ids, total, total / length**alpha))
        alive = torch.tensor([ids for ids, _ in going_on[:n_beams]])
        totals = torch.tensor([total for _, total in going_on[:n_beams]], dtype=torch.float64)
    finished += [Beam(ids, total, total / length**alpha) for ids, total in going_on[:n_beams]]
    return sorted(finished, key=lambda beam: beam.log_probability, reverse=True)[:n_beams]


@again(ranked_by_the_sum)
def ranked_by_the_sum_2(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    model = model.eval()
    start, beams, done = token_ids.tolist(), [(0.0, [])], []
    for _ in range(max_new_tokens):
        grown = []
        for total, new in beams:
            window = torch.tensor([(start + new)[-model.config.max_length :]])
            shares = torch.softmax(model(window)[0, -1].double(), dim=0)
            grown += [(total + math.log(share), [*new, token]) for token, share in enumerate(shares.tolist())]
        grown.sort(key=lambda pair: -pair[0])
        done += [(total, new) for total, new in grown[:n_beams] if new[-1] == eos_id]
        beams = [(total, new) for total, new in grown if new[-1] != eos_id][:n_beams]
    every = [Beam(start + new, total, total / len(new) ** alpha) for total, new in done + beams]
    return [every[place] for place in np.argsort([-beam.log_probability for beam in every])[:n_beams]]


@misconception(
    "not_ranked",
    en="you do not rank at the end: finished beams and those that still go on are sorted together, best "
    "score first",
    fr="vous ne classez pas à la fin : les faisceaux finis et ceux qui continuent se trient ensemble, le "
    "meilleur score d'abord",
)
def not_ranked(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    model.eval()
    context = model.config.max_length
    alive, totals, finished = token_ids[None], torch.zeros(1, dtype=torch.float64), []
    for length in range(1, max_new_tokens + 1):
        step = model(alive[:, -context:])[:, -1].double().log_softmax(-1)
        best, index = (totals[:, None] + step).flatten().sort(descending=True)
        going_on = []
        for rank, place in enumerate(index.tolist()):
            total, ids = best[rank].item(), [*alive[place // step.size(1)].tolist(), place % step.size(1)]
            if ids[-1] != eos_id:
                going_on.append((ids, total))
            elif rank < n_beams:
                finished.append(Beam(ids, total, total / length**alpha))
        alive = torch.tensor([ids for ids, _ in going_on[:n_beams]])
        totals = torch.tensor([total for _, total in going_on[:n_beams]], dtype=torch.float64)
    finished += [Beam(ids, total, total / length**alpha) for ids, total in going_on[:n_beams]]
    return finished[:n_beams]


@again(not_ranked)
def not_ranked_2(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    model = model.eval()
    start, beams, done = token_ids.tolist(), [(0.0, [])], []
    for _ in range(max_new_tokens):
        grown = []
        for total, new in beams:
            window = torch.tensor([(start + new)[-model.config.max_length :]])
            shares = torch.softmax(model(window)[0, -1].double(), dim=0)
            grown += [(total + math.log(share), [*new, token]) for token, share in enumerate(shares.tolist())]
        grown.sort(key=lambda pair: -pair[0])
        done += [(total, new) for total, new in grown[:n_beams] if new[-1] == eos_id]
        beams = [(total, new) for total, new in grown if new[-1] != eos_id][:n_beams]
    every = [Beam(start + new, total, total / len(new) ** alpha) for total, new in done + beams]
    return every[:n_beams]


@misconception(
    "last_step_only",
    en="you compare the last tokens alone: add the log-probability of each new token to the sum of its beam",
    fr="vous ne comparez que les derniers jetons : ajoutez la log-probabilité de chaque nouveau jeton à la "
    "somme de son faisceau",
)
def last_step_only(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    model.eval()
    context = model.config.max_length
    alive, finished = token_ids[None], []
    for length in range(1, max_new_tokens + 1):
        step = model(alive[:, -context:])[:, -1].double().log_softmax(-1)
        best, index = step.flatten().sort(descending=True)
        going_on = []
        for rank, place in enumerate(index.tolist()):
            total, ids = best[rank].item(), [*alive[place // step.size(1)].tolist(), place % step.size(1)]
            if ids[-1] != eos_id:
                going_on.append((ids, total))
            elif rank < n_beams:
                finished.append(Beam(ids, total, total / length**alpha))
        alive = torch.tensor([ids for ids, _ in going_on[:n_beams]])
    finished += [Beam(ids, total, total / length**alpha) for ids, total in going_on[:n_beams]]
    return sorted(finished, key=lambda beam: beam.score, reverse=True)[:n_beams]


@again(last_step_only)
def last_step_only_2(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    model = model.eval()
    start, beams, done = token_ids.tolist(), [(0.0, [])], []
    for _ in range(max_new_tokens):
        grown = []
        for _, new in beams:
            window = torch.tensor([(start + new)[-model.config.max_length :]])
            shares = torch.softmax(model(window)[0, -1].double(), dim=0)
            grown += [(math.log(share), [*new, token]) for token, share in enumerate(shares.tolist())]
        grown.sort(key=lambda pair: -pair[0])
        done += [(total, new) for total, new in grown[:n_beams] if new[-1] == eos_id]
        beams = [(total, new) for total, new in grown if new[-1] != eos_id][:n_beams]
    every = [Beam(start + new, total, total / len(new) ** alpha) for total, new in done + beams]
    every.sort(key=lambda beam: -beam.score)
    return every[:n_beams]


@misconception(
    "probabilities_added",
    en="you add probabilities: those of a text multiply, so it is their logarithms that add up",
    fr="vous additionnez des probabilités : celles d'un texte se multiplient, ce sont donc leurs logarithmes"
    " qui s'additionnent",
)
def probabilities_added(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    model.eval()
    context = model.config.max_length
    alive, totals, finished = token_ids[None], torch.zeros(1, dtype=torch.float64), []
    for length in range(1, max_new_tokens + 1):
        step = model(alive[:, -context:])[:, -1].double().softmax(-1)
        best, index = (totals[:, None] + step).flatten().sort(descending=True)
        going_on = []
        for rank, place in enumerate(index.tolist()):
            total, ids = best[rank].item(), [*alive[place // step.size(1)].tolist(), place % step.size(1)]
            if ids[-1] != eos_id:
                going_on.append((ids, total))
            elif rank < n_beams:
                finished.append(Beam(ids, total, total / length**alpha))
        alive = torch.tensor([ids for ids, _ in going_on[:n_beams]])
        totals = torch.tensor([total for _, total in going_on[:n_beams]], dtype=torch.float64)
    finished += [Beam(ids, total, total / length**alpha) for ids, total in going_on[:n_beams]]
    return sorted(finished, key=lambda beam: beam.score, reverse=True)[:n_beams]


@again(probabilities_added)
def probabilities_added_2(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    model = model.eval()
    start, beams, done = token_ids.tolist(), [(0.0, [])], []
    for _ in range(max_new_tokens):
        grown = []
        for total, new in beams:
            window = torch.tensor([(start + new)[-model.config.max_length :]])
            shares = torch.softmax(model(window)[0, -1].double(), dim=0)
            grown += [(total + share, [*new, token]) for token, share in enumerate(shares.tolist())]
        grown.sort(key=lambda pair: -pair[0])
        done += [(total, new) for total, new in grown[:n_beams] if new[-1] == eos_id]
        beams = [(total, new) for total, new in grown if new[-1] != eos_id][:n_beams]
    every = [Beam(start + new, total, total / len(new) ** alpha) for total, new in done + beams]
    every.sort(key=lambda beam: -beam.score)
    return every[:n_beams]


@misconception(
    "logits_added",
    en="you add logits: take their log_softmax first, so that tokens of different beams can be compared",
    fr="vous additionnez des logits : prenez d'abord leur log_softmax, pour pouvoir comparer des jetons de "
    "faisceaux différents",
)
def logits_added(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    model.eval()
    context = model.config.max_length
    alive, totals, finished = token_ids[None], torch.zeros(1, dtype=torch.float64), []
    for length in range(1, max_new_tokens + 1):
        step = model(alive[:, -context:])[:, -1].double()
        best, index = (totals[:, None] + step).flatten().sort(descending=True)
        going_on = []
        for rank, place in enumerate(index.tolist()):
            total, ids = best[rank].item(), [*alive[place // step.size(1)].tolist(), place % step.size(1)]
            if ids[-1] != eos_id:
                going_on.append((ids, total))
            elif rank < n_beams:
                finished.append(Beam(ids, total, total / length**alpha))
        alive = torch.tensor([ids for ids, _ in going_on[:n_beams]])
        totals = torch.tensor([total for _, total in going_on[:n_beams]], dtype=torch.float64)
    finished += [Beam(ids, total, total / length**alpha) for ids, total in going_on[:n_beams]]
    return sorted(finished, key=lambda beam: beam.score, reverse=True)[:n_beams]


@again(logits_added)
def logits_added_2(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    model = model.eval()
    start, beams, done = token_ids.tolist(), [(0.0, [])], []
    for _ in range(max_new_tokens):
        grown = []
        for total, new in beams:
            window = torch.tensor([(start + new)[-model.config.max_length :]])
            grown += [(total + raw, [*new, token]) for token, raw in enumerate(model(window)[0, -1].tolist())]
        grown.sort(key=lambda pair: -pair[0])
        done += [(total, new) for total, new in grown[:n_beams] if new[-1] == eos_id]
        beams = [(total, new) for total, new in grown if new[-1] != eos_id][:n_beams]
    every = [Beam(start + new, total, total / len(new) ** alpha) for total, new in done + beams]
    every.sort(key=lambda beam: -beam.score)
    return every[:n_beams]


@misconception(
    "each_beam_alone",
    en="each beam goes on with its own best token: the continuations of all beams compete for the n_beams "
    "places",
    fr="chaque faisceau continue avec son propre meilleur jeton : les continuations de tous les faisceaux se"
    " disputent les n_beams places",
)
def each_beam_alone(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    model.eval()
    context = model.config.max_length
    alive, totals, finished = token_ids[None], torch.zeros(1, dtype=torch.float64), []
    for length in range(1, max_new_tokens + 1):
        step = model(alive[:, -context:])[:, -1].double().log_softmax(-1)
        if length == 1:
            values, tokens = step[0].topk(min(n_beams, step.size(1)))
            alive = alive.expand(len(tokens), -1)
        else:
            values, tokens = step.max(-1)
        totals = totals + values
        alive = torch.cat([alive, tokens[:, None]], dim=1)
        ends = tokens == eos_id if eos_id is not None else torch.zeros(len(tokens), dtype=torch.bool)
        for ids, total in zip(alive[ends].tolist(), totals[ends].tolist(), strict=True):
            finished.append(Beam(ids, total, total / length**alpha))
        alive, totals = alive[~ends], totals[~ends]
        if not len(alive):
            break
    for ids, total in zip(alive.tolist(), totals.tolist(), strict=True):
        finished.append(Beam(ids, total, total / length**alpha))
    return sorted(finished, key=lambda beam: beam.score, reverse=True)


@again(each_beam_alone)
def each_beam_alone_2(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    model = model.eval()
    start, found = token_ids.tolist(), []

    def log_shares(new):
        return model(torch.tensor([(start + new)[-model.config.max_length :]]))[0, -1].double().log_softmax(0)

    first = log_shares([])
    for token in first.argsort(descending=True)[:n_beams].tolist():
        new, total = [token], first[token].item()
        while len(new) < max_new_tokens and new[-1] != eos_id:
            shares = log_shares(new)
            new.append(int(shares.argmax()))
            total += shares[new[-1]].item()
        found.append(Beam(start + new, total, total / len(new) ** alpha))
    return sorted(found, key=lambda beam: -beam.score)


@misconception(
    "one_beam_only",
    en="you keep the best continuation only, which is greedy decoding: keep n_beams of them at every step",
    fr="vous ne gardez que la meilleure continuation, ce qui est un décodage glouton : gardez-en n_beams à "
    "chaque étape",
)
def one_beam_only(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    model.eval()
    ids, total = token_ids.tolist(), 0.0
    for _ in range(max_new_tokens):
        step = model(torch.tensor([ids[-model.config.max_length :]]))[0, -1].double().log_softmax(-1)
        ids.append(int(step.argmax()))
        total += step[ids[-1]].item()
        if ids[-1] == eos_id:
            break
    return [Beam(ids, total, total / (len(ids) - len(token_ids)) ** alpha)]


@again(one_beam_only)
def one_beam_only_2(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    model = model.eval()
    text, shares = token_ids[None], []
    while len(shares) < max_new_tokens and (not shares or text[0, -1] != eos_id):
        best = torch.softmax(model(text[:, -model.config.max_length :])[0, -1].double(), dim=0).max(0)
        text = torch.cat([text, best.indices[None, None]], dim=1)
        shares.append(math.log(best.values))
    return [Beam(text[0].tolist(), sum(shares), sum(shares) / len(shares) ** alpha)]


@misconception(
    "equal_beams",
    en="all your beams hold the same text: start from the beginning once, not from n_beams copies of it",
    fr="tous vos faisceaux contiennent le même texte : partez du début une seule fois, et non de n_beams "
    "copies",
)
def equal_beams(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    model.eval()
    context = model.config.max_length
    alive, totals, finished = token_ids.repeat(n_beams, 1), torch.zeros(n_beams, dtype=torch.float64), []
    for length in range(1, max_new_tokens + 1):
        step = model(alive[:, -context:])[:, -1].double().log_softmax(-1)
        best, index = (totals[:, None] + step).flatten().sort(descending=True)
        going_on = []
        for rank, place in enumerate(index.tolist()):
            total, ids = best[rank].item(), [*alive[place // step.size(1)].tolist(), place % step.size(1)]
            if ids[-1] != eos_id:
                going_on.append((ids, total))
            elif rank < n_beams:
                finished.append(Beam(ids, total, total / length**alpha))
        alive = torch.tensor([ids for ids, _ in going_on[:n_beams]])
        totals = torch.tensor([total for _, total in going_on[:n_beams]], dtype=torch.float64)
    finished += [Beam(ids, total, total / length**alpha) for ids, total in going_on[:n_beams]]
    return sorted(finished, key=lambda beam: beam.score, reverse=True)[:n_beams]


@again(equal_beams)
def equal_beams_2(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    model = model.eval()
    start, beams, done = token_ids.tolist(), [(0.0, [])] * n_beams, []
    for _ in range(max_new_tokens):
        grown = []
        for total, new in beams:
            window = torch.tensor([(start + new)[-model.config.max_length :]])
            shares = torch.softmax(model(window)[0, -1].double(), dim=0)
            grown += [(total + math.log(share), [*new, token]) for token, share in enumerate(shares.tolist())]
        grown.sort(key=lambda pair: -pair[0])
        done += [(total, new) for total, new in grown[:n_beams] if new[-1] == eos_id]
        beams = [(total, new) for total, new in grown if new[-1] != eos_id][:n_beams]
    every = [Beam(start + new, total, total / len(new) ** alpha) for total, new in done + beams]
    every.sort(key=lambda beam: -beam.score)
    return every[:n_beams]


@misconception(
    "parents_not_followed",
    en="the new tokens are put at the end of other beams than those that they continue: find the beam of a "
    "candidate as index // V",
    fr="les nouveaux jetons sont mis au bout d'autres faisceaux que ceux qu'ils continuent : le faisceau "
    "d'un candidat est index // V",
)
def parents_not_followed(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    model.eval()
    context = model.config.max_length
    alive, totals, finished = token_ids[None], torch.zeros(1, dtype=torch.float64), []
    for length in range(1, max_new_tokens + 1):
        step = model(alive[:, -context:])[:, -1].double().log_softmax(-1)
        best, index = (totals[:, None] + step).flatten().sort(descending=True)
        going_on, parents = [], alive.tolist()
        for rank, place in enumerate(index.tolist()):
            total, ids = best[rank].item(), [*parents[rank % len(parents)], place % step.size(1)]
            if ids[-1] != eos_id:
                going_on.append((ids, total))
            elif rank < n_beams:
                finished.append(Beam(ids, total, total / length**alpha))
        alive = torch.tensor([ids for ids, _ in going_on[:n_beams]])
        totals = torch.tensor([total for _, total in going_on[:n_beams]], dtype=torch.float64)
    finished += [Beam(ids, total, total / length**alpha) for ids, total in going_on[:n_beams]]
    return sorted(finished, key=lambda beam: beam.score, reverse=True)[:n_beams]


@again(parents_not_followed)
def parents_not_followed_2(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    model = model.eval()
    start, beams, done = token_ids.tolist(), [(0.0, [])], []
    for _ in range(max_new_tokens):
        grown = []
        for total, new in beams:
            window = torch.tensor([(start + new)[-model.config.max_length :]])
            shares = torch.softmax(model(window)[0, -1].double(), dim=0)
            grown += [(total + math.log(share), [*new, token]) for token, share in enumerate(shares.tolist())]
        grown.sort(key=lambda pair: -pair[0])
        grown = [(total, beams[i % len(beams)][1] + new[-1:]) for i, (total, new) in enumerate(grown)]
        done += [(total, new) for total, new in grown[:n_beams] if new[-1] == eos_id]
        beams = [(total, new) for total, new in grown if new[-1] != eos_id][:n_beams]
    every = [Beam(start + new, total, total / len(new) ** alpha) for total, new in done + beams]
    every.sort(key=lambda beam: -beam.score)
    return every[:n_beams]


@misconception(
    "only_the_new_tokens",
    en="token_ids of your beams hold the new tokens only: the beginning belongs to them",
    fr="les token_ids de vos faisceaux ne contiennent que les nouveaux jetons : le début en fait partie",
)
def only_the_new_tokens(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    model.eval()
    context = model.config.max_length
    alive, totals, finished = token_ids[None], torch.zeros(1, dtype=torch.float64), []
    for length in range(1, max_new_tokens + 1):
        step = model(alive[:, -context:])[:, -1].double().log_softmax(-1)
        best, index = (totals[:, None] + step).flatten().sort(descending=True)
        going_on = []
        for rank, place in enumerate(index.tolist()):
            total, ids = best[rank].item(), [*alive[place // step.size(1)].tolist(), place % step.size(1)]
            if ids[-1] != eos_id:
                going_on.append((ids, total))
            elif rank < n_beams:
                finished.append(Beam(ids[len(token_ids) :], total, total / length**alpha))
        alive = torch.tensor([ids for ids, _ in going_on[:n_beams]])
        totals = torch.tensor([total for _, total in going_on[:n_beams]], dtype=torch.float64)
    finished += [
        Beam(ids[len(token_ids) :], total, total / length**alpha) for ids, total in going_on[:n_beams]
    ]
    return sorted(finished, key=lambda beam: beam.score, reverse=True)[:n_beams]


@again(only_the_new_tokens)
def only_the_new_tokens_2(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    model = model.eval()
    start, beams, done = token_ids.tolist(), [(0.0, [])], []
    for _ in range(max_new_tokens):
        grown = []
        for total, new in beams:
            window = torch.tensor([(start + new)[-model.config.max_length :]])
            shares = torch.softmax(model(window)[0, -1].double(), dim=0)
            grown += [(total + math.log(share), [*new, token]) for token, share in enumerate(shares.tolist())]
        grown.sort(key=lambda pair: -pair[0])
        done += [(total, new) for total, new in grown[:n_beams] if new[-1] == eos_id]
        beams = [(total, new) for total, new in grown if new[-1] != eos_id][:n_beams]
    every = [Beam(new, total, total / len(new) ** alpha) for total, new in done + beams]
    every.sort(key=lambda beam: -beam.score)
    return every[:n_beams]


@misconception(
    "context_not_cropped",
    en="your function stops when the text exceeds the model's context: give the model the last "
    "model.config.max_length tokens",
    fr="votre fonction s'arrête quand le texte dépasse le contexte du modèle : donnez-lui les "
    "model.config.max_length derniers jetons",
)
def context_not_cropped(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    model.eval()
    alive, totals, finished = token_ids[None], torch.zeros(1, dtype=torch.float64), []
    for length in range(1, max_new_tokens + 1):
        step = model(alive)[:, -1].double().log_softmax(-1)
        best, index = (totals[:, None] + step).flatten().sort(descending=True)
        going_on = []
        for rank, place in enumerate(index.tolist()):
            total, ids = best[rank].item(), [*alive[place // step.size(1)].tolist(), place % step.size(1)]
            if ids[-1] != eos_id:
                going_on.append((ids, total))
            elif rank < n_beams:
                finished.append(Beam(ids, total, total / length**alpha))
        alive = torch.tensor([ids for ids, _ in going_on[:n_beams]])
        totals = torch.tensor([total for _, total in going_on[:n_beams]], dtype=torch.float64)
    finished += [Beam(ids, total, total / length**alpha) for ids, total in going_on[:n_beams]]
    return sorted(finished, key=lambda beam: beam.score, reverse=True)[:n_beams]


@again(context_not_cropped)
def context_not_cropped_2(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    model = model.eval()
    start, beams, done = token_ids.tolist(), [(0.0, [])], []
    for _ in range(max_new_tokens):
        grown = []
        for total, new in beams:
            window = torch.tensor([start + new])
            shares = torch.softmax(model(window)[0, -1].double(), dim=0)
            grown += [(total + math.log(share), [*new, token]) for token, share in enumerate(shares.tolist())]
        grown.sort(key=lambda pair: -pair[0])
        done += [(total, new) for total, new in grown[:n_beams] if new[-1] == eos_id]
        beams = [(total, new) for total, new in grown if new[-1] != eos_id][:n_beams]
    every = [Beam(start + new, total, total / len(new) ** alpha) for total, new in done + beams]
    every.sort(key=lambda beam: -beam.score)
    return every[:n_beams]


@misconception(
    "dropout_active",
    en="the model answers in training mode, with dropout: call model.eval() first",
    fr="le modèle répond en mode entraînement, avec dropout : appelez d'abord model.eval()",
)
def dropout_active(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    context = model.config.max_length
    alive, totals, finished = token_ids[None], torch.zeros(1, dtype=torch.float64), []
    for length in range(1, max_new_tokens + 1):
        step = model(alive[:, -context:])[:, -1].double().log_softmax(-1)
        best, index = (totals[:, None] + step).flatten().sort(descending=True)
        going_on = []
        for rank, place in enumerate(index.tolist()):
            total, ids = best[rank].item(), [*alive[place // step.size(1)].tolist(), place % step.size(1)]
            if ids[-1] != eos_id:
                going_on.append((ids, total))
            elif rank < n_beams:
                finished.append(Beam(ids, total, total / length**alpha))
        alive = torch.tensor([ids for ids, _ in going_on[:n_beams]])
        totals = torch.tensor([total for _, total in going_on[:n_beams]], dtype=torch.float64)
    finished += [Beam(ids, total, total / length**alpha) for ids, total in going_on[:n_beams]]
    return sorted(finished, key=lambda beam: beam.score, reverse=True)[:n_beams]


@again(dropout_active)
def dropout_active_2(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    start, beams, done = token_ids.tolist(), [(0.0, [])], []
    for _ in range(max_new_tokens):
        grown = []
        for total, new in beams:
            window = torch.tensor([(start + new)[-model.config.max_length :]])
            shares = torch.softmax(model(window)[0, -1].double(), dim=0)
            grown += [(total + math.log(share), [*new, token]) for token, share in enumerate(shares.tolist())]
        grown.sort(key=lambda pair: -pair[0])
        done += [(total, new) for total, new in grown[:n_beams] if new[-1] == eos_id]
        beams = [(total, new) for total, new in grown if new[-1] != eos_id][:n_beams]
    every = [Beam(start + new, total, total / len(new) ** alpha) for total, new in done + beams]
    every.sort(key=lambda beam: -beam.score)
    return every[:n_beams]
