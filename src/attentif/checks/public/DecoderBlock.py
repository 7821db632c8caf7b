"""Public checks of DecoderBlock."""

from __future__ import annotations

from attentif.checks import block_checks
from attentif.checks.block_checks import OUTPUT, any_error, dropout_probes, see_through
from attentif.checks.engine import CheckSet, check_case
from attentif.checks.fingerprints import case_probes
from attentif.checks.text import text

CHECKS = CheckSet("DecoderBlock")
SEE_THROUGH = see_through(
    self_attention="attention",
    cross_attention="attention",
    feed_forward="feed_forward",
    norm_self="norm",
    norm_cross="norm",
    norm_feed_forward="norm",
)
# Of one shape, so that what the cross-attention reads has no part in it.
SHAPES = {"x": block_checks.SHAPE, "memory": block_checks.SHAPE}
DROPPED = 0.4
_DROPOUT = dropout_probes(SEE_THROUGH, SHAPES, DROPPED)
TOLERANCES = dict.fromkeys(_DROPOUT, block_checks.SHARE_TOLERANCE)


def probes(cases):
    """The stored cases, and what dropout does."""
    return {name: any_error(probe) for name, probe in case_probes(cases).items()} | _DROPOUT


@CHECKS.check(
    points=0.5,
    title=text("post-norm, with a memory to read", "post-norm, avec une mémoire à lire"),
    hint=text(
        "Three sublayers in this order: self-attention, cross-attention (the query comes from x, key and value are "
        "memory), feed-forward; each is y = Norm(x + Sublayer(x)) with its own norm.",
        "Trois sous-couches dans cet ordre : auto-attention, attention croisée (la requête vient de x, la clé et la "
        "valeur sont memory), feed-forward ; chacune est y = Norm(x + Sublayer(x)) avec sa propre norme.",
    ),
)
def post_norm(student, cases):
    check_case(student, cases["post_norm"], of_parts=True, where=OUTPUT)
    check_case(student, cases["post_norm_two_lengths"], of_parts=True, where=OUTPUT)


@CHECKS.check(
    points=0.5,
    title=text("pre-norm, with a memory to read", "pre-norm, avec une mémoire à lire"),
    hint=text(
        "Each sublayer is y = x + Sublayer(Norm(x)). The norms are for x: the memory comes normalised from the encoder.",
        "Chaque sous-couche est y = x + Sublayer(Norm(x)). Les normes sont pour x : la mémoire vient déjà normalisée "
        "de l'encodeur.",
    ),
)
def pre_norm(student, cases):
    check_case(student, cases["pre_norm"], of_parts=True, where=OUTPUT)
    check_case(student, cases["pre_norm_two_lengths"], of_parts=True, where=OUTPUT)


@CHECKS.check(
    points=0.25,
    title=text("without a cross-attention: the block of GPT", "sans attention croisée : le bloc de GPT"),
    hint=text(
        "If self.cross_attention is None, there are two sublayers, and memory, given or not, is not read.",
        "Si self.cross_attention vaut None, il y a deux sous-couches, et memory, donné ou non, n'est pas lu.",
    ),
)
def without_cross_attention(student, cases):
    for order in ("post", "pre"):
        check_case(student, cases[f"{order}_norm_alone"], of_parts=True, where=OUTPUT)
        check_case(student, cases[f"{order}_norm_memory_unused"], of_parts=True, where=OUTPUT)


@CHECKS.check(
    points=0.25,
    needs=("post_norm",),
    title=text("both masks, in post-norm", "les deux masques, en post-norm"),
    hint=text(
        "mask is for the self-attention, memory_mask for the cross-attention; either may be None.",
        "mask est pour l'auto-attention, memory_mask pour l'attention croisée ; l'un ou l'autre peut valoir None.",
    ),
)
def masks_post_norm(student, cases):
    check_case(student, cases["post_norm_masked"], of_parts=True, where=OUTPUT)
    check_case(student, cases["post_norm_two_masks"], of_parts=True, where=OUTPUT)


@CHECKS.check(
    points=0.25,
    needs=("pre_norm",),
    title=text("both masks, in pre-norm", "les deux masques, en pre-norm"),
    hint=text(
        "mask is for the self-attention, memory_mask for the cross-attention; either may be None.",
        "mask est pour l'auto-attention, memory_mask pour l'attention croisée ; l'un ou l'autre peut valoir None.",
    ),
)
def masks_pre_norm(student, cases):
    check_case(student, cases["pre_norm_masked"], of_parts=True, where=OUTPUT)
    check_case(student, cases["pre_norm_two_masks"], of_parts=True, where=OUTPUT)


@CHECKS.check(
    points=0.25,
    needs=("post_norm", "pre_norm"),
    title=text(
        "gradients reach x, the memory and all parameters",
        "les gradients atteignent x, la mémoire et tous les paramètres",
    ),
    hint=text(
        "Nothing may be detached (the encoder learns through the memory), and x must not be changed in place.",
        "Rien ne doit être détaché (l'encodeur apprend par la mémoire), et x ne doit pas être modifié sur place.",
    ),
)
def gradients(student, cases):
    check_case(student, cases["post_norm_gradients"], of_parts=True, where=OUTPUT)
    check_case(student, cases["pre_norm_gradients"], of_parts=True, where=OUTPUT)


@CHECKS.check(
    points=0.5,
    title=text(
        "dropout on the output of each sublayer, in training only",
        "abandon (dropout) sur la sortie de chaque sous-couche, à l'entraînement seulement",
    ),
    hint=text(
        "self.dropout is applied to what each of the three sublayers gives, before it is added to x.",
        "self.dropout s'applique à ce que donne chacune des trois sous-couches, avant l'addition à x.",
    ),
)
def dropout(student, cases):
    block_checks.check_dropout(student, SEE_THROUGH, SHAPES, DROPPED)
