"""Killing and exhausting: what must cost the exercise at most, never the rest of the notebook or the class."""

from __future__ import annotations

from .adversary import Adversary
from .drafts import Handout, cell, same

FAMILY = "killing"
_ONE = ("scaled_dot_product_attention", "LayerNorm", "calibration")
_TWO = ("MultiHeadAttention", "warmup_cosine", "fill_mask")
_THREE = ("EncoderBlock", "mask_tokens", "cluster_bootstrap")
_FOUR = ("BertEmbeddings", "masked_lm_loss", "pseudo_log_likelihood")
_FIVE = ("DecoderBlock", "sample_next_token", "training_step", "log_probability_bias")
_BESIDE = ("causal_mask", "perplexity", "calibration", "padding_mask")


def killing(handout: Handout) -> list[Adversary]:
    """The submissions. Each endless one costs the judge's patience: there are few of them."""

    def make(
        student: str, number: int, what: str, exercises: tuple[str, ...], body: str, first: str = "", **more
    ) -> Adversary:
        more.setdefault("beside", _BESIDE)
        return handout.adversary(student, FAMILY, number, what, same(exercises, body), first, **more)

    def at_definition(
        student: str, number: int, what: str, exercise: str, source: str, right: tuple[str, ...]
    ):
        """The definition itself does harm; all other exercises of the notebook are answered rightly."""
        return handout.adversary(student, FAMILY, number, what, {exercise: cell(source)}, beside=right)

    some = ("causal_mask", "padding_mask", "LayerNorm", "warmup_cosine", "masked_lm_loss", "perplexity")
    return [
        make(
            "exit-called",
            36,
            "sys.exit, SystemExit and KeyboardInterrupt in the function",
            _ONE,
            "import random, sys\nraise random.choice([SystemExit(0), KeyboardInterrupt(), GeneratorExit(), BaseException()])",
        ),
        at_definition(
            "exit-at-definition",
            36,
            "sys.exit above the function",
            "mask_tokens",
            "import sys\nsys.exit(0)\ndef mask_tokens(*a, **k):\n    return 0\n",
            some,
        ),
        make("os-exit", 37, "os._exit in the function", _TWO, "import os\nos._exit(0)"),
        at_definition(
            "os-exit-at-definition",
            37,
            "os._exit above the function",
            "LayerNorm",
            "import os\nos._exit(0)\nclass LayerNorm:\n    pass\n",
            some,
        ),
        at_definition(
            "os-exit-second-notebook",
            37,
            "os._exit above the function, in the second notebook",
            "fill_mask",
            "import os\nos._exit(1)\ndef fill_mask(*a, **k):\n    return 0\n",
            ("calibration", "cluster_bootstrap"),
        ),
        make(
            "segfault",
            37,
            "a segmentation fault, an abort and an illegal instruction",
            _THREE,
            "import ctypes, faulthandler\nctypes.string_at(0)",
        ),
        make("abort", 37, "os.abort", _FOUR, "import os\nos.abort()"),
        make(
            "parent-killed",
            38,
            "kills its parent process",
            _ONE,
            "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\nreturn 0",
        ),
        make(
            "everybody-killed",
            38,
            "kills every process that it may",
            _TWO,
            "import os, signal\nos.killpg(0, signal.SIGKILL)\nos.kill(-1, signal.SIGKILL)\nreturn 0",
        ),
        make(
            "everybody-stopped",
            38,
            "stops every process that it may, and low numbers one by one",
            _THREE,
            """
             import os, signal
             for pid in (1, os.getppid(), *range(2, 400)):
                 if pid != os.getpid():
                     for number in (signal.SIGSTOP, signal.SIGTERM, signal.SIGKILL):
                         try:
                             os.kill(pid, number)
                         except OSError:
                             pass
             return 0""",
        ),
        make(
            "endless",
            39,
            "an endless loop",
            ("EncoderBlock", "calibration"),
            "while True:\n    pass",
            beside=("causal_mask", "cluster_bootstrap"),
        ),
        make(
            "endless-caught",
            39,
            "an endless loop that catches every exception, with signals ignored",
            ("LayerNorm",),
            """
             import signal
             for number in range(1, 65):
                 try:
                     signal.signal(number, signal.SIG_IGN)
                 except (OSError, ValueError):
                     pass
             while True:
                 try:
                     while True:
                         pass
                 except BaseException:
                     pass""",
        ),
        make(
            "endless-in-c",
            39,
            "a loop in C, a regular expression that backtracks, a long sleep",
            ("scaled_dot_product_attention", "log_probability_bias"),
            "import re\nif 'query' in locals():\n    re.match('(a+)+$', 'a' * 60 + 'b')\n"
            "import time\ntime.sleep(1e9)",
        ),
        make(
            "endless-at-definition",
            62,
            "an endless loop above the function, answered below it",
            ("warmup_cosine",),
            "return 0",
            last="while True:\n    pass",
            beside=("causal_mask", "perplexity"),
        ),
        make(
            "memory-list",
            40,
            "lists that grow without an end",
            ("MultiHeadAttention", "fill_mask"),
            "kept = []\nwhile True:\n    kept.append(bytes(2**26))",
        ),
        make(
            "memory-tensor",
            40,
            "a tensor of 400 gigabytes, and of 10**18 entries",
            _FOUR,
            "import random\nreturn torch.zeros(random.choice([10**11, 10**18, 10**12]))",
        ),
        make(
            "memory-shared",
            40,
            "shared memory and temporary files until nothing is left",
            _FIVE,
            """
             import mmap, os
             kept = []
             for number in range(200):
                 try:
                     file = open(f"/dev/shm/fill{number}", "wb")
                     file.write(bytes(2**24))
                     kept.append(mmap.mmap(-1, 2**26))
                 except Exception:
                     break
             return 0""",
        ),
        make(
            "fork-bomb",
            41,
            "forks without an end",
            _ONE,
            """
             import os
             for _ in range(10**5):
                 try:
                     os.fork()
                 except OSError:
                     pass
             return 0""",
            beside=("causal_mask", "perplexity"),
        ),
        make(
            "fork-bomb-at-definition",
            41,
            "forks without an end above the function",
            ("mask_tokens", "calibration"),
            "return 0",
            first="""
             import os, time
             _mine = os.getpid()
             for _ in range(500):
                 try:
                     if os.fork() == 0:
                         while True:
                             try:
                                 os.fork()
                             except OSError:
                                 time.sleep(0.01)
                 except OSError:
                     pass
             """,
            beside=("causal_mask", "cluster_bootstrap"),
        ),
        make(
            "thread-bomb",
            41,
            "threads without an end",
            _TWO,
            """
             import threading, time
             for _ in range(10**4):
                 try:
                     threading.Thread(target=time.sleep, args=(60,)).start()
                 except RuntimeError:
                     break
             return 0""",
        ),
        make(
            "daemon",
            42,
            "a daemon that survives its exercise and kills what comes after",
            _THREE,
            """
             import os, signal, time
             if os.fork() == 0:
                 os.setsid()
                 if os.fork() == 0:
                     os.closerange(3, 256)
                     for _ in range(1200):
                         for pid in range(2, 300):
                             if pid != os.getpid():
                                 try:
                                     os.kill(pid, signal.SIGKILL)
                                 except OSError:
                                     pass
                         time.sleep(0.05)
                 os._exit(0)
             return 0""",
        ),
        make(
            "daemon-at-definition",
            42,
            "daemons from the definitions, which stop and change the worker",
            _FOUR,
            "return 0",
            first="""
             import os, signal, time
             _worker = os.getpid()
             if os.fork() == 0:
                 os.setsid()
                 if os.fork() == 0:
                     for _ in range(600):
                         open("daemon-is-here", "w").write("x")
                         time.sleep(0.05)
                 os._exit(0)
             """,
        ),
        make(
            "prints-long",
            43,
            "prints 400 MB, and one line of 100 MB",
            _FIVE,
            "import sys\nfor _ in range(4):\n    print('x' * 10**8)\n    sys.stderr.write('\\r\\x1b[2J' * 10**6)\nreturn 0",
            last="print('y' * 4 * 10**7)",
        ),
        make(
            "displays-many",
            43,
            "a hundred thousand displayed objects",
            _ONE,
            "from IPython.display import HTML, display\nfor _ in range(10**5):\n    display(HTML('<b>x</b>'))\nreturn 0",
        ),
        make(
            "disk-filled",
            44,
            "fills the disk with one file",
            _TWO,
            """
             import os
             with open("fill", "wb") as file:
                 for _ in range(2000):
                     try:
                         file.write(bytes(2**20))
                     except OSError:
                         break
             return 0""",
        ),
        make(
            "files-many",
            44,
            "ten thousand files, folders in folders, names that cannot be read, a sparse file",
            _THREE,
            """
             import os
             for number in range(3000):
                 try:
                     open(f"file{number}\\udcff\\n", "w").close()
                 except (OSError, ValueError):
                     break
             for _ in range(300):
                 try:
                     os.mkdir("d" * 200)
                     os.chdir("d" * 200)
                     os.chmod(".", 0o000 if _ == 299 else 0o700)
                 except OSError:
                     break
             try:
                 open("sparse", "wb").truncate(2**40)
             except OSError:
                 pass
             return 0""",
        ),
        make(
            "recursion",
            45,
            "recursion 10**6 deep, with the limit raised",
            _FOUR,
            "import sys\nsys.setrecursionlimit(10**9)\ndef deeper(n):\n    return deeper(n + 1)\nreturn deeper(0)",
        ),
        make(
            "signals-replaced",
            47,
            "signal handlers and alarms at the top level and in the function",
            _FIVE,
            "import signal\nsignal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)\nsignal.alarm(1)\n"
            "signal.signal(signal.SIGTERM, lambda *a: None)\nreturn 0",
            first="import signal\nsignal.signal(signal.SIGALRM, lambda *a: 1 / 0)\n"
            "signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)\n",
        ),
        make(
            "defaults-changed",
            48,
            "default dtype, device, threads, seeds and the environment at the top level",
            _ONE,
            "return 0",
            first="""
             import os
             torch.set_default_dtype(torch.float64)
             torch.set_default_device("meta")
             torch.set_num_threads(8)
             torch.manual_seed(1)
             torch.set_grad_enabled(False)
             torch.use_deterministic_algorithms(True)
             torch.autograd.set_detect_anomaly(True)
             os.environ.clear()
             """,
        ),
        make(
            "folder-changed",
            49,
            "changes the folder, and puts a torch.py and a random.py into it",
            _TWO,
            "return 0",
            first="""
             import os, sys
             for name in ("torch.py", "random.py", "numpy.py", "json.py", "attentif.py"):
                 try:
                     open(name, "w").write("raise ImportError('shadowed')")
                 except OSError:
                     pass
             sys.path.insert(0, ".")
             sys.path.insert(0, os.getcwd())
             try:
                 os.chdir("/proc")
             except OSError:
                 pass
             """,
        ),
        make(
            "import-patched",
            8,
            "__import__, open and the meta path refuse everything",
            _THREE,
            "return 0",
            last="""
             import builtins, sys

             def _refuse(*a, **k):
                 raise ImportError("refused")

             builtins.__import__ = _refuse
             sys.meta_path.clear()
             sys.modules.pop("json", None)
             """,
            beside=None,
        ),
        make(
            "modules-emptied",
            8,
            "empties sys.modules, the collector and the interpreter's own dictionaries",
            _FOUR,
            "return 0",
            last="""
             import gc, sys
             for _name in list(sys.modules):
                 if _name.startswith(("attentif", "json", "socket", "struct")):
                     del sys.modules[_name]
             gc.disable()
             gc.set_threshold(0)
             """,
            beside=None,
        ),
        make(
            "namespace-changing",
            22,
            "a thread that keeps changing the names of the notebook",
            _FIVE,
            "return 0",
            first="""
             import threading, time

             def _change():
                 for turn in range(10**4):
                     globals()["padding_mask"] = globals()["masked_lm_loss"] = turn
                     time.sleep(0.001)

             threading.Thread(target=_change, daemon=True).start()
             """,
            beside=("causal_mask",),
        ),
        make(
            "worker-limits",
            40,
            "lowers its own limits to nothing",
            _TWO,
            "return 0",
            first="""
             import resource
             for which in (resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC, resource.RLIMIT_FSIZE):
                 try:
                     resource.setrlimit(which, (0, 0))
                 except (OSError, ValueError):
                     pass
             """,
            beside=None,
        ),
    ]
