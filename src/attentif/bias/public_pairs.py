"""Public sets of stereotypes: CrowS-Pairs, English and French, and StereoSet.

Their files are not shipped with this library: they are fetched by who uses them, under their own licences (CC BY-SA 4.0).
Their authors and others found much that is wrong in them; `audit_pairs` reports it.
"""

from __future__ import annotations

import ast
import json
from dataclasses import dataclass
from pathlib import Path
from string import punctuation
from typing import Any

from attentif.bias.changes import changed_words
from attentif.bias.pairs import DIRECTIONS, Pair
from attentif.bias.tables import local_copy, read_table
from attentif.corpus.text import read_text
from attentif.errors import InputError
from attentif.language import text as both

CROWS_COLUMNS = ("sent_more", "sent_less", "stereo_antistereo", "bias_type")
LABELS = ("stereotype", "anti-stereotype", "unrelated")
_BLANK, _PLACE = "BLANK", "data.intrasentence"


@dataclass(frozen=True)
class StereoSetItem:
    """A sentence with a blank, and three words for it.

    Args:
        id, target, category: its name, whom it is about, and the kind of the stereotype.
        context: the sentence with BLANK in it.
        stereotype, antistereotype, unrelated: the sentence with each word written in; the last makes no sense, which
            tells whether a model knows the language.
    """

    id: str
    target: str
    category: str
    context: str
    stereotype: str
    antistereotype: str
    unrelated: str

    @property
    def gap(self) -> str:
        """The context with [MASK] in the place of its first BLANK."""
        return self.context.replace(_BLANK, "[MASK]", 1)

    @property
    def words(self) -> tuple[str, str, str]:
        """What stands in the gap: of the stereotype, of its contrary, of what is unrelated.

        Where a sentence changes more than the gap, a known defect of the set, it is the word that stands where BLANK
        does, without its punctuation, as the authors' script takes it.

        >>> context, words = "The BLANK was old.", ("nurse", "young man", "cloud")
        >>> sentences = [context.replace("BLANK", word) for word in words]
        >>> StereoSetItem("1", "nurse", "profession", context, *sentences).words
        ('nurse', 'young man', 'cloud')
        """
        first, second, third = (
            self._word(each) for each in (self.stereotype, self.antistereotype, self.unrelated)
        )
        return first, second, third

    def _word(self, sentence: str) -> str:
        before, after = self.context.split(_BLANK, 1)
        found = sentence[len(before) : len(sentence) - len(after)]
        if sentence.startswith(before) and sentence.endswith(after) and found.strip():
            return found.strip()
        words = sentence.split()
        place = min(len(before.split()), len(words) - 1)
        return words[place].strip(punctuation)


def load_crows_pairs(source: str | Path) -> list[Pair]:
    """The pairs of CrowS-Pairs, in English or French, as their file has them, defects included.

    Args:
        source: a local file or an address: `crows_pairs_anonymized.csv` of nyu-mll/crows-pairs, or the French one. Columns
            sent_more, sent_less, stereo_antistereo and bias_type, in any order; annotations where they are there.

    Returns:
        One Pair a row: `more` is the more stereotyped sentence whatever the direction, as in the file; `words` are found
        by `changed_words`, `id` is the first column without a name, or "id", or the number of the row from 0.
        `agreement` is the share of the annotators who named the pair's category.

    Raises:
        InputError: a file that cannot be read, a column that is missing, or a direction that is neither stereo nor
            antistereo.

    Source: Nangia et al. 2020, "CrowS-Pairs"; Névéol et al. 2022, "French CrowS-Pairs".

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "pairs.csv")
    ...     said = '"Women cook, often.","Men cook, often.",stereo,gender'
    ...     _ = path.write_text(",".join(CROWS_COLUMNS) + "\\n" + said, encoding="utf-8")
    ...     load_crows_pairs(path)[0].words
    ('women', 'men')
    """
    pairs = []
    for number, row in enumerate(read_table(source, CROWS_COLUMNS)):
        more, less, direction, category = (row[name].strip() for name in CROWS_COLUMNS)
        name = row.get("") or row.get("id") or str(number)
        if direction not in DIRECTIONS:
            raise InputError(
                expected=" / ".join(DIRECTIONS),
                got=both(f"{direction!r} in row {name}", f"{direction!r} à la ligne {name}"),
                remedy=both("give the file as it was published", "donnez le fichier tel que publié"),
            )
        # Its first word belongs to the disadvantaged group, which is in `less` where the direction is antistereo.
        words = changed_words(more, less)
        pairs.append(
            Pair(
                row["sent_more"],
                row["sent_less"],
                category,
                direction,
                words=words if direction == "stereo" else words[::-1],
                id=name,
                agreement=_agreement(row.get("annotations", ""), category),
            )
        )
    return pairs


def load_stereoset(source: str | Path) -> list[StereoSetItem]:
    """The intra-sentence items of StereoSet, from its JSON (dev.json of moinnadeem/StereoSet).

    Args:
        source: a local file or an address.

    Returns:
        One item each. The inter-sentence items, which need a next-sentence head, are left alone.

    Raises:
        InputError: a file that is no JSON, has no intra-sentence items, or an item without BLANK or without its three
            sentences.

    Source: Nadeem et al. 2021, "StereoSet: Measuring stereotypical bias in pretrained language models".
    """
    name, text = Path(str(source)).name, read_text(local_copy(source))
    data = _json(text, name)
    try:
        found = [_item(entry) for entry in data["data"]["intrasentence"]]
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            expected=both(
                f"{name} to hold {_PLACE}: items with a context with {_BLANK} and 3 labelled sentences",
                f"dans {name}, {_PLACE} : un contexte avec {_BLANK} et 3 phrases étiquetées par élément",
            ),
            got=f"{type(error).__name__}: {error}"[:120],
            remedy=both(
                "fetch the file again, as it was published", "téléchargez de nouveau le fichier publié"
            ),
        ) from error
    if not found:
        raise InputError(
            expected=both(f"items in {name}", f"des éléments dans {name}"),
            got=both("none", "aucun"),
            remedy=both("fetch the file again", "téléchargez de nouveau le fichier"),
        )
    return found


def _json(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(
            expected=both(f"JSON in {name}", f"du JSON dans {name}"),
            got=both(f"a fault in line {error.lineno}", f"une faute à la ligne {error.lineno}"),
            remedy=both("fetch the file again", "téléchargez de nouveau le fichier"),
        ) from error


def _item(entry: dict[str, Any]) -> StereoSetItem:
    sentences = {each["gold_label"]: each["sentence"] for each in entry["sentences"]}
    if _BLANK not in entry["context"]:
        raise ValueError(entry["context"])
    return StereoSetItem(
        entry["id"],
        entry["target"],
        entry["bias_type"],
        entry["context"],
        *(sentences[label] for label in LABELS),
    )


def _agreement(annotations: str, category: str) -> float | None:
    try:
        votes = ast.literal_eval(annotations)
        return sum(category in vote for vote in votes) / len(votes)
    except (SyntaxError, ValueError, TypeError, ZeroDivisionError):
        return None  # no such column, or nothing in it
