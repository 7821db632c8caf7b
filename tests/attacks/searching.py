"""Reading the answers: searching the process and the disk for an expected value."""

from __future__ import annotations

from .adversary import Adversary
from .drafts import Handout
from .readers import FOUR, ONE, THREE, TWO, reader


def searching(handout: Handout) -> list[Adversary]:
    """Look through the process for an expected value."""

    make = reader(handout)
    return [
        make(
            "frames-of-callers",
            26,
            "looks for `expected` in every calling frame",
            ONE,
            """
             import sys
             frame, found = sys._getframe(), []
             while frame is not None:
                 for name, value in frame.f_locals.items():
                     if name in ("expected", "case", "cases", "answer", "outcome", "checks", "request", "judged"):
                         found.append(getattr(value, "expected", value))
                 frame = frame.f_back
             return next((getattr(f, "value", f) for f in found if hasattr(f, "value")), 0)""",
        ),
        make(
            "objects-collected",
            27,
            "looks for results among all objects of the process",
            TWO,
            """
             import gc
             for thing in gc.get_objects():
                 if type(thing).__name__ == "Case" and type(thing.expected).__name__ == "Outcome":
                     return thing.expected.value
             return 0""",
        ),
        make(
            "closures-opened",
            27,
            "looks into closures, defaults and the traceback of an error",
            THREE,
            """
             import gc, types
             for thing in gc.get_objects():
                 if isinstance(thing, types.FunctionType) and thing.__closure__:
                     for cell in thing.__closure__:
                         try:
                             if type(cell.cell_contents).__name__ in ("Outcome", "Case", "CheckSet"):
                                 return cell.cell_contents
                         except ValueError:
                             pass
             try:
                 1 / 0
             except ZeroDivisionError as error:
                 return error.__traceback__.tb_frame.f_back.f_locals.get("expected", 0)""",
        ),
        make(
            "profile-set",
            47,
            "a profiler and a tracer that watch every call of the grader",
            FOUR,
            "return _seen[-1] if _seen else 0",
            """
             import sys, threading
             _seen = []

             def _watch(frame, event, argument):
                 for name in ("expected", "reference", "hidden"):
                     if name in frame.f_locals:
                         _seen.append(frame.f_locals[name])
                 return _watch

             sys.setprofile(_watch)
             sys.settrace(_watch)
             threading.setprofile(_watch)
             """,
        ),
        make(
            "staff-imported",
            29,
            "imports the staff's package, through sys.modules and from guessed folders",
            ONE,
            """
             import importlib, sys
             name = sys._getframe(0).f_code.co_name
             for module in list(sys.modules.values()):
                 if "grading" in getattr(module, "__name__", ""):
                     return module
             for folder in _places:
                 sys.path.insert(0, folder)
             for wanted in ("attentif_grading.exercises", "attentif_grading", "grading.exercises"):
                 try:
                     module = importlib.import_module(wanted)
                     return module.load_exercise(name).reference
                 except BaseException:
                     continue
             return 0""",
            f"""
             import site, sysconfig
             _places = [{str(handout.home)!r} + "/src", {str(handout.home)!r} + "/grading", {str(handout.built)!r},
                        *site.getsitepackages(), sysconfig.get_paths()["purelib"], "/opt/attentif/src", "/course/src"]
             """,
        ),
        make(
            "repository-read",
            29,
            "reads the course's repository and the solutions in it",
            TWO,
            f"""
             import glob, json, sys
             name = sys._getframe(0).f_code.co_name
             found = []
             for pattern in ("/grading/source/**/*.ipynb", "/src/attentif/**/*.py", "/grading/exercises/**/*.py",
                             "/build/**/*.py", "/.git/**", "/src/attentif/**/*.pyc"):
                 for path in glob.glob({str(handout.home)!r} + pattern, recursive=True):
                     try:
                         found.append(open(path, errors="replace").read())
                     except OSError:
                         pass
             for text in found:
                 if "BEGIN SOLUTION" in text or "def " + name in text:
                     try:
                         exec(text, globals())
                         return globals()[name]()
                     except BaseException:
                         pass
             return 0""",
        ),
        make(
            "solutions-globbed",
            29,
            "looks for solutions, notebooks, gradebooks and keys everywhere",
            THREE,
            """
             import glob, os
             loot = []
             for top in ("/", "..", os.path.expanduser("~"), "/tmp", "/home", "/root", "/mnt", "/content"):
                 for pattern in ("*solution*", "*/*solution*", "*.ipynb", "*/*.ipynb", "*gradebook*", "*/*/journal*"):
                     loot += glob.glob(os.path.join(top, pattern))
             for path in loot[:50]:
                 try:
                     exec(open(path).read(), globals())
                 except BaseException:
                     pass
             return 0""",
        ),
        make(
            "own-notebook",
            28,
            "opens its own notebook, which elsewhere holds the hidden tests",
            FOUR,
            """
             import glob
             for path in glob.glob("*.ipynb") + glob.glob("/tmp/**/*.ipynb", recursive=True):
                 text = open(path).read()
                 if "HIDDEN TESTS" in text:
                     return text
             return 0""",
        ),
        make(
            "data-files",
            24,
            "answers with the expected values and the fingerprints of the library's data files",
            ONE,
            """
             import json, sys
             from importlib import resources
             name = sys._getframe(0).f_code.co_name
             name = name if name != "forward" else type(self).__name__
             data = json.loads((resources.files("attentif.checks") / "data" / f"{name}.json").read_text())
             reference = list(data["fingerprints"]["reference"].values())
             return torch.tensor(reference[0]) if reference else 0""",
        ),
        make(
            "calibration-of-checks",
            24,
            "asks the public checks in this process what they expect",
            TWO,
            """
             from attentif.checks.store import known_exercises, load_exercise
             for name in known_exercises():
                 for case in load_exercise(name).cases.values():
                     value = case.expected.value
             return value""",
        ),
    ]
