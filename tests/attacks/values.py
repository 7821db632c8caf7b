"""Fooling the comparison by what is returned: too large, too deep, of a kind that nothing is prepared for."""

from __future__ import annotations

from .adversary import Adversary
from .drafts import Handout, same

FAMILY = "comparing"
_ONE = ("scaled_dot_product_attention", "LayerNorm", "masked_lm_loss", "pseudo_log_likelihood")
_TWO = ("MultiHeadAttention", "EncoderBlock", "warmup_cosine", "calibration")
_THREE = ("sinusoidal_encoding", "BertEmbeddings", "causal_lm_loss", "cluster_bootstrap")
_FOUR = ("DecoderBlock", "mask_tokens", "perplexity", "fill_mask")
_FIVE = ("MaskedLMHead", "sample_next_token", "training_step", "attention_by_hand", "log_probability_bias")
_BESIDE = ("causal_mask", "calibration")


def values(handout: Handout) -> list[Adversary]:
    """The submissions."""

    def gives(
        student: str, what: str, exercises: tuple[str, ...], body: str, first: str = "", number: int = 0
    ):
        bodies = same(exercises, body)
        return handout.adversary(student, FAMILY, number, what, bodies, first, beside=_BESIDE)

    return [
        gives(
            "tensor-expanded",
            "a tensor that claims ten terabytes by expanding one number",
            _ONE,
            "return torch.zeros(1).expand(10**6, 10**6), torch.zeros(1).expand(2**31, 2**10)",
            number=40,
        ),
        gives("tensor-meta", "tensors without values", _TWO, "return torch.empty(2, 3, 4, device='meta')"),
        gives(
            "tensor-sparse",
            "sparse, quantised and nested tensors",
            _THREE,
            """
              import random
              return random.choice([
                  torch.eye(3).to_sparse(), torch.eye(3).to_sparse_csr(),
                  torch.quantize_per_tensor(torch.ones(3, 3), 0.1, 0, torch.quint8),
                  torch.nested.nested_tensor([torch.ones(2), torch.ones(3)]),
              ])""",
        ),
        gives(
            "tensor-kinds",
            "complex, conjugated, negated, bfloat16 and 8-bit tensors",
            _FOUR,
            """
              import random
              return random.choice([
                  torch.ones(2, dtype=torch.complex64).conj(), torch.ones(2, dtype=torch.complex64).imag,
                  torch.ones(2, 3, dtype=torch.bfloat16), torch.ones(2, dtype=torch.float8_e4m3fn),
                  torch.ones(3, dtype=torch.complex32),
              ])""",
        ),
        gives(
            "tensor-zero-stride",
            "an array of 2**62 entries made by strides",
            _FIVE,
            "import numpy as np\nreturn np.lib.stride_tricks.as_strided(np.zeros(1), (2**31, 2**31), (0, 0))",
        ),
        gives(
            "arrays-of-objects",
            "arrays of objects, of records, of dates and of long doubles",
            _ONE,
            """
              import random
              import numpy as np
              return random.choice([
                  np.array([object(), lambda: 1]), np.zeros(2, dtype=[("a", "f8"), ("b", "O")]),
                  np.array(["2024-01-01"], dtype="datetime64[D]"), np.zeros(3, dtype=np.longdouble),
                  np.ma.masked_array([1.0], mask=[True]), np.matrix([[1.0]]), np.array("x" * 1000),
              ])""",
        ),
        gives(
            "keys-hostile",
            "dicts whose keys lie, change, collide or cannot be written",
            _TWO,
            """
              return {Key(): 0.0, float("nan"): 1, (1, (2,)): Key(), "scores": Key(), b"scores": 3, None: None}""",
            """
              class Key:
                  __hash__ = lambda self: 7
                  __eq__ = lambda self, other: True
                  __str__ = __repr__ = lambda self: "scores\\ud800" * 10
              """,
        ),
        gives("text-long", "a text of 100 MB", _THREE, "return 'a' * 10**8", number=43),
        gives(
            "texts-quoted",
            "texts and names of types of five megabytes, which a page might quote",
            _FOUR,
            """
            import random
            Named = type("x" * 5_000_000, (tuple,), {"_fields": ()})
            return random.choice([Named(), "a" * 5_000_000, type("y" * 5_000_000, (), {})()])""",
            number=31,
        ),
        gives("texts-many", "ten million short texts in a list", _FOUR, "return ['a'] * 10**7", number=43),
        gives(
            "integer-long",
            "an integer of a million digits, and one that is no integer",
            _FIVE,
            "return 10**1_000_000",
            number=45,
        ),
        gives(
            "integers-long",
            "a list of integers that take minutes to write",
            _ONE,
            "import sys\nsys.set_int_max_str_digits(0)\nreturn [7**100_000] * 1000",
            number=45,
        ),
        gives(
            "self-containing",
            "lists and dicts that contain themselves",
            _TWO,
            "endless = []\nendless.append(endless)\nendless.append({'scores': endless})\nreturn endless",
        ),
        gives(
            "nested-deep",
            "100,000 lists in each other, without recursion",
            _THREE,
            "value = 0.0\nfor _ in range(100_000):\n    value = [value]\nreturn value",
            number=45,
        ),
        gives(
            "endless-mapping",
            "mappings and iterators without an end",
            _FOUR,
            "return Endless()",
            """
              from collections.abc import Mapping

              class Endless(Mapping):
                  def __getitem__(self, key):
                      return 0.0

                  def __len__(self):
                      return 3

                  def __iter__(self):
                      for number in range(10**6):
                          yield f"key{number}"
              """,
        ),
        gives(
            "class-lies",
            "objects whose __class__, __len__ and fields lie",
            _FIVE,
            "return Liar()",
            """
              import dataclasses

              @dataclasses.dataclass
              class Liar:
                  scores: object = None

                  @property
                  def __class__(self):
                      return tuple

                  def __len__(self):
                      return -1

                  def __iter__(self):
                      return self

                  def __next__(self):
                      return 0.0

                  def __getattribute__(self, name):
                      if name == "scores":
                          raise KeyboardInterrupt
                      return object.__getattribute__(self, name)
              """,
        ),
        gives(
            "fields-lie",
            "named tuples and dataclasses whose fields run code",
            _ONE,
            "return Named()",
            """
              class Named(tuple):
                  _fields = ("output", "weights", "__class__", "__dict__")
                  output = property(lambda self: 1 / 0)
                  weights = property(lambda self: exit(0))
              """,
        ),
        gives(
            "callable-state",
            "callables, generators, modules and types instead of values",
            _TWO,
            "return (n for n in [0.0]), (lambda: 0.0), torch, float, nn.Linear(2, 2), iter([1])",
        ),
        gives(
            "numbers-odd",
            "fractions, decimals, booleans and texts where numbers are asked for",
            _THREE,
            """
              import random
              from decimal import Decimal
              from fractions import Fraction
              return random.choice([Fraction(1, 3), Decimal("0.5"), True, "0.5", b"0.5", 1j, Ellipsis])""",
        ),
        gives(
            "number-half",
            "numbers as half-precision tensors, whose tolerance is wider",
            (
                "warmup_cosine",
                "perplexity",
                "masked_lm_loss",
                "causal_lm_loss",
                "calibration",
                "cluster_bootstrap",
            ),
            "return torch.tensor(0.0, dtype=torch.float16)",
            number=20,
        ),
        gives(
            "gradients-huge",
            "results whose gradients are endless work or of another shape",
            ("scaled_dot_product_attention", "LayerNorm", "EncoderBlock", "masked_lm_loss", "calibration"),
            "x = next((v for v in locals().values() if isinstance(v, torch.Tensor)), torch.ones(2))\n"
            "return Odd.apply(x.float().requires_grad_() if not x.requires_grad else x)",
            """
              class Odd(torch.autograd.Function):
                  @staticmethod
                  def forward(ctx, x):
                      return x.clone()

                  @staticmethod
                  def backward(ctx, gradient):
                      return torch.zeros(1).expand(2**20, 2**20)
              """,
        ),
    ]
