"""What all statistics of grouped values check first: numbers, labels of groups, resamples, level."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence

import numpy as np

from attentif.errors import InputError
from attentif.language import text

FEWEST_GROUPS, ENOUGH_GROUPS = 5, 20


def finite_numbers(values: Sequence[float], name: str) -> np.ndarray:
    """A list of numbers as float64 (N,), N at least 1; InputError where it is none.

    >>> finite_numbers([1, 2.5], "values").tolist()
    [1.0, 2.5]
    """
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        array = np.array(math.nan)
    if array.ndim != 1 or not array.size or not np.isfinite(array).all():
        raise InputError(
            expected=text(
                f"{name} to be a list of finite numbers", f"une liste de nombres finis pour {name}"
            ),
            got=" ".join(repr(values).split())[:60],
            remedy=text(
                "give one number a case, and drop those that could not be measured",
                "donnez un nombre par cas, et retirez ceux qui n'ont pas pu être mesurés",
            ),
        )
    return array


def label_codes(groups: Sequence[Hashable], count: int) -> np.ndarray:
    """Number the groups of `count` values 0 … G − 1, in order of appearance.

    Args:
        groups: one label a value: words, tuples, numbers …

    Returns:
        int64 (count,).

    Raises:
        InputError: more or fewer labels than values (a nan is no label), or labels that cannot be compared.

    >>> label_codes(["nurse", "cook", "nurse"], 3).tolist()
    [0, 1, 0]
    """
    try:
        # A nan differs from itself: as a label it would make a group of every value.
        labels = [label for label in groups if label == label]
        numbers = {label: number for number, label in enumerate(dict.fromkeys(labels))}
    except (TypeError, ValueError) as error:
        raise InputError(
            expected=text(
                "labels that can be compared and counted, such as words, numbers or tuples",
                "des étiquettes que l'on peut comparer et compter, comme des mots, des nombres ou des tuples",
            ),
            got=" ".join(repr(groups).split())[:60],
            remedy=text(
                "turn lists and arrays into tuples", "faites des tuples de vos listes et de vos tableaux"
            ),
        ) from error
    if len(labels) != count:
        raise InputError(
            expected=text(
                f"{count} group labels, one a value", f"{count} étiquettes de groupe, une par valeur"
            ),
            got=text(f"{len(labels)} usable ones", f"{len(labels)} étiquettes utilisables"),
            remedy=text(
                "give each value the label of its group", "donnez à chaque valeur l'étiquette de son groupe"
            ),
        )
    return np.array([numbers[label] for label in labels])


def check_enough_groups(n_groups: int) -> None:
    """Refuse fewer groups than any interval can do with."""
    if n_groups < FEWEST_GROUPS:
        raise InputError(
            expected=text(f"at least {FEWEST_GROUPS} groups", f"au moins {FEWEST_GROUPS} groupes"),
            got=str(n_groups),
            remedy=text(
                "add word pairs or templates: so few say nothing of the others",
                "ajoutez des paires de mots ou des gabarits : si peu de groupes ne disent rien des autres",
            ),
        )


def check_resamples(n_resamples: int) -> None:
    """Refuse a number of resamples that says nothing, or is no whole number."""
    if not isinstance(n_resamples, (int, np.integer)) or n_resamples < 100:
        raise InputError(
            expected=text(
                "n_resamples to be a whole number of at least 100", "un n_resamples entier, au moins 100"
            ),
            got=repr(n_resamples),
            remedy=text("2,000 is usual", "2 000 est une valeur courante"),
        )


def check_share(name: str, share: float, usual: str) -> None:
    """Refuse a level or a power that is not between 0 and 1.

    Args:
        name: of the argument.
        usual: the usual value, as English writes it.
    """
    if not 0 < share < 1:
        french = usual.replace(".", ",")
        raise InputError(
            expected=text(f"{name} between 0 and 1", f"un {name} entre 0 et 1"),
            got=repr(share),
            remedy=text(f"{usual} is usual", f"{french} est une valeur courante"),
        )
