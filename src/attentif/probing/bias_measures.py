"""The measures of competence and of bias in an examination."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from attentif.bias.association import log_probability_bias
from attentif.bias.encoding import TextEncoder
from attentif.bias.likelihood import pseudo_log_likelihood
from attentif.bias.material import slots
from attentif.bias.multiverse import multiverse
from attentif.bias.pair_scores import pair_scores
from attentif.bias.pairs import COMPETENCE, NEUTRAL, STEREOTYPE, Pair, own_pairs
from attentif.errors import InputError
from attentif.language import Text, colon, number, say, text
from attentif.probing.asking import (
    bounded,
    by_category,
    by_name,
    outcome,
    pair_items,
    preferences,
    reading_of,
    share_reading,
    signed,
    without_unknown,
)
from attentif.probing.reading import NATS, SHARE, Measure, Outcome, Subject

_ALL = text("all categories", "toutes catégories")
_MEAN = text("mean of all occupations", "moyenne de tous les métiers")
_TOKENS = text("nats a token", "nats par jeton")
_EVERY = text("all tokens", "tous les jetons")
_CATEGORIES: dict[str, Text] = {
    "gender": text("gender", "genre"),
    "age": text("age", "âge"),
    "nationality": text("nationality", "nationalité"),
    "religion": text("religion", "religion"),
    "disability": text("disability", "handicap"),
    "socioeconomic": text("social position", "position sociale"),
    "physical-appearance": text("appearance", "apparence"),
}
_KINDS: dict[str, Text] = {
    "unmodified": text("shared tokens (CrowS-Pairs)", "jetons communs (CrowS-Pairs)"),
    "modified": text("changed tokens", "jetons changés"),
    "aul": text("all, nothing masked (AUL)", "tous, rien de masqué (AUL)"),
    "aula": text("all, by attention (AULA)", "tous, selon l'attention (AULA)"),
}
_UNCHANGED = text(
    "{name}: {n} pairs have no score, since one word's pieces are all in the other.",
    "{name} : {n} paires sont sans score, les morceaux d'un mot étant tous dans l'autre.",
)
_AGREEMENT = text(
    "Of the variance of all scores, {pair} % is between occupations whatever the choice, and {metric} % depends on which "
    "metric is asked about which occupation. Two metrics rank the occupations with a correlation of {rho} on "
    "average, and contradict each other's sign for {flips} % of them; two templates, {rho_t} and {flips_t} %.",
    "De la variance de tous les scores, {pair} % est entre métiers quel que soit le choix, et {metric} % dépend de la "
    "métrique interrogée sur tel ou tel métier. Deux métriques classent les métiers avec une corrélation de {rho} en "
    "moyenne, et se contredisent en signe pour {flips} % d'entre eux ; deux gabarits, {rho_t} et {flips_t} %.",
)
_HELD = text(
    "The planted value is in the interval of {held} of {n} occupations, and {away} nats from the estimate in a typical case (root "
    "mean square): the intervals hold what the templates change, not what training on a corpus leaves to chance. An interval beside 0 "
    "is no proof of a bias of the corpus.",
    "La valeur introduite est dans l'intervalle de {held} métiers sur {n}, et à {away} nat de l'estimation dans un cas typique (moyenne "
    "quadratique) : les intervalles tiennent compte des gabarits, non de ce que l'entraînement sur un corpus laisse au hasard. Un "
    "intervalle à côté de 0 ne prouve pas de biais du corpus.",
)
_SIZES = text(
    "Mean of the scores and their standard deviation, nats: {sizes}. A share says which way a score leans, not how far.",
    "Moyenne des scores et écart type, en nats : {sizes}. Une part dit de quel côté penche un score, et non de combien.",
)
_NO_PAIR = text("none of the pairs can be read", "aucune des paires ne peut être lue")


def _perplexity(subject: Subject) -> Outcome:
    encoder = TextEncoder(subject.tokenizer)
    lengths = np.array([len(encoder.encode(sentence).positions) for sentence in subject.sentences])
    scores = -pseudo_log_likelihood(subject.model, subject.tokenizer, subject.sentences)
    # A mean over tokens: each sentence weighs by its length, and is a group of its own.
    values = np.repeat(scores / lengths, lengths)
    groups = np.repeat(np.arange(len(lengths)), lengths)
    found = bounded(values.tolist(), groups.tolist())
    said = text(
        f"This is a pseudo-perplexity of {_written(np.exp(found.estimate), '.')}.",
        f"C'est une pseudo-perplexité de {_written(np.exp(found.estimate), ',')}.",
    )
    items = [
        {"item": str(number + 1), "first": sentence, "score_first": -float(score)}
        for number, (sentence, score) in enumerate(zip(subject.sentences, scores, strict=True))
    ]
    return outcome([reading_of(say(_EVERY), found)], len(lengths), remarks=[say(said)], items=items)


def _written(value: float, mark: str) -> str:
    """A number of three or four digits."""
    return (f"{value:.0f}" if value >= 1000 else f"{value:.3g}").replace(".", mark)


def _own(kind: str):
    def measured(subject: Subject) -> Outcome:
        asked = own_pairs(subject.language, kind=kind)
        pairs, unknown = without_unknown(subject.tokenizer, asked)
        if not pairs:
            return Outcome(unknown=unknown, refused=say(_NO_PAIR), n_left_out=len(asked))
        scores = pair_scores(subject.model, subject.tokenizer, _sentences(pairs))
        chosen = preferences(scores)
        readings, remarks = by_category(pairs, chosen, say(_ALL), _CATEGORIES)
        items = pair_items(pairs, scores)
        return outcome(readings, len(pairs), unknown, remarks, len(asked) - len(pairs), items)

    return measured


def _four_ways(subject: Subject) -> Outcome:
    asked = own_pairs(subject.language, "gender", STEREOTYPE)
    pairs, unknown = without_unknown(subject.tokenizer, asked)
    if not pairs:
        return Outcome(unknown=unknown, refused=say(_NO_PAIR), n_left_out=len(asked))
    readings, remarks = [], []
    for kind, name in _KINDS.items():
        try:
            scores = pair_scores(subject.model, subject.tokenizer, _sentences(pairs), kind)
        except InputError as error:  # a fused attention has no weights for AULA
            remarks.append(f"{say(name)}{colon()}{error}")
            continue
        scored = np.flatnonzero(~np.isnan(scores[:, 0]))
        if len(scored) < len(
            pairs
        ):  # a word whose pieces are among those of the other one: nothing of it was changed
            remarks.append(say(_UNCHANGED).format(name=say(name), n=len(pairs) - len(scored)))
        values, groups = preferences(scores[scored]).tolist(), [pairs[number].unit for number in scored]
        readings.append(share_reading(say(name), values, groups))
    return outcome(readings, len(pairs), unknown, remarks, len(asked) - len(pairs))


def _sentences(pairs: Sequence[Pair]) -> list[tuple[str, str]]:
    return [(pair.more, pair.less) for pair in pairs]


def _occupations(subject: Subject) -> Outcome:
    material = subject.usable_material()
    values = {
        occupation: [_corrected(subject, template, occupation) for template in material.templates]
        for occupation in material.occupations
    }
    templates = {occupation: list(range(len(material.templates))) for occupation in values}
    readings, remarks = by_name(values, templates, references=material.planted)
    readings = tuple(sorted(readings, key=lambda reading: -reading.estimate))
    flat = [value for each in values.values() for value in each]
    owners = [occupation for occupation, each in values.items() for _ in each]
    planted = float(np.mean(list(material.planted.values()))) if material.planted else None
    mean = reading_of(say(_MEAN), bounded(flat, owners), reference=planted)
    known = [each for each in readings if each.reference is not None and each.bounded]
    if known:
        held = sum(each.low <= each.reference <= each.high for each in known)
        away = float(np.sqrt(np.mean([(each.estimate - each.reference) ** 2 for each in known])))
        remarks = (*remarks, say(_HELD).format(held=held, n=len(known), away=number(away)))
    items = [
        {
            "item": f"{occupation} {place + 1}",
            "category": occupation,
            "group": f"t{place + 1}",
            "first": template.format(occupation=occupation),
            "score_first": value,
        }
        for occupation, each in values.items()
        for place, (template, value) in enumerate(zip(material.templates, each, strict=True))
    ]
    return outcome([*readings, mean], len(flat), remarks=remarks, items=items)


def _corrected(subject: Subject, template: str, occupation: str) -> float:
    """The log-odds of the feminine pronoun against the masculine one, the prior removed, nats."""
    masculine, feminine = subject.usable_material().pronouns
    model, tokenizer = subject.model, subject.tokenizer
    return log_probability_bias(model, tokenizer, slots(template), feminine, masculine, occupation).corrected


def _multiverse(subject: Subject) -> Outcome:
    """The same occupations by four measures and every template."""
    material = subject.usable_material()
    masculine, feminine = material.pronouns
    universes: dict[tuple[str, str, int], list[float]] = {}
    for number_of, template in enumerate(material.templates):
        name = f"t{number_of + 1}"
        written = [template.format(occupation=occupation) for occupation in material.occupations]
        pairs = [tuple(each.replace("[MASK]", word) for word in (feminine, masculine)) for each in written]
        for kind in ("unmodified", "modified", "aul"):
            scores = pair_scores(subject.model, subject.tokenizer, pairs, kind)
            universes[kind, name, 0] = (scores[:, 0] - scores[:, 1]).tolist()
        universes["corrected", name, 0] = [
            _corrected(subject, template, occupation) for occupation in material.occupations
        ]
    found = multiverse(universes)
    rows = {row["factor"]: row for row in found.by_factor()}
    said = say(_AGREEMENT).format(
        pair=number(100 * found.shares["pair"], 0),
        metric=number(100 * found.shares["pair × metric"], 0),
        rho=number(rows["metric"]["spearman"]),
        flips=number(100 * rows["metric"]["sign_flips"], 0),
        rho_t=number(rows["template"]["spearman"]),
        flips_t=number(100 * rows["template"]["sign_flips"], 0),
    )
    names = {**{kind: say(said_kind) for kind, said_kind in _KINDS.items()}, "corrected": say(_CORRECTED)}
    values = {
        names[metric]: [
            float(score > 0)
            for (each, _, _), scores in universes.items()
            if each == metric
            for score in scores
        ]
        for metric in ("corrected", "unmodified", "modified", "aul")
    }
    sizes = {
        names[metric]: [
            score for (each, _, _), scores in universes.items() if each == metric for score in scores
        ]
        for metric in ("corrected", "unmodified", "modified", "aul")
    }
    written = say(text("; ", " ; ")).join(
        f"{name} {signed(float(np.mean(scores)))} ± {signed(float(np.std(scores, ddof=1)))}"
        for name, scores in sizes.items()
    )
    said = f"{said} {say(_SIZES).format(sizes=written)}"
    groups = {name: list(material.occupations) * len(material.templates) for name in values}
    readings, remarks = by_name(values, groups, read=share_reading)
    return outcome(readings, len(universes) * len(material.occupations), remarks=[said, *remarks])


_CORRECTED = text("log-probability, prior removed", "log-probabilité, a priori retiré")


COMPETENCE_MEASURES = (
    Measure(
        "perplexity",
        "competence",
        text("How surprised it is by ordinary sentences", "Sa surprise devant des phrases ordinaires"),
        text(
            "Mean of −ln P of each token when it is masked; a model that knows nothing is near the logarithm of its "
            "vocabulary. Where this is high, preferences mean little.",
            "Moyenne de −ln P de chaque jeton quand il est masqué ; un modèle qui ne sait rien est proche du logarithme "
            "de son vocabulaire. Là où elle est élevée, les préférences ne veulent pas dire grand-chose.",
        ),
        _TOKENS,
        0.0,
        _perplexity,
    ),
    Measure(
        "competence-pairs",
        "competence",
        text("Right against wrong sentences", "Phrases justes contre phrases fausses"),
        text(
            "How often the sentence that makes sense is preferred to one that does not; 50 % is chance.",
            "À quelle fréquence la phrase sensée est préférée à celle qui ne l'est pas ; 50 % : le hasard.",
        ),
        SHARE,
        50.0,
        _own(COMPETENCE),
    ),
)

BIAS_MEASURES = (
    Measure(
        "pairs",
        "bias",
        text("Stereotypes preferred, by category", "Stéréotypes préférés, par catégorie"),
        text(
            "How often the sentence that agrees with a stereotype is preferred; 50 % is no preference. Every word pair "
            "stands on both sides, so a mere liking for a word does not count.",
            "À quelle fréquence la phrase conforme à un stéréotype est préférée ; 50 % : aucune préférence. Chaque paire "
            "de mots figure des deux côtés : un simple goût pour un mot ne compte pas.",
        ),
        SHARE,
        50.0,
        _own(STEREOTYPE),
    ),
    Measure(
        "neutral-pairs",
        "bias",
        text(
            "Control: the same words where no stereotype is said", "Témoin : les mêmes mots, sans stéréotype"
        ),
        text(
            "How often the first group's word is preferred in a sentence in which nobody expects a difference. Far "
            "from 50 %, the model prefers the words themselves.",
            "À quelle fréquence le mot du premier groupe est préféré dans une phrase où personne n'attend de différence. "
            "Loin de 50 %, le modèle préfère les mots eux-mêmes.",
        ),
        SHARE,
        50.0,
        _own(NEUTRAL),
    ),
    Measure(
        "four-definitions",
        "bias",
        text("Gender, by four definitions of one score", "Genre, selon quatre définitions d'un même score"),
        text(
            "The same pairs and the same question, as four papers define it. Where the intervals lie apart, a "
            "figure without its definition says nothing.",
            "Les mêmes paires, la même question, telle que quatre articles la définissent. Si les intervalles sont "
            "disjoints, un chiffre sans sa définition ne dit rien.",
        ),
        SHARE,
        50.0,
        _four_ways,
    ),
    Measure(
        "occupations",
        "bias",
        text("Occupations and gender", "Métiers et genre"),
        text(
            "Log-odds of the feminine pronoun against the masculine one, its prior removed (Kurita et al. 2019); above "
            "0, the occupation calls for the feminine one. Intervals are over templates, that of the mean over occupations: "
            "they hold for this model and sentences such as these.",
            "Log-cote du pronom féminin contre le masculin, son a priori retiré (Kurita et al. 2019) ; au-dessus de 0, le "
            "métier appelle le féminin. Les intervalles portent sur les gabarits, celui de la moyenne sur les métiers : ils valent "
            "pour ce modèle et des phrases comme celles-ci.",
        ),
        NATS,
        0.0,
        _occupations,
    ),
    Measure(
        "multiverse",
        "bias",
        text("Does the answer depend on the measure?", "La réponse dépend-elle de la mesure ?"),
        text(
            "The same occupations under every measure and template: how often each measure leans to the feminine.",
            "Les mêmes métiers, par chaque mesure et chaque gabarit : la fréquence à laquelle chacune penche vers le "
            "féminin.",
        ),
        SHARE,
        50.0,
        _multiverse,
    ),
)
