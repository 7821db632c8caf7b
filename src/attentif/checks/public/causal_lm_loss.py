"""Public checks of causal_lm_loss."""

from __future__ import annotations

import numpy as np

from attentif.checks.compare import require, value_of
from attentif.checks.engine import CheckSet
from attentif.checks.losses import check_stored, loss_probes
from attentif.checks.text import text

CHECKS = CheckSet("causal_lm_loss")


def probes(cases):
    """The stored cases, and whether token_ids was written to."""
    later = ("one_token", "only_padding", "large", "half", "gradients")
    asked = loss_probes({n: case for n, case in cases.items() if n != "untouched"}, "plain", later)

    def untouched(student):
        return np.array([float("token_ids" in student.run(cases["untouched"].request).inputs_changed)])

    return asked | {"untouched": untouched}


@CHECKS.check(
    points=0.5,
    title=text(
        "each position predicts the next token of its row",
        "chaque position prédit le jeton suivant de sa ligne",
    ),
    hint=text(
        "The logits of position t are compared with token t + 1 of the same row; those of the last position with "
        "nothing. Divide the sum by the number of targets.",
        "Les logits de la position t se comparent au jeton t + 1 de la même ligne ; ceux de la dernière, à rien. "
        "Divisez la somme par le nombre de cibles.",
    ),
)
def values(student, cases):
    check_stored(student, cases, "plain", "two_tokens")


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text(
        "padding is never a target, and token 0 is a word unless it is the padding",
        "le remplissage n'est jamais une cible, et le jeton 0 est un mot sauf s'il est le remplissage",
    ),
    hint=text(
        "Look at the target, not at the token that was read; compare with pad_id, whose value may be 0; without "
        "pad_id every token counts.",
        "Regardez la cible, et non le jeton lu ; comparez-la à pad_id, qui peut valoir 0 ; sans pad_id, tous les "
        "jetons comptent.",
    ),
)
def padding(student, cases):
    check_stored(student, cases, "padded", "padded_left", "other_pad")


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text("no target: 0, with a gradient of 0", "aucune cible : 0, avec un gradient nul"),
    hint=text(
        "Rows of one token, or of nothing but padding after the first. Let the 0 come from the logits, so that "
        "backward() can go through it.",
        "Des lignes d'un seul jeton, ou dont la suite n'est que remplissage. Faites venir ce 0 des logits, pour que "
        "backward() puisse le traverser.",
    ),
)
def no_target(student, cases):
    check_stored(student, cases, "one_token", "only_padding")


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text("large logits, and logits in float16", "de grands logits, et des logits en float16"),
    hint=text(
        "Compute ln softmax at once (log_softmax, logsumexp or cross_entropy), in float32 at least.",
        "Calculez ln softmax d'un seul coup (log_softmax, logsumexp ou cross_entropy), en float32 au moins.",
    ),
)
def stable(student, cases):
    check_stored(student, cases, "large", "half")


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text("the gradient reaches the logits", "le gradient atteint les logits"),
    hint=text(
        "Return a tensor, without .item(), detach() or numpy on the way. The last position has a gradient of 0.",
        "Renvoyez un tenseur, sans .item(), detach() ni numpy en chemin. La dernière position a un gradient nul.",
    ),
)
def gradients(student, cases):
    check_stored(student, cases, "gradients")


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text("token_ids is left untouched", "token_ids reste intact"),
    hint=text(
        "A slice is a view: writing to it writes to token_ids. Use masked_fill or where, which make a copy.",
        "Une tranche est une vue : y écrire, c'est écrire dans token_ids. Utilisez masked_fill ou where, qui copient.",
    ),
)
def untouched(student, cases):
    outcome = student.run(cases["untouched"].request)
    value_of(outcome, cases["untouched"].request)
    require(
        "token_ids" not in outcome.inputs_changed,
        text("token_ids as before the call", "token_ids comme avant l'appel"),
        text("the function wrote to it", "la fonction y a écrit"),
    )
