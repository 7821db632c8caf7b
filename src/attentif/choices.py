"""What a run does to be fast, chosen by the hardware and the data, each with the reason in one line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from attentif.language import Text, say, text

SHORT_ROWS = 256  # on a CPU the plain formula is as fast as torch's kernel up to about here, and draws the same dropout
MUCH_PADDING = 0.3  # with less, small models lose by packing what they gain
LOOKED_AT = 8  # batches


@dataclass(frozen=True)
class Choice:
    """Something that was chosen, and why (in both languages)."""

    name: str
    value: Any
    reason: Text

    def __str__(self) -> str:
        value = {True: text("on", "oui"), False: text("off", "non")}.get(self.value, self.value)
        return f"{self.name} {say(value)} ({say(self.reason)})"


_ASKED = text("asked for", "demandé")


def choose_attention(asked: str, device: torch.device, longest: int) -> Choice:
    """ "explicit" forms the weights, "fused" never does; "auto" takes the faster one.

    Args:
        asked: "auto", "explicit" or "fused".
        device: of the run.
        longest: row, in tokens.
    """
    if asked != "auto":
        return Choice("attention", asked, _ASKED)
    if device.type == "cuda":
        return Choice("attention", "fused", text("a GPU has a kernel for it", "un GPU a un noyau pour cela"))
    if longest > SHORT_ROWS:
        reason = text(
            "long rows: their weights would fill memory",
            "de longues lignes : leurs poids rempliraient la mémoire",
        )
        return Choice("attention", "fused", reason)
    return Choice(
        "attention", "explicit", text("short rows on a CPU", "des lignes courtes sur un processeur")
    )


def choose_packing(asked: bool | None, batches: Any, pad_id: int) -> Choice:
    """Whether rows are packed, see `attentif.packing`; None packs where much would be computed on padding.

    Args:
        asked: True, False, or None.
        batches: of the run; the first ones are looked at.
        pad_id: what fills short rows.
    """
    if asked is not None:
        return Choice("packing", asked, _ASKED)
    share = padding_share([batches[index] for index in range(LOOKED_AT)], pad_id)
    percent = f"{100 * share:.0f} %"
    return Choice("packing", share > MUCH_PADDING, text(f"{percent} of padding", f"{percent} de remplissage"))


def padding_share(batches: Sequence[dict], pad_id: int) -> float:
    """The share of the places of some batches that hold nothing."""
    places = sum(batch["token_ids"].numel() for batch in batches)
    return 1 - sum(int((batch["token_ids"] != pad_id).sum()) for batch in batches) / places


def choose_compile(asked: bool | None, device: torch.device, one_length: bool) -> Choice:
    """Whether blocks are compiled by torch.compile; None compiles on a GPU where all rows have one length.

    Args:
        asked: True, False, or None.
        device: of the run.
        one_length: whether all batches have one shape: each new shape would be compiled anew.
    """
    if asked is not None:
        return Choice("compile", asked, _ASKED)
    if device.type != "cuda":
        return Choice(
            "compile",
            False,
            text(
                "a CPU: compiling takes longer than it saves",
                "un processeur : compiler prend plus de temps qu'il n'en gagne",
            ),
        )
    if not one_length:
        return Choice("compile", False, text("rows of many lengths", "des lignes de longueurs diverses"))
    return Choice(
        "compile", True, text("a GPU and rows of one length", "un GPU et des lignes d'une seule longueur")
    )


def choose_prefetch(asked: int | None, device: torch.device) -> Choice:
    """How many batches are made ahead, by a thread of their own; None makes two ahead for a GPU."""
    if asked is not None:
        return Choice("prefetch", asked, _ASKED)
    if device.type == "cuda":
        return Choice(
            "prefetch", 2, text("the GPU does not wait for data", "le GPU n'attend pas les données")
        )
    return Choice("prefetch", 0, text("a CPU has no time to spare", "un processeur n'a pas de temps libre"))
