"""One vector a sentence, for SEAT: which one is taken decides the result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, get_args

import torch
from torch import Tensor, nn

from attentif.bias.likelihood import check_sentences
from attentif.bias.scorer import MaskedScorer
from attentif.errors import InputError
from attentif.language import text

Pooling = Literal["cls", "mean", "first"]


def sentence_vectors(
    model: nn.Module,
    tokenizer: Any,
    sentences: Sequence[str],
    pooling: Pooling = "mean",
    layer: int = -1,
    batch_size: int = 64,
) -> Tensor:
    """A vector of each sentence, from one layer of a model.

    "cls": of the first special token; "mean": of all tokens of the text, specials left out; "first": of the first token
    of the text. The published SEAT results take the first word, without specials around the sentence; others the
    mean, specials included. On one encoder the same test can have opposite signs under two of them.

    Args:
        model, tokenizer: a masked language model, of `transformers` or of this library, and its tokenizer.
        sentences: N texts without masks.
        pooling: see above.
        layer: 0 for the embeddings, −1 for the last.
        batch_size: sentences at once.

    Returns:
        (N, D), float32 or the model's own dtype, on the CPU, not normalised.

    Raises:
        InputError: no list of sentences, an unknown pooling, a layer that the model does not have.

    Source: May et al. 2019, "On Measuring Social Biases in Sentence Encoders", §3.

    >>> from attentif.corpus.tokenizers import WordTokenizer
    >>> from attentif.models import MaskedLM, ModelConfig
    >>> tokenizer = WordTokenizer(["he", "she", "sleeps", "."])
    >>> model = MaskedLM(ModelConfig(tokenizer.vocab_size, d_model=6, n_heads=2))
    >>> sentence_vectors(model, tokenizer, ["he sleeps .", "she sleeps"]).shape
    torch.Size([2, 6])
    """
    from attentif.limits.inside import hidden_states

    check_sentences(sentences, batch_size)
    if pooling not in get_args(Pooling):
        raise InputError(
            expected=text(
                f"pooling to be one of {', '.join(get_args(Pooling))}",
                f"pooling parmi {', '.join(get_args(Pooling))}",
            ),
            got=repr(pooling),
            remedy=text("say which one in your report", "dites dans votre rapport laquelle vous prenez"),
        )
    scorer = MaskedScorer(model, tokenizer)
    encodings = [scorer.encode(sentence, masks_allowed=False) for sentence in sentences]
    vectors = []
    for start in range(0, len(encodings), batch_size):
        part = encodings[start : start + batch_size]
        states = hidden_states(scorer, [encoding.ids for encoding in part])  # (L + 1, B, T, D)
        if not -len(states) <= layer < len(states):
            raise InputError(
                expected=text(f"a layer from 0 to {len(states) - 1}", f"une couche de 0 à {len(states) - 1}"),
                got=repr(layer),
                remedy=text("0 is the embeddings", "0 désigne les plongements"),
            )
        for row, encoding in enumerate(part):
            places = {"cls": [0], "mean": list(encoding.positions), "first": [encoding.positions[0]]}[pooling]
            vectors.append(states[layer, row, places].mean(dim=0))
    return torch.stack(vectors)
