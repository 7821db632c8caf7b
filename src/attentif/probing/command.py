"""`attentif probe MODEL --suite …`: the whole examination, from the model's name to the page."""

from __future__ import annotations

import contextlib
import datetime
import io
import json
import shlex
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
import transformers
from tqdm import tqdm

import attentif
from attentif.checks.text import set_language
from attentif.cli_inference import open_masked
from attentif.errors import InputError
from attentif.hardware import choose_device
from attentif.language import LANGUAGES, say, text
from attentif.pretrained import masked_model, world_of
from attentif.probing.page import write_report
from attentif.probing.public_measures import files_not_asked, public_measures
from attentif.probing.reading import Measure
from attentif.probing.suite import examine, measures_of, model_digest, subject_of

_ABOUT = text(
    "Made on {date} with attentif {version}, torch {torch} and transformers {transformers}, by: {command}. The vocabulary has {vocabulary} "
    "tokens; the digest of the weights is {digest}.",
    "Fait le {date} avec attentif {version}, torch {torch} et transformers {transformers}, par : {command}. Le vocabulaire a {vocabulary} "
    "jetons ; l'empreinte des poids est {digest}.",
)
_DATA = text("Files of test sets asked: {asked}.", "Fichiers de jeux de test posés : {asked}.")
_NOT_ASKED = text(
    "In the same folder and not asked, for want of a file that goes with them or of a reader for them: {files}.",
    "Dans le même dossier et non posés, faute d'un fichier qui les complète ou de savoir les lire : {files}.",
)


def examine_model(
    name: str,
    suite: str,
    language: str | None,
    out: Path,
    null_seeds: int,
    device: str = "auto",
    data: Path | None = None,
) -> Path:
    """Examine a model and write its report; stopped, the same call goes on. Returns the page's path.

    Args:
        name: a folder of ours, a small model of ours ("microcosm-fr"), a folder or a name of transformers'.
        suite: see `measures_of`.
        language: "fr" or "en"; of a small model, its own when None, else English.
        out: folder of the report.
        null_seeds: see `examine`.
        device: "auto", "cpu", "cuda" …
        data: folder of public test sets, those of the suite asked as well; see `public_measures`.

    Raises:
        InputError: what cannot be examined, and a folder that holds the report of another examination.
    """
    if language in LANGUAGES:
        set_language(language)  # what is refused from here on is said in it
    chosen = choose_device(device)
    measures = measures_of(suite)
    if (Path(name) / "run.json").exists():
        model, tokenizer = open_masked(name)
    else:
        model, tokenizer = masked_model(name)
    language = language or world_of(model) or "en"
    set_language(language)
    if data is not None:
        measures += public_measures(data, language, suite)
    left_out = io.StringIO()
    with contextlib.redirect_stdout(left_out):
        subject = subject_of(model.to(chosen).eval(), tokenizer, language)
    print(left_out.getvalue(), end="", file=sys.stderr)
    digest = model_digest(model)
    _refuse_another(Path(out), digest, measures)
    started = time.perf_counter()
    total = len(measures) * (1 + null_seeds)
    with tqdm(total=total, unit="", disable=None, file=sys.stderr) as bar:

        def told(key: str) -> None:
            bar.set_description(key)
            bar.update()

        try:
            with _writable(out):
                outcomes = examine(subject, measures, out, null_seeds, told)
        except KeyboardInterrupt:
            raise InputError(
                expected=text("time for the whole examination", "le temps de tout l'examen"),
                got=text(
                    "an interruption; what was measured is kept",
                    "une interruption ; ce qui a été mesuré est gardé",
                ),
                remedy=text("the same command goes on from there", "la même commande reprend à cet endroit"),
            ) from None
    command = shlex.join(["attentif", *sys.argv[1:]])
    about: dict[str, Any] = {
        "date": datetime.datetime.now().astimezone().date().isoformat(),
        "command": command,
        "attentif": attentif.__version__,
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "weights": digest,
        "vocabulary": len(tokenizer) if hasattr(tokenizer, "__len__") else tokenizer.vocab_size,
        "language": language,
        "suite": suite,
        "null_seeds": null_seeds,
        "device": str(chosen),
        "seconds": round(time.perf_counter() - started, 1),
        "data": [str(path) for measure in measures for path in measure.files],
    }
    about["lines"] = _lines(about, data, measures)
    with _writable(out):
        page = write_report(out, name, measures, outcomes, about)
    print(page)
    return page


def _lines(about: dict[str, Any], data: Path | None, measures: Sequence[Measure]) -> list[str]:
    """What the end of the page says of how it was made."""
    said = {**about, "version": about["attentif"], "digest": about["weights"][:12]}
    lines = [say(_ABOUT).format(**said)]
    if data is not None:
        asked = ", ".join(dict.fromkeys(path.name for measure in measures for path in measure.files))
        lines.append(say(_DATA).format(asked=asked))
        if others := files_not_asked(Path(data), measures):
            lines.append(say(_NOT_ASKED).format(files=", ".join(others)))
    return lines


def _refuse_another(out: Path, digest: str, measures: Sequence[Measure]) -> None:
    """Refuse to write over the report of another model, or one that holds measures which are not asked now."""
    try:
        kept = json.loads((out / "report.json").read_text(encoding="utf-8"))
        model, weights, asked = kept["model"], kept["weights"], set(kept["measures"])
    except (OSError, ValueError, LookupError, TypeError):
        return  # none, or not one of ours
    missing = sorted(asked - {measure.key for measure in measures})
    if weights == digest and not missing:
        return
    more = text(
        f"one with more measures ({', '.join(missing)})",
        f"un rapport qui a d'autres mesures ({', '.join(missing)})",
    )
    raise InputError(
        expected=text(
            f"a new folder, or this examination's own, at {out}",
            f"un dossier {out} neuf, ou celui de cet examen",
        ),
        got=text(f"the report of {model}, other weights", f"le rapport de {model}, d'autres poids")
        if weights != digest
        else more,
        remedy=text("choose another folder with --out", "choisissez un autre dossier par --out"),
    )


@contextlib.contextmanager
def _writable(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(
            expected=text(f"a folder {out} that can be written", f"un dossier {out} où l'on peut écrire"),
            got=error.strerror or type(error).__name__,
            remedy=text("choose another one with --out", "choisissez-en un autre par --out"),
        ) from error
