"""Does the answer hold when the question is only worded, or written, otherwise?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from torch import nn

from attentif.bias.groups import FEWEST_GROUPS
from attentif.bias.scorer import MaskedScorer
from attentif.bias.statistics import Interval, cluster_bootstrap
from attentif.errors import InputError
from attentif.language import text as both
from attentif.limits.cloze import check_gap, distributions, gap
from attentif.limits.comparing import jensen_shannon
from attentif.limits.proportion import proportion

# A sentence that bears on nothing, to make the text longer.
_PREAMBLES = {"fr": "Il est midi. ", "en": "It is noon. "}


@dataclass(frozen=True)
class Edit:
    """A text with a gap, and the same meaning in another form.

    Args:
        original, edited: texts with one [MASK].
        kind: "punctuation", "case", "paraphrase", "length"…
        group: edits of one group are not independent, those of one text for instance; each is its own when empty.
    """

    original: str
    edited: str
    kind: str
    group: str = ""

    def __post_init__(self) -> None:
        check_gap(self.original)
        check_gap(self.edited)
        if self.original == self.edited:
            raise InputError(
                expected=both("two different texts", "deux textes différents"),
                got=repr(self.original),
                remedy=both("change the form, not the meaning", "changez la forme, pas le sens"),
            )

    @property
    def cluster(self) -> str:
        """The group."""
        return self.group or self.original


@dataclass(frozen=True)
class Sensitivity:
    """How much the answers of a model change under edits of one kind, with intervals.

    Args:
        distance: mean Jensen–Shannon distance of the distributions at the gap, from 0 (same) to 1; None where fewer
            than 5 groups of edits are left.
        kept: share of edits that leave the most probable word as it was; None likewise.
        n_used: edits measured.
        n_same: those among them that the tokenizer reads as the same tokens (case, for a model that ignores it): their
            distance is 0 by construction.
        unknown: originals left out for parts that the tokenizer does not know, in either form.
    """

    distance: Interval | None
    kept: Interval | None
    n_used: int
    n_same: int
    unknown: tuple[str, ...]


def sensitivity_probe(
    model: nn.Module, tokenizer: Any, edits: Sequence[Edit], interval: Callable = cluster_bootstrap
) -> dict[str, Sensitivity]:
    """Ask each gap in two forms that mean the same: how far apart are the answers?

    distance = mean of the Jensen–Shannon distance of P(· | original) and P(· | edited) at the gap,
    kept = share with argmax P(· | original) = argmax P(· | edited), for each kind of edit.

    Args:
        model, tokenizer: a masked language model, of `transformers` or of this library, and its tokenizer.
        edits: pairs of texts, of one or several kinds.
        interval: how to bound a mean of grouped values, called as interval(values, groups).

    Returns:
        kind → Sensitivity.

    Raises:
        InputError (a ValueError): no edits, a text too long for the model.

    Source: Ribeiro et al. 2020, "Beyond Accuracy: Behavioral Testing of NLP Models with CheckList", §2 (invariance
        tests). Deviation: how far the whole distribution moves, not only whether an answer fails.

    >>> from attentif.checks.recipes import context_model, word_tokenizer
    >>> tokenizer = word_tokenizer([*"abcdef", "."])
    >>> edits = [Edit(f"{a} [MASK] .", f"{a} [MASK]", "punctuation") for a in "abcdef"]
    >>> found = sensitivity_probe(context_model(tokenizer.vocab_size, seed=1), tokenizer, edits)
    >>> found["punctuation"].n_used
    6
    """
    if isinstance(edits, Edit) or not len(edits):
        raise InputError(
            expected=both("a list of at least one edit", "une liste d'au moins une modification"),
            got=repr(edits)[:40],
            remedy=both("see edits_of", "voir edits_of"),
        )
    scorer = MaskedScorer(model, tokenizer)
    asked = [(edit, gap(scorer, edit.original), gap(scorer, edit.edited)) for edit in edits]
    contexts = [context for _, *both_forms in asked for context in both_forms if context is not None]
    rows = distributions(scorer, contexts)
    found = {}
    for kind in dict.fromkeys(edit.kind for edit in edits):
        known = [each for each in asked if each[0].kind == kind and None not in each]
        groups = [edit.cluster for edit, _, _ in known]
        enough = len(set(groups)) >= FEWEST_GROUPS
        pairs = [(rows[original], rows[edited]) for _, original, edited in known]
        found[kind] = Sensitivity(
            distance=interval([jensen_shannon(*pair).item() for pair in pairs], groups) if enough else None,
            kept=proportion([bool(a.argmax() == b.argmax()) for a, b in pairs], groups, interval)
            if enough
            else None,
            n_used=len(known),
            n_same=sum(original == edited for _, original, edited in known),
            unknown=tuple(edit.original for edit, *forms in asked if edit.kind == kind and None in forms),
        )
    return found


def edits_of(text: str, language: str, paraphrase: str = "") -> list[Edit]:
    """Edits of a sentence with a gap that leave its meaning: punctuation, case, length, and a paraphrase if given.

    Args:
        text: a sentence that ends with a full stop, with one [MASK].
        language: "fr" or "en", that of the text.
        paraphrase: the same said otherwise, with the gap for the same word.

    Raises:
        InputError: no gap, no full stop at the end, an unknown language.

    >>> for edit in edits_of("A cat drinks [MASK].", "en"):
    ...     print(edit.kind, "|", edit.edited)
    punctuation | A cat drinks [MASK]
    punctuation | A cat drinks [MASK]!
    case | a cat drinks [MASK].
    length | It is noon. A cat drinks [MASK].
    """
    check_gap(text)
    if language not in _PREAMBLES or not text.endswith("."):
        raise InputError(
            expected=both(
                "a sentence with a full stop, in French (fr) or English (en)",
                "une phrase terminée par un point, en français (fr) ou en anglais (en)",
            ),
            got=f"{text!r}, {language!r}",
            remedy=both("end it with a full stop", "terminez-la par un point"),
        )
    body = text[:-1].rstrip()
    mark = " !" if language == "fr" else "!"
    forms = [("punctuation", body), ("punctuation", body + mark)]
    if not text.startswith("["):
        forms.append(("case", text[0].lower() + text[1:]))
    forms.append(("length", _PREAMBLES[language] + text))
    if paraphrase:
        forms.append(("paraphrase", paraphrase))
    # A text that begins in lower case already has no edit of case.
    return [Edit(text, edited, kind, group=text) for kind, edited in forms if edited != text]
