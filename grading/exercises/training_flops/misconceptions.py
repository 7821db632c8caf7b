"""Wrong counts that students really make, each with what it counts instead."""

from __future__ import annotations

import math

from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = ("forward_only", "product_and_sum_as_one", "in_billions")


@misconception(
    "forward_only",
    en="you count the forward pass alone, 2 operations: training has the backward pass too, 4 more",
    fr="vous comptez la seule passe avant (forward), 2 opérations : l'entraînement a aussi la passe arrière (backward), "
    "4 de plus",
)
def forward_only(n_parameters, n_tokens):
    return 2.0 * n_parameters * n_tokens


@again(forward_only)
def forward_only_2(n_parameters, n_tokens):
    products = sums = n_parameters * n_tokens
    return float(products + sums)


@misconception(
    "four_operations",
    en="you count 4 operations: either the forward pass is missing, or your backward pass costs no more than the forward "
    "one; it is 2 forward and 4 backward",
    fr="vous comptez 4 opérations : soit il manque la passe avant (forward), soit votre passe arrière (backward) ne coûte "
    "pas plus que la passe avant ; il y en a 2 à l'aller et 4 au retour",
)
def four_operations(n_parameters, n_tokens):
    return 4.0 * n_parameters * n_tokens


@again(four_operations)
def four_operations_2(n_parameters, n_tokens):
    of_the_input = of_the_weight = 2 * n_tokens
    return n_parameters * (of_the_input + of_the_weight)


@misconception(
    "product_and_sum_as_one",
    en="you count a product and its sum as one operation: they are two, so 6 in all and not 3",
    fr="vous comptez un produit et sa somme pour une opération : il y en a deux, donc 6 en tout et non 3",
)
def product_and_sum_as_one(n_parameters, n_tokens):
    return 3.0 * n_parameters * n_tokens


@again(product_and_sum_as_one)
def product_and_sum_as_one_2(n_parameters, n_tokens):
    forward = n_parameters * n_tokens
    backward = 2 * forward
    return forward + backward


@misconception(
    "factor_forgotten",
    en="the factor 6 is missing: two operations forward and four backward for each weight and token",
    fr="il manque le facteur 6 : deux opérations à l'aller et quatre au retour pour chaque poids et chaque jeton",
)
def factor_forgotten(n_parameters, n_tokens):
    return float(n_parameters * n_tokens)


@again(factor_forgotten)
def factor_forgotten_2(n_parameters, n_tokens):
    return math.prod((n_tokens, n_parameters))


@misconception(
    "forward_twice",
    en="you count 8 operations, as if the forward pass were computed twice: it is done once, 2 + 4",
    fr="vous comptez 8 opérations, comme si la passe avant était calculée deux fois : elle ne l'est qu'une fois, 2 + 4",
)
def forward_twice(n_parameters, n_tokens):
    return 8.0 * n_parameters * n_tokens


@again(forward_twice)
def forward_twice_2(n_parameters, n_tokens):
    forward = 2 * n_parameters * n_tokens
    return forward + forward + 2 * forward


@misconception(
    "for_one_token",
    en="you count the operations of one token: multiply by n_tokens",
    fr="vous comptez les opérations d'un seul jeton : multipliez par n_tokens",
)
def for_one_token(n_parameters, n_tokens):
    return 6.0 * n_parameters


@again(for_one_token)
def for_one_token_2(n_parameters, n_tokens):
    forward, backward = 2 * n_parameters, 4 * n_parameters
    return forward + backward


@misconception(
    "added",
    en="you add n_parameters and n_tokens: every weight meets every token, multiply them",
    fr="vous additionnez n_parameters et n_tokens : chaque poids rencontre chaque jeton, multipliez-les",
)
def added(n_parameters, n_tokens):
    return 6.0 * (n_parameters + n_tokens)


@again(added)
def added_2(n_parameters, n_tokens):
    return sum(6 * size for size in (n_tokens, n_parameters))


@misconception(
    "in_billions",
    en="you give the number in billions of operations: the number itself is asked for",
    fr="vous donnez le nombre en milliards d'opérations : on demande le nombre lui-même",
)
def in_billions(n_parameters, n_tokens):
    return 6.0 * n_parameters * n_tokens / 1e9


@again(in_billions)
def in_billions_2(n_parameters, n_tokens):
    billions_of_weights = n_parameters * 1e-9
    return billions_of_weights * n_tokens * (2 + 4)
