"""Public templates that a masked word fills: BEC-Pro, HONEST and Winogender, read from their own files.

Nothing of them is shipped: they are fetched by who uses them, under their own licences (CC BY 4.0, MIT, MIT; the
lexicon HurtLex, CC BY-NC-SA 4.0).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from attentif.bias.association import ATTRIBUTE, TARGET
from attentif.bias.encoding import MASK_ALIAS
from attentif.bias.tables import local_copy, read_table
from attentif.corpus.text import read_text
from attentif.errors import InputError
from attentif.language import text as both

HONEST_COLUMNS = ("template_masked", "raw", "identity", "number", "category", "type")
_PRONOUNS = {
    "male": {"$NOM_PRONOUN": "he", "$POSS_PRONOUN": "his", "$ACC_PRONOUN": "him"},
    "female": {"$NOM_PRONOUN": "she", "$POSS_PRONOUN": "her", "$ACC_PRONOUN": "her"},
    "neutral": {"$NOM_PRONOUN": "they", "$POSS_PRONOUN": "their", "$ACC_PRONOUN": "them"},
}


@dataclass(frozen=True)
class BecPro:
    """Professions and sentence patterns.

    Args:
        professions: "female", "male", "balanced" (by who works in them in the USA) → names of professions.
        templates: sentences with [TARGET] for a person and [ATTRIBUTE] for a profession, once each.
    """

    professions: dict[str, tuple[str, ...]]
    templates: tuple[str, ...]


@dataclass(frozen=True)
class HonestTemplate:
    """The beginning of a sentence about a person, to be completed by [MASK].

    Args:
        text: the sentence.   frame: the same with [I] in the person's place, shared by all persons.
        identity: the person, as the file names it.
        number, category: "singular" or "plural", "female" or "male".
        type: what is asked for: "occupation", "descriptive_adjective" or "descriptive_verb".
    """

    text: str
    frame: str
    identity: str
    number: str
    category: str
    type: str


@dataclass(frozen=True)
class WinogenderTemplate:
    """A sentence with an occupation, another person, and a pronoun that stands for one of them.

    Args:
        occupation, participant: the two words.
        answer: the one that the pronoun stands for.
        sentence: with $OCCUPATION, $PARTICIPANT and a pronoun such as $NOM_PRONOUN in it.
    """

    occupation: str
    participant: str
    answer: str
    sentence: str

    def written(self, gender: str, participant: str | None = None) -> str:
        """The sentence with its words and a pronoun written in, as in the published list of all sentences.

        Args:
            gender: "male", "female" or "neutral".
            participant: another word for the participant; "someone" loses its article.

        Raises:
            InputError: an unknown gender.

        >>> told = "The $OCCUPATION told the $PARTICIPANT that $NOM_PRONOUN could pay with cash."
        >>> WinogenderTemplate("technician", "customer", "customer", told).written("female", "someone")
        'The technician told someone that she could pay with cash.'
        """
        if gender not in _PRONOUNS:
            raise InputError(
                expected=both(f"one of {', '.join(_PRONOUNS)}", f"une valeur parmi {', '.join(_PRONOUNS)}"),
                got=repr(gender),
                remedy=both("choose one of these", "choisissez une de ces valeurs"),
            )
        said = self.sentence
        if participant == "someone":
            said = said.replace("The $PARTICIPANT", "Someone")
            said = said.replace("the $PARTICIPANT", "someone").replace("a $PARTICIPANT", "someone")
        if gender == "neutral":
            said = said.replace("$NOM_PRONOUN was", "$NOM_PRONOUN were")
        for slot, word in {
            "$OCCUPATION": self.occupation,
            "$PARTICIPANT": participant or self.participant,
            **_PRONOUNS[gender],
        }.items():
            said = said.replace(slot, word)
        return said


@dataclass(frozen=True)
class OccupationShare:
    """Who works in an occupation.

    Args:
        bergsma: percentage of women in text (Bergsma and Lin 2006).   bls: percentage of women among those employed.
        year: of the second number, from the US Bureau of Labor Statistics.
    """

    bergsma: float
    bls: float
    year: int


def load_bec_pro(professions: str | Path, patterns: str | Path) -> BecPro:
    """BEC-Pro's professions and patterns, the latter as templates for `log_probability_bias`.

    Args:
        professions: professions_english.json.
        patterns: sent_patterns_english.txt, one sentence a line with {} for the person, then {} for the profession.

    Raises:
        InputError: a file that cannot be read, no lists of professions, or a pattern without its two slots.

    Source: Bartl et al. 2020, "Unmasking Contextual Stereotypes". The patterns always write "a": before a vowel
        ("a electrician") they are ungrammatical, and are left so.
    """
    name = Path(str(professions)).name
    try:
        lists = {kind: tuple(words) for kind, words in json.loads(read_text(local_copy(professions))).items()}
        if not lists or not all(isinstance(word, str) for words in lists.values() for word in words):
            raise ValueError("not lists of words")
    except (json.JSONDecodeError, AttributeError, TypeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            expected=both(
                f"lists of professions by kind, as JSON, in {name}",
                f"des listes de professions par sorte, en JSON, dans {name}",
            ),
            got=f"{type(error).__name__}: {error}"[:120],
            remedy=both("fetch the file again", "téléchargez de nouveau le fichier"),
        ) from error
    lines = [line.strip() for line in read_text(local_copy(patterns)).splitlines() if line.strip()]
    for line in lines:
        if line.count("{}") != 2:
            raise InputError(
                expected=both("two slots {} in each pattern", "deux emplacements {} par patron"),
                got=repr(line),
                remedy=both(
                    "write one for the person, one for the profession",
                    "un pour la personne, un pour le métier",
                ),
            )
    return BecPro(lists, tuple(line.replace("{}", TARGET, 1).replace("{}", ATTRIBUTE, 1) for line in lines))


def load_honest(source: str | Path) -> list[HonestTemplate]:
    """HONEST's templates in one language, [M] written as [MASK].

    Args:
        source: en_template.tsv, fr_template.tsv … of MilaNLProc/honest.

    Raises:
        InputError: a file that cannot be read, a column that is missing, a template without [M].

    Source: Nozza et al. 2021, "HONEST: Measuring Hurtful Sentence Completion in Language Models".
        Deviation: runs of spaces become one (the French file writes "la  femme").

    >>> HonestTemplate("the woman works as a [MASK].", "[I] works as a [M]", "the woman", *["…"] * 3).text
    'the woman works as a [MASK].'
    """
    found = []
    for row in read_table(source, HONEST_COLUMNS):
        said, *others = (" ".join(row[name].split()) for name in HONEST_COLUMNS)
        if said.count("[M]") != 1:
            raise InputError(
                expected=both("a template with [M] once", "un gabarit avec [M] une fois"),
                got=repr(said),
                remedy=both("give the file as it was published", "donnez le fichier tel que publié"),
            )
        found.append(HonestTemplate(said.replace("[M]", MASK_ALIAS), *others))
    return found


def load_hurtlex(source: str | Path, level: str = "conservative") -> tuple[str, ...]:
    """The words of HurtLex in one language, which HONEST looks for.

    Args:
        source: hurtlex_EN.tsv, hurtlex_FR.tsv … of valeriobasile/hurtlex, version 1.2.
        level: "conservative", as HONEST's code takes them: translations of offensive senses alone; or "inclusive",
            translations of all senses.

    Raises:
        InputError: a file that cannot be read, a column that is missing, no word of that level.

    Source: Bassignana et al. 2018, "Hurtlex: A Multilingual Lexicon of Words to Hurt".
    """
    rows = read_table(source, ("lemma", "level"))
    words = tuple(dict.fromkeys(row["lemma"].strip() for row in rows if row["level"].strip() == level))
    if not words:
        raise InputError(
            expected=both(f"words of the level {level}", f"des mots du niveau {level}"),
            got=", ".join(sorted({row["level"].strip() for row in rows})),
            remedy=both("ask for conservative or inclusive", "demandez conservative ou inclusive"),
        )
    return words


def load_winogender(source: str | Path) -> list[WinogenderTemplate]:
    """Winogender's 120 templates, from templates.tsv of rudinger/winogender-schemas.

    Raises:
        InputError: a file that cannot be read, a column that is missing, an answer that is neither 0 nor 1.

    Source: Rudinger et al. 2018, "Gender Bias in Coreference Resolution", §3.
    """
    found = []
    for row in read_table(source, ("occupation(0)", "other-participant(1)", "answer", "sentence")):
        words = row["occupation(0)"], row["other-participant(1)"]
        if row["answer"] not in ("0", "1"):
            raise InputError(
                expected=both("an answer of 0 or 1", "0 ou 1 pour answer"),
                got=repr(row["answer"]),
                remedy=both("give the file as it was published", "donnez le fichier tel que publié"),
            )
        found.append(WinogenderTemplate(*words, words[int(row["answer"])], row["sentence"]))
    return found


def load_winogender_shares(source: str | Path) -> dict[str, OccupationShare]:
    """Percentages of women by occupation, from occupations-stats.tsv of rudinger/winogender-schemas.

    Raises:
        InputError: a file that cannot be read, a column that is missing, something that is no number.
    """
    columns = ("occupation", "bergsma_pct_female", "bls_pct_female", "bls_year")
    found = {}
    for row in read_table(source, columns):
        try:
            occupation, bergsma, bls, year = (row[name] for name in columns)
            found[occupation] = OccupationShare(float(bergsma), float(bls), int(year))
        except ValueError:
            raise InputError(
                expected=both("three numbers an occupation", "trois nombres par métier"),
                got=" ".join(row.values()),
                remedy=both("give the file as it was published", "donnez le fichier tel que publié"),
            ) from None
    return found
