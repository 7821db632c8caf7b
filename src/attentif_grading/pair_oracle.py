"""Scores of pairs of sentences by their definitions, token by token, from the arrays of small models."""

from __future__ import annotations

import math
from collections.abc import Sequence

from attentif_grading.masked_oracle import Setting


def common_tokens(first: Sequence[str], second: Sequence[str]) -> tuple[set[int], set[int]]:
    """Places of a longest common subsequence in each of the two, where there is only one, by a table of lengths."""
    longest = [[0] * (len(second) + 1) for _ in range(len(first) + 1)]
    for i in reversed(range(len(first))):
        for j in reversed(range(len(second))):
            both = longest[i + 1][j + 1] + 1 if first[i] == second[j] else 0
            longest[i][j] = max(both, longest[i + 1][j], longest[i][j + 1])
    found, i, j = (set(), set()), 0, 0
    while i < len(first) and j < len(second):
        if first[i] == second[j]:
            found[0].add(i)
            found[1].add(j)
            i, j = i + 1, j + 1
        elif longest[i + 1][j] >= longest[i][j + 1]:
            i += 1
        else:
            j += 1
    return found


def crossed_pair(
    setting: Setting, before: Sequence[str], two: Sequence[str], after: Sequence[str]
) -> tuple[str, str]:
    """Two sentences with two words in either order, of which but one can be shared.

    With at least two words after them it is, of the sentence that the alignment begins with, the earlier one: here
    that sentence is the first only if the alignment keeps the given order, as the authors' code does.
    """
    late, early = sorted(two, key=lambda word: setting.tokens.index(setting.entry(word)))
    said = [" ".join([*before, *words, *after]) for words in ((early, late), (late, early))]
    return said[0], said[1]


def pair_oracle(
    setting: Setting,
    pair: tuple[Sequence[str], Sequence[str]],
    definition: str,
    shared: tuple[set[int], set[int]] | None = None,
) -> list[float]:
    """The two scores of a pair of lists of words.

    Args:
        shared: places of the shared tokens, the first special being 0, where they are not the longest common
            subsequence.
    """
    texts = [setting.read(words)[0] for words in pair]
    content = [tokens[1:-1] for tokens in texts]
    if shared is None:
        one, other = common_tokens(*content)
        shared = {1 + place for place in one}, {1 + place for place in other}
    scores = []
    for tokens, common in zip(texts, shared, strict=True):
        inside = range(1, len(tokens) - 1)
        weights = setting.attention(tokens) if definition == "aula" else [1.0] * len(tokens)
        total, n_scored = 0.0, 0
        for here in inside:
            if definition in ("unmodified", "modified") and (here in common) != (definition == "unmodified"):
                continue
            read = list(tokens)
            if definition in ("unmodified", "modified"):
                read[here] = setting.mask
            total += weights[here] * setting.log_probabilities(read, here)[tokens[here]]
            n_scored += 1
        if definition != "unmodified":
            total = total / n_scored if n_scored else math.nan
        scores.append(total)
    return [math.nan] * 2 if any(map(math.isnan, scores)) else scores
