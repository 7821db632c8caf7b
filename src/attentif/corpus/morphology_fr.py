"""French inflection by rule: plurals, the four forms of an adjective, the verb forms that Microcosm uses.

The rules are those of any school grammar; what they do not cover is listed in the lexicon, not here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from attentif.errors import InputError
from attentif.language import text

VOWELS = "aàâeéèêëiîïoôœuùûüyh"
PLURAL_IN_S = frozenset(
    ["bal", "carnaval", "festival", "récital", "régal", "final", "naval", "fatal", "banal", "pneu", "bleu"]
)


class VerbForms(NamedTuple):
    """Third persons and invariable forms of a verb; `participle` is the masculine singular."""

    infinitive: str
    present_sg: str
    present_pl: str
    imperfect_sg: str
    imperfect_pl: str
    participle: str


class AdjectiveForms(NamedTuple):
    """The four forms of an adjective, of a participle or of a noun of person."""

    m_sg: str
    f_sg: str
    m_pl: str
    f_pl: str


def elides(form: str, aspirated: frozenset[str] = frozenset()) -> bool:
    """Whether le, la, de, que elide before this form: a vowel or a mute h begins it.

    >>> elides("hôpital"), elides("harpe", frozenset({"harpe"})), elides("dossier")
    (True, False, False)
    """
    return form[0] in VOWELS and form not in aspirated


def pluralize(singular: str) -> str:
    """The plural of a noun or of a masculine adjective.

    >>> [pluralize(noun) for noun in ("radio", "journal", "tableau", "avis")]
    ['radios', 'journaux', 'tableaux', 'avis']
    """
    if singular[-1] in "sxz":
        return singular
    if singular in PLURAL_IN_S:
        return singular + "s"
    if singular.endswith("al"):
        return singular[:-2] + "aux"
    if singular.endswith(("eau", "eu", "au")):
        return singular + "x"
    return singular + "s"


def feminize(masculine: str) -> str:
    """The feminine singular of an adjective given by its masculine singular.

    >>> [feminize(form) for form in ("fatigué", "sérieux", "attentif", "ancien", "calme", "médical")]
    ['fatiguée', 'sérieuse', 'attentive', 'ancienne', 'calme', 'médicale']
    """
    for ending, replacement in (
        ("eux", "euse"),
        ("if", "ive"),
        ("er", "ère"),
        ("en", "enne"),
        ("on", "onne"),
        ("el", "elle"),
        ("eil", "eille"),
        ("et", "ette"),
        ("c", "que"),
    ):
        if masculine.endswith(ending):
            return masculine[: -len(ending)] + replacement
    return masculine if masculine.endswith("e") else masculine + "e"


def adjective(masculine: str, irregular: Mapping[str, str] | None = None) -> AdjectiveForms:
    """The four forms; `irregular` maps a masculine to its feminine, or to its four forms, space-separated.

    >>> adjective("prêt"), adjective("inquiet", {"inquiet": "inquiète"}).f_pl
    (AdjectiveForms(m_sg='prêt', f_sg='prête', m_pl='prêts', f_pl='prêtes'), 'inquiètes')
    """
    listed = (irregular or {}).get(masculine, "").split()
    if len(listed) == 4:
        return AdjectiveForms(*listed)
    feminine = listed[0] if listed else feminize(masculine)
    return AdjectiveForms(masculine, feminine, pluralize(masculine), pluralize(feminine))


def conjugate(infinitive: str, irregular: Mapping[str, str] | None = None) -> VerbForms:
    """The forms of a verb: -er, -ir (finir) and -re (vendre) by rule, others from `irregular`.

    An irregular entry is "present_sg present_pl participle"; the imperfect is built on an added fourth word
    (its stem) or else on the plural of the present.
    Raises InputError for an ending no rule knows.

    >>> conjugate("préparer").present_pl, conjugate("régler").present_sg, conjugate("ranger").imperfect_sg
    ('préparent', 'règle', 'rangeait')
    >>> conjugate("lire", {"lire": "lit lisent lu"}).imperfect_pl
    'lisaient'
    """
    listed = (irregular or {}).get(infinitive, "").split()
    if listed:
        present_sg, present_pl, participle = listed[:3]
        imperfect = listed[3] if len(listed) > 3 else present_pl.removesuffix("ent")
    elif infinitive.endswith("er"):
        stem = infinitive[:-2]
        silent = _stem_before_silent_e(stem)
        present_sg, present_pl, participle = silent + "e", silent + "ent", stem + "é"
        imperfect = _soften(stem)
    elif infinitive.endswith("ir"):
        stem = infinitive[:-2]
        present_sg, present_pl, participle = stem + "it", stem + "issent", stem + "i"
        imperfect = stem + "iss"
    elif infinitive.endswith("dre"):
        stem = infinitive[:-2]
        present_sg, present_pl, participle, imperfect = stem, stem + "ent", stem + "u", stem
    else:
        raise InputError(
            expected=text(
                "a verb in -er, -ir or -dre, or an irregular one of the lexicon",
                "un verbe en -er, -ir ou -dre, ou un verbe irrégulier du lexique",
            ),
            got=infinitive,
            remedy=text("list it under [irregular_verbs]", "inscrivez-le sous [irregular_verbs]"),
        )
    return VerbForms(infinitive, present_sg, present_pl, imperfect + "ait", imperfect + "aient", participle)


def _stem_before_silent_e(stem: str) -> str:
    """lever → lèv-, répéter → répèt-, nettoyer → nettoi-."""
    if stem.endswith(("ay", "oy", "uy")):
        return stem[:-1] + "i"
    one_consonant, one_sound = "[cdglmnprstv]", "(?:[bcdfgpt][lr]|gu|qu|ch|[bcdgjlmnprstv])"
    open_syllable = re.search(f"e(?={one_consonant}$)|é(?={one_sound}$)", stem)
    if open_syllable is None:
        return stem
    at = open_syllable.start()
    return stem[:at] + "è" + stem[at + 1 :]


def _soften(stem: str) -> str:
    """ranger → range-, lancer → lanç-: the consonant keeps its sound before a."""
    if stem.endswith("g"):
        return stem + "e"
    if stem.endswith("c"):
        return stem[:-1] + "ç"
    return stem
