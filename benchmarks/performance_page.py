"""docs/performance.md and docs/performance.fr.md, made of the results of benchmarks/pretraining.py.

    python benchmarks/performance_page.py

Each file of results is a section: one a machine. A test fails when the pages are stale.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from attentif.language import LANGUAGES, Text, current_language, number, say, switch, text

HERE = Path(__file__).resolve().parent
DOCS = HERE.parent / "docs"
NAMES = {"en": "performance.md", "fr": "performance.fr.md"}

_T: dict[str, Text] = {
    "title": text("# Pretraining: how fast", "# Pré-entraîner : à quelle vitesse"),
    "intro": text(
        "`python benchmarks/pretraining.py` measures steps of this library and of its peers in turn, in one process, on the same batches, by the same\n"
        "optimizer; `python benchmarks/performance_page.py` makes this page of what it keeps. A ratio above 1 means that ours is faster;\n"
        "in brackets, its least and its largest over the turns. Utilisation is the share of the rate of a large product of matrices, measured in\n"
        "the same run.",
        "`python benchmarks/pretraining.py` mesure des étapes de cette bibliothèque et de ses pairs à tour de rôle, dans un même processus, sur les\n"
        "mêmes lots et avec le même optimiseur ; `python benchmarks/performance_page.py` fait cette page à partir de ce qui est gardé. Un rapport\n"
        "supérieur à 1 veut dire que la nôtre est plus rapide ; entre crochets, le plus petit et le plus grand sur les tours. L'utilisation est la\n"
        "part du débit d'un grand produit de matrices, mesuré au même moment.",
    ),
    "machine": text(
        "## `{machine}`\n\n{date}: {turns} turns of {steps} steps, {threads} threads, {dtype}, {compile}; `torch` {torch}, `transformers` {transformers}; a product of\n"
        "matrices runs at {rate} `TFLOP/s`.",
        "## `{machine}`\n\n{date} : {turns} tours de {steps} étapes, {threads} fils, {dtype}, {compile} ; `torch` {torch}, `transformers` {transformers} ; un produit\n"
        "de matrices va à {rate} `TFLOP/s`.",
    ),
    "compiled": text("all compiled", "tous compilés"),
    "plain": text("none compiled", "aucun compilé"),
    "heads": text(
        "| who | tokens a second | utilisation | ours is faster |", "| qui | jetons par seconde | utilisation | la nôtre est plus rapide |"
    ),
    "padding": text("Padding of the peers' batches: {share} %.", "Remplissage des lots des pairs : {share} %."),
    "times": text("{median} times [{low}; {high}]", "{median} fois [{low} ; {high}]"),
    "masked": text(
        "### Masked, rows of 128 tokens\n\nVocabulary of 8,192, width 256, 4 layers, 4 heads, 32 rows, dropout 0.1.",
        "### Masqué, lignes de 128 jetons\n\nVocabulaire de 8 192 jetons, largeur 256, 4 couches, 4 têtes, 32 lignes, abandon de 0,1.",
    ),
    "uneven": text(
        "### Masked, sentences of uneven lengths (Sequoia)\n\nThe same model; only real tokens are counted.",
        "### Masqué, phrases de longueurs inégales (Sequoia)\n\nLe même modèle ; seuls les vrais jetons comptent.",
    ),
    "causal": text(
        "### Causal, nanoGPT's sizes for a CPU\n\n65 characters, width 128, 4 layers, 4 heads, 12 rows of 64, no dropout.",
        "### Causal, aux tailles de nanoGPT pour un processeur\n\n65 caractères, largeur 128, 4 couches, 4 têtes, 12 lignes de 64, sans abandon.",
    ),
    "bert-base-128": text("### BERT-base, rows of 128 tokens", "### BERT-base, lignes de 128 jetons"),
    "bert-base-512": text("### BERT-base, rows of 512 tokens", "### BERT-base, lignes de 512 jetons"),
    "gpt2-1024": text("### GPT-2 (124M), rows of 1024 tokens", "### GPT-2 (124M), lignes de 1024 jetons"),
    "explicit": text("attentif, explicit attention", "attentif, attention explicite"),
    "fused": text("attentif, fused attention", "attentif, attention fusionnée"),
    "packed": text("attentif, packed", "attentif, phrases regroupées"),
    "only": text("{name}, head on masked positions", "{name}, tête sur les positions masquées"),
}  # fmt: skip


def main() -> None:
    """Write the pages."""
    for name, page in pages(results()).items():
        (DOCS / name).write_text(page, encoding="utf-8", newline="\n")


def results() -> list[dict[str, Any]]:
    """What was kept of each machine, by the names of the files."""
    files = sorted((HERE / "results").glob("pretraining*.json"))
    return [json.loads(path.read_text(encoding="utf-8")) for path in files]


def pages(kept: list[dict[str, Any]]) -> dict[str, str]:
    """File name → text, one a language."""
    before, made = current_language(), {}
    try:
        for language in LANGUAGES:
            switch(language)
            made[NAMES[language]] = "\n\n".join(
                [say(_T["title"]), say(_T["intro"]), *(part for each in kept for part in _machine(each))]
            )
            made[NAMES[language]] += "\n"
    finally:
        switch(before)
    return made


def _machine(kept: dict[str, Any]) -> list[str]:
    settings = kept["settings"]
    said = {
        **settings, "machine": kept["machine"], "date": kept["date"], "rate": number(settings["matmul_tflops"], 2),
        "compile": say(_T["compiled" if settings["compile"] else "plain"]),
    }  # fmt: skip
    parts = [say(_T["machine"]).format(**said)]
    for workload, measured in kept["measurements"].items():
        parts += [say(_T[workload]), _table(workload, measured, kept["ratios"])]
        if "padding" in measured:
            parts.append(say(_T["padding"]).format(share=number(100 * measured["padding"], 0)))
    return parts


def _table(workload: str, measured: dict[str, Any], ratios: dict[str, Any]) -> str:
    lines = [say(_T["heads"]), "|---|---|---|---|"]
    for who, found in measured.items():
        if who == "padding":
            continue
        ratio = next(
            (
                each
                for name, each in ratios.items()
                if name.startswith(f"{workload}, ") and name.endswith(f" / {who}")
            ),
            None,
        )
        times = (
            ""
            if ratio is None
            else say(_T["times"]).format(**{name: number(value) for name, value in ratio.items()})
        )
        rate = f"{found['tokens_per_second']:,}".replace(",", say(text(",", " ")))
        used = f"{number(100 * found['model_flop_utilisation'], 0)} %"
        lines.append(f"| {_called(who)} | {rate} | {used} | {times} |")
    return "\n".join(lines)


def _called(who: str) -> str:
    """A contestant's name in the current language."""
    for key in ("explicit", "fused", "packed"):
        if who == _T[key]["en"]:
            return say(_T[key])
    name, only, _ = who.partition(", head on masked positions")
    return say(_T["only"]).format(name=name) if only else name


if __name__ == "__main__":
    main()
