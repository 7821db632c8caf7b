"""Counterfactual data augmentation: a corpus in which every person is as often a woman as a man."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Literal

from attentif.bias.counterfactual import swap_gender
from attentif.errors import InputError
from attentif.language import text


def augment(
    sentences: Sequence[str], language: Literal["fr", "en"], only_changed: bool = True, seed: int | None = 0
) -> list[str]:
    """The sentences and their gender-swapped counterparts.

    With a sentence s for each swapped one, whatever the corpus says of a man it says as often of a woman: the
    log-odds ln P(feminine | context) − ln P(masculine | context) are 0 for every context that shows no gender itself.

    Args:
        sentences: a list of at least one text.
        language: "fr" or "en".
        only_changed: leave out the counterparts that equal their sentences. With False each sentence comes twice where it
            shows no gender, so that its weight against the others stays what it was.
        seed: of the order; None keeps each counterpart right behind its sentence.

    Returns:
        Between len(sentences) and 2 len(sentences) texts.

    Raises:
        InputError: no list of texts, or another language.

    Limits: those of `swap_gender`. Names are swapped for names of a fixed list; the facts about a person that has a name
    in history become false.

    Source: Lu et al. 2020, "Gender Bias in Neural Natural Language Processing", §4;
        Zhao et al. 2018, "Gender Bias in Coreference Resolution", §4.

    >>> augment(["Elle est infirmière.", "La table est grande."], "fr", seed=None)
    ['Elle est infirmière.', 'Il est infirmier.', 'La table est grande.']
    """
    if isinstance(sentences, str) or not len(sentences):
        raise InputError(
            expected=text("a list of at least one sentence", "une liste d'au moins une phrase"),
            got=repr(sentences)[:40],
            remedy=text(
                "put the sentences in a list, a single one too",
                "mettez les phrases dans une liste, même s'il n'y en a qu'une",
            ),
        )
    result = []
    for sentence in sentences:
        swapped = swap_gender(sentence, language)
        result += [sentence] if only_changed and swapped == sentence else [sentence, swapped]
    if seed is not None:
        random.Random(seed).shuffle(result)
    return result
