"""Abuse of the known-good parts that the judge lends: to keep them, to be given others, to wear the judge out."""

from __future__ import annotations

from .adversary import Adversary
from .drafts import Handout, same
from .frames import SOCKETS

FAMILY = "reading"
_BLOCKS = ("EncoderBlock", "DecoderBlock", "BertEmbeddings", "MaskedLMHead", "MultiHeadAttention")

# Puts a question to the judge as the worker's own code would.
_ASK = (
    SOCKETS
    + '''
import gc

def _ask(question):
    """The answer of the judge, or None."""
    from attentif_worker.remote_parts import RemoteParts
    for thing in gc.get_objects():
        if isinstance(thing, RemoteParts):
            try:
                return thing.ask(question)
            except Exception:
                return None
    return None

def _call(exercise, tensors, args, **more):
    from attentif.checks.values import Record
    import numpy as np
    return _ask({"part": "call", "exercise": exercise, "tensors": tensors, "needs": [False] * len(tensors),
                 "grad": False, "args": args, "kwargs": {}, **more})
'''
)


def lending(handout: Handout) -> list[Adversary]:
    """The submissions."""

    def make(student: str, what: str, bodies: dict[str, str], first: str = _ASK, **more) -> Adversary:
        more.setdefault("beside", ("causal_mask", "calibration"))
        return handout.adversary(student, FAMILY, 35, what, bodies, first, **more)

    wrong = {"scaled_dot_product_attention": "return 0", "LayerNorm": "return x"}
    return [
        make(
            "lent-own",
            "asks for the known-good part of the exercise under judgement",
            {
                name: f"part = _call({name!r}, [], (), made=((8, 2), {{}}), training=False, names=[])\n"
                f"return _call({name!r}, [], ()) or 0"
                for name in (
                    *_BLOCKS,
                    "scaled_dot_product_attention",
                    "masked_lm_loss",
                    "calibration",
                    "fill_mask",
                )
            },
        ),
        make(
            "lent-stored",
            "stores what lent parts answer, in files, shared memory and inherited pipes, for the "
            "exercise whose answer it is",
            {
                "scaled_dot_product_attention": "return _recall() or 0",
                "LayerNorm": "return _recall() or 0",
                "MultiHeadAttention": "_store(self.attend)\nreturn 0",
                "EncoderBlock": "_store(self.attention)\n_store(self.norm_attention)\nreturn x",
                "DecoderBlock": "_store(self.self_attention)\nreturn x",
                "BertEmbeddings": "_store(self.norm)\nreturn 0",
                "calibration": "return _recall() or 0",
            },
            _ASK
            + """
import os, pickle
from multiprocessing import shared_memory
_reader, _writer = os.pipe()
os.set_inheritable(_reader, True)
os.set_blocking(_reader, False)

def _store(part):
    for place in ("/tmp/lent", "/dev/shm/lent", "lent"):
        try:
            pickle.dump(repr(part), open(place, "wb"))
        except OSError:
            pass
    try:
        os.write(_writer, b"lent")
        shared_memory.SharedMemory("lent", create=True, size=64)
    except Exception:
        pass

def _recall():
    for place in ("/tmp/lent", "/dev/shm/lent", "lent"):
        try:
            return pickle.load(open(place, "rb"))
        except OSError:
            pass
    try:
        return os.read(_reader, 100)
    except OSError:
        return None
""",
            beside=("causal_mask",),
        ),
        make(
            "lent-through-block",
            "reaches the answer to one exercise through the lent part of another",
            wrong
            | {
                "MultiHeadAttention": "return self.attend(query, key, value, mask)",
                "EncoderBlock": "for part in (self.attention, self.feed_forward):\n"
                "    for name in ('_lent', 'ask', 'attend', 'forward'):\n        getattr(part, name, None)\n"
                "return self.attention(x, mask=mask)[0]",
                "MaskedLMHead": "return self.norm(hidden)",
                "calibration": "return 0",
            },
        ),
        make(
            "lent-memory",
            "has the judge multiply 60,000 rows by 60,000, which would take 14 gigabytes",
            {
                "MultiHeadAttention": "import numpy as np\nfrom attentif.checks.values import Record\n"
                "long = np.zeros((60000, 1), np.float32)\n"
                "for _ in range(4):\n    _call('scaled_dot_product_attention', [long, long, long],\n"
                "          tuple(Record('tensor', {'number': n}) for n in range(3)))\nreturn 0",
                "EncoderBlock": "import numpy as np\nfrom attentif.checks.values import Record\n"
                "names = [name for name, _ in self.feed_forward.named_parameters()]\n"
                "tensors = [np.zeros((60000, 1), np.float32)] + [\n"
                "    np.zeros((60000,) if 'bias' in name else (60000, 1), np.float32) for name in names]\n"
                "_call('FeedForward', tensors, (Record('tensor', {'number': 0}),), made=((1, 1), {}), training=False,\n"
                "      names=names)\nreturn x",
                "DecoderBlock": "for heads in range(400):\n"
                "    _call('MultiHeadAttention', [], (), made=((1024, 1 + heads), {}), training=False, names=[])\nreturn x",
                "BertEmbeddings": "import numpy as np\nfrom attentif.checks.values import Record\n"
                "for shape in ((2**20, 1), (1, 2**20), (1024, 1024)):\n"
                "    _ask({'part': 'call', 'exercise': 'LayerNorm', 'made': ((8,), {}), 'training': False,\n"
                "          'names': ['weight', 'bias'], 'tensors': [np.zeros(shape, np.float32), np.zeros(2**20, np.float32), np.zeros(2**20, np.float32)],\n"
                "          'needs': [True] * 3, 'grad': True, 'args': (Record('tensor', {'number': 0}),), 'kwargs': {}})\n"
                "return 0",
                "calibration": "return 0",
            },
            beside=("causal_mask", "perplexity"),
        ),
        make(
            "lent-arguments",
            "gives lent parts arguments of every wrong kind",
            {
                name: """
            import numpy as np
            from attentif.checks.values import Record
            tensor = Record("tensor", {"number": 0})
            for args in ((), (tensor,) * 9, ("x",), (Record("tensor", {"number": 10**9}),), (Record("generator", {}),),
                         (Record("generator", {"state": np.zeros(5056, np.uint8)}),), ({"a": [tensor]},)):
                for name in ("scaled_dot_product_attention", "LayerNorm", "MultiHeadAttention", "FeedForward", "__class__"):
                    _call(name, [np.zeros((2, 3, 4), np.float32)], args)
                    _call(name, [], (), made=(args, {"d_model": 8, "norm": "os.system"}), training=False, names=[])
            for names in (["__class__"], ["weight.data"], ["forward"], ["_parameters"], ["training"], [""]):
                _ask({"part": "call", "exercise": "LayerNorm", "made": ((3,), {}), "training": True, "names": names,
                      "tensors": [np.zeros(3)], "needs": [True], "grad": True, "args": (), "kwargs": {}})
            _ask({"part": "backward", "number": 1, "gradients": [np.full(3, np.nan)]})
            return 0"""
                for name in _BLOCKS
            }
            | {"calibration": "return 0"},
        ),
        make(
            "lent-without-end",
            "puts questions to the judge without an end",
            same(
                ("MultiHeadAttention", "BertEmbeddings", "calibration"),
                "import numpy as np\nfrom attentif.checks.values import Record\n"
                "while True:\n    _call('scaled_dot_product_attention', [np.zeros((2, 3, 4), np.float32)] * 3,\n"
                "          tuple(Record('tensor', {'number': n}) for n in range(3)))\n"
                "    if not _sockets():\n        break",
            ),
            beside=("causal_mask",),
        ),
        make(
            "lent-kept-open",
            "keeps its socket to the judge open in a process that outlives the exercise",
            same(
                _BLOCKS,
                """
             import os
             if os.fork() == 0:
                 import time
                 os.setsid()
                 for _ in range(600):
                     _call("scaled_dot_product_attention", [], ())
                     time.sleep(0.1)
                 os._exit(0)
             return 0""",
            )
            | {"calibration": "return 0"},
        ),
    ]
