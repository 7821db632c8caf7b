"""Right implementations, written differently: none may lose a mark."""

from __future__ import annotations

import heapq

import torch
from torch.nn import functional as F

from attentif import Beam
from attentif_grading.exercises import variant


@variant
def lists_of_beams(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    """One beam after the other, in plain lists, to the very end."""
    was_training = model.training
    model.eval()
    start = token_ids.tolist()
    beams, done = [([], 0.0)], []
    for _ in range(max_new_tokens):
        grown = []
        for new, total in beams:
            read = (start + new)[-model.config.max_length :]
            shares = F.log_softmax(model(torch.tensor(read).unsqueeze(0))[0, -1], dim=-1)
            grown.extend(([*new, token], total + share) for token, share in enumerate(shares.tolist()))
        grown.sort(key=lambda beam: beam[1], reverse=True)
        done.extend(beam for beam in grown[:n_beams] if beam[0][-1] == eos_id)
        beams = [beam for beam in grown if beam[0][-1] != eos_id][:n_beams]
    model.train(was_training)
    found = [Beam(start + new, total, total / len(new) ** alpha) for new, total in done + beams]
    return sorted(found, key=lambda beam: beam.score, reverse=True)[:n_beams]


@variant
def heap_of_candidates(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    """All beams at once; a heap hands out the candidates from the best down, until n_beams go on."""
    mode = model.training
    model.eval()
    given = token_ids.numel()
    rows, sums, found = token_ids.reshape(1, -1), [0.0], []
    for n_new in range(1, max_new_tokens + 1):
        with torch.no_grad():
            logits = model(rows[:, -model.config.max_length :])[:, -1, :].double()
        step = logits - logits.logsumexp(-1, keepdim=True)
        heap = [
            (-(sums[row] + value), row, token)
            for row, values in enumerate(step.tolist())
            for token, value in enumerate(values)
        ]
        heapq.heapify(heap)
        chosen, rank = [], 0
        while heap and len(chosen) < n_beams:
            cost, row, token = heapq.heappop(heap)
            text = torch.cat([rows[row], torch.tensor([token])])
            if token == eos_id:
                if rank < n_beams:
                    found.append((-cost / n_new**alpha, -cost, text.tolist()))
            else:
                chosen.append((-cost, text))
            rank += 1
        if not chosen:
            break
        sums, rows = [total for total, _ in chosen], torch.stack([text for _, text in chosen])
    else:
        found += [
            (total / (rows.size(1) - given) ** alpha, total, text)
            for total, text in zip(sums, rows.tolist(), strict=True)
        ]
    model.train(mode)
    return [Beam(text, total, score) for score, total, text in heapq.nlargest(n_beams, found)]


@variant
def ended_candidates_masked(model, token_ids, max_new_tokens, n_beams=4, alpha=0.6, eos_id=None):
    """Two rankings a step: one of all candidates, to see which finish, one without those that end."""
    mode = model.training
    model.train(False)
    alive = token_ids.view(1, -1)
    totals = torch.zeros(1, 1, dtype=torch.float64)
    pool = []
    for step in range(max_new_tokens):
        window = alive[:, max(0, alive.shape[1] - model.config.max_length) :]
        candidates = totals + torch.log(torch.softmax(model(window)[:, -1].double(), dim=1))  # (N, V)
        if eos_id is not None:
            limit = candidates.flatten().sort(descending=True).values[:n_beams][-1]
            for row in (candidates[:, eos_id] >= limit).nonzero()[:, 0].tolist():
                total = float(candidates[row, eos_id])
                pool.append(([*alive[row].tolist(), eos_id], total, step + 1))
            candidates[:, eos_id] = -torch.inf
        n_left = int(torch.isfinite(candidates).sum())
        values, places = candidates.view(-1).topk(min(n_beams, n_left))
        tokens = places.remainder(candidates.shape[1])
        alive = torch.column_stack((alive[places.div(candidates.shape[1], rounding_mode="floor")], tokens))
        totals = values.view(-1, 1)
    pool += [
        (ids, total, max_new_tokens) for ids, total in zip(alive.tolist(), totals[:, 0].tolist(), strict=True)
    ]
    model.train(mode)
    beams = [Beam(token_ids=ids, log_probability=total, score=total * n**-alpha) for ids, total, n in pool]
    beams.sort(key=lambda beam: beam.score)
    return beams[: -n_beams - 1 : -1]
