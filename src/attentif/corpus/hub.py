"""Any dataset of the Hugging Face hub, or a local file or folder that `datasets` reads, as plain texts.

A source is written NAME[:CONFIG[:SPLIT]][#COLUMN], for instance

    wikitext:wikitext-2-raw-v1              the configuration wikitext-2-raw-v1, split train
    stanfordnlp/imdb::test                  the default configuration, split test
    nyu-mll/glue:mnli:train#premise         the column premise
    ./reviews.jsonl#comment                 a local file (JSON lines, CSV, TSV, Parquet, text) or folder

As in `datasets`, an existing local file or folder of that name comes before the hub.
"""

from __future__ import annotations

import contextlib
import glob
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from attentif.corpus.hub_errors import explained
from attentif.errors import InputError
from attentif.hub_failures import resolved
from attentif.language import Text, joined
from attentif.language import text as both

TEXT_COLUMNS = ("text", "sentence", "content", "document", "texte", "phrase", "body", "article")
_READERS = {
    ".jsonl": ("json", {}),
    ".json": ("json", {}),
    ".ndjson": ("json", {}),
    ".csv": ("csv", {}),
    ".tsv": ("csv", {"delimiter": "\t"}),
    ".parquet": ("parquet", {}),
    ".txt": ("text", {}),
}


@dataclass(frozen=True)
class HubSource:
    """A parsed NAME[:CONFIG[:SPLIT]][#COLUMN]; None means: found by itself."""

    name: str
    config: str | None = None
    split: str = "train"
    text_column: str | None = None

    def __post_init__(self) -> None:
        if not self.name.strip() or not self.split:
            raise InputError(
                expected="hub:NAME[:CONFIG[:SPLIT]][#COLUMN]",
                got=both(f"the name {self.name!r}", f"le nom {self.name!r}"),
                remedy=both(
                    "for instance hub:wikitext:wikitext-2-raw-v1",
                    "par exemple hub:wikitext:wikitext-2-raw-v1",
                ),
            )


def parse_source(source: str) -> HubSource:
    """The parts of NAME[:CONFIG[:SPLIT]][#COLUMN]; an empty CONFIG is the default one.

    >>> parse_source("nyu-mll/glue:mnli:test#premise")
    HubSource(name='nyu-mll/glue', config='mnli', split='test', text_column='premise')
    """
    if Path(source).expanduser().exists():  # a local path may hold ":" or "#"
        return HubSource(source)
    place, _, column = source.partition("#")
    name, *rest = re.split(r":(?![\\/])", place)  # not the colon of C:\\
    if len(rest) > 2:
        raise InputError(
            expected="hub:NAME[:CONFIG[:SPLIT]][#COLUMN]",
            got=source,
            remedy=both(
                "for instance hub:wikitext:wikitext-2-raw-v1:test",
                "par exemple hub:wikitext:wikitext-2-raw-v1:test",
            ),
        )
    config, split = [*rest, "", ""][:2]
    return HubSource(name, config or None, split or "train", column or None)


def load_hub(
    name: str,
    config: str | None = None,
    split: str = "train",
    text_column: str | None = None,
    limit: int | None = None,
) -> list[str]:
    """The texts of a dataset, one a row, in order; rows without a text (null) are left out.

    name: of the hub ("wikitext", "owner/dataset"), or a local file or folder. text_column: found by itself
    when None. limit: at most this many rows, read as a stream: a large dataset is not downloaded whole.
    Raises InputError, in one line: no such dataset, configuration, split or column, no access, no network.
    """
    if limit is not None and limit < 1:
        raise InputError(
            expected=both("a limit of at least one row", "une limite d'au moins une ligne"),
            got=str(limit),
            remedy=both("or leave it out", "donnez-en une plus grande, ou aucune"),
        )
    try:
        import datasets
    except ImportError:
        raise InputError(
            expected=both("the package datasets, which reads the hub", "le paquet datasets, qui lit le hub"),
            got=both("none installed", "aucun d'installé"),
            remedy=both("pip install datasets", "installez-le : pip install datasets"),
        ) from None
    chosen = f", configuration {config}" if config else ""
    where = both(
        f"the dataset {name}{chosen}, split {split}", f"l'ensemble de données {name}{chosen}, partie {split}"
    )
    try:
        with _offline_without_network(datasets, name) as offline:
            rows = _open(datasets, name, config, split, streaming=limit is not None and not offline)
            column = _text_column(rows, text_column, where)
            values = (row[column] for row in rows.select_columns([column]))
            texts = list(islice((value for value in values if value is not None), limit))
    except InputError:
        raise
    except Exception as error:  # datasets, huggingface_hub, httpx and pyarrow each raise their own
        raise explained(error, name, where) from error
    if not any(text.strip() for text in texts):
        raise InputError(
            expected=joined(
                both(f"text in column {column} of ", f"du texte dans la colonne {column} de "), where
            ),
            got=both("nothing but empty rows", "rien que des lignes vides"),
            remedy=both(
                "choose another column or split", "choisissez une autre colonne ou une autre partie (split)"
            ),
        )
    return texts


def rows_to_text(rows: list[str]) -> str:
    """One text in which a line is a sentence and a blank line ends a document.

    Where some rows are blank (as in wikitext) the rows are lines already; otherwise each row is one document.

    >>> rows_to_text(["Un.\\n\\nDeux.", "Trois."]), rows_to_text(["Un.", "", "Deux."])
    ('Un.\\nDeux.\\n\\nTrois.\\n', 'Un.\\n\\nDeux.\\n')
    """
    lines = [[line.rstrip() for line in row.splitlines() if line.strip()] for row in rows]
    separator = "\n" if not all(lines) else "\n\n"
    return separator.join("\n".join(row) for row in lines) + "\n"


def _open(datasets: Any, name: str, config: str | None, split: str, streaming: bool) -> Any:
    path = Path(name).expanduser()
    streaming = streaming and "[" not in split  # "train[:1%]" is cut from the whole
    if path.is_dir():
        if any((path / mark).is_file() for mark in ("dataset_dict.json", "state.json")):  # of save_to_disk
            saved = datasets.load_from_disk(str(path))
            if isinstance(saved, datasets.DatasetDict) and split not in saved:
                raise ValueError(f"Bad split: {split}. Available splits: {list(saved)}")
            return saved[split] if isinstance(saved, datasets.DatasetDict) else saved
        # Local files are streamed: a copy of them in the cache would cost space and could grow stale.
        return datasets.load_dataset(str(path), config, split=split, streaming="[" not in split)
    if path.is_file():
        if path.suffix.lower() not in _READERS:
            raise InputError(
                expected=both(
                    f"a file ending in {' '.join(_READERS)}",
                    f"un fichier dont le nom finit par {' '.join(_READERS)}",
                ),
                got=str(path),
                remedy=both(
                    "convert it, or give a plain text file, without 'hub:'",
                    "convertissez-le, ou donnez un fichier de texte simple, sans 'hub:'",
                ),
            )
        if config is not None:
            raise InputError(
                expected=both(
                    f"no configuration for the file {path}", f"pas de configuration pour le fichier {path}"
                ),
                got=config,
                remedy=both(f"leave it out: hub:{path}", f"retirez-la : hub:{path}"),
            )
        reader, options = _READERS[path.suffix.lower()]
        pattern = glob.escape(str(path))  # data_files are patterns
        return datasets.load_dataset(
            reader, data_files=[pattern], split=split, streaming="[" not in split, **options
        )
    if name.startswith(("/", ".", "~")) or path.suffix.lower() in _READERS:
        raise InputError(
            expected=both(f"a file or folder at {name}", f"un fichier ou un dossier {name}"),
            got=both("none there", "rien de tel"),
            remedy=both("check the path and the current folder", "vérifiez le chemin et le dossier courant"),
        )
    return datasets.load_dataset(name, config, split=split, streaming=streaming)


@contextlib.contextmanager
def _offline_without_network(datasets: Any, name: str) -> Iterator[bool]:
    """Offline mode where the hub's name cannot be resolved: the cache at once, not after 23 s of retries."""
    offline = bool(datasets.config.HF_HUB_OFFLINE)
    if not offline and not Path(name).expanduser().exists():
        offline = not resolved(datasets.config.HF_ENDPOINT)
    before, datasets.config.HF_HUB_OFFLINE = datasets.config.HF_HUB_OFFLINE, offline
    try:
        yield offline
    finally:
        datasets.config.HF_HUB_OFFLINE = before


def hub_within_reach() -> bool:
    """Whether datasets of the hub can be loaded: the library is there, and the hub's name is known to the network."""
    try:
        import datasets
    except ImportError:
        return False
    return not datasets.config.HF_HUB_OFFLINE and resolved(datasets.config.HF_ENDPOINT)


def _text_column(rows: Any, wanted: str | None, where: Text) -> str:
    features = rows.features
    if features is not None:
        columns = list(features)
        texts = [c for c in columns if getattr(features[c], "dtype", None) in ("string", "large_string")]
    else:  # a stream of JSON or CSV does not know its columns before it is read
        first = list(islice(rows, 20))
        columns = list(dict.fromkeys(column for row in first for column in row))
        texts = [c for c in columns if {type(row.get(c)) for row in first} - {type(None)} == {str}]
    if wanted is not None:
        candidates = [column for column in texts if column == wanted]
    else:
        candidates = [column for column in TEXT_COLUMNS if column in texts] or (
            texts if len(texts) == 1 else []
        )
    if not candidates:
        of_text = f" {wanted}" if wanted else ""
        other = both("not text", "pas du texte")
        listed = {
            language: ", ".join(c if c in texts else f"{c} ({said})" for c in columns)
            for language, said in other.items()
        }
        raise InputError(
            expected=joined(
                both(f"a text column{of_text} in ", f"une colonne de texte{of_text} dans "), where
            ),
            got=both(f"the columns {listed['en'] or 'none'}", f"les colonnes {listed['fr'] or 'aucune'}"),
            remedy=both(
                "name one: hub:NAME:CONFIG:SPLIT#COLUMN", "nommez-en une : hub:NAME:CONFIG:SPLIT#COLUMN"
            ),
        )
    return candidates[0]
