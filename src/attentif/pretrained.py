"""The pretrained masked models: small ones of ours, which need no network, and those of the Hugging Face hub.

A model of the hub is downloaded once. After that the copy on this machine answers, with the network or without.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import warnings
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import torch
from torch import nn

from attentif.errors import InputError
from attentif.hub_failures import no_way_to
from attentif.language import LANGUAGES, Text, current_language, joined, say, text
from attentif.pretrained_errors import (
    DamagedFile,
    NoMaskedHead,
    NoMaskToken,
    NoSuchFolder,
    explained,
    is_path,
    kind_of,
)
from attentif.pretraining import grading

# The files that may hold weights, in the order in which transformers looks for them.
_WEIGHTS = ("model.safetensors", "pytorch_model.bin")

_SAID: dict[str, Text] = {
    "first": text(
        "{name} is downloaded once (some hundred MB); after that it is read from this machine.",
        "{name} est téléchargé une fois (quelques centaines de Mo) ; ensuite, il est lu sur cette machine.",
    ),
    "cache": text(
        "Without the hub, {name} is read from this machine.",
        "Sans le hub, {name} est lu sur cette machine.",
    ),
    "graded": text(
        "While the notebook is being graded, {small} takes the place of {name}.",
        "Pendant la correction, {small} prend la place de {name}.",
    ),
}


def masked_model(
    name: str, device: torch.device | str = "cpu", download_again: bool = False
) -> tuple[Any, Any]:
    """A pretrained masked model and its tokenizer, both of transformers' classes, in evaluation mode.

    While a notebook is being graded there is no network: a model of the hub is then replaced by the small one of the
    notebook's language, and one line says so.

    Args:
        name: "microcosm-fr" or "microcosm-en", small models of ours; a model of the hub, such as "camembert-base"; or
            a folder that holds a saved model.
        device: where a model of the hub goes. The small ones stay on the CPU, where they are as fast.
        download_again: do not trust what is on this machine.

    Raises:
        InputError: no such model, no access to it, no network, a damaged file, a model that fills in no masks. It says
            what to do.
    """
    if name.startswith("microcosm-") or not name.strip():
        return small_model(name)
    if grading():
        small = f"microcosm-{current_language()}"
        print(say(_SAID["graded"]).format(small=small, name=name))
        return small_model(small)
    model, tokenizer = _from_hub(name, download_again)
    return model.to(device), tokenizer


def small_model(name: str) -> tuple[Any, Any]:
    """A small masked model that we trained ourselves, with its tokenizer (both transformers' classes).

    Args:
        name: "microcosm-fr" or "microcosm-en".

    Raises:
        InputError: no such model.
    """
    for place in _places():
        if name and (place / name / "config.json").is_file():
            with quiet(bars=False):  # a second's work: its bar would only stand there in red
                return _load(str(place / name))
    known = sorted({entry.name for place in _places() if place.is_dir() for entry in place.iterdir()})
    installed = ", ".join(known) or text("none installed", "aucun d'installé")
    raise InputError(
        expected=joined(text("a small model among ", "un petit modèle parmi "), installed),
        got=repr(name),
        remedy=text(
            "choose one of these, or install the release's wheel again",
            "choisissez l'un d'eux, ou installez de nouveau la bibliothèque fournie",
        ),
    )


def world_of(model: nn.Module) -> str | None:
    """The language of the Microcosm that a small model of ours was trained on; None for any other model."""
    folder = Path(str(getattr(model, "name_or_path", "")))
    languages = (
        each for each in LANGUAGES if folder.name == f"microcosm-{each}" and folder.parent in _places()
    )
    return next(languages, None)


def _places() -> list[Path]:
    return [
        Path(str(resources.files("attentif"))) / "data" / "models",
        Path(__file__).resolve().parents[2] / "data" / "models",
    ]


def _from_hub(name: str, download_again: bool) -> tuple[Any, Any]:
    if Path(name).is_dir():
        with _explained(name), quiet(bars=False):
            return _load(name)
    if is_path(name):
        raise explained(NoSuchFolder(name), name)
    trouble = _trouble(name)
    copy = _copy(name)
    if trouble is None:
        with _explained(name):
            with quiet(bars=False):
                _require_masked(name, download_again)
            if copy is None or not any((Path(copy) / weights).is_file() for weights in _WEIGHTS):
                print(say(_SAID["first"]).format(name=name))
            with quiet(bars=True):
                _download(name, copy if download_again else None)
            with quiet(bars=False):
                return _load(name)
    if copy is None:
        raise explained(trouble, name) from trouble
    try:
        with quiet(bars=False):
            found = _load(copy)
    except Exception as error:  # a copy that is not whole: then what counts is why it cannot be completed
        damaged = _damaged_file(Path(copy))
        raise explained(DamagedFile(damaged) if damaged else trouble, name) from error
    print(say(_SAID["cache"]).format(name=name))
    return found


@contextlib.contextmanager
def _explained(name: str) -> Iterator[None]:
    try:
        yield
    except (
        Exception
    ) as error:  # transformers, huggingface_hub, httpx, safetensors and tokenizers raise their own
        folder = name if Path(name).is_dir() else _copy(name)
        damaged = _damaged_file(Path(folder)) if folder and kind_of(error) in ("", "damaged") else None
        raise explained(DamagedFile(damaged) if damaged else error, name) from error


def _damaged_file(folder: Path) -> str | None:
    """The first file of a model that cannot be whole: the libraries say in many ways what they stumble over."""
    for path in sorted(folder.iterdir()):
        try:
            if path.suffix == ".json":
                json.loads(path.read_bytes())
            elif path.suffix == ".safetensors":
                with path.open("rb") as file:
                    header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
                    end = max(
                        tensor["data_offsets"][1] for key, tensor in header.items() if key != "__metadata__"
                    )
                    if file.tell() + end != path.stat().st_size:
                        return path.name
        except (ValueError, LookupError, OverflowError, OSError):
            return path.name
    return None


def _trouble(name: str) -> Exception | None:
    """Why the hub does not give a model; None if it does. One short question, without tries that take long."""
    from huggingface_hub import constants, get_hf_file_metadata, hf_hub_url

    if constants.HF_HUB_OFFLINE:
        return ConnectionError("the network is switched off by HF_HUB_OFFLINE")
    seconds = constants.HF_HUB_ETAG_TIMEOUT
    if (no_way := no_way_to(constants.ENDPOINT, seconds)) is not None:
        return no_way
    try:
        with quiet(bars=False):
            get_hf_file_metadata(hf_hub_url(name, "config.json"), timeout=seconds)
    except Exception as error:  # of huggingface_hub and of the library below it, which depends on its version
        return error
    return None


def _copy(name: str) -> str | None:
    """The folder of a model's files on this machine, whole or not; None where there are none."""
    from huggingface_hub import try_to_load_from_cache

    try:
        settings = try_to_load_from_cache(name, "config.json")
    except ValueError:  # no name that the hub could have
        return None
    return str(Path(settings).parent) if isinstance(settings, str) else None


def _require_masked(name: str, again: bool) -> None:
    """Read a model's settings, a few lines, before hundreds of MB are fetched that would be of no use."""
    from transformers import MODEL_FOR_MASKED_LM_MAPPING, AutoConfig

    settings = AutoConfig.from_pretrained(name, trust_remote_code=False, force_download=again)
    if type(settings) not in MODEL_FOR_MASKED_LM_MAPPING:
        raise NoMaskedHead(f"no masked model is of the kind {settings.model_type}")


def _download(name: str, copy: str | None) -> None:
    """Fetch a model's weights, and once more each file of a copy that is not trusted."""
    from huggingface_hub import hf_hub_download
    from huggingface_hub.utils import EntryNotFoundError, LocalEntryNotFoundError

    for path in Path(copy).iterdir() if copy else ():
        hf_hub_download(name, path.name, force_download=True)
    for weights in _WEIGHTS:
        try:
            hf_hub_download(name, weights)
            return
        except LocalEntryNotFoundError:  # the hub has it, but does not answer
            raise
        except EntryNotFoundError:
            continue


def _load(name: str) -> tuple[Any, Any]:
    from transformers import AutoModelForMaskedLM, AutoTokenizer

    # No program of a repository is ever run. Attention that forms its weights, so that they can be looked at.
    model, told = AutoModelForMaskedLM.from_pretrained(
        name, trust_remote_code=False, attn_implementation="eager", output_loading_info=True
    )
    if missing := _drawn_at_random(model, told["missing_keys"]):
        raise NoMaskedHead(f"no weights for {', '.join(sorted(missing)[:3])}")
    tokenizer = AutoTokenizer.from_pretrained(name, trust_remote_code=False)
    if tokenizer.mask_token_id is None:
        raise NoMaskToken("no mask token")
    return model.eval(), tokenizer


def _drawn_at_random(model: nn.Module, missing: list[str] | set[str]) -> set[str]:
    """The missing weights that no other weight fills: a decoder is tied to the embeddings, and needs none of its own."""
    weights = dict(model.named_parameters(remove_duplicate=False))
    filled = {tensor.data_ptr() for key, tensor in weights.items() if key not in missing}
    return {key for key in missing if key in weights and weights[key].data_ptr() not in filled}


# Said at each load, of no use to students. Weights that are missing are seen to by `_load`.
_USUAL = (
    "LOAD REPORT",
    "were not used when initializing",
    "were not initialized from the model checkpoint",
    "has generative capabilities",
    "unauthenticated requests",
    "hf_xet",
)
_LOGGERS = (
    "transformers.modeling_utils",
    "transformers.utils.loading_report",
    "huggingface_hub.utils._http",
    "huggingface_hub.file_download",
)
_USUAL_WARNINGS = (
    r"\s*The secret `HF_TOKEN` does not exist",
    r"\s*`clean_up_tokenization_spaces` was not set",
    r"\s*`resume_download` is deprecated",
    r"\s*Error while fetching `HF_TOKEN` secret",
)


@contextlib.contextmanager
def quiet(bars: bool) -> Iterator[None]:
    """While it lasts, the libraries do not say what they say at each load; anything else they do.

    Args:
        bars: whether progress is shown; of a download it is wanted.
    """
    from transformers.utils import logging as transformers_logging

    def unusual(record: logging.LogRecord) -> bool:
        return not any(words in record.getMessage() for words in _USUAL)

    loggers = [logging.getLogger(name) for name in _LOGGERS]
    # Or else transformers asks a service to convert the repository, in a thread that outlives the load.
    setting = "DISABLE_SAFETENSORS_CONVERSION"
    before = os.environ.get(setting)
    hidden = not bars and transformers_logging.is_progress_bar_enabled()
    with warnings.catch_warnings():
        for words in _USUAL_WARNINGS:
            warnings.filterwarnings("ignore", message=words)
        for logger in loggers:
            logger.addFilter(unusual)
        os.environ[setting] = "true"
        if hidden:
            transformers_logging.disable_progress_bar()
        try:
            yield
        finally:
            if hidden:
                transformers_logging.enable_progress_bar()
            os.environ.pop(setting)
            if before is not None:
                os.environ[setting] = before
            for logger in loggers:
                logger.removeFilter(unusual)
