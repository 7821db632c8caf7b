"""`attentif probe MODEL --suite …`: the whole examination, from the model's name to the page."""

from __future__ import annotations

import contextlib
import io
import sys
import time
from pathlib import Path

import torch
import transformers
from tqdm import tqdm

from attentif.checks.text import set_language
from attentif.cli_inference import open_masked
from attentif.errors import InputError
from attentif.language import text
from attentif.pretrained import masked_model, world_of
from attentif.probing.page import write_report
from attentif.probing.public_measures import public_measures
from attentif.probing.suite import examine, measures_of, subject_of


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
    """
    measures = measures_of(suite)
    if (Path(name) / "run.json").exists():
        model, tokenizer = open_masked(name)
    else:
        model, tokenizer = masked_model(name)
    language = language or world_of(model) or "en"
    set_language(language)
    if data is not None:
        measures += public_measures(data, language, suite)
    chosen = ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device
    left_out = io.StringIO()
    with contextlib.redirect_stdout(left_out):
        subject = subject_of(model.to(chosen).eval(), tokenizer, language)
    print(left_out.getvalue(), end="", file=sys.stderr)
    started = time.perf_counter()
    total = len(measures) * (1 + null_seeds)
    with tqdm(total=total, unit="", disable=None, file=sys.stderr) as bar:

        def told(key: str) -> None:
            bar.set_description(key)
            bar.update()

        try:
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
    about = {
        "language": language,
        "suite": suite,
        "null_seeds": null_seeds,
        "device": chosen,
        "seconds": round(time.perf_counter() - started, 1),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
    }
    page = write_report(out, name, measures, outcomes, about)
    print(page)
    return page
