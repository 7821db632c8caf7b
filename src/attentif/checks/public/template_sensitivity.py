"""Public checks of template_sensitivity: one field each, on tables whose templates move all words, or hardly any."""

from __future__ import annotations

from attentif.checks.engine import CheckSet
from attentif.checks.summaries import Summary
from attentif.checks.text import text

CHECKS = CheckSet("template_sensitivity")

VARYING = ("moved", "noisy", "zeros", "rows_equal", "by_template", "tenths")
REFUSALS = {
    "refuses_rows": text("rows of different lengths are no table", "des lignes inégales ne font pas un tableau"),
    "refuses_one_template": text("one template cannot be compared", "un seul gabarit ne se compare pas"),
    "refuses_one_word": text("one word does not make a table", "un seul mot ne fait pas un tableau"),
    "refuses_nan": text("a score is NaN", "une note est NaN"),
    "refuses_infinite": text("a score is infinite", "une note est infinie"),
}  # fmt: skip
# Those that one mistake would let through.
GROUPS = {
    "few": ("refuses_one_template", "refuses_one_word"),
    "numbers": ("refuses_nan", "refuses_infinite"),
}
FIELDS = ("template_share", "chance_share", "sign_agreement", "lowest", "highest")


def asked(request):
    """The size of the table."""
    (table,) = request.args
    n, width = len(table), len(table[0])
    return text(f"{n} templates and {width} words", f"{n} gabarits et {width} mots")


SUMMARY = Summary(FIELDS, asked, "TemplateSensitivity", function="template_sensitivity")


def probes(cases):
    """Each field over its tables, the two means together; then what is refused, of code whose fields are right."""

    def right(student):
        SUMMARY.check_stored(student, cases, VARYING)

    told = {name: SUMMARY.probe(cases, ("moved", "noisy"), name) for name in FIELDS[:2]}
    told["sign_agreement"] = SUMMARY.probe(cases, ("moved", "noisy"), "sign_agreement")
    told["signs_of_zeros"] = SUMMARY.probe(cases, ("zeros",), "sign_agreement")
    told["means"] = SUMMARY.probe(cases, ("moved", "noisy"), "lowest", "highest")
    told["constant"] = SUMMARY.sound_probe(cases, ("constant",), right)
    told["rounded_variance"] = SUMMARY.sound_probe(cases, ("constant_tenths",), right)
    told["rounded_means"] = SUMMARY.sound_probe(cases, ("zeros_tenths",), right)
    return told | {group: SUMMARY.refusal_probe(cases, names, right) for group, names in GROUPS.items()}


@CHECKS.check(
    points=0.5,
    title=text(
        "template_share: the share of the variance by template, and what chance makes of it",
        "template_share : la part de la variance due au gabarit, et ce que le hasard en fait",
    ),
    hint=text(
        "One mean a template, over its words; the squares of its distance from the mean of all, once for each word; "
        "divided by the sum of the squares of all scores around the same mean.",
        "Une moyenne par gabarit, sur ses mots ; le carré de son écart à la moyenne de tout, une fois pour chaque mot ; "
        "divisé par la somme des carrés de toutes les notes autour de cette même moyenne.",
    ),
)
def shares(student, cases):
    SUMMARY.check_stored(student, cases, VARYING, "template_share", "chance_share")


@CHECKS.check(
    points=0.25,
    title=text(
        "sign_agreement: the scores that have the sign of their word's mean",
        "sign_agreement : les notes qui ont le signe de la moyenne de leur mot",
    ),
    hint=text(
        "One mean a word, over its templates; then the sign of each score against that of its word's mean. np.sign has "
        "three values; a mean of 0 may come out as 1e-17.",
        "Une moyenne par mot, sur ses gabarits ; puis le signe de chaque note contre celui de la moyenne de son mot. np.sign a "
        "trois valeurs ; une moyenne nulle peut donner 1e-17.",
    ),
)
def signs(student, cases):
    SUMMARY.check_stored(student, cases, (*VARYING, "zeros_tenths"), "sign_agreement")


@CHECKS.check(
    points=0.25,
    needs=("shares",),
    title=text(
        "lowest and highest; scores that are all equal; what is no table is refused",
        "lowest et highest ; des notes toutes égales ; ce qui n'est pas un tableau est refusé",
    ),
    hint=text(
        "Means of templates, not single scores. Where all scores are equal, SS_total is 0, but for rounding: the share is 0, not NaN. "
        "checked_table refuses with an InputError: call it first.",
        "Des moyennes de gabarits, et non des notes isolées. Si toutes les notes sont égales, la somme totale est nulle, aux "
        "arrondis près : la "
        "part est 0, et non NaN. checked_table refuse par une InputError : appelez-la d'abord.",
    ),
)
def edges(student, cases):
    SUMMARY.check_stored(student, cases, VARYING, "lowest", "highest")
    SUMMARY.check_stored(student, cases, ("constant", "constant_tenths"))
    for name, why in REFUSALS.items():
        SUMMARY.check_refused(student, cases[name].request, why)
