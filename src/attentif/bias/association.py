"""How much does an attribute (a trade, say) pull a model towards one word rather than another?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from torch import nn

from attentif.bias.scorer import MaskedScorer
from attentif.errors import InputError
from attentif.language import text as both

TARGET, ATTRIBUTE = "[TARGET]", "[ATTRIBUTE]"


@dataclass(frozen=True)
class AssociationScore:
    """The bias of a model between two words, in nats; each value is the first word's minus the second's.

    Args:
        raw: difference of log-probabilities with the attribute visible.
        prior: the same difference with the attribute masked too: what the frame alone prefers.
        corrected: raw − prior, the part that the attribute accounts for.
    """

    raw: float
    prior: float
    corrected: float

    def __post_init__(self) -> None:
        for name in ("raw", "prior", "corrected"):
            given = getattr(self, name)
            try:
                # Numbers of numpy and tensors of one number too, as in all results.
                number = None if isinstance(given, (bool, str)) else float(given)
            except (TypeError, ValueError, RuntimeError):
                number = None
            if number is None:
                raise InputError(
                    expected=both(f"{name} to be one number", f"un seul nombre pour {name}"),
                    got=type(given).__name__,
                    remedy=both(
                        "convert it with float() or .item()", "convertissez-le par float() ou .item()"
                    ),
                )
            object.__setattr__(self, name, number)


@dataclass(frozen=True)
class FilledTemplate:
    """A template with its words written in, as token ids; nothing is masked yet.

    Args:
        ids: all token ids, specials included.
        target: the position of the target, a single token.
        attribute: the positions of the attribute's tokens, one or several.
    """

    ids: tuple[int, ...]
    target: int
    attribute: tuple[int, ...]

    def __post_init__(self) -> None:
        if self.target in self.attribute:
            raise InputError(
                expected=both(
                    "a target and an attribute that share no token",
                    "une cible et un attribut sans jeton commun",
                ),
                got=both(f"position {self.target} for both", f"la position {self.target} pour les deux"),
                remedy=both("put a space between the slots", "mettez un espace entre les emplacements"),
            )


def fill_template(scorer: MaskedScorer, template: str, target: str, attribute: str) -> FilledTemplate:
    """Write a target and an attribute in a template and find their tokens, whichever comes first.

    Raises:
        InputError: a slot that is missing or repeated, a word that the tokenizer does not know or melts
            with its neighbours, or a target of several tokens.

    >>> from attentif.corpus.tokenizers import WordTokenizer
    >>> from attentif.models import MaskedLM, ModelConfig
    >>> scorer = MaskedScorer(MaskedLM(ModelConfig(9)), WordTokenizer(["il", "est", "médecin", "."]))
    >>> fill_template(scorer, "[TARGET] est [ATTRIBUTE].", "il", "médecin")
    FilledTemplate(ids=(2, 5, 6, 7, 8, 3), target=1, attribute=(3,))
    """
    words = {TARGET: target, ATTRIBUTE: attribute}
    for slot, word in words.items():
        if not isinstance(template, str) or template.count(slot) != 1:
            raise InputError(
                expected=both(
                    f"a template with {TARGET} once and {ATTRIBUTE} once",
                    f"un gabarit avec {TARGET} une fois et {ATTRIBUTE} une fois",
                ),
                got=repr(template),
                remedy=both(
                    f'write for instance "{TARGET} est {ATTRIBUTE}."',
                    f"écrivez par exemple « {TARGET} est {ATTRIBUTE}. »",
                ),
            )
        if not isinstance(word, str) or not word.strip() or TARGET in word or ATTRIBUTE in word:
            raise InputError(
                expected=both(f"a word for {slot}", f"un mot pour {slot}"),
                got=repr(word),
                remedy=both("give the word as it is written", "donnez le mot tel qu'il s'écrit"),
            )
    text, spans = "", {}
    for part in re.split(r"(\[TARGET\]|\[ATTRIBUTE\])", template):
        spans[part] = (len(text), len(text) + len(words.get(part, part)))
        text += words.get(part, part)
    found = {}
    for slot, word in words.items():
        encoding, found[slot] = scorer.locate(text, *spans[slot])
        pieces = [encoding.ids[position] for position in found[slot]]
        if scorer.unk_id in pieces:
            raise InputError(
                expected=both(
                    f"a word of the tokenizer's vocabulary for {slot}",
                    f"un mot du vocabulaire du tokenizer pour {slot}",
                ),
                got=repr(word),
                remedy=both(
                    "choose a word that the model knows (mind capitals and accents)",
                    "choisissez un mot que le modèle connaît (attention aux majuscules et aux accents)",
                ),
            )
        if slot == TARGET and len(pieces) > 1:
            shown = " + ".join(map(scorer.token, pieces))
            raise InputError(
                expected=both(f"a single token for {slot}", f"un seul jeton pour {slot}"),
                got=both(f"{word!r}, cut into {shown}", f"{word!r}, découpé en {shown}"),
                remedy=both(
                    "compare words that the tokenizer keeps whole, pronouns for instance",
                    "comparez des mots que le tokenizer garde entiers, des pronoms par exemple",
                ),
            )
    return FilledTemplate(encoding.ids, found[TARGET][0], found[ATTRIBUTE])


def log_probability_bias(
    model: nn.Module, tokenizer: Any, template: str, first: str, second: str, attribute: str
) -> AssociationScore:
    """How far an attribute shifts a model from `second` to `first`, against what the frame alone prefers.

    With t the position of the target, which is masked in all of them,

        raw       = ln P(first at t | attribute visible) − ln P(second at t | attribute visible)
        prior     = ln P(first at t | attribute masked)  − ln P(second at t | attribute masked)
        corrected = raw − prior

    All are read at the *target's* mask, wherever it stands, over the whole vocabulary. A positive score: the
    attribute calls for `first`.

    Args:
        model: a masked language model, of `transformers` or of this library.
        tokenizer: its tokenizer.
        template: a sentence with the slots [TARGET] and [ATTRIBUTE], once each, in any order.
        first, second: the two words compared in the target's place, each a single token in that place.
        attribute: the word whose pull is measured; if it has several tokens, each has a mask of its own for
            the prior.

    Returns:
        AssociationScore(raw, prior, corrected), nats.

    Raises:
        InputError (a ValueError): a slot missing or repeated, a target of several tokens, an unknown word, and
            what cannot be scored.

    Source: Kurita et al. 2019, "Measuring Bias in Contextualized Word Representations", §2.
        Deviation: the authors' code reads the prior at another position than the target's; the formula
        is followed here. Their attributes are one token; longer ones keep one mask a token.

    >>> from attentif.checks.recipes import context_model, word_tokenizer
    >>> tokenizer = word_tokenizer(["il", "elle", "est", "médecin", "."])
    >>> model = context_model(tokenizer.vocab_size, seed=1)
    >>> score = log_probability_bias(model, tokenizer, "[TARGET] est [ATTRIBUTE].", "il", "elle", "médecin")
    >>> score.corrected == score.raw - score.prior
    True
    """
    scorer = MaskedScorer(model, tokenizer)
    seen, unseen = [], []  # ln P of the first and of the second word, attribute visible and masked
    for word in (first, second):
        sentence = fill_template(scorer, template, word, attribute)
        token_id = sentence.ids[sentence.target]
        target_masked = scorer.masked(sentence.ids, [sentence.target])
        both_masked = scorer.masked(target_masked, sentence.attribute)
        at_target = scorer.log_probabilities([target_masked, both_masked], [[sentence.target]] * 2)  # (2, V)
        seen.append(at_target[0, token_id].item())
        unseen.append(at_target[1, token_id].item())
    raw, prior = seen[0] - seen[1], unseen[0] - unseen[1]
    return AssociationScore(raw=raw, prior=prior, corrected=raw - prior)
