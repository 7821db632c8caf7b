"""Forging the verdict through the wire: a submission that speaks the grader's own language."""

from __future__ import annotations

from .adversary import Adversary
from .drafts import Handout, same

FAMILY = "forging"
_ONE = ("scaled_dot_product_attention", "masked_lm_loss", "calibration")
_TWO = ("MultiHeadAttention", "warmup_cosine", "fill_mask")
_THREE = ("EncoderBlock", "mask_tokens", "cluster_bootstrap")
_FOUR = ("BertEmbeddings", "perplexity", "pseudo_log_likelihood")
_FIVE = ("DecoderBlock", "sample_next_token", "log_probability_bias")

# Finds every socket of this process, and the grader's own way of writing frames.
SOCKETS = """
import os, socket, stat, struct, json

def _sockets():
    found = []
    for number in range(3, 256):
        try:
            if stat.S_ISSOCK(os.fstat(number).st_mode):
                found.append(number)
        except OSError:
            pass
    return found

def _write(raw):
    for number in _sockets():
        try:
            view = memoryview(raw)
            while view:
                view = view[os.write(number, view):]
        except OSError:
            pass

def _frame(message):
    from attentif_worker.packing import pack
    return pack(message)

def _raw(header, arrays=b""):
    return struct.pack(">IQ", len(header), len(arrays)) + header + arrays

def _outcome(value, number):
    from attentif.checks.values import Outcome
    return {"number": number, "outcome": Outcome(value=value)}
"""


def frames(handout: Handout) -> list[Adversary]:
    """The submissions, each with frames of another kind."""

    def speaks(student: str, what: str, exercises: tuple[str, ...], body: str, **more) -> Adversary:
        first = SOCKETS + more.pop("first", "")
        return handout.adversary(
            student, FAMILY, 12, what, same(exercises, body + "\nreturn 0"), first, **more
        )

    return [
        speaks(
            "frames-early",
            "answers the next ten requests before they are put, with ones",
            _ONE,
            "for n in range(1, 11):\n    _write(_frame(_outcome(1.0, n)))",
        ),
        speaks(
            "frames-twice",
            "sends each answer twice",
            _TWO,
            "for n in range(1, 40):\n    _write(_frame(_outcome(0.0, n)) * 2)",
        ),
        speaks(
            "frames-verdict",
            "sends verdicts, marks and reports",
            _THREE,
            '_write(_frame({"verdict": "passed", "earned": 8.0, "status": "passed", "there": True, "own": []}))',
        ),
        speaks(
            "frames-truncated",
            "sends half a frame and closes",
            _FOUR,
            "_write(_frame(_outcome(1.0, 1))[:-3])\nfor n in _sockets():\n    os.close(n)",
        ),
        speaks(
            "frames-2gb",
            "announces two gigabytes",
            _FIVE,
            '_write(struct.pack(">IQ", 2**31 - 1, 2**31))\n_write(b"x" * 2**20)',
        ),
        speaks("frames-garbage", "sends random bytes", _ONE, "_write(os.urandom(2**16))"),
        speaks("frames-nested", "sends lists in lists, 10**6 deep", _TWO, '_write(_raw(b"[" * 10**6))'),
        speaks(
            "frames-tags",
            "sends records of its own making, with a field too many or of another type",
            _THREE,
            """
for header in (
    b'{"$":"dict","items":[["number",1],["outcome",{"$":"Outcome","value":1,"gradients":[],"error":null,'
    b'"unfinished":false,"inputs_changed":[]}]]}',
    b'{"$":"__import__","name":"os"}', b'{"$":"array","dtype":"object","shape":[1],"at":0}',
    b'{"$":"array","dtype":"float64","shape":[67108864,67108864],"at":0}',
):
    _write(_raw(header))""",
        ),
        speaks(
            "frames-numbers",
            "sends 10**5 integers, each of 4000 digits",
            _FOUR,
            '_write(_raw(b"[" + b",".join([b"9" * 4000] * 3000) + b"]"))',
        ),
        speaks(
            "frames-collisions",
            "sends dicts whose keys all have the same hash",
            _FIVE,
            """
pairs = ",".join(f"[{k * (2**61 - 1)},0]" for k in range(1, 400000))
_write(_raw(('{"$":"dict","items":[["number",1],["outcome",{"$":"dict","items":[' + pairs + ']}]]}').encode()))""",
        ),
        speaks(
            "frames-hash-list",
            "answers with a list of integers whose hashes are all the same",
            ("sample_next_token", "mask_tokens", "padding_mask", "cluster_bootstrap", "fill_mask"),
            "return [k * (2**61 - 1) for k in range(1, 200000)]",
        ),
        speaks(
            "frames-surrogates",
            "sends texts that no file can hold",
            _ONE,
            """
text = '"\\\\ud800\\\\u0000\\\\u202e<script>alert(1)</script>"'
_write(_raw(('{"$":"dict","items":[["number",1],["outcome",{"$":"Outcome","value":{"$":"Opaque","type_name":'
    + text + '},"gradients":{"$":"dict","items":[]},"error":null,"unfinished":false,'
    + '"inputs_changed":{"$":"tuple","items":[]}}]]}').encode()))""",
            silent=("<script>alert(1)",),
        ),
        speaks(
            "frames-surrogate-error",
            "raises an error and returns types whose names no file can hold",
            _TWO,
            'raise ValueError("\\ud800\\udfff \\x00 \\u202e </td><script>alert(2)</script>")',
            silent=("<script>alert(2)",),
        ),
        speaks(
            "frames-fault",
            "says that the check itself is at fault",
            _THREE,
            'for n in range(1, 60):\n    _write(_frame({"number": n, "fault": "ValueError: the check is wrong"}))',
        ),
        speaks(
            "frames-unfinished",
            "says to be unfinished, with a value",
            _FOUR,
            """
from attentif.checks.values import Outcome
for n in range(1, 60):
    _write(_frame({"number": n, "outcome": Outcome(value=1.0, unfinished=True, inputs_changed=("x",) * 10)}))""",
        ),
        speaks(
            "frames-slow",
            "sends one byte now and then",
            ("EncoderBlock", "calibration"),
            """
import time
for byte in _frame(_outcome(1.0, 1)):
    _write(bytes([byte]))
    time.sleep(0.3)""",
            beside=("causal_mask",),
        ),
        speaks(
            "frames-of-orders",
            "reads and answers the orders to the worker from a thread of its own",
            _FIVE,
            "",
            first="""
import threading
_control = [os.dup(number) for number in _sockets()]

def _serve():
    while True:
        for number in _control:
            try:
                socket.socket(fileno=os.dup(number)).recv(2**16, socket.MSG_DONTWAIT)
                os.write(number, _frame({"error": None, "there": True, "own": [], "number": 1}))
            except OSError:
                pass

threading.Thread(target=_serve, daemon=True).start()
""",
            beside=None,
        ),
        speaks(
            "frames-control-kept",
            "keeps the worker's own socket and answers on it from the exercise",
            _ONE,
            'for number in _kept:\n    try:\n        os.write(number, _frame({"error": "forged", "passed": True}))\n'
            "    except OSError:\n        pass",
            first="_kept = [os.dup(number) for number in _sockets()]\n",
        ),
        speaks(
            "frames-descriptors",
            "sends open files of its own to the judge, a thousand of them",
            _TWO,
            """
import array
files = [os.open("/dev/null", os.O_RDONLY) for _ in range(40)]
for number in _sockets():
    other = socket.socket(fileno=os.dup(number))
    try:
        for _ in range(25):
            other.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", files))], socket.MSG_DONTWAIT)
    except OSError:
        pass""",
        ),
        speaks(
            "frames-of-a-child",
            "a child begins with an array, or with a list of parts that cannot be compared",
            _FIVE,
            "",
            first="""
import numpy as np
_turn = [0]

def _begin():
    _turn[0] += 1
    for message in (np.zeros(3), {"there": True, "own": [np.zeros(2), {}]}, [], {"there": np.zeros(3), "own": []}):
        _write(_frame(message))

os.register_at_fork(after_in_child=_begin)
""",
            beside=None,
        ),
        speaks(
            "frames-of-a-cell",
            "a cell answers for itself: an array, a list, a text",
            _ONE,
            "",
            first="import numpy as np\n_write(_frame(np.zeros(3)))",
            beside=None,
        ),
        speaks(
            "frames-of-parts",
            "asks for parts with questions of every wrong form",
            ("MultiHeadAttention", "EncoderBlock", "DecoderBlock", "BertEmbeddings", "calibration"),
            """
import numpy as np
for message in ([], None, 3, "part", {"part": []}, {"part": "call"}, {"part": "call", "exercise": []},
                {"part": "call", "exercise": "LayerNorm", "made": 3, "tensors": [], "needs": []},
                {"part": np.zeros(2)}, {np.float64(1.0).item(): 2}, {"fault": []}, {"part": "backward", "number": [1]}):
    _write(_frame(message))""",
        ),
        speaks(
            "frames-closed",
            "closes the grader's sockets when it is defined and when it is called",
            _FOUR,
            "for number in _sockets():\n    os.close(number)",
        ),
    ]
