"""What of an exercise is still to be written: the places in its files that hold the mark of `new-exercise`."""

from __future__ import annotations

from pathlib import Path

from attentif_grading.contracts import Contract

MARK = "TODO:"


def files_of(home: Path, name: str) -> list[Path]:
    """The files of an exercise that are there: its folder, and its public checks."""
    folder = home / "grading" / "exercises" / name
    found = [path for path in sorted(folder.glob("*")) if path.suffix in (".py", ".txt", ".md")]
    public = home / "src" / "attentif" / "checks" / "public" / f"{name}.py"
    return [*found, public] if public.is_file() else found


def unwritten(home: Path, contract: Contract) -> list[str]:
    """One line for each file of an exercise that is not finished, and for its entry in contracts.toml."""
    found = []
    for path in files_of(home, contract.name):
        lines = path.read_text(encoding="utf-8").splitlines()
        places = [number for number, line in enumerate(lines, 1) if MARK in line]
        if places:
            found.append(
                f"{path.relative_to(home).as_posix()}: {len(places)} to write, the first in line {places[0]}"
            )
    if MARK in contract.returns:
        found.append(f"grading/contracts.toml: what {contract.name} returns")
    if any(MARK in said for said in contract.notions.values()):
        found.append(f"grading/contracts.toml: the notions of {contract.name}")
    return found
