"""The small French words whose form depends on gender, on number and on the word that follows."""

from __future__ import annotations

from collections.abc import Container

# (masculine, feminine): the forms before a consonant.
DETERMINERS = {
    "le": "la", "du": "de la", "au": "à la", "un": "une", "ce": "cette", "mon": "ma", "ton": "ta", "son": "sa",
    "aucun": "aucune", "quel": "quelle", "tout": "toute", "tous": "toutes", "tel": "telle", "nul": "nulle",
    "certain": "certaine", "certains": "certaines", "quels": "quelles", "divers": "diverses",
}  # fmt: skip
PLAIN = frozenset(
    [
        "les",
        "des",
        "ces",
        "mes",
        "tes",
        "ses",
        "nos",
        "vos",
        "leurs",
        "notre",
        "votre",
        "leur",
        "chaque",
        "plusieurs",
        "quelques",
        "quelque",
        "aux",
        "deux",
        "trois",
        "quatre",
        "cinq",
        "six",
        "sept",
        "huit",
        "neuf",
        "dix",
    ]
)
# Those that stand alone for a person too, and the pronouns proper.
PRONOUNS = {
    "il": "elle", "ils": "elles", "celui": "celle", "ceux": "celles", "aucun": "aucune", "chacun": "chacune",
    "certains": "certaines", "tous": "toutes", "un": "une", "lequel": "laquelle", "lesquels": "lesquelles",
}  # fmt: skip
STRESSED = {"lui": "elle", "eux": "elles"}
PLURAL = frozenset(
    [
        "ils",
        "elles",
        "eux",
        "ceux",
        "celles",
        "certains",
        "certaines",
        "tous",
        "toutes",
        "lesquels",
        "lesquelles",
    ]
)
# Before a vowel: the form of both genders, or of the masculine alone, and which form of the pair it is for.
_BEFORE_VOWEL = {
    "le": "l'", "la": "l'", "du": "de l'", "de la": "de l'", "au": "à l'", "à la": "à l'", "ce": "cet", "ma": "mon",
    "ta": "ton", "sa": "son", "beau": "bel", "nouveau": "nouvel", "vieux": "vieil", "fou": "fol", "mou": "mol",
    "de": "d'", "que": "qu'", "lorsque": "lorsqu'", "puisque": "puisqu'", "quoique": "quoiqu'",
}  # fmt: skip
_ADJECTIVES = {"bel": ("beau", "belle"), "nouvel": ("nouveau", "nouvelle"), "vieil": ("vieux", "vieille"),
               "fol": ("fou", "folle"), "mol": ("mou", "molle")}  # fmt: skip
_OPEN = {"l'": ("le", "la"), "de l'": ("du", "de la"), "à l'": ("au", "à la"), "cet": ("ce", "cette")}
_BARE = {"d'": "de", "qu'": "que", "lorsqu'": "lorsque", "puisqu'": "puisque", "quoiqu'": "quoique"}
_VOWELS = "aeiouhàâæéèêëîïôœùûü"


def determiner(form: str) -> tuple[tuple[str, str], str | None] | None:
    """The forms of a determiner before a consonant and its gender, None where it has one form only.

    >>> determiner("cette"), determiner("l'"), determiner("leur")
    ((('ce', 'cette'), 'f'), (('le', 'la'), None), None)
    """
    if form in _OPEN:
        return _OPEN[form], "m" if form == "cet" else None
    for masculine, feminine in DETERMINERS.items():
        if form in (masculine, feminine):
            # mon is both before a vowel: its noun tells.
            owned = form in ("mon", "ton", "son")
            return (masculine, feminine), None if owned else "m" if form == masculine else "f"
    return None


def masculine_before_vowel(form: str) -> tuple[str, str] | None:
    """The two forms of bel, nouvel, vieil; None for any other word.

    >>> masculine_before_vowel("vieil")
    ('vieux', 'vieille')
    """
    return _ADJECTIVES.get(form)


def elides_before(word: str, aspirated: Container[str]) -> bool:
    """Whether le, de, que are elided before a word.

    >>> elides_before("héroïne", {"héros"}), elides_before("héros", {"héros"}), elides_before("Yvonne", ())
    (True, False, True)
    """
    lower = word.lower()
    return (lower[:1] in _VOWELS or lower.startswith("yv")) and bool(lower) and lower not in aspirated


def before(form: str, following: str, aspirated: Container[str]) -> str:
    """A word in the form that it takes before another: elided, contracted, or in full.

    >>> before("la", "amie", ()), before("ma", "jeune", ()), before("que", "il", ()), before("d'", "lui", ())
    ("l'", 'ma', "qu'", 'de')
    >>> before("beau", "ami", ()), before("si", "il", ()), before("s'", "elle", ())
    ('bel', "s'", 'si')
    """
    lower = form.lower().replace("’", "'")
    if lower in ("si", "s'") and following.lower() in ("il", "ils", "elle", "elles"):
        return "s'" if following.lower().startswith("i") else "si"
    full = _BARE.get(lower, lower)
    if full == "vieux" and following.endswith(("s", "x")):
        return form  # plural: "de vieux amis"
    fitted = _BEFORE_VOWEL.get(full, full) if elides_before(following, aspirated) else full
    return form if fitted == lower else fitted
