"""Are two sets of words associated with two sets of attributes, as vectors tell it (WEAT, SEAT)?"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from attentif.bias.permutation import permutation_p_value
from attentif.bounds import digits, settle
from attentif.errors import InputError
from attentif.language import text


@dataclass(frozen=True)
class AssociationTest:
    """An effect and how easily chance makes one as large.

    Args:
        effect_size: d, in standard deviations; positive where the first targets go with the first attributes.
        p_value: one-sided, in (0, 1].
        n_first, n_second: how many words (or, without groups, items) the two targets have.
    """

    effect_size: float
    p_value: float
    n_first: int
    n_second: int

    def __post_init__(self) -> None:
        # Upwards only: a p of 0 is no rounding, it leaves the observed case out.
        settle(self, -math.inf, 1, "p_value")
        if not 0 < self.p_value <= 1:
            raise InputError(
                expected=text("a p_value above 0, at most 1", "un p_value positif, au plus 1"),
                got=digits(self.p_value),
                remedy=text(
                    "count the observed partition itself too",
                    "comptez aussi la répartition observée elle-même",
                ),
            )


def checked_vectors(**named: Any) -> list[np.ndarray]:
    """Check sets of vectors and turn them, arrays or tensors of any device, into float64 arrays (N, d).

    Raises:
        InputError: a set that is no (N, d) of finite numbers, a vector of zeros, or sets of different d.
    """
    arrays = []
    for name, vectors in named.items():
        if hasattr(vectors, "detach"):
            vectors = vectors.detach().cpu().double().numpy()
        try:
            array = np.asarray(vectors, dtype=np.float64)
        except (TypeError, ValueError):
            array = np.array(math.nan)
        if array.ndim != 2 or not array.size or not np.isfinite(array).all():
            raise InputError(
                expected=text(
                    f"{name} to be vectors (N, d) of finite numbers",
                    f"des vecteurs (N, d) de nombres finis pour {name}",
                ),
                got=text(f"shape {array.shape}", f"des dimensions {array.shape}")
                if array.ndim != 2 or not array.size
                else text("NaN or infinity", "NaN ou l'infini"),
                remedy=text("give one row an item", "donnez une ligne par élément"),
            )
        if not array.any(axis=1).all():
            raise InputError(
                expected=text(f"vectors other than 0 for {name}", f"des vecteurs non nuls pour {name}"),
                got=text("a vector of zeros", "un vecteur nul"),
                remedy=text(
                    "leave out the items that the model has no vector for",
                    "retirez les éléments dont le modèle n'a pas de vecteur",
                ),
            )
        arrays.append(array)
    widths = [array.shape[1] for array in arrays]
    if len(set(widths)) > 1:
        raise InputError(
            expected=text("vectors of one width d", "des vecteurs de même dimension d"),
            got=", ".join(map(str, widths)),
            remedy=text("take all of them from one layer", "prenez-les tous dans la même couche"),
        )
    return arrays


def associations(vectors: Any, first_attributes: Any, second_attributes: Any) -> np.ndarray:
    """How much closer each vector is to the first attributes than to the second ones.

        s(w) = mean_a cos(w, a) − mean_b cos(w, b)

    Args:
        vectors: (N, d) array or tensor.
        first_attributes, second_attributes: (number of attributes, d) each.

    Returns:
        float64 (N,), from −2 to 2.

    Raises:
        InputError: what is no (N, d) of finite numbers, a vector of zeros, widths that differ.

    Source: Caliskan et al. 2017, "Semantics derived automatically from language corpora contain human-like
        biases", Methods.

    >>> associations([[2.0, 0.0], [3.0, 4.0]], [[1.0, 0.0]], [[0.0, 1.0], [0.0, 5.0]]).round(3).tolist()
    [1.0, -0.2]
    """
    sets = checked_vectors(
        vectors=vectors, first_attributes=first_attributes, second_attributes=second_attributes
    )
    words, first, second = (each / np.linalg.norm(each, axis=1, keepdims=True) for each in sets)
    return words @ (first.mean(axis=0) - second.mean(axis=0))


def weat_effect_size(
    first_targets: Any, second_targets: Any, first_attributes: Any, second_attributes: Any
) -> float:
    """How far apart two sets of targets are, in their association with two sets of attributes.

        s(w) = mean_a cos(w, a) − mean_b cos(w, b),     a in the first attributes, b in the second ones
        d    = (mean_x s(x) − mean_y s(y)) / sd s(w),   x in the first targets, y in the second, w in both

    with the sample's standard deviation (N − 1), over the targets of both sets together.

    Args:
        first_targets, second_targets: (number of targets, d) arrays or tensors; the numbers may differ.
        first_attributes, second_attributes: (number of attributes, d) each.

    Returns:
        d, in standard deviations, without unit; at most about 2 in size for sets of the same number. 0 where
        all targets have the same association, up to rounding (within 1e-12).

    Raises:
        InputError: what is no (N, d) of finite numbers, a vector of zeros, widths that differ.

    Source: Caliskan et al. 2017, Methods; for sentences May et al. 2019, "On Measuring Social Biases in
        Sentence Encoders", §2.

    >>> targets = [[1.0, 0.0], [2.0, 0.0]], [[0.0, 1.0], [0.0, 3.0], [0.0, 2.0]]
    >>> round(weat_effect_size(*targets, [[3.0, 0.0]], [[0.0, 4.0]]), 3)
    1.826
    """
    x, y, first, second = (
        vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        for vectors in checked_vectors(
            first_targets=first_targets,
            second_targets=second_targets,
            first_attributes=first_attributes,
            second_attributes=second_attributes,
        )
    )
    of_x, of_y = ((each @ first.T).mean(axis=1) - (each @ second.T).mean(axis=1) for each in (x, y))
    of_both = np.concatenate([of_x, of_y])  # (X + Y,)
    if np.ptp(of_both) < 1e-12:
        return 0.0
    return float((of_x.mean() - of_y.mean()) / of_both.std(ddof=1))


def association_test(
    first_targets: Any,
    second_targets: Any,
    first_attributes: Any,
    second_attributes: Any,
    groups: tuple[Sequence[Hashable], Sequence[Hashable]] | None = None,
    n_resamples: int = 20_000,
    seed: int = 0,
) -> AssociationTest:
    """Effect size and p-value of two sets of targets, the words of templated sentences kept together.

    Args:
        first_targets, second_targets, first_attributes, second_attributes: as in `weat_effect_size`.
        groups, n_resamples, seed: as in `permutation_p_value`; for sentences, their words.

    Returns:
        AssociationTest(effect_size, p_value, n_first, n_second).

    Raises:
        InputError: as in these two.

    Source: Caliskan et al. 2017, Methods; May et al. 2019, §2.

    >>> targets = [[2.0, 1.0], [1.0, 0.0]], [[0.0, 1.0], [1.0, 2.0]]
    >>> association_test(*targets, [[1.0, 0.0]], [[0.0, 1.0]]).p_value
    0.16666666666666666
    """
    attributes = first_attributes, second_attributes
    first, second = (associations(targets, *attributes) for targets in (first_targets, second_targets))
    words = groups if groups is not None else (range(len(first)), range(len(second)))
    return AssociationTest(
        effect_size=weat_effect_size(first_targets, second_targets, *attributes),
        p_value=permutation_p_value(first, second, groups, n_resamples, seed),
        n_first=len(set(words[0])),
        n_second=len(set(words[1])),
    )
