"""The same pairs under every metric, template and seed: do these worlds agree on anything?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np

from attentif.errors import InputError
from attentif.language import text

FACTORS = ("metric", "template", "seed")
Universe = tuple[str, str, int]  # a metric, a template, a seed


@dataclass(frozen=True)
class Multiverse:
    """What each choice of metric, template and seed says of the same pairs, and how far choices agree.

    Args:
        universes: the U choices (metric, template, seed).
        means: (U,) the mean score, each in its metric's unit.
        positive: (U,) the share of pairs with a score above 0.
        spearman, kendall: (U, U) rank correlations (ρ; τ-b) of the pairs' scores; nan for a universe in which all
            scores are equal.
        sign_flips: (U, U) the share of pairs whose scores have opposite signs; a score of 0 has none.
        shares: what accounts for the variance of the scores, from 0 to 1, 1 in all: "pair", each factor, each
            factor's interaction with the pair ("pair × metric" …: how far it changes which pairs stand out), "rest".
    """

    universes: tuple[Universe, ...]
    means: np.ndarray
    positive: np.ndarray
    spearman: np.ndarray
    kendall: np.ndarray
    sign_flips: np.ndarray
    shares: Mapping[str, float]

    def __post_init__(self) -> None:
        n = len(self.universes)
        for name in ("spearman", "kendall", "sign_flips"):
            if getattr(self, name).shape != (n, n):
                raise InputError(
                    expected=text(f"{name} of shape {(n, n)}", f"{name} de dimensions {(n, n)}"),
                    got=str(getattr(self, name).shape),
                    remedy=text("compare each two universes", "comparez les univers deux à deux"),
                )

    def rows(self) -> list[dict[str, str | int | float]]:
        """One row a universe, for a table or a CSV file: its choices, mean and share of positive scores."""
        return [
            {**dict(zip(FACTORS, universe, strict=True)), "mean": float(mean), "positive": float(positive)}
            for universe, mean, positive in zip(self.universes, self.means, self.positive, strict=True)
        ]

    def comparisons(self) -> list[dict[str, str | int | float]]:
        """One row for each two universes: the choices of both, and how far they agree."""
        return [
            {
                **{f"{factor}_1": self.universes[i][k] for k, factor in enumerate(FACTORS)},
                **{f"{factor}_2": self.universes[j][k] for k, factor in enumerate(FACTORS)},
                **self._agreement([(i, j)]),
            }
            for i, j in combinations(range(len(self.universes)), 2)
        ]

    def by_factor(self) -> list[dict[str, str | int | float]]:
        """One row a factor: the mean agreement of the universes that differ in this choice alone.

        A factor with one value has no row; `comparisons` is how many two universes the row is the mean of.
        """
        rows = []
        for k, factor in enumerate(FACTORS):
            alone = [
                (i, j)
                for i, j in combinations(range(len(self.universes)), 2)
                if [a != b for a, b in zip(self.universes[i], self.universes[j], strict=True)]
                == [other == k for other in range(len(FACTORS))]
            ]
            if alone:
                rows.append({"factor": factor, "comparisons": len(alone), **self._agreement(alone)})
        return rows

    def _agreement(self, cells: Sequence[tuple[int, int]]) -> dict[str, float]:
        index = tuple(np.array(cells).T)
        found = {}
        for name in ("spearman", "kendall", "sign_flips"):
            values = getattr(self, name)[index]
            values = values[~np.isnan(values)]
            found[name] = float(values.mean()) if len(values) else math.nan
        return found


def checked_grid(scores: Mapping[Universe, Sequence[float]]) -> tuple[list[list], np.ndarray]:
    """Check the scores of a multiverse and lay them out.

    Returns:
        (levels, grid): the metrics, templates and seeds in order of appearance; float64 (metrics, templates, seeds,
        pairs).

    Raises:
        InputError: keys that are no (metric, template, seed), a combination missing, pairs that differ in number.
    """
    keys = list(scores) if isinstance(scores, Mapping) else []
    if len(keys) < 2 or not all(isinstance(key, tuple) and len(key) == len(FACTORS) for key in keys):
        raise InputError(
            expected=text(
                "at least two universes, (metric, template, seed) → the pairs' scores",
                "au moins deux univers, (métrique, gabarit, graine) → les scores des paires",
            ),
            got=" ".join(repr(scores).split())[:60],
            remedy=text("use tuples of three as keys", "prenez pour clés des triplets"),
        )
    levels = [list(dict.fromkeys(key[k] for key in keys)) for k in range(len(FACTORS))]
    missing = next((key for key in product(*levels) if key not in scores), None)
    if missing is not None:
        raise InputError(
            expected=text("every metric × template × seed", "chaque métrique × gabarit × graine"),
            got=text(f"none for {missing}", f"rien pour {missing}"),
            remedy=text("score this one too, or leave one out", "notez aussi celui-ci, ou retirez-en un"),
        )
    try:
        grid = np.array([np.asarray(scores[key], dtype=np.float64) for key in product(*levels)])
    except (TypeError, ValueError):
        grid = np.array(math.nan)
    if grid.ndim != 2 or grid.shape[1] < 3 or not np.isfinite(grid).all():
        raise InputError(
            expected=text(
                "in each universe a finite score for the same pairs, 3 or more",
                "dans chaque univers un score fini pour les mêmes paires, 3 au moins",
            ),
            got=text(
                "scores that are missing, infinite, or differ in number",
                "des scores manquants, infinis, ou en nombre différent",
            ),
            remedy=text(
                "leave the pairs out that one of them cannot score",
                "retirez les paires que l'un d'eux ne peut pas noter",
            ),
        )
    return levels, grid.reshape(*map(len, levels), -1)


def multiverse(scores: Mapping[Universe, Sequence[float]]) -> Multiverse:
    """Compare what every choice of metric, template and seed says of the same pairs.

    The variance is shared out over the cells (metric, template, seed, pair) after each metric was divided by the root
    mean square of its scores, so that the one with the largest numbers does not decide; 0 stays 0, and signs stay.
    With SS the sums of squares of a balanced design, a factor has SS_factor / SS_total, and its interaction with the
    pair SS of their table less both of theirs.

    Args:
        scores: (metric, template, seed) → (P,) scores of the pairs, in the same order in all; every
            combination of the metrics, templates and seeds; P at least 3. Above 0 stands for one side, below for
            the other.

    Returns:
        Multiverse(universes, means, positive, spearman, kendall, sign_flips, shares).

    Raises:
        InputError: a combination missing, pairs that differ in number, scores that are no finite numbers.

    Source: Steegen et al. 2016, "Increasing Transparency Through a Multiverse Analysis"; τ-b: Kendall 1945, "The
        Treatment of Ties in Ranking Problems".

    >>> found = multiverse({("a", "t", 0): [1.0, 2.0, -3.0], ("b", "t", 0): [10.0, 15.0, 20.0]})
    >>> found.spearman[0, 1].round(2), found.sign_flips[0, 1].round(2)
    (np.float64(-0.5), np.float64(0.33))
    """
    from scipy.stats import rankdata

    levels, grid = checked_grid(scores)
    table = grid.reshape(-1, grid.shape[-1])  # (U, P)
    ranks = rankdata(table, axis=1) - (table.shape[1] + 1) / 2  # around 0
    signs = np.sign(table)
    return Multiverse(
        universes=tuple(product(*levels)),
        means=table.mean(axis=1),
        positive=(table > 0).mean(axis=1),
        spearman=_normalised(ranks @ ranks.T),
        kendall=_kendall(table),
        sign_flips=(np.abs(signs) @ np.abs(signs).T - signs @ signs.T) / 2 / table.shape[1],
        shares=_variance_shares(grid),
    )


def _kendall(table: np.ndarray) -> np.ndarray:
    """τ-b of each two rows: the correlation of the signs of all differences, which never stand in memory at once."""
    products = np.zeros((len(table), len(table)))
    for pair in range(table.shape[1] - 1):
        signs = np.sign(table[:, pair + 1 :] - table[:, pair, None])  # (U, pairs after this one)
        products += signs @ signs.T
    return _normalised(products)


def _normalised(products: np.ndarray) -> np.ndarray:
    """Sums of products as correlations; nan where a row does not vary."""
    sizes = np.sqrt(np.diag(products))
    sizes = np.where(sizes > 0, sizes, math.nan)
    return np.clip(products / np.outer(sizes, sizes), -1.0, 1.0)


def _variance_shares(grid: np.ndarray) -> dict[str, float]:
    squares = np.sqrt(np.square(grid).mean(axis=(1, 2, 3), keepdims=True))
    grid = grid / np.where(squares > 0, squares, 1.0)
    axes = {"pair": 3, **{factor: axis for axis, factor in enumerate(FACTORS)}}
    total = np.square(grid - grid.mean()).sum()

    def sum_of_squares(*kept: int) -> float:
        means = grid.mean(axis=tuple(set(range(4)) - set(kept)), keepdims=True)
        return float(np.square(np.broadcast_to(means - grid.mean(), grid.shape)).sum())

    parts = {name: sum_of_squares(axis) for name, axis in axes.items()}
    for factor in FACTORS:
        both = sum_of_squares(axes[factor], axes["pair"])
        parts[f"pair × {factor}"] = max(both - parts[factor] - parts["pair"], 0.0)
    if total <= 1e-20 * grid.size:
        return {**dict.fromkeys(parts, 0.0), "rest": 0.0}
    shares = {name: part / total for name, part in parts.items()}
    return {**shares, "rest": max(1.0 - sum(shares.values()), 0.0)}
