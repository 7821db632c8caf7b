"""Both notebooks in an environment like Colab's: its IPython, ipykernel, transformers, datasets, numpy and Python.

    python tests/colab/run.py [--out build/colab] [--language fr en] [--untouched]

It makes a virtual environment with the versions of requirements.txt (Python 3.13 where there is one, like Colab's, else
this one), lays out the students' tree with the reference's solutions in the notebooks, runs every cell, and verifies that
the first cell installed the library from its wheel and changed no other package. Exit code 1 if anything went wrong.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
HOME = HERE.parent.parent
HIDDEN = re.compile(r"### BEGIN HIDDEN TESTS.*?### END HIDDEN TESTS", re.DOTALL)


def main() -> int:
    """Make the environment if it is not there, and run the notebooks in it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=HOME / "build" / "colab")
    parser.add_argument("--language", nargs="*", default=["fr", "en"])
    parser.add_argument("--untouched", action="store_true", help="as handed out, without solutions")
    asked = parser.parse_args()
    python = environment(asked.out / "venv")
    tree = lay_out(asked.out / "tree", asked.language, asked.untouched)
    _call(python, "-m", "pip", "uninstall", "-q", "-y", "attentif")
    before = _installed(python)
    notebooks = sorted(map(str, tree.glob("notebooks/*/*.ipynb")))
    names = ("ATTENTIF_GRADING", "ATTENTIF_RUNS", "PYTHONPATH")
    clean = {name: value for name, value in os.environ.items() if name not in names}
    done = subprocess.run(
        [python, HERE / "execute.py", *notebooks], env=clean, capture_output=True, text=True
    )
    if done.returncode:
        print(done.stderr)
        return 1
    found = json.loads(done.stdout.strip().splitlines()[-1])
    changed = sorted(_installed(python) ^ before)
    print(
        json.dumps(
            {"python": _version(python), "packages_changed": changed, "notebooks": found},
            indent=1,
            ensure_ascii=False,
        )
    )
    only_ours = [line.partition("==")[0].partition(" @")[0] for line in changed] == ["attentif"]
    return int(not only_ours or any(each["troubles"] for each in found.values()))


def environment(folder: Path) -> Path:
    """The Python of the environment, made afresh when the list of versions has changed."""
    wanted, made = (HERE / "requirements.txt").read_text(encoding="utf-8"), folder / "made-of.txt"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not made.is_file() or made.read_text(encoding="utf-8") != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        _call(_python_like_colab(), "-m", "venv", folder)
        _call(
            python,
            "-m",
            "pip",
            "install",
            "-q",
            "--disable-pip-version-check",
            "-r",
            HERE / "requirements.txt",
        )
        made.write_text(wanted, encoding="utf-8")
    return python


def _python_like_colab() -> str:
    """Python 3.13 if it is on the path or among pyenv's, else the one that runs this."""
    pyenv = sorted(Path.home().glob(".pyenv/versions/3.13.*/bin/python"))
    for candidate in (*map(str, pyenv), shutil.which("python3.13")):
        if candidate and subprocess.run([candidate, "--version"], capture_output=True).returncode == 0:
            return candidate
    return sys.executable


def lay_out(tree: Path, languages: list, untouched: bool) -> Path:
    """The students' tree: the wheel, and the notebooks with solutions and without hidden checks."""
    shutil.rmtree(tree, ignore_errors=True)
    (tree / "dist").mkdir(parents=True)
    for wheel in (HOME / "build" / "student" / "dist").glob("*.whl"):
        shutil.copy(wheel, tree / "dist")
    for language in languages:
        folder = tree / "notebooks" / language
        folder.mkdir(parents=True)
        sources = f"notebooks/{language}" if untouched else f"grading/source/*-{language}"
        for path in HOME.glob(f"{sources}/*.ipynb"):
            content = json.loads(path.read_text(encoding="utf-8"))
            for cell in content["cells"]:
                cell["source"] = HIDDEN.sub("", "".join(cell["source"]))
            (folder / path.name).write_text(json.dumps(content), encoding="utf-8")
    return tree


def _installed(python: Path) -> set:
    command = [python, "-m", "pip", "freeze", "--disable-pip-version-check"]
    return set(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines())


def _version(python: Path) -> str:
    return subprocess.run([python, "--version"], check=True, capture_output=True, text=True).stdout.strip()


def _call(*command: object) -> None:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    sys.exit(main())
