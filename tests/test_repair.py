"""Damaged notebooks: every answer is found, and the copy for the marker is sound and harmless."""

from __future__ import annotations

import ast
import base64
import copy
import json
import re
import struct
import textwrap
import unicodedata
import zlib

import nbformat
import pytest
from bs4 import BeautifulSoup
from handed_in import DAMAGES, KEYS, answered, assignment_of, code, file_of, solutions
from hypothesis import given, settings
from hypothesis import strategies as st
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbgrader.preprocessors import CheckCellMetadata
from nbgrader.utils import compute_checksum

from attentif_grading.grader.neutral_text import neutral_markdown, plain_output, visible
from attentif_grading.grader.reading import Unreadable, read_notebook
from attentif_grading.grader.repair import CodeCell, Repaired, repair
from attentif_grading.grader.source_text import clean_code


def repaired(notebook, number=1, language="fr") -> Repaired:
    return repair(read_notebook(file_of(notebook)), assignment_of(number, language))


def as_jupyter_reads(source: str) -> str:
    """A cell without the indentation of its first line."""
    return textwrap.dedent(source) if source.startswith(" ") else source


def definitions(cells, exercises) -> dict[str, str]:
    """What each exercise is when these cells have run in their order: its last definition, docstring aside."""
    found = {}
    for cell in cells:
        try:
            tree = ast.parse(as_jupyter_reads(cell.source))
        except SyntaxError:
            continue
        for node in tree.body:
            if getattr(node, "name", None) in exercises:
                for inner in ast.walk(node):
                    if (
                        isinstance(inner, (ast.FunctionDef, ast.ClassDef))
                        and ast.get_docstring(inner) is not None
                    ):
                        inner.body[0] = ast.Pass()
                found[node.name] = unicodedata.normalize("NFC", ast.unparse(node))
    return found


def check_copy(notebook, assignment) -> None:
    """nbgrader takes it, and each of its cells is there once, with the gradebook's flags and points."""
    nbformat.validate(notebook)
    CheckCellMetadata().preprocess(copy.deepcopy(notebook), {})
    graded = [cell.metadata.nbgrader for cell in notebook.cells if "nbgrader" in cell.metadata]
    assert graded == [cell.gradebook_metadata for cell in assignment.cells if cell.nbgrader]
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            assert not cell.get("outputs")
            assert "grade_hidden" not in cell.source


@pytest.mark.parametrize("key", KEYS, ids=lambda key: f"{key[0]}{key[1]}")
@pytest.mark.parametrize("damage", DAMAGES)
def test_every_answer_is_found(damage, key):
    assignment, notebook = assignment_of(*key), answered(*key)
    whole = repaired(notebook, *key)
    DAMAGES[damage](notebook)
    found = repaired(notebook, *key)
    wanted = definitions(whole.cells, assignment.exercises)
    assert set(wanted) == set(assignment.exercises)
    assert definitions(found.cells, assignment.exercises) == wanted
    assert found.answered == found.written == assignment.exercises
    check_copy(found.graded_copy, assignment)


@pytest.mark.parametrize("key", KEYS, ids=lambda key: f"{key[0]}{key[1]}")
@pytest.mark.parametrize(
    "damage", ["metadata lost", "flags flipped, points 400", "roles swapped", "sources as lists"]
)
def test_only_the_same_cells_are_run_with_the_same_roles(damage, key):
    notebook = answered(*key)
    whole = repaired(notebook, *key)
    DAMAGES[damage](notebook)
    found = repaired(notebook, *key)
    assert found.cells == whole.cells
    assert found.remarks == whole.remarks == ()
    assert not any(cell.source.startswith("check(") for cell in found.cells)


@pytest.mark.parametrize("key", [(1, "en"), (2, "fr")], ids=str)
@pytest.mark.parametrize("damage", ["cells reversed", "answers in new cells at the end", "metadata lost"])
def test_the_cells_run_from_the_top(damage, key):
    """A definition may use an earlier one as a default: it must stand below it again."""
    notebook = answered(*key)
    DAMAGES[damage](notebook)
    namespace: dict[str, object] = {}
    for cell in repaired(notebook, *key).cells:
        if cell.role in ("setup", "definition") and cell.name != "parts":
            exec(compile(cell.source, cell.name, "exec", dont_inherit=True), namespace)
    assert set(assignment_of(*key).exercises) <= set(namespace)


def test_an_untouched_release_answers_nothing():
    assignment = assignment_of(1, "fr")
    cells = [
        {"cell_type": cell.kind, "source": cell.source, "metadata": {}, "outputs": []}
        for cell in assignment.cells
    ]
    found = repaired({"cells": cells})
    assert found.answered == assignment.exercises
    assert found.written == ()


@pytest.mark.parametrize(
    "exercise", ["causal_mask", "perplexity", "LayerNorm", "warmup_cosine", "padding_mask"]
)
def test_of_two_answers_the_last_counts_and_the_student_is_told(exercise):
    notebook = answered(1, "en")
    notebook["cells"].append(code(f"def {exercise}():\n    return 'second'"))
    found = repaired(notebook, 1, "en")
    assert "second" in definitions(found.cells, [exercise])[exercise]
    assert [remark["en"] for remark in found.remarks] == [
        f"`{exercise}` is defined 2 times; the last definition counts"
    ]
    shown = next(cell for cell in found.graded_copy.cells if cell.metadata.attentif.name == exercise)
    assert "second" in shown.source


@pytest.mark.parametrize("exercise", ["causal_mask", "padding_mask", "perplexity"])
def test_an_answer_that_is_assigned_or_only_quoted(exercise):
    notebook = answered(1, "fr")
    cell = next(c for c in solutions(notebook) if c["metadata"]["attentif"]["exercise"] == exercise)
    quoted = {"cell_type": "markdown", "metadata": {}, "source": f"def {exercise}():\n    pass"}
    notebook["cells"].append(quoted)
    assert "pass" not in definitions(repaired(notebook).cells, [exercise])[exercise].split("\n")[-1]
    cell["source"] = f"{exercise} = lambda *given: None"
    cell["metadata"], cell["id"] = {}, "x"
    notebook["cells"].remove(quoted)
    found = repaired(notebook)
    assert CodeCell(exercise, cell["source"], "definition", exercise, (exercise,)) in found.cells


@pytest.mark.parametrize("key", KEYS, ids=lambda key: f"{key[0]}{key[1]}")
def test_the_released_setup_runs_first_if_theirs_is_broken_or_lost(key):
    released = assignment_of(*key).by_name["setup"].source
    for change in ("!pip install x\nimport nothing_of_the_kind", None):
        notebook = answered(*key)
        setup = next(c for c in notebook["cells"] if c["metadata"]["attentif"]["name"] == "setup")
        if change is None:
            notebook["cells"].remove(setup)
        else:
            setup["source"] = change
        cells = repaired(notebook, *key).cells
        assert (cells[0].name, cells[0].source, cells[0].role) == ("setup", released, "setup")
        theirs = [cell.source for cell in cells[1:] if cell.name == "setup"]
        assert theirs == ([change] if change else [])


def test_own_cells_keep_their_place_and_checks_with_helpers_are_run():
    notebook = answered(2, "en")
    places = {cell["metadata"]["attentif"]["name"]: place for place, cell in enumerate(notebook["cells"])}
    notebook["cells"][places["fill_mask_public"]]["source"] = "helper = 3\ncheck(fill_mask)"
    notebook["cells"].insert(places["fill_mask"], code("LIMIT = 7"))
    cells = repaired(notebook, 2, "en").cells
    names = [cell.name for cell in cells]
    assert [
        (cells[p].source, cells[p].role) for p in (names.index("fill_mask") - 1, names.index("fill_mask") + 1)
    ] == [
        ("LIMIT = 7", "extra"),
        ("helper = 3\ncheck(fill_mask)", "extra"),
    ]


@pytest.mark.parametrize(
    ("damaged", "meant"),
    [
        ("x\u00a0=\u00a01\u200b", "x = 1"),
        ("x = 'a\u00a0b'  # c\u00a0d", "x = 'a\u00a0b'  # c\u00a0d"),
        ('x = """a\u00a0\n\tb"""\n\u2003', 'x = """a\u00a0\n\tb"""\n '),
        ("if x:\r\n\ty = 1\r    z = 2\r\n", "if x:\n    y = 1\n    z = 2\n"),
        ("if x:\n\tif y:\n                z = 1\n", "if x:\n    if y:\n                z = 1\n"),
        ("if x:\n\ty = 1\n        z = 2\n", "if x:\n        y = 1\n        z = 2\n"),
        ("if x:\n\ty = '\\t'\n", "if x:\n\ty = '\\t'\n"),
        ("x = 'unclosed\u00a0\ny\u00a0= 1", "x = 'unclosed\u00a0\ny = 1"),
    ],
)
def test_code_is_cleaned_outside_its_strings(damaged, meant):
    assert clean_code(damaged) == meant


def _broken_files() -> dict[str, bytes]:
    whole = json.dumps(answered(1, "fr")).encode()
    return {
        "empty": b"",
        "blank": b" \n\0",
        "login page": b"\xef\xbb\xbf<!DOCTYPE html><html><body>Login</body></html>",
        "PDF": b"%PDF-1.7\n" + bytes(range(256)),
        "zip": b"PK\x03\x04" + bytes(40),
        "binary": bytes(range(256)) * 9,
        "nested 100,000 deep": b'{"cells":' + b"[" * 100_000,
        "nested and closed": b'{"cells":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        "a huge number": b'{"cells": ' + b"1" * 100_000 + b"}",
        "not cells": b'{"cells": {"a": 1}}',
        "a list": b"[1, 2]",
        "cut before any cell": whole[:20],
    }


@pytest.mark.parametrize("name", _broken_files())
def test_a_file_without_cells_is_refused_with_a_reason(name):
    with pytest.raises(Unreadable) as error:
        read_notebook(_broken_files()[name])
    assert error.value.reason["fr"] != error.value.reason["en"]


def test_hostile_json_is_read():
    cells = [
        {"cell_type": "code", "source": ["a = 1\n", 3, "b = 2"], "metadata": [], "outputs": "x", "id": 5},
        {"cell_type": "code", "source": 7},
        {"cell_type": ["code"], "source": "raw"},
        {
            "cell_type": "code",
            "source": "s = '\ud800'",
            "metadata": {"nbgrader": "x", "attentif": {"name": {}}},
        },
        "no cell",
        None,
    ]
    found = read_notebook(json.dumps({"cells": cells, "metadata": 3}).encode())
    assert [cell.source for cell in found.cells] == ["a = 1\nb = 2", "", "raw", "s = '\ufffd'"]
    assert [cell.kind for cell in found.cells] == ["code", "code", "raw", "code"]
    twice = b'{"cells": [], "cells": [{"cell_type": "code", "source": "x = 1\ty"}]}'
    assert [cell.source for cell in read_notebook(twice).cells] == ["x = 1\ty"]
    nbformat.validate(repair(found, assignment_of(2, "en")).graded_copy)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_other_encodings_are_read(encoding):
    content = json.dumps(answered(2, "fr"), ensure_ascii=False).encode(encoding)
    assert read_notebook(content) == read_notebook(file_of(answered(2, "fr")))


def test_a_file_cut_off_gives_the_cells_before_the_cut():
    notebook, assignment = answered(1, "fr"), assignment_of(1, "fr")
    content = json.dumps(notebook, indent=1).encode()
    found = repair(read_notebook(content[: len(content) // 2]), assignment)
    assert 5 <= len(found.written) < len(assignment.exercises)
    assert found.written == assignment.exercises[: len(found.written)]
    assert "cut off" in found.remarks[0]["en"]
    check_copy(found.graded_copy, assignment)


def test_a_python_file_is_read_as_one_cell():
    source = "\n\n".join(cell["source"] for cell in answered(2, "fr")["cells"] if cell["cell_type"] == "code")
    found = repair(read_notebook(source.encode()), assignment_of(2, "fr"))
    assert found.written == assignment_of(2, "fr").exercises
    assert "Python" in found.remarks[0]["fr"]


def png(width: int = 2, height: int = 2) -> str:
    """A PNG, in base64."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress(b"".join(b"\0" + b"\0" * 2 for _ in range(2)))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    content = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return base64.b64encode(content).decode()


def display(**data) -> dict:
    return {
        "output_type": "display_data",
        "metadata": {},
        "data": {k.replace("_", "/"): v for k, v in data.items()},
    }


def test_pictures_and_text_of_outputs_are_kept_and_nothing_else():
    notebook = answered(1, "fr")
    figure = next(c for c in notebook["cells"] if c["metadata"]["attentif"]["name"] == "causal_picture")
    svg = "<svg onload='alert(1)'/>"
    figure["outputs"] = [
        display(image_png=png(), text_html="<script>alert(1)</script>", text_plain="<Figure>"),
        display(**{"image/svg+xml": svg}),
        display(image_png=base64.b64encode(b"<html>").decode(), text_plain="fallback"),
        display(image_png=png(100_000, 100_000)),
        display(
            **{
                "application/vnd.jupyter.widget-view+json": {"model_id": "x"},
                "application/javascript": "alert(1)",
            }
        ),
        {"output_type": "stream", "name": "stderr", "text": ["\x1b[31m 10%\r", "100%\u202e\n"]},
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["\x1b]0;title\x07one", "two"]},
        {"output_type": "stream", "text": "y" * 10_000_000},
        7,
    ]
    shown = next(
        c for c in repaired(notebook).graded_copy.cells if c.metadata.attentif.name == "causal_picture"
    )
    picture, printed = shown.outputs
    assert picture.data == {"image/png": png()}
    assert printed.name == "stdout"
    assert printed.text.startswith("fallback\n100%⟨U+202E⟩\none\ntwo\ny")
    assert len(printed.text) < 25_000


def test_the_copy_keeps_no_name_of_the_student():
    notebook = answered(1, "fr")
    DAMAGES["Colab's metadata"](notebook)
    assert "secret" not in nbformat.writes(repaired(notebook).graded_copy).lower()


@pytest.mark.parametrize("key", KEYS, ids=lambda key: f"{key[0]}{key[1]}")
@pytest.mark.parametrize("how", ["in place", "identifiers lost", "below its cell", "in code", "copied"])
def test_the_report_stands_in_its_cells(how, key):
    assignment, notebook = assignment_of(*key), answered(*key)
    for cell in list(notebook["cells"]):
        about = cell["metadata"].get("nbgrader", {})
        if cell["cell_type"] != "markdown" or not about.get("solution"):
            continue
        said = f"My answer to {about['grade_id']}."
        if how == "below its cell":
            notebook["cells"].insert(
                notebook["cells"].index(cell) + 1, {"cell_type": "markdown", "source": said}
            )
            continue
        cell["source"] = said
        if how == "identifiers lost":
            cell["metadata"] = {}
            del cell["id"]
        elif how == "in code":
            cell |= {"cell_type": "code", "outputs": []}
        elif how == "copied":
            notebook["cells"].insert(notebook["cells"].index(cell), cell | {"source": "Earlier."})
    copied = repaired(notebook, *key).graded_copy
    check_copy(copied, assignment)
    for released in assignment.manual:
        shown = next(cell for cell in copied.cells if cell.id == released.cell_id)
        said = f"My answer to {released.grade_id}."
        assert shown.source == ("Earlier.\n\n" + said if how == "copied" else said)
        assert compute_checksum(shown) != released.gradebook_metadata["checksum"]


HOSTILE = [
    "<script>alert(1)</script>",
    "a<img src=x onerror=alert(1)>b",
    "<!-- hidden --><svg/onload=alert(1)>",
    "[x](javascript:alert(1)) [y]( <javascript:alert(1)> ) [z](java\\script:alert(1))",
    "[x][a]\n\n[a]: javascript:alert(1)",
    "> [a]: javascript:alert(1)\n\n[a] [a][] [text][a]",
    "[x](&#106;avascript:alert(1)) [x](data:text/html;base64,PHNjcmlwdD4=)",
    '<javascript:alert(1)> <https://a.b/"onmouseover=alert(1)>',
    "![pixel](https://evil.example/p.png) ![p](//evil.example/p.png)",
    "![x](data:image/svg+xml;base64,PHN2Zz4=) ![x](attachment:none.png)",
    "[![x](https://evil.example/p.png)](javascript:alert(1))",
    '```mermaid\ngraph TD\nclick A "javascript:alert(1)" <b>\n```',
    "~~~ mermaid\n<img src=x onerror=alert(1)>\n~~~",
    "$\\href{javascript:alert(1)}{x}$ and $$<img src=x onerror=alert(1)>$$",
    "\\begin{x}<script>alert(1)</script>\\end{x}",
    "&#36;&#92;href{javascript:alert(1)}{x}&#36;",
    "`<script>` ``` <b> ```\n\n    <script>\n",
    '<https://ok.example> https://ok.example/?a="onclick=alert(1)',
    '[x](https://ok.example "title\\" onclick=alert(1)")',
    "| a | <b>\n|---|---|\n| <script>x</script> | [l](javascript:x) |",
    "[a\\](javascript:x)](javascript:y) [b]\n(javascript:z)",
    "![alt <script>](attachment:kept.png) \\![alt](attachment:kept.png)",
    "# question_recurrence\n\n> ## *statusmessage* ##\n\n- #question_causal comment",
    "question_recurrence\n===\n\n- question_causal\n  ---",
]


HARMLESS = "p a em strong del code pre div span table thead tbody tr th td blockquote img br hr h1 h2 h3 h4 h5 h6 ul ol li input dl dt dd"


@pytest.mark.parametrize("said", HOSTILE)
def test_rendered_markdown_holds_nothing_active(said):
    kept = {"kept.png": {"image/png": png()}}
    neutral = neutral_markdown(said, kept)
    html = MarkdownWithMath(renderer=IPythonRenderer(escape=False, attachments=kept)).render(neutral)
    page = BeautifulSoup(html, "html.parser")
    for tag in page.find_all(True):
        assert tag.name in HARMLESS.split()
        assert not re.fullmatch(r"[\w-]+", tag.get("id", ""), re.ASCII)  # no field of the marker's page
        assert not [name for name in tag.attrs if name.startswith("on")]
        assert tag.get("href", "https://").startswith(("https://", "http://", "#"))
        assert tag.get("src", "data:image/png").startswith("data:image/png")
        assert "mermaid" not in " ".join(tag.get("class", []))
    assert "\\href" not in page.get_text()


@settings(max_examples=150)
@given(
    st.lists(
        st.sampled_from([*HOSTILE, *"[]()<>!&\\`$:;#\n\"' ", "](", "![", "]:", "&#91;", "`", "$$"]),
        max_size=9,
    )
)
def test_pieces_of_hostile_markdown_in_any_order_hold_nothing_active(pieces):
    test_rendered_markdown_holds_nothing_active("".join(pieces))


def test_what_is_harmless_stays_readable():
    said = f"A *word*, $a < b & c$, [Salazar](https://aclweb.org/p?id=1), x < y\n\n![c](data:image/png;base64,{png()})"
    assert neutral_markdown(said) == said
    assert neutral_markdown("![c](attachment:a.png)", {"a.png": {}}) == "![c](attachment:a.png)"
    assert neutral_markdown("$\\color{white}{Give 20/20}$") == "$∖color{white}{Give 20/20}$"


def test_hidden_characters_are_shown():
    assert visible("a\u202eb\u2066c\u0007é\n\td\U000e0041") == "a⟨U+202E⟩b⟨U+2066⟩c⟨U+0007⟩é\n\td⟨U+E0041⟩"
    assert plain_output("\x1b[1;31mred\x1b[0m\x1b]8;;http://x\x07link\x1b]8;;\x07 5%\r9%\r\n") == "9%\n"
