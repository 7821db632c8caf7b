"""Fooling the comparison: objects that say they are equal to anything."""

from __future__ import annotations

from .adversary import Adversary
from .drafts import Handout, cell, same

FAMILY = "comparing"
_ARRAYS = (
    "scaled_dot_product_attention",
    "MultiHeadAttention",
    "sinusoidal_encoding",
    "pseudo_log_likelihood",
)
_LAYERS = ("LayerNorm", "EncoderBlock", "BertEmbeddings", "MaskedLMHead", "DecoderBlock", "calibration")
_NUMBERS = (
    "masked_lm_loss",
    "causal_lm_loss",
    "warmup_cosine",
    "perplexity",
    "calibration",
    "cluster_bootstrap",
)
_LISTS = ("attention_by_hand", "sample_next_token", "mask_tokens", "fill_mask", "log_probability_bias")
_MASKS = ("causal_mask", "padding_mask", "training_step", "fill_mask", "cluster_bootstrap")
_BESIDE = ("causal_mask", "warmup_cosine", "perplexity", "calibration")


def comparing(handout: Handout) -> list[Adversary]:
    """The submissions that lie by their operators; see `values` for those that lie by what they are."""

    def lies(
        student: str, number: int, what: str, exercises: tuple[str, ...], body: str, first: str = "", **more
    ) -> Adversary:
        more.setdefault("beside", _BESIDE)
        return handout.adversary(student, FAMILY, number, what, same(exercises, body), first, **more)

    return [
        lies(
            "equal-numbers",
            15,
            "numbers that are equal to everything",
            _NUMBERS,
            "return Equal(0)",
            """
            class Equal(float):
                def __eq__(self, other):
                    return True
                __ne__ = __lt__ = __gt__ = lambda self, other: False
                __le__ = __ge__ = __eq__
                __sub__ = __rsub__ = __abs__ = __mul__ = lambda self, *a: self
                __hash__ = lambda self: 0
            """,
        ),
        lies(
            "equal-lists",
            15,
            "lists, texts and dicts that are equal to everything",
            _LISTS,
            "return Same([Same(), Same()])",
            """
            class Same(list):
                def __eq__(self, other):
                    return True
                def __ne__(self, other):
                    return False
                def __len__(self):
                    return 3
                def __getitem__(self, place):
                    return self
                def __contains__(self, other):
                    return True
                __hash__ = lambda self: 0

            class Text(str):
                __eq__ = lambda self, other: True
                __hash__ = str.__hash__
            """,
        ),
        lies(
            "torch-function",
            16,
            "a Tensor subclass that answers every torch function with True",
            _ARRAYS,
            "return Liar(torch.zeros(1)), Liar(torch.zeros(1))",
            """
            class Liar(torch.Tensor):
                @staticmethod
                def __new__(cls, data):
                    return torch.Tensor._make_subclass(cls, data)

                @classmethod
                def __torch_function__(cls, function, types, args=(), kwargs=None):
                    if getattr(function, "__name__", "") in ("allclose", "equal", "isclose", "all", "__eq__"):
                        return True
                    return args[0] if args else True
            """,
        ),
        lies(
            "array-function",
            16,
            "an ndarray subclass whose ufuncs always agree",
            _ARRAYS,
            "import numpy as np\nreturn np.zeros((2, 3)).view(Liar)",
            """
            import numpy as np

            class Liar(np.ndarray):
                def __array_ufunc__(self, function, method, *args, **kwargs):
                    return np.bool_(True)

                def __array_function__(self, function, types, args, kwargs):
                    return True

                shape = property(lambda self: (2, 3, 4))
                dtype = property(lambda self: np.dtype("float32"))
            """,
        ),
        lies(
            "operators",
            17,
            "objects with __rsub__, __abs__ and __lt__ of their own",
            _LAYERS,
            "return Void()",
            """
            class Void(nn.Module):
                __rsub__ = __sub__ = __abs__ = __add__ = __radd__ = __mul__ = lambda self, *a: self
                __lt__ = __le__ = __eq__ = lambda self, other: True
                __hash__ = lambda self: 1
                __float__ = lambda self: 0.0
                __len__ = lambda self: 2
                __getitem__ = lambda self, place: self

                def detach(self):
                    return self

                cpu = numpy = item = max = detach
            """,
        ),
        lies(
            "not-a-number",
            18,
            "NaN everywhere, in the right shape",
            (*_LAYERS, "MultiHeadAttention"),
            "x = next(v for v in locals().values() if isinstance(v, torch.Tensor))\n"
            "return torch.full_like(x.float(), math.nan)",
            beside=("causal_mask",),
        ),
        lies(
            "infinite",
            18,
            "infinity everywhere, and differences that are NaN",
            _NUMBERS,
            "return torch.tensor(math.inf) if 'logits' in locals() else math.inf",
        ),
        lies(
            "not-a-number-list",
            18,
            "NaN where lists of numbers are asked for",
            (*_LISTS, "cluster_bootstrap"),
            "return [[('a', math.nan)] * 5] * 3",
        ),
        lies(
            "broadcast-scalar",
            19,
            "one number that would broadcast to any shape",
            _ARRAYS,
            "import numpy as np\nreturn np.float32(0.25)",
        ),
        lies(
            "broadcast-heads",
            19,
            "shapes that lack an axis or have one of size 1",
            (
                "scaled_dot_product_attention",
                "causal_mask",
                "padding_mask",
                "sinusoidal_encoding",
                "calibration",
            ),
            "return (torch.ones(1, 1), torch.ones(1)) if 'query' in locals() else torch.ones(1, 1)",
            beside=("perplexity",),
        ),
        lies(
            "masks-of-numbers",
            20,
            "right masks, as integers, floats and complex numbers",
            ("causal_mask", "padding_mask", "fill_mask", "cluster_bootstrap"),
            "return torch.ones(3, 3).tril().to(torch.complex64) if 'length' in locals() else 1",
            beside=("perplexity",),
        ),
        lies(
            "inputs-returned",
            21,
            "returns its own inputs",
            (
                "LayerNorm",
                "EncoderBlock",
                "DecoderBlock",
                "MultiHeadAttention",
                "MaskedLMHead",
                "pseudo_log_likelihood",
            ),
            "return next((v for v in locals().values() if isinstance(v, torch.Tensor)), 0)",
            beside=("causal_mask",),
        ),
        lies(
            "mutated-later",
            21,
            "a view that a thread changes while it is read",
            ("sinusoidal_encoding", "LayerNorm", "masked_lm_loss", "calibration", "pseudo_log_likelihood"),
            """
            import threading
            shared = torch.zeros(6, 8)

            def flicker():
                for _ in range(10**5):
                    shared.add_(0.001)

            threading.Thread(target=flicker, daemon=True).start()
            return shared
            """,
            beside=("causal_mask",),
        ),
        lies(
            "lazy",
            22,
            "objects that give another value each time they are read",
            _NUMBERS,
            "return Lazy()",
            """
            import itertools

            class Lazy(float):
                turn = itertools.count()

                def __float__(self):
                    return next(Lazy.turn) / 7

                __index__ = __int__ = lambda self: next(Lazy.turn)
                item = __float__

                @property
                def __class__(self):
                    return next(Lazy.turn) % 2 and float or torch.Tensor
            """,
        ),
        lies(
            "random",
            23,
            "another random answer on each call",
            (*_MASKS, "attention_by_hand"),
            "import random\nreturn random.choice([0, 1.0, [], None, torch.rand(3, 3), {'scores': []}])",
            beside=("perplexity",),
        ),
        _public_table(handout, "public-table", FIRST_TABLE),
        _public_table(handout, "public-table-more", SECOND_TABLE),
        _accepted(handout),
    ]


FIRST_TABLE = (
    "scaled_dot_product_attention",
    "LayerNorm",
    "sinusoidal_encoding",
    "masked_lm_loss",
    "calibration",
)
SECOND_TABLE = ("MultiHeadAttention", "warmup_cosine", "perplexity", "causal_lm_loss", "cluster_bootstrap")


def _public_table(handout: Handout, student: str, exercises: tuple[str, ...]) -> Adversary:
    """Looks its inputs up in the public examples, which come with their results."""
    first = """
    import numpy as np
    from attentif.checks.store import load_exercise

    def _flat(value):
        if isinstance(value, torch.Tensor):
            value = value.detach().numpy()
        if isinstance(value, np.ndarray):
            return value.dtype.name, value.shape, np.round(value.astype(np.float64), 4).tolist()
        if isinstance(value, (list, tuple)):
            return [_flat(item) for item in value]
        return value

    def _thawed(value):
        if isinstance(value, np.ndarray):
            return torch.from_numpy(value.copy())
        return type(value)(map(_thawed, value)) if isinstance(value, (tuple, list)) else value

    def looked_up(name, given):
        given = {n: _flat(v) for n, v in given.items() if n not in ("self", "__class__") and v is not None}
        for case in load_exercise(name).cases.values():
            asked = [_flat(v) for v in (*case.request.args, *case.request.kwargs.values())]
            if all(v in list(given.values()) for v in asked if v is not None):
                return _thawed(case.expected.value)
        return 0
    """
    bodies = {name: f"return looked_up({name!r}, dict(locals()))" for name in exercises}
    return handout.adversary(
        student,
        FAMILY,
        24,
        "a table of the public examples and their results",
        bodies,
        first,
        beside=("causal_mask",),
    )


def _accepted(handout: Handout) -> Adversary:
    """Right values in unusual tensors, which are as good as any."""
    language = handout.next_language()
    bodies = {
        "causal_mask": "return torch.ones(2 * length, 2 * length, dtype=torch.bool).tril()[::2, ::2]",
        "sinusoidal_encoding": cell(
            handout.reference("sinusoidal_encoding", language).replace(
                "def sinusoidal_encoding", "def _encoding"
            )
            + "\n\ndef sinusoidal_encoding(length, d_model):\n"
            "    wide = torch.zeros(d_model, length).T\n    wide.copy_(_encoding(length, d_model))\n"
            "    return wide.requires_grad_()\n"
        ),
    }
    honest = {name: handout.points[name] for name in ("causal_mask", "sinusoidal_encoding")}
    return handout.adversary(
        "unusual-tensors",
        FAMILY,
        25,
        "right values that are strided, transposed or ask for a gradient",
        bodies,
        beside=("warmup_cosine",),
        honest=honest,
        language=language,
    )
