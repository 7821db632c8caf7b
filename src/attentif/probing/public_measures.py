"""The public test sets in an examination: those whose files the user has fetched, found by their names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from attentif.bias.association_lists import load_association_test, words_of_sentences
from attentif.bias.audit import audit_pairs
from attentif.bias.defects import DEFECTS
from attentif.bias.effect_interval import effect_size_interval
from attentif.bias.groups import FEWEST_GROUPS
from attentif.bias.options import option_scores
from attentif.bias.pair_scores import pair_scores
from attentif.bias.paired import holm
from attentif.bias.pairs import Pair
from attentif.bias.preferences import crows_pairs_metric
from attentif.bias.public_pairs import load_crows_pairs, load_stereoset
from attentif.bias.sentence_vectors import sentence_vectors
from attentif.bias.stereoset import stereoset_scores
from attentif.bias.weat import association_test, associations
from attentif.errors import InputError
from attentif.language import Text, colon, number, say, text
from attentif.probing.asking import (
    by_category,
    by_name,
    outcome,
    pair_items,
    preferences,
    reading_of,
    share_reading,
    without_unknown,
)
from attentif.probing.public_limits import public_limits
from attentif.probing.reading import SHARE, Measure, Outcome, Subject
from attentif.probing.template_measures import bec_pro, honest, winogender

CROWS = {"en": "crows_pairs_anonymized.csv", "fr": "crows_french.csv"}
HONEST = {"en": "en_template.tsv", "fr": "fr_template.tsv"}
HURTLEX = {"en": "hurtlex_EN.tsv", "fr": "hurtlex_FR.tsv"}
PROFESSIONS, PATTERNS = "professions_english.json", "sent_patterns_english.txt"
STEREOSET, WINOGENDER, SHARES = "dev.json", "templates.tsv", "occupations-stats.tsv"

_ALL = text("all pairs", "toutes les paires")
_OFFICIAL = text(
    "As the authors' script counts, which takes scores that are equal to 3 decimals for ties and lets ties lower the metric: metric "
    "{metric}, stereotype {stereo}, anti-stereotype {anti}, neutral {neutral} %.",
    "Selon le décompte du script des auteurs, qui tient pour égaux des scores égaux à 3 décimales et laisse les égalités abaisser la "
    "métrique : métrique {metric}, stéréotype {stereo}, anti-stéréotype {anti}, neutres {neutral} %.",
)
_DEFECTS = text(
    "Known defects of this set of {n} pairs, reported and not repaired: {defects}.",
    "Défauts connus de ce jeu de {n} paires, signalés et non réparés : {defects}.",
)
_ICAT = text(
    "Means over {n} targets: language model {lm}, stereotype {ss}, ICAT {icat}.",
    "Moyennes sur {n} cibles : modèle de langue {lm}, stéréotype {ss}, ICAT {icat}.",
)
_TARGETS = text("stereotype preferred to its contrary", "stéréotype préféré à son contraire")
_MEANINGFUL = text("stereotype preferred to the unrelated word", "stéréotype préféré au mot sans rapport")

_NO_PAIR = text(
    "the vocabulary has the words of no question", "le vocabulaire n'a les mots d'aucune question"
)
_UNREAD = text(
    "a set has no sentence that the model can read", "un ensemble n'a aucune phrase que le modèle puisse lire"
)
_LEVEL, _DRAWS = 0.05, 20_000
_NONE = text("none", "aucun")
_HOLM = text(
    "Of these {n} tests together, p is below 0.05 after Holm's correction for: {names}.",
    "Sur ces {n} tests ensemble, p est inférieur à 0,05 après la correction de Holm pour : {names}.",
)
_CATEGORIES: dict[str, Text] = {
    "race-color": text("race, colour", "origine, couleur de peau"),
    "gender": text("gender", "genre"),
    "socioeconomic": text("social position", "position sociale"),
    "nationality": text("nationality", "nationalité"),
    "religion": text("religion", "religion"),
    "age": text("age", "âge"),
    "sexual-orientation": text("sexual orientation", "orientation sexuelle"),
    "physical-appearance": text("appearance", "apparence"),
    "disability": text("disability", "handicap"),
    "other": text("other", "autre"),
    "autre": text("other", "autre"),
}
_FEW_WORDS = text(
    ", without an interval: fewer than {n} words in a set",
    ", sans intervalle : moins de {n} mots dans un ensemble",
)


def public_measures(folder: Path, language: str, suite: str = "all") -> tuple[Measure, ...]:
    """The measures for which a folder, or one below it, holds the files.

    Args:
        folder: of the user's files, as their authors name them.
        language: "fr" or "en".
        suite: "all", "bias" or "limits".

    Raises:
        InputError: no such folder, or none of the files in it.
    """
    folder = Path(folder)
    english = language == "en"
    bias = [
        *_crows(_one(folder, CROWS[language])),
        *(_stereoset(_one(folder, STEREOSET)) if english else ()),
        *(bec_pro(_one(folder, PROFESSIONS), _one(folder, PATTERNS)) if english else ()),
        *honest(_one(folder, HONEST[language]), _one(folder, HURTLEX[language])),
        *(winogender(_one(folder, WINOGENDER), _one(folder, SHARES)) if english else ()),
        *(_seat(_tests(folder)) if english else ()),
    ]
    limits = public_limits(lambda name: _one(folder, name)) if english else []
    found = {"all": [*bias, *limits], "bias": bias, "limits": limits}[suite]
    if not found:
        one = "NEG-136-SIMP.tsv" if suite == "limits" else CROWS[language]
        raise InputError(
            expected=text(
                f"a folder with public test sets, such as {one}",
                f"un dossier avec des jeux de test publics, comme {one}",
            ),
            got=str(folder),
            remedy=text(
                "fetch them from their authors; docs/minimal_pairs.md has the addresses, or leave --data out",
                "prenez-les chez leurs auteurs ; docs/minimal_pairs.fr.md a les adresses, ou omettez --data",
            ),
        )
    return tuple(found)


def files_not_asked(folder: Path, measures: Sequence[Measure]) -> list[str]:
    """The data files in a folder, or below it, that no measure asks: names, sorted."""
    asked = {path.resolve() for measure in measures for path in measure.files}
    kinds = {".csv", ".tsv", ".json", ".jsonl", ".txt"}
    return sorted(
        path.name
        for path in folder.rglob("*")
        if path.suffix in kinds and path.is_file() and path.resolve() not in asked
    )


def _one(folder: Path, name: str) -> Path | None:
    return next(iter(sorted(folder.rglob(name))), None)


def _crows(path: Path | None) -> list[Measure]:
    if path is None:
        return []

    def run(subject: Subject) -> Outcome:
        loaded = load_crows_pairs(path)
        pairs = [
            pair for pair in loaded if pair.more.strip() and pair.less.strip() and pair.more != pair.less
        ]
        whole = pairs
        pairs, unknown = without_unknown(subject.tokenizer, whole)
        left_out = len(whole) - len(pairs)
        if not pairs:
            return Outcome(unknown=unknown, refused=say(_NO_PAIR), n_left_out=left_out)
        scores = pair_scores(subject.model, subject.tokenizer, _sentences(pairs))
        official = _official(subject, pairs)
        readings, remarks = by_category(pairs, preferences(scores), say(_ALL), _CATEGORIES)
        counts = audit_pairs(loaded).counts
        defects = say(text("; ", " ; ")).join(
            f"{say(DEFECTS[kind])} ({count})" for kind, count in counts.items() if count
        )
        said = [official, say(_DEFECTS).format(n=len(loaded), defects=defects)]
        items = pair_items(pairs, scores)
        return outcome(readings, len(pairs), unknown, [*said, *remarks], left_out, items)

    return [
        Measure(
            "crows-pairs",
            "bias",
            text("CrowS-Pairs, by category", "CrowS-Pairs, par catégorie"),
            text(
                "How often the more stereotyped sentence is preferred (Nangia et al. 2020); 50 % is no preference. Pairs that "
                "change the same words count as one group.",
                "À quelle fréquence la phrase la plus stéréotypée est préférée (Nangia et al. 2020) ; 50 % : aucune préférence. "
                "Les paires qui changent les mêmes mots forment un groupe.",
            ),
            SHARE,
            50.0,
            run,
            (path,),
        )
    ]


def _official(subject: Subject, pairs: list[Pair]) -> str:
    """The four figures as published ones are made: order, rounding and ties of the authors' script."""
    in_order = [(p.more, p.less) if p.direction == "stereo" else (p.less, p.more) for p in pairs]
    scores = pair_scores(subject.model, subject.tokenizer, in_order, official=True)
    turned = [each if p.direction == "stereo" else each[::-1] for each, p in zip(scores, pairs, strict=True)]
    found = crows_pairs_metric(turned, [pair.direction for pair in pairs], official=True)
    figures = {
        "metric": found.metric,
        "stereo": found.stereotype,
        "anti": found.antistereotype,
        "neutral": found.neutral,
    }
    return say(_OFFICIAL).format(**{name: number(value) for name, value in figures.items()})


def _sentences(pairs: list[Pair]) -> list[tuple[str, str]]:
    return [(pair.more, pair.less) for pair in pairs]


def _stereoset(path: Path | None) -> list[Measure]:
    if path is None:
        return []

    def run(subject: Subject) -> Outcome:
        loaded = load_stereoset(path)
        cases, unknown = without_unknown(
            subject.tokenizer,
            loaded,
            lambda case: [case.context.replace("BLANK", word) for word in case.words],
        )
        left_out = len(loaded) - len(cases)
        if not cases:
            return Outcome(unknown=unknown, refused=say(_NO_PAIR), n_left_out=left_out)
        gaps, words = [case.gap for case in cases], [case.words for case in cases]
        scores = option_scores(subject.model, subject.tokenizer, gaps, words)
        targets = [case.target for case in cases]
        found = stereoset_scores(scores, targets)
        values = {
            say(_TARGETS): preferences(scores[:, [0, 1]]).tolist(),
            say(_MEANINGFUL): preferences(scores[:, [0, 2]]).tolist(),
        }
        readings, remarks = by_name(values, dict.fromkeys(values, targets), read=share_reading)
        figures = {"lm": found.language_model, "ss": found.stereotype, "icat": found.icat}
        said = say(_ICAT).format(n=found.n_targets, **{key: number(value) for key, value in figures.items()})
        items = [
            {
                "item": case.id, "category": case.category, "group": case.target, "first": case.gap,
                "second": " / ".join(case.words), "score_first": float(row[0]), "score_second": float(row[1]),
                "score_third": float(row[2]),
            }
            for case, row in zip(cases, scores, strict=True)
        ]  # fmt: skip
        return outcome(readings, len(cases), unknown, [said, *remarks], left_out, items)

    return [
        Measure(
            "stereoset",
            "bias",
            text("StereoSet, within sentences", "StereoSet, dans la phrase"),
            text(
                "A stereotype, its contrary and an unrelated word in one gap (Nadeem et al. 2021); a bias means something "
                "only where the unrelated word is beaten. Groups are the targets.",
                "Un stéréotype, son contraire et un mot sans rapport dans un même trou (Nadeem et al. 2021) ; un biais n'a de "
                "sens que là où le mot sans rapport est battu. Les groupes sont les cibles.",
            ),
            SHARE,
            50.0,
            run,
            (path,),
        )
    ]


def _tests(folder: Path) -> list[tuple[Path, Path]]:
    """The files of SEAT, each with that of the words which its sentences are about, in the order of their numbers."""
    pairs = [(path, path.with_name(path.name.removeprefix("sent-"))) for path in folder.rglob("sent-*.jsonl")]
    return sorted(
        ((path, words) for path, words in pairs if words.exists()),
        key=lambda pair: [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", pair[1].stem)],
    )


def _seat(tests: list[tuple[Path, Path]]) -> list[Measure]:
    if not tests:
        return []

    def run(subject: Subject) -> Outcome:
        readings, said, unknown, used, left_out = [], [], {}, 0, 0
        for sentences, words in tests:
            found = _seat_test(subject, sentences, words)
            readings += found.readings
            said += found.remarks
            unknown.update(dict.fromkeys(found.unknown))
            used, left_out = used + found.n_used, left_out + found.n_left_out
        if len(readings) > 1:
            adjusted = holm([reading.p_value for reading in readings])
            small = [r.name for r, p in zip(readings, adjusted, strict=True) if p < _LEVEL]
            names = say(text("; ", " ; ")).join(small) or say(_NONE)
            said.insert(0, say(_HOLM).format(n=len(readings), names=names))
        return outcome(readings, used, tuple(unknown), said, left_out)

    return [
        Measure(
            "seat",
            "bias",
            text("SEAT", "SEAT"),
            text(
                "Association of sentences about two groups with those about two attributes (May et al. 2019), in standard "
                "deviations: above 0, the first group goes with the first attribute. Intervals and p are over the words, not over "
                "their templated sentences; p is one-sided, of a permutation test, exact or of {n} draws. Vectors are means "
                "over the last layer's tokens; other vectors give other results. What random weights score is far from 0 where "
                "the words of the two groups differ in themselves: look at it before p.".replace(
                    "{n}", str(_DRAWS)
                ),
                "Association de phrases sur deux groupes avec des phrases sur deux attributs (May et al. 2019), en écarts "
                "types : au-dessus de 0, le premier groupe va avec le premier attribut. Les intervalles et p portent sur les mots, "
                "non sur leurs phrases types ; p est unilatéral, celui d'un test de permutation, exact ou sur {n} tirages. Les "
                "vecteurs sont des moyennes sur les jetons de la dernière couche ; d'autres vecteurs donnent d'autres "
                "résultats. Des poids au hasard sont loin de 0 là où les mots des deux groupes diffèrent par eux-mêmes : "
                "regardez-les avant p.".replace("{n}", str(_DRAWS)),
            ),
            "d",
            0.0,
            run,
            tuple(path for test in tests for path in test),
        )
    ]


def _seat_test(subject: Subject, sentences: Path, words: Path) -> Outcome:
    """A test's effect size with its interval, where there are enough words for one, and its p-value."""
    lists, of_words = load_association_test(sentences), load_association_test(words)
    sets, unknown, left_out = [], {}, 0
    for items in (lists.first_targets, lists.second_targets, lists.first_attributes, lists.second_attributes):
        known, missing = without_unknown(subject.tokenizer, items, lambda said: [said])
        sets.append(known)
        unknown.update(dict.fromkeys(missing))
        left_out += len(items) - len(known)
    name = f"{lists.name}{colon()}{' / '.join(lists.categories[:2])} × {' / '.join(lists.categories[2:])}"
    n_used = sum(map(len, sets))
    if not all(sets):
        said = f"{name}{colon()}{say(_UNREAD)}"
        return Outcome(remarks=(said,), unknown=tuple(unknown), n_left_out=n_used + left_out)
    vectors = [sentence_vectors(subject.model, subject.tokenizer, items).double().numpy() for items in sets]
    groups = (
        words_of_sentences(sets[0], of_words.first_targets),
        words_of_sentences(sets[1], of_words.second_targets),
    )
    found = association_test(*vectors, groups=groups, n_resamples=_DRAWS)
    if min(found.n_first, found.n_second) < FEWEST_GROUPS:
        line = f"{name}{colon()}d = {number(found.effect_size)}, p = {number(found.p_value, 4)}"
        said = line + say(_FEW_WORDS).format(n=FEWEST_GROUPS)
        return Outcome((), (said,), n_used, tuple(unknown), "", left_out)
    of_targets = (associations(side, *vectors[2:]) for side in vectors[:2])
    reading = reading_of(name, effect_size_interval(*of_targets, groups))
    return Outcome((replace(reading, p_value=found.p_value),), (), n_used, tuple(unknown), "", left_out)
