"""Sentences for swap_gender, each beside its counterpart: both are written from one template and a table of words in both genders.

Nothing here asks the library what is right: a template says which persons a word agrees with, the table how a noun is
written in each gender and whether what stands before it is elided.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from attentif.checks.values import Request

GENDERS = "mf"
# (masculine, feminine), by whether what precedes is elided: c before a consonant, v before a vowel.
NOUNS = {
    "cc": (
        ("père", "mère"), ("frère", "sœur"), ("voisin", "voisine"), ("boulanger", "boulangère"), ("roi", "reine"),
        ("chanteur", "chanteuse"), ("directeur", "directrice"), ("serveur", "serveuse"), ("neveu", "nièce"),
        ("danseur", "danseuse"), ("facteur", "factrice"), ("jardinier", "jardinière"), ("fermier", "fermière"),
        ("musicien", "musicienne"), ("traducteur", "traductrice"), ("vendeur", "vendeuse"), ("coiffeur", "coiffeuse"),
    ),
    "vv": (
        ("infirmier", "infirmière"), ("étudiant", "étudiante"), ("acteur", "actrice"), ("ouvrier", "ouvrière"),
        ("instituteur", "institutrice"), ("écrivain", "écrivaine"), ("ambulancier", "ambulancière"), ("ami", "amie"),
        ("employé", "employée"), ("agriculteur", "agricultrice"), ("informaticien", "informaticienne"),
    ),
    "vc": (("homme", "femme"), ("oncle", "tante")),
    "vo": (("oncle", "tante"),),  # whose owner changes nothing: ma femme is mon mari
    "cv": (("héros", "héroïne"),),
    # One form for both: what stands around it tells, or nothing does.
    "ee": (
        ("architecte", "architecte"), ("archiviste", "archiviste"), ("artiste", "artiste"),
        ("économiste", "économiste"), ("interprète", "interprète"), ("organiste", "organiste"),
        ("urbaniste", "urbaniste"), ("astronome", "astronome"),
    ),
    "en": (
        ("father", "mother"), ("brother", "sister"), ("uncle", "aunt"), ("king", "queen"), ("waiter", "waitress"),
        ("nephew", "niece"), ("son", "daughter"), ("grandfather", "grandmother"), ("prince", "princess"),
        ("actor", "actress"), ("policeman", "policewoman"), ("salesman", "saleswoman"),
    ),
    "names": (("Paul", "Pauline"), ("Julien", "Julie"), ("Jean", "Jeanne"), ("Louis", "Louise")),
    "english_names": (("Paul", "Anna"), ("Hugo", "Lucy")),
}  # fmt: skip
ADJECTIVES = (
    ("fatigué", "fatiguée"), ("prudent", "prudente"), ("content", "contente"), ("prêt", "prête"),
    ("inquiet", "inquiète"), ("satisfait", "satisfaite"), ("gentil", "gentille"), ("fier", "fière"),
    ("étonné", "étonnée"), ("discret", "discrète"), ("patient", "patiente"), ("pressé", "pressée"),
)  # fmt: skip
THINGS = {
    "m": ("tapis", "livre", "rapport", "sac", "stylo", "bureau", "colis", "tableau", "violon", "couteau"),
    "f": ("table", "lampe", "lettre", "porte", "chaise", "valise", "photo", "clé", "boîte", "montre"),
}
OF_THINGS = (
    ("lourd", "lourde"), ("vert", "verte"), ("noir", "noire"), ("léger", "légère"), ("rond", "ronde"), ("clair", "claire"),
)  # fmt: skip
# Of persons and things together.
OF_BOTH = (("arrivé", "arrivée"), ("trempé", "trempée"), ("tombé", "tombée"), ("perdu", "perdue"))
# An aspirated h that no list of the library has: as it stands in a sentence, so it stays.
ASPIRATED = ("hibou", "hamac", "homard", "hérisson", "hamster", "hublot", "haricot", "hochet")
ENGLISH_THINGS = (
    "book",
    "keys",
    "hat",
    "letter",
    "bag",
    "umbrella",
    "ticket",
    "old coat",
    "red scarf",
    "watch",
)
ADVERBS = ("ce matin", "en hiver", "ce soir", "à midi", "le lundi", "le dimanche", "cette année", "en été")
VERBS = ("range", "regarde", "cherche", "décrit", "montre", "retrouve", "vend", "garde")


@dataclass(frozen=True)
class Filled:
    """What stands for a letter of a template, in one gender.

    Args:
        forms: in the masculine and in the feminine.
        gender: of a noun, "m" or "f".
        opens: of a noun, for both genders, "c" or "v".
        english: whether it is a word of English.
        genders: of an adjective, those of all nouns of the sentence, by their letters.
    """

    forms: tuple[str, str]
    gender: str = "m"
    opens: str = "cc"
    english: bool = False
    genders: Mapping[str, str] | None = None

    def __format__(self, spec: str) -> str:
        """A noun: as it is, or with what stands before it; an adjective: as it agrees with these letters."""
        if self.genders is not None:
            feminine = all(self.genders[letter] == "f" for letter in spec)
            return self.forms[feminine] + ("s" if len(spec) > 1 else "")
        if spec.lower() == spec:
            return self._word(spec)
        return self._word(spec.lower()).upper() if spec.isupper() else self._word(spec.lower()).capitalize()

    def _word(self, spec: str) -> str:
        feminine = self.gender == "f"
        noun, before_vowel = self.forms[feminine], self.opens[feminine] == "v"
        if self.english:
            pronouns = {
                "he": ("he", "she"), "his": ("his", "her"), "him": ("him", "her"), "hers": ("his", "hers"),
                "himself": ("himself", "herself"),
            }  # fmt: skip
            return pronouns[spec][feminine] if spec in pronouns else {"": "", "the": "the "}[spec] + noun
        alone = {
            "he": ("il", "elle"), "if": ("s'il", "si elle"), "that": ("qu'il", "qu'elle"),
            "ofhim": ("de lui", "d'elle"), "thanhim": ("que lui", "qu'elle"),
        }  # fmt: skip
        if spec in alone:
            return alone[spec][feminine]
        before = {
            "": ("", "", ""),
            "the": ("le ", "la ", "l'"),
            "of": ("du ", "de la ", "de l'"),
            "to": ("au ", "à la ", "à l'"),
            "my": ("mon ", "ma ", "mon "),
            "her": ("son ", "sa ", "son "),
            "this": ("ce ", "cette ", "cette " if feminine else "cet "),
            "one": ("un ", "une ", "une " if feminine else "un "),
            "oldthe": ("le vieux ", "la vieille ", "la vieille " if feminine else "le vieil "),
            "finea": ("un beau ", "une belle ", "une belle " if feminine else "un bel "),
        }[spec]
        return before[2 if before_vowel else feminine] + noun


@dataclass(frozen=True)
class Template:
    """A sentence whose letters are filled in.

    Args:
        text: with {a:the}, {a:he} … for the persons a, b, c; {x:ab} for an adjective that agrees with these letters;
            {t:the} for a masculine thing and {u:the} for a feminine one, {v:t} for an adjective of things, {q:at} for one
            of persons and things; {h}, {d}, {w}, {k} for an aspirated word, an adverb, a verb and an English thing.
        persons: letter → the row of `NOUNS` that it is drawn from and its gender in the sentence to swap.
        how: "capitals" all over, "curly" apostrophes, or "".
    """

    text: str
    persons: Mapping[str, str]
    how: str = ""

    @property
    def language(self) -> str:
        """Of the sentence."""
        rows = {row.split()[0] for row in self.persons.values()}
        return "en" if rows & {"en", "english_names"} else "fr"


def template(text: str, how: str = "", **persons: str) -> Template:
    """A template with its persons as letter="row gender"."""
    return Template(text, persons, how)


def sides(rng: np.random.Generator, written: Template) -> tuple[str, str]:
    """The template with drawn words, and the same with the other gender of every person."""

    def drawn(words: Sequence[Any], n: int = 1) -> list[Any]:
        return [words[index] for index in rng.permutation(len(words))[:n]]

    rows, used = {}, set()
    for letter, said in written.persons.items():
        row = said.split()[0]
        rows[letter] = drawn([forms for forms in NOUNS[row] if forms not in used])[0]
        used.add(rows[letter])
    things = dict(zip("tu", (drawn(THINGS["m"])[0], drawn(THINGS["f"])[0]), strict=True))
    described = dict(zip("xyz", drawn(ADJECTIVES, 3), strict=True))
    described |= {"v": drawn(OF_THINGS)[0], "q": drawn(OF_BOTH)[0]}
    plain = {"h": drawn(ASPIRATED)[0], "d": drawn(ADVERBS)[0], "w": drawn(VERBS)[0]}
    plain |= dict(zip("kl", drawn(ENGLISH_THINGS, 2), strict=True))
    found = []
    for swapped in (False, True):
        genders = {"t": "m", "u": "f"}
        for letter, said in written.persons.items():
            genders[letter] = GENDERS[GENDERS.index(said.split()[1]) ^ swapped]
        filled = {
            letter: Filled(forms, genders[letter], _opens(written.persons[letter]), written.language == "en")
            for letter, forms in rows.items()
        }
        filled |= {letter: Filled((word, word), genders[letter]) for letter, word in things.items()}
        filled |= {letter: Filled(forms, genders=genders) for letter, forms in described.items()}
        said = written.text.format(**filled, **plain)
        found.append({"": said, "capitals": said.upper(), "curly": said.replace("'", "’")}[written.how])
    return found[0], found[1]


def _opens(said: str) -> str:
    row = said.split()[0]
    return {"ee": "vv", "en": "cc", "names": "cc", "english_names": "cc", "vo": "vc"}.get(row, row)


def request(rng: np.random.Generator, written: Template) -> Request:
    """A call of swap_gender on a sentence of this template."""
    return Request(args=(sides(rng, written)[0], written.language))
