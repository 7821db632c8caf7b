"""Public checks of paired_test: exact shares of sign choices, and shares of draws that lie where chance may put them."""

from __future__ import annotations

from attentif.checks.drawing import fact, seed_from
from attentif.checks.engine import CheckSet
from attentif.checks.summaries import Summary
from attentif.checks.text import text

CHECKS = CheckSet("paired_test")

PAIRS = ("pairs", "lower", "equal", "limit")
# Bounds of a right p of the case that is drawn, to four digits; a test computes them again.
BOUNDS = (0.1523, 0.2396)
SEEDS = (11, 12, 13, 14, 15, 16)
REFUSALS = {
    "refuses_lengths": text("a score is missing", "une note manque"),
    "refuses_labels": text("a pair has no group", "une paire n'a pas de groupe"),
    "refuses_nan": text("a score is NaN", "une note est NaN"),
    "refuses_few_resamples": text("10 draws say hardly anything", "10 tirages ne disent presque rien"),
}
# Scores that are exchanged between pairs, or whose signs are flipped one by one, are drawn: chance makes less of them.
TOLERANCES = {"p": 0.03, "p_words": 0.03, "drawn": 0.05}
NEAR = 0.02  # of an exact p, one that is drawn in 10,000 draws


def asked(request):
    """How many pairs and groups, and the options."""
    groups = request.kwargs.get("groups")
    options = "".join(f", {name}={value}" for name, value in request.kwargs.items() if name != "groups")
    n_pairs = len(request.args[0])
    if groups is None:
        return text(f"{n_pairs} pairs{options}", f"{n_pairs} paires{options}")
    n_groups = len(set(groups))
    return text(
        f"{n_pairs} pairs in {n_groups} groups{options}", f"{n_pairs} paires en {n_groups} groupes{options}"
    )


FIELDS = ("difference", "p_value", "n_pairs", "n_groups", "exact")
# An exact share is a fraction of a power of 2: one that is drawn is no such thing.
SUMMARY = Summary(FIELDS, asked, "PairedTest", tolerance=1e-6, function="paired_test")


def probes(cases):
    """Each field by itself; then seeds and refusals, of code whose fields are right."""

    def exact(student):
        SUMMARY.check_stored(student, cases, (*PAIRS, "words"))

    def right(student):
        exact(student)
        check_drawn(student, cases)

    told = {
        "difference": SUMMARY.probe(cases, ("pairs", "lower", "words"), "difference"),
        "n_pairs": SUMMARY.probe(cases, ("pairs", "words"), "n_pairs"),
        "n_groups": SUMMARY.probe(cases, ("pairs", "words"), "n_groups"),
        "exactness": SUMMARY.probe(cases, ("pairs", "limit", "drawn"), "exact"),
        "p": SUMMARY.share_probe(cases, PAIRS, "p_value", near=NEAR),
        "p_words": SUMMARY.share_probe(cases, ("words",), "p_value", near=NEAR),
        "drawn": SUMMARY.share_probe(cases, ("drawn", "rare"), "p_value", bounds={"drawn": BOUNDS}),
        "seeds": SUMMARY.seed_probe(cases["drawn"].request, SEEDS, right, "p_value"),
    }
    return told | {name: SUMMARY.refusal_probe(cases, (name,), exact) for name in REFUSALS}


def check_drawn(student, cases):
    """Shares of draws: between bounds, and, where no other choice is as far out, one exactly."""
    SUMMARY.check_between(student, cases["drawn"].request, "p_value", fact("BOUNDS", BOUNDS))
    SUMMARY.check_stored(student, cases, ("drawn",), "difference", "n_pairs", "n_groups", "exact")
    SUMMARY.check_stored(student, cases, ("rare",))


@CHECKS.check(
    points=0.5,
    title=text(
        "pairs without groups, all choices of signs tried",
        "des paires sans groupes, tous les choix de signes essayés",
    ),
    hint=text(
        "Subtract within each pair first. Then go through the 2^N choices of signs and count the sums that are at least as "
        "far from 0 as the observed one, on either side; the observed one is among them, so p is never 0.",
        "Soustrayez d'abord à l'intérieur de chaque paire. Parcourez ensuite les 2^N choix de signes et comptez les sommes au "
        "moins aussi loin de 0 que celle observée, d'un côté ou de l'autre ; celle-ci est du nombre : p n'est donc jamais nul.",
    ),
)
def pairs(student, cases):
    SUMMARY.check_stored(student, cases, PAIRS)


@CHECKS.check(
    points=0.25,
    title=text(
        "with groups, the differences of a group share one sign",
        "avec groups, les différences d'un groupe partagent un signe",
    ),
    hint=text(
        "One sign a group, applied to the sum of its differences; n_groups counts the signs, and difference stays the mean "
        "over all pairs.",
        "Un signe par groupe, appliqué à la somme de ses différences ; n_groups compte les signes, et difference reste la "
        "moyenne sur toutes les paires.",
    ),
)
def groups(student, cases):
    SUMMARY.check_stored(student, cases, ("words",))


@CHECKS.check(
    points=0.25,
    needs=("pairs",),
    title=text(
        "more than 16 groups: signs are drawn from seed, and p = (b + 1) / (n_resamples + 1); bad arguments are refused",
        "plus de 16 groupes : les signes sont tirés à partir de seed, et p = (b + 1) / (n_resamples + 1) ; les mauvais "
        "arguments sont refusés",
    ),
    hint=text(
        "Each draw flips each sign or not, with a chance of one half, from one generator made of seed. coded_pairs refuses "
        "what does not fit: call it first.",
        "Chaque tirage change chaque signe ou non, une chance sur deux, d'un seul générateur créé à partir de seed. "
        "coded_pairs refuse ce qui ne convient pas : appelez-la d'abord.",
    ),
)
def draws_and_refusals(student, cases):
    check_drawn(student, cases)
    SUMMARY.check_seeds(student, cases["drawn"].request, tuple(map(seed_from, SEEDS)), "p_value")
    for name, why in REFUSALS.items():
        SUMMARY.check_refused(student, cases[name].request, why)
