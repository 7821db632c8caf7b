"""One way to question any masked language model: encode, mask, read log-probabilities.

A metric is written once for the models of `transformers` and for those of this library.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from attentif.bias.encoding import Encoding, TextEncoder
from attentif.bias.output_layer import ROWS, chosen_log_probabilities, output_layer_of
from attentif.bias.reading import check_masked_model, context_of, logits_at, require_numbers, vectors_at
from attentif.bias.short_bert import has_bert_body
from attentif.errors import InputError
from attentif.language import text as both

# A batch is closed early where sequences are long, or many of their positions are read: memory stays flat.
TOKENS_A_SEQUENCE, READ_A_SEQUENCE = 128, 4
# Questions are sorted by length among this many batches, so that neighbours need little padding.
BATCHES_SORTED_TOGETHER = 32


class Question(NamedTuple):
    """How probable are these tokens at these positions of a sequence?

    Args:
        ids: the sequence's token ids, specials included, masks where they are wanted.
        positions: where to read, from 0.
        tokens: the token ids asked for, one a position.
    """

    ids: Sequence[int]
    positions: Sequence[int]
    tokens: Sequence[int]


class _Waiting(NamedTuple):
    """Vectors (N, D) before a model's last matrix, the tokens asked for, and where their values go."""

    vectors: Tensor
    tokens: Tensor
    places: np.ndarray


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
        check_masked_model(model)
        super().__init__(tokenizer)
        self.model = model
        self.context = context_of(model)
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
        asked = logits_at(self.model, *self._places(sequences, positions))  # (N, V)
        # Apple's GPU has no float64; elsewhere the numbers are converted where they are.
        asked = asked.cpu() if asked.device.type == "mps" else asked
        return require_numbers(self.model, asked.double().log_softmax(dim=-1))

    def _places(
        self, sequences: Sequence[Sequence[int]], positions: Sequence[Sequence[int]]
    ) -> tuple[Tensor, Tensor, list[int], list[int]]:
        """One batch: ids and what is visible, each (B, T), and the rows and columns of the asked places."""
        self._check_batch(sequences, positions)
        rows = [row for row, asked in enumerate(positions) for _ in asked]
        columns = [column for asked in positions for column in asked]
        return *self.padded(sequences), rows, columns

    def padded(self, sequences: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
        """Sequences as one batch on the model's device: ids (B, T), and (B, T) with 1 for a token, 0 for padding."""
        longest = max(map(len, sequences))
        token_ids = np.full((len(sequences), longest), self.pad_id)  # (B, T)
        visible = np.zeros_like(token_ids)  # (B, T), 1 for a token and 0 for padding
        for row, ids in enumerate(sequences):
            token_ids[row, : len(ids)] = ids
            visible[row, : len(ids)] = 1
        device = next((weights.device for weights in self.model.parameters()), torch.device("cpu"))
        return torch.from_numpy(token_ids).to(device), torch.from_numpy(visible).to(device)

    def token_log_probabilities(self, questions: Iterable[Question], batch_size: int = 64) -> np.ndarray:
        """ln P(token at position | sequence), for many questions: in batches, sorted by length, in flat memory.

        Args:
            questions: any number, also as a generator: they are taken some batches at a time.
            batch_size: how many sequences go through the model at once, fewer where they are long; the answers do
                not depend on it.

        Returns:
            float64 (N,), nats: one value a token asked for, in the order of the questions.

        Raises:
            InputError: see `log_probabilities`.

        >>> from attentif.checks.recipes import context_model, word_tokenizer
        >>> scorer = MaskedScorer(context_model(8, seed=1), word_tokenizer(["il", "dort", "."]))
        >>> scorer.token_log_probabilities([Question([2, 4, 6, 3], [1], [7]), Question([2, 5, 3], [0, 1], [2, 5])]).shape
        (3,)
        """
        answers, questions = [], iter(questions)
        while together := list(islice(questions, BATCHES_SORTED_TOGETHER * batch_size)):
            answers.append(self._answers(together, batch_size))
        return np.concatenate(answers) if answers else np.empty(0)

    def _answers(self, questions: Sequence[Question], batch_size: int) -> np.ndarray:
        ends = np.cumsum([len(question.tokens) for question in questions])
        values = np.empty(ends[-1])
        layer = output_layer_of(self.model) if has_bert_body(self.model) else None
        waiting: list[_Waiting] = []

        def answer_those() -> None:
            vectors, tokens, places = zip(*waiting, strict=True)
            found = chosen_log_probabilities(layer, torch.cat(vectors), torch.cat(tokens))  # (N,)
            values[np.concatenate(places)] = require_numbers(self.model, found).cpu().numpy()
            waiting.clear()

        for batch in _batches(questions, batch_size):
            asked = [questions[number] for number in batch]
            places = np.concatenate([np.arange(ends[n] - len(questions[n].tokens), ends[n]) for n in batch])
            tokens = torch.tensor([token for question in asked for token in question.tokens])  # (N,)
            where = self._places([q.ids for q in asked], [q.positions for q in asked])
            vectors = None if layer is None else vectors_at(self.model, layer, *where)
            if vectors is None:
                layer = None
                logits = logits_at(self.model, *where)  # (N, V)
                logits = logits.float() if logits.dtype in (torch.float16, torch.bfloat16) else logits
                found = -F.cross_entropy(logits, tokens.to(logits.device), reduction="none")  # (N,)
                values[places] = require_numbers(self.model, found).cpu().numpy()
                continue
            waiting.append(_Waiting(vectors, tokens.to(vectors.device), places))
            if sum(len(each.places) for each in waiting) >= ROWS:
                answer_those()
        if waiting:
            answer_those()
        return values

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


def _batches(questions: Sequence[Question], batch_size: int) -> Iterator[list[int]]:
    """The numbers of the questions, shortest first, in batches that are limited in every way."""
    batch, n_read = [], 0
    asking = (number for number, question in enumerate(questions) if len(question.positions))
    for number in sorted(asking, key=lambda number: len(questions[number].ids)):
        ids, positions, _ = questions[number]
        too_wide = (len(batch) + 1) * len(ids) > batch_size * TOKENS_A_SEQUENCE
        too_many = n_read + len(positions) > batch_size * READ_A_SEQUENCE
        if batch and (len(batch) == batch_size or too_wide or too_many):
            yield batch
            batch, n_read = [], 0
        batch.append(number)
        n_read += len(positions)
    if batch:
        yield batch
