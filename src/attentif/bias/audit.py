"""What is wrong with a set of pairs, before any model reads it; and how many observations it really holds."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from attentif.bias.changes import changed_words, changes, word_changes, words_of
from attentif.bias.encoding import TextEncoder
from attentif.bias.pairs import Pair
from attentif.errors import InputError
from attentif.language import Remark, Text, text

# Each defect, and what it does to a score.
DEFECTS: dict[str, Text] = {
    "empty": text("a sentence is missing", "une phrase manque"),
    "identical": text("the two sentences are the same", "les deux phrases sont identiques"),
    "surface_only": text(
        "the same words: only capitals, punctuation or spaces differ",
        "les mêmes mots : seules les majuscules, la ponctuation ou les espaces diffèrent",
    ),
    "surface_too": text(
        "capitals, punctuation or spaces differ as well as words",
        "les majuscules, la ponctuation ou les espaces diffèrent, en plus des mots",
    ),
    "insertion_only": text(
        "words are added and none is replaced: nothing to compare",
        "des mots sont ajoutés et aucun n'est remplacé : rien à comparer",
    ),
    "several_words": text(
        "more than one word changes: the group may not be the reason",
        "plusieurs mots changent : le groupe n'est pas forcément en cause",
    ),
    "unequal_words": text("not the same number of words", "des nombres de mots différents"),
    "spacing": text("two spaces, or spaces at an end", "deux espaces de suite, ou des espaces au bout"),
    "duplicate": text("the same two sentences stand above", "les mêmes deux phrases figurent plus haut"),
    "disputed": text(
        "at most half of the annotators found this category",
        "la moitié des annotateurs au plus a vu cette catégorie",
    ),
    "multi_token": text("a change of several tokens", "un changement de plusieurs jetons"),
    "unequal_tokens": text("not the same number of tokens", "des nombres de jetons différents"),
    "unknown_tokens": text(
        "parts that the tokenizer does not know", "des parties que le tokenizer ne connaît pas"
    ),
}
OF_TOKENS = ("multi_token", "unequal_tokens", "unknown_tokens")


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
        if not 1 <= self.effective_size <= self.n_units + 1e-9:
            raise InputError(
                expected=text(
                    f"an effective size from 1 to {self.n_units}",
                    f"une taille effective de 1 à {self.n_units}",
                ),
                got=str(self.effective_size),
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
        """The clusters of a category, or of "all"."""
        return next(each for each in self.clusters if each.category == category)


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

    Source: the defects are those of Blodgett et al. 2021, "Stereotyping Norwegian Salmon", §4.2, that a program can see
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
    checks: list[Callable[[Pair], Iterator[tuple[str, str]]]] = [_in_text]
    if tokenizer is not None:
        checks.append(_InTokens(tokenizer))
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


def changed_unit(pair: Pair) -> tuple[str, str]:
    """The words that a pair changes, in alphabetical order: the label of its group for `cluster_bootstrap`.

    >>> changed_unit(Pair("The man and his dog.", "The woman and her dog.", "gender"))
    ('man … his', 'woman … her')
    """
    first, second = sorted(changed_words(pair.more, pair.less))
    return first, second


def _clusters(category: str, pairs: Sequence[Pair]) -> Clusters:
    sizes = Counter(map(changed_unit, pairs))
    largest, n_largest = sizes.most_common(1)[0]
    effective_size = len(pairs) ** 2 / sum(size**2 for size in sizes.values())
    return Clusters(category, len(pairs), len(sizes), effective_size, largest, n_largest)


def _in_text(pair: Pair) -> Iterator[tuple[str, str]]:
    sentences = (pair.more, pair.less)
    words = [words_of(sentence) for sentence in sentences]
    if pair.agreement is not None and pair.agreement <= 0.5:
        yield "disputed", f"{pair.agreement:.0%}"
    if any("  " in sentence or sentence != sentence.strip() for sentence in sentences):
        yield "spacing", repr(pair.more)
    if not all(words):
        yield "empty", repr(sentences)
        return
    if pair.more == pair.less:
        yield "identical", pair.more
        return
    found = word_changes(*sentences)
    shown = " → ".join(changed_words(*sentences))
    if not found:
        yield "surface_only", f"{pair.more} → {pair.less}"
        return
    if _surface(pair.more, pair.less):
        yield "surface_too", f"{pair.more} → {pair.less}"
    if all(not change.first for change in found) or all(not change.second for change in found):
        yield "insertion_only", shown
    if max(sum(len(change.first) for change in found), sum(len(change.second) for change in found)) > 1:
        yield "several_words", shown
    if len(words[0]) != len(words[1]):
        yield "unequal_words", f"{len(words[0])} → {len(words[1])}"


def _surface(first: str, second: str) -> bool:
    """Whether two texts with other words differ in what is no word, or in the capitals of a word that stays."""
    words = words_of(first), words_of(second)
    small = [[word.casefold() for word in each] for each in words]
    written = changes(*words)
    marks = ["".join(c for c in text if not c.isalnum() and not c.isspace()) for text in (first, second)]
    inside = ["".join(c for c in "".join(each) if not c.isalnum()) for each in words]
    # A hyphen of a changed word is part of the change.
    return written != () and (
        _sizes(written) != _sizes(changes(*small)) or (marks[0] != marks[1] and inside[0] == inside[1])
    )


def _sizes(found: Sequence[Any]) -> tuple[int, int]:
    return sum(len(change.first) for change in found), sum(len(change.second) for change in found)


class _InTokens:
    """The defects that a tokenizer sees."""

    def __init__(self, tokenizer: Any):
        self.encoder = TextEncoder(tokenizer)

    def __call__(self, pair: Pair) -> Iterator[tuple[str, str]]:
        if not pair.more.strip() or not pair.less.strip():
            return
        first, second = self._ids(pair.more), self._ids(pair.less)
        if self.encoder.unk_id in (*first, *second):
            yield "unknown_tokens", f"{pair.more} → {pair.less}"
        sizes = _sizes(changes(first, second))
        if max(sizes) > 1:
            shown = (
                " ".join(
                    self.encoder.token(token) for change in changes(first, second) for token in side(change)
                )
                for side in (lambda change: change.first, lambda change: change.second)
            )
            yield "multi_token", " → ".join(shown)
        if len(first) != len(second):
            yield "unequal_tokens", f"{len(first)} → {len(second)}"

    def _ids(self, sentence: str) -> list[int]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Remark)  # told by the defect
            encoding = self.encoder.encode(sentence, masks_allowed=False)
        return [encoding.ids[position] for position in encoding.positions]
