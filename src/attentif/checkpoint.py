"""Checkpoints: written whole or not at all, and holding all that an exact resume needs."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn

from attentif.errors import InputError
from attentif.language import text
from attentif.models import CausalLM, MaskedLM, ModelConfig, Parts, Seq2Seq

FORMAT = 2
# A file ends with these bytes and the SHA-256 (hexadecimal) of all that stands before: torch reads wrong bytes in a
# tensor without a word.
_MARK, _DIGITS = b"attentif sha-256", 64
MODEL_CLASSES = {"MaskedLM": MaskedLM, "CausalLM": CausalLM, "Seq2Seq": Seq2Seq}


def write_atomically(path: Path, write: Callable[[Path], None]) -> None:
    """Let `write` fill a temporary file beside `path`, then put it in place in one step.

    Whoever reads `path` meets the old file or the new one, never a part of it, whenever the
    process dies.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(descriptor)
    temporary = Path(name)
    try:
        write(temporary)
        with open(temporary, "rb") as handle:
            os.fsync(handle.fileno())
        # mkstemp makes private files; a checkpoint is as readable as any other file.
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def save_checkpoint(path: str | Path, state: dict) -> None:
    """Save a training state (tensors and plain values only) atomically, with its checksum.

    Args:
        path: the file.
        state: nested dicts and lists of tensors, numbers, strings and None.
    """

    def write(target: Path) -> None:
        torch.save({"format": FORMAT, **state}, target)
        with target.open("r+b") as handle:
            digest = hashlib.file_digest(handle, "sha256").hexdigest()
            handle.write(_MARK + digest.encode())

    write_atomically(Path(path), write)


def load_checkpoint(path: str | Path, device: str | torch.device = "cpu") -> dict:
    """Read what `save_checkpoint` wrote; nothing in the file is executed.

    Raises:
        InputError: no such file, or a file that is damaged (its checksum tells) or of another kind.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(
            expected=text("a checkpoint file", "un fichier de point de reprise"),
            got=text(f"nothing at {path}", f"rien à l'emplacement {path}"),
            remedy=text("check the path, or start afresh", "vérifiez le chemin, ou recommencez à zéro"),
        )
    try:
        state = torch.load(path, map_location=device, weights_only=True)
        if isinstance(state, dict) and state.get("format") == FORMAT and not _has_its_checksum(path):
            raise ValueError("wrong checksum")
    except Exception as error:  # damaged bytes make the unpickler fail in about ten different ways
        raise InputError(
            expected=text(f"a whole checkpoint in {path}", f"un point de reprise complet dans {path}"),
            got=text(
                f"a damaged or foreign file of {path.stat().st_size} bytes",
                f"un fichier abîmé, ou d'une autre origine, de {path.stat().st_size} octets",
            ),
            remedy=text(
                "use an earlier copy of it, or start afresh in another folder",
                "reprenez une copie plus ancienne, ou recommencez à zéro dans un autre dossier",
            ),
        ) from error
    if not isinstance(state, dict) or state.get("format") != FORMAT:
        raise InputError(
            expected=text(
                f"a checkpoint of format {FORMAT} in {path}",
                f"un point de reprise au format {FORMAT} dans {path}",
            ),
            got=text("another format", "un autre format"),
            remedy=text(
                "use the version of attentif that wrote it", "prenez la version d'attentif qui l'a écrit"
            ),
        )
    return state


def _has_its_checksum(path: Path) -> bool:
    """Whether a file ends with the checksum of all that stands before."""
    left = path.stat().st_size - len(_MARK) - _DIGITS
    if left < 0:
        return False
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while left and (block := handle.read(min(left, 1 << 20))):
            digest.update(block)
            left -= len(block)
        return handle.read() == _MARK + digest.hexdigest().encode()


def save_model(directory: str | Path, model: nn.Module) -> None:
    """Save weights (model.safetensors) and sizes (config.json) of one of the library's models."""
    from safetensors.torch import save_model as save_safetensors

    directory = Path(directory)
    config = {"model": type(model).__name__, **model.config.to_dict()}
    write_atomically(directory / "model.safetensors", lambda target: save_safetensors(model, str(target)))
    write_atomically(
        directory / "config.json", lambda target: target.write_text(json.dumps(config, indent=1) + "\n")
    )


def load_model(directory: str | Path, parts: Parts = Parts()) -> nn.Module:
    """Build the model that `save_model` wrote, in eval mode, out of the given parts.

    Raises:
        InputError: the folder is not a saved model, or its weights are damaged.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_model as load_safetensors

    directory = Path(directory)
    try:
        config = json.loads((directory / "config.json").read_text())
        model = MODEL_CLASSES[config.pop("model")](ModelConfig(**config), parts)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            expected=text(
                f"a model saved by attentif in {directory}",
                f"un modèle enregistré par attentif dans {directory}",
            ),
            got=text(
                f"{type(error).__name__} when reading config.json",
                f"{type(error).__name__} à la lecture de config.json",
            ),
            remedy=text(
                "give the folder that `attentif pretrain` wrote",
                "donnez le dossier écrit par `attentif pretrain`",
            ),
        ) from error
    try:
        load_safetensors(model, str(directory / "model.safetensors"))
    except (OSError, SafetensorError, RuntimeError) as error:
        raise InputError(
            expected=text(
                f"the weights of this model in {directory / 'model.safetensors'}",
                f"les poids de ce modèle dans {directory / 'model.safetensors'}",
            ),
            got=text("a missing, damaged or foreign file", "un fichier absent, abîmé ou d'une autre origine"),
            remedy=text(
                "copy the folder again, or pretrain again",
                "recopiez le dossier, ou refaites le pré-entraînement",
            ),
        ) from error
    return model.eval()
