"""Reading the answers: what the parts of this family share."""

from __future__ import annotations

from collections.abc import Callable

from .adversary import Adversary
from .drafts import Handout, same

FAMILY = "reading"
ONE = ("scaled_dot_product_attention", "LayerNorm", "masked_lm_loss", "calibration", "fill_mask")
TWO = ("MultiHeadAttention", "EncoderBlock", "warmup_cosine", "cluster_bootstrap", "pseudo_log_likelihood")
THREE = ("sinusoidal_encoding", "BertEmbeddings", "causal_lm_loss", "perplexity", "log_probability_bias")
FOUR = ("DecoderBlock", "MaskedLMHead", "mask_tokens", "sample_next_token", "training_step", "calibration")
BESIDE = ("causal_mask", "calibration", "perplexity")


def reader(handout: Handout) -> Callable[..., Adversary]:
    """A function that makes an adversary who answers several exercises with the same body."""

    def make(
        student: str, number: int, what: str, exercises: tuple[str, ...], body: str, first: str = "", **more
    ) -> Adversary:
        more.setdefault("beside", BESIDE)
        return handout.adversary(student, FAMILY, number, what, same(exercises, body), first, **more)

    return make
