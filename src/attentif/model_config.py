"""The sizes of a model, checked before anything is built."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from attentif.errors import InputError, too_small
from attentif.language import text
from attentif.layers import ACTIVATIONS


@dataclass(frozen=True)
class ModelConfig:
    """The sizes of a model.

    Args:
        vocab_size: V.
        d_model: D.
        n_layers: number of blocks (of each kind, in a Seq2Seq).
        n_heads: H, a divisor of D.
        max_length: the longest sequence (the context).
        d_ff: width of the feed-forward networks; 4 D when None.
        dropout: one probability for embeddings, attention weights and sublayers.
        activation: "gelu" (exact), "gelu_tanh" (its approximation, GPT-2's) or "relu".
        norm_first: pre-norm (True) or post-norm (False).
        n_segments: kinds of segment in a masked model (0: no segment embedding).
        learned_positions: a learned position table, or the sinusoidal encoding.
        scale_embeddings: multiply token embeddings by √D, see `TokenEmbeddings`; not in a model with segments,
            whose embeddings are normalised.
        bias: whether the attention projections have a bias.
        pad_id: the id of padding.
        init_std: standard deviation of the initial weights; 1/√D when None.
            Deviation: BERT and GPT take 0.02, too small for narrow models to learn with.
        norm_eps: ε of all normalisations; when None 1e-12 in a model with segments, as in BERT, else 1e-5.

    Raises:
        InputError: a size that cannot be built.
    """

    vocab_size: int
    d_model: int = 64
    n_layers: int = 2
    n_heads: int = 4
    max_length: int = 64
    d_ff: int | None = None
    dropout: float = 0.1
    activation: str = "gelu"
    norm_first: bool = True
    n_segments: int = 2
    learned_positions: bool = True
    scale_embeddings: bool = False
    bias: bool = True
    pad_id: int = 0
    init_std: float | None = None
    norm_eps: float | None = None

    def __post_init__(self) -> None:
        sizes = {"vocab_size": 1, "d_model": 1, "n_layers": 1, "n_heads": 1, "max_length": 1, "n_segments": 0}
        for name, least in {**sizes, "d_ff": 1, "init_std": 0, "norm_eps": 0}.items():
            value = getattr(self, name)
            if value is not None and not value >= least:  # NaN is refused too
                raise too_small(name, value, least)
        if self.d_model % self.n_heads:
            fitting = [h for h in range(1, self.d_model + 1) if self.d_model % h == 0]
            nearest = min(fitting, key=lambda h: abs(h - self.n_heads))
            raise InputError(
                expected=text("d_model to be a multiple of n_heads", "un d_model multiple de n_heads"),
                got=text(
                    f"d_model={self.d_model} and n_heads={self.n_heads}",
                    f"d_model={self.d_model} et n_heads={self.n_heads}",
                ),
                remedy=text(f"take n_heads={nearest}, for example", f"prenez n_heads={nearest}, par exemple"),
            )
        if not self.learned_positions and self.d_model % 2:
            raise InputError(
                expected=text(
                    "an even d_model with sinusoidal positions",
                    "un d_model pair avec des positions sinusoïdales",
                ),
                got=f"d_model={self.d_model}",
                remedy=text("add or remove one dimension", "ajoutez ou retirez une dimension"),
            )
        if not 0.0 <= self.dropout < 1.0:
            raise InputError(
                expected=text("dropout in [0, 1)", "un dropout dans [0, 1["),
                got=str(self.dropout),
                remedy=text("0.1 is a usual value", "0,1 est une valeur courante"),
            )
        if self.activation not in ACTIVATIONS:
            raise InputError(
                expected=text(
                    f"activation to be one of {', '.join(ACTIVATIONS)}",
                    f"une activation parmi {', '.join(ACTIVATIONS)}",
                ),
                got=repr(self.activation),
                remedy=text("choose one of these names", "choisissez l'un de ces noms"),
            )

    @property
    def hidden_width(self) -> int:
        """Width of the feed-forward networks."""
        return self.d_ff if self.d_ff is not None else 4 * self.d_model

    @property
    def eps(self) -> float:
        """ε of the normalisations of an encoder, chosen if it was not given."""
        return self.norm_eps if self.norm_eps is not None else 1e-12 if self.n_segments else 1e-5

    def to_dict(self) -> dict:
        """Plain values, as saved beside the weights."""
        return asdict(self)
