"""What a pretraining run will cost before it is begun: numbers, memory, operations, time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from attentif.errors import InputError, too_small
from attentif.language import Text, text

ADAM_BYTES = 16  # a float32 weight, its gradient and Adam's two averages
FRAMEWORK_BYTES = 1.0e9  # CUDA's context, kernels and fragmentation


@dataclass(frozen=True)
class Machine:
    """A GPU as its maker describes it.

    Args:
        name: as it is spoken of.
        memory: bytes.
        rate: operations a second of products of matrices in the format that it is fastest with for training.
        format: that format.
        utilisation: the share of `rate` that a pretraining run reaches.
    """

    name: str
    memory: float
    rate: float
    format: str
    utilisation: float


# Memory and dense rates: NVIDIA's data sheets (T4 2019, A100 2021, H100 and H200 2024, SXM). What runs reach of them: 40 to 55 %
# on A100 and H100 (Chowdhery et al. 2022, table 3; nanoGPT's own figures); a T4 throttles at its 70 W.
MACHINES = {
    "t4": Machine("T4", 15.0e9, 65e12, "float16", 0.30),
    "a100": Machine("A100 (40 GB)", 40e9, 312e12, "bfloat16", 0.45),
    "h100": Machine("H100", 80e9, 989e12, "bfloat16", 0.40),
    "h200": Machine("H200", 141e9, 989e12, "bfloat16", 0.40),
}


@dataclass(frozen=True)
class Shape:
    """The sizes that a cost depends on.

    Args:
        layers, width, vocab_size, context, heads: L, D, V, T, H.
        causal: whether every position is a target, not 15 % of them.
    """

    layers: int
    width: int
    vocab_size: int
    context: int
    heads: int
    causal: bool

    def __post_init__(self) -> None:
        for name in ("layers", "width", "vocab_size", "context", "heads"):
            if getattr(self, name) < 1:
                raise too_small(name, getattr(self, name), 1)

    @property
    def in_blocks(self) -> float:
        """Numbers of the blocks: 12 L D² in matrices, 13 L D in biases and norms."""
        return self.layers * (12 * self.width**2 + 13 * self.width)

    @property
    def parameters(self) -> float:
        """All numbers: blocks, the vocabulary's matrix (once: it is tied) and the positions."""
        return self.in_blocks + (self.vocab_size + self.context) * self.width

    @property
    def target_share(self) -> float:
        """How much of the tokens is predicted."""
        return 1.0 if self.causal else 0.15

    def flops_per_token(self) -> float:
        """6 for each number of the blocks, 6 V D for each token that is predicted, 12 L T D for attention.

        Source: Kaplan et al. 2020, §2.1; attention: Chowdhery et al. 2022, appendix B (half of it where it is causal).
        """
        attention = 12 * self.layers * self.context * self.width * (0.5 if self.causal else 1.0)
        return 6 * self.in_blocks + attention + 6 * self.vocab_size * self.width * self.target_share

    def activation_bytes(self, rows: int, half: bool, fused: bool = True, recompute: bool = False) -> float:
        """What a forward pass keeps for the backward one.

        A block keeps 34 bytes a number of its input in half precision (of each: what enters its four matrices, its
        norms, the activation, what dropout dropped) and, where attention is not fused, 5 H T for its weights. When
        recomputing only what enters each block stays, and one block's insides at a time. Of each target the logits
        and their gradient stay, in float32.

        Args:
            rows: of a micro-batch.
            half: whether the forward pass is in half precision; else all is twice as large.
            fused: whether attention never forms its weights.
            recompute: whether blocks are computed again.

        Source: Korthikanti et al. 2022, "Reducing Activation Recomputation in Large Transformer Models", §4.1.
        """
        tokens, unit = rows * self.context, 1.0 if half else 2.0
        weights = 0.0 if fused else 5 * self.heads * self.context
        block = unit * tokens * (34 * self.width + weights)
        entering = unit * tokens * 2 * self.width
        blocks = self.layers * entering + block if recompute else self.layers * block
        return blocks + tokens * self.target_share * self.vocab_size * 8


@dataclass(frozen=True)
class Plan:
    """What a run costs.

    Args:
        parameters: of the model.
        flops: of the whole run.
        seconds: at the machine's rate times what is reached of it.
        memory: bytes at its peak.
        fits: whether that is within the machine's.
        rows: the largest micro-batch that fits; 0 for none.
        advice: what to do where it does not.
    """

    parameters: float
    flops: float
    seconds: float
    memory: float
    fits: bool
    rows: int
    advice: Text


def plan(
    shape: Shape,
    tokens: float,
    machine: Machine,
    rows: int,
    recompute: bool = False,
    utilisation: float | None = None,
) -> Plan:
    """What it costs to train a model of a shape on so many tokens.

    time = tokens · FLOPs a token / (rate · utilisation), a third more when blocks are computed again;
    memory = 16 bytes a parameter (weight, gradient, Adam's averages in float32) + activations + 1 GB.

    Args:
        shape: of the model.
        tokens: that the run sees.
        machine: see `MACHINES`.
        rows: of a micro-batch.
        recompute: whether blocks are computed again.
        utilisation: what is reached of the machine's rate; its own usual share when None.

    Raises:
        InputError: tokens or rows below 1, a utilisation outside (0, 1].

    >>> small = plan(Shape(12, 768, 30522, 128, 12, causal=False), 1e9, MACHINES["t4"], rows=32)
    >>> small.fits, round(small.parameters / 1e6), round(small.seconds / 3600)
    (True, 109, 8)
    """
    share = machine.utilisation if utilisation is None else utilisation
    if tokens < 1 or rows < 1 or not 0 < share <= 1:
        raise InputError(
            expected=text("tokens and rows of at least 1, a utilisation above 0 and at most 1", "au moins 1 jeton et 1 ligne, une utilisation supérieure à 0 et d'au plus 1"),
            got=f"{tokens:g}, {rows}, {share:g}",
            remedy=text("a run reaches 0.3 to 0.5 of a GPU's rate", "un entraînement atteint de 0,3 à 0,5 du débit d'un GPU"),
        )  # fmt: skip
    again = 4 / 3 if recompute else 1.0
    flops = tokens * shape.flops_per_token()

    def memory_of(n: int) -> float:
        return (
            ADAM_BYTES * shape.parameters
            + shape.activation_bytes(n, half=True, recompute=recompute)
            + FRAMEWORK_BYTES
        )

    largest = 0
    while memory_of(2 * max(1, largest)) <= machine.memory and largest < 1 << 20:
        largest = 2 * max(1, largest)
    largest = largest or int(memory_of(1) <= machine.memory)
    fits = memory_of(rows) <= machine.memory
    return Plan(
        parameters=shape.parameters,
        flops=flops,
        seconds=flops * again / (machine.rate * share),
        memory=memory_of(rows),
        fits=fits,
        rows=largest,
        advice=_advice(fits, largest, recompute),
    )


def _advice(fits: bool, largest: int, recompute: bool) -> Text:
    if fits:
        return text("", "")
    if largest:
        return text(
            f"take --batch {largest} and more --accumulation: the same run in smaller pieces",
            f"prenez --batch {largest} et plus d'--accumulation : le même entraînement en plus petits morceaux",
        )
    if not recompute:
        return text("add --recompute, which keeps less", "ajoutez --recompute, qui garde moins")
    return text("take a smaller model or a larger GPU", "prenez un modèle plus petit ou un GPU plus grand")


def machine_named(name: str) -> Machine:
    """A machine by its name.

    Raises:
        InputError: an unknown one.
    """
    if name not in MACHINES:
        raise InputError(
            expected=text(f"a GPU among {', '.join(MACHINES)}", f"un GPU parmi {', '.join(MACHINES)}"),
            got=repr(name),
            remedy=text("take the nearest one", "prenez le plus proche"),
        )
    return MACHINES[name]


def shape_of_parameters(parameters: float, vocab_size: int, context: int, causal: bool) -> Shape:
    """A usual shape of about so many parameters: heads of 64, the width about 64 times the number of layers.

    >>> shape = shape_of_parameters(110e6, 30522, 128, causal=False)
    >>> shape.layers, shape.width
    (12, 768)
    """
    shapes: list[Any] = [
        Shape(layers, 64 * layers + extra, vocab_size, context, layers + extra // 64, causal)
        for layers in range(1, 129)
        for extra in (0, 64, 128)
    ]
    return min(shapes, key=lambda shape: abs(shape.parameters - parameters))
