"""Public checks of weat_effect_size: the effect size of stored vectors, and what has none."""

from __future__ import annotations

from attentif.checks.engine import CheckSet
from attentif.checks.summaries import Summary
from attentif.checks.text import text

CHECKS = CheckSet("weat_effect_size")

VALUES = ("few", "plain", "other_way", "one_each")
ROUNDED = tuple(f"alike_but_for_rounding_{number}" for number in (1, 2, 3))
REFUSALS = {
    "refuses_zeros": text(
        "a vector of zeros has no direction, so no cosine",
        "un vecteur nul n'a pas de direction, donc pas de cosinus",
    ),
    "refuses_nan": text("a vector holds NaN", "un vecteur contient NaN"),
    "refuses_infinite": text("a vector holds infinity", "un vecteur contient l'infini"),
    "refuses_widths": text(
        "vectors of different widths have no cosine", "des vecteurs de dimensions différentes n'ont pas de cosinus"
    ),
    "refuses_one_axis": text("one vector is no table of vectors", "un seul vecteur n'est pas un tableau de vecteurs"),
}  # fmt: skip
# Those that one mistake would let through.
GROUPS = {"zeros": ("refuses_zeros",), "numbers": ("refuses_nan", "refuses_infinite")}


def asked(request):
    """The sizes of the sets, which stand for their numbers."""
    x, y, first, second = (len(vectors) for vectors in request.args)
    return text(
        f"{x} and {y} targets, {first} and {second} attributes",
        f"{x} et {y} cibles, {first} et {second} attributs",
    )


SUMMARY = Summary(("d",), asked, function="weat_effect_size")


def probes(cases):
    """The effect size of each case, and what is refused once these are right."""

    def right(student):
        SUMMARY.check_stored(student, cases, VALUES)

    values = {name: SUMMARY.probe(cases, (name,)) for name in VALUES}
    values["alike"] = SUMMARY.sound_probe(cases, ("alike",), right)
    values["alike_but_for_rounding"] = SUMMARY.sound_probe(cases, ROUNDED, right)
    return values | {
        f"refused_{group}": SUMMARY.refusal_probe(cases, names, right) for group, names in GROUPS.items()
    }


@CHECKS.check(
    points=1.0,
    title=text("the effect size d of stored vectors", "la taille de l'effet d de vecteurs donnés"),
    hint=text(
        "Compute s(w) for each target first: cosines, so divide each vector by its length; a mean over each set of "
        "attributes. Then put the values of both sets of targets end to end for the standard deviation (N − 1).",
        "Calculez d'abord s(w) pour chaque cible : des cosinus, donc chaque vecteur divisé par sa longueur ; une moyenne "
        "sur chaque ensemble d'attributs. Mettez ensuite bout à bout les valeurs des deux ensembles de cibles pour l'écart "
        "type (N − 1).",
    ),
)
def values(student, cases):
    SUMMARY.check_stored(student, cases, VALUES)


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text(
        "targets that all have the same association: d = 0",
        "des cibles qui ont toutes la même association : d = 0",
    ),
    hint=text(
        "The standard deviation is 0 there, or a rounding above 0: treat this case apart.",
        "L'écart type y est nul, ou un arrondi au-dessus de 0 : traitez ce cas à part.",
    ),
)
def alike(student, cases):
    SUMMARY.check_stored(student, cases, ("alike", *ROUNDED))


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text(
        "what has no cosine is refused: zeros, NaN, different widths",
        "ce qui n'a pas de cosinus est refusé : vecteur nul, NaN, dimensions différentes",
    ),
    hint=text(
        "checked_vectors refuses them all with an InputError (which is a ValueError): call it first.",
        "checked_vectors les refuse tous par une InputError (qui est une ValueError) : appelez-la d'abord.",
    ),
)
def refusals(student, cases):
    for name, why in REFUSALS.items():
        SUMMARY.check_refused(student, cases[name].request, why)
