"""docs/calibration.md, docs/calibration.fr.md and their picture, made of benchmarks/results/calibration.json.

    python benchmarks/calibration_page.py

Every measured number of the pages is of that file; a test fails when they are stale.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from textwrap import wrap
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

from attentif.bias.planted import METRICS
from attentif.charts.picture import BLUE, GREEN, GREY, ORANGE, write_decimal_commas
from attentif.corpus.microcosm import Microcosm
from attentif.language import Text, colon, current_language, number, say, switch, text

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results" / "calibration.json"
PROSE = {language: HERE / f"calibration_page.{language}.txt" for language in ("en", "fr")}
DOCS = HERE.parent / "docs"
NAMES = {"en": "calibration.md", "fr": "calibration.fr.md"}
PICTURES = {language: Path("pictures", f"calibration.{language}.png") for language in NAMES}
# A metric recovers a bias if its slope is within these and explains so much; below the last it misses it.
SLOPE, R_SQUARED = (0.9, 1.1), 0.9
SLOPE_AT_ALL, R_SQUARED_AT_ALL = 0.25, 0.8
LIMIT = 11  # alarms in a hundred replicates that 5 % may give (P = 0.989)

VERDICTS: dict[str, Text] = {
    "recovers": text("recovers it", "le retrouve"),
    "rescales": text("at another scale", "à une autre échelle"),
    "misses": text("misses it", "le manque"),
}
LANGUAGES: dict[str, Text] = {"en": text("English", "anglais"), "fr": text("French", "français")}


def main() -> None:
    """Write the pages and the picture."""
    kept = json.loads(RESULTS.read_text(encoding="utf-8"))
    for name, page in pages(kept).items():
        (DOCS / name).write_text(page, encoding="utf-8", newline="\n")
    for language, path in PICTURES.items():
        switch(language)
        draw(kept, DOCS / path)


def pages(kept: dict[str, Any]) -> dict[str, str]:
    """File name → text, one a language."""
    made = {}
    for language, name in NAMES.items():
        switch(language)
        made[name] = _page(kept, language)
    return made


def digest(kept: dict[str, Any]) -> str:
    """Of the measurements; the picture bears it."""
    return hashlib.sha256(json.dumps(kept["measurements"], sort_keys=True).encode()).hexdigest()


def draw(kept: dict[str, Any], path: Path) -> None:
    """Measured against planted: a row a language, a column a metric, a colour and mark a seed."""
    found = kept["measurements"]
    languages = list(found["means"])
    figure, grid = plt.subplots(
        len(languages), len(METRICS), figsize=(2.3 * len(METRICS), 2.5 * len(languages)), squeeze=False,
        sharex=True, sharey=True, layout="constrained",
    )  # fmt: skip
    for number_of_row, (row, language) in enumerate(zip(grid, languages, strict=True)):
        planted = list(Microcosm(language).planted.values())
        runs = [run for run in found["runs"] if run["language"] == language]
        for axes, (name, metric) in zip(row, METRICS.items(), strict=True):
            axes.plot([-1.2, 1.2], [-1.2, 1.2], color=GREY, linestyle="--", linewidth=1)
            for run, colour, mark in zip(runs, (BLUE, ORANGE, GREEN), "osD", strict=False):
                values = list(run["metrics"][name]["measured"].values())
                axes.scatter(planted, values, s=12, color=colour, marker=mark, alpha=0.7)
            if number_of_row == 0:
                axes.set_title("\n".join(wrap(say(metric.name), 22)), fontsize=9)
        row[0].set_ylabel(say(LANGUAGES[language]))
    figure.supxlabel(say(text("planted (nats of log-odds)", "introduit (nats de log-cote)")), fontsize=9)
    figure.supylabel(say(text("measured (nats)", "mesuré (nats)")), fontsize=9)
    if current_language() == "fr":
        write_decimal_commas(figure)
    figure.savefig(path, dpi=75, metadata={"Description": digest(kept)})
    plt.close(figure)


def verdict(described: dict[str, float]) -> str:
    """Whether a metric recovers what was planted, ranks it on another scale, or misses it."""
    if described["r_squared"] < R_SQUARED_AT_ALL or described["slope"] < SLOPE_AT_ALL:
        return "misses"
    exact = SLOPE[0] <= described["slope"] <= SLOPE[1] and described["r_squared"] >= R_SQUARED
    return "recovers" if exact else "rescales"


def _page(kept: dict[str, Any], language: str) -> str:
    found = kept["measurements"]
    floors = {
        of: _span(
            [
                100 * about["excess_nats"] / about["floor_nats"]
                for run in found["runs"]
                if run["language"] == of
                for about in (run["trained"], run["trained_fair"])
            ]
        )
        for of in found["means"]
    }
    values = {
        "other": f"[{'Français' if language == 'en' else 'English'}]({NAMES['fr' if language == 'en' else 'en']})",
        "n_seeds": str(max(len(each["log_probability"]["slopes"]) for each in found["means"].values())),
        "n_models": str(2 * len(found["runs"])),
        "steps": f"{kept['settings']['steps']:,}".replace(",", say(text(",", " "))),
        "width": str(kept["settings"]["width"]),
        "floor_en": floors["en"],
        "floor_fr": floors["fr"],
        "table_en": _table(found, "en"),
        "table_fr": _table(found, "fr"),
        "no_bias": _no_bias(found),
        "most_alarms": str(max(_all_alarms(found))),
        "mean_alarms": number(sum(_all_alarms(found)) / len(_all_alarms(found)), 1),
        "n_tests": str(len(_all_alarms(found))),
        "limit": str(LIMIT),
        "told_en": _share(found["told_elsewhere"]["en"]),
        "told_fr": _share(found["told_elsewhere"]["fr"]),
        "over": _over(found),
        "picture": f"![{_alt(found)}]({PICTURES[language].as_posix()})",
    }
    said = PROSE[language].read_text(encoding="utf-8")
    for name, value in values.items():
        said = said.replace("{" + name + "}", value)
    return said.strip() + "\n"


def _listed(values: Sequence[float]) -> str:
    return say(text(", ", " ; ")).join(number(round(value, 2) + 0.0) for value in values)


def _share(value: float) -> str:
    return f"{100 * value:.0f} %"


def _over(found: dict[str, Any]) -> str:
    """The tests with more alarms than may be, by name."""
    named = [
        f"{say(METRICS[name].name)} ({say(LANGUAGES[language])}){colon()}{count}"
        for language, of in found["means"].items()
        for name, each in of.items()
        for count in each["alarms"]
        if count > LIMIT
    ]
    return say(text("; ", " ; ")).join(named) or say(text("none", "aucun"))


def _all_alarms(found: dict[str, Any]) -> list[int]:
    return [count for of in found["means"].values() for each in of.values() for count in each["alarms"]]


def _span(values: Sequence[float]) -> str:
    return say(
        text(
            f"{number(min(values), 0)} to {number(max(values), 0)} %",
            f"{number(min(values), 0)} à {number(max(values), 0)} %",
        )
    )


def _alt(found: dict[str, Any]) -> str:
    parts = [
        f"{say(LANGUAGES[language])}, {say(METRICS[name].name)} {number(each['mean_over_seeds']['slope'])}"
        for language, of in found["means"].items()
        for name, each in of.items()
    ]
    return say(
        text(
            f"Measured against planted log-odds, each metric in each language; slopes: {'; '.join(parts)}",
            f"Log-cotes mesurées et introduites, pour chaque métrique et chaque langue ; pentes : {' ; '.join(parts)}",
        )
    )


def _lines(heads: Iterable[Text], rows: Iterable[Iterable[str]]) -> str:
    heads = [say(head) for head in heads]
    rows = [heads, ["---"] + ["---:"] * (len(heads) - 1), *rows]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _table(found: dict[str, Any], language: str) -> str:
    heads = (
        text("metric", "métrique"),
        text("perfect model: slope, R²", "modèle parfait : pente, R²"),
        text("slope, seed by seed", "pente, graine par graine"),
        text("mean of the seeds: slope", "moyenne des graines : pente"),
        text("R²", "R²"),
        text("intercept", "ordonnée à l'origine"),
        text("detected from", "détecté à partir de"),
        text("verdict", "verdict"),
    )
    rows = []
    for name, each in found["means"][language].items():
        mean, perfect = each["mean_over_seeds"], found["perfect"][language].get(name)
        smallest = mean["smallest_detected"]
        rows.append(
            [
                say(METRICS[name].name),
                "–" if perfect is None else f"{number(perfect['slope'])}, {number(perfect['r_squared'])}",
                _listed(each["slopes"]),
                number(mean["slope"]),
                number(mean["r_squared"]),
                _listed([mean["intercept"]]),
                say(text("never", "jamais")) if smallest is None else number(smallest),
                say(VERDICTS[verdict(mean)]),
            ]
        )
    return _lines(heads, rows)


def _no_bias(found: dict[str, Any]) -> str:
    heads = [text("metric", "métrique")]
    for language in found["means"]:
        name = LANGUAGES[language]
        heads.append(
            {
                of: f"{name[of]}, {lean}"
                for of, lean in (("en", "lean of each seed"), ("fr", "penchant, par graine"))
            }
        )
        heads.append(
            {
                of: f"{name[of]}, {alarms}"
                for of, alarms in (("en", "alarms of 100"), ("fr", "alertes sur 100"))
            }
        )
    rows = []
    for name in METRICS:
        cells = [say(METRICS[name].name)]
        for of in found["means"].values():
            cells.append(_listed(of[name]["mean_without_bias"]))
            cells.append(say(text(", ", " ; ")).join(map(str, of[name]["alarms"])))
        rows.append(cells)
    return _lines(heads, rows)


if __name__ == "__main__":
    main()
