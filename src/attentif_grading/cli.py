"""The staff's command line: attentif-grading build | release | grade | verify-checks | new-exercise and others."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from attentif.checks.text import set_language
from attentif.errors import AttentifError
from attentif_grading.places import course_home
from attentif_grading.salt import WARNING, is_secret


class Grader(StrEnum):
    """Which grader marks the catalogue."""

    both = "both"
    nbgrader = "nbgrader"
    attentif = "attentif"


app = typer.Typer(
    help="Make the assignment from its sources and hand it out: choose the exercises in grading/course.toml, then "
    "build, verify-checks, release. Grade what comes back with grade; see README.md.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.command()
def build(
    check: Annotated[
        bool,
        typer.Option("--check", help="Change nothing: say which built files are stale, exit code 1 if any."),
    ] = False,
) -> None:
    """Make check data, notebooks, the student wheel and the markers' rubric from their sources.

    The sources are src/attentif, grading/course.toml, grading/contracts.toml, grading/rubric.toml, grading/exercises and
    notebooks/source. Written are src/attentif/checks/data, grading/source, notebooks/fr, notebooks/en, grading/rubric.fr.md,
    grading/rubric.en.md and build/student.
    """
    from attentif_grading import build as builder

    home = course_home()
    if not check:
        builder.build(home)
        _warn_of_public_salt()
        print("next: attentif-grading verify-checks, then attentif-grading release --out DIR")
        return
    stale = builder.stale_files(home)
    for line in stale:
        print(line)
    if stale:
        print("run `attentif-grading build` and commit what it changes")
        raise typer.Exit(1)
    print("every built file agrees with its sources")


@app.command()
def release(
    out: Annotated[Path, typer.Option(help="Folder of the students' tree: absent, or empty but for .git.")],
) -> None:
    """Write the folder that students get: notebooks, wheel, instructions.

    It is examined first: with a solution, a hidden check or anything else of the staff side in it, nothing is
    written. Run build before, after any change of course.toml.
    """
    from attentif_grading.release import release as write

    write(course_home(), out)
    _warn_of_public_salt()


@app.command()
def verify_checks(
    names: Annotated[
        list[str] | None, typer.Argument(help="Exercises; all that have checks when none is given.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the figures as JSON, and nothing else.")
    ] = False,
    jobs: Annotated[
        int | None,
        typer.Option(min=1, help="Processes; by default as many as there are processor cores."),
    ] = None,
    judge: Annotated[
        bool,
        typer.Option("--judge", help="Each answer in a process of its own, by values, as the grader judges."),
    ] = False,
) -> None:
    """Put every known mistake, accepted variant and trivial answer to the checks; exit code 1 if misjudged.

    Mistakes are put to them in two versions, composed with accepted variants, and outside the catalogue too. It takes
    some minutes for all exercises.
    """
    import torch

    from attentif_grading.jobs import n_cores
    from attentif_grading.verify import verify

    torch.set_num_threads(1)
    told = (lambda line: None) if as_json else partial(print, flush=True)
    matrix = verify(names or None, told, jobs=jobs or n_cores(), judge=judge)
    summary = matrix.summary()
    if as_json:
        print(json.dumps(summary, indent=1, ensure_ascii=False))
    else:
        for name, value in summary.items():
            said = (
                "".join(f"\n    {item}" for item in value) or " none"
                if isinstance(value, list)
                else f" {value}"
            )
            print(f"  {name.replace('_', ' ')}:{said}")
    if not matrix.sound:
        raise typer.Exit(1)


@app.command()
def autograde_sample(
    out: Annotated[Path, typer.Option(help="Folder of the nbgrader course that is made, absent or empty.")],
    exercises: Annotated[
        list[str] | None, typer.Argument(help="Whose known mistakes to hand in; none when none is given.")
    ] = None,
    language: Annotated[str, typer.Option(help="fr | en")] = "fr",
    variants: Annotated[bool, typer.Option(help="Hand in the accepted variants too.")] = False,
) -> None:
    """Grade a made-up class with plain nbgrader: the reference, an untouched release, each known mistake.

    A submission takes about half a minute. The course's own gradebook in grading/ is not touched.
    """
    from attentif_grading.plain import grade_plainly
    from attentif_grading.sample_class import sample_class

    set_language(language)
    home = course_home()
    submissions = sample_class(home, home, language, exercises or [], variants=variants)
    graded = grade_plainly(home, language, submissions, out, say=print)
    for submission in submissions:
        earned, maximum = graded.automatic(submission.student)
        print(f"{submission.student:<56} {earned:7.2f} / {maximum:g}")
    for student, said in graded.failed.items():
        print(f"{student}: {said}")
    print(f"{graded.csv}\n{out / 'feedback'}")
    if graded.failed:
        raise typer.Exit(1)


@app.command()
def verify_marks(
    out: Annotated[Path, typer.Option(help="Folder for the courses that are made, absent or empty.")],
    grader: Annotated[
        Grader,
        typer.Option(help="Plain nbgrader, the confined grader, or both, compared with each other too."),
    ] = Grader.both,
    language: Annotated[
        str, typer.Option(help="fr | en; one student in four hands in the other language's notebooks.")
    ] = "fr",
    again: Annotated[bool, typer.Option(help="Hand in the second versions of the mistakes too.")] = True,
    jobs: Annotated[int, typer.Option(min=1, help="Processes that grade side by side.")] = 2,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the figures as JSON, and nothing else.")
    ] = False,
) -> None:
    """Hand in the whole catalogue to the graders; exit code 1 if a mark is not what the catalogue says.

    Every exercise is selected, and each made-up student gives a catalogued answer to all of them at once: as many
    students as the longest catalogue has answers, and some who have done a half. Plain nbgrader takes a quarter of a
    minute for each.
    """
    from attentif_grading.build import make
    from attentif_grading.packed_class import compare, everything_selected
    from attentif_grading.same_marks import CONFINED, PLAIN, grade_packed, packed_class_in_both

    say = (lambda line: None) if as_json else print
    set_language(language)
    home, built = everything_selected(course_home(), out / "home"), out / "built"
    make(home, built, say)
    everyone = packed_class_in_both(home, built, language, again)
    graders = (PLAIN, CONFINED) if grader is Grader.both else (grader.value,)
    graded = {each: grade_packed(each, home, everyone, out / each, built, jobs, say) for each in graders}
    found = compare(everyone, graded)
    if as_json:
        print(json.dumps(found, indent=1, ensure_ascii=False))
    else:
        for name, value in found.items():
            print(f"  {name}: {value or 'none'}")
    if found["unequal"] or found["different"] or found["paid"] or found["failed"]:
        raise typer.Exit(1)


@app.command()
def grade(
    submissions: Annotated[
        list[Path],
        typer.Argument(help="What was handed in: folders, .ipynb files, zip archives, in any mix."),
    ],
    out: Annotated[Path, typer.Option(help="Folder of the graded class; the same command goes on in it.")],
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Processes; by default one for each processor core.")
    ] = None,
    cluster: Annotated[
        str | None, typer.Option(help="Address of a dask scheduler, to judge on its machines instead.")
    ] = None,
    allow_weak_sandbox: Annotated[
        bool,
        typer.Option("--allow-weak-sandbox", help="Run students' code even where it cannot be confined."),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the figures as JSON, and nothing else on this stream.")
    ] = False,
) -> None:
    """Grade a class: students' code runs confined, its values are judged here.

    It writes a journal, nbgrader's gradebook (for the formgrader and the exports), a page for each student and a
    report on the class. Stopped at any moment, it goes on where it was when the same command is given again.
    """
    with _stoppable("give the same command again, it goes on where it stopped"):
        from attentif_grading.grader import commands

        _warn_of_public_salt()
        jobs = jobs or commands.default_jobs()
        commands.grade(submissions, out, jobs, cluster, allow_weak_sandbox, as_json)


@app.command()
def regrade(
    exercise: Annotated[str, typer.Option(help="The exercise that is judged again, for everyone.")],
    out: Annotated[Path, typer.Option(help="Folder of the graded class.")],
    yes: Annotated[bool, typer.Option("--yes", help="Write the new marks without asking.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show which marks would change.")] = False,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes.")] = None,
    cluster: Annotated[str | None, typer.Option(help="Address of a dask scheduler.")] = None,
    allow_weak_sandbox: Annotated[
        bool,
        typer.Option("--allow-weak-sandbox", help="Run students' code even where it cannot be confined."),
    ] = False,
) -> None:
    """Judge one exercise again for a whole graded class, after a check was mended.

    The marks that change are shown before anything is written. What markers have entered stays.
    """
    with _stoppable("no mark was lost, the same command may be given again"):
        from attentif_grading.grader import commands

        _warn_of_public_salt()
        jobs = jobs or commands.default_jobs()
        commands.regrade(exercise, out, jobs, cluster, allow_weak_sandbox, yes, dry_run)


@app.command()
def explain(
    student: Annotated[
        str, typer.Argument(help="The identifier in students.csv, or the pseudonym beside it.")
    ],
    exercise: Annotated[str, typer.Argument(help="Whose verdict is replayed.")],
    out: Annotated[Path, typer.Option(help="Folder of the graded class.")],
    allow_weak_sandbox: Annotated[
        bool,
        typer.Option("--allow-weak-sandbox", help="Run students' code even where it cannot be confined."),
    ] = False,
) -> None:
    """Replay one verdict, for an appeal: every check, what it expected and what came. For staff only."""
    from attentif_grading.grader import commands

    _warn_of_public_salt()
    commands.explained(student, exercise, out, allow_weak_sandbox)


@app.command()
def attack_suite(
    out: Annotated[
        Path | None, typer.Option(help="Folder to keep what is handed in and graded, absent or empty.")
    ] = None,
    families: Annotated[
        list[str] | None, typer.Argument(help="Families of attacks; all when none is given.")
    ] = None,
    student: Annotated[
        list[str] | None, typer.Option(help="One adversary only; may be given several times.")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Processes; by default one for each processor core.")
    ] = None,
    allow_weak_sandbox: Annotated[
        bool,
        typer.Option("--allow-weak-sandbox", help="Run the attacks even where they cannot be confined."),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the table as JSON, and nothing else.")
    ] = False,
) -> None:
    """Have a hostile class graded among honest students; exit code 1 if a mark is not the fair one.

    The adversaries forge verdicts, read answers, kill processes and damage files; others are honest and unlucky. It
    takes some minutes, and needs a clone of the course's repository with its tests.
    """
    from attentif_grading.grader import commands

    found = commands.attack_suite(
        out, jobs or commands.default_jobs(), families or (), student or (), allow_weak_sandbox, quiet=as_json
    )
    print(json.dumps(found, indent=1, ensure_ascii=False) if as_json else commands.attack_summary(found))
    if not found["ok"]:
        raise typer.Exit(1)


@app.command()
def new_exercise(
    name: Annotated[
        str, typer.Argument(help="As in the library: FUNCTION, CLASS (its forward) or CLASS.METHOD.")
    ],
    module: Annotated[
        str | None, typer.Option(help="Where it is defined; not needed for what `attentif` offers by name.")
    ] = None,
    notebook: Annotated[int, typer.Option(help="1 or 2")] = 1,
    points: Annotated[float, typer.Option(help="In quarters.")] = 2.0,
    minutes: Annotated[int, typer.Option(help="For a student.")] = 15,
    difficulty: Annotated[int, typer.Option(help="1 to 4")] = 2,
    importance: Annotated[int, typer.Option(help="1 to 4: how much of the rest rests on it.")] = 2,
    core: Annotated[bool, typer.Option("--core/--optional")] = True,
    depends: Annotated[
        list[str] | None, typer.Option(help="An exercise that it uses; may be given several times.")
    ] = None,
    after: Annotated[
        str | None, typer.Option(help="The exercise that it follows; the notebook's last by default.")
    ] = None,
) -> None:
    """Write the files of a new exercise of a function or class of the library, with marks where you write.

    docs/authoring.md tells the whole way. Until every mark is gone, verify-checks fails and release refuses.
    """
    from attentif_grading.new_exercise import new_exercise as write

    options = {"module": module, "notebook": notebook, "points": points, "minutes": minutes}
    options |= {"difficulty": difficulty, "importance": importance}
    options |= {"core": core, "depends": depends or (), "after": after}
    made = write(course_home(), name, **options)
    print("written:", *made.files, sep="\n  ")
    print("next, as docs/authoring.md tells:")
    for number, step in enumerate(made.next_steps, 1):
        print(f"  {number}. {step}")


@contextmanager
def _stoppable(remedy: str) -> Iterator[None]:
    """Ctrl-C ends a command with one line that says how to go on."""
    try:
        yield
    except KeyboardInterrupt:
        print(f"stopped; {remedy}", file=sys.stderr)
        raise typer.Exit(130) from None


def _warn_of_public_salt() -> None:
    if not is_secret():
        print(WARNING, file=sys.stderr)


def main() -> None:
    """Entry point: our own errors, and files that cannot be read or written, are one line and exit code 2."""
    try:
        app()
    except (AttentifError, OSError) as error:
        said = str(error) if isinstance(error, AttentifError) else _of_files(error)
        print(f"error: {' '.join(said.split())}", file=sys.stderr)
        sys.exit(2)


def _of_files(error: OSError) -> str:
    place = f" {error.filename}" if error.filename else ""
    return (
        f"expected to read or write{place}, got {error.strerror or error}; check the path and its permissions"
    )


if __name__ == "__main__":
    main()
