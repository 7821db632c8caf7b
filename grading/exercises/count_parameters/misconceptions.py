"""Wrong counts that students really make, each with what it counts instead."""

from __future__ import annotations

import torch
from torch import nn

from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = ("output_projection_forgotten", "embedding_twice", "biases_and_norms_counted")


@misconception(
    "attention_only",
    en="you count 4 D² a block, those of attention: the feed-forward has 8 D² more",
    fr="vous comptez 4 D² par bloc, ceux de l'attention : la couche feed-forward en a 8 D² de plus",
)
def attention_only(n_layers, d_model, vocab_size):
    return 4 * n_layers * d_model**2 + vocab_size * d_model


@again(attention_only)
def attention_only_2(n_layers, d_model, vocab_size):
    projections = nn.MultiheadAttention(d_model, 1, bias=False, device="meta")
    held = sum(weight.numel() for weight in projections.parameters())
    return sum(held for _ in range(n_layers)) + d_model * vocab_size


@misconception(
    "eight_a_block",
    en="you count 8 D² a block: either attention's 4 D² are missing, or one of the two matrices of the feed-forward is",
    fr="vous comptez 8 D² par bloc : il manque soit les 4 D² de l'attention, soit l'une des deux matrices de la couche "
    "feed-forward",
)
def eight_a_block(n_layers, d_model, vocab_size):
    return 8 * n_layers * d_model**2 + vocab_size * d_model


@again(eight_a_block)
def eight_a_block_2(n_layers, d_model, vocab_size):
    expand = contract = d_model * (4 * d_model)
    return d_model * vocab_size + n_layers * (expand + contract)


@misconception(
    "narrow_feed_forward",
    en="your feed-forward has the width D: it has 4 D, so 8 D² weights and not 2 D²",
    fr="votre couche feed-forward a la largeur D : elle a 4 D, donc 8 D² poids et non 2 D²",
)
def narrow_feed_forward(n_layers, d_model, vocab_size):
    return 6 * n_layers * d_model**2 + vocab_size * d_model


@again(narrow_feed_forward)
def narrow_feed_forward_2(n_layers, d_model, vocab_size):
    attention, feed_forward = 4 * d_model * d_model, 2 * d_model * d_model
    return (attention + feed_forward) * n_layers + d_model * vocab_size


@misconception(
    "output_projection_forgotten",
    en="you count three matrices in attention: there are four, the output projection too",
    fr="vous comptez trois matrices dans l'attention : il y en a quatre, avec la projection de sortie",
)
def output_projection_forgotten(n_layers, d_model, vocab_size):
    return 11 * n_layers * d_model**2 + vocab_size * d_model


@again(output_projection_forgotten)
def output_projection_forgotten_2(n_layers, d_model, vocab_size):
    block = len("qkv") * d_model**2 + 2 * (4 * d_model) * d_model
    total = vocab_size * d_model
    for _ in range(n_layers):
        total += block
    return total


@misconception(
    "embedding_forgotten",
    en="the embedding is missing: V D weights more",
    fr="il manque le plongement : V D poids de plus",
)
def embedding_forgotten(n_layers, d_model, vocab_size):
    return 12 * n_layers * d_model**2


@again(embedding_forgotten)
def embedding_forgotten_2(n_layers, d_model, vocab_size):
    square = d_model * d_model
    return n_layers * (square + square + square + square + 2 * 4 * square)


@misconception(
    "embedding_twice",
    en="you count the embedding twice: the head shares it",
    fr="vous comptez le plongement deux fois : la tête le partage",
)
def embedding_twice(n_layers, d_model, vocab_size):
    return 12 * n_layers * d_model**2 + 2 * vocab_size * d_model


@again(embedding_twice)
def embedding_twice_2(n_layers, d_model, vocab_size):
    embedding, head = (
        nn.Linear(*ends, bias=False, device="meta") for ends in ((vocab_size, d_model), (d_model, vocab_size))
    )
    return n_layers * 12 * d_model * d_model + embedding.weight.numel() + head.weight.numel()


@misconception(
    "embedding_in_each_block",
    en="you count the embedding in each block: there is one for the whole model",
    fr="vous comptez le plongement dans chaque bloc : il y en a un pour tout le modèle",
)
def embedding_in_each_block(n_layers, d_model, vocab_size):
    return n_layers * (12 * d_model**2 + vocab_size * d_model)


@again(embedding_in_each_block)
def embedding_in_each_block_2(n_layers, d_model, vocab_size):
    total = 0
    for _ in range(n_layers):
        total += 4 * d_model**2 + 8 * d_model**2
        total += d_model * vocab_size
    return total


@misconception(
    "one_block",
    en="you count one block: the model has n_layers of them",
    fr="vous comptez un seul bloc : le modèle en a n_layers",
)
def one_block(n_layers, d_model, vocab_size):
    return 12 * d_model**2 + vocab_size * d_model


@again(one_block)
def one_block_2(n_layers, d_model, vocab_size):
    return (12 * d_model + vocab_size) * d_model


@misconception(
    "square_forgotten",
    en="your blocks have 12 D weights: a matrix of D × D has D²",
    fr="vos blocs ont 12 D poids : une matrice de D × D en a D²",
)
def square_forgotten(n_layers, d_model, vocab_size):
    return 12 * n_layers * d_model + vocab_size * d_model


@again(square_forgotten)
def square_forgotten_2(n_layers, d_model, vocab_size):
    return d_model * (vocab_size + n_layers * (4 + 8))


@misconception(
    "biases_and_norms_counted",
    en="you count the biases and the norms of each block, 13 D more: the estimate leaves them out",
    fr="vous comptez les biais et les normalisations de chaque bloc, 13 D de plus : l'estimation les laisse de côté",
)
def biases_and_norms_counted(n_layers, d_model, vocab_size):
    return n_layers * (12 * d_model**2 + 13 * d_model) + vocab_size * d_model


@again(biases_and_norms_counted)
def biases_and_norms_counted_2(n_layers, d_model, vocab_size):
    with torch.device("meta"):
        block = nn.TransformerEncoderLayer(d_model, 1, dim_feedforward=4 * d_model)
    held = sum(map(torch.Tensor.numel, block.parameters()))
    return held * n_layers + d_model * vocab_size


@misconception(
    "in_millions",
    en="you give the number in millions: the number itself is asked for",
    fr="vous donnez le nombre en millions : on demande le nombre lui-même",
)
def in_millions(n_layers, d_model, vocab_size):
    return (12 * n_layers * d_model**2 + vocab_size * d_model) / 1e6


@again(in_millions)
def in_millions_2(n_layers, d_model, vocab_size):
    millions = d_model / 1_000 * (12 * n_layers * d_model + vocab_size) / 1_000
    return round(millions, 6)
