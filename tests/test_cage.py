"""What a cage shows, refuses, limits and cleans up, as root and as an ordinary user."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import mmap
import os
import resource
import select
import signal
import socket
import subprocess
import sys
import time

import pytest

if sys.platform != "linux":
    pytest.skip("confinement is Linux's", allow_module_level=True)

import torch
from caged import NOBODY, OWN_USER, ROOT, USERS, Refused, in_cage, in_fork, make_cage, scratch, supervisor

from attentif_worker import cage as cages
from attentif_worker import entering, kernel, landlock, places, syscalls
from attentif_worker.cage import Cage, CageFailed, Limits

KINDS = ("namespaces", "landlock") if landlock.version() else ("namespaces",)
CAGES = [(kind, user) for kind in KINDS for user in USERS]
SECCOMP = syscalls.program(True) is not None
needs_seccomp = pytest.mark.skipif(not SECCOMP, reason="libseccomp is not installed")
needs_landlock = pytest.mark.skipif(not landlock.version(), reason="this kernel has no Landlock")


@pytest.fixture
def folder():
    with scratch() as made:
        yield made


def said_in(kind, user, folder, act, **more):
    """What the function returns in C, without its argument; the test is skipped where there is no such cage."""
    changes = more.pop("changes", {})
    try:
        return in_cage(make_cage(kind, user, folder / "work", **changes), user, lambda line: act(), **more)
    except Refused as refusal:
        pytest.skip(f"no such cage here: {refusal}")


def refusal_of(act):
    """The errno's name with which a call is refused, None if it is not."""
    try:
        act()
    except OSError as error:
        return errno.errorcode[error.errno]
    return None


# What it shows


@pytest.mark.parametrize(("kind", "user"), CAGES)
def test_what_is_hidden_is_not_read_and_its_neighbours_are(kind, user, folder):
    shown, hidden = folder / "shown", folder / "shown" / "hidden"
    hidden.mkdir(parents=True)
    (shown / "neighbour").write_text("n")
    (shown / "alone").write_text("a")
    (hidden / "reference").write_text("r")
    (shown / "link").symlink_to(hidden / "reference")
    for path in (folder, shown, hidden):
        path.chmod(0o755)

    def look():
        names = ("neighbour", "alone", "hidden/reference", "link")
        return [refusal_of(lambda name=name: (shown / name).read_text()) for name in names]

    readable = (*places.default_readable()[:3], str(shown))
    changes = {"readable": readable, "hidden": (str(hidden), str(shown / "alone"))}
    seen, _ = said_in(kind, user, folder, look, changes=changes)
    assert seen[0] is None
    if kind == "namespaces":
        # The file is covered by one that holds nothing and may not be opened as a device.
        assert all(seen[1:])
    else:
        assert set(seen[1:]) == {"EACCES"}


@pytest.mark.parametrize("user", USERS)
def test_a_root_of_its_own_holds_nothing_else(user, folder):
    def look():
        return os.listdir("/"), os.listdir("/tmp"), os.listdir("/dev/shm"), os.getcwd(), os.environ["HOME"]

    root, temporary, shared, here, home = said_in("namespaces", user, folder, look)[0]
    first = {path.split("/")[1] for path in places.default_readable()}
    assert set(root) == {"dev", "etc", "proc", "scratch", "tmp"} | (set(root) & first)
    assert (temporary, shared, here, home) == ([], [], "/scratch", "/scratch")


@pytest.fixture(params=["with Landlock", "without Landlock"])
def with_or_without_landlock(request, monkeypatch):
    """Landlock forbids much that namespaces have to forbid where it is missing."""
    if request.param == "without Landlock":
        monkeypatch.setattr(landlock, "version", lambda: 0)


@pytest.mark.usefixtures("with_or_without_landlock")
@pytest.mark.parametrize("user", USERS)
def test_the_root_is_read_only(user, folder):
    def write():
        tries = ("/made", "/dev/made", "/etc/passwd", "/usr/made", "/proc/sys/kernel/hostname", "/proc/1/mem")
        return [refusal_of(lambda path=path: open(path, "w").close()) for path in tries]

    assert all(said_in("namespaces", user, folder, write)[0])


def test_a_folder_in_which_something_hidden_lies_is_gone_around(tmp_path):
    for name in ("a/secret/inner", "a/open", "b"):
        (tmp_path / name).mkdir(parents=True)
    steps = places.layout(
        [str(tmp_path), str(tmp_path / "a/secret/inner"), str(tmp_path / "b")], [str(tmp_path / "a/secret")]
    )
    assert steps == [
        (True, str(tmp_path)), (False, str(tmp_path / "a/secret")), (True, str(tmp_path / "a/secret/inner"))
    ]  # fmt: skip
    whole, listed = places.grants(steps)
    assert set(whole) == {str(tmp_path / name) for name in ("b", "a/open", "a/secret/inner")}
    assert set(listed) == {str(tmp_path), str(tmp_path / "a")}


def test_the_root_of_a_course_is_not_readable_because_its_environment_is(monkeypatch, tmp_path):
    """A virtual environment may be made in the very folder of the course."""
    for name in ("lib", "grading"):
        (tmp_path / name).mkdir()
    (tmp_path / "pyvenv.cfg").write_text("")
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    readable = places.default_readable()
    assert str(tmp_path / "lib") in readable
    assert not any(places.inside(str(tmp_path / "grading"), path) for path in readable)


@pytest.mark.parametrize("wrong", [{"kind": "none"}, {"folder": "here"}, {"uid": 0, "gid": 0}, {"uid": 7}])
def test_a_cage_that_makes_no_sense_is_refused(wrong):
    fields = {"kind": "limits", "readable": (), "hidden": (), "folder": "/f", "uid": None, "gid": None}
    with pytest.raises(ValueError):
        Cage(**{**fields, "disk_bytes": 1, **wrong})


# What it refuses


@pytest.mark.parametrize(("kind", "user"), CAGES)
def test_torch_works_in_it(kind, user, folder):
    def learn():
        torch.set_num_threads(2)
        weights = torch.ones(300, 300, requires_grad=True)
        (weights @ torch.ones(300, 300)).sum().backward()
        torch.save(weights, "weights.pt")
        return float(weights.grad.sum()), float(torch.load("weights.pt").detach().sum())

    assert said_in(kind, user, folder, learn)[0] == [300.0**3, 300.0**2]


@needs_seccomp
@pytest.mark.parametrize(("kind", "user"), CAGES)
def test_system_calls_that_reach_others_are_refused(kind, user, folder):
    libc = kernel.libc

    def call(name, *arguments):
        if getattr(libc, name)(*map(ctypes.c_long, arguments)) < 0:
            raise OSError(ctypes.get_errno(), name)

    families = (
        socket.AF_INET,
        socket.AF_INET6,
        socket.AF_NETLINK,
        socket.AF_PACKET,
        40,
    )  # 40: the host's machine

    def attempt():
        refused = [refusal_of(lambda f=f: socket.socket(f, socket.SOCK_STREAM)) for f in families]
        refused.append(refusal_of(lambda: subprocess.run(["/bin/true"])))
        refused.append(refusal_of(lambda: call("memfd_create", 0, 0)))
        refused.append(refusal_of(lambda: call("ptrace", 0, 0, 0, 0)))
        refused.append(refusal_of(lambda: resource.prlimit(os.getppid(), resource.RLIMIT_CPU)))
        with contextlib.closing(socket.socketpair()[0]):
            return refused

    assert set(said_in(kind, user, folder, attempt)[0]) == {"EPERM"}


@needs_seccomp
@needs_landlock
@pytest.mark.parametrize("user", USERS)
def test_without_namespaces_what_landlock_leaves_open_is_refused(user, folder):
    def attempt():
        with open("own", "w") as file:
            number = file.fileno()
        tries = (
            lambda: socket.socket(socket.AF_UNIX),
            lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM),
            lambda: os.kill(os.getpid(), 0),
            lambda: os.chmod("own", 0o600),
            lambda: os.utime("own"),
            lambda: os.truncate("own", 0),
            lambda: os.open("own", os.O_RDONLY | os.O_TRUNC),
        )
        return number > 0, [refusal_of(act) for act in tries]

    assert set(said_in("landlock", user, folder, attempt)[0][1]) == {"EPERM"}


@pytest.mark.parametrize(("kind", "user"), CAGES)
def test_the_supervisor_cannot_be_hurt(kind, user, folder):
    assert said_in(kind, user, folder, hurt, after_sweep=lambda: "alive") == (True, "alive")


@pytest.mark.parametrize("user", USERS)
def test_the_supervisor_cannot_be_hurt_without_landlock(user, folder, monkeypatch):
    monkeypatch.setattr(landlock, "version", lambda: 0)
    said = said_in("namespaces", user, folder, hurt, after_sweep=lambda: "alive")
    assert said == (True, "alive")


def hurt():
    """Attack S, which has the same user as the student's code; tell whether all that can be told was refused."""
    pid = supervisor[-1]
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGKILL, signal.SIGSTOP, signal.SIGSEGV):
        with contextlib.suppress(OSError):
            os.kill(pid, number)
    refused = [
        refusal_of(lambda: resource.prlimit(pid, resource.RLIMIT_NOFILE, (0, 0))),
        refusal_of(lambda: os.open(f"/proc/{pid}/mem", os.O_RDONLY)),
        refusal_of(lambda: os.open(f"/proc/{pid}/environ", os.O_RDONLY)),
    ]
    return all(refused)


# What it limits

SMALL = Limits(cpu_seconds=1, memory_bytes=128 << 20, file_bytes=1 << 20, processes=8, open_files=32)


@pytest.mark.parametrize(("kind", "user"), CAGES)
def test_limits_hold(kind, user, folder):
    def exceed():
        tries = {
            "memory": lambda: mmap.mmap(-1, 256 << 20),
            "file": lambda: os.write(os.open("large", os.O_CREAT | os.O_WRONLY), bytes(2 << 20)) < 2 << 20,
            "descriptors": lambda: [os.open("/dev/null", os.O_RDONLY) for _ in range(64)],
            "higher": lambda: resource.setrlimit(resource.RLIMIT_CPU, (100, 100)),
        }
        outcome = {}
        for name, act in tries.items():
            try:
                outcome[name] = act() is True
            except (OSError, ValueError, MemoryError):
                outcome[name] = True
        with contextlib.suppress(RuntimeError):
            torch.ones(256 << 20)
            outcome["torch"] = False
        return outcome

    assert set(said_in(kind, user, folder, exceed, limits=SMALL)[0].values()) == {True}


@pytest.mark.parametrize("user", USERS)
def test_processor_time_ends_a_loop_that_ignores_signals(user, folder):
    def loop():
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGXCPU, signal.SIG_IGN)
            while True:
                pass
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    assert said_in("namespaces", user, folder, loop, limits=SMALL)[0] == -signal.SIGKILL


@pytest.mark.parametrize("user", USERS)
def test_the_scratch_space_is_limited_in_bytes_and_in_files(user, folder):
    def fill():
        made = 0
        with contextlib.suppress(OSError):
            while made < 100_000:
                os.close(os.open(f"f{made}", os.O_CREAT | os.O_WRONLY))
                made += 1
        return made, refusal_of(lambda: os.mkdir("one-more"))

    (made, refused), left = said_in("namespaces", user, folder, fill, after_sweep=lambda: os.listdir("."))
    assert 1000 < made <= 20_000
    assert refused == "ENOSPC"
    assert left == []


# How it is cleaned up


@pytest.mark.parametrize(("kind", "user"), CAGES)
def test_a_bomb_of_processes_comes_to_an_end(kind, user, folder):
    def explode():
        if os.fork() == 0:
            os.setsid()
            for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
                with contextlib.suppress(OSError, ValueError):
                    signal.signal(number, signal.SIG_IGN)
            while True:
                with contextlib.suppress(OSError):
                    os.fork()
        time.sleep(0.3)

    assert said_in(kind, user, folder, explode, after_sweep=_others) == (None, 0)


def _others():
    """How many living processes S can find in its cage."""
    found = cages._population(cages._entered)[0]()
    return sum(not process.ended and process.pid != os.getpid() for process in found)


@pytest.mark.parametrize(("kind", "user"), CAGES)
def test_hostile_trees_are_removed_and_no_link_is_followed(kind, user, folder):
    outside = folder / "outside"
    outside.mkdir()
    (outside / "kept").write_text("kept")
    outside.chmod(0o777)

    def grow():
        os.symlink(outside, "link")
        os.symlink("/", "root")
        for number in range(300):
            open(f"f{number}", "w").close()
        os.mkfifo("pipe")
        os.makedirs("locked/in")
        top = os.open(".", os.O_RDONLY)
        for _ in range(1500):
            os.mkdir("deep")
            os.chdir("deep")
            open("x", "w").close()
        os.fchdir(top)
        old = os.umask(0o777)
        os.mkdir("nothing")
        os.umask(old)

    left = said_in(kind, user, folder, grow, after_sweep=lambda: os.listdir("."))[1]
    assert left == []
    assert (outside / "kept").read_text() == "kept"


@pytest.mark.parametrize(("kind", "user"), CAGES)
def test_the_worker_lives_on_when_it_is_kept(kind, user, folder):
    def leave():
        if os.fork() == 0:
            time.sleep(60)

    assert said_in(kind, user, folder, leave, after_sweep=_others, keep_worker=True) == (None, 1)


def test_sweeping_outside_of_a_cage_is_refused():
    with pytest.raises(CageFailed):
        cages.sweep()


@pytest.mark.parametrize(("kind", "user"), CAGES)
def test_when_the_outer_process_is_killed_all_inside_is(kind, user, folder):
    cage = make_cage(kind, user, folder / "work")
    reading, writing = os.pipe()
    outer = os.fork()
    if outer == 0:
        os.close(reading)
        cages.close_descriptors({writing})
        if user == "ordinary" and ROOT:
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
        with contextlib.suppress(CageFailed):
            cages.enclose(cage)
            if os.fork() == 0:
                cages.harden(cage)
                os.write(writing, b"x")
            time.sleep(60)
        os._exit(3)
    os.close(writing)
    started = os.read(reading, 1)
    os.kill(outer, signal.SIGKILL)
    os.waitpid(outer, 0)
    if not started:
        pytest.skip("no such cage here")
    # The end of the pipe comes when the last process that holds it is gone.
    assert select.select([reading], [], [], 20)[0], "something inside lives on"
    assert os.read(reading, 1) == b""
    os.close(reading)


# Where it is not to be had


@pytest.mark.parametrize("kind", ["namespaces"])
def test_a_refused_namespace_is_told(kind, folder, monkeypatch):
    def refuse(flags):
        raise PermissionError(errno.EPERM, "refused")

    monkeypatch.setattr(kernel, "unshare", refuse)
    cage = make_cage(kind, USERS[0], folder / "work")
    with pytest.raises(Refused, match="leave the namespaces"):
        in_cage(cage, USERS[0], lambda line: None)


def test_a_system_that_allows_no_user_namespaces(folder):
    """The kernel's own refusal, in a user namespace that may hold no others."""

    def enter():
        try:
            entering.leave_namespaces(None, None)
            with open("/proc/sys/user/max_user_namespaces", "w") as file:
                file.write("0")
            kernel.drop_capabilities()
        except OSError as refusal:
            return f"skip: {refusal}"
        try:
            cages.enclose(cage)
        except CageFailed as failure:
            return str(failure)
        return "entered"

    cage = make_cage("namespaces", "ordinary", folder / "work")
    if ROOT:
        pytest.skip("root needs no user namespace")
    said = in_fork(enter)
    if said.startswith("skip"):
        pytest.skip(said)
    assert "user namespace" in said


def test_without_landlock_the_kind_is_refused(folder, monkeypatch):
    monkeypatch.setattr(landlock, "version", lambda: 0)
    cage = Cage("landlock", (), (), str(folder), None, None, 1)
    assert "Landlock" in in_fork(lambda: _failure(lambda: cages.harden(cage)))


def _failure(act):
    try:
        act()
    except CageFailed as failure:
        return str(failure)
    return "hardened"


@pytest.mark.skipif(not ROOT, reason="only root becomes somebody else")
def test_a_python_that_the_other_user_may_not_read_is_told(folder):
    private = folder / "private"
    private.mkdir(mode=0o700)
    (private / "lib").mkdir()
    cage = make_cage("limits", "root", folder / "work", readable=(str(private / "lib"),))
    with pytest.raises(Refused, match=f"read {private}/lib as user {OWN_USER}"):
        in_cage(cage, "root", lambda line: None)
