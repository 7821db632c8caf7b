"""One way to question any masked language model: encode, mask, read log-probabilities.

The differences between the models of `transformers` and those of this library end here, so that a metric
is written once for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from attentif.bias.encoding import Encoding, TextEncoder
from attentif.errors import InputError
from attentif.language import joined
from attentif.language import text as both


class MaskedScorer(TextEncoder):
    """A masked language model and its tokenizer, ready to be questioned.

    Args:
        model: any masked language model of `transformers`, an `attentif.models.MaskedLM`, or a module that
            turns ids (B, T) into logits (B, T, V). Weights, device and training flags are left as they are.
        tokenizer: the model's tokenizer, of `transformers` or of `attentif.corpus.tokenizers`.

    Attributes:
        mask_id, mask_token, unk_id, special_ids: as in `TextEncoder`.
        pad_id: the id that the model knows as padding.
        context: the largest number of tokens T, specials included, or None where there is no limit.

    Raises:
        InputError: the model is no masked model, or the tokenizer has no mask token.

    >>> from attentif.corpus.tokenizers import WordTokenizer
    >>> from attentif.models import MaskedLM, ModelConfig
    >>> scorer = MaskedScorer(MaskedLM(ModelConfig(vocab_size=8)), WordTokenizer(["il", "dort", "."]))
    >>> ids = scorer.encode("il [MASK] .").ids
    >>> ids, scorer.log_probabilities([ids], [[1, 2]]).shape
    ((2, 5, 4, 7, 3), torch.Size([2, 8]))
    """

    def __init__(self, model: nn.Module, tokenizer: Any):
        _check_model(model)
        super().__init__(tokenizer)
        self.model = model
        self.context = _context(model)
        config = getattr(model, "config", None)
        # Our models derive padding from their own pad_id, so it comes first.
        places = [(config, "pad_id"), (tokenizer, "pad_token_id")]
        places += [(config, "pad_token_id"), (tokenizer, "pad_id")]
        known = (getattr(owner, name, None) for owner, name in places)
        self.pad_id = next((pad_id for pad_id in known if pad_id is not None), 0)

    def encode(self, text: str, masks_allowed: bool = True) -> Encoding:
        """As `TextEncoder.encode`; InputError too for a text that is too long or foreign for the model."""
        encoding = super().encode(text, masks_allowed)
        self._check_ids(encoding.ids)
        return encoding

    def log_probabilities(
        self, sequences: Sequence[Sequence[int]], positions: Sequence[Sequence[int]]
    ) -> Tensor:
        """ln P(· | sequence) over the whole vocabulary, at the asked positions only.

        The sequences go through the model as one batch, in evaluation mode, without gradients. They may
        have different lengths: padding is added and hidden from the model.

        Args:
            sequences: B lists of token ids, specials included.
            positions: B lists, the positions to read in each sequence.

        Returns:
            float64 (N, V), nats, one row for each asked position: those of the first sequence, then
            those of the second...

        Raises:
            InputError: nothing to score, ids that the model does not have, too many tokens, or logits
                that are no numbers.
        """
        self._check_batch(sequences, positions)
        longest = max(map(len, sequences))
        device = next((weights.device for weights in self.model.parameters()), torch.device("cpu"))
        token_ids = torch.full((len(sequences), longest), self.pad_id, device=device)  # (B, T)
        visible = torch.zeros_like(token_ids)  # (B, T), 1 for a token and 0 for padding
        for row, ids in enumerate(sequences):
            token_ids[row, : len(ids)] = torch.tensor(list(ids), device=device)
            visible[row, : len(ids)] = 1
        with evaluation_mode(self.model), torch.no_grad():
            if _from_hub(self.model):
                output = self.model(input_ids=token_ids, attention_mask=visible)
            else:
                output = self.model(token_ids)  # padding is known by its id
        logits = getattr(output, "logits", output)  # (B, T, V)
        if not isinstance(logits, Tensor) or logits.dim() != 3 or logits.shape[:2] != token_ids.shape:
            raise InputError(
                expected=both(
                    "a model that gives logits (B, T, V)", "un modèle qui donne des logits (B, T, V)"
                ),
                got=type(self.model).__name__,
                remedy=both("load it with AutoModelForMaskedLM", "chargez-le par AutoModelForMaskedLM"),
            )
        rows = [row for row, asked in enumerate(positions) for _ in asked]
        columns = [column for asked in positions for column in asked]
        asked = logits[rows, columns]  # (N, V)
        # Apple's GPU has no float64; elsewhere the numbers are converted where they are.
        asked = asked.cpu() if device.type == "mps" else asked
        log_probabilities = asked.double().log_softmax(dim=-1)
        if log_probabilities.isnan().any():
            raise InputError(
                expected=both("logits that are numbers", "des logits qui sont des nombres"),
                got=both(
                    f"NaN or infinity from {type(self.model).__name__}",
                    f"NaN ou l'infini, donnés par {type(self.model).__name__}",
                ),
                remedy=both(
                    "reload the weights (diverged training?), or use float32 (overflow of float16)",
                    "rechargez les poids (entraînement qui a divergé ?), ou passez en float32 (dépassement en float16)",
                ),
            )
        return log_probabilities

    def _check_batch(self, sequences: Sequence[Sequence[int]], positions: Sequence[Sequence[int]]) -> None:
        if not len(sequences) or len(sequences) != len(positions) or not all(map(len, sequences)):
            raise InputError(
                expected=both(
                    "sequences of at least one token, and as many lists of positions",
                    "des séquences d'au moins un jeton, et autant de listes de positions",
                ),
                got=both(
                    f"{len(sequences)} sequences and {len(positions)} lists",
                    f"{len(sequences)} séquences et {len(positions)} listes",
                ),
                remedy=both(
                    "give each sequence the list of positions to read",
                    "donnez à chaque séquence la liste des positions à lire",
                ),
            )
        for ids, asked in zip(sequences, positions, strict=True):
            if any(not 0 <= position < len(ids) for position in asked):
                raise InputError(
                    expected=both(
                        f"positions from 0 to {len(ids) - 1}", f"des positions de 0 à {len(ids) - 1}"
                    ),
                    got=str(list(asked)),
                    remedy=both(
                        "count from the first special token", "comptez à partir du premier jeton spécial"
                    ),
                )
            self._check_ids(ids)

    def _check_ids(self, ids: Sequence[int]) -> None:
        if self.context is not None and len(ids) > self.context:
            raise InputError(
                expected=both(
                    f"at most {self.context} tokens, specials included (the model's context)",
                    f"au plus {self.context} jetons, jetons spéciaux compris (le contexte du modèle)",
                ),
                got=str(len(ids)),
                remedy=both("cut the text into sentences", "coupez le texte en phrases"),
            )
        vocab_size = getattr(getattr(self.model, "config", None), "vocab_size", None)
        if vocab_size is not None and max(ids) >= vocab_size:
            raise InputError(
                expected=both(
                    f"token ids below {vocab_size} (the model's vocabulary)",
                    f"des identifiants de jetons inférieurs à {vocab_size} (le vocabulaire du modèle)",
                ),
                got=str(max(ids)),
                remedy=both(
                    "use the tokenizer that the model was trained with",
                    "prenez le tokenizer avec lequel le modèle a été entraîné",
                ),
            )


@contextmanager
def evaluation_mode(model: nn.Module) -> Iterator[None]:
    """Switch dropout off for a while, then give every submodule its own training flag back."""
    flags = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, training in flags:
            module.training = training


def _from_hub(model: nn.Module) -> bool:
    return hasattr(getattr(model, "config", None), "model_type")


def _check_model(model: nn.Module) -> None:
    names = [kind.__name__ for kind in type(model).__mro__]
    causal = getattr(getattr(model, "config", None), "is_decoder", False) or any(
        name.endswith("CausalLM") or name in ("GPT2LMHeadModel", "Seq2Seq") for name in names
    )
    if causal or not isinstance(model, nn.Module):
        raise InputError(
            expected=both("a masked language model", "un modèle de langue masqué"),
            got=joined(
                names[0],
                both(", which reads from left to right", ", qui lit de gauche à droite") if causal else "",
            ),
            remedy=both(
                "take BERT or CamemBERT (AutoModelForMaskedLM), or attentif.models.MaskedLM",
                "prenez BERT ou CamemBERT (AutoModelForMaskedLM), ou attentif.models.MaskedLM",
            ),
        )


def _context(model: nn.Module) -> int | None:
    for name, module in model.named_modules():
        # RoBERTa and CamemBERT count positions from padding_idx + 1: their table holds fewer than its rows.
        if name.endswith("position_embeddings") and getattr(module, "padding_idx", None) is not None:
            return module.num_embeddings - module.padding_idx - 1
    config = getattr(model, "config", None)
    return getattr(config, "max_position_embeddings" if _from_hub(model) else "max_length", None)
