"""What the machine offers: device and number format, each with the reason for the choice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch

from attentif.errors import InputError
from attentif.language import text


def choose_device(name: str = "auto") -> torch.device:
    """The device of this name; "auto" takes a CUDA GPU if there is one, else the CPU.

    Raises:
        InputError: CUDA asked for and absent, or an unknown name.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise InputError(
            expected=text("device to be auto, cpu or cuda", "auto, cpu ou cuda pour device"),
            got=repr(name),
            remedy=text("auto chooses by the hardware", "auto choisit d'après le matériel"),
        ) from error
    if device.type == "cuda" and not torch.cuda.is_available():
        raise InputError(
            expected=text("a CUDA GPU", "un GPU CUDA"),
            got=text("none on this machine", "aucun sur cette machine"),
            remedy=text(
                "take device auto or cpu (on Colab: Runtime, Change runtime type, GPU)",
                "prenez device auto ou cpu (sur Colab : Exécution, Modifier le type d'exécution, GPU)",
            ),
        )
    return device


@dataclass(frozen=True)
class Precision:
    """The number format of the forward pass, and why (in both languages)."""

    name: str
    reason: dict[str, str]
    NAMES: ClassVar[tuple[str, ...]] = ("float32", "bfloat16", "float16")

    @property
    def autocast_dtype(self) -> torch.dtype | None:
        """What torch.autocast is asked for; None for plain float32."""
        return None if self.name == "float32" else getattr(torch, self.name)

    @property
    def needs_scaler(self) -> bool:
        """fp16 gradients underflow unless the loss is scaled; bf16 has float32's range."""
        return self.name == "float16"


def choose_precision(
    name: str, device: torch.device, compute_capability: tuple[int, int] | None = None
) -> Precision:
    """The precision of this name; "auto" takes the fastest that the hardware really has.

    Args:
        name: "auto", "float32", "bfloat16" or "float16".
        device: where the model runs.
        compute_capability: of the GPU, asked from torch when absent.
    """

    def chosen(name: str, en: str, fr: str) -> Precision:
        return Precision(name, {"en": en, "fr": fr})

    if name != "auto":
        return chosen(name, "asked for", "demandé")
    if device.type != "cuda":
        return chosen(
            "float32",
            "a CPU: half precision would be slower here",
            "un processeur : la demi-précision y serait plus lente",
        )
    major, minor = compute_capability or torch.cuda.get_device_capability(device)
    capability = f"{major}.{minor}"
    # torch reports bf16 as supported on older GPUs too, where it is emulated and slow.
    if major >= 8:
        return chosen(
            "bfloat16",
            f"a GPU of compute capability {capability}, which has bfloat16",
            f"un GPU de capacité de calcul {capability}, qui a le format bfloat16",
        )
    if major >= 7:
        return chosen(
            "float16",
            f"compute capability {capability}: fast float16, no bfloat16",
            f"capacité de calcul {capability} : float16 rapide, pas de bfloat16",
        )
    return chosen(
        "float32",
        f"compute capability {capability}: no fast half precision",
        f"capacité de calcul {capability} : pas de demi-précision rapide",
    )
