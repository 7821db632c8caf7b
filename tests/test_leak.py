"""What a student's code can reach in its cage: nothing of the staff's side, and of an exercise its own inputs only.

A notebook that dumps all that it can reach is judged as any other; strings that stand in every secret place are looked
for in the dump.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from attentif.checks.examining import LocalAnswer
from attentif.checks.values import Outcome, Request
from attentif_grading.grader.box import LEFT_OUT
from attentif_grading.grader.cages import CageLost, CageSession
from attentif_grading.grader.judge import Judged
from attentif_grading.grader.notebook_run import NotebookRun, RunCell
from attentif_grading.grader.patience import Patience
from attentif_grading.grader.workplace import Settings, Workplace
from attentif_grading.places import course_home
from attentif_grading.twins import twinned

CANARY = "canary-{}-7f3a91c4e2"
# What the search must find: its own source.
ITSELF = ("itself", b"def _sear", b"ched(wanted)")
PATIENCE = Patience(cell=60.0, cells=120.0, begin=20.0, request=60.0, exercise=200.0, exercises=400.0)

# Everything that Python can reach, everything that the kernel shows, and every file that is ours by its name or content.
DUMP = r'''
import gc, os, sys

_SIZE = 2**22

def _everything():
    """Bytes of all that can be reached."""
    yield from _objects()
    yield from _kernel()
    yield from _memory()
    yield from _files()

def _objects():
    frame = sys._getframe()
    while frame is not None:
        for name, value in frame.f_locals.items():
            yield f"{name}={value!r}"[:20000].encode(errors="replace")
        frame = frame.f_back
    for name, module in list(sys.modules.items()):
        yield f"{name} {getattr(module, '__file__', '')}".encode()
    yield repr(dict(os.environ)).encode()
    yield repr(sys.argv + sys.path + sys.orig_argv).encode()
    for thing in gc.get_objects():
        if isinstance(thing, dict):
            texts = [item for pair in thing.items() for item in pair if isinstance(item, (str, bytes))]
        elif isinstance(thing, (list, tuple, set)):
            texts = [item for item in thing if isinstance(item, (str, bytes))]
        else:
            try:
                texts = [thing.__doc__, thing.__name__]
            except Exception:
                continue
        for text in texts:
            if isinstance(text, (str, bytes)) and len(text) < 10**6:
                yield text if isinstance(text, bytes) else text.encode(errors="replace")

def _kernel():
    for pid in ["self", "thread-self", os.getppid(), *range(1, 60)]:
        for name in ("environ", "cmdline", "maps", "mountinfo", "status", "stack", "syscall", "net/unix", "net/tcp"):
            try:
                yield open(f"/proc/{pid}/{name}", "rb").read(_SIZE)
            except OSError:
                pass
        try:
            for number in os.listdir(f"/proc/{pid}/fd"):
                yield os.readlink(f"/proc/{pid}/fd/{number}").encode()
        except OSError:
            pass

def _memory():
    try:
        maps, memory = open("/proc/self/maps").read(), open("/proc/self/mem", "rb", 0)
    except OSError:
        return
    for line in maps.splitlines():
        begin, end = (int(number, 16) for number in line.split()[0].split("-"))
        if "r" in line.split()[1] and ".so" not in line and "/locale" not in line and end - begin < 2**31:
            for place in range(begin, end, _SIZE):
                try:
                    memory.seek(place)
                    # Pieces overlap, so that nothing is cut in two.
                    yield memory.read(min(_SIZE + 200, end - place))
                except (OSError, ValueError):
                    break

def _files():
    for top, folders, names in os.walk("/"):
        if top.startswith(("/proc", "/sys")) or "site-packages/" in top and "attentif" not in top:
            folders.clear()
            continue
        for name in names:
            path = os.path.join(top, name)
            yield path.encode(errors="replace")
            ours = "attentif" in path or name.endswith((".ipynb", ".db", ".jsonl", ".toml", ".csv", ".html"))
            try:
                if ours or top.startswith(("/home", "/root", "/tmp", "/srv", "/mnt")):
                    if os.path.isfile(path) and os.path.getsize(path) < 2**24:
                        yield open(path, "rb").read()
            except OSError:
                pass

def _searched(wanted):
    """Where each of the wanted texts stands. They come in two halves, so that the search finds not itself."""
    found = {}
    for piece in _everything():
        if len(found) == len(wanted):
            break
        for name, first, second in wanted:
            place = piece.find(first)
            while place >= 0 and name not in found:
                after = place + len(first)
                if piece[after : after + len(second)] == second:
                    found[name] = piece[max(place - 80, 0) : place].decode(errors="replace")
                place = piece.find(first, place + 1)
    return found
'''


@pytest.fixture(scope="module")
def secrets(tmp_path_factory):
    """Name → bytes that no student's code may come upon, put where the grader has them."""
    folder = Path(tempfile.mkdtemp(prefix="attentif-leak-"))
    folder.chmod(0o755)
    made = {
        name: CANARY.format(name).encode()
        for name in ("salt", "environment", "gradebook", "student", "memory")
    }
    (folder / "gradebook.db").write_bytes(made["gradebook"])
    (folder / "journal.jsonl").write_bytes(made["gradebook"])
    (folder / "other.ipynb").write_bytes(made["student"])
    for path in folder.iterdir():
        path.chmod(0o644)
    before = {name: os.environ.get(name) for name in ("ATTENTIF_SALT", "ATTENTIF_LEAK_TEST")}
    os.environ["ATTENTIF_SALT"], os.environ["ATTENTIF_LEAK_TEST"] = (
        made[n].decode() for n in ("salt", "environment")
    )
    yield made | _staff_lines()
    for name, value in before.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value
    shutil.rmtree(folder)


def _staff_lines() -> dict[str, bytes]:
    """Lines of hidden checks, references, solution cells and of the judge that stand nowhere in what students have."""
    home = course_home()
    library = home / "build" / "student" / "src" / "attentif"
    # The rescue is the students' at home, and kept from their code here.
    theirs = (
        path for path in sorted(library.rglob("*.py")) if path.relative_to(library).parts[0] not in LEFT_OUT
    )
    wheel = b"".join(path.read_bytes() for path in theirs)
    places = {
        "hidden": "grading/exercises/scaled_dot_product_attention/hidden.py",
        "hidden-2": "grading/exercises/calibration/hidden.py",
        "mistakes": "grading/exercises/LayerNorm/misconceptions.py",
        "reference": "src/attentif/attention.py",
        "reference-2": "src/attentif/bias/statistics.py",
        "rescue": "src/attentif/torch_blocks.py",
        "judge": "src/attentif_grading/grader/judge.py",
        "lent": "src/attentif_grading/grader/lent_parts.py",
    }
    found = {}
    for name, place in places.items():
        lines = (line.strip() for line in (home / place).read_bytes().splitlines())
        rare = [
            line
            for line in lines
            if len(line) > 45 and line not in wheel and not line.startswith((b"from ", b"import "))
        ]
        assert rare, f"no line of {place} is the staff's alone"
        found |= {
            f"{name} line {number}": line for number, line in enumerate((rare[0], rare[len(rare) // 2]))
        }
    return found


class _Recording:
    """Asks the reference, and keeps what was asked and answered."""

    def __init__(self, exercise):
        self.answer = LocalAnswer(exercise.public, exercise.exercise.reference).student()
        self.said: list[tuple[Request, Outcome]] = []

    def run(self, request: Request) -> Outcome:
        outcome = self.answer.run(request)
        self.said.append((request, outcome))
        return outcome


def _arrays(value) -> list[np.ndarray]:
    if isinstance(value, np.ndarray):
        return [value] if value.dtype.kind == "f" and value.size >= 4 and np.unique(value).size > 3 else []
    if isinstance(value, dict):
        return [array for item in value.values() for array in _arrays(item)]
    if isinstance(value, (list, tuple)):
        return [array for item in value for array in _arrays(item)]
    if hasattr(value, "__dataclass_fields__"):
        return _arrays(vars(value))
    return []


def _bytes_of(name: str, value) -> dict[str, bytes]:
    """Sixteen bytes from within each array."""
    found = {}
    for number, array in enumerate(_arrays(value)):
        raw = array.tobytes()
        middle = len(raw) // 2 // 16 * 16
        piece = raw[middle : middle + 16] if len(raw) > 32 else raw[:16]
        if len(set(piece)) > 8:  # no row of zeros or ones, which stands everywhere
            found[f"{name} {number}"] = piece
    return found


def _halves(secrets: dict[str, bytes]) -> list[tuple[str, bytes, bytes]]:
    return [(name, text[: len(text) // 2], text[len(text) // 2 :]) for name, text in secrets.items()]


@pytest.mark.skipif(sys.platform != "linux", reason="cages are Linux's")
@pytest.mark.parametrize("kind", ["namespaces", "landlock"])
def test_nothing_of_the_staff_can_be_reached(kind, secrets):
    exercise = Judged.load("scaled_dot_product_attention")
    recording = _Recording(exercise)
    exercise.exercise.hidden.run(recording)
    with twinned(exercise.exercise) as twins:
        exercise.public.checks.run(recording, dict(twins))
    first = recording.said[0][0]
    own = set(_bytes_of("", first).values())
    values = {}
    for number, (request, outcome) in enumerate(recording.said):
        values |= _bytes_of(f"input {number}", request) | _bytes_of(f"expected {number}", outcome.value)
    values = {name: piece for name, piece in values.items() if piece not in own}
    assert len(values) > 20
    wanted = _halves(secrets) + _halves(dict(list(values.items())[:: max(1, len(values) // 20)]))

    workplace = Workplace(Settings(course_home(), course_home(), secrets["salt"].decode(), PATIENCE))
    cells = [
        RunCell("dump", DUMP),
        RunCell("before", f"_WANTED = {[*wanted, ITSELF]!r}\n_BEFORE = _searched(_WANTED)"),
        RunCell(
            "answer", "def scaled_dot_product_attention(*a, **k):\n    return [_BEFORE, _searched(_WANTED)]"
        ),
    ]
    try:
        try:
            run = NotebookRun(lambda: CageSession(workplace.zygote, workplace.cage(kind)), cells, PATIENCE)
        except CageLost as error:
            pytest.skip(f"no cage of this kind here: {error}")
        try:
            assert run.errors == {}
            answer = run.answer(exercise.contract, {})
            said = answer.student().run(first)
            answer.close()
        finally:
            run.end()
    finally:
        workplace.close()
    assert said.error is None, said.error
    for when, found in zip(("before the first request", "while it answers"), said.value, strict=True):
        assert found.pop("itself", None) is not None, f"{when} the dump does not even find its own source"
        assert found == {}, when


def test_the_search_finds_what_is_there(secrets):
    """The same search, in this process, which holds all of it: each secret in memory or in its environment."""
    space = {}
    exec(DUMP, space)
    space["_files"] = lambda: ()  # not those of whoever runs the tests
    kept = [bytes(text) for text in secrets.values()]
    found = space["_searched"]([each for each in _halves(secrets) if each[0] in ("salt", "environment")])
    assert set(found) == {"salt", "environment"} and kept
