"""Two sets of occupations and two of gendered words, for tests of association between vectors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from attentif.bias.material import Material
from attentif.limits import static_embeddings

# Words that have a gender and little else: pronouns, and articles where they agree.
_GENDERED = {
    "fr": (("elle", "elles", "une", "la", "cette"), ("il", "ils", "un", "le", "ce")),
    "en": (("she", "her", "herself", "woman"), ("he", "him", "himself", "man")),
}
# Where no bias was planted: occupations that surveys associate with women, then with men, of those that are asked about.
_EXPECTED = {
    "fr": (
        ("bibliothécaire", "fleuriste", "pédiatre", "réceptionniste", "secrétaire", "vétérinaire"),
        ("architecte", "cardiologue", "garagiste", "ministre", "notaire", "pilote"),
    ),
    "en": (
        ("cashier", "dancer", "hairdresser", "librarian", "nurse", "receptionist", "secretary", "teacher"),
        ("carpenter", "electrician", "engineer", "farmer", "mechanic", "pilot", "plumber", "surgeon"),
    ),
}


@dataclass(frozen=True)
class WordSets:
    """Two targets and two attributes.

    Args:
        first, second: occupations with a feminine and with a masculine association, planted or expected.
        feminine, masculine: words that have that gender.
    """

    first: tuple[str, ...]
    second: tuple[str, ...]
    feminine: tuple[str, ...]
    masculine: tuple[str, ...]


def word_sets(material: Material) -> WordSets:
    """The sets for a material: by the sign of what was planted or, where nobody knows that, by surveys.

    >>> from attentif.bias.material import material_for
    >>> from attentif.pretrained import masked_model
    >>> word_sets(material_for(*masked_model("microcosm-en"), "en")).first
    ('doctor', 'assistant', 'tutor', 'chef', 'farmer')
    """
    planted = material.planted
    if planted:
        sides = tuple(tuple(name for name in planted if side * planted[name] > 0) for side in (1, -1))
    else:
        sides = tuple(
            tuple(name for name in names if name in material.occupations)
            for names in _EXPECTED[material.language]
        )
    return WordSets(*sides, *_GENDERED[material.language])


def alphabetic_halves(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Two sets that mean nothing: the first and the second half in alphabetical order.

    >>> alphabetic_halves(["vet", "cook", "nurse"])
    (['cook'], ['nurse', 'vet'])
    """
    ordered = sorted(names)
    return ordered[: len(ordered) // 2], ordered[len(ordered) // 2 :]


def standings(
    effect_size: Callable[..., float], model: Any, tokenizer: Any, sets: WordSets
) -> tuple[dict[str, float], dict[str, float]]:
    """For each target, how far its vector leans to the feminine words, compared with all other targets.

    Args:
        effect_size: `weat_effect_size`, asked for each word against all others.

    Returns:
        (first, second): target → effect size.
    """
    targets = [*sets.first, *sets.second]
    vectors = static_embeddings(model, tokenizer, targets)
    attributes = [static_embeddings(model, tokenizer, words) for words in (sets.feminine, sets.masculine)]
    found = {}
    for place, name in enumerate(targets):
        others = [other for other in range(len(targets)) if other != place]
        found[name] = float(effect_size(vectors[[place]], vectors[others], *attributes))
    return tuple({name: found[name] for name in names} for names in (sets.first, sets.second))


def grouped(
    scores: Mapping[tuple[str, str], float], first: Sequence[str], second: Sequence[str]
) -> tuple[list[float], list[float], tuple[list[str], list[str]]]:
    """Scores of sentences by set, and the word of each: what `permutation_p_value` takes.

    >>> grouped({("cook", "a"): 1.0, ("vet", "a"): 2.0, ("cook", "b"): 3.0}, ["cook"], ["vet"])
    ([1.0, 3.0], [2.0], (['cook', 'cook'], ['vet']))
    """
    sides = [[(word, value) for (word, _), value in scores.items() if word in names] for names in (first, second)]  # fmt: skip
    values = [[value for _, value in side] for side in sides]
    return values[0], values[1], tuple([word for word, _ in side] for side in sides)
