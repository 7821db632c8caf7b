"""What a batch is trained on: the terms of its loss, each a mean over its own targets."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn
from torch.nn import functional as F

from attentif.objectives import IGNORED, causal_lm_loss, masked_lm_loss

Batch = dict[str, Tensor]


class CausalObjective:
    """Predict each next token of batch["token_ids"] (B, T + 1).

    Args:
        pad_id: the id of padding, never a target.
        loss: the loss on (logits, token_ids, pad_id).
    """

    def __init__(self, pad_id: int | None = None, loss: Callable = causal_lm_loss):
        self.pad_id, self.loss = pad_id, loss

    def counts(self, batch: Batch) -> dict[str, int]:
        """How many targets each term of the loss is a mean over."""
        targets = batch["token_ids"][:, 1:]
        return {"next": int((targets != self.pad_id).sum()) if self.pad_id is not None else targets.numel()}

    def __call__(self, model: nn.Module, batch: Batch) -> dict[str, Tensor]:
        """The terms of the loss, each a mean in nats a target."""
        token_ids = batch["token_ids"]
        # The last token is only a target: the model need not read it, and its logits are not used. A row of
        # zeros takes its place before the head, where it is D numbers wide and not V.
        hidden = F.pad(model.hidden(token_ids[:, :-1], **_packed(batch)), (0, 0, 0, 1))  # (B, T + 1, D)
        logits = model.head(hidden)  # (B, T + 1, V)
        return {"next": self.loss(logits, token_ids, self.pad_id)}


class MaskedObjective:
    """Predict the masked tokens and, where the batch has pairs, whether B follows A.

    L = L_MLM + L_NSP (Devlin et al. 2019, appendix A.2).

    Args:
        loss: the loss on (logits, labels).
    """

    def __init__(self, loss: Callable = masked_lm_loss):
        self.loss = loss

    def counts(self, batch: Batch) -> dict[str, int]:
        """How many targets each term of the loss is a mean over."""
        counts = {"masked": int((batch["labels"] != IGNORED).sum())}
        return counts | ({"is_next": len(batch["is_next"])} if "is_next" in batch else {})

    def __call__(self, model: nn.Module, batch: Batch) -> dict[str, Tensor]:
        """The terms of the loss, each a mean in nats a target."""
        hidden = model.hidden(batch["token_ids"], batch.get("segment_ids"), **_packed(batch))  # (B, T, D)
        selected = batch["labels"] != IGNORED
        # Only the selected positions are projected on the vocabulary: about 15 % of the work.
        terms = {"masked": self.loss(model.head(hidden[selected]), batch["labels"][selected])}
        if "is_next" in batch:
            # Two classes and no position to leave out: torch's own serves, whatever the loss of the words is.
            answers = model.next_sentence_head(hidden)  # (B, 2)
            terms["is_next"] = F.cross_entropy(answers, batch["is_next"])
        return terms


def _packed(batch: Batch) -> Batch:
    """What a model is told of a batch whose rows are packed (see `attentif.packing`)."""
    return {"slots": batch["slots"]} if "slots" in batch else {}
