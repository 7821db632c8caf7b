"""Wrong implementations that students really write, each with what it computes instead.

The first versions write both orders out; the second ones go through the sublayers.
"""

from __future__ import annotations

from torch.nn import functional as F

from attentif.checks.text import text
from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = ("query_and_memory_exchanged", "causal_mask_on_cross", "memory_normalised", "cross_always_called")


def _sublayer(self, x, compute, norm):
    """One sublayer with its residual connection, in the order that the block asks for."""
    if self.norm_first:
        return x + self.dropout(compute(norm(x)))
    return norm(x + self.dropout(compute(x)))


# Cross-attention: when, and what it reads


@misconception(
    "cross_before_self",
    en="the cross-attention comes before the self-attention: x first looks at its own past, then at the memory",
    fr="l'attention croisée vient avant l'auto-attention : x regarde d'abord son propre passé, puis la mémoire",
)
def cross_before_self(self, x, memory=None, mask=None, memory_mask=None):
    if self.norm_first:
        if self.cross_attention is not None:
            x = x + self.dropout(self.cross_attention(self.norm_cross(x), memory, memory, memory_mask)[0])
        x = x + self.dropout(self.self_attention(self.norm_self(x), mask=mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    if self.cross_attention is not None:
        x = self.norm_cross(x + self.dropout(self.cross_attention(x, memory, memory, memory_mask)[0]))
    x = self.norm_self(x + self.dropout(self.self_attention(x, mask=mask)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(cross_before_self)
def cross_before_self_2(self, x, memory=None, mask=None, memory_mask=None):
    steps = [(lambda h: self.self_attention(h, h, h, mask)[0], self.norm_self)]
    steps += [(self.feed_forward, self.norm_feed_forward)]
    if self.cross_attention:
        steps.insert(0, (lambda h: self.cross_attention(h, memory, memory, memory_mask)[0], self.norm_cross))
    for compute, norm in steps:
        x = _sublayer(self, x, compute, norm)
    return x


@misconception(
    "cross_skipped",
    en="the cross-attention does not serve: when the block has one, it reads the memory between the two other sublayers",
    fr="l'attention croisée ne sert pas : quand le bloc en a une, elle lit la mémoire entre les deux autres sous-couches",
)
def cross_skipped(self, x, memory=None, mask=None, memory_mask=None):
    if self.norm_first:
        x = x + self.dropout(self.self_attention(self.norm_self(x), mask=mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_self(x + self.dropout(self.self_attention(x, mask=mask)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(cross_skipped)
def cross_skipped_2(self, x, memory=None, mask=None, memory_mask=None):
    h = _sublayer(self, x, lambda h: self.self_attention(h, h, h, mask)[0], self.norm_self)
    return _sublayer(self, h, self.feed_forward, self.norm_feed_forward)


@misconception(
    "cross_always_called",
    en="your block calls its cross-attention even where it has none: without one, self.cross_attention is None",
    fr="votre bloc appelle son attention croisée même quand il n'en a pas : sans elle, self.cross_attention vaut None",
)
def cross_always_called(self, x, memory=None, mask=None, memory_mask=None):
    if self.norm_first:
        x = x + self.dropout(self.self_attention(self.norm_self(x), mask=mask)[0])
        x = x + self.dropout(self.cross_attention(self.norm_cross(x), memory, memory, memory_mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_self(x + self.dropout(self.self_attention(x, mask=mask)[0]))
    x = self.norm_cross(x + self.dropout(self.cross_attention(x, memory, memory, memory_mask)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(cross_always_called)
def cross_always_called_2(self, x, memory=None, mask=None, memory_mask=None):
    for compute, norm in (
        (lambda h: self.self_attention(h, h, h, mask)[0], self.norm_self),
        (lambda h: self.cross_attention(h, memory, memory, memory_mask)[0], self.norm_cross),
        (self.feed_forward, self.norm_feed_forward),
    ):
        x = _sublayer(self, x, compute, norm)
    return x


@misconception(
    "memory_decides",
    en="you look whether there is a memory: look whether the block has a cross-attention; a block without one does not "
    "read the memory that it is given",
    fr="vous regardez s'il y a une mémoire : regardez si le bloc a une attention croisée ; un bloc sans elle ne lit pas "
    "la mémoire qu'on lui donne",
)
def memory_decides(self, x, memory=None, mask=None, memory_mask=None):
    if self.norm_first:
        x = x + self.dropout(self.self_attention(self.norm_self(x), mask=mask)[0])
        if memory is not None:
            x = x + self.dropout(self.cross_attention(self.norm_cross(x), memory, memory, memory_mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_self(x + self.dropout(self.self_attention(x, mask=mask)[0]))
    if memory is not None:
        x = self.norm_cross(x + self.dropout(self.cross_attention(x, memory, memory, memory_mask)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(memory_decides)
def memory_decides_2(self, x, memory=None, mask=None, memory_mask=None):
    h = _sublayer(self, x, lambda h: self.self_attention(h, h, h, mask)[0], self.norm_self)
    if memory is None:
        return _sublayer(self, h, self.feed_forward, self.norm_feed_forward)
    h = _sublayer(self, h, lambda q: self.cross_attention(q, memory, memory, memory_mask)[0], self.norm_cross)
    return _sublayer(self, h, self.feed_forward, self.norm_feed_forward)


@misconception(
    "memory_normalised",
    en="in pre-norm you normalise the memory too: norm_cross is for x alone, the encoder has normalised its output itself",
    fr="en pre-norm, vous normalisez aussi la mémoire : norm_cross est pour x seul, l'encodeur a lui-même normalisé sa "
    "sortie",
)
def memory_normalised(self, x, memory=None, mask=None, memory_mask=None):
    if self.norm_first:
        x = x + self.dropout(self.self_attention(self.norm_self(x), mask=mask)[0])
        if self.cross_attention is not None:
            source = self.norm_cross(memory)
            x = x + self.dropout(self.cross_attention(self.norm_cross(x), source, source, memory_mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_self(x + self.dropout(self.self_attention(x, mask=mask)[0]))
    if self.cross_attention is not None:
        x = self.norm_cross(x + self.dropout(self.cross_attention(x, memory, memory, memory_mask)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(memory_normalised)
def memory_normalised_2(self, x, memory=None, mask=None, memory_mask=None):
    if self.cross_attention is not None and self.norm_first:
        memory = self.norm_cross(memory)
    steps = [(lambda h: self.self_attention(h, h, h, mask)[0], self.norm_self)]
    if self.cross_attention is not None:
        steps.append((lambda h: self.cross_attention(h, memory, memory, memory_mask)[0], self.norm_cross))
    for compute, norm in [*steps, (self.feed_forward, self.norm_feed_forward)]:
        x = _sublayer(self, x, compute, norm)
    return x


@misconception(
    "memory_normalised_not_x",
    en="in pre-norm you normalise the memory instead of x: norm_cross is for x, which asks",
    fr="en pre-norm, vous normalisez la mémoire au lieu de x : norm_cross est pour x, qui interroge",
)
def memory_normalised_not_x(self, x, memory=None, mask=None, memory_mask=None):
    if self.norm_first:
        x = x + self.dropout(self.self_attention(self.norm_self(x), mask=mask)[0])
        if self.cross_attention is not None:
            source = self.norm_cross(memory)
            x = x + self.dropout(self.cross_attention(x, source, source, memory_mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_self(x + self.dropout(self.self_attention(x, mask=mask)[0]))
    if self.cross_attention is not None:
        x = self.norm_cross(x + self.dropout(self.cross_attention(x, memory, memory, memory_mask)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(memory_normalised_not_x)
def memory_normalised_not_x_2(self, x, memory=None, mask=None, memory_mask=None):
    x = _sublayer(self, x, lambda h: self.self_attention(h, h, h, mask)[0], self.norm_self)
    if self.cross_attention is not None:
        read = self.norm_cross(memory) if self.norm_first else memory
        x = x + self.dropout(self.cross_attention(x, key=read, mask=memory_mask)[0])
        x = x if self.norm_first else self.norm_cross(x)
    return _sublayer(self, x, self.feed_forward, self.norm_feed_forward)


@misconception(
    "query_and_memory_exchanged",
    en="in the cross-attention the memory asks and x answers: the query comes from x, key and value are the memory",
    fr="dans l'attention croisée, c'est la mémoire qui interroge et x qui répond : la requête vient de x, la clé et la "
    "valeur sont la mémoire",
)
def query_and_memory_exchanged(self, x, memory=None, mask=None, memory_mask=None):
    if self.norm_first:
        x = x + self.dropout(self.self_attention(self.norm_self(x), mask=mask)[0])
        if self.cross_attention is not None:
            h = self.norm_cross(x)
            x = x + self.dropout(self.cross_attention(memory, h, h, memory_mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_self(x + self.dropout(self.self_attention(x, mask=mask)[0]))
    if self.cross_attention is not None:
        x = self.norm_cross(x + self.dropout(self.cross_attention(memory, x, x, memory_mask)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(query_and_memory_exchanged)
def query_and_memory_exchanged_2(self, x, memory=None, mask=None, memory_mask=None):
    steps = [(lambda h: self.self_attention(h, h, h, mask)[0], self.norm_self)]
    if self.cross_attention is not None:
        steps.append((lambda h: self.cross_attention(memory, h, mask=memory_mask)[0], self.norm_cross))
    for compute, norm in [*steps, (self.feed_forward, self.norm_feed_forward)]:
        x = _sublayer(self, x, compute, norm)
    return x


@misconception(
    "value_from_x",
    en="the values of your cross-attention come from x: key and value are both the memory",
    fr="les valeurs de votre attention croisée viennent de x : la clé et la valeur sont toutes deux la mémoire",
)
def value_from_x(self, x, memory=None, mask=None, memory_mask=None):
    if self.norm_first:
        x = x + self.dropout(self.self_attention(self.norm_self(x), mask=mask)[0])
        if self.cross_attention is not None:
            h = self.norm_cross(x)
            x = x + self.dropout(self.cross_attention(h, memory, h, memory_mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_self(x + self.dropout(self.self_attention(x, mask=mask)[0]))
    if self.cross_attention is not None:
        x = self.norm_cross(x + self.dropout(self.cross_attention(x, memory, x, memory_mask)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(value_from_x)
def value_from_x_2(self, x, memory=None, mask=None, memory_mask=None):
    steps = [(lambda h: self.self_attention(h, h, h, mask)[0], self.norm_self)]
    if self.cross_attention is not None:
        steps.append(
            (
                lambda h: self.cross_attention(value=h, key=memory, query=h, mask=memory_mask)[0],
                self.norm_cross,
            )
        )
    for compute, norm in [*steps, (self.feed_forward, self.norm_feed_forward)]:
        x = _sublayer(self, x, compute, norm)
    return x


@misconception(
    "memory_reads_itself",
    en="in your cross-attention the memory reads itself: the query comes from x",
    fr="dans votre attention croisée, la mémoire se lit elle-même : la requête vient de x",
)
def memory_reads_itself(self, x, memory=None, mask=None, memory_mask=None):
    if self.norm_first:
        x = x + self.dropout(self.self_attention(self.norm_self(x), mask=mask)[0])
        if self.cross_attention is not None:
            x = x + self.dropout(self.cross_attention(memory, mask=memory_mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_self(x + self.dropout(self.self_attention(x, mask=mask)[0]))
    if self.cross_attention is not None:
        x = self.norm_cross(x + self.dropout(self.cross_attention(memory, mask=memory_mask)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(memory_reads_itself)
def memory_reads_itself_2(self, x, memory=None, mask=None, memory_mask=None):
    x = _sublayer(self, x, lambda h: self.self_attention(h, h, h, mask)[0], self.norm_self)
    if self.cross_attention is not None:
        read, _ = self.cross_attention(memory, memory, memory, memory_mask)
        x = self.dropout(read) + x
        x = x if self.norm_first else self.norm_cross(x)
    return _sublayer(self, x, self.feed_forward, self.norm_feed_forward)


@misconception(
    "memory_not_read",
    en="your cross-attention never reads the memory: without a key, an attention reads its query; pass it the memory",
    fr="votre attention croisée ne lit jamais la mémoire : sans clé (key), une attention lit sa requête ; passez-lui la "
    "mémoire",
)
def memory_not_read(self, x, memory=None, mask=None, memory_mask=None):
    if self.norm_first:
        x = x + self.dropout(self.self_attention(self.norm_self(x), mask=mask)[0])
        if self.cross_attention is not None:
            x = x + self.dropout(self.cross_attention(self.norm_cross(x), mask=memory_mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_self(x + self.dropout(self.self_attention(x, mask=mask)[0]))
    if self.cross_attention is not None:
        x = self.norm_cross(x + self.dropout(self.cross_attention(x, mask=memory_mask)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(memory_not_read)
def memory_not_read_2(self, x, memory=None, mask=None, memory_mask=None):
    steps = [
        (self.self_attention, mask, self.norm_self),
        (self.cross_attention, memory_mask, self.norm_cross),
    ]
    for attention, seen, norm in steps:
        if attention is not None:
            x = _sublayer(self, x, lambda h, a=attention, m=seen: a(h, h, h, m)[0], norm)
    return _sublayer(self, x, self.feed_forward, self.norm_feed_forward)


# Masks


@misconception(
    "causal_mask_on_cross",
    en="you pass mask to the cross-attention: it is for the self-attention, the cross-attention takes memory_mask",
    fr="vous passez mask à l'attention croisée : il est pour l'auto-attention, l'attention croisée prend memory_mask",
    warning=text("you pass `mask` to the cross-attention", "vous passez `mask` à l'attention croisée"),
)
def causal_mask_on_cross(self, x, memory=None, mask=None, memory_mask=None):
    if self.norm_first:
        x = x + self.dropout(self.self_attention(self.norm_self(x), mask=mask)[0])
        if self.cross_attention is not None:
            x = x + self.dropout(self.cross_attention(self.norm_cross(x), memory, memory, mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_self(x + self.dropout(self.self_attention(x, mask=mask)[0]))
    if self.cross_attention is not None:
        x = self.norm_cross(x + self.dropout(self.cross_attention(x, memory, memory, mask)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(causal_mask_on_cross)
def causal_mask_on_cross_2(self, x, memory=None, mask=None, memory_mask=None):
    steps = [(lambda h: self.self_attention(h, h, h, mask)[0], self.norm_self)]
    if self.cross_attention is not None:
        steps.append((lambda h: self.cross_attention(h, memory, mask=mask)[0], self.norm_cross))
    for compute, norm in [*steps, (self.feed_forward, self.norm_feed_forward)]:
        x = _sublayer(self, x, compute, norm)
    return x


@misconception(
    "memory_mask_not_passed",
    en="memory_mask has no effect: hand it on to the cross-attention, or the padding of the memory is read",
    fr="memory_mask est sans effet : transmettez-le à l'attention croisée, sinon le remplissage (padding) de la mémoire "
    "est lu",
)
def memory_mask_not_passed(self, x, memory=None, mask=None, memory_mask=None):
    if self.norm_first:
        x = x + self.dropout(self.self_attention(self.norm_self(x), mask=mask)[0])
        if self.cross_attention is not None:
            x = x + self.dropout(self.cross_attention(self.norm_cross(x), memory, memory)[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_self(x + self.dropout(self.self_attention(x, mask=mask)[0]))
    if self.cross_attention is not None:
        x = self.norm_cross(x + self.dropout(self.cross_attention(x, memory, memory)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(memory_mask_not_passed)
def memory_mask_not_passed_2(self, x, memory=None, mask=None, memory_mask=None):
    steps = [(lambda h: self.self_attention(h, h, h, mask)[0], self.norm_self)]
    if self.cross_attention is not None:
        steps.append((lambda h: self.cross_attention(h, key=memory)[0], self.norm_cross))
    for compute, norm in [*steps, (self.feed_forward, self.norm_feed_forward)]:
        x = _sublayer(self, x, compute, norm)
    return x


@misconception(
    "mask_not_passed",
    en="mask has no effect: hand it on to the self-attention, or every position sees the future",
    fr="mask est sans effet : transmettez-le à l'auto-attention, sinon chaque position voit le futur",
)
def mask_not_passed(self, x, memory=None, mask=None, memory_mask=None):
    if self.norm_first:
        x = x + self.dropout(self.self_attention(self.norm_self(x))[0])
        if self.cross_attention is not None:
            x = x + self.dropout(self.cross_attention(self.norm_cross(x), memory, memory, memory_mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_self(x + self.dropout(self.self_attention(x)[0]))
    if self.cross_attention is not None:
        x = self.norm_cross(x + self.dropout(self.cross_attention(x, memory, memory, memory_mask)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(mask_not_passed)
def mask_not_passed_2(self, x, memory=None, mask=None, memory_mask=None):
    steps = [(lambda h: self.self_attention(h, h, h)[0], self.norm_self)]
    if self.cross_attention is not None:
        steps.append((lambda h: self.cross_attention(h, memory, memory, memory_mask)[0], self.norm_cross))
    for compute, norm in [*steps, (self.feed_forward, self.norm_feed_forward)]:
        x = _sublayer(self, x, compute, norm)
    return x


@misconception(
    "masks_exchanged",
    en="the two masks are exchanged: mask is for the self-attention, memory_mask for the cross-attention",
    fr="les deux masques sont échangés : mask est pour l'auto-attention, memory_mask pour l'attention croisée",
)
def masks_exchanged(self, x, memory=None, mask=None, memory_mask=None):
    if self.norm_first:
        x = x + self.dropout(self.self_attention(self.norm_self(x), mask=memory_mask)[0])
        if self.cross_attention is not None:
            x = x + self.dropout(self.cross_attention(self.norm_cross(x), memory, memory, mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_self(x + self.dropout(self.self_attention(x, mask=memory_mask)[0]))
    if self.cross_attention is not None:
        x = self.norm_cross(x + self.dropout(self.cross_attention(x, memory, memory, mask)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(masks_exchanged)
def masks_exchanged_2(self, x, memory=None, mask=None, memory_mask=None):
    mask, memory_mask = memory_mask, mask
    steps = [(lambda h: self.self_attention(h, h, h, mask)[0], self.norm_self)]
    if self.cross_attention is not None:
        steps.append((lambda h: self.cross_attention(h, memory, memory, memory_mask)[0], self.norm_cross))
    for compute, norm in [*steps, (self.feed_forward, self.norm_feed_forward)]:
        x = _sublayer(self, x, compute, norm)
    return x


@misconception(
    "mask_as_key",
    en="you pass the mask as second argument of the self-attention, which is the key: pass it by its name, mask=mask",
    fr="vous passez le masque en deuxième argument de l'auto-attention, qui est la clé (key) : passez-le par son nom, "
    "mask=mask",
)
def mask_as_key(self, x, memory=None, mask=None, memory_mask=None):
    if self.norm_first:
        x = x + self.dropout(self.self_attention(self.norm_self(x), mask)[0])
        if self.cross_attention is not None:
            x = x + self.dropout(self.cross_attention(self.norm_cross(x), memory, memory, memory_mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_self(x + self.dropout(self.self_attention(x, mask)[0]))
    if self.cross_attention is not None:
        x = self.norm_cross(x + self.dropout(self.cross_attention(x, memory, memory, memory_mask)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(mask_as_key)
def mask_as_key_2(self, x, memory=None, mask=None, memory_mask=None):
    x = _sublayer(self, x, lambda h: self.self_attention(h, mask)[0], self.norm_self)
    if self.cross_attention is not None:
        x = _sublayer(
            self, x, lambda h: self.cross_attention(h, memory, mask=memory_mask)[0], self.norm_cross
        )
    return _sublayer(self, x, self.feed_forward, self.norm_feed_forward)


# Parts in another's place


@misconception(
    "one_attention_for_both",
    en="the self-attention serves twice: the memory is read by the block's cross_attention, which has its own weights",
    fr="l'auto-attention sert deux fois : la mémoire est lue par la cross_attention du bloc, qui a ses propres poids",
)
def one_attention_for_both(self, x, memory=None, mask=None, memory_mask=None):
    if self.norm_first:
        x = x + self.dropout(self.self_attention(self.norm_self(x), mask=mask)[0])
        if self.cross_attention is not None:
            x = x + self.dropout(self.self_attention(self.norm_cross(x), memory, memory, memory_mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_self(x + self.dropout(self.self_attention(x, mask=mask)[0]))
    if self.cross_attention is not None:
        x = self.norm_cross(x + self.dropout(self.self_attention(x, memory, memory, memory_mask)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(one_attention_for_both)
def one_attention_for_both_2(self, x, memory=None, mask=None, memory_mask=None):
    attend = self.self_attention
    steps = [(lambda h: attend(h, h, h, mask)[0], self.norm_self)]
    if self.cross_attention is not None:
        steps.append((lambda h: attend(h, memory, memory, memory_mask)[0], self.norm_cross))
    for compute, norm in [*steps, (self.feed_forward, self.norm_feed_forward)]:
        x = _sublayer(self, x, compute, norm)
    return x


@misconception(
    "attentions_exchanged",
    en="the two attentions are exchanged: self_attention reads x, cross_attention reads the memory",
    fr="les deux attentions sont échangées : self_attention lit x, cross_attention lit la mémoire",
)
def attentions_exchanged(self, x, memory=None, mask=None, memory_mask=None):
    own = self.self_attention if self.cross_attention is None else self.cross_attention
    if self.norm_first:
        x = x + self.dropout(own(self.norm_self(x), mask=mask)[0])
        if self.cross_attention is not None:
            x = x + self.dropout(self.self_attention(self.norm_cross(x), memory, memory, memory_mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_self(x + self.dropout(own(x, mask=mask)[0]))
    if self.cross_attention is not None:
        x = self.norm_cross(x + self.dropout(self.self_attention(x, memory, memory, memory_mask)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(attentions_exchanged)
def attentions_exchanged_2(self, x, memory=None, mask=None, memory_mask=None):
    attentions = [a for a in (self.self_attention, self.cross_attention) if a is not None]
    last = attentions.pop()
    steps = [(lambda h: last(h, h, h, mask)[0], self.norm_self)]
    steps += [(lambda h, a=a: a(h, memory, memory, memory_mask)[0], self.norm_cross) for a in attentions]
    for compute, norm in [*steps, (self.feed_forward, self.norm_feed_forward)]:
        x = _sublayer(self, x, compute, norm)
    return x


@misconception(
    "norm_self_for_cross",
    en="norm_self serves the cross-attention too: it has its own norm, norm_cross",
    fr="norm_self sert aussi à l'attention croisée : elle a sa propre norme, norm_cross",
)
def norm_self_for_cross(self, x, memory=None, mask=None, memory_mask=None):
    if self.norm_first:
        x = x + self.dropout(self.self_attention(self.norm_self(x), mask=mask)[0])
        if self.cross_attention is not None:
            x = x + self.dropout(self.cross_attention(self.norm_self(x), memory, memory, memory_mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_self(x + self.dropout(self.self_attention(x, mask=mask)[0]))
    if self.cross_attention is not None:
        x = self.norm_self(x + self.dropout(self.cross_attention(x, memory, memory, memory_mask)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(norm_self_for_cross)
def norm_self_for_cross_2(self, x, memory=None, mask=None, memory_mask=None):
    attending = [lambda h: self.self_attention(h, h, h, mask)[0]]
    if self.cross_attention is not None:
        attending.append(lambda h: self.cross_attention(h, memory, memory, memory_mask)[0])
    for compute in attending:
        x = _sublayer(self, x, compute, self.norm_self)
    return _sublayer(self, x, self.feed_forward, self.norm_feed_forward)


@misconception(
    "norms_cross_and_feed_forward_exchanged",
    en="norm_cross and norm_feed_forward are exchanged: each goes with the sublayer that it is named after",
    fr="norm_cross et norm_feed_forward sont échangées : chacune va avec la sous-couche dont elle porte le nom",
)
def norms_cross_and_feed_forward_exchanged(self, x, memory=None, mask=None, memory_mask=None):
    if self.norm_first:
        x = x + self.dropout(self.self_attention(self.norm_self(x), mask=mask)[0])
        if self.cross_attention is None:
            return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
        h = self.norm_feed_forward(x)
        x = x + self.dropout(self.cross_attention(h, memory, memory, memory_mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_cross(x)))
    x = self.norm_self(x + self.dropout(self.self_attention(x, mask=mask)[0]))
    if self.cross_attention is None:
        return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))
    x = self.norm_feed_forward(x + self.dropout(self.cross_attention(x, memory, memory, memory_mask)[0]))
    return self.norm_cross(x + self.dropout(self.feed_forward(x)))


@again(norms_cross_and_feed_forward_exchanged)
def norms_cross_and_feed_forward_exchanged_2(self, x, memory=None, mask=None, memory_mask=None):
    steps, norms = [lambda h: self.self_attention(h, h, h, mask)[0]], [self.norm_self, self.norm_feed_forward]
    if self.cross_attention is not None:
        steps.append(lambda h: self.cross_attention(h, memory, memory, memory_mask)[0])
        norms.append(self.norm_cross)
    for compute, norm in zip([*steps, self.feed_forward], norms, strict=True):
        x = _sublayer(self, x, compute, norm)
    return x


@misconception(
    "cross_norm_missing",
    en="the cross-attention sublayer has no norm: norm_cross does not serve",
    fr="la sous-couche d'attention croisée n'a pas de norme : norm_cross ne sert pas",
)
def cross_norm_missing(self, x, memory=None, mask=None, memory_mask=None):
    if self.norm_first:
        x = x + self.dropout(self.self_attention(self.norm_self(x), mask=mask)[0])
        if self.cross_attention is not None:
            x = x + self.dropout(self.cross_attention(x, memory, memory, memory_mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_self(x + self.dropout(self.self_attention(x, mask=mask)[0]))
    if self.cross_attention is not None:
        x = x + self.dropout(self.cross_attention(x, memory, memory, memory_mask)[0])
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(cross_norm_missing)
def cross_norm_missing_2(self, x, memory=None, mask=None, memory_mask=None):
    x = _sublayer(self, x, lambda h: self.self_attention(h, h, h, mask)[0], self.norm_self)
    if self.cross_attention is not None:
        x = _sublayer(self, x, lambda h: self.cross_attention(h, memory, mask=memory_mask)[0], lambda h: h)
    return _sublayer(self, x, self.feed_forward, self.norm_feed_forward)


# Residual connections and the order of norms


@misconception(
    "no_residual",
    en="the residual connections are missing: x is added to the output of each sublayer",
    fr="les connexions résiduelles manquent : x s'ajoute à la sortie de chaque sous-couche",
)
def no_residual(self, x, memory=None, mask=None, memory_mask=None):
    if self.norm_first:
        x = self.dropout(self.self_attention(self.norm_self(x), mask=mask)[0])
        if self.cross_attention is not None:
            x = self.dropout(self.cross_attention(self.norm_cross(x), memory, memory, memory_mask)[0])
        return self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_self(self.dropout(self.self_attention(x, mask=mask)[0]))
    if self.cross_attention is not None:
        x = self.norm_cross(self.dropout(self.cross_attention(x, memory, memory, memory_mask)[0]))
    return self.norm_feed_forward(self.dropout(self.feed_forward(x)))


@again(no_residual)
def no_residual_2(self, x, memory=None, mask=None, memory_mask=None):
    steps = [(lambda h: self.self_attention(h, h, h, mask)[0], self.norm_self)]
    if self.cross_attention is not None:
        steps.append((lambda h: self.cross_attention(h, memory, memory, memory_mask)[0], self.norm_cross))
    for compute, norm in [*steps, (self.feed_forward, self.norm_feed_forward)]:
        x = self.dropout(compute(norm(x))) if self.norm_first else norm(self.dropout(compute(x)))
    return x


@misconception(
    "cross_residual_missing",
    en="the residual connection around the cross-attention is missing: its output is added to x",
    fr="la connexion résiduelle autour de l'attention croisée manque : sa sortie s'ajoute à x",
)
def cross_residual_missing(self, x, memory=None, mask=None, memory_mask=None):
    if self.norm_first:
        x = x + self.dropout(self.self_attention(self.norm_self(x), mask=mask)[0])
        if self.cross_attention is not None:
            x = self.dropout(self.cross_attention(self.norm_cross(x), memory, memory, memory_mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_self(x + self.dropout(self.self_attention(x, mask=mask)[0]))
    if self.cross_attention is not None:
        x = self.norm_cross(self.dropout(self.cross_attention(x, memory, memory, memory_mask)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(cross_residual_missing)
def cross_residual_missing_2(self, x, memory=None, mask=None, memory_mask=None):
    x = _sublayer(self, x, lambda h: self.self_attention(h, h, h, mask)[0], self.norm_self)
    if self.cross_attention is not None:
        query = self.norm_cross(x) if self.norm_first else x
        x, _ = self.cross_attention(query, memory, mask=memory_mask)
        x = self.dropout(x)
        x = x if self.norm_first else self.norm_cross(x)
    return _sublayer(self, x, self.feed_forward, self.norm_feed_forward)


@misconception(
    "always_post_norm",
    en="norm_first has no effect, your block is always post-norm: with norm_first=True the norm comes before the sublayer",
    fr="norm_first est sans effet, votre bloc est toujours post-norm : avec norm_first=True, la norme vient avant la "
    "sous-couche",
)
def always_post_norm(self, x, memory=None, mask=None, memory_mask=None):
    x = self.norm_self(x + self.dropout(self.self_attention(x, mask=mask)[0]))
    if self.cross_attention is not None:
        x = self.norm_cross(x + self.dropout(self.cross_attention(x, memory, memory, memory_mask)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(always_post_norm)
def always_post_norm_2(self, x, memory=None, mask=None, memory_mask=None):
    steps = [(lambda h: self.self_attention(h, h, h, mask)[0], self.norm_self)]
    if self.cross_attention is not None:
        steps.append((lambda h: self.cross_attention(h, memory, memory, memory_mask)[0], self.norm_cross))
    for compute, norm in [*steps, (self.feed_forward, self.norm_feed_forward)]:
        x = norm(x + self.dropout(compute(x)))
    return x


@misconception(
    "always_pre_norm",
    en="norm_first has no effect, your block is always pre-norm: with norm_first=False the norm comes after the sum",
    fr="norm_first est sans effet, votre bloc est toujours pre-norm : avec norm_first=False, la norme vient après la "
    "somme",
)
def always_pre_norm(self, x, memory=None, mask=None, memory_mask=None):
    x = x + self.dropout(self.self_attention(self.norm_self(x), mask=mask)[0])
    if self.cross_attention is not None:
        x = x + self.dropout(self.cross_attention(self.norm_cross(x), memory, memory, memory_mask)[0])
    return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))


@again(always_pre_norm)
def always_pre_norm_2(self, x, memory=None, mask=None, memory_mask=None):
    steps = [(lambda h: self.self_attention(h, h, h, mask)[0], self.norm_self)]
    if self.cross_attention is not None:
        steps.append((lambda h: self.cross_attention(h, memory, memory, memory_mask)[0], self.norm_cross))
    for compute, norm in [*steps, (self.feed_forward, self.norm_feed_forward)]:
        x = x + self.dropout(compute(norm(x)))
    return x


@misconception(
    "norm_orders_exchanged",
    en="the two orders are exchanged: norm_first=True means pre-norm, x + Sublayer(Norm(x))",
    fr="les deux ordres sont échangés : norm_first=True veut dire pre-norm, x + Sublayer(Norm(x))",
)
def norm_orders_exchanged(self, x, memory=None, mask=None, memory_mask=None):
    if not self.norm_first:
        x = x + self.dropout(self.self_attention(self.norm_self(x), mask=mask)[0])
        if self.cross_attention is not None:
            x = x + self.dropout(self.cross_attention(self.norm_cross(x), memory, memory, memory_mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_self(x + self.dropout(self.self_attention(x, mask=mask)[0]))
    if self.cross_attention is not None:
        x = self.norm_cross(x + self.dropout(self.cross_attention(x, memory, memory, memory_mask)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(norm_orders_exchanged)
def norm_orders_exchanged_2(self, x, memory=None, mask=None, memory_mask=None):
    steps = [(lambda h: self.self_attention(h, h, h, mask)[0], self.norm_self)]
    if self.cross_attention is not None:
        steps.append((lambda h: self.cross_attention(h, memory, memory, memory_mask)[0], self.norm_cross))
    for compute, norm in [*steps, (self.feed_forward, self.norm_feed_forward)]:
        if self.norm_first:
            x = norm(x + self.dropout(compute(x)))
        else:
            x = x + self.dropout(compute(norm(x)))
    return x


@misconception(
    "residual_from_normalised",
    en="in pre-norm you add the sublayer's output to the normalised x: the residual connection carries x as it came, "
    "before the norm",
    fr="en pre-norm, vous ajoutez la sortie de la sous-couche au x normalisé : la connexion résiduelle transporte x tel "
    "qu'il est arrivé, avant la norme",
)
def residual_from_normalised(self, x, memory=None, mask=None, memory_mask=None):
    if self.norm_first:
        x = self.norm_self(x)
        x = x + self.dropout(self.self_attention(x, mask=mask)[0])
        if self.cross_attention is not None:
            x = self.norm_cross(x)
            x = x + self.dropout(self.cross_attention(x, memory, memory, memory_mask)[0])
        x = self.norm_feed_forward(x)
        return x + self.dropout(self.feed_forward(x))
    x = self.norm_self(x + self.dropout(self.self_attention(x, mask=mask)[0]))
    if self.cross_attention is not None:
        x = self.norm_cross(x + self.dropout(self.cross_attention(x, memory, memory, memory_mask)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(residual_from_normalised)
def residual_from_normalised_2(self, x, memory=None, mask=None, memory_mask=None):
    steps = [(lambda h: self.self_attention(h, h, h, mask)[0], self.norm_self)]
    if self.cross_attention is not None:
        steps.append((lambda h: self.cross_attention(h, memory, memory, memory_mask)[0], self.norm_cross))
    for compute, norm in [*steps, (self.feed_forward, self.norm_feed_forward)]:
        h = norm(x) if self.norm_first else x
        h = h + self.dropout(compute(h))
        x = h if self.norm_first else norm(h)
    return x


@misconception(
    "norm_before_sum",
    en="in post-norm you normalise the sublayer's output alone, x + Norm(Sublayer(x)): the norm takes the whole sum",
    fr="en post-norm, vous normalisez la seule sortie de la sous-couche, x + Norm(Sublayer(x)) : la norme prend toute "
    "la somme",
)
def norm_before_sum(self, x, memory=None, mask=None, memory_mask=None):
    if self.norm_first:
        x = x + self.dropout(self.self_attention(self.norm_self(x), mask=mask)[0])
        if self.cross_attention is not None:
            x = x + self.dropout(self.cross_attention(self.norm_cross(x), memory, memory, memory_mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = x + self.norm_self(self.dropout(self.self_attention(x, mask=mask)[0]))
    if self.cross_attention is not None:
        x = x + self.norm_cross(self.dropout(self.cross_attention(x, memory, memory, memory_mask)[0]))
    return x + self.norm_feed_forward(self.dropout(self.feed_forward(x)))


@again(norm_before_sum)
def norm_before_sum_2(self, x, memory=None, mask=None, memory_mask=None):
    steps = [(lambda h: self.self_attention(h, h, h, mask)[0], self.norm_self)]
    if self.cross_attention is not None:
        steps.append((lambda h: self.cross_attention(h, memory, memory, memory_mask)[0], self.norm_cross))
    for compute, norm in [*steps, (self.feed_forward, self.norm_feed_forward)]:
        x = x + (self.dropout(compute(norm(x))) if self.norm_first else norm(self.dropout(compute(x))))
    return x


@misconception(
    "feed_forward_before_cross",
    en="the feed-forward network comes before the cross-attention: it comes last",
    fr="le réseau feed-forward vient avant l'attention croisée : il vient en dernier",
)
def feed_forward_before_cross(self, x, memory=None, mask=None, memory_mask=None):
    if self.norm_first:
        x = x + self.dropout(self.self_attention(self.norm_self(x), mask=mask)[0])
        x = x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
        if self.cross_attention is not None:
            x = x + self.dropout(self.cross_attention(self.norm_cross(x), memory, memory, memory_mask)[0])
        return x
    x = self.norm_self(x + self.dropout(self.self_attention(x, mask=mask)[0]))
    x = self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))
    if self.cross_attention is not None:
        x = self.norm_cross(x + self.dropout(self.cross_attention(x, memory, memory, memory_mask)[0]))
    return x


@again(feed_forward_before_cross)
def feed_forward_before_cross_2(self, x, memory=None, mask=None, memory_mask=None):
    steps = [
        (lambda h: self.self_attention(h, h, h, mask)[0], self.norm_self),
        (self.feed_forward, self.norm_feed_forward),
    ]
    if self.cross_attention is not None:
        steps.append((lambda h: self.cross_attention(h, memory, memory, memory_mask)[0], self.norm_cross))
    for compute, norm in steps:
        x = _sublayer(self, x, compute, norm)
    return x


# Dropout and gradients


@misconception(
    "dropout_missing",
    en="self.dropout does not serve: it is applied to the output of each sublayer",
    fr="self.dropout ne sert pas : il s'applique à la sortie de chaque sous-couche",
)
def dropout_missing(self, x, memory=None, mask=None, memory_mask=None):
    if self.norm_first:
        x = x + self.self_attention(self.norm_self(x), mask=mask)[0]
        if self.cross_attention is not None:
            x = x + self.cross_attention(self.norm_cross(x), memory, memory, memory_mask)[0]
        return x + self.feed_forward(self.norm_feed_forward(x))
    x = self.norm_self(x + self.self_attention(x, mask=mask)[0])
    if self.cross_attention is not None:
        x = self.norm_cross(x + self.cross_attention(x, memory, memory, memory_mask)[0])
    return self.norm_feed_forward(x + self.feed_forward(x))


@again(dropout_missing)
def dropout_missing_2(self, x, memory=None, mask=None, memory_mask=None):
    steps = [(lambda h: self.self_attention(h, h, h, mask)[0], self.norm_self)]
    if self.cross_attention is not None:
        steps.append((lambda h: self.cross_attention(h, memory, memory, memory_mask)[0], self.norm_cross))
    for compute, norm in [*steps, (self.feed_forward, self.norm_feed_forward)]:
        x = x + compute(norm(x)) if self.norm_first else norm(x + compute(x))
    return x


@misconception(
    "no_dropout_after_cross",
    en="the output of the cross-attention has no dropout: it has it as the two other sublayers do",
    fr="la sortie de l'attention croisée est sans abandon (dropout) : elle en a un, comme les deux autres sous-couches",
)
def no_dropout_after_cross(self, x, memory=None, mask=None, memory_mask=None):
    if self.norm_first:
        x = x + self.dropout(self.self_attention(self.norm_self(x), mask=mask)[0])
        if self.cross_attention is not None:
            x = x + self.cross_attention(self.norm_cross(x), memory, memory, memory_mask)[0]
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_self(x + self.dropout(self.self_attention(x, mask=mask)[0]))
    if self.cross_attention is not None:
        x = self.norm_cross(x + self.cross_attention(x, memory, memory, memory_mask)[0])
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(no_dropout_after_cross)
def no_dropout_after_cross_2(self, x, memory=None, mask=None, memory_mask=None):
    x = _sublayer(self, x, lambda h: self.self_attention(h, h, h, mask)[0], self.norm_self)
    if self.cross_attention is not None:
        query = self.norm_cross(x) if self.norm_first else x
        x = x + self.cross_attention(query, memory, mask=memory_mask)[0]
        x = x if self.norm_first else self.norm_cross(x)
    return _sublayer(self, x, self.feed_forward, self.norm_feed_forward)


@misconception(
    "dropout_after_sum",
    en="you drop components of the whole sum, x included: dropout is applied to the sublayer's output before it is added",
    fr="vous abandonnez des composantes de toute la somme, x compris : l'abandon (dropout) s'applique à la sortie de la "
    "sous-couche avant l'addition",
)
def dropout_after_sum(self, x, memory=None, mask=None, memory_mask=None):
    if self.norm_first:
        x = self.dropout(x + self.self_attention(self.norm_self(x), mask=mask)[0])
        if self.cross_attention is not None:
            x = self.dropout(x + self.cross_attention(self.norm_cross(x), memory, memory, memory_mask)[0])
        return self.dropout(x + self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_self(self.dropout(x + self.self_attention(x, mask=mask)[0]))
    if self.cross_attention is not None:
        x = self.norm_cross(self.dropout(x + self.cross_attention(x, memory, memory, memory_mask)[0]))
    return self.norm_feed_forward(self.dropout(x + self.feed_forward(x)))


@again(dropout_after_sum)
def dropout_after_sum_2(self, x, memory=None, mask=None, memory_mask=None):
    steps = [(lambda h: self.self_attention(h, h, h, mask)[0], self.norm_self)]
    if self.cross_attention is not None:
        steps.append((lambda h: self.cross_attention(h, memory, memory, memory_mask)[0], self.norm_cross))
    for compute, norm in [*steps, (self.feed_forward, self.norm_feed_forward)]:
        x = self.dropout(x + compute(norm(x))) if self.norm_first else norm(self.dropout(x + compute(x)))
    return x


@misconception(
    "dropout_in_evaluation",
    en="dropout stays active in evaluation mode: call the module self.dropout, which knows when to stop",
    fr="l'abandon (dropout) reste actif en mode évaluation : appelez le module self.dropout, qui sait quand s'arrêter",
)
def dropout_in_evaluation(self, x, memory=None, mask=None, memory_mask=None):
    p = self.dropout.p
    if self.norm_first:
        x = x + F.dropout(self.self_attention(self.norm_self(x), mask=mask)[0], p)
        if self.cross_attention is not None:
            x = x + F.dropout(self.cross_attention(self.norm_cross(x), memory, memory, memory_mask)[0], p)
        return x + F.dropout(self.feed_forward(self.norm_feed_forward(x)), p)
    x = self.norm_self(x + F.dropout(self.self_attention(x, mask=mask)[0], p))
    if self.cross_attention is not None:
        x = self.norm_cross(x + F.dropout(self.cross_attention(x, memory, memory, memory_mask)[0], p))
    return self.norm_feed_forward(x + F.dropout(self.feed_forward(x), p))


@again(dropout_in_evaluation)
def dropout_in_evaluation_2(self, x, memory=None, mask=None, memory_mask=None):
    steps = [(lambda h: self.self_attention(h, h, h, mask)[0], self.norm_self)]
    if self.cross_attention is not None:
        steps.append((lambda h: self.cross_attention(h, memory, memory, memory_mask)[0], self.norm_cross))
    for compute, norm in [*steps, (self.feed_forward, self.norm_feed_forward)]:
        h = compute(norm(x) if self.norm_first else x)
        x = x + h * h.new_empty(h.shape).bernoulli_(1 - self.dropout.p) / (1 - self.dropout.p)
        x = x if self.norm_first else norm(x)
    return x


@misconception(
    "changed_in_place",
    en="x += ... changes the tensor of the caller, and training stops on an error: write x = x + ...",
    fr="x += ... modifie le tenseur de celui qui appelle, et l'entraînement s'arrête sur une erreur : écrivez x = x + ...",
)
def changed_in_place(self, x, memory=None, mask=None, memory_mask=None):
    if self.norm_first:
        x += self.dropout(self.self_attention(self.norm_self(x), mask=mask)[0])
        if self.cross_attention is not None:
            x += self.dropout(self.cross_attention(self.norm_cross(x), memory, memory, memory_mask)[0])
        x += self.dropout(self.feed_forward(self.norm_feed_forward(x)))
        return x
    x += self.dropout(self.self_attention(x, mask=mask)[0])
    x = self.norm_self(x)
    if self.cross_attention is not None:
        x += self.dropout(self.cross_attention(x, memory, memory, memory_mask)[0])
        x = self.norm_cross(x)
    x += self.dropout(self.feed_forward(x))
    return self.norm_feed_forward(x)


@again(changed_in_place)
def changed_in_place_2(self, x, memory=None, mask=None, memory_mask=None):
    steps = [(lambda h: self.self_attention(h, h, h, mask)[0], self.norm_self)]
    if self.cross_attention is not None:
        steps.append((lambda h: self.cross_attention(h, memory, memory, memory_mask)[0], self.norm_cross))
    for compute, norm in [*steps, (self.feed_forward, self.norm_feed_forward)]:
        if self.norm_first:
            x.add_(self.dropout(compute(norm(x))))
        else:
            x = norm(x.add_(self.dropout(compute(x))))
    return x


@misconception(
    "memory_detached",
    en="no gradient reaches the memory: the encoder would never learn; leave the memory in the graph",
    fr="aucun gradient n'atteint la mémoire : l'encodeur n'apprendrait jamais ; laissez la mémoire dans le graphe",
)
def memory_detached(self, x, memory=None, mask=None, memory_mask=None):
    memory = None if memory is None else memory.detach()
    if self.norm_first:
        x = x + self.dropout(self.self_attention(self.norm_self(x), mask=mask)[0])
        if self.cross_attention is not None:
            x = x + self.dropout(self.cross_attention(self.norm_cross(x), memory, memory, memory_mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_self(x + self.dropout(self.self_attention(x, mask=mask)[0]))
    if self.cross_attention is not None:
        x = self.norm_cross(x + self.dropout(self.cross_attention(x, memory, memory, memory_mask)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(memory_detached)
def memory_detached_2(self, x, memory=None, mask=None, memory_mask=None):
    x = _sublayer(self, x, lambda h: self.self_attention(h, h, h, mask)[0], self.norm_self)
    if self.cross_attention is not None:
        source = x.new_tensor(memory.tolist())
        x = _sublayer(
            self, x, lambda h: self.cross_attention(h, source, mask=memory_mask)[0], self.norm_cross
        )
    return _sublayer(self, x, self.feed_forward, self.norm_feed_forward)


# One sublayer or one order wrong, the others right


@misconception(
    "self_residual_missing",
    en="the residual connection around the self-attention is missing: its output is added to x",
    fr="la connexion résiduelle autour de l'auto-attention manque : sa sortie s'ajoute à x",
)
def self_residual_missing(self, x, memory=None, mask=None, memory_mask=None):
    if self.norm_first:
        x = self.dropout(self.self_attention(self.norm_self(x), mask=mask)[0])
        if self.cross_attention is not None:
            x = x + self.dropout(self.cross_attention(self.norm_cross(x), memory, memory, memory_mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_self(self.dropout(self.self_attention(x, mask=mask)[0]))
    if self.cross_attention is not None:
        x = self.norm_cross(x + self.dropout(self.cross_attention(x, memory, memory, memory_mask)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(self_residual_missing)
def self_residual_missing_2(self, x, memory=None, mask=None, memory_mask=None):
    attended, _ = self.self_attention(self.norm_self(x) if self.norm_first else x, mask=mask)
    x = self.dropout(attended) if self.norm_first else self.norm_self(self.dropout(attended))
    if self.cross_attention:
        x = _sublayer(
            self, x, lambda q: self.cross_attention(q, memory, memory, memory_mask)[0], self.norm_cross
        )
    return _sublayer(self, x, self.feed_forward, self.norm_feed_forward)


@misconception(
    "feed_forward_residual_missing",
    en="the residual connection around the feed-forward network is missing: what the attentions have made is added to "
    "its output",
    fr="la connexion résiduelle autour du réseau feed-forward manque : ce que les attentions ont fait s'ajoute à sa sortie",
)
def feed_forward_residual_missing(self, x, memory=None, mask=None, memory_mask=None):
    if self.norm_first:
        x = x + self.dropout(self.self_attention(self.norm_self(x), mask=mask)[0])
        if self.cross_attention is not None:
            x = x + self.dropout(self.cross_attention(self.norm_cross(x), memory, memory, memory_mask)[0])
        return self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_self(x + self.dropout(self.self_attention(x, mask=mask)[0]))
    if self.cross_attention is not None:
        x = self.norm_cross(x + self.dropout(self.cross_attention(x, memory, memory, memory_mask)[0]))
    return self.norm_feed_forward(self.dropout(self.feed_forward(x)))


@again(feed_forward_residual_missing)
def feed_forward_residual_missing_2(self, x, memory=None, mask=None, memory_mask=None):
    x = _sublayer(self, x, lambda h: self.self_attention(h, h, h, mask)[0], self.norm_self)
    if self.cross_attention:
        x = _sublayer(
            self, x, lambda q: self.cross_attention(q, memory, memory, memory_mask)[0], self.norm_cross
        )
    if self.norm_first:
        return self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    return self.norm_feed_forward(self.dropout(self.feed_forward(x)))


@misconception(
    "no_residual_in_pre_norm",
    en="in pre-norm the residual connections are missing: there too, x is added to the output of each sublayer",
    fr="en pre-norm, les connexions résiduelles manquent : là aussi, x s'ajoute à la sortie de chaque sous-couche",
)
def no_residual_in_pre_norm(self, x, memory=None, mask=None, memory_mask=None):
    if self.norm_first:
        x = self.dropout(self.self_attention(self.norm_self(x), mask=mask)[0])
        if self.cross_attention is not None:
            x = self.dropout(self.cross_attention(self.norm_cross(x), memory, memory, memory_mask)[0])
        return self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_self(x + self.dropout(self.self_attention(x, mask=mask)[0]))
    if self.cross_attention is not None:
        x = self.norm_cross(x + self.dropout(self.cross_attention(x, memory, memory, memory_mask)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(no_residual_in_pre_norm)
def no_residual_in_pre_norm_2(self, x, memory=None, mask=None, memory_mask=None):
    steps = [(lambda h: self.self_attention(h, h, h, mask)[0], self.norm_self)]
    if self.cross_attention:
        steps += [(lambda q: self.cross_attention(q, memory, memory, memory_mask)[0], self.norm_cross)]
    for compute, norm in [*steps, (self.feed_forward, self.norm_feed_forward)]:
        x = self.dropout(compute(norm(x))) if self.norm_first else norm(x + self.dropout(compute(x)))
    return x


@misconception(
    "no_residual_in_post_norm",
    en="in post-norm the residual connections are missing: there too, x is added to the output of each sublayer, before "
    "the norm",
    fr="en post-norm, les connexions résiduelles manquent : là aussi, x s'ajoute à la sortie de chaque sous-couche, "
    "avant la norme",
)
def no_residual_in_post_norm(self, x, memory=None, mask=None, memory_mask=None):
    if self.norm_first:
        x = x + self.dropout(self.self_attention(self.norm_self(x), mask=mask)[0])
        if self.cross_attention is not None:
            x = x + self.dropout(self.cross_attention(self.norm_cross(x), memory, memory, memory_mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_self(self.dropout(self.self_attention(x, mask=mask)[0]))
    if self.cross_attention is not None:
        x = self.norm_cross(self.dropout(self.cross_attention(x, memory, memory, memory_mask)[0]))
    return self.norm_feed_forward(self.dropout(self.feed_forward(x)))


@again(no_residual_in_post_norm)
def no_residual_in_post_norm_2(self, x, memory=None, mask=None, memory_mask=None):
    steps = [(lambda h: self.self_attention(h, h, h, mask)[0], self.norm_self)]
    if self.cross_attention:
        steps += [(lambda q: self.cross_attention(q, memory, memory, memory_mask)[0], self.norm_cross)]
    for compute, norm in [*steps, (self.feed_forward, self.norm_feed_forward)]:
        h = self.dropout(compute(norm(x) if self.norm_first else x))
        x = x + h if self.norm_first else norm(h)
    return x


@misconception(
    "cross_residual_from_input",
    en="the residual connection around the cross-attention starts from the block's input: it starts from what the "
    "self-attention sublayer has made",
    fr="la connexion résiduelle autour de l'attention croisée part de l'entrée du bloc : elle part de ce que la "
    "sous-couche d'auto-attention a fait",
)
def cross_residual_from_input(self, x, memory=None, mask=None, memory_mask=None):
    if self.norm_first:
        h = x + self.dropout(self.self_attention(self.norm_self(x), mask=mask)[0])
        if self.cross_attention is not None:
            h = x + self.dropout(self.cross_attention(self.norm_cross(h), memory, memory, memory_mask)[0])
        return h + self.dropout(self.feed_forward(self.norm_feed_forward(h)))
    h = self.norm_self(x + self.dropout(self.self_attention(x, mask=mask)[0]))
    if self.cross_attention is not None:
        h = self.norm_cross(x + self.dropout(self.cross_attention(h, memory, memory, memory_mask)[0]))
    return self.norm_feed_forward(h + self.dropout(self.feed_forward(h)))


@again(cross_residual_from_input)
def cross_residual_from_input_2(self, x, memory=None, mask=None, memory_mask=None):
    h = _sublayer(self, x, lambda h: self.self_attention(h, h, h, mask)[0], self.norm_self)
    if self.cross_attention is not None:
        asked = self.norm_cross(h) if self.norm_first else h
        looked_up = self.dropout(self.cross_attention(asked, memory, mask=memory_mask)[0])
        h = x + looked_up if self.norm_first else self.norm_cross(x + looked_up)
    return _sublayer(self, h, self.feed_forward, self.norm_feed_forward)


@misconception(
    "norms_self_and_feed_forward_exchanged",
    en="norm_self and norm_feed_forward are exchanged: each goes with the sublayer that it is named after",
    fr="norm_self et norm_feed_forward sont échangées : chacune va avec la sous-couche dont elle porte le nom",
)
def norms_self_and_feed_forward_exchanged(self, x, memory=None, mask=None, memory_mask=None):
    if self.norm_first:
        x = x + self.dropout(self.self_attention(self.norm_feed_forward(x), mask=mask)[0])
        if self.cross_attention is not None:
            x = x + self.dropout(self.cross_attention(self.norm_cross(x), memory, memory, memory_mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_self(x)))
    x = self.norm_feed_forward(x + self.dropout(self.self_attention(x, mask=mask)[0]))
    if self.cross_attention is not None:
        x = self.norm_cross(x + self.dropout(self.cross_attention(x, memory, memory, memory_mask)[0]))
    return self.norm_self(x + self.dropout(self.feed_forward(x)))


@again(norms_self_and_feed_forward_exchanged)
def norms_self_and_feed_forward_exchanged_2(self, x, memory=None, mask=None, memory_mask=None):
    x = _sublayer(self, x, lambda h: self.self_attention(h, h, h, mask)[0], self.norm_feed_forward)
    if self.cross_attention:
        x = _sublayer(
            self, x, lambda q: self.cross_attention(q, memory, memory, memory_mask)[0], self.norm_cross
        )
    return _sublayer(self, x, self.feed_forward, self.norm_self)


@misconception(
    "norms_self_and_cross_exchanged",
    en="norm_self and norm_cross are exchanged: each goes with the sublayer that it is named after, and a block without "
    "cross-attention has no norm_cross",
    fr="norm_self et norm_cross sont échangées : chacune va avec la sous-couche dont elle porte le nom, et un bloc sans "
    "attention croisée n'a pas de norm_cross",
)
def norms_self_and_cross_exchanged(self, x, memory=None, mask=None, memory_mask=None):
    if self.norm_first:
        x = x + self.dropout(self.self_attention(self.norm_cross(x), mask=mask)[0])
        if self.cross_attention is not None:
            x = x + self.dropout(self.cross_attention(self.norm_self(x), memory, memory, memory_mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_cross(x + self.dropout(self.self_attention(x, mask=mask)[0]))
    if self.cross_attention is not None:
        x = self.norm_self(x + self.dropout(self.cross_attention(x, memory, memory, memory_mask)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(norms_self_and_cross_exchanged)
def norms_self_and_cross_exchanged_2(self, x, memory=None, mask=None, memory_mask=None):
    x = _sublayer(self, x, lambda h: self.self_attention(h, h, h, mask)[0], self.norm_cross)
    if self.cross_attention:
        x = _sublayer(
            self, x, lambda q: self.cross_attention(q, memory, memory, memory_mask)[0], self.norm_self
        )
    return _sublayer(self, x, self.feed_forward, self.norm_feed_forward)


@misconception(
    "norm_feed_forward_for_cross",
    en="norm_feed_forward serves the cross-attention too: it has its own norm, norm_cross",
    fr="norm_feed_forward sert aussi à l'attention croisée : elle a sa propre norme, norm_cross",
)
def norm_feed_forward_for_cross(self, x, memory=None, mask=None, memory_mask=None):
    if self.norm_first:
        x = x + self.dropout(self.self_attention(self.norm_self(x), mask=mask)[0])
        if self.cross_attention is not None:
            x = x + self.dropout(
                self.cross_attention(self.norm_feed_forward(x), memory, memory, memory_mask)[0]
            )
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_self(x + self.dropout(self.self_attention(x, mask=mask)[0]))
    if self.cross_attention is not None:
        x = self.norm_feed_forward(x + self.dropout(self.cross_attention(x, memory, memory, memory_mask)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(norm_feed_forward_for_cross)
def norm_feed_forward_for_cross_2(self, x, memory=None, mask=None, memory_mask=None):
    x = _sublayer(self, x, lambda h: self.self_attention(h, h, h, mask)[0], self.norm_self)
    if self.cross_attention:
        x = _sublayer(
            self, x, lambda q: self.cross_attention(q, memory, memory, memory_mask)[0], self.norm_feed_forward
        )
    return _sublayer(self, x, self.feed_forward, self.norm_feed_forward)


@misconception(
    "cross_always_post_norm",
    en="around the cross-attention your block is always post-norm: with norm_first=True, norm_cross comes before it, as "
    "the other norms do",
    fr="autour de l'attention croisée, votre bloc est toujours post-norm : avec norm_first=True, norm_cross vient avant "
    "elle, comme les autres normes",
)
def cross_always_post_norm(self, x, memory=None, mask=None, memory_mask=None):
    if self.norm_first:
        x = x + self.dropout(self.self_attention(self.norm_self(x), mask=mask)[0])
    else:
        x = self.norm_self(x + self.dropout(self.self_attention(x, mask=mask)[0]))
    if self.cross_attention is not None:
        x = self.norm_cross(x + self.dropout(self.cross_attention(x, memory, memory, memory_mask)[0]))
    if self.norm_first:
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(cross_always_post_norm)
def cross_always_post_norm_2(self, x, memory=None, mask=None, memory_mask=None):
    x = _sublayer(self, x, lambda h: self.self_attention(h, h, h, mask)[0], self.norm_self)
    if self.cross_attention:
        looked_up, _ = self.cross_attention(query=x, key=memory, value=memory, mask=memory_mask)
        x = self.norm_cross(x.add(self.dropout(looked_up)))
    return _sublayer(self, x, self.feed_forward, self.norm_feed_forward)


@misconception(
    "no_dropout_after_self",
    en="the output of the self-attention has no dropout: it has it as the two other sublayers do",
    fr="la sortie de l'auto-attention n'a pas d'abandon (dropout) : elle en a un, comme les deux autres sous-couches",
)
def no_dropout_after_self(self, x, memory=None, mask=None, memory_mask=None):
    if self.norm_first:
        x = x + self.self_attention(self.norm_self(x), mask=mask)[0]
        if self.cross_attention is not None:
            x = x + self.dropout(self.cross_attention(self.norm_cross(x), memory, memory, memory_mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_self(x + self.self_attention(x, mask=mask)[0])
    if self.cross_attention is not None:
        x = self.norm_cross(x + self.dropout(self.cross_attention(x, memory, memory, memory_mask)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(no_dropout_after_self)
def no_dropout_after_self_2(self, x, memory=None, mask=None, memory_mask=None):
    attended, _ = self.self_attention(self.norm_self(x) if self.norm_first else x, mask=mask)
    x = x + attended if self.norm_first else self.norm_self(x + attended)
    if self.cross_attention:
        x = _sublayer(
            self, x, lambda q: self.cross_attention(q, memory, memory, memory_mask)[0], self.norm_cross
        )
    return _sublayer(self, x, self.feed_forward, self.norm_feed_forward)


@misconception(
    "no_dropout_after_feed_forward",
    en="the output of the feed-forward network has no dropout: it has it as the two other sublayers do",
    fr="la sortie du réseau feed-forward n'a pas d'abandon (dropout) : elle en a un, comme les deux autres sous-couches",
)
def no_dropout_after_feed_forward(self, x, memory=None, mask=None, memory_mask=None):
    if self.norm_first:
        x = x + self.dropout(self.self_attention(self.norm_self(x), mask=mask)[0])
        if self.cross_attention is not None:
            x = x + self.dropout(self.cross_attention(self.norm_cross(x), memory, memory, memory_mask)[0])
        return x + self.feed_forward(self.norm_feed_forward(x))
    x = self.norm_self(x + self.dropout(self.self_attention(x, mask=mask)[0]))
    if self.cross_attention is not None:
        x = self.norm_cross(x + self.dropout(self.cross_attention(x, memory, memory, memory_mask)[0]))
    return self.norm_feed_forward(x + self.feed_forward(x))


@again(no_dropout_after_feed_forward)
def no_dropout_after_feed_forward_2(self, x, memory=None, mask=None, memory_mask=None):
    x = _sublayer(self, x, lambda h: self.self_attention(h, h, h, mask)[0], self.norm_self)
    if self.cross_attention:
        x = _sublayer(
            self, x, lambda q: self.cross_attention(q, memory, memory, memory_mask)[0], self.norm_cross
        )
    if self.norm_first:
        return x + self.feed_forward(self.norm_feed_forward(x))
    return self.norm_feed_forward(x + self.feed_forward(x))


@misconception(
    "self_residual_missing_in_pre_norm",
    en="in pre-norm the residual connection around the self-attention is missing: there too, its output is added to x",
    fr="en pre-norm, la connexion résiduelle autour de l'auto-attention manque : là aussi, sa sortie s'ajoute à x",
)
def self_residual_missing_in_pre_norm(self, x, memory=None, mask=None, memory_mask=None):
    if self.norm_first:
        x = self.dropout(self.self_attention(self.norm_self(x), mask=mask)[0])
        if self.cross_attention is not None:
            x = x + self.dropout(self.cross_attention(self.norm_cross(x), memory, memory, memory_mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_self(x + self.dropout(self.self_attention(x, mask=mask)[0]))
    if self.cross_attention is not None:
        x = self.norm_cross(x + self.dropout(self.cross_attention(x, memory, memory, memory_mask)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(self_residual_missing_in_pre_norm)
def self_residual_missing_in_pre_norm_2(self, x, memory=None, mask=None, memory_mask=None):
    h = self.norm_self(x) if self.norm_first else x
    h = self.dropout(self.self_attention(h, mask=mask)[0])
    x = h if self.norm_first else self.norm_self(x + h)
    if self.cross_attention:
        x = _sublayer(
            self, x, lambda q: self.cross_attention(q, memory, memory, memory_mask)[0], self.norm_cross
        )
    return _sublayer(self, x, self.feed_forward, self.norm_feed_forward)


@misconception(
    "self_residual_missing_in_post_norm",
    en="in post-norm the residual connection around the self-attention is missing: there too, its output is added to x, "
    "before the norm",
    fr="en post-norm, la connexion résiduelle autour de l'auto-attention manque : là aussi, sa sortie s'ajoute à x, "
    "avant la norme",
)
def self_residual_missing_in_post_norm(self, x, memory=None, mask=None, memory_mask=None):
    if self.norm_first:
        x = x + self.dropout(self.self_attention(self.norm_self(x), mask=mask)[0])
        if self.cross_attention is not None:
            x = x + self.dropout(self.cross_attention(self.norm_cross(x), memory, memory, memory_mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_self(self.dropout(self.self_attention(x, mask=mask)[0]))
    if self.cross_attention is not None:
        x = self.norm_cross(x + self.dropout(self.cross_attention(x, memory, memory, memory_mask)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(self_residual_missing_in_post_norm)
def self_residual_missing_in_post_norm_2(self, x, memory=None, mask=None, memory_mask=None):
    h = self.norm_self(x) if self.norm_first else x
    h = self.dropout(self.self_attention(h, mask=mask)[0])
    x = x + h if self.norm_first else self.norm_self(h)
    if self.cross_attention:
        x = _sublayer(
            self, x, lambda q: self.cross_attention(q, memory, memory, memory_mask)[0], self.norm_cross
        )
    return _sublayer(self, x, self.feed_forward, self.norm_feed_forward)


@misconception(
    "cross_residual_missing_in_pre_norm",
    en="in pre-norm the residual connection around the cross-attention is missing: there too, its output is added to x",
    fr="en pre-norm, la connexion résiduelle autour de l'attention croisée manque : là aussi, sa sortie s'ajoute à x",
)
def cross_residual_missing_in_pre_norm(self, x, memory=None, mask=None, memory_mask=None):
    if self.norm_first:
        x = x + self.dropout(self.self_attention(self.norm_self(x), mask=mask)[0])
        if self.cross_attention is not None:
            x = self.dropout(self.cross_attention(self.norm_cross(x), memory, memory, memory_mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_self(x + self.dropout(self.self_attention(x, mask=mask)[0]))
    if self.cross_attention is not None:
        x = self.norm_cross(x + self.dropout(self.cross_attention(x, memory, memory, memory_mask)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(cross_residual_missing_in_pre_norm)
def cross_residual_missing_in_pre_norm_2(self, x, memory=None, mask=None, memory_mask=None):
    x = _sublayer(self, x, lambda h: self.self_attention(h, h, h, mask)[0], self.norm_self)
    if self.cross_attention is not None:
        h = self.norm_cross(x) if self.norm_first else x
        h = self.dropout(self.cross_attention(h, memory, mask=memory_mask)[0])
        x = h if self.norm_first else self.norm_cross(x + h)
    return _sublayer(self, x, self.feed_forward, self.norm_feed_forward)


@misconception(
    "cross_residual_missing_in_post_norm",
    en="in post-norm the residual connection around the cross-attention is missing: there too, its output is added to x, "
    "before the norm",
    fr="en post-norm, la connexion résiduelle autour de l'attention croisée manque : là aussi, sa sortie s'ajoute à x, "
    "avant la norme",
)
def cross_residual_missing_in_post_norm(self, x, memory=None, mask=None, memory_mask=None):
    if self.norm_first:
        x = x + self.dropout(self.self_attention(self.norm_self(x), mask=mask)[0])
        if self.cross_attention is not None:
            x = x + self.dropout(self.cross_attention(self.norm_cross(x), memory, memory, memory_mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_self(x + self.dropout(self.self_attention(x, mask=mask)[0]))
    if self.cross_attention is not None:
        x = self.norm_cross(self.dropout(self.cross_attention(x, memory, memory, memory_mask)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(cross_residual_missing_in_post_norm)
def cross_residual_missing_in_post_norm_2(self, x, memory=None, mask=None, memory_mask=None):
    x = _sublayer(self, x, lambda h: self.self_attention(h, h, h, mask)[0], self.norm_self)
    if self.cross_attention is not None:
        h = self.norm_cross(x) if self.norm_first else x
        h = self.dropout(self.cross_attention(h, memory, mask=memory_mask)[0])
        x = x + h if self.norm_first else self.norm_cross(h)
    return _sublayer(self, x, self.feed_forward, self.norm_feed_forward)


@misconception(
    "feed_forward_residual_missing_in_pre_norm",
    en="in pre-norm the residual connection around the feed-forward network is missing: there too, what the attentions "
    "have made is added to its output",
    fr="en pre-norm, la connexion résiduelle autour du réseau feed-forward manque : là aussi, ce que les attentions ont "
    "fait s'ajoute à sa sortie",
)
def feed_forward_residual_missing_in_pre_norm(self, x, memory=None, mask=None, memory_mask=None):
    if self.norm_first:
        x = x + self.dropout(self.self_attention(self.norm_self(x), mask=mask)[0])
        if self.cross_attention is not None:
            x = x + self.dropout(self.cross_attention(self.norm_cross(x), memory, memory, memory_mask)[0])
        return self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_self(x + self.dropout(self.self_attention(x, mask=mask)[0]))
    if self.cross_attention is not None:
        x = self.norm_cross(x + self.dropout(self.cross_attention(x, memory, memory, memory_mask)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(feed_forward_residual_missing_in_pre_norm)
def feed_forward_residual_missing_in_pre_norm_2(self, x, memory=None, mask=None, memory_mask=None):
    x = _sublayer(self, x, lambda h: self.self_attention(h, h, h, mask)[0], self.norm_self)
    if self.cross_attention:
        x = _sublayer(
            self, x, lambda q: self.cross_attention(q, memory, memory, memory_mask)[0], self.norm_cross
        )
    h = self.norm_feed_forward(x) if self.norm_first else x
    h = self.dropout(self.feed_forward(h))
    return h if self.norm_first else self.norm_feed_forward(x + h)


@misconception(
    "feed_forward_residual_missing_in_post_norm",
    en="in post-norm the residual connection around the feed-forward network is missing: there too, what the attentions "
    "have made is added to its output, before the norm",
    fr="en post-norm, la connexion résiduelle autour du réseau feed-forward manque : là aussi, ce que les attentions ont "
    "fait s'ajoute à sa sortie, avant la norme",
)
def feed_forward_residual_missing_in_post_norm(self, x, memory=None, mask=None, memory_mask=None):
    if self.norm_first:
        x = x + self.dropout(self.self_attention(self.norm_self(x), mask=mask)[0])
        if self.cross_attention is not None:
            x = x + self.dropout(self.cross_attention(self.norm_cross(x), memory, memory, memory_mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_self(x + self.dropout(self.self_attention(x, mask=mask)[0]))
    if self.cross_attention is not None:
        x = self.norm_cross(x + self.dropout(self.cross_attention(x, memory, memory, memory_mask)[0]))
    return self.norm_feed_forward(self.dropout(self.feed_forward(x)))


@again(feed_forward_residual_missing_in_post_norm)
def feed_forward_residual_missing_in_post_norm_2(self, x, memory=None, mask=None, memory_mask=None):
    x = _sublayer(self, x, lambda h: self.self_attention(h, h, h, mask)[0], self.norm_self)
    if self.cross_attention:
        x = _sublayer(
            self, x, lambda q: self.cross_attention(q, memory, memory, memory_mask)[0], self.norm_cross
        )
    h = self.norm_feed_forward(x) if self.norm_first else x
    h = self.dropout(self.feed_forward(h))
    return x + h if self.norm_first else self.norm_feed_forward(h)
