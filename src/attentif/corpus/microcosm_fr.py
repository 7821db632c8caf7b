"""The French Microcosm: topics, occupations with a planted gender bias, sentences whose words agree.

The planted log-odds are invented; they cancel out in each topic, so that neither gender dominates.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from attentif.corpus.lexicon_fr import load_lexicon
from attentif.corpus.phrases_fr import zipf
from attentif.corpus.sentences_fr import SentenceGrammar
from attentif.corpus.world import World, make_latent_chain, occupation_weights, p_feminine, plant
from attentif.errors import InputError
from attentif.language import text

P_PLURAL = 0.35
P_CONTINUED = 0.4


def build_world(size: Literal["small", "full"] = "small", bias: float | Mapping[str, float] = 1.0) -> World:
    """The French world of a size; `bias` scales the planted log-odds, or gives them occupation by occupation.

    Raises InputError for an unknown size or an unknown occupation.

    >>> world = build_world("small")
    >>> world.language, len(world.expressions), world.planted["dentiste"]
    ('fr', 32, 1.0)
    """
    if size not in ("small", "full"):
        raise InputError(
            expected=text("size 'small' or 'full'", "une taille (size) 'small' ou 'full'"),
            got=repr(size),
            remedy=text("choose one of the two", "choisissez l'une des deux"),
        )
    lexicon = load_lexicon(size)
    planted = plant(lexicon.planted, bias)
    topics = {topic.name: topic for topic in lexicon.topics}
    shares = {name: zipf(topic.occupations) for name, topic in topics.items()}
    feminine = {name: p_feminine(share, planted) for name, share in shares.items()}
    chain = make_latent_chain(list(topics), feminine, p_plural=P_PLURAL, p_continued=P_CONTINUED)
    expressions = []
    for latent in chain.latents:
        occupations = occupation_weights(shares[latent.topic], planted, latent.gender)
        grammar = SentenceGrammar(lexicon, topics[latent.topic], latent.gender, latent.number, occupations)
        expressions.append(grammar.new_subject() if latent.subject == "new" else grammar.continued_subject())
    return World(
        language="fr",
        size=size,
        latents=chain.latents,
        first_prior=chain.first_prior,
        transition=chain.transition,
        expressions=tuple(expressions),
        planted=planted,
        pronouns=("il", "elle"),
        templates=lexicon.templates,
    )
