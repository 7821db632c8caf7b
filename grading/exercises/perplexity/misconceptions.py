"""Wrong implementations that students really write, each with what it computes instead."""

from __future__ import annotations

import math

import numpy as np
import torch

from attentif.checks.text import text
from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = ("mean_of_means", "mean_of_perplexities", "no_token_not_refused")


@misconception(
    "mean_of_means",
    en="every batch counts alike: weight each mean by its number of tokens",
    fr="tous les lots comptent autant : pondérez chaque moyenne par son nombre de jetons",
    warning=text(
        "every batch counts alike, whatever its number of tokens",
        "tous les lots comptent autant, quel que soit leur nombre de jetons",
    ),
)
def mean_of_means(mean_losses, token_counts):
    return math.exp(sum(mean_losses) / len(mean_losses))


@again(mean_of_means)
def mean_of_means_2(mean_losses, token_counts):
    return torch.tensor(mean_losses).mean().exp().item()


@misconception(
    "mean_of_perplexities",
    en="you average the perplexities of the batches: average the losses, and take exp once, at the end",
    fr="vous faites la moyenne des perplexités des lots : faites celle des pertes, et prenez exp une seule fois, à la fin",
)
def mean_of_perplexities(mean_losses, token_counts):
    total = sum(math.exp(loss) * count for loss, count in zip(mean_losses, token_counts, strict=True))
    return total / sum(token_counts)


@again(mean_of_perplexities)
def mean_of_perplexities_2(mean_losses, token_counts):
    counts = np.array(token_counts)
    return float(np.exp(mean_losses) @ (counts / counts.sum()))


@misconception(
    "plain_mean_of_perplexities",
    en="you average the perplexities of the batches, each counting alike: average the losses, weighted by the tokens, and take "
    "exp once, at the end",
    fr="vous faites la moyenne des perplexités des lots, chacun comptant autant : faites celle des pertes, pondérée par les "
    "jetons, et prenez exp une seule fois, à la fin",
)
def plain_mean_of_perplexities(mean_losses, token_counts):
    return sum(math.exp(loss) for loss in mean_losses) / len(mean_losses)


@again(plain_mean_of_perplexities)
def plain_mean_of_perplexities_2(mean_losses, token_counts):
    return torch.tensor(mean_losses, dtype=torch.float64).exp().mean().item()


@misconception(
    "two_to_the_nats",
    en="you take a power of 2, but the losses are in nats: take exp, or divide by ln 2 first",
    fr="vous prenez une puissance de 2, mais les pertes sont en nats : prenez exp, ou divisez d'abord par ln 2",
)
def two_to_the_nats(mean_losses, token_counts):
    total = sum(loss * count for loss, count in zip(mean_losses, token_counts, strict=True))
    return 2 ** (total / sum(token_counts))


@again(two_to_the_nats)
def two_to_the_nats_2(mean_losses, token_counts):
    return float(np.exp2(np.average(mean_losses, weights=token_counts)))


@misconception(
    "exp_of_bits",
    en="you turn the loss into bits and then take exp: take exp of the loss in nats, or a power of 2 of the loss in bits",
    fr="vous convertissez la perte en bits, puis prenez exp : prenez exp de la perte en nats, ou une puissance de 2 de la "
    "perte en bits",
)
def exp_of_bits(mean_losses, token_counts):
    total = sum(loss * count for loss, count in zip(mean_losses, token_counts, strict=True))
    return math.exp(total / sum(token_counts) / math.log(2))


@again(exp_of_bits)
def exp_of_bits_2(mean_losses, token_counts):
    bits = [math.log2(math.exp(loss)) for loss in mean_losses]
    return float(np.exp(np.dot(bits, token_counts) / np.sum(token_counts)))


@misconception(
    "sum_not_mean",
    en="you take exp of the sum of all losses: divide it by the number of all tokens first",
    fr="vous prenez exp de la somme de toutes les pertes : divisez-la d'abord par le nombre de tous les jetons",
)
def sum_not_mean(mean_losses, token_counts):
    return math.exp(sum(loss * count for loss, count in zip(mean_losses, token_counts, strict=True)))


@again(sum_not_mean)
def sum_not_mean_2(mean_losses, token_counts):
    total = 0.0
    for number, loss in enumerate(mean_losses):
        total += token_counts[number] * loss
    return float(np.exp(total))


@misconception(
    "sum_of_means_over_tokens",
    en="you divide the sum of the means by the number of tokens: a mean must first be turned back into a sum, loss · count",
    fr="vous divisez la somme des moyennes par le nombre de jetons : refaites d'abord une somme de chaque moyenne, perte · "
    "nombre",
)
def sum_of_means_over_tokens(mean_losses, token_counts):
    return math.exp(sum(mean_losses) / sum(token_counts))


@again(sum_of_means_over_tokens)
def sum_of_means_over_tokens_2(mean_losses, token_counts):
    losses, counts = torch.tensor(mean_losses), torch.tensor(token_counts)
    return torch.exp(losses.sum() / counts.sum()).item()


@misconception(
    "divided_by_batches",
    en="you divide the sum of all losses by the number of batches: divide it by the number of tokens",
    fr="vous divisez la somme de toutes les pertes par le nombre de lots : divisez-la par le nombre de jetons",
)
def divided_by_batches(mean_losses, token_counts):
    total = sum(loss * count for loss, count in zip(mean_losses, token_counts, strict=True))
    return math.exp(total / len(mean_losses))


@again(divided_by_batches)
def divided_by_batches_2(mean_losses, token_counts):
    return float(np.exp(np.mean(np.multiply(mean_losses, token_counts))))


@misconception(
    "loss_returned",
    en="you return the mean loss: the perplexity is its exponential",
    fr="vous renvoyez la perte moyenne : la perplexité en est l'exponentielle",
)
def loss_returned(mean_losses, token_counts):
    total = sum(loss * count for loss, count in zip(mean_losses, token_counts, strict=True))
    return total / sum(token_counts)


@again(loss_returned)
def loss_returned_2(mean_losses, token_counts):
    return float(np.average(mean_losses, weights=token_counts))


@misconception(
    "sign_inverted",
    en="you take exp of minus the loss, a probability: a loss already has its minus sign",
    fr="vous prenez exp de moins la perte, une probabilité : une perte a déjà son signe moins",
)
def sign_inverted(mean_losses, token_counts):
    total = sum(loss * count for loss, count in zip(mean_losses, token_counts, strict=True))
    return math.exp(-total / sum(token_counts))


@again(sign_inverted)
def sign_inverted_2(mean_losses, token_counts):
    return 1.0 / float(np.exp(np.average(mean_losses, weights=token_counts)))


@misconception(
    "lengths_not_compared",
    en="with more losses than counts, or fewer, you go on: zip stops at the shorter list; compare the lengths",
    fr="avec plus de pertes que de nombres, ou moins, vous continuez : zip s'arrête à la liste la plus courte ; comparez les "
    "longueurs",
)
def lengths_not_compared(mean_losses, token_counts):
    if sum(token_counts) == 0:
        raise ValueError("no token")
    total = sum(loss * count for loss, count in zip(mean_losses, token_counts, strict=False))
    return math.exp(total / sum(token_counts))


@again(lengths_not_compared)
def lengths_not_compared_2(mean_losses, token_counts):
    total = n_tokens = 0
    for loss, count in zip(mean_losses, token_counts, strict=False):
        total, n_tokens = total + loss * count, n_tokens + count
    if not n_tokens:
        raise ValueError("nothing to average")
    return float(np.exp(total / n_tokens))


@misconception(
    "no_token_not_refused",
    en="without any token your function has no answer, or stops on a division by zero: count the tokens first, and raise an "
    "InputError",
    fr="sans aucun jeton, votre fonction n'a pas de réponse, ou s'arrête sur une division par zéro : comptez d'abord les jetons, "
    "et levez une InputError",
)
def no_token_not_refused(mean_losses, token_counts):
    if len(mean_losses) != len(token_counts):
        raise ValueError("one loss a count")
    total = sum(loss * count for loss, count in zip(mean_losses, token_counts, strict=True))
    return math.exp(total / sum(token_counts))


@again(no_token_not_refused)
def no_token_not_refused_2(mean_losses, token_counts):
    pairs = list(zip(mean_losses, token_counts, strict=True))
    total = math.fsum(loss * count for loss, count in pairs)
    return float(np.exp(total / max(1, sum(count for _, count in pairs))))
