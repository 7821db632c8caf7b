"""What is wrong with a set of pairs, before any model reads it; and how many observations it really holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from attentif.bias.defects import DEFECTS, OF_TOKENS, Found, TokenDefects, text_defects
from attentif.bias.pairs import Pair
from attentif.bounds import digits, settle
from attentif.errors import InputError
from attentif.language import text


@dataclass(frozen=True)
class Defect:
    """One defect of one pair.

    Args:
        number: of the pair in the list, from 0.
        pair: the pair itself.
        kind: a key of DEFECTS.
        detail: what was found.
    """

    number: int
    pair: Pair
    kind: str
    detail: str


@dataclass(frozen=True)
class Clusters:
    """How the pairs of a category share what they change.

    Args:
        category: its name, "all" for the whole list.
        n_pairs, n_units: numbers of pairs, and of different changes, whatever their direction.
        effective_size: (Σ n_u)² / Σ n_u², from 1 to n_units: how many changes of equal weight say as much.
        largest: the change that most pairs share, and n_largest, how many do.
    """

    category: str
    n_pairs: int
    n_units: int
    effective_size: float
    largest: tuple[str, str]
    n_largest: int

    def __post_init__(self) -> None:
        settle(self, 1, self.n_units, "effective_size")
        if not 1 <= self.effective_size <= self.n_units:
            raise InputError(
                expected=text(
                    f"an effective size from 1 to {self.n_units}",
                    f"une taille effective de 1 à {self.n_units}",
                ),
                got=digits(self.effective_size),
                remedy=text("divide (Σ n)² by Σ n²", "divisez (Σ n)² par Σ n²"),
            )


@dataclass(frozen=True)
class Audit:
    """What `audit_pairs` found.

    Args:
        n_pairs: how many were read.
        counts: defect → number of pairs that have it; every defect that was looked for, 0 included.
        rows: each defect of each pair, in the order of the list.
        clusters: of all pairs, then of each category in order of appearance.
    """

    n_pairs: int
    counts: dict[str, int]
    rows: tuple[Defect, ...]
    clusters: tuple[Clusters, ...]

    def share(self, kind: str) -> float:
        """The share of the pairs that have a defect, from 0 to 1."""
        return self.counts[kind] / self.n_pairs

    def of(self, category: str) -> Clusters:
        """The clusters of a category, or of "all"; InputError where no pair has it."""
        found = {each.category: each for each in self.clusters}
        if category not in found:
            raise InputError(
                expected=text(f"one of {', '.join(found)}", f"une valeur parmi {', '.join(found)}"),
                got=repr(category),
                remedy=text("choose one of these", "choisissez une de ces valeurs"),
            )
        return found[category]


def audit_pairs(pairs: Sequence[Pair], tokenizer: Any = None) -> Audit:
    """Report the known defects of minimal pairs, and how far the pairs are from independent observations.

    A word is a run of letters and digits, held together by apostrophes and hyphens. What changes is found by `changes`,
    capitals and punctuation apart. Two pairs share a unit when they change the same words, in either direction:

        effective size = (Σ_u n_u)² / Σ_u n_u²,     n_u the number of the pairs that change u.

    Args:
        pairs: ours or those of a public set, at least one.
        tokenizer: of the model to be examined, to count tokens too; None to look at the texts alone.

    Returns:
        Audit(n_pairs, counts, rows, clusters). A pair may have several defects.

    Raises:
        InputError: no pairs, something else than pairs, or a tokenizer without mask token.

    Source: the defects are those of Blodgett et al. 2021, "Stereotyping Norwegian Salmon", that a program can see
        (not whether a stereotype exists, is named well, or is harmful); effective size: Kish 1965, "Survey Sampling".

    >>> pairs = [Pair("She sings.", "He sings.", "gender"), Pair("My aunt sings", "My uncle sang", "gender")]
    >>> report = audit_pairs(pairs)
    >>> report.counts["several_words"], report.rows[0].detail, report.of("gender").effective_size
    (1, 'aunt sings → uncle sang', 2.0)
    """
    if not len(pairs) or not all(isinstance(pair, Pair) for pair in pairs):
        raise InputError(
            expected=text("a list of at least one Pair", "une liste d'au moins une paire (Pair)"),
            got=text(f"{len(pairs)} items", f"{len(pairs)} éléments"),
            remedy=text(
                "load them by own_pairs or load_crows_pairs", "chargez-les par own_pairs ou load_crows_pairs"
            ),
        )
    checks: list[Callable[[Pair], Found]] = [text_defects]
    if tokenizer is not None:
        checks.append(TokenDefects(tokenizer))
    rows, seen = [], set()
    for number, pair in enumerate(pairs):
        for check in checks:
            rows += [Defect(number, pair, kind, detail) for kind, detail in check(pair)]
        both_sentences = frozenset((pair.more, pair.less))
        if both_sentences in seen:
            rows.append(Defect(number, pair, "duplicate", pair.more))
        seen.add(both_sentences)
    looked_for = [kind for kind in DEFECTS if tokenizer is not None or kind not in OF_TOKENS]
    found = Counter(row.kind for row in rows)
    categories = dict.fromkeys(pair.category for pair in pairs)
    return Audit(
        n_pairs=len(pairs),
        counts={kind: found[kind] for kind in looked_for},
        rows=tuple(rows),
        clusters=(
            _clusters("all", pairs),
            *(_clusters(name, [pair for pair in pairs if pair.category == name]) for name in categories),
        ),
    )


def _clusters(category: str, pairs: Sequence[Pair]) -> Clusters:
    sizes = Counter(pair.unit for pair in pairs)
    largest, n_largest = sizes.most_common(1)[0]
    effective_size = len(pairs) ** 2 / sum(size**2 for size in sizes.values())
    return Clusters(category, len(pairs), len(sizes), effective_size, largest, n_largest)
