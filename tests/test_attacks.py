"""The adversarial class gets the marks that are fair, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from attacks import FAMILIES, adversarial_class
from nbconvert import HTMLExporter

from attentif_grading.grader.attack_suite import PATIENCE, run_suite, summary
from attentif_grading.grader.attack_traces import markup_in
from attentif_grading.grader.commands import settings_here
from attentif_grading.places import course_home

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="students' code is confined on Linux only")

# Of every family, in both notebooks and languages: what has held up, ended or fooled a grader before.
REPRESENTATIVE = (
    *(
        "run-patched",
        "results-written",
        "frames-collisions",
        "frames-fault",
        "frames-of-a-child",
        "frames-surrogates",
    ),
    *("torch-function", "number-half", "public-table", "tensor-expanded", "integers-long"),
    *("import-plain", "rescue-cached", "staff-imported", "lent-own", "lent-memory", "exfiltration"),
    *("parent-killed", "os-exit-at-definition", "daemon", "memory-tensor", "disk-filled", "defaults-changed"),
    *("metadata-lost", "file-bomb", "zip-slip", "types-odd"),
    *("carried-forward", "magics", "names-shadowed", "errors-elsewhere", "untouched"),
    *("script-in-errors", "script-in-outputs"),
)


@pytest.fixture(scope="module")
def everyone():
    return adversarial_class(course_home(), course_home())


def _demand(found: dict) -> None:
    assert found["ok"], summary(found)
    assert found["forged_points"] == 0 and found["unfair"] == 0 and found["lost"] == 0
    assert found["honest_marks"] == found["submissions"]


def test_the_class_is_complete(everyone):
    assert len(everyone) >= 90
    for family in FAMILIES:
        members = [each for each in everyone if each.family == family]
        attacked = Counter(exercise for each in members for exercise in each.attacked)
        assert len(members) >= 10 and len(attacked) >= 5, family
        assert attacked.keys() & {"calibration", "fill_mask", "cluster_bootstrap"}, f"{family} in notebook 2"
        assert attacked.keys() & {"LayerNorm", "warmup_cosine", "masked_lm_loss"}, f"{family} in notebook 1"
        assert {each.language for each in members} == {"fr", "en"}, family
    every = {
        each for adversary in everyone for each in adversary.attacked if adversary.student == "import-plain"
    }
    assert every == set(next(a for a in everyone if a.student == "everything-fr").honest)


def test_a_representative_part_gets_fair_marks(tmp_path, everyone):
    assert set(REPRESENTATIVE) <= {each.student for each in everyone}
    found = run_suite(
        replace(settings_here(), patience=PATIENCE), tmp_path / "out", 2, students=REPRESENTATIVE
    )
    assert found["submissions"] == len(REPRESENTATIVE)
    _demand(found)
    _formgrader_shows_no_markup(tmp_path / "out" / "graded", ("script-in-outputs", "script-in-errors"))


@pytest.mark.slow
def test_everybody_gets_fair_marks(tmp_path, everyone):
    found = run_suite(replace(settings_here(), patience=PATIENCE), tmp_path / "out", 2)
    assert found["submissions"] == len(everyone)
    _demand(found)
    people = tuple(each.student for each in everyone if each.family == "people")
    _formgrader_shows_no_markup(tmp_path / "out" / "graded", people)


@pytest.mark.slow
@pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can become somebody else; the other tests run as who we are"
)
def test_an_ordinary_user_is_as_safe():
    """The same command as a user without rights, who has a copy of what the course needs."""
    found = as_ordinary_user(REPRESENTATIVE)
    assert found["submissions"] == len(REPRESENTATIVE)
    _demand(found)


def as_ordinary_user(students: tuple[str, ...]) -> dict:
    """What `attack-suite --json` says for some adversaries, run as nobody."""
    user = pwd.getpwnam("nobody")
    folder = Path(tempfile.mkdtemp(prefix="attentif-nobody-"))
    try:
        home = folder / "course"
        for name in ("src", "grading", "notebooks", "data", "build", "tests/attacks"):
            if (course_home() / name).exists():
                shutil.copytree(
                    course_home() / name, home / name, ignore=shutil.ignore_patterns("__pycache__")
                )
        shutil.copy(course_home() / "pyproject.toml", home)
        for path in (folder, *folder.rglob("*")):
            os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
        chosen = [word for student in students for word in ("--student", student)]
        command = [
            sys.executable,
            "-m",
            "attentif_grading.cli",
            "attack-suite",
            "--json",
            "--jobs",
            "2",
            *chosen,
        ]
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(home / "src"), "OMP_NUM_THREADS": "1",
            "ATTENTIF_COURSE": str(home), "TMPDIR": str(folder),
        }  # fmt: skip
        done = subprocess.run(
            [*_ordinary(user, folder / "python"), *command],
            cwd=home,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.stdout, done.stderr[-2000:]
        return json.loads(done.stdout)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _ordinary(user: pwd.struct_passwd, place: Path) -> list[str]:
    """A command that runs another as this user; a Python in a closed home is shown to it alone, elsewhere nothing changes."""
    if not all(map(shutil.which, ("unshare", "setpriv", "mount"))):
        pytest.skip("needs unshare and setpriv of util-linux")
    become = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    prefix = Path(sys.base_prefix).resolve()
    closed = [above for above in reversed(prefix.parents) if not above.stat().st_mode & 0o001]
    if not closed:
        return become
    place.mkdir()
    shown = (
        f"mount --bind {prefix} {place} && mount -t tmpfs -o mode=755 none {closed[0]} && mkdir -p {prefix} "
        f'&& mount --bind {place} {prefix} && exec "$@"'
    )
    return ["unshare", "--mount", "--propagation=private", "sh", "-c", shown, "sh", *become]


def _formgrader_shows_no_markup(graded: Path, students: tuple[str, ...]) -> None:
    """What a marker is shown of a graded copy, by the means by which nbgrader shows it."""
    exporter = HTMLExporter(template_name="basic")
    for student in students:
        copies = list((graded / "autograded" / student).rglob("*.ipynb"))
        assert copies, student
        for path in copies:
            page, _ = exporter.from_notebook_node(nbformat.read(path, as_version=4))
            foreign = [
                said for said in markup_in(page) if not said.startswith(("<style", "img src=", "a href=#"))
            ]
            assert foreign == [], f"{student}: {foreign}"
