"""An examination as one page that opens without a network, its tables beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attentif.charts import plot_forest
from attentif.errors import InputError
from attentif.language import Text, current_language, number, say, text, typeset
from attentif.probing.asking import signed
from attentif.probing.files import FEWEST_FOR_P, null_of, null_p, write_tables, write_text
from attentif.probing.reading import SHARE, Measure, Outcome, Reading
from attentif.probing.summary import control, digits_of, measured, standing_out, written

_SUITES: dict[str, Text] = {
    "competence": text("What it knows", "Ce qu'il sait"),
    "bias": text("What it prefers", "Ce qu'il préfère"),
    "limits": text("Where it fails", "Où il échoue"),
}
_T: dict[str, Text] = {
    "title": text("Examination of {name}", "Examen de {name}"),
    "note": text(
        "This page shows stereotypes in order to measure them. A preference is a fact about this model and these "
        "sentences, not about people; no bias found is no proof of none.",
        "Cette page montre des stéréotypes afin de les mesurer. Une préférence est un fait sur ce modèle et ces phrases, "
        "non sur des personnes ; ne pas trouver de biais ne prouve pas qu'il n'y en a pas.",
    ),
    "how": text(
        "Each number stands with its 95 % interval (bootstrap-t over independent groups, or exact), the number of "
        "groups it rests on (and the effective number, what groups of equal size would be worth as much), and what {n} models of the "
        "same shape with random weights score: mean ± standard deviation, from the least to the most. A number stands out where its "
        "whole interval is on one side of the neutral value and of all that those models score. Of 100 intervals about 5 miss "
        "their value without any reason: what is chosen after the look needs a correction (Holm's: attentif.bias.holm).",
        "Chaque nombre est donné avec son intervalle à 95 % (bootstrap-t sur des groupes indépendants, ou exact), le nombre de groupes "
        "sur lequel il repose (et le nombre effectif : combien de groupes de même taille vaudraient autant) et ce qu'obtiennent {n} "
        "modèles de même forme aux poids tirés au hasard : moyenne ± écart type, du moindre au plus grand. Un nombre ressort si tout "
        "son intervalle est d'un même côté de la valeur neutre et de tout ce qu'obtiennent ces modèles. Sur 100 intervalles, environ 5 "
        "manquent leur valeur sans raison : ce qu'on choisit après coup demande une correction (celle de Holm : attentif.bias.holm).",
    ),
    "no_null": text(
        "Each number stands with its 95 % interval (bootstrap-t over independent groups, or exact) and the number of "
        "groups it rests on (and the effective number, what groups of equal size would be worth as much). No model with random "
        "weights was asked (--null-seeds 0), so what is learned cannot be told from what any such model would score. A number stands "
        "out where its whole interval is on one side of the neutral value. Of 100 intervals about 5 miss their value without any reason.",
        "Chaque nombre est donné avec son intervalle à 95 % (bootstrap-t sur des groupes indépendants, ou exact) et le "
        "nombre de groupes sur lequel il repose (et le nombre effectif : combien de groupes de même taille vaudraient autant). Aucun "
        "modèle aux poids tirés au hasard n'a été interrogé (--null-seeds 0) : rien ne distingue ce qui est appris de ce qu'obtiendrait "
        "tout modèle de cette forme. Un nombre ressort si tout son intervalle est d'un même côté de la valeur neutre. Sur 100 "
        "intervalles, environ 5 manquent leur valeur sans raison.",
    ),
    "planted_note": text(
        "Planted: the bias that was put into the corpus on which this model was trained, in the same unit.",
        "Introduit : le biais mis dans le corpus sur lequel ce modèle a été entraîné, dans la même unité.",
    ),
    "summary": text("In short", "En bref"),
    "counted": text("{k} of {n} measures could be taken.", "{k} mesures sur {n} ont pu être prises."),
    "not_measured": text("Not measured", "Non mesuré"),
    "estimate": text("estimate [95 % interval]", "estimation [intervalle à 95 %]"),
    "groups": text("groups (effective)", "groupes (nombre effectif)"),
    "null": text("random weights", "poids au hasard"),
    "null_p": text("p (random weights)", "p (poids au hasard)"),
    "p": text("p (permutation)", "p (permutation)"),
    "neutral": text("neutral", "neutre"),
    "planted": text("planted", "introduit"),
    "used": text("Questions that count: {n}.", "Questions qui comptent : {n}."),
    "left_out": text(
        "Left out: {left} of {n}, for words that the tokenizer does not know or cuts in pieces ({words} in all): {named}",
        "Laissées de côté : {left} sur {n}, pour des mots que le tokenizer ne connaît pas ou découpe ({words} en tout) : {named}",
    ),
    "alike": text(
        "No interval where all groups say the same: a bootstrap would take that for certainty, and the model may not react to the "
        "context at all.",
        "Pas d'intervalle là où tous les groupes disent la même chose : un bootstrap y verrait une certitude, et le modèle ne réagit "
        "peut-être pas du tout au contexte.",
    ),
    "range": text("{mean} ± {sd} ({low} to {high})", "{mean} ± {sd} (de {low} à {high})"),
    "files": text(
        "The numbers are in readings.csv, the questions that they are made of in items.csv, everything in report.json.",
        "Les nombres sont dans readings.csv, les questions dont ils sont faits dans items.csv, le tout dans report.json.",
    ),
}
_SHOWN_WORDS = 12


def write_report(
    folder: Path,
    name: str,
    measures: Sequence[Measure],
    outcomes: Mapping[str, Outcome],
    about: Mapping[str, Any],
) -> Path:
    """Write report.html, report.json, readings.csv and items.csv; returns the page's path.

    Args:
        folder: where they go.
        name: of the model.
        measures, outcomes: see `attentif.probing.suite.examine`.
        about: what else is kept in the JSON: language, number of null models, versions …; "lines", if it is there, are
            sentences for the end of the page.

    Raises:
        InputError: jinja2 is not installed.
    """
    folder = Path(folder)
    write_tables(folder, name, measures, outcomes, {key: about[key] for key in about if key != "lines"})
    passed, of_control = control(outcomes)
    taken = measured(measures, outcomes)
    planted = any(each.reference is not None for measure in taken for each in outcomes[measure.key].readings)
    counted = say(_T["counted"]).format(k=len(taken), n=len(measures))
    page = _template().render(
        language=current_language(),
        title=typeset(say(_T["title"]).format(name=name)),
        note=typeset(say(_T["note"])),
        how=typeset(say(_T["how" if about["null_seeds"] else "no_null"]).format(n=about["null_seeds"])),
        planted_note=typeset(say(_T["planted_note"])) if planted else "",
        words={key: typeset(say(_T[key])) for key in ("summary", "not_measured", "files")},
        heads={
            key: typeset(say(_T[key]))
            for key in ("estimate", "groups", "null", "null_p", "p", "neutral", "planted")
        },
        control={"passed": passed, "said": typeset(of_control)},
        counted=typeset(counted),
        summary=[
            {
                "key": each.key,
                "title": typeset(say(each.title)),
                "said": typeset(standing_out(each, outcomes[each.key])),
            }
            for each in taken
        ],
        parts=[
            {
                "title": say(title),
                "warn": suite == "bias" and not passed,
                "measures": [_shown(each, outcomes[each.key]) for each in taken if each.suite == suite],
            }
            for suite, title in _SUITES.items()
            if any(each.suite == suite for each in taken)
        ],
        refused=[
            {"title": typeset(say(each.title)), "why": typeset(_why(outcomes[each.key]))}
            for each in measures
            if each not in taken
        ],
        lines=[typeset(line) for line in about.get("lines", ())],
    )
    return write_text(folder / "report.html", page)


def _why(outcome: Outcome) -> str:
    """Why there is no number, and what was left out."""
    refused = outcome.refused.rstrip(".")
    return " ".join([f"{refused[:1].upper()}{refused[1:]}.", *_left_out(outcome)])


def _left_out(outcome: Outcome) -> list[str]:
    if not outcome.unknown:
        return []
    named = ", ".join(outcome.unknown[:_SHOWN_WORDS]) + (" …" if len(outcome.unknown) > _SHOWN_WORDS else "")
    left = outcome.n_left_out or len(outcome.unknown)
    return [
        say(_T["left_out"]).format(
            left=left, n=left + outcome.n_used, words=len(outcome.unknown), named=named
        )
    ]


def _shown(measure: Measure, outcome: Outcome) -> dict[str, Any]:
    """What the page says of one measure."""
    readings, digits = outcome.readings, digits_of(measure)
    remarks = [*outcome.remarks, *_left_out(outcome)]
    if not all(each.bounded for each in readings):
        remarks.append(say(_T["alike"]))
    references = {each.name: each.reference for each in readings if each.reference is not None}
    picture = plot_forest(
        {each.name: each for each in readings},
        references or None,
        title="",
        unit=say(measure.unit),
        neutral=measure.neutral,
        nulls={each.name: each.null for each in readings if len(each.null) > 1},
        neutrals={each.name: each.chance for each in readings if each.chance is not None},
        limits=(0.0, 100.0) if measure.unit == SHARE else None,
    )
    return {
        "key": measure.key,
        "title": typeset(say(measure.title)),
        "meaning": typeset(say(measure.meaning)),
        "unit": say(measure.unit),
        "used": typeset(say(_T["used"]).format(n=outcome.n_used)) if outcome.n_used else "",
        "remarks": [typeset(remark) for remark in remarks],
        "has": {
            "planted": bool(references),
            "null": any(len(each.null) > 1 for each in readings),
            "null_p": any(len(each.null) >= FEWEST_FOR_P for each in readings),
            "neutral": any(each.chance is not None for each in readings),
            "p": any(each.p_value is not None for each in readings),
        },
        "rows": [_row(each, digits, measure.neutral) for each in readings],
        "picture": picture.bundle()[0]["text/html"],
    }


def _row(reading: Reading, digits: int, neutral: float) -> dict[str, Any]:
    null = ""
    if len(reading.null) > 1:
        ends = {"low": min(reading.null), "high": max(reading.null)}
        mean, sd = null_of(reading)
        figures = {name: signed(value, digits) for name, value in {"mean": mean, "sd": sd, **ends}.items()}
        null = say(_T["range"]).format(**figures)
    p = null_p(reading)
    return {
        "name": typeset(reading.name),
        "estimate": written(reading, digits),
        "out": reading.stands_out(neutral),
        "groups": f"{reading.n_groups} ({number(reading.effective_size, 1)})",
        "null": null,
        "null_p": number(p, 3) if p == p else "",
        "p": "" if reading.p_value is None else number(reading.p_value, 4),
        "neutral": number(neutral if reading.chance is None else reading.chance, digits),
        "planted": "" if reading.reference is None else signed(reading.reference, digits),
    }


def _template() -> Any:
    try:
        from jinja2 import Environment, PackageLoader, select_autoescape
    except ImportError as error:
        raise InputError(
            expected=text("jinja2, which writes the page", "jinja2, qui écrit la page"),
            got=text("not installed", "absent"),
            remedy=text("install it: pip install jinja2", "installez-le : pip install jinja2"),
        ) from error
    environment = Environment(
        loader=PackageLoader("attentif.probing"), autoescape=select_autoescape(["html", "j2"])
    )
    return environment.get_template("probe.html.j2")
