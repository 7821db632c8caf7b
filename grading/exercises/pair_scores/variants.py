"""Right implementations, written differently: none may lose a mark."""

from __future__ import annotations

from difflib import SequenceMatcher

import numpy as np
import torch

from attentif.bias.alignment import align_pair
from attentif.bias.pair_scores import check_pairs, received_weights
from attentif.bias.scorer import MaskedScorer
from attentif_grading.exercises import variant


@variant
def a_table_of_each_sentence(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    check_pairs(pairs, kind, batch_size)
    scorer = MaskedScorer(model, tokenizer)
    scores = np.full((len(pairs), 2), np.nan)
    for number, (first, second) in enumerate(pairs):
        both = align_pair(scorer, first, second, official)
        for column, sentence in enumerate((both.first, both.second)):
            ids = torch.tensor(sentence.ids)
            if kind in ("aul", "aula"):
                places = list(sentence.content)
                logs = scorer.log_probabilities([sentence.ids], [places])  # (T, V)
            else:
                places = list(sentence.shared if kind == "unmodified" else sentence.modified)
                if not places:
                    scores[number, column] = 0.0 if kind == "unmodified" else np.nan
                    continue
                copies = ids.repeat(len(places), 1)
                copies[torch.arange(len(places)), places] = scorer.mask_id
                logs = torch.cat(
                    [
                        scorer.log_probabilities(part.tolist(), [[place] for place in there])
                        for part, there in zip(
                            copies.split(batch_size), torch.tensor(places).split(batch_size), strict=True
                        )
                    ]
                )
            found = logs.gather(1, ids[places][:, None])[:, 0].numpy()
            if kind == "aula":
                found = found * received_weights(scorer, [sentence], 1)[0]
            scores[number, column] = found.sum() if kind == "unmodified" else found.mean()
    if kind == "modified":
        scores[np.isnan(scores[:, 0]) | np.isnan(scores[:, 1])] = np.nan
    return np.round(scores, 3) if official else scores


@variant
def model_asked_directly(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    if len(pairs) == 0 or kind not in {"unmodified", "modified", "aul", "aula"}:
        raise ValueError(f"aucune paire, ou kind inconnu : {kind}")
    if any(first == second for first, second in pairs):
        raise ValueError("deux fois la même phrase")
    hub = hasattr(tokenizer, "mask_token_id")
    mask_id = tokenizer.mask_token_id if hub else tokenizer.mask_id
    model.eval()

    def ids_of(sentence):
        if hub:
            return tokenizer(sentence).input_ids
        return [tokenizer.cls_id, *tokenizer.encode(sentence), tokenizer.sep_id]

    def score(ids, common):
        rows = torch.tensor([ids])
        if kind in ("aul", "aula"):
            wanted = list(range(1, len(ids) - 1))
            rows = rows.repeat(len(wanted), 1)
        else:
            wanted = [t for t in range(1, len(ids) - 1) if (t in common) == (kind == "unmodified")]
            rows = rows.repeat(len(wanted), 1)
            for row, t in zip(rows, wanted, strict=True):
                row[t] = mask_id
        if not wanted:
            return 0.0 if kind == "unmodified" else float("nan")
        maps = []
        if not hub:
            layers = [part for part in model.modules() if hasattr(part, "query") and hasattr(part, "key")]
            handles = [part.register_forward_hook(lambda *given: maps.append(given[2][1])) for part in layers]
        with torch.no_grad():
            output = model(rows, output_attentions=True) if hub else model(rows)
        if hub:
            maps = output.attentions
        else:
            for handle in handles:
                handle.remove()
        logits = output.logits if hub else output
        targets = torch.tensor([ids[t] for t in wanted])
        losses = torch.nn.functional.cross_entropy(
            logits[torch.arange(len(wanted)), wanted].double(), targets, reduction="none"
        )
        if kind == "aula":
            looked_at = sum(layer[0].sum(dim=(0, 1)) for layer in maps)
            losses = losses * looked_at[1:-1] / looked_at.sum()
        return -(losses.sum() if kind == "unmodified" else losses.mean()).item()

    table = []
    for pair in pairs:
        one, other = (ids_of(sentence) for sentence in pair)
        swap = one[1:-1] > other[1:-1] and not official
        a, b = (other, one) if swap else (one, other)
        in_a, in_b = set(), set()
        for start, beginning, n in SequenceMatcher(None, a[1:-1], b[1:-1], False).get_matching_blocks():
            in_a.update(range(start + 1, start + n + 1))
            in_b.update(range(beginning + 1, beginning + n + 1))
        two = [score(a, in_a), score(b, in_b)]
        table.append(two[::-1] if swap else two)
    table = np.array(table)
    table[np.isnan(table).any(1)] = np.nan
    return table.round(3) if official else table


@variant
def a_list_of_lists(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    check_pairs(pairs, kind, batch_size)
    asked = MaskedScorer(model, tokenizer)

    def one(sentence):
        if kind == "unmodified":
            chosen, divisor = sentence.shared, 1
        elif kind == "modified":
            chosen, divisor = sentence.modified, len(sentence.modified)
        else:
            chosen, divisor = sentence.content, len(sentence.content)
        weights = (
            received_weights(asked, [sentence], batch_size)[0] if kind == "aula" else [1.0] * len(chosen)
        )
        score = 0.0
        for place, weight in zip(chosen, weights, strict=True):
            read = sentence.ids if kind.startswith("aul") else asked.masked(sentence.ids, {place})
            row = asked.log_probabilities([read], [[place]])[0]
            score += float(weight) * float(row[sentence.ids[place]])
        return score / divisor if divisor else float("nan")

    result = []
    for first, second in pairs:
        aligned = align_pair(asked, first, second, official=official)
        scores = [one(aligned.first), one(aligned.second)]
        if scores[0] != scores[0] or scores[1] != scores[1]:
            scores = [float("nan"), float("nan")]
        result.append([round(score, 3) for score in scores] if official else scores)
    return result
