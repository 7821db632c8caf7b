"""Public checks of swap_gender: sentences in both languages, each with its counterpart."""

from __future__ import annotations

import numpy as np

from attentif.checks.compare import describe, require, value_of
from attentif.checks.engine import CheckSet
from attentif.checks.fingerprints import ERROR, outcome_features
from attentif.checks.text import text

CHECKS = CheckSet("swap_gender")

GROUPS = ("agreement", "things", "groups", "elision", "before", "capitals", "signs", "english")


def cases_of(cases, group):
    """The stored cases of a check: those whose names begin with this word."""
    return [case for name, case in cases.items() if name.startswith(f"{group}_")]


def probes(cases):
    """All sentences of a check together: in a single one, two mistakes often look alike."""

    def probe(group):
        def answer(student):
            outcomes = [student.run(case.request) for case in cases_of(cases, group)]
            if any(outcome.error is not None for outcome in outcomes):
                return np.array([ERROR, 0.0])
            return np.concatenate([outcome_features(outcome) for outcome in outcomes])

        return answer

    return {group: probe(group) for group in GROUPS}


def check_swapped(student, request, expected):
    """The swapped sentence, to the letter."""
    value = value_of(student.run(request), request)
    wanted = f"{request.args[0]!r} → {expected!r}"
    got = text(repr(value), repr(value)) if isinstance(value, str) else describe(value)
    require(isinstance(value, str) and value == expected, text(wanted, wanted), got)


def declare(group, title, hint):
    """The check on the stored cases of a group."""

    @CHECKS.check(name=group, points=0.25, title=title, hint=hint)
    def swapped(student, cases):
        for case in cases_of(cases, group):
            check_swapped(student, case.request, case.expected.value)


declare(
    "agreement",
    text(
        "a person changes gender, and all that agrees with it, both ways",
        "une personne change de genre, avec tout ce qui s'y accorde, dans les deux sens",
    ),
    text(
        "The positions in agrees_with lead to the words that decide: theirs is the gender to swap. One that does not tell its "
        "gender has that of the word that agrees with it.",
        "Les positions d'agrees_with mènent aux mots qui décident : c'est leur genre qu'il faut échanger. Celui qui ne montre "
        "pas le sien a celui du mot qui s'accorde avec lui.",
    ),
)
declare(
    "things",
    text("things keep their gender", "les choses gardent leur genre"),
    text(
        "Whether a head is a person decides, not whether the word itself is one. A word that nothing has changed, beside "
        "another that nothing has changed, stays as it is written.",
        "C'est le mot qui décide de l'accord qui doit être une personne, et non le mot lui-même. Un mot que rien ne change, "
        "devant un autre que rien ne change, reste comme il est écrit.",
    ),
)
declare(
    "groups",
    text(
        "what agrees with several words: feminine only if all of them are",
        "ce qui s'accorde avec plusieurs mots : au féminin seulement s'ils y sont tous",
    ),
    text(
        "Each of the group has a new gender of its own first; then the rule is applied to these.",
        "Chaque membre du groupe a d'abord son nouveau genre ; on applique ensuite la règle à ceux-là.",
    ),
)
declare(
    "elision",
    text(
        "elided and contracted forms: l'homme, la femme; du héros, de l'héroïne; mon amie",
        "formes élidées et contractées : l'homme, la femme ; du héros, de l'héroïne ; mon amie",
    ),
    text(
        "fitted(form, following, language) wants the word that follows in the new sentence.",
        "fitted(forme, suivant, langue) attend le mot qui suit dans la nouvelle phrase.",
    ),
)
declare(
    "before",
    text(
        "words without gender before one that changes: d'elle, de lui; s'il, si elle",
        "mots sans genre devant un mot qui change : d'elle, de lui ; s'il, si elle",
    ),
    text(
        "A word is fitted again also where only the next one has changed.",
        "Un mot reprend la forme qui convient aussi quand seul le suivant a changé.",
    ),
)
declare(
    "capitals",
    text("capitals: at the beginning, of names, all over", "majuscules : au début, des noms, partout"),
    text(
        "with_capitals_of(word.text, form), after all else.",
        "with_capitals_of(mot.text, forme), après tout le reste.",
    ),
)
declare(
    "signs",
    text("signs, spaces and apostrophes are kept", "signes, espaces et apostrophes sont conservés"),
    text(
        "written(words, forms, tail) puts them back, with a space where an elision ends and none where one begins.",
        "written(mots, formes, fin) les remet, avec une espace là où finit une élision et aucune là où il en commence une.",
    ),
)
declare(
    "english",
    text(
        "English: her is his or him, his is her or hers",
        "l'anglais : her devient his ou him, his devient her ou hers",
    ),
    text(
        "read_words has found which it is: the forms of the word tell.",
        "read_words l'a trouvé : les formes du mot le disent.",
    ),
)
