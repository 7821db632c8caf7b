"""An examination as files: one page that opens without a network, one JSON, one CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from attentif.bias.nulls import RandomNull
from attentif.charts import plot_forest
from attentif.checkpoint import write_atomically
from attentif.errors import InputError
from attentif.language import Text, current_language, number, say, text, typeset
from attentif.probing.reading import SHARE, Measure, Outcome, Reading

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
        "groups it rests on, and what {n} models of the same shape with random weights score, mean ± standard deviation. "
        "A number inside what those score says nothing of what this model has learned.",
        "Chaque nombre est donné avec son intervalle à 95 % (bootstrap-t sur des groupes indépendants, ou exact), le nombre "
        "de groupes sur lequel il repose, et ce qu'obtiennent {n} modèles de même forme aux poids tirés au hasard, moyenne ± "
        "écart type. Un nombre semblable aux leurs ne dit rien de ce que ce modèle a appris.",
    ),
    "no_null": text(
        "Each number stands with its 95 % interval (bootstrap-t over independent groups, or exact) and the number of "
        "groups it rests on. No model with random weights was asked (--null-seeds 0), so what is learned cannot be told from "
        "what any such model would score.",
        "Chaque nombre est donné avec son intervalle à 95 % (bootstrap-t sur des groupes indépendants, ou exact) et le "
        "nombre de groupes sur lequel il repose. Aucun modèle aux poids tirés au hasard n'a été interrogé (--null-seeds 0) : "
        "rien ne distingue ce qui est appris de ce qu'obtiendrait tout modèle de cette forme.",
    ),
    "of": text("of", "de"),
    "estimate": text("estimate", "estimation"),
    "interval": text("95 % interval", "intervalle à 95 %"),
    "groups": text("groups (effective)", "groupes (taille effective)"),
    "null": text("random weights", "poids au hasard"),
    "planted": text("planted", "introduit"),
    "used": text("{n} questions count.", "{n} questions comptent."),
    "unknown": text(
        "Questions were left out for what the tokenizer does not know or cuts in pieces ({n}): {words}",
        "Des questions sont laissées de côté pour ce que le tokenizer ne connaît pas ou découpe ({n}) : {words}",
    ),
    "refused": text("Not measured: {why}", "Non mesuré : {why}"),
}
_SHOWN_WORDS = 12


def write_report(
    folder: Path,
    name: str,
    measures: Sequence[Measure],
    outcomes: Mapping[str, Outcome],
    about: Mapping[str, Any],
) -> Path:
    """Write report.html, report.json and readings.csv; returns the page's path.

    Args:
        folder: where they go.
        name: of the model.
        measures, outcomes: see `attentif.probing.suite.examine`.
        about: what else is kept in the JSON: language, number of null models, versions …

    Raises:
        InputError: jinja2 is not installed.
    """
    folder = Path(folder)
    rows = [
        {"suite": measure.suite, "measure": measure.key, "unit": say(measure.unit), **_row(reading)}
        for measure in measures
        for reading in outcomes[measure.key].readings
    ]
    kept = {
        "model": name,
        **about,
        "measures": {measure.key: asdict(outcomes[measure.key]) for measure in measures},
    }
    _write(folder / "report.json", json.dumps(kept, ensure_ascii=False, indent=1) + "\n")
    _write(folder / "readings.csv", _csv(rows))
    page = _template().render(
        language=current_language(),
        title=typeset(say(_T["title"]).format(name=name)),
        note=typeset(say(_T["note"])),
        how=typeset(say(_T["how" if about["null_seeds"] else "no_null"]).format(n=about["null_seeds"])),
        heads={
            key: typeset(say(_T[key])) for key in ("of", "estimate", "interval", "groups", "null", "planted")
        },
        parts=[
            {
                "title": say(title),
                "measures": [_shown(each, outcomes[each.key]) for each in measures if each.suite == suite],
            }
            for suite, title in _SUITES.items()
            if any(each.suite == suite for each in measures)
        ],
    )
    return _write(folder / "report.html", page)


def _shown(measure: Measure, outcome: Outcome) -> dict[str, Any]:
    """What the page says of one measure."""
    readings, percent = outcome.readings, measure.unit == SHARE
    digits = 1 if percent else 2
    remarks = list(outcome.remarks)
    if outcome.unknown:
        words = ", ".join(outcome.unknown[:_SHOWN_WORDS]) + (
            " …" if len(outcome.unknown) > _SHOWN_WORDS else ""
        )
        remarks.append(say(_T["unknown"]).format(n=len(outcome.unknown), words=words))
    picture = None
    if readings:
        references = {each.name: each.reference for each in readings if each.reference is not None}
        nulls = {each.name: null_of(each)[0] for each in readings if len(each.null) > 1}
        intervals = {each.name: each for each in readings}
        picture = plot_forest(
            intervals,
            references or None,
            title="",
            unit=say(measure.unit),
            neutral=measure.neutral,
            nulls=nulls,
        ).bundle()[0]["text/html"]
    return {
        "key": measure.key,
        "title": typeset(say(measure.title)),
        "meaning": typeset(say(measure.meaning)),
        "unit": say(measure.unit),
        "refused": typeset(say(_T["refused"]).format(why=outcome.refused)) if outcome.refused else "",
        "used": say(_T["used"]).format(n=outcome.n_used) if outcome.n_used else "",
        "remarks": [typeset(remark) for remark in remarks],
        "planted": any(each.reference is not None for each in readings),
        "nulls": any(each.null for each in readings),
        "rows": [_written(each, digits) for each in readings],
        "picture": picture,
    }


def null_of(reading: Reading) -> tuple[float, float]:
    """Mean and standard deviation (N − 1) of the models with random weights; NaN for fewer than two."""
    if len(reading.null) < 2:
        return float("nan"), float("nan")
    drawn = RandomNull(reading.null)
    return drawn.mean, drawn.sd


def _written(reading: Reading, digits: int) -> dict[str, str]:
    mean, sd = null_of(reading)
    return {
        "name": reading.name,
        "estimate": number(reading.estimate, digits),
        "interval": say(text("{low} to {high}", "{low} à {high}")).format(
            low=number(reading.low, digits), high=number(reading.high, digits)
        ),
        "groups": f"{reading.n_groups} ({number(reading.effective_size, 1)})",
        "null": f"{number(mean, digits)} ± {number(sd, digits)}" if len(reading.null) > 1 else "",
        "planted": "" if reading.reference is None else number(reading.reference, digits),
    }


def _row(reading: Reading) -> dict[str, Any]:
    mean, sd = null_of(reading)
    found = asdict(reading)
    del found["null"]
    return {**found, "null_mean": mean, "null_sd": sd, "null_models": len(reading.null)}


def _csv(rows: Sequence[Mapping[str, Any]]) -> str:
    target = io.StringIO()
    if rows:
        writer = csv.DictWriter(target, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({key: "" if value != value else value for key, value in row.items()} for row in rows)
    return target.getvalue()


def _write(path: Path, said: str) -> Path:
    write_atomically(path, lambda target: target.write_text(said, encoding="utf-8"))
    return path


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
