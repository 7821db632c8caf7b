"""The closed lists of French words by which sentences are read, and the patterns of impersonal verbs."""

from __future__ import annotations

import re
import tomllib
from importlib import resources

_LISTS = {
    name: frozenset(word.replace("_", " ") for word in words.split())
    for name, words in tomllib.loads(
        (resources.files("attentif.bias.gender") / "fr_closed.toml").read_text(encoding="utf-8")
    ).items()
}

PUNCTUATION = frozenset('.,;:!?…()[]«»"—–-')
POSSESSIVES = _LISTS["possessives"]
PREPOSITIONS = _LISTS["prepositions"]
GOVERNING = _LISTS["governing"]  # articles that hold a preposition
ADVERBS = _LISTS["adverbs"]  # that may stand before an adjective or a participle
CONJUNCTIONS = _LISTS["conjunctions"]
CLAUSE = _LISTS["clause"]  # words that begin a clause
TIMES = _LISTS["times"]  # "cette semaine" is no subject
CLITICS = _LISTS["clitics"]  # articles that are pronouns before a verb
BEFORE_CLITICS = _LISTS["before_clitics"]  # behind these they stand before a verb: "elle la voit"
BETWEEN = _LISTS["between"]  # what may stand between a subject and its verb
SUBJECTS = _LISTS["subjects"]
PERSONS = _LISTS["persons"]  # pronouns of persons without a gender of their own
COPULAS = _LISTS["copulas"]  # verbs whose adjective is about their subject
HAVE = _LISTS["have"]
PLURAL_VERBS = _LISTS["plural_verbs"]
PRESENTS = _LISTS[
    "presents"
]  # participles that are present tenses too: "le directeur dit", but "un homme séduit par"
VERBS_TOO = _LISTS["verbs_too"]  # adjectives that are verbs too: "la directrice complète le dossier"
INFINITIVES = _LISTS["infinitives"] | _LISTS["verbs_in_ier"]
NOUNS_IN_ER = _LISTS["nouns_in_er"]
NO_PARTICIPLES = _LISTS["no_participles"]
PARTICIPLE = re.compile(r"(\w+é)(e?)(s?)$")

IMPERSONAL = re.compile(
    r"(?:ne |n' )?(?:y (?:a|avait|aura|aurait|eut)|faut|fallait|faudra|faudrait|pleut|pleuvait|pleuvra|neige|neigeait|"
    r"s' agi\w+|suffi\w+|vaut mieux|existe|existait|manque|se (?:peut|passe|trouve que)|paraît que|semble que|reste que|"
    r"fait (?:trop |très |plus )?(?:froid|chaud|beau|nuit|jour|noir|bon|mauvais|sombre)|"
    r"(?:est|était|sera|serait) (?:pas |plus |encore |déjà |trop |très )?(?:tard|tôt|temps|midi|minuit|\w+ heures?)\b|"
    r"(?:est|était|sera|serait|semble|paraît|devient) (?:pas |très |vraiment |souvent |toujours |parfois )?(?:possible|impossible|"
    r"important|nécessaire|évident|vrai|clair|probable|improbable|difficile|facile|bon|mauvais|rare|utile|inutile|interdit|"
    r"permis|essentiel|normal|étrange|logique|préférable|urgent|indispensable|dangereux|prévu|question) (?:de|d'|que|qu') )"
)
NEUTER_OBJECT = re.compile(r"(?:sai\w+|sav\w+|dis|dit|disent|disait|pens\w+|croi\w+|veu\w+|voul\w+|peu\w+|pouv\w+|"
                            r"promet\w*|esp[èé]r\w+|suppos\w+|ignor\w+|souhait\w+|fai\w+|répèt\w+|affirm\w+)$")  # fmt: skip


def is_infinitive(form: str) -> bool:
    """Whether a word behind le, la, les is a verb in the infinitive rather than a noun.

    >>> is_infinitive("chercher"), is_infinitive("dossier"), is_infinitive("hiver")
    (True, False, False)
    """
    regular = form.endswith("er") and not form.endswith("ier") and form not in NOUNS_IN_ER
    return regular or form in INFINITIVES
