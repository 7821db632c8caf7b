"""Microcosm: a generated mini-language, in French or English, whose exact probabilities are known.

The best possible loss on it is known (`floor`), and so is the true answer to any question with a [MASK]
(`posterior`); a gender–occupation bias of known size is planted in it (`planted`).
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from typing import Literal

import numpy as np

from attentif.corpus.automaton import Automaton, compile_grammar
from attentif.corpus.corruption import Corruption
from attentif.corpus.floors import Floor
from attentif.corpus.inference import Evidence, backward, joint_states, log_likelihood
from attentif.corpus.quality import Entropy, Quality, measure_entropy, measure_quality
from attentif.corpus.rows import MASK_ID, by_length
from attentif.corpus.sampling import SentenceBatch, SentenceSampler
from attentif.corpus.tokenizers import SPECIAL_TOKENS, WordTokenizer
from attentif.corpus.world import World
from attentif.errors import InputError
from attentif.language import text

DOCUMENTS_A_DRAW = (
    128  # documents drawn together from one stream; a longer corpus begins with the shorter one
)


def _built(language: str, size: str, bias: float | Mapping[str, float]) -> World:
    return importlib.import_module(f"attentif.corpus.microcosm_{language}").build_world(size, bias)


# A world never changes, and takes a moment to build.
_built_once = lru_cache(maxsize=4)(_built)


class Microcosm:
    """A world with its tokenizer, its samples and its exact probabilities.

    language "fr" or "en"; size "small" (at most 300 forms) or "full" (several thousand); bias multiplies
    the planted log-odds, or is a mapping of occupation → log-odds (0 for the others); seed is that of
    `documents`.

    >>> microcosm = Microcosm("fr", "small")
    >>> document = microcosm.documents(1)[0]
    >>> len(document), microcosm.tokenizer.encode(microcosm.text(document[0])) == document[0]
    (8, True)
    """

    def __init__(
        self,
        language: Literal["fr", "en"] = "fr",
        size: Literal["small", "full"] = "small",
        bias: float | Mapping[str, float] = 1.0,
        seed: int = 0,
    ):
        if language not in ("fr", "en") or size not in ("small", "full"):
            raise InputError(
                expected=text(
                    "language fr or en and size small or full", "language fr ou en, et size small ou full"
                ),
                got=text(f"{language} and {size}", f"{language} et {size}"),
                remedy=text("for instance Microcosm('fr', 'small')", "par exemple Microcosm('fr', 'small')"),
            )
        build = _built_once if isinstance(bias, (int, float)) else _built
        self._set_up(build(language, size, bias), seed)

    @classmethod
    def from_world(cls, world: World, seed: int = 0) -> Microcosm:
        """A Microcosm of any world."""
        microcosm = cls.__new__(cls)
        microcosm._set_up(world, seed)
        return microcosm

    def _set_up(self, world: World, seed: int) -> None:
        self.world, self.seed = world, seed
        self.forms = list(world.forms)

    @property
    def language(self) -> str:
        return self.world.language

    @property
    def size(self) -> str:
        return self.world.size

    @property
    def planted(self) -> dict[str, float]:
        """Occupation → planted log P(f | occupation) / P(m | occupation), in nats."""
        return dict(self.world.planted)

    @property
    def pronouns(self) -> tuple[str, str]:
        """The masculine and the feminine pronoun that a template's [MASK] can be."""
        return self.world.pronouns

    @property
    def templates(self) -> tuple[str, ...]:
        """Sentences with {occupation} and one [MASK], in which nothing else reveals the gender."""
        return self.world.templates

    @cached_property
    def tokenizer(self) -> WordTokenizer:
        """One token a form: the five specials, then the forms in alphabetical order."""
        return WordTokenizer(self.forms)

    @property
    def vocab_size(self) -> int:
        """Number of tokens V, specials included."""
        return len(SPECIAL_TOKENS) + len(self.forms)

    @cached_property
    def automaton(self) -> Automaton:
        """The compiled grammar."""
        ids = {form: index for index, form in enumerate(self.forms, start=len(SPECIAL_TOKENS))}
        return compile_grammar(self.world.expressions, ids, self.vocab_size)

    @cached_property
    def floor(self) -> Floor:
        """The best possible losses: floor.causal, floor.masked and floor.next_sentence."""
        return Floor(self.world, self.automaton)

    @cached_property
    def _sampler(self) -> SentenceSampler:
        return SentenceSampler(self.automaton)

    def documents(self, n: int, seed: int | None = None, first: int = 0) -> list[list[list[int]]]:
        """n documents, each a list of sentences, each a list of token ids without specials.

        The same seed gives the same endless series of documents; these are number `first` and those after it.
        """
        if n < 0 or first < 0:
            raise InputError(
                expected=text(
                    "a number of documents, and a first one, >= 0",
                    "un nombre de documents et un premier document >= 0",
                ),
                got=text(f"{n} from number {first}", f"{n} à partir du numéro {first}"),
                remedy=text(
                    "ask for at least one, from number 0 on", "demandez-en au moins un, à partir du numéro 0"
                ),
            )
        length, result = self.world.sentences_per_document, []
        root = self.seed if seed is None else seed
        begin = first // DOCUMENTS_A_DRAW
        for draw in range(begin, -(-(first + n) // DOCUMENTS_A_DRAW)):
            generator = np.random.default_rng(np.random.SeedSequence(root, spawn_key=(draw,)))
            latents = self._latents(DOCUMENTS_A_DRAW, generator)
            sentences = self._sampler(latents.ravel(), generator).to_lists()
            result.extend(sentences[start : start + length] for start in range(0, len(sentences), length))
        skipped = first - begin * DOCUMENTS_A_DRAW
        return result[skipped : skipped + n]

    def sentences(self, n: int, seed: int | None = None) -> SentenceBatch:
        """n independent sentences, each as if drawn uniformly from a document of its own.

        `log_probability` is that of latent, walk and words together.
        """
        generator = np.random.default_rng(self.seed if seed is None else seed)
        prior = self.world.latent_prior()
        latents = generator.choice(len(prior), size=n, p=prior)
        batch = self._sampler(latents, generator)
        return replace(batch, log_probability=batch.log_probability + np.log(prior[latents]))

    def _latents(self, n: int, generator: np.random.Generator) -> np.ndarray:
        """The latents (n, sentences) of n documents, by the chain."""
        count = len(self.world.latents)
        later = np.cumsum(self.world.transition, axis=1)
        latents = np.empty((n, self.world.sentences_per_document), dtype=np.int64)
        latents[:, 0] = generator.choice(count, size=n, p=self.world.first_prior)
        for position in range(1, latents.shape[1]):
            reached = later[latents[:, position - 1]]  # (n, Z)
            draw = generator.random(n) * reached[:, -1]
            latents[:, position] = (reached <= draw[:, None]).sum(axis=1)
        return latents

    def text(self, ids: Sequence[int] | Sequence[Sequence[int]]) -> str:
        """Readable text of a sentence's ids, or of the sentences of a document, one after the other."""
        if len(ids) and not np.isscalar(ids[0]) and np.ndim(ids[0]) > 0:
            return " ".join(self.tokenizer.decode(sentence) for sentence in ids)
        return self.tokenizer.decode(ids)

    def log_probability(self, sentences: Sequence[Sequence[int]]) -> np.ndarray:
        """ln P(sentence) (N,) of sentences of ids, drawn uniformly from a document; −inf where impossible."""
        result = np.full(len(sentences), -np.inf)
        with np.errstate(divide="ignore"):
            prior = np.log(self.world.latent_prior())
            for length, chosen in by_length(
                np.array([len(sentence) for sentence in sentences], dtype=np.int64)
            ):
                tokens = np.array([sentences[index] for index in chosen], dtype=np.int64).reshape(
                    len(chosen), length
                )
                if length not in self.automaton.lengths:
                    continue
                if tokens.min() < 0 or tokens.max() >= self.vocab_size:
                    raise InputError(
                        expected=text(
                            f"token ids from 0 to {self.vocab_size - 1}",
                            f"des identifiants de jetons de 0 à {self.vocab_size - 1}",
                        ),
                        got=text(f"{tokens.min()} to {tokens.max()}", f"{tokens.min()} à {tokens.max()}"),
                        remedy=text("use this Microcosm's tokenizer", "prenez le tokenizer de ce Microcosm"),
                    )
                joint = log_likelihood(self.automaton, Evidence.certain(tokens)) + prior
                result[chosen] = np.logaddexp.reduce(joint, axis=1)
        return result

    def posterior(self, sentence: str | Sequence[int], corruption: Corruption | None = None) -> np.ndarray:
        """The true distribution of each [MASK] given the rest of the sentence, (masks, V) float64.

        Each mask is answered with the others unknown. The visible words are certain; with a `Corruption`
        they are what that noise left, and the result is that of the best masked model. The sentence is a
        text or ids without specials. Raises InputError without [MASK], for unknown words, and for what the
        grammar cannot produce.
        """
        ids = self.tokenizer.encode(sentence) if isinstance(sentence, str) else [int(i) for i in sentence]
        tokens = np.array([ids], dtype=np.int64).reshape(1, len(ids))
        masks = np.flatnonzero(tokens[0] == MASK_ID)
        if not len(masks):
            raise InputError(
                expected=text("a sentence with [MASK]", "une phrase avec [MASK]"),
                got=text("none", "aucun"),
                remedy=text("put [MASK] where a word is asked", "mettez [MASK] là où un mot est demandé"),
            )
        outside = (tokens < len(SPECIAL_TOKENS)) & (tokens != MASK_ID) | (tokens >= self.vocab_size)
        if outside.any():
            raise InputError(
                expected=text("words of this Microcosm and [MASK]", "des mots de ce Microcosm et [MASK]"),
                got=text(
                    f"another at {int(outside.argmax())}",
                    f"un autre jeton en position {int(outside.argmax())}",
                ),
                remedy=text(
                    "see .forms for the words; give no [CLS] nor [SEP]",
                    ".forms donne les mots ; ne mettez ni [CLS] ni [SEP]",
                ),
            )
        past = backward(self.automaton, self.floor.evidence(tokens, corruption))
        result = np.zeros((len(masks), self.vocab_size))
        for position, states in enumerate(joint_states(past, self.world.latent_prior())):
            if position in masks:
                by_word = np.bincount(
                    past.trellis.words[position], states[:, 0], self.automaton.emission.shape[0]
                )
                result[masks == position] = by_word @ self.automaton.emission
        totals = result.sum(axis=1, keepdims=True)
        if not (totals > 0).all():
            raise InputError(
                expected=text(
                    "a sentence that the grammar can produce", "une phrase que la grammaire peut produire"
                ),
                got=self.text(ids),
                remedy=text(
                    "sample some with .documents() to see what it says",
                    "tirez-en avec .documents() pour voir ce qu'elle dit",
                ),
            )
        return result / totals

    def entropy(self, n_sentences: int = 20_000, seed: int = 0) -> Entropy:
        """The entropy of a sentence, exact but for the ambiguity of walks, which is estimated."""
        return measure_entropy(self, n_sentences, seed)

    def quality(self, n_sentences: int = 20_000, n_tokens: int = 1_000_000, seed: int = 0) -> Quality:
        """Is this a language worth modelling? Entropy, trigram model's excess, share of forms that occur."""
        return measure_quality(self, n_sentences, n_tokens, seed)
