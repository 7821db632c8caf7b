"""Public checks of EncoderBlock."""

from __future__ import annotations

from attentif.checks import block_checks
from attentif.checks.block_checks import OUTPUT, any_error, dropout_probes, see_through
from attentif.checks.engine import CheckSet, check_case
from attentif.checks.fingerprints import case_probes
from attentif.checks.text import text

CHECKS = CheckSet("EncoderBlock")
SEE_THROUGH = see_through(
    attention="attention", feed_forward="feed_forward", norm_attention="norm", norm_feed_forward="norm"
)
SHAPES = {"x": block_checks.SHAPE}
DROPPED = 0.4
_DROPOUT = dropout_probes(SEE_THROUGH, SHAPES, DROPPED)
TOLERANCES = dict.fromkeys(_DROPOUT, block_checks.SHARE_TOLERANCE)


def probes(cases):
    """The stored cases but those of one position, which tell few mistakes apart; and what dropout does."""
    stored = {name: case for name, case in cases.items() if not name.endswith("one_position")}
    return {name: any_error(probe) for name, probe in case_probes(stored).items()} | _DROPOUT


@CHECKS.check(
    points=0.5,
    title=text("post-norm, the order of the original", "post-norm, l'ordre de l'original"),
    hint=text(
        "With norm_first=False: y = Norm(x + Sublayer(x)), for the attention, then for the feed-forward network; "
        "each has its own norm. The attention returns (output, weights).",
        "Avec norm_first=False : y = Norm(x + Sublayer(x)), pour l'attention, puis pour le réseau feed-forward ; "
        "chacun a sa propre norme. L'attention renvoie (output, weights).",
    ),
)
def post_norm(student, cases):
    check_case(student, cases["post_norm"], of_parts=True, where=OUTPUT)
    check_case(student, cases["post_norm_one_position"], of_parts=True, where=OUTPUT)


@CHECKS.check(
    points=0.5,
    title=text("pre-norm, the order of GPT-2 and later", "pre-norm, l'ordre de GPT-2 et des suivants"),
    hint=text(
        "With norm_first=True: y = x + Sublayer(Norm(x)); what is added to the sublayer's output is x as it came.",
        "Avec norm_first=True : y = x + Sublayer(Norm(x)) ; ce qui s'ajoute à la sortie de la sous-couche est x "
        "tel qu'il est arrivé.",
    ),
)
def pre_norm(student, cases):
    check_case(student, cases["pre_norm"], of_parts=True, where=OUTPUT)
    check_case(student, cases["pre_norm_one_position"], of_parts=True, where=OUTPUT)


@CHECKS.check(
    points=0.25,
    needs=("post_norm",),
    title=text("the mask, in post-norm", "le masque, en post-norm"),
    hint=text(
        "Hand the mask on to the attention, by its name: the second argument of an attention is its key.",
        "Passez le masque à l'attention, par son nom : le deuxième argument d'une attention est sa clé (key).",
    ),
)
def mask_post_norm(student, cases):
    check_case(student, cases["post_norm_masked"], of_parts=True, where=OUTPUT)
    check_case(student, cases["post_norm_padded"], of_parts=True, where=OUTPUT)


@CHECKS.check(
    points=0.25,
    needs=("pre_norm",),
    title=text("the mask, in pre-norm", "le masque, en pre-norm"),
    hint=text(
        "The mask goes to the attention in this order too, unchanged.",
        "Dans cet ordre aussi, le masque va à l'attention, sans changement.",
    ),
)
def mask_pre_norm(student, cases):
    check_case(student, cases["pre_norm_masked"], of_parts=True, where=OUTPUT)
    check_case(student, cases["pre_norm_padded"], of_parts=True, where=OUTPUT)


@CHECKS.check(
    points=0.25,
    needs=("post_norm",),
    title=text(
        "gradients reach x and all parameters, in post-norm",
        "les gradients atteignent x et tous les paramètres, en post-norm",
    ),
    hint=text(
        "Nothing may be detached, and x must not be changed in place (x += ...): write x = x + ...",
        "Rien ne doit être détaché, et x ne doit pas être modifié sur place (x += ...) : écrivez x = x + ...",
    ),
)
def gradients_post_norm(student, cases):
    check_case(student, cases["post_norm_gradients"], of_parts=True, where=OUTPUT)


@CHECKS.check(
    points=0.25,
    needs=("pre_norm",),
    title=text(
        "gradients reach x and all parameters, in pre-norm",
        "les gradients atteignent x et tous les paramètres, en pre-norm",
    ),
    hint=text(
        "Along the residual connection the gradient reaches x without passing through any layer.",
        "Par la connexion résiduelle, le gradient atteint x sans traverser aucune couche.",
    ),
)
def gradients_pre_norm(student, cases):
    check_case(student, cases["pre_norm_gradients"], of_parts=True, where=OUTPUT)


@CHECKS.check(
    points=0.5,
    title=text(
        "dropout on the output of each sublayer, in training only",
        "abandon (dropout) sur la sortie de chaque sous-couche, à l'entraînement seulement",
    ),
    hint=text(
        "self.dropout is applied to what the sublayer gives, before it is added to x; being a module, it knows by "
        "itself whether the block is training.",
        "self.dropout s'applique à ce que donne la sous-couche, avant l'addition à x ; c'est un module, il sait "
        "de lui-même si le bloc est à l'entraînement.",
    ),
)
def dropout(student, cases):
    block_checks.check_dropout(student, SEE_THROUGH, SHAPES, DROPPED)
