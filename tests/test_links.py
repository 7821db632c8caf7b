"""Links of what students and staff read: well formed, and where they point to a file or heading, it is there."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from prose_faults import broken_links, slugs, targets
from student_prose import HOME, LANGUAGES, passages

from attentif_grading.release import assemble

OURS = ("docs", "grading", "notebooks", "src", "tests", "data", "benchmarks", ".ci")


def tree(root: Path, tops: tuple[str, ...] | None = None) -> dict[str, str | None]:
    """path → content of Markdown, of notebooks what their Markdown cells say, of others None."""
    found = {}
    for path in root.rglob("*") if tops is None else (p for top in tops for p in (root / top).rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            found[path.relative_to(root).as_posix()] = said_in(path)
    for path in root.iterdir():
        if path.is_file():
            found[path.name] = said_in(path)
    return found


def said_in(path: Path) -> str | None:
    if path.suffix == ".md":
        return path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    return None


def broken_in(files: dict[str, str | None]) -> list[str]:
    return [
        f"{place}: {each}"
        for place, said in files.items()
        if said
        for each in broken_links(said, place, files)
    ]


@pytest.fixture(scope="module")
def students_tree(tmp_path_factory):
    """What `attentif-grading release` lays out, from the committed notebooks and a wheel that is none."""
    folder = tmp_path_factory.mktemp("release")
    wheel = folder / "attentif-0-py3-none-any.whl"
    wheel.write_bytes(b"")
    (folder / "tree").mkdir()
    assemble(HOME, HOME, wheel, folder / "tree")
    return tree(folder / "tree")


def test_the_students_links_lead_somewhere(students_tree):
    assert {"README.md", "README.fr.md", "AGENTS.md", "LICENSE"} <= set(students_tree)
    assert sum(path.endswith(".ipynb") for path in students_tree) == 4
    assert broken_in(students_tree) == []


def test_the_links_of_the_repository_lead_somewhere():
    files = tree(HOME, OURS)
    # Cards and instructions become part of other files: those are looked at above.
    shown = {
        path for path in files if path.startswith(("grading/exercises/", "grading/student/", "notebooks/"))
    }
    said = {path: None if path in shown and path.endswith(".ipynb") else text for path, text in files.items()}
    said |= {path: None for path in shown if path.startswith("grading/student/")}
    assert [each for each in broken_in(said)] == []
    assert sum(len(targets(text)) for text in said.values() if text) > 20


@pytest.mark.parametrize("language", LANGUAGES)
def test_addresses_in_messages_and_docstrings_are_well_formed(language):
    found = [
        f"{passage.place}: {each}"
        for passage in passages(language)
        for each in broken_links(" ".join(re.findall(r"https?:\S+", passage.text)), "x", {})
    ]
    assert found == []


FILES = {
    "README.md": "# Title\n\n## The `check` cell, again\n",
    "docs/a.md": "## One\n\n## One\n",
    "docs/pictures/p.png": None,
    "notebooks/fr/n.ipynb": "# Été, à l'aise\n",
}


@pytest.mark.parametrize(
    "said",
    [
        "[a](README.md) [b](docs) ![c](docs/pictures/p.png) [d](docs/a.md#one-1) [e](notebooks/fr/n.ipynb#été-à-laise)",
        "[a](#the-check-cell-again) [b](./docs/../README.md) [c](mailto:no)"[:-17],
        '[a](https://arxiv.org/abs/1706.03762), <a href="https://a.org/x?y=1#z">b</a>, https://a.org.',
        "`[a](nowhere.md)` and a list[0](1)"[:18],
    ],
)
def test_good_links_are_left_alone(said):
    assert broken_links(said, "README.md", FILES) == []


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ("[a](nowhere.md)", "no such file"),
        ("[a](docs/nowhere.md#one)", "no such file"),
        ("![a](pictures/p.png)", "no such file"),
        ("[a](../README.md)", None),
        ("[a](docs/a.md#two)", "no such heading"),
        ("[a](#nothing)", "no such heading"),
        ("[a](docs/a.md #one)", "not a relative path"),
        ("[a]()", "not a relative path"),
        ("[a](/docs/a.md)", "not a relative path"),
        (r"[a](docs\a.md)", "not a relative path"),
        ("[a](http://arxiv.org/abs/1)", "not a well-formed https"),
        ("[a](https://arxiv)", "not a well-formed https"),
        ("[a](https:/arxiv.org/abs/1)", "not a well-formed https"),
        ("[a](https://arxiv.org/a b)", "not a well-formed https"),
        ("[a](htps://arxiv.org/abs/1)", "not a well-formed https"),
        ('<a href="http://a.org">a</a>', "not a well-formed https"),
        ("see http://a.org", "not a well-formed https"),
    ],
)
def test_a_broken_link_is_found(said, fault):
    found = broken_links(said, "README.md", FILES)
    assert (len(found) == 1 and fault in found[0]) if fault else found == []


def test_headings_have_the_anchors_of_github():
    assert slugs("# L'état, c'est `moi` !\n\n## A\n\n## A\n\n```\n# no\n```\n") == {
        "létat-cest-moi-",
        "a",
        "a-1",
    }
