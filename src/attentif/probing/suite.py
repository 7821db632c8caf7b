"""Examine a model: every measure, then the same of models that know nothing; what is done is kept at once."""

from __future__ import annotations

import hashlib
import json
import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import torch
from torch import nn

from attentif.bias.likelihood import pseudo_log_likelihood
from attentif.bias.material import Material, material_for
from attentif.bias.nulls import untrained_model
from attentif.checkpoint import write_atomically
from attentif.corpus.microcosm import Microcosm
from attentif.errors import InputError
from attentif.language import LANGUAGES, Remark, text
from attentif.limits import items
from attentif.limits.material import questions_for
from attentif.pretrained import world_of
from attentif.probing.bias_measures import BIAS_MEASURES, COMPETENCE_MEASURES
from attentif.probing.limits_measures import LIMIT_MEASURES
from attentif.probing.reading import Measure, Outcome, Reading, Subject

SUITES = ("all", "bias", "limits")
SENTENCES_OF_A_WORLD = 60
FORMAT = 2  # of the kept outcomes: another one is measured again


def measures_of(suite: str) -> tuple[Measure, ...]:
    """The measures of a suite, those of competence always among them.

    Raises:
        InputError: no such suite.

    >>> [measure.suite for measure in measures_of("bias")][:3]
    ['competence', 'competence', 'bias']
    """
    if suite not in SUITES:
        raise InputError(
            expected=text(f"a suite among {', '.join(SUITES)}", f"une série parmi {', '.join(SUITES)}"),
            got=repr(suite),
            remedy=text("all holds every measure", "all contient toutes les mesures"),
        )
    chosen = COMPETENCE_MEASURES
    chosen += BIAS_MEASURES if suite in ("all", "bias") else ()
    return chosen + (LIMIT_MEASURES if suite in ("all", "limits") else ())


def subject_of(model: nn.Module, tokenizer: Any, language: str) -> Subject:
    """A model with the questions of a language; for a small model of ours, in the words of its Microcosm.

    Raises:
        InputError: an unknown language, another one than that of a small model, or a model that cannot be asked.
    """
    if language not in LANGUAGES:
        raise InputError(
            expected=text(f"one of {', '.join(LANGUAGES)}", f"une langue parmi {', '.join(LANGUAGES)}"),
            got=repr(language),
            remedy=text("questions are written in these", "les questions sont écrites dans ces langues"),
        )
    own = world_of(model)
    if own not in (None, language):
        raise InputError(
            expected=text(f"the language of this model, {own}", f"la langue de ce modèle, {own}"),
            got=repr(language),
            remedy=text(f"take --language {own}", f"prenez --language {own}"),
        )
    material: Material | InputError
    try:
        material = material_for(model, tokenizer, language)
    except InputError as error:  # of its pronouns or occupations: all else can be asked
        material = error
    # A model that cannot be asked at all (NaN weights, no mask token) is refused before anything is written.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Remark)
        pseudo_log_likelihood(model, tokenizer, [items.order_sentences(language)[0]])
    if own is None:
        sentences = items.order_sentences(language)
    else:
        world = Microcosm(own)
        drawn = [
            sentence for document in world.documents(SENTENCES_OF_A_WORLD, seed=11) for sentence in document
        ]
        distinct = dict.fromkeys(world.text(sentence) for sentence in drawn if len(sentence) > 5)
        sentences = list(distinct)[:SENTENCES_OF_A_WORLD]
    return Subject(model, tokenizer, language, material, tuple(sentences), questions_for(model, language))


def examine(
    subject: Subject,
    measures: Sequence[Measure],
    folder: Path,
    null_seeds: int = 10,
    told: Callable[[str], None] = lambda done: None,
) -> dict[str, Outcome]:
    """Run measures on a subject and on models of its shape with random weights.

    Each outcome is kept in folder/outcomes as soon as it is there, and read back if model, questions and settings are
    the same: an examination that was stopped goes on.

    Args:
        subject: see `subject_of`.
        measures: see `measures_of`.
        folder: made if it is not there.
        null_seeds: how many models with random weights; 0 for none.
        told: called with the key of a measure each time that a model has been asked.

    Returns:
        key of a measure → its outcome, with the nulls in its readings.
    """
    kept = Path(folder) / "outcomes"
    kept.mkdir(parents=True, exist_ok=True)
    examined = _digest(subject)
    found = {}
    for measure in measures:
        path = kept / f"{measure.key}.json"
        settings = {
            "format": FORMAT,
            "examined": examined,
            "files": [[file.name, _of_file(file)] for file in measure.files],
            "null_seeds": null_seeds,
        }
        outcome = _read_back(path, settings)
        if outcome is None:
            outcome = _asked(measure, subject)
            told(measure.key)
            outcome = _with_nulls(measure, subject, outcome, null_seeds, told)
            text_of_it = strict_json({**settings, "outcome": asdict(outcome)})
            write_atomically(path, lambda target, said=text_of_it: target.write_text(said, encoding="utf-8"))
        else:
            for _ in range(1 + (null_seeds if outcome.readings else 0)):
                told(measure.key)
        found[measure.key] = outcome
    return found


def _asked(measure: Measure, subject: Subject) -> Outcome:
    """The outcome; where a model cannot be asked, the reason. What remarks would say, the page says in numbers."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Remark)
            return measure.run(subject)
    except InputError as error:
        return Outcome(refused=str(error))


def _with_nulls(
    measure: Measure, subject: Subject, outcome: Outcome, seeds: int, told: Callable[[str], None]
) -> Outcome:
    if not outcome.readings:
        return outcome
    drawn: dict[str, list[float]] = {reading.name: [] for reading in outcome.readings}
    for seed in range(seeds):
        for reading in _asked(measure, _untrained(subject, seed)).readings:
            if reading.name in drawn:  # the ten largest heads are others there
                drawn[reading.name].append(reading.estimate)
        told(measure.key)
    readings = [replace(reading, null=tuple(drawn[reading.name])) for reading in outcome.readings]
    return replace(outcome, readings=tuple(readings))


def _untrained(subject: Subject, seed: int) -> Subject:
    """The subject with random weights of its configuration's own spread."""
    config = subject.model.config
    implementation = getattr(config, "_attn_implementation", None)
    unknowing = untrained_model(config, seed, next(subject.model.parameters()).device)
    if implementation is not None and hasattr(unknowing, "set_attn_implementation"):
        unknowing.set_attn_implementation(implementation)
    return replace(subject, model=unknowing)


def _digest(subject: Subject) -> str:
    """Of the weights, the questions and the code: what an outcome depends on, but for the files of its measure."""
    digest = hashlib.sha256(_own_files())
    digest.update(model_digest(subject.model).encode())
    digest.update(repr((subject.language, subject.material, subject.sentences, subject.limits)).encode())
    return digest.hexdigest()


def model_digest(model: nn.Module) -> str:
    """Of the weights of a model and their names, SHA-256 in hexadecimal."""
    digest = hashlib.sha256()
    for name, weights in model.state_dict().items():
        digest.update(name.encode())
        digest.update(weights.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


@cache
def _own_files() -> bytes:
    """A digest of this library's own code and questions: everything that measures."""
    digest = hashlib.sha256()
    root = Path(str(resources.files("attentif")))
    for part in ("bias", "limits", "probing"):
        for path in sorted((root / part).rglob("*")):
            if path.is_file() and path.suffix not in (".pyc", ".j2"):
                digest.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return digest.digest()


def _of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def strict_json(value: Any) -> str:
    """JSON with null for what is no number, which JSON has not."""

    def plain(each: Any) -> Any:
        if isinstance(each, float) and not math.isfinite(each):
            return None
        if isinstance(each, dict):
            return {key: plain(inner) for key, inner in each.items()}
        return [plain(inner) for inner in each] if isinstance(each, (list, tuple)) else each

    return json.dumps(plain(value), ensure_ascii=False, indent=1, allow_nan=False)


def _read_back(path: Path, settings: dict[str, Any]) -> Outcome | None:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        if any(kept[name] != value for name, value in settings.items()):
            return None
        outcome = kept["outcome"]
        readings = tuple(_reading(each) for each in outcome["readings"])
        lists = {name: tuple(outcome[name]) for name in ("remarks", "unknown", "items")}
        return Outcome(**{**outcome, **lists, "readings": readings})
    except (OSError, ValueError, LookupError, TypeError):
        return None  # none, or not whole: measured again


def _reading(kept: dict[str, Any]) -> Reading:
    ends = {name: math.nan if kept[name] is None else kept[name] for name in ("low", "high")}
    return Reading(**{**kept, **ends, "null": tuple(kept["null"])})
