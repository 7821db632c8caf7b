"""A student's first quarter of an hour in JupyterLab, in a real browser: run all, solve an exercise by typing, see it judged.

Slow: `pytest --run-slow tests/test_jupyterlab.py`. ATTENTIF_SCREENSHOTS names a folder that keeps pictures of both themes.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from browser import Browser, wait_for
from built_course import built_course

from attentif.checks.text import LANGUAGES
from attentif_grading.contracts import load_course
from attentif_grading.places import course_home
from attentif_grading.run_cells import SHORT

pytestmark = pytest.mark.slow
HOME = course_home()
WRONG = "return torch.ones(length, length, dtype=torch.bool).triu()"
RIGHT = "return torch.ones(length, length, dtype=torch.bool).tril()"
SAID = {
    "fr": {"todo": "reste à écrire", "cause": "votre masque est transposé", "right": "juste", "hidden": "à la correction"},
    "en": {"todo": "still to be written", "cause": "your mask is transposed", "right": "right", "hidden": "is graded"},
}  # fmt: skip
# The notebook of the page, and the cell of an exercise in it.
PANEL = "[...window.jupyterapp.shell.widgets('main')].find(w => w.content && w.content.widgets)"


def cell(name):
    return f"{PANEL}.content.widgets.find(w => (w.model.sharedModel.getMetadata('attentif') || {{}}).name === {json.dumps(name)})"


@pytest.fixture
def lab(tmp_path):
    """JupyterLab on a student's folder, whose kernels see the students' library."""
    pytest.importorskip("jupyterlab")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    work = tmp_path / "work"
    work.mkdir()
    environment = {
        **os.environ,
        "PYTHONPATH": str(built_course()[0] / "build" / "student" / "src"),
        "HOME": str(tmp_path),
    }
    environment = {
        name: value
        for name, value in environment.items()
        if name not in ("ATTENTIF_GRADING", "ATTENTIF_RUNS")
    }
    options = [
        "--no-browser",
        "--allow-root",
        f"--port={port}",
        "--ServerApp.token=",
        "--ServerApp.password=",
    ]
    options += [
        "--LabApp.expose_app_in_browser=True",
        f"--ServerApp.root_dir={work}",
        "--ServerApp.disable_check_xsrf=True",
    ]
    log = (tmp_path / "lab.log").open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", *options], env=environment, stdout=log, stderr=log
    )
    address = f"http://127.0.0.1:{port}"
    wait_for(lambda: urllib.request.urlopen(f"{address}/api", timeout=5).status == 200, "JupyterLab")
    yield address, work
    process.terminate()
    process.wait(timeout=30)


@pytest.fixture
def browser(tmp_path):
    page = Browser(tmp_path / "profile", width=1200, height=1500)
    page(
        "Emulation.setFocusEmulationEnabled", enabled=True
    )  # else JupyterLab takes no notebook for the current one
    yield page
    page.close()


def execute(browser, command, arguments=None):
    return browser.value(
        f"window.jupyterapp.commands.execute({json.dumps(command)}, {json.dumps(arguments or {})}).then(() => true)"
    )


def output_of(browser, name):
    """What a cell shows, as its JSON: cells out of view are not drawn."""
    return browser.value(f"JSON.stringify({cell(name)}.model.outputs.toJSON())") or ""


def select(browser, name):
    browser.value(
        f"(() => {{ const n = {PANEL}.content; n.activeCellIndex = n.widgets.indexOf({cell(name)}); return true; }})()"
    )
    browser.value(f"{PANEL}.content.scrollToCell({cell(name)}, 'center').then(() => true)")


def write_and_check(browser, exercise, old, new):
    """Replace a line of an exercise's cell by typing over it, run the cell and the checks below it."""
    select(browser, exercise)
    browser.value(f"{PANEL}.content.mode = 'edit'")
    # The line is selected in the editor; what is typed takes its place, as in a person's hands.
    browser.value(
        f"""(() => {{
            const editor = {cell(exercise)}.editor, at = editor.model.sharedModel.getSource().indexOf({json.dumps(old)});
            const place = offset => editor.getPositionAt(offset);
            editor.focus();
            editor.setSelection({{start: place(at), end: place(at + {len(old)})}});
            return true; }})()"""
    )
    browser("Input.insertText", text=new)
    assert browser.value(f"{cell(exercise)}.model.sharedModel.getSource()").count(new) == 1
    execute(browser, "notebook:run-cell")
    select(browser, f"{exercise}_public")
    execute(browser, "notebook:run-cell")


def keep_picture(browser, name):
    folder = os.environ.get("ATTENTIF_SCREENSHOTS")
    if folder:
        picture = browser("Page.captureScreenshot", format="png")["data"]
        Path(folder, f"{name}.png").write_bytes(base64.b64decode(picture))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_first_exercise_in_jupyterlab(language, lab, browser):
    address, work = lab
    said = SAID[language]
    notebook = next(each for each in load_course(HOME).notebooks if each.number == 1)
    name = f"{notebook.file[language]}.ipynb"
    source = shutil.copy(built_course()[0] / "notebooks" / language / name, work)
    content = json.loads(Path(source).read_text(encoding="utf-8"))
    for each in content["cells"]:
        each["source"] = re.sub(*SHORT, "".join(each["source"]), flags=re.MULTILINE)
    Path(source).write_text(json.dumps(content), encoding="utf-8")

    browser.open(f"{address}/lab/tree/{name}")
    wait_for(
        lambda: browser.value(
            f"!!(window.jupyterapp && {PANEL} && {PANEL}.content && {PANEL}.content.widgets.length > 50)"
        ),
        name,
    )
    for kind in ("mousePressed", "mouseReleased"):
        browser("Input.dispatchMouseEvent", type=kind, x=700, y=130, button="left", clickCount=1)
    wait_for(lambda: browser.value("!!window.jupyterapp.shell.currentWidget"), "a notebook in focus")
    wait_for(
        lambda: browser.value(f"{PANEL}.sessionContext.session?.kernel?.status === 'idle'"), "a kernel", 120
    )
    execute(browser, "notebook:run-all-cells")
    wait_for(
        lambda: said["todo"] in output_of(browser, "causal_mask_public"),
        "the check of an unwritten exercise",
        180,
    )
    wait_for(
        lambda: (
            "receipt" in (text := output_of(browser, "submit")) or "AttentifError" in text or len(text) > 300
        ),
        "the last cell",
        400,
    )
    errors = browser.value(
        f"{PANEL}.content.widgets.filter(w => w.model.type === 'code' && w.model.outputs.toJSON().some(o => o.output_type === 'error')).length"
    )
    assert errors == 0

    write_and_check(browser, "causal_mask", "raise NotImplementedError()", WRONG)
    wait_for(lambda: said["cause"] in output_of(browser, "causal_mask_public"), "the name of the mistake")
    keep_picture(browser, f"wrong-{language}-light")
    execute(browser, "apputils:change-theme", {"theme": "JupyterLab Dark"})
    wait_for(lambda: browser.value("document.body.dataset.jpThemeLight") == "false", "the dark theme")
    keep_picture(browser, f"wrong-{language}-dark")
    write_and_check(browser, "causal_mask", WRONG, RIGHT)
    wait_for(lambda: said["right"] in output_of(browser, "causal_mask_public"), "a right answer")
    shown = output_of(browser, "causal_mask_public")
    assert said["cause"] not in shown and said["hidden"] in shown
    keep_picture(browser, f"right-{language}-dark")
    # The picture below it has an alternative text.
    select(browser, "causal_picture")
    execute(browser, "notebook:run-cell")
    wait_for(
        lambda: browser.value(f"{cell('causal_picture')}.outputArea.node.querySelector('img')?.alt"),
        "a picture with its text",
    )
    keep_picture(browser, f"picture-{language}-dark")
    execute(browser, "apputils:change-theme", {"theme": "JupyterLab Light"})
    select(browser, "train_causal")
    keep_picture(browser, f"training-{language}-light")
    select(browser, "submit")
    keep_picture(browser, f"submit-{language}-light")
