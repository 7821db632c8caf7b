"""Public checks of attention_by_hand: right or wrong, number by number, never the number itself."""

from __future__ import annotations

import numpy as np

from attentif.checks.compare import Mismatch, describe, require, value_of
from attentif.checks.engine import CheckSet
from attentif.checks.fingerprints import ERROR, features
from attentif.checks.sealed import opens, seal
from attentif.checks.text import text
from attentif.checks.values import Record
from attentif.checks.wording import AXES, named, stated

__all__ = ["CHECKS", "TOLERANCES", "probes", "seal"]  # the build seals the stored numbers

CHECKS = CheckSet("attention_by_hand")

# What each number stands for: a query with a key, or a query with a dimension of its output.
PARTS = {"scores": "TS", "weights": "TS", "outputs": "TD"}
# Roundings on the way move these sums by less than that, other formulas by more.
TOLERANCES = {"scores": 0.03, "weights": 0.03, "outputs": 0.06}
SHOWN = 4


def probes(cases):
    """Each of the three tables, and to how many decimals the numbers are given."""

    def table(name):
        def answer(student):
            outcome = student.run(cases["answer"].request)
            if outcome.error is not None:
                return np.array([ERROR, 0.0])
            rows = rows_of(outcome.value, name)
            if rows is None or not all(_is_number(x) for row in rows for x in row):
                return np.array([-1.0])
            return np.array(features(np.array(rows, dtype=np.float64)))

        return answer

    def decimals(student):
        outcome = student.run(cases["answer"].request)
        if outcome.error is not None:
            return np.array([ERROR, 0.0])
        numbers = [x for name in PARTS for row in rows_of(outcome.value, name) or () for x in row]
        numbers = np.array([x for x in numbers if _is_number(x)], dtype=np.float64)
        whole = {n: float(np.mean(_is_whole(numbers * n))) if numbers.size else 0.0 for n in (10, 100)}
        return np.array([float(whole[100] == 1.0 and whole[10] < 0.5)])

    return {**{name: table(name) for name in PARTS}, "decimals": decimals}


def _is_whole(numbers):
    return np.abs(numbers - np.round(numbers)) < 1e-6


def _is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e9


def rows_of(value, name):
    """The rows of one of the three tables, as lists; None if the answer has no table of that shape."""
    tables = value.fields if isinstance(value, Record) else value
    table = tables.get(name) if isinstance(tables, dict) else None
    width = 2 if name == "outputs" else 3
    rows = table.tolist() if isinstance(table, np.ndarray) else table
    if not isinstance(rows, (list, tuple)) or len(rows) != 3:
        return None
    rows = [row.tolist() if isinstance(row, np.ndarray) else row for row in rows]
    if not all(isinstance(row, (list, tuple)) and len(row) == width for row in rows):
        return None
    # A number of torch or numpy inside the lists is a number too.
    return [[item.item() if _is_single(item) else item for item in row] for row in rows]


def _is_single(item):
    return isinstance(item, np.ndarray) and item.shape == ()


def check_table(value, name, sealed, tokens=(0, 1, 2)):
    """The numbers of these tokens in one of the three tables must open the sealed ones."""
    rows = rows_of(value, name)
    width = 2 if name == "outputs" else 3
    asked = text(f"3 lists of {width} numbers", f"3 listes de {width} nombres")
    if rows is None:
        tables = value.fields if isinstance(value, Record) else value
        given = tables.get(name) if isinstance(tables, dict) else None
        raise Mismatch(stated(named(name), asked), describe(value if given is None else given))
    wrong = [
        (token, place)
        for token in tokens
        for place in range(width)
        if not opens(sealed[name][token][place], rows[token][place])
    ]
    total, n_wrong = width * len(tokens), len(wrong)
    said = {}
    for language in asked:
        query, other = (AXES[letter][language] for letter in PARTS[name])
        places = [f"{query.format(i=t)}, {other.format(i=s)}" for t, s in wrong[:SHOWN]]
        said[language] = " ; ".join(places) + (" ; …" if n_wrong > SHOWN else "")
    require(
        not wrong,
        text(
            f"{name}: {total} numbers, right to 3 decimals",
            f"{name} : {total} nombres, justes à 3 décimales",
        ),
        text(
            f"{total - n_wrong} of {total}; to compute again: {said['en'].replace(' ;', ';')}",
            f"{total - n_wrong} sur {total} ; à recalculer : {said['fr']}",
        ),
    )


def check_part(student, cases, name):
    """One of the three tables, against the stored digests."""
    case = cases["answer"]
    check_table(value_of(student.run(case.request)), name, case.expected.value)


@CHECKS.check(
    points=0.25,
    title=text("the scores", "les scores"),
    hint=text(
        "The score of a query and a key is their dot product divided by √K, here √2 ≈ 1.4142. A row for each query, a "
        "column for each key.",
        "Le score d'une requête et d'une clé est leur produit scalaire, divisé par √K, ici √2 ≈ 1,4142. Une ligne par "
        "requête, une colonne par clé.",
    ),
)
def scores(student, cases):
    check_part(student, cases, "scores")


@CHECKS.check(
    points=0.5,
    title=text("the weights", "les poids"),
    hint=text(
        "In each row: the exponential of each score, divided by the sum of the three. Keep a decimal more on the way, and "
        "check that the row sums to 1.",
        "Dans chaque ligne : l'exponentielle de chaque score, divisée par la somme des trois. Gardez une décimale de plus "
        "en route, et vérifiez que la somme de la ligne vaut 1.",
    ),
)
def weights(student, cases):
    check_part(student, cases, "weights")


@CHECKS.check(
    points=0.25,
    title=text("the outputs", "les sorties"),
    hint=text(
        "The output of a query: the three rows of value, each multiplied by its weight in the query's row, added up.",
        "La sortie d'une requête : les trois lignes de value, chacune multipliée par son poids dans la ligne de la requête, "
        "puis additionnées.",
    ),
)
def outputs(student, cases):
    check_part(student, cases, "outputs")
