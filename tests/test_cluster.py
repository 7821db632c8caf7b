"""Judging on a dask cluster: the same marks, clear words where there is none, a warning where it is not protected."""

from __future__ import annotations

import importlib.util
import sys

import pytest
from small_class import differing, environment, grade_command, ran, small_class, state

from attentif.errors import InputError
from attentif_grading.grader.cluster import connect, warning

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading needs Linux")
INSTALLED = importlib.util.find_spec("distributed") is not None


@pytest.mark.skipif(not INSTALLED, reason="distributed is not installed")
def test_a_cluster_gives_the_same_marks(tmp_path, monkeypatch):
    from distributed import LocalCluster

    for name, value in environment().items():
        monkeypatch.setenv(name, value)
    submissions = small_class(tmp_path / "rendus")
    here = ran(grade_command(submissions, tmp_path / "here"))
    assert here.returncode == 0, here.stderr
    with LocalCluster(n_workers=1, threads_per_worker=2, processes=True, dashboard_address=None) as cluster:
        there = ran(grade_command(submissions, tmp_path / "there", "--cluster", cluster.scheduler_address))
    assert there.returncode == 0, there.stderr
    assert "12 exercises judged" in there.stdout
    assert "warning" not in there.stderr
    assert differing(state(tmp_path / "here"), state(tmp_path / "there")) == []


@pytest.mark.skipif(not INSTALLED, reason="distributed is not installed")
def test_a_cluster_without_a_worker_or_a_scheduler_is_said_in_words(monkeypatch):
    from distributed import LocalCluster

    monkeypatch.setattr("attentif_grading.grader.cluster.SECONDS", 1)
    with (
        LocalCluster(n_workers=0, dashboard_address=None) as cluster,
        pytest.raises(InputError, match=r"a worker of the cluster .*dask worker"),
    ):
        connect(cluster.scheduler_address)
    with pytest.raises(InputError, match=r"expected a dask scheduler at tcp://127.0.0.1:9"):
        connect("tcp://127.0.0.1:9")


@pytest.mark.skipif(INSTALLED, reason="distributed is installed")
def test_what_to_install_is_said():
    with pytest.raises(InputError, match=r"attentif\[cluster\]"):
        connect("tcp://127.0.0.1:9")


def test_an_unprotected_address_elsewhere_is_warned_of():
    for address in ("tls://grid.example:8786", "tcp://127.0.0.1:8786", "localhost:8786", "tcp://[::1]:8786"):
        assert warning(address) is None
    for address in ("tcp://grid.example:8786", "10.0.0.7:8786", "ws://grid.example:8786"):
        assert address in warning(address) and "docs/cluster.md" in warning(address)
