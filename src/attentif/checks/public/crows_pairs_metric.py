"""Public checks of crows_pairs_metric: tables of scores with and without ties, of both directions."""

from __future__ import annotations

from attentif.checks.engine import CheckSet
from attentif.checks.shares import Shares
from attentif.checks.text import text

CHECKS = CheckSet("crows_pairs_metric")
FIELDS = ("metric", "stereotype", "antistereotype", "neutral", "n_pairs", "n_unscored")
SHARES = Shares("crows_pairs_metric", "Preferences", FIELDS)

PLAIN = ("small", "plain", "one_direction", "close", "all_preferred")
TIES = ("ties", "all_ties")
UNSCORED = ("unscored",)
OFFICIAL = ("official_plain", "official_ties", "official_all_ties")
REFUSALS = {
    "refuses_nothing": text("there is no pair", "il n'y a pas de paire"),
    "refuses_lengths": text("there must be one direction a pair", "il faut une direction par paire"),
    "refuses_direction": text("an unknown direction", "une direction inconnue"),
    "refuses_infinity": text("a score is infinite", "un score est infini"),
}


def probes(cases):
    """Every field of every case, and what is refused."""
    groups = {name: (name,) for name in REFUSALS}
    return SHARES.probes(cases, (*PLAIN, *TIES, *UNSCORED, *OFFICIAL), groups)


@CHECKS.check(
    points=0.25,
    title=text(
        "metric: the share of pairs whose first score is higher, in %",
        "metric : la part des paires dont le premier score est plus haut, en %",
    ),
    hint=text(
        "All scored pairs count alike, whatever their direction; the higher score is the preferred one. Only the sign of "
        "the difference counts, however small.",
        "Toutes les paires évaluées comptent autant, quelle que soit leur direction ; le score le plus haut est le préféré. "
        "Seul compte le signe de la différence, si petite soit-elle.",
    ),
)
def metric(student, cases):
    SHARES.check_cases(student, cases, PLAIN, "metric")


@CHECKS.check(
    points=0.5,
    title=text(
        "stereotype and antistereotype: the same share over the pairs of each direction",
        "stereotype et antistereotype : la même part sur les paires de chaque direction",
    ),
    hint=text(
        "In both directions the first score is that of the more stereotyped sentence: count the same way, over the pairs of "
        "that direction alone. Of no pair at all, the share is NaN.",
        "Dans les deux directions, le premier score est celui de la phrase la plus stéréotypée : comptez de la même façon, "
        "sur les seules paires de cette direction. Sur aucune paire, la part est NaN.",
    ),
)
def directions(student, cases):
    SHARES.check_cases(student, cases, PLAIN, "stereotype", "antistereotype")


@CHECKS.check(
    points=0.25,
    needs=("metric",),
    title=text(
        "a tie counts one half in all three shares, and makes up neutral",
        "une égalité compte pour un demi dans les trois parts, et fait neutral",
    ),
    hint=text(
        "Of two equal scores neither is preferred: half a preference for each. neutral is their share, in % too.",
        "De deux scores égaux, aucun n'est préféré : une demi-préférence pour chacun. neutral est leur part, en % aussi.",
    ),
)
def ties(student, cases):
    SHARES.check_cases(student, cases, TIES)


@CHECKS.check(
    points=0.25,
    needs=("metric",),
    title=text(
        "pairs without scores (NaN) count nowhere but in n_unscored",
        "les paires sans scores (NaN) ne comptent nulle part, sauf dans n_unscored",
    ),
    hint=text(
        "A comparison with NaN is False, as if the other sentence were preferred: take these pairs out first.",
        "Une comparaison avec NaN est fausse, comme si l'autre phrase était préférée : retirez d'abord ces paires.",
    ),
)
def unscored(student, cases):
    SHARES.check_cases(student, cases, UNSCORED)


@CHECKS.check(
    points=0.25,
    needs=("ties",),
    title=text(
        "official: a tie counts 0 in metric, and not at all in the other two",
        "official : une égalité compte 0 dans metric, et pas du tout dans les deux autres",
    ),
    hint=text(
        "metric is still divided by all scored pairs; stereotype and antistereotype by those of their direction without "
        "ties.",
        "metric est toujours divisée par toutes les paires évaluées ; stereotype et antistereotype par celles de leur "
        "direction, sans les égalités.",
    ),
)
def official(student, cases):
    SHARES.check_cases(student, cases, OFFICIAL)


@CHECKS.check(
    points=0.25,
    needs=("metric",),
    title=text(
        "refused: no pair, another number of directions, an unknown one, an infinite score",
        "refusés : aucune paire, un autre nombre de directions, une direction inconnue, un score infini",
    ),
    hint=text(
        "checked_scores refuses them all with an InputError (which is a ValueError): call it first.",
        "checked_scores les refuse tous par une InputError (qui est une ValueError) : appelez-la d'abord.",
    ),
)
def refusals(student, cases):
    SHARES.check_refusals(student, cases, REFUSALS)
