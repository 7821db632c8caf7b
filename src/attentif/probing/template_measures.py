"""Public templates in an examination: BEC-Pro, HONEST and Winogender."""

from __future__ import annotations

from pathlib import Path

from attentif.bias.association import ATTRIBUTE, TARGET, log_probability_bias
from attentif.bias.benchmark_files import (
    load_bec_pro,
    load_honest,
    load_hurtlex,
    load_winogender,
    load_winogender_shares,
)
from attentif.bias.completions import hurtful_completions
from attentif.bias.encoding import TextEncoder
from attentif.bias.winogender import agreement_with, winogender_log_odds
from attentif.language import say, text
from attentif.probing.asking import (
    bounded,
    by_name,
    outcome,
    reading_of,
    share_reading,
    unknown_word,
    without_unknown,
)
from attentif.probing.reading import NATS, SHARE, Measure, Outcome, Reading, Subject

_KINDS = {
    "female": text("professions mostly of women", "métiers surtout exercés par des femmes"),
    "balanced": text("balanced professions", "métiers équilibrés"),
    "male": text("professions mostly of men", "métiers surtout exercés par des hommes"),
}
# (feminine, masculine) and what stands before the word that is masked.
_PERSONS = (("she", "he", ""), ("woman", "man", "this "), ("sister", "brother", "my "))
_NO_PATTERN = text(
    "the vocabulary has the words of no sentence", "le vocabulaire n'a les mots d'aucune phrase"
)
_NO_PERSON = text("no person is a single token", "aucune personne n'est un seul jeton")
_ABOUT = {"female": text("about women", "sur des femmes"), "male": text("about men", "sur des hommes")}
_BEST = 5
_WOMEN = text("correlation with the share of women", "corrélation avec la part de femmes")


def bec_pro(professions: Path | None, patterns_file: Path | None) -> list[Measure]:
    """BEC-Pro's professions under its own sentences, where both files are there."""
    if professions is None or patterns_file is None:
        return []

    def run(subject: Subject) -> Outcome:
        loaded, encoder = load_bec_pro(professions, patterns_file), TextEncoder(subject.tokenizer)
        values: dict[str, list[float]] = {}
        groups: dict[str, list] = {}
        patterns, missing = without_unknown(subject.tokenizer, loaded.templates, _words_around)
        if not patterns:
            return Outcome(unknown=missing, refused=say(_NO_PATTERN), n_left_out=len(loaded.templates))
        n_left_out = 0
        unknown = [
            each
            for names in loaded.professions.values()
            for name in names
            for each in name.split()
            if unknown_word(encoder, each)
        ]
        # A person is masked by one mask, so the vocabulary must have both words whole.
        persons = [
            (*words, before)
            for *words, before in _PERSONS
            if all(_is_one_token(encoder, word) for word in words)
        ]
        if not persons:
            return Outcome(refused=say(_NO_PERSON))
        for kind, names in loaded.professions.items():
            said = say(_KINDS[kind]) if kind in _KINDS else kind
            known = [name for name in names if not set(name.split()) & set(unknown)]
            n_left_out += len(names) - len(known)
            values[said] = [
                log_probability_bias(
                    subject.model,
                    subject.tokenizer,
                    _with_person(template, before),
                    feminine,
                    masculine,
                    name,
                ).corrected
                for name in known
                for template in patterns
                for feminine, masculine, before in persons
            ]
            groups[said] = [name for name in known for _ in range(len(patterns) * len(persons))]
        readings, remarks = by_name(values, groups)
        words = list(dict.fromkeys([*missing, *unknown]))
        n_left_out += len(loaded.templates) - len(patterns)
        return outcome(readings, sum(map(len, values.values())), words, remarks, n_left_out)

    return [
        Measure(
            "bec-pro",
            "bias",
            text("BEC-Pro, by who works in a profession", "BEC-Pro, selon qui exerce le métier"),
            text(
                "Log-odds of she, this woman, my sister against he, this man, my brother, the prior removed (Bartl et al. 2020); above "
                '0, the profession calls for the feminine. Groups are the professions. The patterns write "a electrician".',
                "Log-cote de she, this woman, my sister contre he, this man, my brother, l'a priori retiré (Bartl et al. 2020) ; au-dessus "
                "de 0, le métier appelle le féminin. Les groupes sont les métiers. Les phrases écrivent « a electrician ».",
            ),
            NATS,
            0.0,
            run,
            (professions, patterns_file),
        )
    ]


def _words_around(template: str) -> list[str]:
    """A pattern without its slots."""
    return [template.replace(TARGET, " ").replace(ATTRIBUTE, " ")]


def _is_one_token(encoder: TextEncoder, word: str) -> bool:
    return len(encoder.encode(word).positions) == 1 and not unknown_word(encoder, word)


def _with_person(template: str, before: str) -> str:
    """What stands before the masked person, with a capital where it begins the sentence."""
    if not before:
        return template
    begins = template.startswith(TARGET)
    return template.replace(TARGET, f"{before.capitalize() if begins else before}{TARGET}")


def honest(templates: Path | None, lexicon: Path | None) -> list[Measure]:
    """HONEST's sentences completed, where they and HurtLex are there."""
    if templates is None or lexicon is None:
        return []

    def run(subject: Subject) -> Outcome:
        whole, words = load_honest(templates), load_hurtlex(lexicon)
        loaded, unknown = without_unknown(
            subject.tokenizer, whole, lambda each: [each.text.replace("[MASK]", " ")]
        )
        if not loaded:
            return Outcome(unknown=unknown, refused=say(_NO_PATTERN), n_left_out=len(whole))
        texts = [each.text for each in loaded]
        shares = hurtful_completions(subject.model, subject.tokenizer, texts, words, _BEST)
        values: dict[str, list[float]] = {}
        groups: dict[str, list] = {}
        for each, share in zip(loaded, shares.tolist(), strict=True):
            name = say(_ABOUT[each.category]) if each.category in _ABOUT else each.category
            values.setdefault(name, []).append(share)
            groups.setdefault(name, []).append(each.frame)
        readings, remarks = by_name(values, groups, read=_rate_reading)
        return outcome(readings, len(loaded), unknown, remarks, len(whole) - len(loaded))

    return [
        Measure(
            "honest",
            "bias",
            text("HONEST: hurtful completions", "HONEST : compléments blessants"),
            text(
                f"How often a word of HurtLex is among the {_BEST} most probable ones (Nozza et al. 2021); a lower bound, since only "
                "forms that the lexicon lists count. Groups are the sentences without their person.",
                f"À quelle fréquence un mot de HurtLex est parmi les {_BEST} plus probables (Nozza et al. 2021) ; un minorant, car seules "
                "comptent les formes du lexique. Les groupes sont les phrases sans leur personne.",
            ),
            SHARE,
            0.0,
            run,
            (templates, lexicon),
        )
    ]


def _rate_reading(name: str, values: list[float], groups: list, reference: float | None = None) -> Reading:
    """The mean of values from 0 to 1, in %; where all are 0, a share's interval, since that still leaves a doubt."""
    if not any(values):
        return share_reading(name, values, groups, reference)
    return reading_of(name, bounded(values, groups), 100, reference, within=(0.0, 100.0))


def winogender(templates: Path | None, shares: Path | None) -> list[Measure]:
    """Winogender's occupations beside the labour market, where both files are there."""
    if templates is None or shares is None:
        return []

    def run(subject: Subject) -> Outcome:
        whole = load_winogender(templates)
        known, unknown = without_unknown(
            subject.tokenizer, whole, lambda each: [each.written("female"), each.written("male")]
        )
        if not known:
            return Outcome(unknown=unknown, refused=say(_NO_PATTERN), n_left_out=len(whole))
        odds = winogender_log_odds(subject.model, subject.tokenizer, known)
        found = agreement_with(
            odds, {name: each.bls for name, each in load_winogender_shares(shares).items()}
        )
        reading = Reading(say(_WOMEN), found.r, found.low, found.high, found.n, float(found.n))
        return outcome([reading], len(known), unknown, (), len(whole) - len(known))

    return [
        Measure(
            "winogender",
            "bias",
            text("Winogender and the labour market", "Winogender et le marché du travail"),
            text(
                "Correlation, over the occupations, of the pronoun's log-odds with the percentage of women employed in the USA; "
                "0 for a model that the occupation tells nothing.",
                "Corrélation, sur les métiers, de la log-cote du pronom avec le pourcentage de femmes employées aux États-Unis ; "
                "0 pour un modèle à qui le métier ne dit rien.",
            ),
            text("correlation", "corrélation"),
            0.0,
            run,
            (templates, shares),
        )
    ]
