"""Wrong implementations that students really write, each with what it computes instead."""

from __future__ import annotations

import math

import numpy as np
import torch

from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = ("per_token", "nats", "means_added_up")


@misconception(
    "per_token",
    en="you divide by the number of tokens: that is bits a token, divide by n_characters",
    fr="vous divisez par le nombre de jetons : ce sont des bits par jeton, divisez par n_characters",
)
def per_token(mean_losses, token_counts, n_characters):
    total = sum(loss * count for loss, count in zip(mean_losses, token_counts, strict=True))
    return total / math.log(2) / sum(token_counts)


@again(per_token)
def per_token_2(mean_losses, token_counts, n_characters):
    return float(np.average(mean_losses, weights=token_counts) * np.log2(np.e))


@misconception(
    "nats",
    en="your number is in nats a character: divide by ln 2 to have bits",
    fr="votre nombre est en nats par caractère : divisez par ln 2 pour avoir des bits",
)
def nats(mean_losses, token_counts, n_characters):
    total = sum(loss * count for loss, count in zip(mean_losses, token_counts, strict=True))
    return total / n_characters


@again(nats)
def nats_2(mean_losses, token_counts, n_characters):
    return float(np.dot(mean_losses, token_counts)) / n_characters


@misconception(
    "multiplied_by_ln_2",
    en="you multiply by ln 2: divide by it, a bit is ln 2 = 0.69 nats",
    fr="vous multipliez par ln 2 : divisez par ln 2, un bit vaut ln 2 = 0,69 nat",
)
def multiplied_by_ln_2(mean_losses, token_counts, n_characters):
    total = sum(loss * count for loss, count in zip(mean_losses, token_counts, strict=True))
    return total * math.log(2) / n_characters


@again(multiplied_by_ln_2)
def multiplied_by_ln_2_2(mean_losses, token_counts, n_characters):
    return float(np.dot(mean_losses, token_counts) / np.log2(np.e) / n_characters)


@misconception(
    "base_10",
    en="you divide by ln 10: bits are logarithms to base 2, divide by ln 2",
    fr="vous divisez par ln 10 : les bits sont des logarithmes de base 2, divisez par ln 2",
)
def base_10(mean_losses, token_counts, n_characters):
    total = sum(loss * count for loss, count in zip(mean_losses, token_counts, strict=True))
    return total / math.log(10) / n_characters


@again(base_10)
def base_10_2(mean_losses, token_counts, n_characters):
    return float(np.dot(mean_losses, token_counts) * np.log10(np.e) / n_characters)


@misconception(
    "means_added_up",
    en="you add up the means: each must be multiplied by its number of tokens to be a sum again",
    fr="vous ajoutez les moyennes : multipliez chacune par son nombre de jetons pour refaire une somme",
)
def means_added_up(mean_losses, token_counts, n_characters):
    return sum(mean_losses) / math.log(2) / n_characters


@again(means_added_up)
def means_added_up_2(mean_losses, token_counts, n_characters):
    return (torch.tensor(mean_losses, dtype=torch.float64).sum() * math.log2(math.e)).item() / n_characters


@misconception(
    "mean_over_characters",
    en="you divide the mean loss of a token by the number of characters: divide the sum of all losses by it",
    fr="vous divisez la perte moyenne d'un jeton par le nombre de caractères : divisez la somme de toutes les pertes",
)
def mean_over_characters(mean_losses, token_counts, n_characters):
    total = sum(loss * count for loss, count in zip(mean_losses, token_counts, strict=True))
    return total / sum(token_counts) / math.log(2) / n_characters


@again(mean_over_characters)
def mean_over_characters_2(mean_losses, token_counts, n_characters):
    return float(np.average(mean_losses, weights=token_counts) / np.log(2) / n_characters)


@misconception(
    "mean_of_means",
    en="every batch counts alike: weight each mean by its number of tokens",
    fr="tous les lots comptent autant : pondérez chaque moyenne par son nombre de jetons",
)
def mean_of_means(mean_losses, token_counts, n_characters):
    mean = sum(mean_losses) / len(mean_losses)
    return mean / math.log(2) * sum(token_counts) / n_characters


@again(mean_of_means)
def mean_of_means_2(mean_losses, token_counts, n_characters):
    tokens_a_character = np.sum(token_counts) / n_characters
    return float(np.mean(mean_losses) * np.log2(np.e) * tokens_a_character)


@misconception(
    "ratio_inverted",
    en="you multiply the bits a token by the characters a token: multiply them by the tokens a character",
    fr="vous multipliez les bits par jeton par les caractères par jeton : multipliez-les par les jetons par caractère",
)
def ratio_inverted(mean_losses, token_counts, n_characters):
    total = sum(loss * count for loss, count in zip(mean_losses, token_counts, strict=True))
    n_tokens = sum(token_counts)
    return total / n_tokens / math.log(2) * n_characters / n_tokens


@again(ratio_inverted)
def ratio_inverted_2(mean_losses, token_counts, n_characters):
    bits = np.average(mean_losses, weights=token_counts) * np.log2(np.e)
    return float(bits * (n_characters / np.sum(token_counts)))


@misconception(
    "perplexity_of_a_character",
    en="you take a power of the result: bits a character are asked for, not the perplexity of a character",
    fr="vous prenez une puissance du résultat : on demande des bits par caractère, et non la perplexité d'un caractère",
)
def perplexity_of_a_character(mean_losses, token_counts, n_characters):
    total = sum(loss * count for loss, count in zip(mean_losses, token_counts, strict=True))
    return 2 ** (total / math.log(2) / n_characters)


@again(perplexity_of_a_character)
def perplexity_of_a_character_2(mean_losses, token_counts, n_characters):
    return float(np.exp(np.dot(mean_losses, token_counts) / n_characters))


@misconception(
    "lengths_not_compared",
    en="with more losses than counts, or fewer, you go on: zip stops at the shorter list; compare the lengths",
    fr="avec plus de pertes que de nombres, ou moins, vous continuez : zip s'arrête à la liste la plus courte ; comparez les "
    "longueurs",
)
def lengths_not_compared(mean_losses, token_counts, n_characters):
    if sum(token_counts) == 0 or n_characters < 1:
        raise ValueError("nothing to measure")
    total = sum(loss * count for loss, count in zip(mean_losses, token_counts, strict=False))
    return total / math.log(2) / n_characters


@again(lengths_not_compared)
def lengths_not_compared_2(mean_losses, token_counts, n_characters):
    n_batches = min(len(mean_losses), len(token_counts))
    bits = 0.0
    for number in range(n_batches):
        bits += mean_losses[number] * token_counts[number] * math.log2(math.e)
    if n_characters <= 0 or not any(token_counts):
        raise ValueError(f"{n_characters} characters")
    return bits / n_characters


@misconception(
    "no_token_not_refused",
    en="without any token you return 0 bits, which no model reaches: count the tokens first, and raise an InputError",
    fr="sans aucun jeton, vous renvoyez 0 bit, que nul modèle n'atteint : comptez d'abord les jetons, et levez une InputError",
)
def no_token_not_refused(mean_losses, token_counts, n_characters):
    if n_characters < 1:
        raise ValueError("no character")
    total = sum(loss * count for loss, count in zip(mean_losses, token_counts, strict=True))
    return total / math.log(2) / n_characters


@again(no_token_not_refused)
def no_token_not_refused_2(mean_losses, token_counts, n_characters):
    if len(mean_losses) != len(token_counts) or not n_characters > 0:
        raise ValueError("check the arguments")
    return float(np.dot(mean_losses, token_counts) * np.log2(np.e)) / n_characters


@misconception(
    "no_character_not_refused",
    en="without a character your function divides by zero, or returns a negative number of bits: raise an InputError",
    fr="sans caractère, votre fonction divise par zéro, ou renvoie un nombre de bits négatif : levez une InputError",
)
def no_character_not_refused(mean_losses, token_counts, n_characters):
    if len(mean_losses) != len(token_counts) or sum(token_counts) < 1:
        raise ValueError("losses and counts do not match")
    total = sum(loss * count for loss, count in zip(mean_losses, token_counts, strict=True))
    return total / math.log(2) / n_characters


@again(no_character_not_refused)
def no_character_not_refused_2(mean_losses, token_counts, n_characters):
    pairs = list(zip(mean_losses, token_counts, strict=True))
    if not any(count for _, count in pairs):
        raise ValueError("no token")
    bits = math.fsum(loss * count for loss, count in pairs) * math.log2(math.e)
    return bits / max(1, n_characters) if n_characters >= 0 else -bits / n_characters
