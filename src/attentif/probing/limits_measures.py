"""The measures of limits in an examination: each probe of `attentif.limits` on this library's own questions."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from attentif.bias.fill_mask import fill_mask
from attentif.bias.intervals import studentized_interval
from attentif.language import Text, joined, say, text
from attentif.limits import (
    coreference_probe,
    fact_probe,
    head_effects,
    items,
    negation_probe,
    number_probe,
    role_probe,
    sense_profile,
    sensitivity_probe,
    word_order_probe,
)
from attentif.probing.asking import outcome, reading_of
from attentif.probing.reading import NATS, SHARE, Measure, Outcome, Subject

_EDITS: dict[str, Text] = {
    "punctuation": text("punctuation", "ponctuation"),
    "case": text("capitals", "majuscules"),
    "paraphrase": text("paraphrase", "paraphrase"),
    "length": text("length", "longueur"),
}
_NUMBERS: dict[str, Text] = {
    "comparison": text("larger or smaller", "plus grand ou plus petit"),
    "age": text("older or younger", "plus vieux ou plus jeune"),
    "position": text("before or after", "avant ou après"),
    "sequence": text("sequence in digits", "suite en chiffres"),
    "sequence in words": text("sequence in words", "suite en lettres"),
}
NEGATION: dict[str, Text] = {
    "sensitivity_affirmative": text("affirmed", "affirmé"),
    "sensitivity_negated": text("negated", "nié"),
    "overlap": text("same first answer in both", "même première réponse dans les deux cas"),
}
ROLES: dict[str, Text] = {"sensitivity": text("right roles preferred", "bons rôles préférés")}
_LAYER = text("layer {layer}", "couche {layer}")
_TOTAL = text("the person exchanged (total)", "la personne échangée (total)")
_HEAD = text("layer {layer}, head {head}", "couche {layer}, tête {head}")
_TOP_HEADS = 10
_DIFFERENCES = ("misprime_drop",)
# What stands for nothing, in %, where that is not the measure's own: the same answer from whoever does not read the
# negation, and a reader who turns a coin for each of two sentences.
_NEUTRAL = {"overlap": 100.0, "flip": 25.0}
_ANSWERS = text(
    "To {texts} different texts the model gave {answers} different first answers: one that always says the same changes nothing "
    "either.",
    "À {texts} textes différents, le modèle a donné {answers} premières réponses différentes : qui répond toujours la même chose ne "
    "change rien non plus.",
)
_CHANGED = text("From the first text to the second: {changes}.", "Du premier texte au second : {changes}.")
_CHOSEN = text(
    "The heads are the ten largest of {n}: chosen after the look, their intervals are too narrow. Parts need not add up to the whole.",
    "Les têtes sont les dix plus grandes sur {n} : choisies après coup, leurs intervalles sont trop étroits. La somme des parties "
    "n'est pas forcément le tout.",
)


def _rows(found: Any, names: Mapping[str, Text], scale: float) -> Outcome:
    """An outcome of those fields of a probe's result that hold an interval."""
    # A difference of shares can be below 0.
    share = {field: scale == 100 and field not in _DIFFERENCES for field in names}
    readings = [
        reading_of(
            say(name),
            interval,
            scale,
            within=(0.0, 100.0) if share[field] else (-math.inf, math.inf),
            chance=_NEUTRAL.get(field),
        )
        for field, name in names.items()
        if (interval := getattr(found, field)) is not None
    ]
    return outcome(readings, found.n_used, found.unknown)


def _answers(probe: Callable, subject: Subject, questions: Any, **options: Any) -> Any:
    return probe(subject.model, subject.tokenizer, questions, interval=studentized_interval, **options)


def asked(probe: Callable, questions: Callable, names: Mapping[str, Text], scale: float) -> Callable:
    """What measures a probe on the questions for a subject: the fields of its result that have a name, times a scale."""

    def measured(subject: Subject) -> Outcome:
        return _rows(_answers(probe, subject, questions(subject)), names, scale)

    return measured


def _of_language(questions: Callable[[str], Any]) -> Callable[[Subject], Any]:
    return lambda subject: questions(subject.language)


def _numbers(subject: Subject) -> Outcome:
    found = number_probe(subject.model, subject.tokenizer, subject.limits.numbers)
    readings = [
        reading_of(
            say(_NUMBERS.get(kind, kind)),
            share,
            100,
            chance=None if share.chance == 0.5 else 100 * share.chance,
        )
        for kind, share in found.accuracy.items()
    ]
    return outcome(readings, found.n_used, found.unknown)


def _negation(subject: Subject) -> Outcome:
    """One kind of change after the other; each number says which, where there are several."""
    kinds = subject.limits.negations
    found = []
    for change, asked_of in kinds.items():
        names = {
            field: name if len(kinds) == 1 else joined(f"{change}, ", name)
            for field, name in NEGATION.items()
        }
        found.append(_rows(_answers(negation_probe, subject, asked_of), names, 100))
    readings = [reading for each in found for reading in each.readings]
    unknown = dict.fromkeys(word for each in found for word in each.unknown)
    said = [say(_CHANGED).format(changes=", ".join(kinds))]
    return outcome(readings, sum(each.n_used for each in found), tuple(unknown), said)


def _sensitivity(subject: Subject) -> Outcome:
    edits = items.edits(subject.language)
    found = _answers(sensitivity_probe, subject, edits)
    readings = [
        reading_of(say(_EDITS.get(kind, kind)), each.kept, 100)
        for kind, each in found.items()
        if each.kept is not None
    ]
    unknown = dict.fromkeys(name for each in found.values() for name in each.unknown)
    texts = [
        original for original in dict.fromkeys(edit.original for edit in edits) if original not in unknown
    ]
    answers = {fill_mask(subject.model, subject.tokenizer, each, 1)[0][0][0] for each in texts}
    said = say(_ANSWERS).format(texts=len(texts), answers=len(answers))
    return outcome(readings, sum(each.n_used for each in found.values()), tuple(unknown), [said])


def _senses(subject: Subject) -> Outcome:
    probe = partial(_answers, sense_profile, subject, items.polysemous(subject.language))
    found = probe(others=items.random_words(subject.language))
    readings = [reading_of(say(_LAYER).format(layer=layer), gap) for layer, gap in enumerate(found.gap)]
    return outcome(readings, found.n_used, found.unknown)


def _heads(subject: Subject) -> Outcome:
    found = _answers(head_effects, subject, items.mediation_pairs(subject.language))
    by_head = {
        say(_HEAD).format(layer=layer + 1, head=head + 1): interval
        for layer, row in enumerate(found.indirect)
        for head, interval in enumerate(row)
    }
    largest = sorted(by_head.items(), key=lambda pair: -abs(pair[1].estimate))[:_TOP_HEADS]
    readings = [reading_of(say(_TOTAL), found.total)]
    readings += [reading_of(name, interval) for name, interval in largest]
    said = say(_CHOSEN).format(n=len(by_head))
    return outcome(readings, found.n_used, (*found.unknown, *found.uneven), [said])


LIMIT_MEASURES = (
    Measure(
        "negation",
        "limits",
        text("Negation", "Négation"),
        text(
            "Affirmed: the right word is preferred to the wrong one. Negated: the right answer is now the other word. A "
            'model that does not read "not" is right in the first and wrong in the second, and its first answer is the same '
            "in both (100 %).",
            "Affirmé : le mot juste est préféré au mot faux. Nié : la bonne réponse est alors l'autre mot. Un modèle qui ne "
            "lit pas la négation a raison dans le premier cas et tort dans le second, et sa première réponse est la même dans "
            "les deux (100 %).",
        ),
        SHARE,
        50.0,
        _negation,
    ),
    Measure(
        "word-order",
        "limits",
        text("Word order", "Ordre des mots"),
        text(
            "What shuffling a sentence's words costs, in nats a token; 0 for a model that reads a bag of words.",
            "Ce que coûte le mélange des mots d'une phrase, en nats par jeton ; 0 pour un modèle qui lit un sac de mots.",
        ),
        NATS,
        0.0,
        asked(
            word_order_probe,
            lambda subject: list(subject.sentences),
            {"cost": text("cost of shuffling", "coût du mélange")},
            1,
        ),
    ),
    Measure(
        "roles",
        "limits",
        text("Who did what to whom", "Qui a fait quoi à qui"),
        text(
            "How often the fitting verb is preferred where the roles fit to where they are exchanged; 50 % is chance.",
            "À quelle fréquence le verbe est jugé plus probable quand les rôles lui conviennent que quand ils sont "
            "échangés ; 50 % : le hasard.",
        ),
        SHARE,
        50.0,
        asked(
            role_probe,
            _of_language(items.role_items),
            ROLES,
            100,
        ),
    ),
    Measure(
        "facts",
        "limits",
        text("Facts", "Faits"),
        text(
            "The first answer is the right one; or it is another of the same kind, which sounds right and is false. Last, "
            "how much a wrong word put in front makes it lose.",
            "La première réponse est la bonne ; ou c'en est une autre du même genre, qui sonne juste et qui est fausse. "
            "Enfin, ce que fait perdre un mot faux placé devant.",
        ),
        SHARE,
        0.0,
        asked(
            fact_probe,
            lambda subject: subject.limits.facts,
            {
                "precision": text("first answer right", "première réponse juste"),
                "right_type_wrong_fact": text("right kind, wrong fact", "bon genre, fait faux"),
                "misprime_drop": text(
                    "lost after a wrong prime (points)", "perdu après une amorce fausse (points)"
                ),
            },
            100,
        ),
    ),
    Measure(
        "numbers",
        "limits",
        text("Numbers", "Nombres"),
        text(
            "How often the right word or number is preferred; chance is 50 % for comparisons, 33 % for sequences.",
            "À quelle fréquence le mot ou le nombre juste est préféré ; le hasard réussit 50 % des comparaisons, 33 % des suites.",
        ),
        SHARE,
        50.0,
        _numbers,
    ),
    Measure(
        "coreference",
        "limits",
        text("Whom a pronoun stands for", "Ce que remplace un pronom"),
        text(
            "Two sentences that differ in one adjective (too tired, too wide): the right referent is preferred; and it is so in "
            "both, of which a coin gets 25 % and a preference for one of the nouns none.",
            "Deux phrases qui diffèrent d'un adjectif (trop fatigué, trop large) : le bon référent est préféré ; et il l'est dans "
            "les deux, ce que pile ou face réussit à 25 % et le goût pour un des noms jamais.",
        ),
        SHARE,
        50.0,
        asked(
            coreference_probe,
            _of_language(items.referent_items),
            {
                "accuracy": text("right referent", "bon référent"),
                "flip": text("right in both", "juste dans les deux"),
            },
            100,
        ),
    ),
    Measure(
        "sensitivity",
        "limits",
        text("Edits that change no meaning", "Retouches sans effet sur le sens"),
        text(
            "How often the first answer stays as it was; 100 % for a reader who minds the meaning only, and for one who reads "
            "nothing at all.",
            "À quelle fréquence la première réponse reste la même ; 100 % pour qui ne lit que le sens, et pour qui ne lit rien "
            "du tout.",
        ),
        SHARE,
        100.0,
        _sensitivity,
    ),
    Measure(
        "senses",
        "limits",
        text("Words of several senses, layer by layer", "Mots à plusieurs sens, couche par couche"),
        text(
            "Cosine of two occurrences in one sense minus that of two in different senses. At the embeddings, layer 0, only "
            "the position in the sentence makes a difference; what is above that comes from the context.",
            "Cosinus de deux occurrences d'un même sens moins celui de deux occurrences de sens différents. Aux plongements, "
            "couche 0, seule la place dans la phrase fait une différence ; ce qui la dépasse vient du contexte.",
        ),
        text("difference of cosines", "différence de cosinus"),
        0.0,
        _senses,
    ),
    Measure(
        "heads",
        "limits",
        text(
            "Which heads carry the gender of a person to the pronoun",
            "Quelles têtes portent le genre d'une personne au pronom",
        ),
        text(
            "Change of the pronoun's log-odds when a person of the other gender takes the occupation's place: in all, and "
            "through one head alone (the ten largest).",
            "Changement de la log-cote du pronom quand une personne de l'autre genre prend la place du métier : en tout, et "
            "par une seule tête (les dix plus grands).",
        ),
        NATS,
        0.0,
        _heads,
    ),
)
