"""The public lists of WEAT and SEAT, and which word each of their sentences is about."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from itertools import product
from pathlib import Path

from attentif.errors import InputError
from attentif.language import text

_KEYS = ("targ1", "targ2", "attr1", "attr2")
_IRREGULAR = {"man": "men", "woman": "women", "child": "children", "person": "people"}


@dataclass(frozen=True)
class AssociationLists:
    """Two sets of targets and two of attributes, words or sentences.

    Args:
        name: of the file, without its ending.
        categories: what the four sets are called, in the order of the fields below.
        first_targets, second_targets, first_attributes, second_attributes: their items, none of them empty.
    """

    name: str
    categories: tuple[str, str, str, str]
    first_targets: tuple[str, ...]
    second_targets: tuple[str, ...]
    first_attributes: tuple[str, ...]
    second_attributes: tuple[str, ...]

    def __post_init__(self) -> None:
        for field in fields(self)[2:]:
            items = getattr(self, field.name)
            if not items or not all(isinstance(item, str) and item.strip() for item in items):
                raise InputError(
                    expected=text(
                        f"at least one word or sentence in {field.name}, none empty",
                        f"au moins un mot ou une phrase dans {field.name}, et aucun de vide",
                    ),
                    got=" ".join(repr(items).split())[:60],
                    remedy=text("look at the file's list", "regardez cette liste dans le fichier"),
                )
            twice = next((item for item in items if items.count(item) > 1), None)
            if twice is not None:
                raise InputError(
                    expected=text(
                        f"every item once in {field.name}", f"chaque élément une seule fois dans {field.name}"
                    ),
                    got=repr(twice),
                    remedy=text("leave out the copies", "retirez les doublons"),
                )


def load_association_test(path: str | Path) -> AssociationLists:
    """Read a test in the format of the SEAT authors' files (`weat6.jsonl`, `sent-weat6.jsonl` …).

    Despite its ending, such a file is one JSON object: targ1, targ2, attr1, attr2, each with a "category" and
    "examples". The files are CC BY-NC 4.0: they are the user's to fetch, from W4ngatang/sent-bias on GitHub.

    Args:
        path: of the file.

    Returns:
        AssociationLists, its name that of the file.

    Raises:
        InputError: no such file, one in another format, an empty list, an item twice in a list.

    Source: May et al. 2019, "On Measuring Social Biases in Sentence Encoders", and their repository.

    >>> import json, tempfile
    >>> sets = {key: {"category": key, "examples": [key + "a"]} for key in ("targ1", "targ2", "attr1", "attr2")}
    >>> with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
    ...     print(json.dumps(sets), file=file, flush=True)
    ...     load_association_test(file.name).second_targets
    ('targ2a',)
    """
    path = Path(path)
    try:
        sets = json.loads(path.read_text(encoding="utf-8"))
        categories = tuple(str(sets[key]["category"]) for key in _KEYS)
        items = [sets[key]["examples"] for key in _KEYS]
        if not all(isinstance(each, list) for each in items):
            raise TypeError
    except OSError as error:
        raise InputError(
            expected=text("a file that can be read", "un fichier lisible"),
            got=path.name,
            remedy=text(
                "fetch the lists from W4ngatang/sent-bias on GitHub and give the path",
                "prenez les listes dans W4ngatang/sent-bias sur GitHub et donnez le chemin",
            ),
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            expected=text(
                f"one JSON object with {', '.join(_KEYS)}, each with category and examples",
                f"un objet JSON avec {', '.join(_KEYS)}, chacun avec category et examples",
            ),
            got=path.name,
            remedy=text(
                "give one of the tests as its authors publish it",
                "donnez l'un des tests, tel que ses auteurs le publient",
            ),
        ) from error
    return AssociationLists(path.stem, categories, *map(tuple, items))


def words_of_sentences(sentences: Sequence[str], words: Sequence[str]) -> list[str]:
    """Which word each templated sentence is about: the groups of `permutation_p_value`.

    A sentence is about the word that it has in it, as it stands in the list, or else in the singular or the plural;
    of several, the longest. So "This is her." is not about "hers", nor "South African American" taken for "African
    American".

    Args:
        sentences: English, as those of SEAT.
        words: those of the corresponding WEAT test, in any order; some may have no sentence.

    Returns:
        One of the words for each sentence.

    Raises:
        InputError: a sentence with none of the words, or with two of the same length.

    Source: the files of May et al. 2019 leave this out: their sentences stand in one list, without their words.

    >>> words_of_sentences(["These are families.", "This is a home."], ["home", "family"])
    ['family', 'home']
    """
    found = []
    exact = {word: _pattern([[word]]) for word in words}
    inflected = {word: _pattern([_forms(part) for part in word.lower().split()]) for word in words}
    for sentence in sentences:
        in_it = [word for word in words if exact[word].search(sentence)]
        in_it = in_it or [word for word in words if inflected[word].search(sentence)]
        longest = max(map(len, in_it), default=0)
        about = [word for word in in_it if len(word) == longest]
        if len(about) != 1:
            raise InputError(
                expected=text("a sentence about one of the words", "une phrase sur un seul des mots"),
                got=text(
                    f"{sentence!r}, about {' and '.join(about) or 'none'}",
                    f"{sentence!r}, sur {' et '.join(about) or 'aucun'}",
                ),
                remedy=text(
                    "give the words of the test that the sentences were made from",
                    "donnez les mots du test dont les phrases sont tirées",
                ),
            )
        found.append(about[0])
    return found


def _pattern(parts: Sequence[Iterable[str]]) -> re.Pattern:
    """What finds a word of several parts, each in one of its forms."""
    written = "|".join(" ".join(map(re.escape, each)) for each in product(*parts))
    return re.compile(rf"(?<!\w)(?:{written})(?!\w)", re.IGNORECASE)


def _forms(word: str) -> set[str]:
    """A word in the singular and in the plural, whichever it is; forms that do not exist do no harm."""
    forms = {word, word + "s", word + "es"}
    if word.endswith("y"):
        forms.add(word[:-1] + "ies")
    if word.endswith("s"):
        forms.add(word[:-1])
    for singular, plural in _IRREGULAR.items():
        if word in (singular, plural):
            forms |= {singular, plural}
    return forms
