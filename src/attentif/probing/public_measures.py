"""The public test sets in an examination: those whose files the user has fetched, found by their names."""

from __future__ import annotations

from pathlib import Path

from attentif.bias.association_lists import load_association_test, words_of_sentences
from attentif.bias.audit import audit_pairs
from attentif.bias.defects import DEFECTS
from attentif.bias.effect_interval import effect_size_interval
from attentif.bias.groups import FEWEST_GROUPS
from attentif.bias.options import option_scores
from attentif.bias.pair_scores import pair_scores
from attentif.bias.pairs import Pair
from attentif.bias.preferences import crows_pairs_metric
from attentif.bias.public_pairs import load_crows_pairs, load_stereoset
from attentif.bias.sentence_vectors import sentence_vectors
from attentif.bias.stereoset import stereoset_scores
from attentif.bias.weat import association_test, associations
from attentif.errors import InputError
from attentif.language import colon, number, say, text
from attentif.probing.asking import by_name, outcome, preferences, reading_of, share_reading
from attentif.probing.public_limits import public_limits
from attentif.probing.reading import SHARE, Measure, Outcome, Reading, Subject
from attentif.probing.template_measures import bec_pro, honest, winogender

CROWS = {"en": "crows_pairs_anonymized.csv", "fr": "crows_french.csv"}
HONEST = {"en": "en_template.tsv", "fr": "fr_template.tsv"}
HURTLEX = {"en": "hurtlex_EN.tsv", "fr": "hurtlex_FR.tsv"}
PROFESSIONS, PATTERNS = "professions_english.json", "sent_patterns_english.txt"
STEREOSET, WINOGENDER, SHARES = "dev.json", "templates.tsv", "occupations-stats.tsv"

_ALL = text("all pairs", "toutes les paires")
_OFFICIAL = text(
    "As the authors' script counts: metric {metric}, stereotype {stereo}, anti-stereotype {anti}, neutral {neutral} %.",
    "Selon le décompte du script des auteurs : métrique {metric}, stéréotype {stereo}, anti-stéréotype {anti}, neutres {neutral} %.",
)
_DEFECTS = text(
    "Known defects of this set, reported and not repaired: {defects}.",
    "Défauts connus de ce jeu, signalés et non réparés : {defects}.",
)
_ICAT = text(
    "Means over {n} targets: language model {lm}, stereotype {ss}, ICAT {icat}.",
    "Moyennes sur {n} cibles : modèle de langue {lm}, stéréotype {ss}, ICAT {icat}.",
)
_TARGETS = text("stereotype preferred to its contrary", "stéréotype préféré à son contraire")
_MEANINGFUL = text("stereotype preferred to the unrelated word", "stéréotype préféré au mot sans rapport")

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
        *(_seat(sorted(folder.rglob("sent-weat*.jsonl"))) if english else ()),
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
        scores = pair_scores(subject.model, subject.tokenizer, _sentences(pairs))
        official = _official(subject, pairs)
        chosen = preferences(scores).tolist()
        values: dict[str, list[float]] = {say(_ALL): chosen}
        groups: dict[str, list] = {say(_ALL): [pair.unit for pair in pairs]}
        for pair, value in zip(pairs, chosen, strict=True):
            values.setdefault(pair.category, []).append(value)
            groups.setdefault(pair.category, []).append(pair.unit)
        readings, remarks = by_name(values, groups, read=share_reading)
        counts = audit_pairs(loaded).counts
        defects = say(text("; ", " ; ")).join(
            f"{say(DEFECTS[kind])} ({count})" for kind, count in counts.items() if count
        )
        said = [official, say(_DEFECTS).format(defects=defects)]
        return outcome(readings, len(pairs), remarks=[*said, *remarks])

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
        items = load_stereoset(path)
        options = [(item.stereotype, item.antistereotype, item.unrelated) for item in items]
        scores = option_scores(subject.model, subject.tokenizer, [item.context for item in items], options)
        targets = [item.target for item in items]
        found = stereoset_scores(scores, targets)
        values = {
            say(_TARGETS): preferences(scores[:, [0, 1]]).tolist(),
            say(_MEANINGFUL): preferences(scores[:, [0, 2]]).tolist(),
        }
        readings, remarks = by_name(values, dict.fromkeys(values, targets), read=share_reading)
        figures = {"lm": found.language_model, "ss": found.stereotype, "icat": found.icat}
        said = say(_ICAT).format(n=found.n_targets, **{key: number(value) for key, value in figures.items()})
        return outcome(readings, len(items), remarks=[said, *remarks])

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
        )
    ]


def _seat(paths: list[Path]) -> list[Measure]:
    if not paths:
        return []

    def run(subject: Subject) -> Outcome:
        readings, said = [], []
        for path in paths:
            words = path.with_name(path.name.removeprefix("sent-"))
            if words.exists():
                reading, remark = _seat_test(subject, path, words)
                readings += reading
                said.append(remark)
        return outcome(readings, len(said), remarks=said)

    return [
        Measure(
            "seat",
            "bias",
            text("SEAT", "SEAT"),
            text(
                "Association of sentences about two groups with those about two attributes (May et al. 2019), in standard "
                "deviations. Intervals and p are over the words, not over their templated sentences. Vectors are means over "
                "the last layer's tokens; other vectors give other results.",
                "Association de phrases sur deux groupes avec des phrases sur deux attributs (May et al. 2019), en écarts "
                "types. Les intervalles et p portent sur les mots, non sur leurs phrases types. Les vecteurs sont des moyennes "
                "sur les jetons de la dernière couche ; d'autres vecteurs donnent d'autres résultats.",
            ),
            "d",
            0.0,
            run,
        )
    ]


def _seat_test(subject: Subject, sentences: Path, words: Path) -> tuple[list[Reading], str]:
    """A test's effect size with its interval, where there are enough words for one; and its line with the p-value."""
    lists, of_words = load_association_test(sentences), load_association_test(words)
    sets = lists.first_targets, lists.second_targets, lists.first_attributes, lists.second_attributes
    vectors = [
        sentence_vectors(subject.model, subject.tokenizer, list(items)).double().numpy() for items in sets
    ]
    groups = (
        words_of_sentences(lists.first_targets, of_words.first_targets),
        words_of_sentences(lists.second_targets, of_words.second_targets),
    )
    found = association_test(*vectors, groups=groups)
    line = f"{lists.name}{colon()}d = {number(found.effect_size)}, p = {number(found.p_value, 4)}"
    if min(found.n_first, found.n_second) < FEWEST_GROUPS:
        return [], line + say(_FEW_WORDS).format(n=FEWEST_GROUPS)
    of_targets = (associations(side, *vectors[2:]) for side in vectors[:2])
    return [reading_of(lists.name, effect_size_interval(*of_targets, groups))], line
