"""A grader that is killed, interrupted or robbed of its processes loses nothing: the same command completes the class."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from small_class import (
    HOME,
    all_gone,
    differing,
    environment,
    family,
    grade_command,
    journal_lines,
    kill_tree,
    ran,
    small_class,
    started,
    state,
    still_there,
)

from attentif_grading.grader.work_folder import WorkFolder

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading needs Linux")

# What a run is killed at, and how much later at most, in seconds.
MOMENTS = {"start": 6.0, "zygote": 4.0, "journal": 0.3, "gradebook": 0.4, "pages": 0.1, "class files": 0.0}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """(the submissions, the graded class of a run that nobody disturbed)."""
    folder = tmp_path_factory.mktemp("undisturbed")
    submissions = small_class(folder / "rendus")
    done = ran(grade_command(submissions, folder / "out"))
    assert done.returncode == 0, done.stderr
    assert "12 exercises judged, 0 known" in done.stdout
    return submissions, folder / "out"


def has_come(moment, process, out, before):
    """Whether a run is at this moment; `before` is what there was when it began."""
    if moment == "start":
        return True
    if moment == "zygote":
        return any(b"start.py" in command_line(pid) for pid in family(process.pid))
    if moment == "gradebook":
        return (out / "gradebook.db-journal").exists() or (out / ".unfinished-gradebook").exists()
    return seen(moment, out) != before


def seen(moment, out):
    """What changes when this moment comes."""
    if moment == "journal":  # verdicts of those who handed in something that could be run
        return content(out / "journal.jsonl").count(b'"sandbox"')
    if moment == "pages":
        return len(list(out.glob("pages/*.html")))
    return (out / ".unfinished-marks.csv").exists(), (out / "marks.csv").exists()


def content(path):
    with contextlib.suppress(OSError):
        return Path(path).read_bytes()
    return b""


def command_line(pid):
    return content(f"/proc/{pid}/cmdline")


def waited_for(moment, process, out, before):
    """Wait for a moment; whether the run was still there."""
    while process.poll() is None:
        if has_come(moment, process, out, before):
            return True
        time.sleep(0.002)
    return False


def killed_at(moment, submissions, out, rng):
    """Run the command and kill all of it at a moment; whether it was killed before it ended."""
    before = seen(moment, out)
    process = started(grade_command(submissions, out))
    try:
        if not waited_for(moment, process, out, before):
            return False
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(rng.uniform(0.0, MOMENTS[moment]))
        return process.poll() is None
    finally:
        kill_tree(process)


def completed(submissions, out):
    """The same command again, until the end."""
    done = ran(grade_command(submissions, out))
    assert done.returncode == 0, done.stderr
    return done.stdout


def kills_then_equal(undisturbed, out, moments, seed):
    """Kill at each of the moments in turn, then complete; how many runs were killed."""
    submissions, whole = undisturbed
    rng = random.Random(seed)
    killed = [moment for moment in moments if killed_at(moment, submissions, out, rng)]
    completed(submissions, out)
    assert differing(state(out), state(whole)) == []
    return killed


def test_killed_four_times_and_nothing_is_lost(undisturbed, tmp_path):
    moments = ["zygote", "journal", "gradebook", "class files"]
    assert kills_then_equal(undisturbed, tmp_path / "out", moments, seed=0) == moments


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 6))
def test_killed_five_times_at_random_moments_and_nothing_is_lost(undisturbed, tmp_path, seed):
    moments = {
        1: ["start", "zygote", "journal", "gradebook", "class files"],
        2: ["zygote", "zygote", "journal", "pages", "class files"],
        3: ["start", "journal", "journal", "gradebook", "pages"],
        4: ["zygote", "gradebook", "gradebook", "pages", "class files"],
        5: ["journal", "journal", "gradebook", "pages", "class files"],
    }[seed]
    assert kills_then_equal(undisturbed, tmp_path / "out", moments, seed) == moments


def test_what_a_kill_can_leave_behind_is_cleared_away(undisturbed, tmp_path):
    submissions, whole = undisturbed
    out = tmp_path / "out"
    shutil.copytree(whole, out)
    journal = (out / "journal.jsonl").read_bytes()
    cut = journal.rstrip(b"\n").rfind(b"\n") + 1 + 40
    assert not journal[:cut].endswith(b"\n")
    (out / "journal.jsonl").write_bytes(journal[:cut])  # a line of which 40 bytes were written
    (out / "derived.jsonl").write_bytes((out / "derived.jsonl").read_bytes()[:-5])
    (out / ".unfinished-gradebook").mkdir()
    (out / ".unfinished-gradebook" / "gradebook.db").write_bytes(b"SQLite format 3\0 and no more")
    (out / "pages" / ".unfinished-ada.html").write_text("<html>")
    (out / "pages" / "ada.html").unlink()
    (out / ".unfinished-marks.csv").write_text("student,")
    (out / "marks.csv").unlink()
    assert "1 exercises judged, 14 known" in completed(submissions, out)
    assert differing(state(out), state(whole)) == []


def test_no_process_outlives_a_grader_that_is_killed_alone(undisturbed, tmp_path):
    submissions, _ = undisturbed
    for moment, least in (("zygote", 3), ("journal", 4)):
        out = tmp_path / moment
        process = started(grade_command(submissions, out))
        try:
            assert waited_for(moment, process, out, seen(moment, out))
            everyone = family(process.pid)
            assert len(everyone) >= least
            os.kill(process.pid, signal.SIGKILL)
            # In a pipe that a survivor holds there would be no end.
            process.communicate(timeout=60)
            assert all_gone(everyone, 10.0), [command_line(pid) for pid in still_there(everyone)]
        finally:
            kill_tree(process)


@pytest.mark.parametrize("moment", ["zygote", "journal"])
def test_ctrl_c_ends_at_once_with_one_line(undisturbed, tmp_path, moment):
    submissions, whole = undisturbed
    out = tmp_path / "out"
    process = started(grade_command(submissions, out))
    try:
        assert waited_for(moment, process, out, seen(moment, out))
        everyone = family(process.pid)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the whole group
        printed, said = process.communicate(timeout=60)
    finally:
        kill_tree(process)
    assert process.returncode == 130
    assert printed == ""
    own = [line for line in said.splitlines() if "students" not in line and "not a notebook" not in line]
    assert own == ["stopped; give the same command again, it goes on where it stopped"]
    assert all_gone(everyone, 10.0)
    if moment == "journal":
        judged = sum("sandbox" in line for line in journal_lines(out))
        assert judged > 0
        assert f"{12 - judged} exercises judged" in completed(submissions, out)
        assert differing(state(out), state(whole)) == []


@pytest.mark.slow  # the parts of it are in the ordinary run
def test_processes_that_the_system_kills_are_replaced(undisturbed, tmp_path):
    submissions, whole = undisturbed
    out = tmp_path / "out"
    process = started(grade_command(submissions, out))
    try:
        assert waited_for("journal", process, out, seen("journal", out))
        (judge,) = set(zygotes(process).values())
        os.kill(judge, signal.SIGKILL)
        until = time.monotonic() + 120
        while process.poll() is None and time.monotonic() < until:
            fresh = [pid for pid, parent in zygotes(process).items() if parent != judge]
            if fresh:
                time.sleep(0.5)
                os.kill(fresh[0], signal.SIGKILL)
                break
            time.sleep(0.01)
        printed, said = process.communicate(timeout=300)
    finally:
        kill_tree(process)
    assert process.returncode == 0, said
    assert "12 exercises judged" in printed
    assert differing(state(out), state(whole)) == []


def zygotes(process):
    """The zygotes of a run, each with the judging process that started it."""
    found = {pid: parent_of(pid) for pid in family(process.pid) if b"start.py" in command_line(pid)}
    return {pid: judge for pid, judge in found.items() if b"spawn_main" in command_line(judge)}


def parent_of(pid):
    """The number of a process's parent; 0 if it has ended."""
    return int((content(f"/proc/{pid}/stat").rpartition(b") ")[2].split() or [b"", b"0"])[1])


def test_folders_that_a_kill_has_left_are_removed_and_those_in_use_are_not(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ends = "import os, signal, tempfile; from attentif_grading.grader.work_folder import WorkFolder; "
    ends += f"tempfile.tempdir = {str(tmp_path)!r}; print(WorkFolder().path, flush=True); "
    ends += "os.kill(os.getpid(), signal.SIGKILL)"
    killed = subprocess.run(
        [sys.executable, "-c", ends], env=environment(HOME), capture_output=True, text=True
    )
    left = Path(killed.stdout.strip())
    assert left.parent == tmp_path and left.is_dir()
    (left / "box").mkdir()
    stranger = tmp_path / "attentif-judge-being-made"
    stranger.mkdir()
    first = WorkFolder()
    assert not left.exists() and stranger.is_dir()
    second = WorkFolder()
    assert first.path.is_dir() and second.path.is_dir()
    first.remove()
    first.remove()
    assert not first.path.exists() and second.path.is_dir()
    second.remove()
