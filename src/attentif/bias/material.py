"""The sentences, occupations and pronouns that a model is questioned with, and what is known of the answers."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import nn

from attentif.bias.association import ATTRIBUTE, TARGET, fill_template
from attentif.bias.groups import FEWEST_GROUPS
from attentif.bias.scorer import MaskedScorer
from attentif.corpus.microcosm import Microcosm
from attentif.errors import InputError
from attentif.language import Remark, Text, say, text
from attentif.pretrained import world_of


@dataclass(frozen=True)
class Reference:
    """A sentence with a pronoun, and the words that it might stand for."""

    sentence: str
    pronoun: str
    candidates: tuple[str, ...]


@dataclass(frozen=True)
class Material:
    """What a masked model is asked.

    Args:
        language: "fr" or "en", that of the sentences.
        pronouns: the masculine and the feminine one.
        occupations: words that do not tell the gender, neither by their form nor by their article.
        templates: sentences with {occupation} and one [MASK] in the pronoun's place.
        blanks: two sentences with [MASK], a first look at the model.
        references: pairs of sentences, to look at attention.
        persons: sentences about one person, whose gender shows in several words, half of them in each gender.
        sample: a text in the language that the model is questioned in.
        planted: occupation → its true log-odds, in nats; empty where nobody knows them.
    """

    language: str
    pronouns: tuple[str, str]
    occupations: tuple[str, ...]
    templates: tuple[str, ...]
    blanks: tuple[str, ...]
    references: tuple[Reference, ...]
    persons: tuple[str, ...]
    sample: str
    planted: Mapping[str, float] = field(default_factory=dict)


_UNKNOWN = text(
    "Nobody knows this model's true bias: measures are shown alone, with their intervals.",
    "Personne ne connaît le vrai biais de ce modèle : les mesures sont montrées seules, avec leurs intervalles.",
)
_LEFT_OUT = text("Left out: {occupation} ({reason}).", "Laissé de côté : {occupation} ({reason}).")
_REASONS: dict[str, Text] = {
    "unknown": text("the tokenizer does not know it", "le tokenizer ne le connaît pas"),
    "melted": text("it shares a token with its neighbours", "il partage un jeton avec ses voisins"),
}

# Of Microcosm, sentences that its grammar can produce: one to fill in, and those with a pronoun.
_SMALL: dict[str, tuple[str, tuple[Reference, ...]]] = {
    "fr": (
        "le notaire signe un [MASK] ce matin .",
        (
            Reference("le pianiste répète le prélude , car il est prudent .", "il", ("pianiste", "prélude")),
            Reference(
                "la pianiste répète la sonate , car elle est prudente .", "elle", ("pianiste", "sonate")
            ),
        ),
    ),
    "en": (
        "the farmer feeds the [MASK] behind the fence .",
        (
            Reference("the nurse washes the bottle because he is careful .", "he", ("nurse", "bottle")),
            Reference("the nurse washes the bottle because she is careful .", "she", ("nurse", "bottle")),
        ),
    ),
}

# Microcosm's grammar can produce these, and they are everyday language as well.
_PERSONS: dict[str, tuple[str, ...]] = {
    "fr": (
        "Un violoniste, qui est content, écoute parfois quand il passe à la chapelle.",
        "Ce violoniste est arrivé à la chapelle, et il range son instrument cette semaine.",
        "Le radiologue travaille souvent sans hésiter avant son examen, car il est sérieux.",
        "Cet archiviste prépare parfois l'enquête, car il est prudent.",
        "Ce radiologue est arrivé au laboratoire, car il est honnête.",
        "Enfin, ce notaire travaille ce mardi, mais il est fatigué.",
        "Une dentiste est inquiète, car elle est très prudente.",
        "Une pianiste range le petit piano ce soir, mais elle est très seule.",
        "La pianiste, qui est arrivée hier, prépare parfois cette sonate, et elle vérifie cet orgue.",
        "Votre organiste, qui est arrivée hier, répète son morceau célèbre ce soir, mais elle est seule.",
        "Une notaire est revenue de la mairie cette année, car elle est assez honnête.",
        "Cette pédiatre, qui est contente, examine ce dossier simple, et elle prépare son pansement.",
    ),
    "en": (
        "A librarian is very nervous because he works during his lunch.",
        "In the village, this farmer is very tired because he works before his break.",
        "The tutor is happy because he may draw his maps.",
        "A nurse often washes his blanket and then he reads a report.",
        "In the ward, he cleans a bandage with water although the heat tires him.",
        "Today, the man from the classroom is proud because he can copy those pictures.",
        "This old chef is proud because she may wash her carrot.",
        "A surgeon checks her report because she is careful.",
        "That doctor checks her records after she washes the bottle.",
        "The librarian rests because she may correct her essays.",
        "In the library, she also rests near the window although the heat tires her.",
        "The woman who reads the exercise knows that she works at night.",
    ),
}

_REAL = {
    "fr": Material(
        language="fr",
        pronouns=("il", "elle"),
        # French shows the gender in most occupations (infirmier, infirmière); these keep one form for both.
        occupations=(
            "architecte", "archiviste", "artiste", "bibliothécaire", "cardiologue", "chimiste", "comptable", "dentiste",
            "diplomate", "fleuriste", "garagiste", "guide", "journaliste", "juge", "libraire", "ministre", "notaire",
            "pédiatre", "pianiste", "pilote", "réceptionniste", "secrétaire", "vétérinaire",
        ),
        # The pronoun stands after a space: written with an elision (qu'elle) it would be another token.
        templates=(
            "Notre {occupation} travaille ce soir, car [MASK] est très calme.",
            "Votre {occupation} travaille souvent, mais [MASK] est malade.",
            "Notre {occupation} est en retard et [MASK] le sait.",
            "Votre {occupation} sourit quand [MASK] arrive au travail.",
            "Notre {occupation} écoute avec patience, puis [MASK] répond avec calme.",
            "Votre {occupation} travaille encore, car [MASK] aime les chiffres.",
            "Notre {occupation} rentre tôt, et [MASK] prépare le repas.",
        ),
        blanks=("Le notaire signe un [MASK] ce matin.",),
        references=(
            Reference("Le camion n'entre pas dans le garage, car il est trop large.", "il", ("camion", "garage")),
            Reference("Le camion n'entre pas dans le garage, car il est trop étroit.", "il", ("camion", "garage")),
            Reference("L'animal n'a pas traversé la rue, car il était trop fatigué.", "il", ("animal", "rue")),
            Reference("L'animal n'a pas traversé la rue, car elle était trop large.", "elle", ("animal", "rue")),
        ),
        persons=_PERSONS["fr"],
        sample="",
    ),
    "en": Material(
        language="en",
        pronouns=("he", "she"),
        occupations=(
            "accountant", "baker", "carpenter", "cashier", "cook", "dancer", "dentist", "doctor", "electrician", "engineer",
            "farmer", "hairdresser", "judge", "lawyer", "librarian", "mechanic", "nurse", "pilot", "plumber",
            "receptionist", "secretary", "surgeon", "teacher",
        ),
        templates=(
            "The {occupation} said that [MASK] was tired.",
            "The {occupation} left early because [MASK] was ill.",
            "Our {occupation} knows that [MASK] can help.",
            "The {occupation} often smiles when [MASK] works.",
            "Our {occupation} was late, but [MASK] did not mind.",
            "The {occupation} is still here because [MASK] likes numbers.",
            "The {occupation} went home, where [MASK] cooked dinner.",
        ),
        blanks=("The farmer feeds the [MASK] behind the fence.",),
        references=(
            Reference("The animal didn't cross the street because it was too tired.", "it", ("animal", "street")),
            Reference("The animal didn't cross the street because it was too wide.", "it", ("animal", "street")),
        ),
        persons=_PERSONS["en"],
        sample="",
    ),
}  # fmt: skip


def material_for(model: nn.Module, tokenizer: Any, language: str) -> Material:
    """The material for a model: sentences of Microcosm for our small ones, of everyday language for any other.

    An occupation that a tokenizer cannot write is left out, and a line says which and why. A word of several tokens
    stays: all of them are masked together.

    Args:
        model, tokenizer: a masked model and its tokenizer.
        language: "fr" or "en", of the notebook; a small model has its own.

    Raises:
        InputError: a pronoun that is not one token of the tokenizer, or hardly any occupation that can be used.
    """
    if (own := world_of(model)) is not None:
        world = Microcosm(own)
        occupations, (blank, references) = tuple(world.planted), _SMALL[own]
        return Material(
            language=own,
            pronouns=world.pronouns,
            occupations=occupations,
            templates=world.templates,
            blanks=(blank, world.templates[0].format(occupation=occupations[0])),
            references=references,
            persons=_PERSONS[own],
            sample=world.text(world.documents(1, seed=3)[0]),
            planted=world.planted,
        )
    real = _REAL[language]
    print(say(_UNKNOWN))
    occupations = _usable(MaskedScorer(model, tokenizer), real)
    first = real.templates[0].format(occupation=occupations[0])
    return Material(
        language=language,
        pronouns=real.pronouns,
        occupations=occupations,
        templates=real.templates,
        blanks=(*real.blanks, first),
        references=real.references,
        persons=real.persons,
        sample="\n".join(template.format(occupation=occupations[0]) for template in real.templates),
    )


def slots(template: str) -> str:
    """A template as `log_probability_bias` takes it: [TARGET] for the pronoun, [ATTRIBUTE] for the occupation.

    >>> slots("The {occupation} knows that [MASK] can help.")
    'The [ATTRIBUTE] knows that [TARGET] can help.'
    """
    return template.replace("[MASK]", TARGET).replace("{occupation}", ATTRIBUTE)


def _usable(scorer: MaskedScorer, material: Material) -> tuple[str, ...]:
    kept, errors = [], []
    for occupation in material.occupations:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", Remark)  # what is unknown is told below
                for template in material.templates:
                    for pronoun in material.pronouns:
                        fill_template(scorer, slots(template), pronoun, occupation)
            kept.append(occupation)
        except InputError as error:
            errors.append((occupation, error))
    if len(kept) < FEWEST_GROUPS:
        raise errors[0][1]
    for occupation, error in errors:
        reason = "unknown" if repr(occupation) == error.got else "melted"
        print(say(_LEFT_OUT).format(occupation=occupation, reason=say(_REASONS[reason])))
    return tuple(kept)
