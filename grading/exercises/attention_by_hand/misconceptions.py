"""Wrong answers that students really give, each with what was computed instead; second versions as on paper."""

from __future__ import annotations

import math

import numpy as np
import torch

from attentif.by_hand import KEY, QUERY, VALUE
from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = ("softmax_over_the_queries", "scaled_after_the_softmax", "two_decimals")

Q, K, V = (np.array(rows) for rows in (QUERY, KEY, VALUE))


def _softmax(scores, axis=-1):
    odds = np.exp(scores)
    return odds / odds.sum(axis, keepdims=True)


def _answer(scores, weights, outputs, decimals=3):
    tables = {"scores": scores, "weights": weights, "outputs": outputs}
    return {name: np.round(table, decimals).tolist() for name, table in tables.items()}


def _on_paper(score, weigh, average):
    """Cell by cell, in plain Python: score(q, k), weigh(row), average(weights of a row)."""
    scores = [[score(q, k) for k in KEY] for q in QUERY]
    weights = [weigh(row) for row in scores]
    outputs = [average(row) for row in weights]
    return {
        "scores": [[round(x, 3) for x in row] for row in scores],
        "weights": [[round(x, 4) for x in row] for row in weights],
        "outputs": [[round(x, 3) for x in row] for row in outputs],
    }


def _dot(first, second):
    return sum(a * b for a, b in zip(first, second, strict=True))


def _score(q, k):
    return _dot(q, k) / 2**0.5


def _shares(row):
    odds = [math.exp(x) for x in row]
    return [x / sum(odds) for x in odds]


def _mean_of(rows):
    return lambda weights: [sum(w * r[i] for w, r in zip(weights, rows, strict=True)) for i in range(2)]


@misconception(
    "no_scaling",
    en="your scores are not divided by √K: they are the dot products themselves",
    fr="vos scores ne sont pas divisés par √K : ce sont les produits scalaires eux-mêmes",
)
def no_scaling():
    scores = Q @ K.T
    return _answer(scores, _softmax(scores), _softmax(scores) @ V)


@again(no_scaling)
def no_scaling_2():
    return _on_paper(_dot, _shares, _mean_of(VALUE))


@misconception(
    "divided_by_the_width",
    en="you divide the scores by K = 2 instead of its root √2",
    fr="vous divisez les scores par K = 2 au lieu de sa racine √2",
)
def divided_by_the_width():
    scores = Q @ K.T / 2
    return _answer(scores, _softmax(scores), _softmax(scores) @ V)


@again(divided_by_the_width)
def divided_by_the_width_2():
    return _on_paper(lambda q, k: _dot(q, k) * 0.5, _shares, _mean_of(VALUE))


@misconception(
    "multiplied_by_the_root",
    en="you multiply the dot products by √K: divide by it",
    fr="vous multipliez les produits scalaires par √K : divisez-les",
)
def multiplied_by_the_root():
    scores = Q @ K.T * 2**0.5
    return _answer(scores, _softmax(scores), _softmax(scores) @ V)


@again(multiplied_by_the_root)
def multiplied_by_the_root_2():
    return _on_paper(lambda q, k: _dot(q, k) * 1.41421356, _shares, _mean_of(VALUE))


@misconception(
    "scaled_after_the_softmax",
    en="your weights are the softmax of the dot products as they are: take it of the scores, already divided by √K",
    fr="vos poids sont le softmax des produits scalaires tels quels : prenez celui des scores, déjà divisés par √K",
)
def scaled_after_the_softmax():
    weights = _softmax(Q @ K.T)
    return _answer(Q @ K.T / 2**0.5, weights, weights @ V)


@again(scaled_after_the_softmax)
def scaled_after_the_softmax_2():
    # Back to the dot products, as if the division had been for show.
    return _on_paper(_score, lambda row: _shares([x * 2**0.5 for x in row]), _mean_of(VALUE))


@misconception(
    "softmax_over_the_queries",
    en="your weights sum to 1 down each column: the softmax goes along each row, over the keys of one query",
    fr="la somme de vos poids vaut 1 dans chaque colonne : le softmax va le long de chaque ligne, sur les clés d'une requête",
)
def softmax_over_the_queries():
    scores = Q @ K.T / 2**0.5
    weights = _softmax(scores, axis=0)
    return _answer(scores, weights, weights @ V)


@again(softmax_over_the_queries)
def softmax_over_the_queries_2():
    query, key, value = torch.tensor(QUERY), torch.tensor(KEY), torch.tensor(VALUE)
    scores = torch.einsum("tk,sk->ts", query, key).div(math.sqrt(2))
    weights = torch.softmax(scores, dim=-2)
    return {"scores": scores, "weights": weights, "outputs": weights.matmul(value)}


@misconception(
    "softmax_of_the_whole_table",
    en="your nine weights sum to 1 together: each row of three must sum to 1",
    fr="vos neuf poids ont ensemble une somme de 1 : c'est la somme de chaque ligne de trois qui doit valoir 1",
)
def softmax_of_the_whole_table():
    scores = Q @ K.T / 2**0.5
    weights = np.exp(scores) / np.exp(scores).sum()
    return _answer(scores, weights, weights @ V)


@again(softmax_of_the_whole_table)
def softmax_of_the_whole_table_2():
    total = sum(math.exp(_score(q, k)) for q in QUERY for k in KEY)
    return _on_paper(_score, lambda row: [math.exp(x) / total for x in row], _mean_of(VALUE))


@misconception(
    "no_exponential",
    en="you divide each score by the sum of its row: take the exponential of the scores first",
    fr="vous divisez chaque score par la somme de sa ligne : prenez d'abord l'exponentielle des scores",
)
def no_exponential():
    scores = Q @ K.T / 2**0.5
    weights = scores / scores.sum(-1, keepdims=True)
    return _answer(scores, weights, weights @ V)


@again(no_exponential)
def no_exponential_2():
    return _on_paper(_score, lambda row: [x / sum(row) for x in row], _mean_of(VALUE))


@misconception(
    "not_normalised",
    en="your weights are the exponentials themselves: divide each by the sum of its row",
    fr="vos poids sont les exponentielles elles-mêmes : divisez chacune par la somme de sa ligne",
)
def not_normalised():
    scores = Q @ K.T / 2**0.5
    return _answer(scores, np.exp(scores), np.exp(scores) @ V)


@again(not_normalised)
def not_normalised_2():
    return _on_paper(_score, lambda row: [math.exp(x) for x in row], _mean_of(VALUE))


@misconception(
    "exponential_of_base_ten",
    en="you take powers of 10: the softmax takes the exponential of base e ≈ 2.718",
    fr="vous prenez des puissances de 10 : le softmax prend l'exponentielle, de base e ≈ 2,718",
)
def exponential_of_base_ten():
    scores = Q @ K.T / 2**0.5
    weights = _softmax(scores * math.log(10))
    return _answer(scores, weights, weights @ V)


@again(exponential_of_base_ten)
def exponential_of_base_ten_2():
    return _on_paper(_score, lambda row: [10**x / sum(10**y for y in row) for x in row], _mean_of(VALUE))


@misconception(
    "keys_averaged",
    en="your outputs average the keys: they are averages of the values",
    fr="vos sorties sont des moyennes des clés : ce sont des moyennes des valeurs",
)
def keys_averaged():
    scores = Q @ K.T / 2**0.5
    return _answer(scores, _softmax(scores), _softmax(scores) @ K)


@again(keys_averaged)
def keys_averaged_2():
    return _on_paper(_score, _shares, _mean_of(KEY))


@misconception(
    "queries_averaged",
    en="your outputs average the queries: they are averages of the values",
    fr="vos sorties sont des moyennes des requêtes : ce sont des moyennes des valeurs",
)
def queries_averaged():
    scores = Q @ K.T / 2**0.5
    return _answer(scores, _softmax(scores), _softmax(scores) @ Q)


@again(queries_averaged)
def queries_averaged_2():
    return _on_paper(_score, _shares, _mean_of(QUERY))


@misconception(
    "scores_transposed",
    en="your table of scores is turned over: rows are queries, columns are keys",
    fr="votre tableau de scores est retourné : les lignes sont les requêtes, les colonnes les clés",
)
def scores_transposed():
    scores = K @ Q.T / 2**0.5
    return _answer(scores, _softmax(scores), _softmax(scores) @ V)


@again(scores_transposed)
def scores_transposed_2():
    scores = [[_score(q, k) for q in QUERY] for k in KEY]
    weights = [_shares(row) for row in scores]
    return {"scores": scores, "weights": weights, "outputs": [_mean_of(VALUE)(row) for row in weights]}


@misconception(
    "columns_of_weights",
    en="your outputs average the values by the columns of weights: a query's weights are its row",
    fr="vos sorties font la moyenne des valeurs selon les colonnes de poids : les poids d'une requête sont sa ligne",
)
def columns_of_weights():
    scores = Q @ K.T / 2**0.5
    return _answer(scores, _softmax(scores), _softmax(scores).T @ V)


@again(columns_of_weights)
def columns_of_weights_2():
    answer = _on_paper(_score, _shares, _mean_of(VALUE))
    columns = zip(*answer["weights"], strict=True)
    return answer | {"outputs": [_mean_of(VALUE)(column) for column in columns]}


@misconception(
    "queries_with_queries",
    en="your scores compare the queries with each other: compare each query with each key",
    fr="vos scores comparent les requêtes entre elles : comparez chaque requête à chaque clé",
)
def queries_with_queries():
    scores = Q @ Q.T / 2**0.5
    return _answer(scores, _softmax(scores), _softmax(scores) @ V)


@again(queries_with_queries)
def queries_with_queries_2():
    scores = [[_score(q, other) for other in QUERY] for q in QUERY]
    weights = [_shares(row) for row in scores]
    return {"scores": scores, "weights": weights, "outputs": [_mean_of(VALUE)(row) for row in weights]}


@misconception(
    "two_decimals",
    en="you give the numbers to 2 decimals: 3 are asked for",
    fr="vous donnez les nombres à 2 décimales : on en demande 3",
)
def two_decimals():
    scores = Q @ K.T / 2**0.5
    return _answer(scores, _softmax(scores), _softmax(scores) @ V, decimals=2)


@again(two_decimals)
def two_decimals_2():
    # Rounded at each step, and the next step taken from what was rounded.
    scores = [[round(_score(q, k), 2) for k in KEY] for q in QUERY]
    weights = [[round(x, 2) for x in _shares(row)] for row in scores]
    outputs = [[round(x, 2) for x in _mean_of(VALUE)(row)] for row in weights]
    return {"scores": scores, "weights": weights, "outputs": outputs}
