"""What is handed in, in every layout and every state: students, their notebooks, and a reason for every other file."""

from __future__ import annotations

import io
import json
import os
import pickle
import random
import stat
import tarfile
import unicodedata
import zipfile
from functools import cache
from pathlib import Path

import nbformat
import pytest
from handed_in import KEYS, answered, assignment_of, assignments, file_of, solutions

from attentif.errors import InputError
from attentif_grading.grader import archives, handed_file
from attentif_grading.grader.collect import collect
from attentif_grading.grader.reading import Unreadable, read_notebook
from attentif_grading.grader.recognise import recognise
from attentif_grading.grader.repair import repair
from attentif_grading.grader.students import MAX_IDENTIFIER, safe_identifiers

NB1, NB2 = assignment_of(1, "fr").file, assignment_of(2, "fr").file


@cache
def content(number: int = 1, language: str = "fr") -> bytes:
    return file_of(answered(number, language))


def put(folder: Path, files: dict[str, bytes]) -> Path:
    for name, said in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(said)
    return folder


def zipped(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, said in files.items():
            archive.writestr(name, said)
    return stream.getvalue()


def tarred(files: dict[str, bytes], mode: str = "w:gz") -> bytes:
    stream = io.BytesIO()
    with tarfile.open(mode=mode, fileobj=stream) as archive:
        for name, said in files.items():
            about = tarfile.TarInfo(name)
            about.size = len(said)
            archive.addfile(about, io.BytesIO(said))
    return stream.getvalue()


def said(collected) -> dict[str, list[tuple[int, str]]]:
    """Student → (number, language) of each notebook; every file is read."""
    for handed in collected.students:
        for notebook in handed.notebooks:
            assert notebook.unreadable or notebook.file.read()
    return {each.student: [(n.number, n.language) for n in each.notebooks] for each in collected.students}


LAYOUTS = {
    "nbgrader": "submitted/{student}/devoir2-fr/{notebook}.ipynb",
    "nbgrader's folder inside a course": "course/submitted/{student}/devoir2-fr/{notebook}.ipynb",
    "folders": "{student}/{notebook}.ipynb",
    "folders in folders": "{student}/devoir/final/{notebook}.ipynb",
    "flat in a folder": "class/{student}_{notebook}.ipynb",
    "a folder around all": "class 2025/group A/{student}/{notebook}.ipynb",
    "flat, underscore": "{student}_{notebook}.ipynb",
    "flat, hyphen": "{student}-{notebook}.ipynb",
    "Google Forms": "{notebook} - {student}.ipynb",
    "copies of a drive": "{student}/Copie de {notebook} (1).ipynb",
    "saved as text": "{student}/{notebook}.ipynb.txt",
}


@pytest.mark.parametrize("kind", ["folder", "zip", "tar.gz", "zip in a folder"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts(layout, kind, tmp_path):
    files = {
        LAYOUTS[layout].format(student=student, notebook=notebook): content(number)
        for student in ("zoe", "max")
        for number, notebook in ((1, NB1), (2, NB2))
    }
    if kind == "folder":
        given = put(tmp_path / "given", files)
    else:
        given = tmp_path / f"given.{kind.split()[0]}"
        given.write_bytes(zipped(files) if kind.startswith("zip") else tarred(files))
    collected = collect([tmp_path if kind == "zip in a folder" else given], assignments())
    assert said(collected) == {"max": [(1, "fr"), (2, "fr")], "zoe": [(1, "fr"), (2, "fr")]}
    assert collected.set_aside == ()


@pytest.mark.parametrize("ending", ["", "_"])
def test_moodle(ending, tmp_path):
    files = {
        f"Éloïse de_la Tour_1234567_assignsubmission_file{ending}/{NB1}.ipynb": content(),
        f"Éloïse de_la Tour_1234567_assignsubmission_file{ending}/sub/{NB2}.ipynb": content(2),
        f"Éloïse de_la Tour_7654321_assignsubmission_file{ending}/devoir.zip": zipped(
            {f"x/{NB1}.ipynb": content()}
        ),
        f"Max Li_11_assignsubmission_onlinetext{ending}/onlinetext.html": b"<p>bonjour</p>",
        f"Max Li_11_assignsubmission_file{ending}/{NB2}.ipynb": content(2),
        f"Solo Han_5_assignsubmission_file_{NB1}.ipynb": content(),
    }
    path = tmp_path / "Cours-Devoir 2-4242.zip"
    path.write_bytes(zipped(files))
    collected = collect([path], assignments())
    assert said(collected) == {
        "Éloïse_de_la_Tour_1234567": [(1, "fr"), (2, "fr")],
        "Éloïse_de_la_Tour_7654321": [(1, "fr")],
        "Max_Li_11": [(2, "fr")],
        "Solo_Han_5": [(1, "fr")],
    }
    assert {each.shown for each in collected.students} >= {"Éloïse de_la Tour_7654321", "Max Li_11"}
    assert [(each.student, each.reason["en"]) for each in collected.set_aside] == [
        ("Max_Li_11", "it is not a notebook (.ipynb)")
    ]


def test_single_files_and_one_students_folder(tmp_path):
    put(tmp_path / "zoe", {f"{NB1}.ipynb": content(), f"{NB2}.ipynb": content(2), "brouillon.py": b"x = 1"})
    put(tmp_path / "bag", {f"max_{NB1}.ipynb": content(), "ada.ipynb": content(2)})
    (tmp_path / "ada.zip").write_bytes(zipped({f"{NB1}.ipynb": content()}))
    both = [(1, "fr"), (2, "fr")]
    paths = sorted((tmp_path / "zoe").glob("*.ipynb"))
    assert said(collect(paths, assignments())) == {"zoe": both}
    assert said(collect([tmp_path / "zoe"], assignments())) == {"zoe": both}
    several = [tmp_path / "zoe", *(tmp_path / "bag").iterdir(), tmp_path / "ada.zip", tmp_path / "zoe"]
    assert said(collect(several, assignments())) == {"ada": both, "max": [(1, "fr")], "zoe": both}


@pytest.mark.parametrize("key", KEYS, ids=lambda key: f"{key[0]}{key[1]}")
@pytest.mark.parametrize("left", ["metadata", "grade ids", "definitions", "texts", "name"])
def test_which_notebook_it_is(left, key):
    notebook, name = answered(*key), "x.ipynb"
    if left != "metadata":
        notebook["metadata"] = {}
    for cell in notebook["cells"]:
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
        cell["metadata"] = {"nbgrader": {"grade_id": grade_id}} if left == "grade ids" and grade_id else {}
        if (left in ("grade ids", "texts") and cell["cell_type"] == "code") or left == "name":
            cell["source"] = ""
    if left == "name":
        name = f"zoe-{assignment_of(*key).file} (3).ipynb"
    found = recognise(read_notebook(file_of(notebook)), name, assignments())
    assert found[0] == key[0]
    assert found == key or left == "name"  # notebook 1 has the same file name in both languages


def test_metadata_that_lie_about_the_notebook():
    notebook = answered(2, "en")
    notebook["metadata"]["attentif"]["notebook"] = 1
    assert recognise(read_notebook(file_of(notebook)), f"{NB1}.ipynb", assignments()) == (2, "en")


def _with_fewer_answers(number: int, language: str, kept: int) -> bytes:
    notebook = answered(number, language)
    released = assignment_of(number, language).solutions
    for cell in solutions(notebook)[kept:]:
        cell["source"] = released[cell["metadata"]["attentif"]["exercise"]].source
    return file_of(notebook)


def test_of_several_files_the_latest_with_answers_counts(tmp_path):
    folder = put(
        tmp_path / "class",
        {
            f"zoe/{NB1}.ipynb": content(),
            f"zoe/{NB1} (1).ipynb": _with_fewer_answers(1, "fr", 7),
            f"zoe/{NB1} (2).ipynb": _with_fewer_answers(1, "fr", 0),
            f"max/{NB1}.ipynb": content(),
            f"max/{NB1} (9).ipynb": content(),
            f"max/{NB1} (10).ipynb": content(),
            f"ada/{NB2}.ipynb": _with_fewer_answers(2, "fr", 1),
            "ada/notebook2_bias.ipynb": _with_fewer_answers(2, "en", 3),
        },
    )
    for path in folder.rglob("*.ipynb"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    os.utime(folder / "ada" / f"{NB2}.ipynb", (1_000_000_100, 1_000_000_100))
    collected = collect([folder], assignments())
    chosen = {each.student: [Path(n.file.shown).name for n in each.notebooks] for each in collected.students}
    assert chosen == {
        "zoe": [f"{NB1} (1).ipynb"],
        "max": [f"{NB1} (10).ipynb"],
        "ada": ["notebook2_bias.ipynb"],
    }
    assert len(collected.set_aside) == 5
    assert all(len(each.remarks) == 1 for each in collected.students)
    os.utime(folder / "max" / f"{NB1}.ipynb", (1_000_000_100, 1_000_000_100))
    again = next(each for each in collect([folder], assignments()).students if each.student == "max")
    assert Path(again.notebooks[0].file.shown).name == f"{NB1}.ipynb"


def test_unreadable_files_are_kept_as_the_students_with_a_reason(tmp_path):
    folder = put(
        tmp_path / "class",
        {
            f"zoe/{NB1}.ipynb": b"<html>login</html>",
            f"zoe/{NB2}.ipynb": content(2),
            "max/homework.ipynb": b"",
            f"ada/{NB1}.ipynb": content(),
            f"ada/{NB1} (1).ipynb": b"%PDF",
            "eve/other course.ipynb": json.dumps(
                {"cells": [{"cell_type": "code", "source": "x = 1"}]}
            ).encode(),
            "ben/report.pdf": b"%PDF",
        },
    )
    collected = collect([folder], assignments())
    assert said(collected) == {
        "ada": [(1, "fr")],
        "ben": [],
        "eve": [],
        "max": [],
        "zoe": [(1, "fr"), (2, "fr")],
    }
    zoe = collected.students[-1]
    assert "web page" in zoe.notebooks[0].unreadable["en"]
    assert zoe.notebooks[1].unreadable is None
    reasons = {
        each.shown.partition("/")[2]: (each.student, each.reason["en"]) for each in collected.set_aside
    }
    assert set(reasons) == {
        "max/homework.ipynb",
        f"ada/{NB1} (1).ipynb",
        "eve/other course.ipynb",
        "ben/report.pdf",
    }
    assert reasons["max/homework.ipynb"] == ("max", "the file is empty")
    assert NB1 in reasons["eve/other course.ipynb"][1]


def test_every_file_is_accounted_for(tmp_path):
    files = {
        f"zoe/{NB1}.ipynb": content(),
        "zoe/figures/curve.png": b"\x89PNG",
        f"zoe/.ipynb_checkpoints/{NB1}-checkpoint.ipynb": content(),
        f"__MACOSX/zoe/._{NB1}.ipynb": b"x",
        "grades.csv": b"a,b",
        ".DS_Store": b"x",
        "max/all.rar": b"Rar!",
        "max/broken.zip": b"PK\x03\x04 no more",
        "ada/deep.zip": zipped(
            {"deeper.zip": zipped({f"{NB1}.ipynb": content()}), f"{NB2}.ipynb": content(2)}
        ),
    }
    folder = put(tmp_path / "class", files)
    (folder / "eve").mkdir()
    (folder / "eve" / f"{NB1}.ipynb").symlink_to(folder / "zoe" / f"{NB1}.ipynb")
    (folder / "linked").symlink_to(folder / "zoe")
    os.mkfifo(folder / "eve" / f"{NB2}.ipynb")
    path = tmp_path / "class.zip"
    path.write_bytes(zipped(files))
    for given in (folder, path):
        collected = collect([given], assignments())
        # One archive in another is opened: of those in the folder, that is one level more.
        ada, links = ([(1, "fr"), (2, "fr")], {"eve": []}) if given is folder else ([(2, "fr")], {})
        assert said(collected) == {"ada": ada, "max": [], "zoe": [(1, "fr")], **links}
        named = {n.file.shown for each in collected.students for n in each.notebooks}
        named |= {each.shown for each in collected.set_aside}
        assert named >= {f"class/{name}" for name in files} - {"class/ada/deep.zip"}
        assert given is folder or "class/ada/deep/deeper.zip" in named
        assert all(each.reason["fr"] and each.reason["en"] for each in collected.set_aside)


def test_archives_lead_nowhere_outside_and_links_are_not_followed(tmp_path):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in (f"../../../tmp/{NB1}.ipynb", f"/etc/{NB2}.ipynb", f"C:\\Users\\{NB2} (1).ipynb"):
            archive.writestr(name, content(2 if NB2 in name else 1))
        link = zipfile.ZipInfo("link.ipynb")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    put(tmp_path / "class", {"zoe/work.zip": stream.getvalue()})
    bag = io.BytesIO()
    with tarfile.open(mode="w", fileobj=bag) as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE):
            about = tarfile.TarInfo(f"max/{kind.decode()}.ipynb")
            about.type, about.linkname = kind, "/etc/passwd"
            archive.addfile(about)
    put(tmp_path / "class", {"max.tar": bag.getvalue()})
    before = sorted(tmp_path.rglob("*"))
    collected = collect([tmp_path / "class"], assignments())
    assert said(collected) == {"max": [], "zoe": [(1, "fr"), (2, "fr")]}
    assert [each.reason["en"] for each in collected.set_aside if "link" in each.reason["en"]] == [
        "it is a link or a device, not a file"
    ] * 4
    assert sorted(tmp_path.rglob("*")) == before


def test_bombs_and_damaged_members_cost_their_owner_only(tmp_path, monkeypatch):
    monkeypatch.setattr(handed_file, "MAX_FILE", 1_000_000)
    monkeypatch.setattr(archives, "MAX_NESTED", 3_000_000)
    bomb = zipped({f"{n}.ipynb": b" " * 900_000 for n in range(9)})
    lying = bytearray(zipped({f"{NB1}.ipynb": b" " * 2_000_000}))
    at = lying.rindex(b"PK\x01\x02")
    lying[at + 24 : at + 28] = (1000).to_bytes(4, "little")  # the size that the directory announces
    damaged = bytearray(zipped({f"{NB1}.ipynb": content()}))
    damaged[500:600] = bytes(100)
    encrypted = bytearray(zipped({f"{NB1}.ipynb": content()}))
    encrypted[6] |= 1
    encrypted[encrypted.rindex(b"PK\x01\x02") + 8] |= 1
    files = {
        "bomb/work.zip": bomb,
        "lying/work.zip": bytes(lying),
        "damaged/work.zip": bytes(damaged),
        "locked/work.zip": bytes(encrypted),
        f"large/{NB1}.ipynb": b" " * 1_000_001,
        f"zoe/{NB1}.ipynb": content(),
    }
    path = tmp_path / "class.zip"
    path.write_bytes(zipped(files))
    for given in (path, put(tmp_path / "class", files)):
        collected = collect([given], assignments())
        assert said(collected) == {
            name.partition("/")[0]: [(1, "fr")] if name.startswith(("zoe", "lying", "damaged")) else []
            for name in files
        }
        unreadable = {
            e.student: n.unreadable["en"] for e in collected.students for n in e.notebooks if n.unreadable
        }
        assert unreadable == {"damaged": "it could not be read", "lying": "it could not be read"}
        reasons = {each.student: each.reason["en"] for each in collected.set_aside}
        assert reasons["bomb"] in ("the archive holds too much", "the file is empty")
        assert given is not path or "the archive holds too much" in {
            e.reason["en"] for e in collected.set_aside
        }
        assert "password" in reasons["locked"]
        assert "larger" in reasons["large"]


@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz", "zip in zip", "ipynb"])
def test_bytes_changed_at_random_never_stop_the_class(kind, tmp_path):
    files = {f"zoe/{NB1}.ipynb": content(), f"max/{NB2}.ipynb": content(2)}
    made = {
        "zip": lambda: zipped(files),
        "tar": lambda: tarred(files, "w"),
        "tar.gz": lambda: tarred(files),
        "zip in zip": lambda: zipped({"zoe/work.zip": zipped(files)}),
        "ipynb": lambda: content(2),
    }[kind]()
    chance = random.Random(kind)
    for turn in range(40):
        damaged = bytearray(made)
        for _ in range(chance.choice((1, 20, 400))):
            near_an_end = chance.random() < 0.5
            place = chance.randrange(300) - 150 if near_an_end else chance.randrange(len(damaged))
            damaged[place] = chance.randrange(256)
        if turn % 4 == 0:
            del damaged[chance.randrange(len(damaged)) :]
        name = f"{NB2}.ipynb" if kind == "ipynb" else f"class.{kind.split()[0]}"
        (tmp_path / name).write_bytes(damaged)
        collected = collect([tmp_path / name], assignments())
        assert collected.students or collected.set_aside
        for notebook in (n for each in collected.students for n in each.notebooks if not n.unreadable):
            found = repair(
                read_notebook(notebook.file.read()), assignments()[notebook.number, notebook.language]
            )
            nbformat.validate(found.graded_copy)


def test_a_notebook_with_large_pictures_is_read(tmp_path):
    notebook = answered(1, "en")
    picture = "A" * 80_000_000
    notebook["cells"][3]["outputs"] = [
        {"output_type": "display_data", "data": {"image/png": picture}, "metadata": {}}
    ]
    put(tmp_path / "zoe", {f"{NB1}.ipynb": file_of(notebook)})
    collected = collect([tmp_path / "zoe"], assignments())
    assert said(collected) == {"zoe": [(1, "en")]}


def test_a_file_that_is_gone_says_so(tmp_path):
    put(tmp_path / "zoe", {f"{NB1}.ipynb": content()})
    file = collect([tmp_path / "zoe"], assignments()).students[0].notebooks[0].file
    assert pickle.loads(pickle.dumps(file)).read() == content()
    (tmp_path / "zoe" / f"{NB1}.ipynb").unlink()
    with pytest.raises(Unreadable):
        file.read()
    with pytest.raises(InputError):
        collect([tmp_path / "nowhere"], assignments())


def test_names_of_every_kind_become_safe_identifiers(tmp_path):
    names = [
        "Zoé",
        "O'Brien (2)",
        "a+b@c",
        "多米",
        "🙂",
        "x\ny",
        "=HYPERLINK(1)",
        "<b>Eve</b>",
        "-rf",
        "..hidden",
        "x" * 200,
    ]
    files = {f"{name}/{NB1}.ipynb": content() for name in names}
    path = tmp_path / "class.zip"
    path.write_bytes(zipped(files))
    students = [each.student for each in collect([path], assignments()).students]
    assert len({student.casefold() for student in students}) == len(names)
    for student in students:
        assert all(c.isalnum() or c in "-_." for c in student)
        assert student[0] not in "-._"
        assert len(student) <= MAX_IDENTIFIER
        assert unicodedata.is_normalized("NFC", student)
    assert {"Zoé", "O_Brien_2", "a_b_c", "多米", "x_y", "HYPERLINK_1", "rf", "hidden"} <= set(students)


def test_names_that_differ_in_case_only_and_in_composition():
    identifiers = safe_identifiers(["Zoe", "zoe", "a b", "a_b", "max"])
    assert len({each.casefold() for each in identifiers.values()}) == 5
    assert identifiers["max"] == "max"
    assert identifiers["a b"].startswith("a_b-")


@pytest.mark.parametrize("composed", ["NFC", "NFD"])
def test_names_in_zips_of_other_systems(composed, tmp_path):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(unicodedata.normalize(composed, f"Zoé/{NB1}.ipynb"), content())
        archive.writestr(f"Zoé/{NB2}.ipynb", content(2))
    raw = stream.getvalue()
    # Some programs write UTF-8 without the flag that says so.
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        assert all(info.flag_bits & 0x800 for info in archive.infolist())
    unflagged = raw.replace(b"\x00\x08\x00\x00", b"\x00\x00\x00\x00")
    for place, said_bytes in enumerate((raw, unflagged)):
        path = tmp_path / f"class{place}.zip"
        path.write_bytes(said_bytes)
        assert said(collect([path], assignments())) == {"Zoé": [(1, "fr"), (2, "fr")]}
