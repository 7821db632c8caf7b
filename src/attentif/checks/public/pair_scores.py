"""Public checks of pair_scores, on models of both kinds that also form attention maps."""

from __future__ import annotations

import numpy as np

from attentif.checks.engine import CheckSet
from attentif.checks.fingerprints import ERROR, outcome_features
from attentif.checks.masked_scoring import KINDS, refusal_probe, titled
from attentif.checks.pair_scoring import DEFINITIONS, check_table, is_rounded, table_of
from attentif.checks.refusals import check_refused
from attentif.checks.text import text

CHECKS = CheckSet("pair_scores")

# Stored cases of each kind of model.
BATCHES = ("by_default", "one_by_one", "three_by_three", "two_by_two")
OFFICIAL = ("official_unmodified", "official_modified")
CAMEMBERT = ("camembert_unmodified", "camembert_modified")
# What an error must speak of, by stored case.
PAIRS = "pair|sentence|phrase|list|liste|empty|vide"
REFUSALS = {
    "refuses_nothing": PAIRS,
    "refuses_equal": "twice|same|equal|differ|deux fois|m[êe]me|[ée]gal|identi|diff[ée]r|duplic",
    "refuses_kind": "kind|unmodified|aul|both",
}


def of_kind(kind, *names):
    """The names of stored cases of a kind of model."""
    return [f"{name}_{kind}" for name in names]


def check_cases(student, cases, names, rounded=False):
    """Put stored cases to the student's code."""
    for name in names:
        case = cases[name]
        check_table(student.run(case.request), case.expected.value, case.request, rounded)


def probes(cases):
    """The scores of each group of stored cases, which of them are rounded, and what is refused."""
    groups = {"camembert": list(CAMEMBERT)}
    for kind in KINDS:
        groups |= {f"{definition}_{kind}": of_kind(kind, definition) for definition in DEFINITIONS}
        groups |= {
            f"batches_{kind}": of_kind(kind, *BATCHES),
            f"added_{kind}": of_kind(kind, "added"),
            f"training_{kind}": of_kind(kind, "training"),
            f"official_{kind}": of_kind(kind, *OFFICIAL),
        }

    def probe(names, read):
        def answer(student):
            outcomes = [student.run(cases[name].request) for name in names]
            # The kind of an error depends on how the same mistake is written.
            if any(outcome.error is not None for outcome in outcomes):
                return np.array([ERROR, 0.0])
            found = [table_of(outcome.value) for outcome in outcomes]
            if any(table is None for table in found):
                return np.concatenate([outcome_features(outcome) for outcome in outcomes])
            return read(np.concatenate([table.ravel() for table in found]))

        return answer

    def numbers(found):
        return np.nan_to_num(found, nan=1e6, posinf=1e7, neginf=-1e7)

    def rounding(found):
        # To 3 decimals, to fewer, or not at all.
        return np.array([1.0 + is_rounded(found / 10) if is_rounded(found) else 0.0])

    def right(student):
        for group, names in groups.items():
            check_cases(student, cases, names, group.startswith("official"))

    found = {group: probe(names, numbers) for group, names in groups.items()}
    found |= {f"rounded_{kind}": probe(of_kind(kind, *OFFICIAL), rounding) for kind in KINDS}
    found |= {f"kept_{kind}": probe(of_kind(kind, *DEFINITIONS), rounding) for kind in KINDS}
    return found | {"refusals": refusal_probe(cases, REFUSALS, right)}


def declare(kind):
    """The checks of the two definitions with masks, on one kind of model."""

    @CHECKS.check(
        name=f"unmodified_{kind}",
        points=0.25,
        title=titled(
            kind,
            text(
                "unmodified: the shared tokens, each masked in its turn, and their sum",
                "unmodified : les jetons communs, chacun masqué à son tour, et leur somme",
            ),
        ),
        hint=text(
            "Score what the two sentences have in common, not what differs. For each of these tokens, a copy of the "
            "sentence where it alone is masked; the specials are not scored.",
            "Évaluez ce que les deux phrases ont en commun, non ce qui diffère. Pour chacun de ces jetons, une copie de "
            "la phrase où lui seul est masqué ; les jetons spéciaux ne sont pas évalués.",
        ),
    )
    def unmodified(student, cases):
        check_cases(student, cases, of_kind(kind, "unmodified"))

    @CHECKS.check(
        name=f"modified_{kind}",
        points=0.25,
        title=titled(
            kind,
            text(
                "modified: the changed tokens, each masked in its turn, and their mean",
                "modified : les jetons modifiés, chacun masqué à son tour, et leur moyenne",
            ),
        ),
        hint=text(
            "Of several changed tokens, each has its own copy, in which the others stay visible, and is read at its own "
            "position. The two sentences may have different numbers of them.",
            "Parmi plusieurs jetons modifiés, chacun a sa propre copie, où les autres restent visibles, et se lit à sa "
            "propre position. Les deux phrases peuvent en avoir des nombres différents.",
        ),
    )
    def modified(student, cases):
        check_cases(student, cases, of_kind(kind, "modified"))


for _kind in KINDS:
    declare(_kind)

_UNMODIFIED = tuple(f"unmodified_{kind}" for kind in KINDS)
_MODIFIED = tuple(f"modified_{kind}" for kind in KINDS)


@CHECKS.check(
    points=0.25,
    title=text(
        "aul: nothing is masked, the mean over all tokens",
        "aul : rien n'est masqué, la moyenne sur tous les jetons",
    ),
    hint=text(
        "One reading of the untouched sentence answers for all of its tokens. The mean is over those of the text, "
        "without the specials.",
        "Une seule lecture de la phrase intacte répond pour tous ses jetons. La moyenne porte sur ceux du texte, sans "
        "les jetons spéciaux.",
    ),
)
def aul(student, cases):
    for kind in KINDS:
        check_cases(student, cases, of_kind(kind, "aul"))


@CHECKS.check(
    points=0.25,
    title=text(
        "aula: each token times the attention that it receives",
        "aula : chaque jeton multiplié par l'attention qu'il reçoit",
    ),
    hint=text(
        "received_weights gives one array a sentence, in the order of `content`. The sum is divided by the number of "
        "tokens all the same, not by the sum of the weights.",
        "received_weights donne un tableau par phrase, dans l'ordre de `content`. La somme est divisée, ici aussi, par "
        "le nombre de jetons, et non par la somme des poids.",
    ),
)
def aula(student, cases):
    for kind in KINDS:
        check_cases(student, cases, of_kind(kind, "aula"))


@CHECKS.check(
    points=0.25,
    needs=(*_UNMODIFIED, *_MODIFIED),
    title=text(
        "the same scores whatever the batch size and the other pairs, in the order of the pairs",
        "les mêmes scores quels que soient la taille du lot et les autres paires, dans l'ordre des paires",
    ),
    hint=text(
        "Sentences of different lengths meet in a batch: what fills up the shorter ones must be hidden from the model. "
        "Without `kind`, it is unmodified.",
        "Des phrases de longueurs différentes se rencontrent dans un lot : ce qui complète les plus courtes doit rester "
        "invisible au modèle. Sans `kind`, c'est unmodified.",
    ),
)
def batches(student, cases):
    for kind in KINDS:
        check_cases(student, cases, of_kind(kind, *BATCHES))


@CHECKS.check(
    points=0.25,
    needs=_MODIFIED,
    title=text(
        "modified, where a word was only added: NaN for both sentences of that pair, and for no other",
        "modified, quand un mot a seulement été ajouté : NaN pour les deux phrases de cette paire, et d'elle seule",
    ),
    hint=text(
        "One of the two sentences has no changed token: the mean of nothing is no number, and a score alone compares "
        "with nothing.",
        "L'une des deux phrases n'a aucun jeton modifié : la moyenne de rien n'est pas un nombre, et un score seul ne se "
        "compare à rien.",
    ),
)
def added(student, cases):
    for kind in KINDS:
        check_cases(student, cases, of_kind(kind, "added"))


@CHECKS.check(
    points=0.25,
    needs=(*_UNMODIFIED, *_MODIFIED),
    title=text(
        "official: the alignment in the given order, scores rounded to 3 decimals",
        "official : l'alignement dans l'ordre donné, des scores arrondis à 3 décimales",
    ),
    hint=text(
        "align_pair takes `official` too; the rounding comes last.",
        "align_pair reçoit lui aussi `official` ; l'arrondi vient en dernier.",
    ),
)
def official(student, cases):
    for kind in KINDS:
        check_cases(student, cases, of_kind(kind, *OFFICIAL), rounded=True)


@CHECKS.check(
    points=0.25,
    needs=_UNMODIFIED,
    title=text(
        "no dropout, even if the model was in training mode",
        "sans abandon (dropout), même si le modèle était en mode entraînement",
    ),
    hint=text("Call model.eval() before the model.", "Appelez model.eval() avant le modèle."),
)
def evaluation(student, cases):
    check_cases(student, cases, [f"training_{kind}" for kind in KINDS])


@CHECKS.check(
    points=0.25,
    needs=_UNMODIFIED,
    title=text(
        "refused: no pair at all, a pair of equal sentences, an unknown kind",
        "refusés : aucune paire, une paire de phrases égales, un kind inconnu",
    ),
    hint=text(
        "check_pairs refuses them all with an InputError (which is a ValueError): call it first.",
        "check_pairs les refuse tous par une InputError (qui est une ValueError) : appelez-la d'abord.",
    ),
)
def refusals(student, cases):
    for name, pattern in REFUSALS.items():
        request = cases[name].request
        asked = f"{request.args[2]!r}{''.join(f', {key}={value!r}' for key, value in request.kwargs.items())}"
        wanted = text(
            f"for {asked}, an InputError that says what is wrong",
            f"pour {asked}, une InputError qui dit ce qui ne va pas",
        )
        check_refused(student.run(request), pattern, wanted)
