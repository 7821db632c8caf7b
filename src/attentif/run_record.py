"""run.json: what a folder's run was trained on and how, so that no other run is mixed into it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

from attentif.checkpoint import write_atomically
from attentif.corpus import Corpus
from attentif.corpus.tokenizers import Tokenizer
from attentif.errors import InputError
from attentif.language import text as both
from attentif.run_config import RunConfig

# How often to look and where to compute may change between a run and its continuation.
PASSING = {
    "evaluate_every",
    "checkpoint_every",
    "keep_checkpoints",
    "compile",
    "recompute",
    "tf32",
    "prefetch",
    "device",
    "precision",
}
WORLD_DOCUMENTS = 128


def claim(directory: Path, config: RunConfig, corpus: Corpus, tokenizer: Tokenizer) -> None:
    """Write run.json, or refuse a folder that holds another run, leaving it as it is.

    The record holds the settings and the SHA-256 of corpus and tokenizer. A record of an earlier version has
    none: the run goes on, and they are checked from then on.

    Raises:
        InputError: other settings, a corpus or a tokenizer that has changed, a folder with other files.
    """
    train = config.train_config()
    settings = {name: value for name, value in asdict(config).items() if name not in PASSING}
    settings |= {"warmup": train.warmup, "floor_learning_rate": train.floor}
    digests = {"corpus_sha256": corpus_digest(corpus), "tokenizer_sha256": tokenizer_digest(tokenizer)}
    path = directory / "run.json"
    if directory.exists() and not directory.is_dir():
        raise InputError(
            expected=both(f"a folder at {directory}", f"un dossier {directory}"),
            got=both("a file", "un fichier"),
            remedy=both("choose another folder with --out", "choisissez un autre dossier avec --out"),
        )
    if path.exists():
        found = read_record(path)
        # A setting that the record's version did not have was at what is now its default, but for the attention.
        before = asdict(RunConfig()) | {"attention": "explicit"}
        changed = [name for name, value in settings.items() if found.get(name, before.get(name)) != value]
        if changed:
            raise InputError(
                expected=both(
                    f"a new folder, or the same run, in {directory}",
                    f"un dossier neuf, ou le même entraînement, dans {directory}",
                ),
                got=both(
                    f"a run with another {', '.join(changed)}",
                    f"un entraînement avec une autre valeur de {', '.join(changed)}",
                ),
                remedy=both("choose another folder with --out", "choisissez un autre dossier avec --out"),
            )
        for name, digest in digests.items():
            _refuse_changed(name.removesuffix("_sha256"), found.get(name, digest), digest, directory, corpus)
    elif directory.exists() and any(directory.iterdir()):
        raise InputError(
            expected=both(f"a new or empty folder at {directory}", f"un dossier {directory} neuf ou vide"),
            got=both("a folder with other files", "un dossier avec d'autres fichiers"),
            remedy=both("choose another folder with --out", "choisissez un autre dossier avec --out"),
        )
    text = json.dumps(settings | digests, indent=1, ensure_ascii=False) + "\n"
    write_atomically(path, lambda target: target.write_text(text, encoding="utf-8"))


def read_record(path: Path) -> dict:
    """What a record of JSON holds; nothing if it is damaged."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _refuse_changed(what: str, recorded: str, digest: str, directory: Path, corpus: Corpus) -> None:
    if recorded == digest:
        return
    remedies = {
        "corpus": both(
            f"restore {corpus.name} as it was, or choose another folder with --out",
            f"remettez {corpus.name} dans son état d'alors, ou choisissez un autre dossier avec --out",
        ),
        "tokenizer": both(
            "use the version of attentif that began the run, or choose another folder with --out",
            "prenez la version d'attentif qui a commencé l'entraînement, ou choisissez un autre dossier avec --out",
        ),
    }
    raise InputError(
        expected=both(
            f"the {what} that the run in {directory} began with (SHA-256 {recorded[:12]}…)",
            f"le {what} du début de l'entraînement dans {directory} (SHA-256 {recorded[:12]}…)",
        ),
        got=both(
            f"another one from {corpus.name} ({digest[:12]}…)",
            f"un autre, qui vient de {corpus.name} ({digest[:12]}…)",
        ),
        remedy=remedies[what],
    )


def corpus_digest(corpus: Corpus) -> str:
    """SHA-256, in hexadecimal, of a corpus's text, or of the first documents that its world draws.

    Any change of a grammar's words or weights shows in what is drawn from it; 1,000 sentences tell it.
    """
    if corpus.text is not None:
        return hashlib.sha256(corpus.text.encode("utf-8", "surrogatepass")).hexdigest()
    return _digest([corpus.world.forms, corpus.world.documents(WORLD_DOCUMENTS, seed=0)])


def tokenizer_digest(tokenizer: Tokenizer) -> str:
    """SHA-256, in hexadecimal, of a tokenizer's kind and of its vocabulary in the order of the ids."""
    return _digest([tokenizer.kind, [tokenizer.id_to_token(index) for index in range(tokenizer.vocab_size)]])


def _digest(values: list) -> str:
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()
