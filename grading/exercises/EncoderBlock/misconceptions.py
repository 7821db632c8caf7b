"""Wrong implementations that students really write, each with what it computes instead."""

from __future__ import annotations

from torch.nn import functional as F

from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = ("residual_from_normalised", "second_residual_from_input", "mask_as_key")


@misconception(
    "no_residual",
    en="the residual connections are missing: x is added to the output of each sublayer",
    fr="les connexions résiduelles manquent : x s'ajoute à la sortie de chaque sous-couche",
)
def no_residual(self, x, mask=None):
    if self.norm_first:
        x = self.dropout(self.attention(self.norm_attention(x), mask=mask)[0])
        return self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_attention(self.dropout(self.attention(x, mask=mask)[0]))
    return self.norm_feed_forward(self.dropout(self.feed_forward(x)))


@again(no_residual)
def no_residual_2(self, x, mask=None):
    steps = [
        (lambda h: self.attention(h, h, h, mask)[0], self.norm_attention),
        (self.feed_forward, self.norm_feed_forward),
    ]
    for sublayer, norm in steps:
        x = self.dropout(sublayer(norm(x))) if self.norm_first else norm(self.dropout(sublayer(x)))
    return x


@misconception(
    "attention_residual_missing",
    en="the residual connection around the attention is missing: its output is added to x",
    fr="la connexion résiduelle autour de l'attention manque : sa sortie s'ajoute à x",
)
def attention_residual_missing(self, x, mask=None):
    if self.norm_first:
        x = self.dropout(self.attention(self.norm_attention(x), mask=mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_attention(self.dropout(self.attention(x, mask=mask)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(attention_residual_missing)
def attention_residual_missing_2(self, x, mask=None):
    attended, _ = self.attention(self.norm_attention(x) if self.norm_first else x, mask=mask)
    h = self.dropout(attended)
    if not self.norm_first:
        h = self.norm_attention(h)
    transformed = self.dropout(self.feed_forward(self.norm_feed_forward(h) if self.norm_first else h))
    return h + transformed if self.norm_first else self.norm_feed_forward(h + transformed)


@misconception(
    "feed_forward_residual_missing",
    en="the residual connection around the feed-forward network is missing: what the attention sublayer has made is "
    "added to its output",
    fr="la connexion résiduelle autour du réseau feed-forward manque : ce que la sous-couche d'attention a fait s'ajoute "
    "à sa sortie",
)
def feed_forward_residual_missing(self, x, mask=None):
    if self.norm_first:
        x = x + self.dropout(self.attention(self.norm_attention(x), mask=mask)[0])
        return self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_attention(x + self.dropout(self.attention(x, mask=mask)[0]))
    return self.norm_feed_forward(self.dropout(self.feed_forward(x)))


@again(feed_forward_residual_missing)
def feed_forward_residual_missing_2(self, x, mask=None):
    attended, _ = self.attention(self.norm_attention(x) if self.norm_first else x, mask=mask)
    h = x + self.dropout(attended)
    if not self.norm_first:
        h = self.norm_attention(h)
        return self.norm_feed_forward(self.dropout(self.feed_forward(h)))
    return self.dropout(self.feed_forward(self.norm_feed_forward(h)))


@misconception(
    "always_post_norm",
    en="norm_first has no effect, your block is always post-norm: with norm_first=True the norm comes before the sublayer",
    fr="norm_first est sans effet, votre bloc est toujours post-norm : avec norm_first=True, la norme vient avant la "
    "sous-couche",
)
def always_post_norm(self, x, mask=None):
    x = self.norm_attention(x + self.dropout(self.attention(x, mask=mask)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(always_post_norm)
def always_post_norm_2(self, x, mask=None):
    attended, _ = self.attention(query=x, key=x, value=x, mask=mask)
    attended = self.dropout(attended)
    h = self.norm_attention(x.add(attended))
    transformed = self.dropout(self.feed_forward(h))
    return self.norm_feed_forward(h.add(transformed))


@misconception(
    "always_pre_norm",
    en="norm_first has no effect, your block is always pre-norm: with norm_first=False the norm comes after the sum",
    fr="norm_first est sans effet, votre bloc est toujours pre-norm : avec norm_first=False, la norme vient après la "
    "somme",
)
def always_pre_norm(self, x, mask=None):
    x = x + self.dropout(self.attention(self.norm_attention(x), mask=mask)[0])
    return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))


@again(always_pre_norm)
def always_pre_norm_2(self, x, mask=None):
    normalised = self.norm_attention(x)
    attended, _ = self.attention(normalised, normalised, normalised, mask)
    h = x + self.dropout(attended)
    normalised = self.norm_feed_forward(h)
    h = h + self.dropout(self.feed_forward(normalised))
    return h


@misconception(
    "norm_orders_exchanged",
    en="the two orders are exchanged: norm_first=True means pre-norm, x + Sublayer(Norm(x))",
    fr="les deux ordres sont échangés : norm_first=True veut dire pre-norm, x + Sublayer(Norm(x))",
)
def norm_orders_exchanged(self, x, mask=None):
    if not self.norm_first:
        x = x + self.dropout(self.attention(self.norm_attention(x), mask=mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_attention(x + self.dropout(self.attention(x, mask=mask)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(norm_orders_exchanged)
def norm_orders_exchanged_2(self, x, mask=None):
    steps = [
        (lambda h: self.attention(h, h, h, mask)[0], self.norm_attention),
        (self.feed_forward, self.norm_feed_forward),
    ]
    for sublayer, norm in steps:
        if self.norm_first:
            x = norm(x + self.dropout(sublayer(x)))
        else:
            x = x + self.dropout(sublayer(norm(x)))
    return x


@misconception(
    "residual_from_normalised",
    en="in pre-norm you add the sublayer's output to the normalised x: the residual connection carries x as it came, "
    "before the norm",
    fr="en pre-norm, vous ajoutez la sortie de la sous-couche au x normalisé : la connexion résiduelle transporte x tel "
    "qu'il est arrivé, avant la norme",
)
def residual_from_normalised(self, x, mask=None):
    if self.norm_first:
        x = self.norm_attention(x)
        x = x + self.dropout(self.attention(x, mask=mask)[0])
        x = self.norm_feed_forward(x)
        return x + self.dropout(self.feed_forward(x))
    x = self.norm_attention(x + self.dropout(self.attention(x, mask=mask)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(residual_from_normalised)
def residual_from_normalised_2(self, x, mask=None):
    steps = [
        (lambda h: self.attention(h, h, h, mask)[0], self.norm_attention),
        (self.feed_forward, self.norm_feed_forward),
    ]
    for sublayer, norm in steps:
        h = norm(x) if self.norm_first else x
        h = h + self.dropout(sublayer(h))
        x = h if self.norm_first else norm(h)
    return x


@misconception(
    "one_norm_for_both",
    en="the same norm serves both sublayers: the feed-forward network has its own, norm_feed_forward",
    fr="la même norme sert aux deux sous-couches : le réseau feed-forward a la sienne, norm_feed_forward",
)
def one_norm_for_both(self, x, mask=None):
    if self.norm_first:
        x = x + self.dropout(self.attention(self.norm_attention(x), mask=mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_attention(x)))
    x = self.norm_attention(x + self.dropout(self.attention(x, mask=mask)[0]))
    return self.norm_attention(x + self.dropout(self.feed_forward(x)))


@again(one_norm_for_both)
def one_norm_for_both_2(self, x, mask=None):
    norm = self.norm_attention
    for sublayer in (lambda h: self.attention(h, mask=mask)[0], self.feed_forward):
        x = x + self.dropout(sublayer(norm(x))) if self.norm_first else norm(x + self.dropout(sublayer(x)))
    return x


@misconception(
    "norms_exchanged",
    en="the two norms are exchanged: norm_attention belongs to the attention, norm_feed_forward to the feed-forward network",
    fr="les deux normes sont échangées : norm_attention va avec l'attention, norm_feed_forward avec le réseau feed-forward",
)
def norms_exchanged(self, x, mask=None):
    if self.norm_first:
        x = x + self.dropout(self.attention(self.norm_feed_forward(x), mask=mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_attention(x)))
    x = self.norm_feed_forward(x + self.dropout(self.attention(x, mask=mask)[0]))
    return self.norm_attention(x + self.dropout(self.feed_forward(x)))


@again(norms_exchanged)
def norms_exchanged_2(self, x, mask=None):
    norms = [self.norm_attention, self.norm_feed_forward]
    for sublayer in (lambda h: self.attention(h, mask=mask)[0], self.feed_forward):
        norm = norms.pop()
        x = x + self.dropout(sublayer(norm(x))) if self.norm_first else norm(x + self.dropout(sublayer(x)))
    return x


@misconception(
    "second_norm_missing",
    en="the feed-forward sublayer has no norm: norm_feed_forward does not serve",
    fr="la sous-couche feed-forward n'a pas de norme : norm_feed_forward ne sert pas",
)
def second_norm_missing(self, x, mask=None):
    if self.norm_first:
        x = x + self.dropout(self.attention(self.norm_attention(x), mask=mask)[0])
    else:
        x = self.norm_attention(x + self.dropout(self.attention(x, mask=mask)[0]))
    return x + self.dropout(self.feed_forward(x))


@again(second_norm_missing)
def second_norm_missing_2(self, x, mask=None):
    before = self.norm_attention if self.norm_first else lambda h: h
    after = (lambda h: h) if self.norm_first else self.norm_attention
    normalised = before(x)
    h = after(x + self.dropout(self.attention(normalised, normalised, normalised, mask)[0]))
    return self.dropout(self.feed_forward(h)) + h


@misconception(
    "no_norm",
    en="your block normalises nothing: each sublayer has its norm",
    fr="votre bloc ne normalise rien : chaque sous-couche a sa norme",
)
def no_norm(self, x, mask=None):
    x = x + self.dropout(self.attention(x, mask=mask)[0])
    return x + self.dropout(self.feed_forward(x))


@again(no_norm)
def no_norm_2(self, x, mask=None):
    attended, _ = self.attention(x, x, x, mask)
    h = self.dropout(attended).add(x)
    return self.dropout(self.feed_forward(h)).add(h)


@misconception(
    "norm_before_sum",
    en="in post-norm you normalise the sublayer's output alone, x + Norm(Sublayer(x)): the norm takes the whole sum",
    fr="en post-norm, vous normalisez la seule sortie de la sous-couche, x + Norm(Sublayer(x)) : la norme prend toute "
    "la somme",
)
def norm_before_sum(self, x, mask=None):
    if self.norm_first:
        x = x + self.dropout(self.attention(self.norm_attention(x), mask=mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = x + self.norm_attention(self.dropout(self.attention(x, mask=mask)[0]))
    return x + self.norm_feed_forward(self.dropout(self.feed_forward(x)))


@again(norm_before_sum)
def norm_before_sum_2(self, x, mask=None):
    steps = [
        (lambda h: self.attention(h, h, h, mask)[0], self.norm_attention),
        (self.feed_forward, self.norm_feed_forward),
    ]
    for sublayer, norm in steps:
        x = x + (self.dropout(sublayer(norm(x))) if self.norm_first else norm(self.dropout(sublayer(x))))
    return x


@misconception(
    "mask_not_passed",
    en="your block takes the mask and does not hand it on to the attention: hidden positions still count",
    fr="votre bloc reçoit le masque et ne le transmet pas à l'attention : les positions cachées comptent encore",
)
def mask_not_passed(self, x, mask=None):
    if self.norm_first:
        x = x + self.dropout(self.attention(self.norm_attention(x))[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_attention(x + self.dropout(self.attention(x)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(mask_not_passed)
def mask_not_passed_2(self, x, mask=None):
    steps = [
        (lambda h: self.attention(h, h, h)[0], self.norm_attention),
        (self.feed_forward, self.norm_feed_forward),
    ]
    for sublayer, norm in steps:
        if self.norm_first:
            x = x + self.dropout(sublayer(norm(x)))
        else:
            x = norm(x + self.dropout(sublayer(x)))
    return x


@misconception(
    "mask_as_key",
    en="you pass the mask as second argument of the attention, which is the key: pass it by its name, mask=mask",
    fr="vous passez le masque en deuxième argument de l'attention, qui est la clé (key) : passez-le par son nom, mask=mask",
)
def mask_as_key(self, x, mask=None):
    if self.norm_first:
        x = x + self.dropout(self.attention(self.norm_attention(x), mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_attention(x + self.dropout(self.attention(x, mask)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(mask_as_key)
def mask_as_key_2(self, x, mask=None):
    attended, _ = self.attention(self.norm_attention(x) if self.norm_first else x, mask)
    h = x + self.dropout(attended)
    h = h if self.norm_first else self.norm_attention(h)
    transformed = self.feed_forward(self.norm_feed_forward(h) if self.norm_first else h)
    h = h + self.dropout(transformed)
    return h if self.norm_first else self.norm_feed_forward(h)


@misconception(
    "mask_inverted",
    en="you invert the mask before the attention: True already means visible",
    fr="vous inversez le masque avant l'attention : True veut déjà dire visible",
)
def mask_inverted(self, x, mask=None):
    hidden = None if mask is None else ~mask
    if self.norm_first:
        x = x + self.dropout(self.attention(self.norm_attention(x), mask=hidden)[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_attention(x + self.dropout(self.attention(x, mask=hidden)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(mask_inverted)
def mask_inverted_2(self, x, mask=None):
    if mask is not None:
        mask = mask == 0
    steps = [
        (lambda h: self.attention(h, h, h, mask)[0], self.norm_attention),
        (self.feed_forward, self.norm_feed_forward),
    ]
    for sublayer, norm in steps:
        x = x + self.dropout(sublayer(norm(x))) if self.norm_first else norm(x + self.dropout(sublayer(x)))
    return x


@misconception(
    "feed_forward_first",
    en="the feed-forward network comes before the attention: the attention comes first",
    fr="le réseau feed-forward vient avant l'attention : c'est l'attention qui vient en premier",
)
def feed_forward_first(self, x, mask=None):
    if self.norm_first:
        x = x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
        return x + self.dropout(self.attention(self.norm_attention(x), mask=mask)[0])
    x = self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))
    return self.norm_attention(x + self.dropout(self.attention(x, mask=mask)[0]))


@again(feed_forward_first)
def feed_forward_first_2(self, x, mask=None):
    steps = {
        self.norm_feed_forward: self.feed_forward,
        self.norm_attention: lambda h: self.attention(h, mask=mask)[0],
    }
    for norm, sublayer in steps.items():
        x = x + self.dropout(sublayer(norm(x))) if self.norm_first else norm(x + self.dropout(sublayer(x)))
    return x


@misconception(
    "parallel_sublayers",
    en="both sublayers read the block's input side by side: the feed-forward network reads what the attention has made",
    fr="les deux sous-couches lisent côte à côte l'entrée du bloc : le réseau feed-forward lit ce que l'attention a fait",
)
def parallel_sublayers(self, x, mask=None):
    if self.norm_first:
        attended = self.dropout(self.attention(self.norm_attention(x), mask=mask)[0])
        return x + attended + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    attended = self.norm_attention(x + self.dropout(self.attention(x, mask=mask)[0]))
    return self.norm_feed_forward(attended + self.dropout(self.feed_forward(x)))


@again(parallel_sublayers)
def parallel_sublayers_2(self, x, mask=None):
    before = [self.norm_attention, self.norm_feed_forward] if self.norm_first else [lambda h: h] * 2
    after = [lambda h: h] * 2 if self.norm_first else [self.norm_attention, self.norm_feed_forward]
    attended, _ = self.attention(before[0](x), mask=mask)
    transformed = self.feed_forward(before[1](x))
    return after[1](after[0](x + self.dropout(attended)) + self.dropout(transformed))


@misconception(
    "second_residual_from_input",
    en="the second residual connection starts from the block's input: it starts from what the attention sublayer has made",
    fr="la seconde connexion résiduelle part de l'entrée du bloc : elle part de ce que la sous-couche d'attention a fait",
)
def second_residual_from_input(self, x, mask=None):
    if self.norm_first:
        h = x + self.dropout(self.attention(self.norm_attention(x), mask=mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(h)))
    h = self.norm_attention(x + self.dropout(self.attention(x, mask=mask)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(h)))


@again(second_residual_from_input)
def second_residual_from_input_2(self, x, mask=None):
    residual = x
    steps = [
        (lambda h: self.attention(h, h, h, mask)[0], self.norm_attention),
        (self.feed_forward, self.norm_feed_forward),
    ]
    for sublayer, norm in steps:
        if self.norm_first:
            x = residual + self.dropout(sublayer(norm(x)))
        else:
            x = norm(residual + self.dropout(sublayer(x)))
    return x


@misconception(
    "dropout_missing",
    en="self.dropout does not serve: it is applied to the output of each sublayer",
    fr="self.dropout ne sert pas : il s'applique à la sortie de chaque sous-couche",
)
def dropout_missing(self, x, mask=None):
    if self.norm_first:
        x = x + self.attention(self.norm_attention(x), mask=mask)[0]
        return x + self.feed_forward(self.norm_feed_forward(x))
    x = self.norm_attention(x + self.attention(x, mask=mask)[0])
    return self.norm_feed_forward(x + self.feed_forward(x))


@again(dropout_missing)
def dropout_missing_2(self, x, mask=None):
    steps = [
        (lambda h: self.attention(h, h, h, mask)[0], self.norm_attention),
        (self.feed_forward, self.norm_feed_forward),
    ]
    for sublayer, norm in steps:
        x = x + sublayer(norm(x)) if self.norm_first else norm(x + sublayer(x))
    return x


@misconception(
    "dropout_on_attention_only",
    en="dropout falls on the attention's output only: it falls on that of the feed-forward network too",
    fr="l'abandon (dropout) ne porte que sur la sortie de l'attention : il porte aussi sur celle du réseau feed-forward",
)
def dropout_on_attention_only(self, x, mask=None):
    if self.norm_first:
        x = x + self.dropout(self.attention(self.norm_attention(x), mask=mask)[0])
        return x + self.feed_forward(self.norm_feed_forward(x))
    x = self.norm_attention(x + self.dropout(self.attention(x, mask=mask)[0]))
    return self.norm_feed_forward(x + self.feed_forward(x))


@again(dropout_on_attention_only)
def dropout_on_attention_only_2(self, x, mask=None):
    attended, _ = self.attention(self.norm_attention(x) if self.norm_first else x, mask=mask)
    h = x + self.dropout(attended)
    if self.norm_first:
        return h + self.feed_forward(self.norm_feed_forward(h))
    h = self.norm_attention(h)
    return self.norm_feed_forward(self.feed_forward(h) + h)


@misconception(
    "dropout_on_feed_forward_only",
    en="dropout falls on the output of the feed-forward network only: it falls on the attention's too",
    fr="l'abandon (dropout) ne porte que sur la sortie du réseau feed-forward : il porte aussi sur celle de l'attention",
)
def dropout_on_feed_forward_only(self, x, mask=None):
    if self.norm_first:
        x = x + self.attention(self.norm_attention(x), mask=mask)[0]
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_attention(x + self.attention(x, mask=mask)[0])
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(dropout_on_feed_forward_only)
def dropout_on_feed_forward_only_2(self, x, mask=None):
    attended, _ = self.attention(self.norm_attention(x) if self.norm_first else x, mask=mask)
    h = x + attended
    if not self.norm_first:
        h = self.norm_attention(h)
    transformed = self.dropout(self.feed_forward(self.norm_feed_forward(h) if self.norm_first else h))
    return h + transformed if self.norm_first else self.norm_feed_forward(h + transformed)


@misconception(
    "dropout_after_sum",
    en="you drop components of the whole sum, x included: dropout is applied to the sublayer's output before it is added",
    fr="vous abandonnez des composantes de toute la somme, x compris : l'abandon (dropout) s'applique à la sortie de la "
    "sous-couche avant l'addition",
)
def dropout_after_sum(self, x, mask=None):
    if self.norm_first:
        x = self.dropout(x + self.attention(self.norm_attention(x), mask=mask)[0])
        return self.dropout(x + self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_attention(self.dropout(x + self.attention(x, mask=mask)[0]))
    return self.norm_feed_forward(self.dropout(x + self.feed_forward(x)))


@again(dropout_after_sum)
def dropout_after_sum_2(self, x, mask=None):
    steps = [
        (lambda h: self.attention(h, h, h, mask)[0], self.norm_attention),
        (self.feed_forward, self.norm_feed_forward),
    ]
    for sublayer, norm in steps:
        if self.norm_first:
            x = self.dropout(x + sublayer(norm(x)))
        else:
            x = norm(self.dropout(x + sublayer(x)))
    return x


@misconception(
    "dropout_in_evaluation",
    en="dropout stays active in evaluation mode: call the module self.dropout, which knows when to stop",
    fr="l'abandon (dropout) reste actif en mode évaluation : appelez le module self.dropout, qui sait quand s'arrêter",
)
def dropout_in_evaluation(self, x, mask=None):
    p = self.dropout.p
    if self.norm_first:
        x = x + F.dropout(self.attention(self.norm_attention(x), mask=mask)[0], p)
        return x + F.dropout(self.feed_forward(self.norm_feed_forward(x)), p)
    x = self.norm_attention(x + F.dropout(self.attention(x, mask=mask)[0], p))
    return self.norm_feed_forward(x + F.dropout(self.feed_forward(x), p))


@again(dropout_in_evaluation)
def dropout_in_evaluation_2(self, x, mask=None):
    steps = [
        (lambda h: self.attention(h, h, h, mask)[0], self.norm_attention),
        (self.feed_forward, self.norm_feed_forward),
    ]
    for sublayer, norm in steps:
        h = sublayer(norm(x) if self.norm_first else x)
        kept = h.new_empty(h.shape).bernoulli_(1 - self.dropout.p)
        x = x + h * kept / (1 - self.dropout.p)
        x = x if self.norm_first else norm(x)
    return x


@misconception(
    "changed_in_place",
    en="x += ... changes the tensor of the caller, and training stops on an error: write x = x + ...",
    fr="x += ... modifie le tenseur de celui qui appelle, et l'entraînement s'arrête sur une erreur : écrivez x = x + ...",
)
def changed_in_place(self, x, mask=None):
    if self.norm_first:
        x += self.dropout(self.attention(self.norm_attention(x), mask=mask)[0])
        x += self.dropout(self.feed_forward(self.norm_feed_forward(x)))
        return x
    x += self.dropout(self.attention(x, mask=mask)[0])
    x = self.norm_attention(x)
    x += self.dropout(self.feed_forward(x))
    return self.norm_feed_forward(x)


@again(changed_in_place)
def changed_in_place_2(self, x, mask=None):
    steps = [
        (lambda h: self.attention(h, h, h, mask)[0], self.norm_attention),
        (self.feed_forward, self.norm_feed_forward),
    ]
    for sublayer, norm in steps:
        if self.norm_first:
            x.add_(self.dropout(sublayer(norm(x))))
        else:
            x = norm(x.add_(self.dropout(sublayer(x))))
    return x


# One order right, the other wrong


@misconception(
    "no_residual_in_pre_norm",
    en="in pre-norm the residual connections are missing: there too, x is added to the output of each sublayer",
    fr="en pre-norm, les connexions résiduelles manquent : là aussi, x s'ajoute à la sortie de chaque sous-couche",
)
def no_residual_in_pre_norm(self, x, mask=None):
    if self.norm_first:
        x = self.dropout(self.attention(self.norm_attention(x), mask=mask)[0])
        return self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_attention(x + self.dropout(self.attention(x, mask=mask)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(no_residual_in_pre_norm)
def no_residual_in_pre_norm_2(self, x, mask=None):
    steps = [
        (lambda h: self.attention(h, h, h, mask)[0], self.norm_attention),
        (self.feed_forward, self.norm_feed_forward),
    ]
    for sublayer, norm in steps:
        x = self.dropout(sublayer(norm(x))) if self.norm_first else norm(x + self.dropout(sublayer(x)))
    return x


@misconception(
    "no_residual_in_post_norm",
    en="in post-norm the residual connections are missing: there too, x is added to the output of each sublayer, before "
    "the norm",
    fr="en post-norm, les connexions résiduelles manquent : là aussi, x s'ajoute à la sortie de chaque sous-couche, "
    "avant la norme",
)
def no_residual_in_post_norm(self, x, mask=None):
    if self.norm_first:
        x = x + self.dropout(self.attention(self.norm_attention(x), mask=mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_attention(self.dropout(self.attention(x, mask=mask)[0]))
    return self.norm_feed_forward(self.dropout(self.feed_forward(x)))


@again(no_residual_in_post_norm)
def no_residual_in_post_norm_2(self, x, mask=None):
    steps = [
        (lambda h: self.attention(h, h, h, mask)[0], self.norm_attention),
        (self.feed_forward, self.norm_feed_forward),
    ]
    for sublayer, norm in steps:
        h = self.dropout(sublayer(norm(x) if self.norm_first else x))
        x = x + h if self.norm_first else norm(h)
    return x


@misconception(
    "attention_residual_missing_in_pre_norm",
    en="in pre-norm the residual connection around the attention is missing: there too, its output is added to x",
    fr="en pre-norm, la connexion résiduelle autour de l'attention manque : là aussi, sa sortie s'ajoute à x",
)
def attention_residual_missing_in_pre_norm(self, x, mask=None):
    if self.norm_first:
        x = self.dropout(self.attention(self.norm_attention(x), mask=mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_attention(x + self.dropout(self.attention(x, mask=mask)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(attention_residual_missing_in_pre_norm)
def attention_residual_missing_in_pre_norm_2(self, x, mask=None):
    attended, _ = self.attention(self.norm_attention(x) if self.norm_first else x, mask=mask)
    h = self.dropout(attended)
    if self.norm_first:
        return h + self.dropout(self.feed_forward(self.norm_feed_forward(h)))
    h = self.norm_attention(x + h)
    return self.norm_feed_forward(h + self.dropout(self.feed_forward(h)))


@misconception(
    "attention_residual_missing_in_post_norm",
    en="in post-norm the residual connection around the attention is missing: the norm takes the sum of x and the "
    "attention's output",
    fr="en post-norm, la connexion résiduelle autour de l'attention manque : la norme reçoit la somme de x et de la "
    "sortie de l'attention",
)
def attention_residual_missing_in_post_norm(self, x, mask=None):
    if self.norm_first:
        x = x + self.dropout(self.attention(self.norm_attention(x), mask=mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_attention(self.dropout(self.attention(x, mask=mask)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(attention_residual_missing_in_post_norm)
def attention_residual_missing_in_post_norm_2(self, x, mask=None):
    attended, _ = self.attention(self.norm_attention(x) if self.norm_first else x, mask=mask)
    h = self.dropout(attended)
    h = x + h if self.norm_first else self.norm_attention(h)
    transformed = self.dropout(self.feed_forward(self.norm_feed_forward(h) if self.norm_first else h))
    return h + transformed if self.norm_first else self.norm_feed_forward(h + transformed)


@misconception(
    "feed_forward_residual_missing_in_pre_norm",
    en="in pre-norm the residual connection around the feed-forward network is missing: there too, what the attention "
    "sublayer has made is added to its output",
    fr="en pre-norm, la connexion résiduelle autour du réseau feed-forward manque : là aussi, ce que la sous-couche "
    "d'attention a fait s'ajoute à sa sortie",
)
def feed_forward_residual_missing_in_pre_norm(self, x, mask=None):
    if self.norm_first:
        x = x + self.dropout(self.attention(self.norm_attention(x), mask=mask)[0])
        return self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_attention(x + self.dropout(self.attention(x, mask=mask)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(feed_forward_residual_missing_in_pre_norm)
def feed_forward_residual_missing_in_pre_norm_2(self, x, mask=None):
    attended, _ = self.attention(self.norm_attention(x) if self.norm_first else x, mask=mask)
    h = x + self.dropout(attended)
    if self.norm_first:
        return self.dropout(self.feed_forward(self.norm_feed_forward(h)))
    h = self.norm_attention(h)
    return self.norm_feed_forward(h + self.dropout(self.feed_forward(h)))


@misconception(
    "feed_forward_residual_missing_in_post_norm",
    en="in post-norm the residual connection around the feed-forward network is missing: the norm takes the sum of its "
    "output and of what the attention sublayer has made",
    fr="en post-norm, la connexion résiduelle autour du réseau feed-forward manque : la norme reçoit la somme de sa "
    "sortie et de ce que la sous-couche d'attention a fait",
)
def feed_forward_residual_missing_in_post_norm(self, x, mask=None):
    if self.norm_first:
        x = x + self.dropout(self.attention(self.norm_attention(x), mask=mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_attention(x + self.dropout(self.attention(x, mask=mask)[0]))
    return self.norm_feed_forward(self.dropout(self.feed_forward(x)))


@again(feed_forward_residual_missing_in_post_norm)
def feed_forward_residual_missing_in_post_norm_2(self, x, mask=None):
    attended, _ = self.attention(self.norm_attention(x) if self.norm_first else x, mask=mask)
    h = x + self.dropout(attended)
    if self.norm_first:
        return h + self.dropout(self.feed_forward(self.norm_feed_forward(h)))
    return self.norm_feed_forward(self.dropout(self.feed_forward(self.norm_attention(h))))


@misconception(
    "norms_exchanged_in_pre_norm",
    en="in pre-norm the two norms are exchanged: norm_attention comes before the attention, norm_feed_forward before the "
    "feed-forward network",
    fr="en pre-norm, les deux normes sont échangées : norm_attention vient avant l'attention, norm_feed_forward avant le "
    "réseau feed-forward",
)
def norms_exchanged_in_pre_norm(self, x, mask=None):
    if self.norm_first:
        x = x + self.dropout(self.attention(self.norm_feed_forward(x), mask=mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_attention(x)))
    x = self.norm_attention(x + self.dropout(self.attention(x, mask=mask)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(norms_exchanged_in_pre_norm)
def norms_exchanged_in_pre_norm_2(self, x, mask=None):
    sublayers = (lambda h: self.attention(h, mask=mask)[0], self.feed_forward)
    norms = [self.norm_attention, self.norm_feed_forward]
    if self.norm_first:
        norms.reverse()
    for sublayer, norm in zip(sublayers, norms, strict=True):
        x = x + self.dropout(sublayer(norm(x))) if self.norm_first else norm(x + self.dropout(sublayer(x)))
    return x


@misconception(
    "norms_exchanged_in_post_norm",
    en="in post-norm the two norms are exchanged: norm_attention closes the attention sublayer, norm_feed_forward that "
    "of the feed-forward network",
    fr="en post-norm, les deux normes sont échangées : norm_attention termine la sous-couche d'attention, "
    "norm_feed_forward celle du réseau feed-forward",
)
def norms_exchanged_in_post_norm(self, x, mask=None):
    if self.norm_first:
        x = x + self.dropout(self.attention(self.norm_attention(x), mask=mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_feed_forward(x + self.dropout(self.attention(x, mask=mask)[0]))
    return self.norm_attention(x + self.dropout(self.feed_forward(x)))


@again(norms_exchanged_in_post_norm)
def norms_exchanged_in_post_norm_2(self, x, mask=None):
    first, second = self.norm_attention, self.norm_feed_forward
    if not self.norm_first:
        first, second = second, first
    for sublayer, norm in ((lambda h: self.attention(h, mask=mask)[0], first), (self.feed_forward, second)):
        x = x + self.dropout(sublayer(norm(x))) if self.norm_first else norm(x + self.dropout(sublayer(x)))
    return x


@misconception(
    "feed_forward_always_post_norm",
    en="around the feed-forward network your block is always post-norm: with norm_first=True its norm too comes before "
    "it, and the sum is not normalised",
    fr="autour du réseau feed-forward, votre bloc est toujours post-norm : avec norm_first=True, sa norme vient aussi "
    "avant lui, et la somme n'est pas normalisée",
)
def feed_forward_always_post_norm(self, x, mask=None):
    if self.norm_first:
        x = x + self.dropout(self.attention(self.norm_attention(x), mask=mask)[0])
    else:
        x = self.norm_attention(x + self.dropout(self.attention(x, mask=mask)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(feed_forward_always_post_norm)
def feed_forward_always_post_norm_2(self, x, mask=None):
    attended, _ = self.attention(self.norm_attention(x) if self.norm_first else x, mask=mask)
    h = x.add(self.dropout(attended))
    h = h if self.norm_first else self.norm_attention(h)
    h = h.add(self.dropout(self.feed_forward(h)))
    return self.norm_feed_forward(h)


@misconception(
    "feed_forward_always_pre_norm",
    en="around the feed-forward network your block is always pre-norm: with norm_first=False its norm comes after the sum",
    fr="autour du réseau feed-forward, votre bloc est toujours pre-norm : avec norm_first=False, sa norme vient après la somme",
)
def feed_forward_always_pre_norm(self, x, mask=None):
    if self.norm_first:
        x = x + self.dropout(self.attention(self.norm_attention(x), mask=mask)[0])
    else:
        x = self.norm_attention(x + self.dropout(self.attention(x, mask=mask)[0]))
    return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))


@again(feed_forward_always_pre_norm)
def feed_forward_always_pre_norm_2(self, x, mask=None):
    attended, _ = self.attention(self.norm_attention(x) if self.norm_first else x, mask=mask)
    h = x.add(self.dropout(attended))
    h = h if self.norm_first else self.norm_attention(h)
    transformed = self.feed_forward(self.norm_feed_forward(h))
    return h.add(self.dropout(transformed))


@misconception(
    "mask_not_passed_in_pre_norm",
    en="in pre-norm your block does not hand the mask on to the attention: in post-norm it does, hidden positions must "
    "not count in either order",
    fr="en pre-norm, votre bloc ne transmet pas le masque à l'attention : en post-norm il le fait, les positions cachées "
    "ne doivent compter dans aucun des deux ordres",
)
def mask_not_passed_in_pre_norm(self, x, mask=None):
    if self.norm_first:
        x = x + self.dropout(self.attention(self.norm_attention(x))[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_attention(x + self.dropout(self.attention(x, mask=mask)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(mask_not_passed_in_pre_norm)
def mask_not_passed_in_pre_norm_2(self, x, mask=None):
    steps = [
        (lambda h: self.attention(h, mask=None if self.norm_first else mask)[0], self.norm_attention),
        (self.feed_forward, self.norm_feed_forward),
    ]
    for sublayer, norm in steps:
        x = x + self.dropout(sublayer(norm(x))) if self.norm_first else norm(x + self.dropout(sublayer(x)))
    return x


@misconception(
    "mask_not_passed_in_post_norm",
    en="in post-norm your block does not hand the mask on to the attention: in pre-norm it does, hidden positions must "
    "not count in either order",
    fr="en post-norm, votre bloc ne transmet pas le masque à l'attention : en pre-norm il le fait, les positions cachées "
    "ne doivent compter dans aucun des deux ordres",
)
def mask_not_passed_in_post_norm(self, x, mask=None):
    if self.norm_first:
        x = x + self.dropout(self.attention(self.norm_attention(x), mask=mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_attention(x + self.dropout(self.attention(x)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(mask_not_passed_in_post_norm)
def mask_not_passed_in_post_norm_2(self, x, mask=None):
    steps = [
        (lambda h: self.attention(h, mask=mask if self.norm_first else None)[0], self.norm_attention),
        (self.feed_forward, self.norm_feed_forward),
    ]
    for sublayer, norm in steps:
        x = x + self.dropout(sublayer(norm(x))) if self.norm_first else norm(x + self.dropout(sublayer(x)))
    return x


@misconception(
    "dropout_missing_in_pre_norm",
    en="in pre-norm self.dropout does not serve: as in post-norm, it is applied to the output of each sublayer",
    fr="en pre-norm, self.dropout ne sert pas : comme en post-norm, il s'applique à la sortie de chaque sous-couche",
)
def dropout_missing_in_pre_norm(self, x, mask=None):
    if self.norm_first:
        x = x + self.attention(self.norm_attention(x), mask=mask)[0]
        return x + self.feed_forward(self.norm_feed_forward(x))
    x = self.norm_attention(x + self.dropout(self.attention(x, mask=mask)[0]))
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@again(dropout_missing_in_pre_norm)
def dropout_missing_in_pre_norm_2(self, x, mask=None):
    steps = [
        (lambda h: self.attention(h, h, h, mask)[0], self.norm_attention),
        (self.feed_forward, self.norm_feed_forward),
    ]
    for sublayer, norm in steps:
        x = x + sublayer(norm(x)) if self.norm_first else norm(x + self.dropout(sublayer(x)))
    return x


@misconception(
    "dropout_missing_in_post_norm",
    en="in post-norm self.dropout does not serve: as in pre-norm, it is applied to the output of each sublayer",
    fr="en post-norm, self.dropout ne sert pas : comme en pre-norm, il s'applique à la sortie de chaque sous-couche",
)
def dropout_missing_in_post_norm(self, x, mask=None):
    if self.norm_first:
        x = x + self.dropout(self.attention(self.norm_attention(x), mask=mask)[0])
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_attention(x + self.attention(x, mask=mask)[0])
    return self.norm_feed_forward(x + self.feed_forward(x))


@again(dropout_missing_in_post_norm)
def dropout_missing_in_post_norm_2(self, x, mask=None):
    steps = [
        (lambda h: self.attention(h, h, h, mask)[0], self.norm_attention),
        (self.feed_forward, self.norm_feed_forward),
    ]
    for sublayer, norm in steps:
        x = x + self.dropout(sublayer(norm(x))) if self.norm_first else norm(x + sublayer(x))
    return x
