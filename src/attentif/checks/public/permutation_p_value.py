"""Public checks of permutation_p_value: exact shares, and shares of draws that lie where chance may put them."""

from __future__ import annotations

from attentif.checks.drawing import fact, seed_from
from attentif.checks.engine import CheckSet
from attentif.checks.summaries import Summary
from attentif.checks.text import text

CHECKS = CheckSet("permutation_p_value")

EXACT = ("few", "words", "far", "ties", "limit")
SENTENCES = ("sentences_few", "sentences", "sentences_more")
# Bounds of a right p of the stored cases, to four digits; a test computes them again.
BOUNDS = (0.3427, 0.4359)
UNEQUAL = (0.2531, 0.3647)
RARE = ("rare", "rare_again")
SEEDS = (11, 12, 13, 14, 15, 16)
REFUSALS = {
    "refuses_both": text(
        "a word that is in both sets cannot be moved from one to the other",
        "un mot présent dans les deux ensembles ne peut passer de l'un à l'autre",
    ),
    "refuses_labels": text("a sentence has no word", "une phrase n'a pas de mot"),
    "refuses_nan": text("a value is NaN", "une valeur est NaN"),
    "refuses_few_resamples": text("20 draws say hardly anything", "20 tirages ne disent presque rien"),
}
# Sentences divided one by one are too many to try all, and so is what is drawn: chance makes less than this of it.
TOLERANCES = {"exact": 1e-3, "sentences": 6e-3, "drawn": 0.04}
NEAR = 0.02  # of an exact p, one that is drawn in 20,000 draws


def asked(request):
    """The numbers of values and of words, and the options."""
    sizes = [len(values) for values in request.args]
    words = [len(set(labels)) for labels in request.kwargs.get("groups") or map(range, sizes)]
    options = "".join(f", {name}={value}" for name, value in request.kwargs.items() if name != "groups")
    return text(
        f"{sizes[0]} and {sizes[1]} values of {words[0]} and {words[1]} words{options}",
        f"{sizes[0]} et {sizes[1]} valeurs de {words[0]} et {words[1]} mots{options}",
    )


# An exact share is a fraction of small numbers: one that is drawn is no such thing.
SUMMARY = Summary(("p",), asked, tolerance=1e-6, function="permutation_p_value")


def probes(cases):
    """The p of words, of sentences and of draws; then seeds and refusals, of code whose p are right."""

    def exact(student):
        SUMMARY.check_stored(student, cases, (*EXACT, *SENTENCES))

    def right(student):
        exact(student)
        check_drawn(student, cases)

    # Of 126 draws, p need not be near.
    told = {"exact": SUMMARY.share_probe(cases, EXACT[:-1], near=NEAR)}
    told["sentences"] = SUMMARY.share_probe(cases, SENTENCES, near=NEAR)
    # Of a first part drawn with replacement, p is just below the bounds and may reach them: it is told by `unequal` alone.
    bounds = {"drawn": (0.3035, BOUNDS[1]), "unequal": UNEQUAL}
    told["drawn"] = SUMMARY.share_probe(cases, (*bounds, *RARE), bounds=bounds)
    told["seeds"] = SUMMARY.seed_probe(cases["drawn"].request, SEEDS, right)
    return told | {name: SUMMARY.refusal_probe(cases, (name,), exact) for name in REFUSALS}


def check_drawn(student, cases):
    """Shares of draws: between bounds, and, where no other division is as far out, one exactly."""
    SUMMARY.check_between(student, cases["drawn"].request, "p", fact("BOUNDS", BOUNDS))
    # Parts of other sizes than the sets: the outlier is as often in the second one, and hardly ever as far out.
    SUMMARY.check_between(student, cases["unequal"].request, "p", fact("UNEQUAL", UNEQUAL))
    SUMMARY.check_stored(student, cases, RARE)


@CHECKS.check(
    points=0.75,
    title=text(
        "the exact p, all divisions of the words tried", "le p exact, toutes les répartitions des mots essayées"
    ),
    hint=text(
        "Go through all choices of as many words as the first set has (itertools.combinations), and count those whose "
        "difference of means is at least the observed one. The observed one is among them, so p is never 0.",
        "Parcourez tous les choix d'autant de mots qu'en a le premier ensemble (itertools.combinations), et comptez ceux dont "
        "la différence des moyennes atteint au moins celle observée. Celle-ci est du nombre : p n'est donc jamais nul.",
    ),
)  # fmt: skip
def exact(student, cases):
    SUMMARY.check_stored(student, cases, EXACT)


@CHECKS.check(
    points=0.5,
    title=text(
        "with groups, a word moves with all its sentences",
        "avec groups, un mot change de côté avec toutes ses phrases",
    ),
    hint=text(
        "Divide the words, not the sentences; then take the mean over all sentences of each part, as many as they are.",
        "Répartissez les mots, et non les phrases ; prenez ensuite la moyenne sur toutes les phrases de chaque part, autant "
        "qu'il y en a.",
    ),
)
def sentences(student, cases):
    SUMMARY.check_stored(student, cases, SENTENCES)


@CHECKS.check(
    points=0.5,
    title=text(
        "too many divisions to try: n_resamples of them are drawn, and p = (b + 1) / (n_resamples + 1)",
        "trop de répartitions pour les essayer toutes : on en tire n_resamples, et p = (b + 1) / (n_resamples + 1)",
    ),
    hint=text(
        "A draw is a random order of the words, whose first ones are the first part: each word is in one part, and the "
        "parts are as large as they were.",
        "Un tirage est un ordre au hasard des mots, dont les premiers forment la première part : chaque mot est dans une seule "
        "part, et les parts gardent leur taille.",
    ),
)
def draws(student, cases):
    check_drawn(student, cases)


@CHECKS.check(
    points=0.25,
    needs=("exact", "draws"),
    title=text(
        "the seed decides the draws; arguments without meaning are refused",
        "la graine (seed) décide des tirages ; les arguments dépourvus de sens sont refusés",
    ),
    hint=text(
        "Make one generator from seed. coded_words refuses what does not fit with an InputError: call it first.",
        "Créez un seul générateur à partir de seed. coded_words refuse par une InputError ce qui ne convient pas : "
        "appelez-la d'abord.",
    ),
)
def seed_and_refusals(student, cases):
    SUMMARY.check_seeds(student, cases["drawn"].request, tuple(map(seed_from, SEEDS)))
    for name, why in REFUSALS.items():
        SUMMARY.check_refused(student, cases[name].request, why)
