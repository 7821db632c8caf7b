"""The demonstration: build the assignment, pretrain, probe the planted bias, grade a sample class.

`make demo` runs it. It leaves build/demo/summary.json and build/demo/report.html.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from attentif.checks.text import set_language
from attentif.notebook import show_remarks
from attentif_grading.demo_probe import probe_bias
from attentif_grading.demo_report import write_report
from attentif_grading.places import course_home

# Sized for about three minutes on two cores: the two models train side by side, one core each.
RUNS = {
    "causal": {"objective": "causal", "steps": 2500, "batch": 64, "learning_rate": 4e-3},
    "masked": {
        "objective": "masked",
        "steps": 9500,
        "batch": 64,
        "learning_rate": 4e-3,
        "early_masking": 0.4,
    },
}
GRADED_EXERCISES = ("causal_mask", "scaled_dot_product_attention")


def main(arguments: list[str] | None = None) -> int:
    """Run all stages; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--language", choices=("fr", "en"), default="fr")
    parser.add_argument("--out", type=Path, default=None)
    options = parser.parse_args(arguments)
    demo = Demo(options.language, options.out or course_home() / "build" / "demo")
    demo.run()
    return 0


class Demo:
    """The four stages, their times and their results."""

    def __init__(self, language: str, out: Path):
        self.language, self.out = language, out
        self.console = Console()
        self.summary: dict[str, Any] = {"language": language}
        self.rows: list[tuple[str, str]] = []

    def run(self) -> None:
        """Every stage in turn, then the table, the summary and the report."""
        self.out.mkdir(parents=True, exist_ok=True)
        set_language(self.language)
        show_remarks()
        stages: dict[str, Callable[[], dict]] = {
            "build": self.build,
            "pretrain": self.pretrain,
            "probe": self.probe,
            "grade": self.grade,
        }
        for number, (name, stage) in enumerate(stages.items(), start=1):
            self.console.print(f"[bold]\\[{number}/{len(stages)}] {name}[/bold]")
            started = time.perf_counter()
            results = stage()
            seconds = time.perf_counter() - started
            self.summary[name] = {"seconds": round(seconds, 1), **results}
            self.console.print(f"      {name}: {seconds:.0f} s")
        (self.out / "summary.json").write_text(
            json.dumps(self.summary, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )
        report = write_report(self.out, self.summary)
        self._print_table()
        self.console.print(f"{self.out / 'summary.json'}\n{report}")

    def build(self) -> dict:
        """The assignment: source notebooks, student notebooks, wheel."""
        from attentif_grading.build import build

        built = build(course_home(), say=self._say)
        return {"wheel": built.wheel.name, "stages": built.seconds}

    def pretrain(self) -> dict:
        """A causal and a masked model on Microcosm small, each in a process of its own."""
        processes = {}
        for name, settings in RUNS.items():
            flags = [
                word for key, value in settings.items() for word in (f"--{key.replace('_', '-')}", str(value))
            ]
            target = self.out / name
            _empty(target)
            processes[name] = subprocess.Popen(
                [
                    *(sys.executable, "-m", "attentif", "pretrain", "--corpus", f"microcosm:{self.language}"),
                    *(*flags, "--device", "cpu", "--no-progress", "--out", str(target)),
                ],
                env={**os.environ, "OMP_NUM_THREADS": "1"},
                stdout=open(self.out / f"{name}.log", "w"),  # noqa: SIM115
                stderr=subprocess.STDOUT,
            )
        try:
            self._watch(processes)
        finally:
            for process in processes.values():
                process.kill()
        return {name: self._compare(name) for name in RUNS}

    def _watch(self, processes: dict[str, subprocess.Popen]) -> None:
        columns = (TextColumn("      {task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=self.console) as progress:
            tasks = {name: progress.add_task(name, total=RUNS[name]["steps"]) for name in processes}
            while True:
                running = [name for name, process in processes.items() if process.poll() is None]
                for name, task in tasks.items():
                    progress.update(task, completed=_last_step(self.out / name))
                failed = [name for name, process in processes.items() if process.poll() not in (None, 0)]
                if failed:
                    log = (self.out / f"{failed[0]}.log").read_text()
                    raise RuntimeError(f"pretraining the {failed[0]} model failed:\n{log[-2000:]}")
                if not running:
                    return
                time.sleep(1.0)

    def _compare(self, name: str) -> dict:
        from attentif.checkpoint import load_model
        from attentif.evaluation import compare_with_floor
        from attentif.experiment import RunConfig, prepare

        settings = RunConfig(corpus=f"microcosm:{self.language}", **RUNS[name])
        experiment = prepare(settings)
        experiment.model = load_model(self.out / name)
        compared = compare_with_floor(experiment)
        self._say(f"{name}: {compared.excess:+.2%} ± {compared.excess_error:.2%} above the floor")
        self.rows.append(
            (f"{name} model above the floor", f"{compared.excess:+.2%} ± {compared.excess_error:.2%}")
        )
        return {
            "steps": settings.steps,
            "parameters": experiment.model.n_parameters(),
            "loss": compared.model,
            "floor": compared.floor,
            "difference": compared.difference,
            "standard_error": compared.standard_error,
            "excess": compared.excess,
            "excess_error": compared.excess_error,
        }

    def probe(self) -> dict:
        """The planted bias, measured on the masked model of the stage before."""
        found = probe_bias(self.out / "masked", self.language)
        said = found["calibration"]
        self._say(f"planted bias found again with slope {said['slope']:.2f}, r {said['r']:.3f}")
        self.rows.append(("planted bias: slope, r", f"{said['slope']:.2f}, {said['r']:.3f}"))
        return found

    def grade(self) -> dict:
        """A sample class, graded as a real one is."""
        from attentif_grading.demo_class import grade_sample_class

        found = grade_sample_class(self.language, GRADED_EXERCISES, self.out / "class", self._say)
        self.rows.append(("sample class", f"{found['submissions']} submissions"))
        self.rows.append(("marks as the catalogue says", f"{found['as_expected']} of {found['submissions']}"))
        self.rows.append(("sandbox", f"level {found['sandbox']['level']} ({found['sandbox']['kind']})"))
        return found

    def _say(self, line: str) -> None:
        self.console.print(f"      {line}", highlight=False)

    def _print_table(self) -> None:
        table = Table(title=f"Attentif ({self.language})")
        table.add_column("result")
        table.add_column("", justify="right")
        for name in ("build", "pretrain", "probe", "grade"):
            table.add_row(f"{name}", f"{self.summary[name]['seconds']:.0f} s")
        table.add_section()
        for row in self.rows:
            table.add_row(*row)
        self.console.print(table)


def _empty(folder: Path) -> None:
    """Remove an earlier demonstration's run, so that this one trains afresh."""
    if folder.is_dir():
        for path in folder.iterdir():
            path.unlink()


def _last_step(folder: Path) -> int:
    try:
        lines = (folder / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
        return json.loads(lines[-1])["step"] if lines else 0
    except (OSError, ValueError):
        return 0


if __name__ == "__main__":
    sys.exit(main())
