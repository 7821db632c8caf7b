"""The probes get through where nothing confines them, are blocked in a cage, and decide the level."""

from __future__ import annotations

import dataclasses
import os
import sys
import time

import pytest

if sys.platform != "linux":
    pytest.skip("confinement is Linux's", allow_module_level=True)

from caged import NOBODY, ROOT, USERS, Refused, in_cage, in_fork, make_cage, scratch

from attentif.errors import InputError
from attentif_grading.grader import levels
from attentif_grading.grader.canaries import Canaries
from attentif_worker import kernel, landlock, probes, sweeping
from attentif_worker.failing import CageFailed
from attentif_worker.probes import BLOCKED

WHAT_LANDLOCK_LEAVES = {"fill_disk"}


@pytest.fixture
def library():
    """A library that belongs to whoever grades."""
    with scratch() as made:
        folder = made / "library"
        folder.mkdir()
        (folder / "module.py").write_text("x = 1\n", encoding="utf-8")
        yield folder


def unconfined(act):
    """What the function returns in a forked process that nothing confines; its descendants are ended."""

    def run():
        kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
        try:
            return act()
        finally:
            sweeping.end_processes(sweeping.descendants, lambda: None, frozenset(), seconds=10)

    return in_fork(run)


def test_every_probe_gets_through_where_nothing_confines_it(library, tmp_path):
    def attack():
        os.chdir(tmp_path)
        return probes.run_probes(targets)

    with Canaries() as canaries:
        targets = canaries.targets(str(library))
        table = unconfined(attack)
    refused_by_the_system = set()
    if not ROOT:
        refused_by_the_system = {"trace_process", "leave_cage"}  # Yama and AppArmor refuse these to users
    blocked = {name for name, said in table.items() if said == BLOCKED}
    assert set(table) == set(probes.NAMES) - {"outlive_sweep"}
    assert blocked <= refused_by_the_system


@pytest.mark.parametrize("way", range(6))
def test_each_way_to_tamper_with_a_file_is_seen_unconfined(way, tmp_path):
    """The first way that succeeds ends the probe: here it is the others' turn."""
    from attentif_worker import attacks_on_files

    done = in_fork(lambda: _tampered(attacks_on_files, way, tmp_path))
    assert done is not None


def _tampered(attacks, way, folder):
    attacks._ELSEWHERE = ()
    names = ("open", "truncate", "chmod", "utime", "rename", "unlink")

    def refused(*_, **__):
        raise PermissionError

    path = folder / "file"
    path.write_text("secret", encoding="utf-8")
    for name in names[:way]:
        setattr(os, name, refused)
    return attacks.write_outside(_only(secret_file=str(path), outside_folder=str(folder / "missing")))


def _only(**fields):
    values = {field.name: "" for field in dataclasses.fields(probes.Targets)}
    return probes.Targets(**{**values, **fields})


def test_the_daemon_is_seen_where_nothing_sweeps(tmp_path):
    def leave_one():
        os.chdir(tmp_path)
        before = probes.daemon_runs()
        probes.start_daemon()
        time.sleep(0.1)
        return before, probes.outlived_sweep()["outlive_sweep"]

    before, after = unconfined(leave_one)
    assert not before
    assert after.startswith("got through")


def test_a_probe_that_fails_or_hangs_has_not_been_blocked(monkeypatch):
    monkeypatch.setattr(probes, "_SECONDS", 0.2)

    def fail(_):
        raise RuntimeError("unforeseen")

    assert "unforeseen" in probes._alone(fail, None)
    assert probes._alone(lambda _: time.sleep(60), None) == "no end"


def test_the_judge_sees_what_the_probe_does_not(library):
    with Canaries() as canaries:
        targets = canaries.targets(str(library))
        held = dict.fromkeys(probes.NAMES, BLOCKED)
        assert canaries.verified(held) == held
        os.kill(targets.process, 9)
        os.utime(targets.secret_file)
        os.truncate(targets.secret_file, 0)
        time.sleep(0.1)
        through = {name for name, said in canaries.verified(held).items() if said != BLOCKED}
    assert through == {"end_process", "write_outside"}


def probed(kind, user, library):
    """The table of a cage of this kind."""
    with Canaries() as canaries:
        targets = canaries.targets(str(library))
        cage = make_cage(kind, user, library.parent / "work")
        cage = dataclasses.replace(cage, readable=(*cage.readable, str(library)))
        if user == "ordinary" and ROOT:
            for path in (library, *library.iterdir()):
                os.chown(path, NOBODY, NOBODY)

        def attack(line):
            # It must be there to be attacked.
            assert (library / "module.py").read_text(encoding="utf-8")
            table = probes.run_probes(dataclasses.replace(targets, descriptors=(line,)))
            probes.start_daemon()
            time.sleep(0.1)
            return table

        try:
            said, after = in_cage(cage, user, attack, after_sweep=probes.outlived_sweep)
        except Refused as refusal:
            pytest.skip(f"no such cage here: {refusal}")
        return canaries.verified(said | after)


@pytest.mark.parametrize("user", USERS)
def test_namespaces_block_every_attack(user, library):
    table = probed("namespaces", user, library)
    assert set(table) == set(probes.NAMES) == set(levels.PROBES)
    assert {name: said for name, said in table.items() if said != BLOCKED} == {}
    assert levels.level_of(table) == "A"


@pytest.mark.skipif(not landlock.version(), reason="this kernel has no Landlock")
@pytest.mark.parametrize("user", USERS)
def test_landlock_blocks_all_that_is_critical(user, library):
    table = probed("landlock", user, library)
    assert {name for name, said in table.items() if said != BLOCKED} == WHAT_LANDLOCK_LEAVES
    assert levels.level_of(table) == "B"


@pytest.mark.parametrize("user", USERS)
def test_limits_alone_are_level_c(user, library):
    table = probed("limits", user, library)
    assert {"read_secret", "write_outside", "fill_disk"} <= {
        k for k, said in table.items() if said != BLOCKED
    }
    assert levels.level_of(table) == "C"


ALL_BLOCKED = dict.fromkeys(levels.PROBES, BLOCKED)
WEAKER = ALL_BLOCKED | {"fill_disk": "got through: 1 MiB"}
OPEN = WEAKER | {"read_secret": "got through: all"}


def test_the_strongest_kind_with_the_best_level_is_chosen():
    def no_namespaces(kind):
        if kind == "namespaces":
            raise CageFailed("leave the namespaces", 1)
        return {"landlock": WEAKER, "limits": OPEN}[kind]

    chosen = levels.choose_level(no_namespaces)
    assert (chosen.kind, chosen.level) == ("landlock", "B")
    assert "namespaces" in chosen.refused["namespaces"]
    assert [hole["fr"] for hole in chosen.holes()] == ["remplir le disque"]
    assert levels.choose_level(lambda kind: ALL_BLOCKED).kind == "namespaces"


def test_the_weakest_level_is_refused_unless_allowed():
    with pytest.raises(InputError) as refusal:
        levels.choose_level(lambda kind: OPEN)
    assert "read the gradebook" in str(refusal.value)
    assert "--allow-weak-sandbox" in str(refusal.value) and "docker run" in str(refusal.value)
    assert levels.choose_level(lambda kind: OPEN, allow_weak=True).level == "C"


def test_without_any_cage_nothing_is_graded():
    def refuse(kind):
        raise CageFailed("start")

    with pytest.raises(InputError):
        levels.choose_level(refuse, allow_weak=True)


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_elsewhere_a_container_is_proposed(monkeypatch, platform):
    monkeypatch.setattr(sys, "platform", platform)
    with pytest.raises(InputError) as refusal:
        levels.choose_level(lambda kind: ALL_BLOCKED)
    assert levels.CONTAINER in str(refusal.value)
