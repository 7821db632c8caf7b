"""What a hidden cell of a graded notebook calls: the points, and what failed by title and diagnosis only."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping
from dataclasses import replace
from html import escape
from typing import Any

from attentif.checks.engine import FAILED, PASSED, SKIPPED, TODO, CheckResult, Report
from attentif.checks.examining import examine
from attentif.checks.report import Score, carried_sentence, format_points
from attentif.checks.store import load_exercise
from attentif.checks.text import Text, colon, current_language, text
from attentif_grading.exercises import load_exercise as load_staff_exercise

_SAID: dict[str, Text] = {
    PASSED: text("right", "juste"),
    FAILED: text("wrong", "faux"),
    SKIPPED: text("not run: an earlier check failed", "non exécuté : un contrôle précédent a échoué"),
    TODO: text("not written", "non écrit"),
}
_CAUSE = text("likely cause", "cause probable")
_TITLE = text("checks at grading", "contrôles de la correction")
_NOT_THERE = text(
    "this name does not exist when the notebook runs from the top",
    "ce nom n'existe pas quand le carnet est exécuté depuis le début",
)
# Said without the error, which may quote a hidden input.
_FAULT = text(
    "not judged: this check itself failed, tell your instructor",
    "non jugé : ce contrôle a lui-même échoué, signalez-le à votre enseignant",
)
_CRASHED = text("the checks could not examine it", "les contrôles n'ont pas pu l'examiner")


class HiddenScore(Score):
    """Points earned in hidden checks. Shows titles and diagnoses, never an input, a value or a traceback."""

    remark: Text | None

    def __new__(cls, report: Report, remark: Text | None = None) -> HiddenScore:
        score = super().__new__(cls, _without_values(report))
        score.remark = remark
        return score

    def _repr_html_(self) -> str:
        language, report = current_language(), self.report
        rows = "".join(
            f"<tr><td style='text-align:left;padding-right:1em'>{escape(result.check.title[language])}</td>"
            f"<td style='text-align:left;padding-right:1em'>{escape(_said(result)[language])}</td>"
            f"<td style='text-align:right'>{_worth(result.earned, result.check.points)}</td></tr>"
            for result in report.results
        )
        remarks = [f"{_CAUSE[language]}{colon()}{diagnosis.said[language]}" for diagnosis in report.diagnoses]
        remarks += [carried_sentence(report)] if report.carried_forward else []
        remarks += [self.remark[language]] if self.remark else []
        below = "".join(f"<p style='margin:0.2em 0'>{escape(remark)}</p>" for remark in remarks)
        return (
            f"<table><caption style='text-align:left'>{escape(report.exercise)}{colon()}{_TITLE[language]}, "
            f"{_worth(report.earned, report.maximum)}</caption><tbody>{rows}</tbody></table>{below}"
        )


def grade_hidden(name: str, namespace: Mapping[str, Any]) -> HiddenScore:
    """Put the hidden checks of an exercise to what a notebook defines under its name.

    Works where `attentif` is the stripped library: the checks have their own oracles.

    Args:
        name: the exercise.
        namespace: the notebook's globals.

    Returns:
        the points earned, a float that nbgrader takes for partial credit; 0 if the name is missing or if
        examining it fails in any way.
    """
    # nbgrader takes any text on the error stream for a failure, and what the code prints would show hidden inputs.
    with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
        checks = load_staff_exercise(name).hidden
        nothing = Report(name, tuple(CheckResult(check, TODO) for check in checks.checks))
        if name not in namespace:
            return HiddenScore(nothing, _NOT_THERE)
        try:
            return HiddenScore(examine(load_exercise(name), namespace[name], checks, namespace))
        except BaseException:  # an exit or an interruption would show the checks in a traceback
            return HiddenScore(nothing, _CRASHED)


def _said(result: CheckResult) -> Text:
    return _FAULT if result.status == FAILED and result.fault else _SAID[result.status]


def _without_values(report: Report) -> Report:
    results = tuple(
        replace(result, expected=None, got=None, fault=result.fault and result.fault.partition(":")[0])
        for result in report.results
    )
    return replace(report, results=results)


def _worth(earned: float, points: float) -> str:
    return f"{format_points(earned)} / {format_points(points)}"
