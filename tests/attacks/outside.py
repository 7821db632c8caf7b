"""Reading the answers: in other processes, over the network, from one notebook to the next."""

from __future__ import annotations

from .adversary import Adversary
from .drafts import Handout, cell
from .readers import FAMILY, FOUR, ONE, THREE, TWO, reader


def outside(handout: Handout) -> list[Adversary]:
    """Look outside of the process: parents, the network, memory."""

    make = reader(handout)
    return [
        make(
            "parent-read",
            30,
            "reads the environment, command line and memory of every process",
            ONE,
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
             return 0""",
        ),
        make(
            "parent-traced",
            30,
            "traces its parents, and reads their memory by the kernel's call",
            TWO,
            """
             import ctypes, os
             libc = ctypes.CDLL(None)
             for pid in (os.getppid(), 1, 2, 3):
                 libc.ptrace(16, pid, 0, 0)
                 buffer = ctypes.create_string_buffer(4096)
                 libc.process_vm_readv(pid, buffer, 1, buffer, 1, 0)
             libc.prctl(0x59616d61, -1, 0, 0, 0)
             return 0""",
        ),
        make(
            "memory-scanned",
            30,
            "scans its own memory for solutions",
            (
                "scaled_dot_product_attention",
                "LayerNorm",
                "warmup_cosine",
                "mask_tokens",
                "calibration",
                "cluster_bootstrap",
            ),
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
             return 0""",
        ),
        make(
            "network",
            32,
            "posts the inputs and downloads the answer, by every door",
            THREE,
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
                 return 0""",
        ),
        make(
            "exfiltration",
            31,
            "puts the hidden inputs into errors, prints and names of files",
            FOUR,
            """
             given = {n: v for n, v in locals().items() if n != "self"}
             print("INPUTS", given)
             open("inputs.txt", "w").write(repr(given))
             raise ValueError("INPUTS " + repr(given)[:5000])""",
        ),
        _grading_seen(handout),
        make(
            "between-notebooks",
            35,
            "leaves the answers of one notebook for the other, and for the next student",
            ONE,
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
             return 0""",
        ),
        make(
            "installed-tools",
            34,
            "asks a shell, pip and git for the answer",
            TWO,
            """
             import os, subprocess, sys
             for command in (["/bin/sh", "-c", "cat /etc/shadow"], ["git", "log"], [sys.executable, "-m", "pip", "list"]):
                 try:
                     subprocess.run(command, capture_output=True, timeout=2)
                 except Exception:
                     pass
             os.system("touch shell-was-here")
             return 0""",
        ),
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
        "grading-seen",
        FAMILY,
        33,
        "looks whether it is being graded",
        bodies,
        beside=(),
        honest=honest,
        language=language,
    )
