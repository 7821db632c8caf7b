"""Why a model of the hub could not be had, as one error of ours with a remedy."""

from __future__ import annotations

from pathlib import Path

from attentif.errors import InputError
from attentif.hub_failures import FULL, failure, one_line, shortened, type_names
from attentif.language import Said, Text, joined, text

_MODELS = "bert-base-uncased, bert-base-multilingual-cased, camembert-base"
_TORCH = "2.6"  # older ones run what a file of this format tells them to
SMALL = text(
    'set MODEL = "microcosm-en", which needs no network',
    "mettez MODEL = \"microcosm-fr\", qui se passe de réseau",
)  # fmt: skip
_OR_SMALL = joined(text(", or ", ", ou "), SMALL)

# What happened, and what to do about it, by kind of failure.
_KINDS: dict[str, tuple[Text, Text]] = {
    "absent": (
        text("no such model on the hub, or a private one", "aucun modèle de ce nom sur le hub, ou un modèle privé"),
        text(
            "check the name at https://huggingface.co/models; a private one needs: hf auth login",
            "vérifiez le nom sur https://huggingface.co/models ; un modèle privé demande : hf auth login",
        ),
    ),
    "gated": (
        text("a model that is given on request only", "un modèle donné seulement sur demande"),
        text(
            "ask for access at https://huggingface.co/{name}, then log in: hf auth login",
            "demandez l'accès sur https://huggingface.co/{name}, puis connectez-vous : hf auth login",
        ),
    ),
    "refused": (
        text("a refusal by the hub", "un refus du hub"),
        text(
            "log in again: hf auth login; or log out of an account that has expired: hf auth logout",
            "connectez-vous de nouveau : hf auth login ; ou quittez un compte périmé : hf auth logout",
        ),
    ),
    "busy": (
        text("too many requests from this address", "trop de requêtes depuis cette adresse"),
        joined(
            text("wait a few minutes, or log in: hf auth login", "attendez quelques minutes, ou connectez-vous : hf auth login"),
            _OR_SMALL,
        ),
    ),
    "down": (
        text("an error of the hub itself", "une panne du hub lui-même"),
        joined(text("try again in a few minutes", "réessayez dans quelques minutes"), _OR_SMALL),
    ),
    "timeout": (
        text("no answer in time", "pas de réponse à temps"),
        joined(
            text("the network or the hub is slow: try again", "le réseau ou le hub est lent : réessayez"), _OR_SMALL
        ),
    ),
    "network": (
        text("no connection to the hub, and no copy on this machine", "aucune connexion au hub, et aucune copie sur cette machine"),
        joined(text("check the connection", "vérifiez la connexion"), _OR_SMALL),
    ),
    "cut": (
        text("a download that ended too early", "un téléchargement qui s'est arrêté trop tôt"),
        text(
            "run the cell again: it goes on, or starts afresh",
            "exécutez de nouveau la cellule : il reprendra, ou recommencera",
        ),
    ),
    "full": (text("a full disk", "un disque plein"), FULL),
    "damaged": (
        text("a damaged file ({said})", "un fichier abîmé ({said})"),
        text(
            'download it again: masked_model("{name}", device, download_again=True)',
            'téléchargez-le de nouveau : masked_model("{name}", device, download_again=True)',
        ),
    ),
    "kind": (
        text("a model of another kind", "un modèle d'une autre sorte"),
        text(
            "choose one that fills in masks: {models}",
            "choisissez-en un qui remplit des masques : {models}",
        ),
    ),
    "no mask": (
        text("a tokenizer without a mask token", "un tokenizer sans jeton de masque"),
        text(
            "give mask_token in its tokenizer_config.json, or choose a model that fills in masks: {models}",
            "indiquez mask_token dans son tokenizer_config.json, ou choisissez un modèle qui remplit des masques : {models}",
        ),
    ),
    "no folder": (
        text("nothing at this path", "rien à cet endroit"),
        text("check the path", "vérifiez le chemin"),
    ),
    "program": (
        text("a model that comes as a program", "un modèle qui vient sous forme de programme"),
        text(
            "no program of a repository is ever run here: choose a model that transformers knows by itself, such as {models}",
            "aucun programme d'un dépôt n'est exécuté ici : choisissez un modèle que transformers connaît, comme {models}",
        ),
    ),
    "torch": (
        text(
            "weights in the old format (pytorch_model.bin), which this version of torch may not read",
            "des poids dans l'ancien format (pytorch_model.bin), que cette version de torch ne doit pas lire",
        ),
        text(
            "upgrade torch to {torch} or later, or choose a model with a file model.safetensors",
            "passez à torch {torch} ou plus récent, ou choisissez un modèle qui a un fichier model.safetensors",
        ),
    ),
    "nothing": (
        text("no weights or no settings that transformers can read", "ni poids ni réglages que transformers sache lire"),
        text(
            "look at its files at https://huggingface.co/{name}/tree/main, or choose another model",
            "regardez ses fichiers sur https://huggingface.co/{name}/tree/main, ou choisissez un autre modèle",
        ),
    ),
    "": (text("{said}", "{said}"), joined(text("choose another model", "choisissez un autre modèle"), _OR_SMALL)),
}  # fmt: skip
_DAMAGED_TYPES = {
    "DamagedFile",
    "SafetensorError",
    "JSONDecodeError",
    "UnpicklingError",
    "UnicodeDecodeError",
    "EOFError",
}
# What the libraries say of files that end too early, or hold something else.
_DAMAGED_WORDS = (
    "not a valid JSON file",
    "PytorchStreamReader",
    "expected value at line",
    "EOF while parsing",
    "expected `",
    "Unable to load weights from pytorch checkpoint",
)


def explained(error: BaseException, name: str) -> InputError:
    """The error of a library as one line with a remedy.

    Args:
        error: as it was raised.
        name: of the model.
    """
    kind, said = kind_of(error), shortened(one_line(error), 160)
    happened, remedy = (_filled(part, name, said) for part in _KINDS[kind])
    return InputError(expected=_wanted(name), got=happened, remedy=remedy)


def kind_of(error: BaseException) -> str:
    """What kind of failure it is: those of `attentif.hub_failures.failure`, and what can be wrong with the files."""
    types, said = type_names(error), one_line(error)
    kind = failure(error)
    if "EntryNotFoundError" in types and "LocalEntryNotFoundError" not in types:
        return "nothing"
    if kind and kind != "network":
        return kind
    if "trust_remote_code" in said or "custom code" in said:
        return "program"
    if "upgrade torch" in said or "vulnerability issue in `torch.load`" in said:
        return "torch"
    if types & _DAMAGED_TYPES or any(words in said for words in _DAMAGED_WORDS):
        return "damaged"
    if "NoMaskToken" in types:
        return "no mask"
    if "NoSuchFolder" in types:
        return "no folder"
    if "Unrecognized configuration class" in said or "NoMaskedHead" in types:
        return "kind"
    if any(
        words in said for words in ("does not appear to have", "Error no file named", "Unrecognized model")
    ):
        return "nothing"
    return kind


class DamagedFile(ValueError):
    """A file that ends too early or holds something else; its message is the file's name."""


class NoMaskedHead(ValueError):
    """A model whose masked head has no weights of its own: transformers would draw them at random."""


class NoMaskToken(ValueError):
    """A tokenizer that cannot write a gap."""


class NoSuchFolder(ValueError):
    """A path that leads nowhere, where a model was to be."""


def is_path(name: str) -> bool:
    """Whether a name can only be that of a folder: the hub's have one slash at most, and begin with none."""
    return Path(name).is_dir() or name.startswith((".", "/", "~")) or "\\" in name or name.count("/") > 1


def _wanted(name: str) -> Text:
    if is_path(name):
        return text(
            f"a masked model of transformers in {name}", f"un modèle masqué de transformers dans {name}"
        )
    return text(f"the masked model {name}, of the hub", f"le modèle masqué {name}, du hub")


def _filled(part: Said, name: str, said: str) -> Text:
    return {
        language: words.format(name=name, said=said, models=_MODELS, torch=_TORCH)
        for language, words in joined(part).items()
    }
