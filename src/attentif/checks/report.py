"""What check() shows: a table of checks in HTML or in text, and a score that nbgrader can read."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from attentif.checks.engine import FAILED, PASSED, SKIPPED, TODO, CheckResult, Report
from attentif.checks.text import Text, colon, current_language, text
from attentif.language import typeset

_STATUS: dict[str, Text] = {
    PASSED: text("right", "juste"),
    FAILED: text("wrong", "faux"),
    SKIPPED: text(
        "not run: an earlier check must pass first",
        "non exécuté : un contrôle précédent doit réussir d'abord",
    ),
    TODO: text("to do", "à faire"),
}
_MARK = {PASSED: "✓", FAILED: "✗", SKIPPED: "–", TODO: "…"}
_WORDS: dict[str, Text] = {
    "check": text("check", "contrôle"),
    "expected": text("expected", "attendu"),
    "got": text("got", "obtenu"),
    "points": text("points", "points"),
    "hint": text("hint", "piste"),
    "cause": text("likely cause", "cause probable"),
    "todo": text(
        "This exercise is still to be written. The rest of the notebook goes on without it.",
        "Cet exercice reste à écrire. Le reste du carnet se poursuit sans lui.",
    ),
    "carried": text(
        "Error carried forward: the fault is in {yours}, or in what it is made of, and not here. This exercise is marked with correct "
        "parts instead, so that the mistake costs you points once only. Write or mend {names} first.",
        "Erreur reportée : la faute est dans {yours}, ou dans ce qui la compose, et non ici. Cet exercice est noté avec des parties "
        "correctes à la place, pour que l'erreur ne vous coûte des points qu'une fois. Écrivez ou corrigez d'abord {names}.",
    ),
    "partly": text(
        "Error carried forward: one fault is in {yours}, or in what it is made of. This exercise is marked with correct parts instead, "
        "so that it costs you points once only; what is wrong above is wrong here.",
        "Erreur reportée : une faute est dans {yours}, ou dans ce qui la compose. Cet exercice est noté avec des parties correctes à la "
        "place, pour qu'elle ne vous coûte des points qu'une fois ; ce qui est faux ci-dessus l'est ici.",
    ),
    "and": text(" and ", " et "),
    "your": text("your ", "votre "),
    "stale": text(
        "This was defined before you last changed {names}: run its cell again, so that it uses the new one.",
        "Cette définition est antérieure à votre dernière modification de {names} : "
        "exécutez de nouveau sa cellule pour qu'elle utilise la nouvelle version.",
    ),
    "outdated": text(
        "Made with an earlier version of it: {titles}. For this one to serve there, run the cell that makes `parts` again, and those below it.",
        "Fait avec une version précédente : {titles}. Pour que celle-ci y serve, exécutez de nouveau la cellule qui crée `parts`, et celles "
        "qui la suivent.",
    ),
    "same": text("the same error as above", "la même erreur que ci-dessus"),
    "stops": text(
        "{got} ({n} checks stop there, whatever they are about)",
        "{got} ({n} contrôles s'y arrêtent, quel que soit leur objet)",
    ),
    "result": text("result", "résultat"),
    "total": text("total", "total"),
    "hidden": text(
        "{n} further checks run when the notebook is graded.",
        "{n} autres contrôles s'exécuteront à la correction.",
    ),
}


_LEFT, _RIGHT = "style='text-align:left'", "style='text-align:right;white-space:nowrap'"


def format_points(points: float) -> str:
    """Points without needless zeros: 2, 0.5, 0.75; with a decimal comma in French."""
    short = f"{points:.2f}".rstrip("0").rstrip(".")
    return short.replace(".", ",") if current_language() == "fr" else short


class Score(float):
    """Points earned. Prints as a plain number, which nbgrader takes for partial credit."""

    report: Report
    stale: tuple[str, ...]
    outdated: tuple[str, ...]

    def __new__(cls, report: Report, stale: Sequence[str] = (), outdated: Sequence[str] = ()) -> Score:
        # nbgrader fails a submission whose score is above the cell's points.
        score = super().__new__(cls, min(max(report.earned, 0.0), report.maximum))
        score.report, score.stale, score.outdated = report, tuple(stale), tuple(outdated)
        return score

    def _repr_html_(self) -> str:
        return as_html(self.report, self.stale, self.outdated)


def _say(name: str, **values: str) -> str:
    return _WORDS[name][current_language()].format(**values)


def carried_sentence(report: Report) -> str:
    """Why known-good parts were used, and which function of the student's is at fault."""
    sentence = "carried" if report.earned == report.maximum else "partly"
    names = report.carried_forward
    return _say(sentence, names=_listed(names), yours=_listed([_say("your") + name for name in names]))


def _listed(names: Sequence[str]) -> str:
    """A, B and C."""
    return _say("and").join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _remarks(report: Report, stale: Sequence[str], outdated: Sequence[str]) -> list[str]:
    """The sentences below the table."""
    language = current_language()
    remarks = [_say("todo")] if report.unfinished else []
    remarks += [f"{_say('cause')}{colon()}{diagnosis.said[language]}" for diagnosis in report.diagnoses]
    if report.carried_forward:
        remarks.append(carried_sentence(report))
    if stale:
        remarks.append(_say("stale", names=", ".join(stale)))
    if outdated:
        remarks.append(_say("outdated", titles=", ".join(outdated)))
    if report.n_hidden:
        remarks.append(_say("hidden", n=str(report.n_hidden)))
    return remarks


def _total(report: Report) -> str:
    return f"{format_points(report.earned)} / {format_points(report.maximum)}"


def _details(result: CheckResult, report: Report) -> list[tuple[str, str]]:
    """(word, text) pairs that explain a failed check; at grading, one may fail on other cases than those stored here.

    An error that stops several checks is told once: it is not what they are about that is wrong.
    """
    language = current_language()
    if result.status != FAILED:
        return []
    details = {"expected": result.expected, "got": result.got, "hint": result.check.hint}
    told = {_say(word): said[language] for word, said in details.items() if said is not None}
    alike = [
        other for other in report.results if result.stopped and other.stopped and other.got == result.got
    ]
    if len(alike) > 1 and alike[0] is not result:
        told = {_say("got"): _say("same")}
    elif len(alike) > 1:
        told[_say("got")] = _say("stops", got=told[_say("got")], n=str(len(alike)))
        del told[_say("hint")]
    return list(told.items())


def as_text(report: Report, stale: Sequence[str] = (), outdated: Sequence[str] = ()) -> str:
    """The report for a terminal.

    Args:
        report: of one exercise.
        stale: parts that the code took when it was defined and that have changed since.
        outdated: models that were made with an earlier version of the code.
    """
    language = current_language()
    lines = [f"{report.exercise}   {_total(report)} {_say('points')}"]
    for result in report.results:
        worth = f"{format_points(result.earned)}/{format_points(result.check.points)}"
        said = _STATUS[result.status][language]
        lines.append(f"  {_MARK[result.status]} {worth:>9}  {result.check.title[language]} ({said})")
        lines += [f"       {word}{colon()}{explanation}" for word, explanation in _details(result, report)]
    return "\n".join([*lines, *(f"  {remark}" for remark in _remarks(report, stale, outdated))])


def as_html(report: Report, stale: Sequence[str] = (), outdated: Sequence[str] = ()) -> str:
    """The report for a notebook; colours come from the page, so it reads in light and dark themes. See `as_text`."""
    language = current_language()
    rows = []
    for result in report.results:
        said = escape(typeset(_STATUS[result.status][language]))
        details = "".join(
            f"<div><i>{escape(word)}</i>{colon()}{escape(typeset(explanation))}</div>"
            for word, explanation in _details(result, report)
        )
        worth = f"{format_points(result.earned)} / {format_points(result.check.points)}"
        rows.append(
            f"<tr><td {_LEFT}><span aria-hidden='true'>{_MARK[result.status]}</span> {said}</td>"
            f"<th scope='row' style='text-align:left;font-weight:normal'>{escape(typeset(result.check.title[language]))}{details}</th>"
            f"<td {_RIGHT}>{worth}</td></tr>"
        )
    remarks = "".join(
        f"<p style='margin:0.2em 0'>{escape(typeset(remark))}</p>"
        for remark in _remarks(report, stale, outdated)
    )
    name = escape(report.exercise)
    head = "".join(
        f"<th scope='col' {where}>{_say(word)}</th>"
        for word, where in (("result", _LEFT), ("check", _LEFT), ("points", _RIGHT))
    )
    return (
        f"<table style='border-collapse:collapse'><caption style='text-align:left;font-weight:bold'>{name}"
        f"</caption><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody>"
        f"<tfoot><tr><th scope='row' colspan='2' {_LEFT}>{_say('total')}</th><td {_RIGHT}><b>{_total(report)}</b></td>"
        f"</tr></tfoot></table>{remarks}"
    )
