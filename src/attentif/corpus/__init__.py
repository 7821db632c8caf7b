"""Corpora by name: Microcosm, any UTF-8 text file, any dataset of the Hugging Face hub."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from attentif.corpus.text import documents, read_text
from attentif.errors import InputError
from attentif.language import text as both

if TYPE_CHECKING:
    from attentif.corpus.microcosm import Microcosm

LANGUAGES = ("fr", "en")
SIZES = ("small", "full")
KNOWN = ("microcosm:fr", "microcosm:en", "microcosm:fr:full", "microcosm:en:full", "FILE.txt", "hub:NAME")


@dataclass(frozen=True)
class Corpus:
    """A corpus that was opened: a world to draw from, or a text.

    kind: "microcosm", "text" or "hub". name: the full specification, to write in a configuration.
    language: "fr" or "en" where it is known. world: the Microcosm, else None. text: the text, else None;
    a line of it is a sentence, a blank line ends a document (see `documents`).
    """

    kind: Literal["microcosm", "text", "hub"]
    name: str
    language: str | None = None
    text: str | None = None
    world: Microcosm | None = None

    def __post_init__(self) -> None:
        if (self.text is None) == (self.world is None):
            raise InputError(
                expected=both("a text or a world", "un texte ou un monde"),
                got=both("both", "les deux") if self.text else both("neither", "ni l'un ni l'autre"),
                remedy=both("give one of them", "donnez l'un des deux"),
            )

    @cached_property
    def documents(self) -> list[list[str]]:
        """Documents of sentences of a text; empty for a world, which draws its own."""
        return [] if self.text is None else documents(self.text)


def open_corpus(spec: str, limit: int | None = None, **world_options: Any) -> Corpus:
    """The corpus that a specification names.

    spec: "microcosm:LANGUAGE[:SIZE]" (fr or en; small or full), the path of a text file, or
    "hub:NAME[:CONFIG[:SPLIT]][#COLUMN]" (see `attentif.corpus.hub`). limit: at most this many rows of a hub
    dataset. world_options go to Microcosm. Raises InputError for a specification that names nothing.
    """
    kind, _, rest = spec.partition(":")
    if kind == "microcosm":
        return _open_microcosm(rest, world_options)
    if world_options:
        raise InputError(
            expected=both(
                "options of a world with a Microcosm corpus only",
                "des options de monde avec un corpus Microcosm seulement",
            ),
            got=both(f"{', '.join(world_options)} with {spec}", f"{', '.join(world_options)} avec {spec}"),
            remedy=both("leave them out", "retirez-les"),
        )
    if kind == "hub":
        from attentif.corpus.hub import load_hub, parse_source, rows_to_text

        source = parse_source(rest)
        rows = load_hub(source.name, source.config, source.split, source.text_column, limit)
        return Corpus("hub", spec, text=rows_to_text(rows))
    if not _looks_like_a_path(spec):
        close = get_close_matches(spec, KNOWN, n=1, cutoff=0.5)
        raise InputError(
            expected=both(f"a corpus among {', '.join(KNOWN)}", f"un corpus parmi {', '.join(KNOWN)}"),
            got=repr(spec),
            remedy=both(f"did you mean {close[0]}?", f"vouliez-vous dire {close[0]} ?")
            if close
            else both(
                "give one of these, or an existing file", "donnez l'un d'eux, ou un fichier qui existe"
            ),
        )
    return Corpus("text", spec, text=read_text(Path(spec).expanduser()))


def _looks_like_a_path(spec: str) -> bool:
    path = Path(spec).expanduser()
    return bool(spec.strip()) and (path.exists() or path.suffix != "" or path.name != spec)


def _open_microcosm(rest: str, options: dict[str, Any]) -> Corpus:
    language, size = [*rest.split(":"), "", ""][:2]
    language, size = language or "fr", size or "small"
    if language not in LANGUAGES or size not in SIZES or rest.count(":") > 1:
        raise InputError(
            expected=both(
                "microcosm:LANGUAGE:SIZE with fr or en, then small or full",
                "microcosm:LANGUE:TAILLE avec fr ou en, puis small ou full",
            ),
            got=f"microcosm:{rest}",
            remedy=both(
                "for instance microcosm:fr or microcosm:en:full",
                "par exemple microcosm:fr ou microcosm:en:full",
            ),
        )
    from attentif.corpus.microcosm import Microcosm

    world = Microcosm(language, size, **options)
    return Corpus("microcosm", f"microcosm:{language}:{size}", language=language, world=world)
