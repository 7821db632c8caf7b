"""Public checks of beam_search, on small causal models built by recipe."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from attentif.checks.compare import Mismatch, describe, match, require, value_of
from attentif.checks.engine import CheckSet
from attentif.checks.fingerprints import ERROR, features
from attentif.checks.text import text
from attentif.checks.values import Record

CHECKS = CheckSet("beam_search")
FIELDS = ("token_ids", "log_probability", "score")
# Sums may have been computed in float32 and be returned as plain floats.
SCALE = 1000.0

OPEN_ENDED = ("one_step", "two_beams", "four_beams", "one_beam", "all_candidates")
FINISHING = ("eos", "eos_many", "eos_late")
RANKED = ("ranked", "ranked_by_mean", "ranked_steeply")


def beams_of(outcome, request=None):
    """What came back, as dicts of the three fields; a Mismatch if it is no list of beams."""
    value = value_of(outcome, request)
    wanted = text(
        "a list of Beam(token_ids, log_probability, score)",
        "une liste de Beam(token_ids, log_probability, score)",
    )
    require(isinstance(value, (list, tuple)) and len(value) > 0, wanted, describe(value))
    beams = []
    for item in value:
        fields = item.fields if isinstance(item, Record) else item
        fits = isinstance(fields, Mapping) and set(FIELDS) <= set(fields)
        require(fits, wanted, describe(item))
        ids = fields["token_ids"]
        if isinstance(ids, np.ndarray) and ids.ndim == 1 and ids.dtype.kind in "iu":
            ids = ids.tolist()
        plain = isinstance(ids, (list, tuple)) and all(type(token) is int for token in ids)
        require(
            plain, text("token_ids: a list of ids", "token_ids : une liste d'identifiants"), describe(ids)
        )
        beams.append({**{name: fields[name] for name in FIELDS}, "token_ids": list(ids)})
    return beams


def check_beams(student, request, expected, compared=("token_ids", "log_probability")):
    """The beams of a request, the best first, in these fields."""
    beams = beams_of(student.run(request), request)
    require(
        len(beams) == len(expected),
        text(f"{len(expected)} beams", f"{len(expected)} faisceaux"),
        text(f"{len(beams)}", f"{len(beams)}"),
    )
    for rank, (mine, theirs) in enumerate(zip(beams, expected, strict=True), start=1):
        place = text(f"beam {rank}", f"faisceau {rank}")
        if "token_ids" in compared:
            got, wanted = mine["token_ids"], theirs["token_ids"]
            require(
                got == wanted,
                text(f"{place['en']}: token_ids {wanted}", f"{place['fr']} : token_ids {wanted}"),
                text(f"{got}", f"{got}"),
            )
        for name in ("log_probability", "score"):
            if name in compared:
                match(mine[name], float(theirs[name]), scale=SCALE, where=f"beams[{rank - 1}].{name}")


def stored(case):
    """The expected beams of a stored case, as dicts."""
    return [beam.fields for beam in case.expected.value]


def check_cases(student, cases, *names, compared=("token_ids", "log_probability")):
    """The beams of stored requests."""
    for name in names:
        check_beams(student, cases[name].request, stored(cases[name]), compared)


def probes(cases):
    """The stored cases: ids and both numbers of every beam."""

    def probe(case):
        def answer(student):
            try:
                beams = beams_of(student.run(case.request))
            except Mismatch:
                return np.array([ERROR, 0.0])
            numbers = [
                [np.array(beam["token_ids"]), *(_number(beam[name]) for name in FIELDS[1:])] for beam in beams
            ]
            return np.array(features(numbers))

        return answer

    return {name: probe(case) for name, case in cases.items()}


def _number(value):
    return float(value) if isinstance(value, (int, float)) or getattr(value, "shape", None) == () else None


@CHECKS.check(
    points=0.75,
    title=text("the n best continuations, without eos_id", "les n meilleures continuations, sans eos_id"),
    hint=text(
        "Start with the beginning alone, of sum 0. At every step add log_softmax to the sums: this gives (n, V) candidates "
        "of all beams together, of which the n greatest go on. index // V is the beam, index % V the token.",
        "Partez du début seul, de somme 0. À chaque étape, ajoutez log_softmax aux sommes : cela donne (n, V) candidats, "
        "tous faisceaux confondus, dont les n plus grands continuent. index // V est le faisceau, index % V le jeton.",
    ),
)
def continuations(student, cases):
    check_cases(student, cases, *OPEN_ENDED)


@CHECKS.check(
    points=0.25,
    needs=("continuations",),
    title=text("the score: the sum divided by |x|^α", "le score : la somme divisée par |x|^α"),
    hint=text(
        "|x| is the number of new tokens, the beginning not counted.",
        "|x| est le nombre de nouveaux jetons, sans compter le début.",
    ),
)
def scores(student, cases):
    check_cases(student, cases, *OPEN_ENDED, compared=FIELDS)


@CHECKS.check(
    points=0.5,
    needs=("continuations",),
    title=text(
        "eos_id: beams that finish, and others that go on",
        "eos_id : des faisceaux finissent, d'autres continuent",
    ),
    hint=text(
        "Candidates that end with eos_id and are among the n best are set aside, and are never continued. The n best of the "
        "others go on. At the end, all compete for the n places of the result.",
        "Les candidats qui se terminent par eos_id et sont parmi les n meilleurs sont mis de côté, et jamais prolongés. "
        "Les n meilleurs des autres continuent. À la fin, tous se disputent les n places du résultat.",
    ),
)
def finished_beams(student, cases):
    check_cases(student, cases, *FINISHING)


@CHECKS.check(
    points=0.25,
    needs=("finished_beams",),
    title=text(
        "short and long beams are ranked by score", "faisceaux courts et longs sont classés par score"
    ),
    hint=text(
        "Divide by the length that each beam has itself, eos_id counted, then sort by score.",
        "Divisez par la longueur propre à chaque faisceau, eos_id compris, puis triez par score.",
    ),
)
def ranking(student, cases):
    check_cases(student, cases, *RANKED, compared=FIELDS)


@CHECKS.check(
    points=0.25,
    needs=("continuations",),
    title=text(
        "beyond the model's context, and in evaluation mode",
        "au-delà du contexte du modèle, et en mode évaluation",
    ),
    hint=text(
        "Give the model the last model.config.max_length tokens, after model.eval().",
        "Donnez au modèle les model.config.max_length derniers jetons, après model.eval().",
    ),
)
def context_and_mode(student, cases):
    check_cases(student, cases, "past_context", "training")
