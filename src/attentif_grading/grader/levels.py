"""How well the sandbox holds on this machine: A, B or C, from probes that try the attacks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from attentif.checks.text import Text, text
from attentif.errors import InputError
from attentif_worker.failing import CageFailed
from attentif_worker.probes import BLOCKED

KINDS = ("namespaces", "landlock", "limits")
CONTAINER = (
    "docker run --rm -it --cap-add SYS_ADMIN --security-opt seccomp=unconfined --security-opt apparmor=unconfined "
    '-v "$PWD":/course -w /course python:3.11-slim sh -c '
    "\"pip install torch --index-url https://download.pytorch.org/whl/cpu && pip install -e '.[all,grading]' "
    '&& attentif-grading grade submissions --out graded"'
)


@dataclass(frozen=True)
class Probe:
    """An attack that is tried.

    Args:
        critical: whether marks or the machine are in danger where it gets through.
        said: what a student's code would do.
    """

    critical: bool
    said: Text


PROBES: Mapping[str, Probe] = {
    "read_secret": Probe(True, text("read the gradebook", "lire le carnet de notes")),
    "write_outside": Probe(True, text("write outside of its folder", "écrire en dehors de son dossier")),
    "write_library": Probe(
        True, text("change the library of the next student", "modifier la bibliothèque de l'étudiant suivant")
    ),
    "read_process": Probe(
        True, text("read the memory of another process", "lire la mémoire d'un autre processus")
    ),
    "trace_process": Probe(
        True, text("take control of another process", "prendre le contrôle d'un autre processus")
    ),
    "end_process": Probe(True, text("end another process", "mettre fin à un autre processus")),
    "connect_tcp": Probe(True, text("connect to a server", "se connecter à un serveur")),
    "send_udp": Probe(True, text("send a datagram", "envoyer un datagramme")),
    "connect_unix": Probe(
        True, text("talk to a service of this machine", "parler à un service de cette machine")
    ),
    "leave_cage": Probe(True, text("leave its cage", "sortir de sa cage")),
    "gain_rights": Probe(True, text("gain the rights of root", "obtenir les droits de root")),
    "inherited_descriptor": Probe(
        True,
        text("use a file that the grader left open", "utiliser un fichier que le correcteur a laissé ouvert"),
    ),
    "outlive_sweep": Probe(
        True, text("go on after the end of its exercise", "continuer après la fin de son exercice")
    ),
    "list_processes": Probe(
        False, text("see that other processes run", "voir que d'autres processus tournent")
    ),
    "run_program": Probe(False, text("start other programs", "lancer d'autres programmes")),
    "use_memory": Probe(False, text("use more memory than allowed", "utiliser plus de mémoire que permis")),
    "many_processes": Probe(
        False, text("start more processes than allowed", "lancer plus de processus que permis")
    ),
    "fill_disk": Probe(False, text("fill the disk", "remplir le disque")),
}

LEVELS: Mapping[str, Text] = {
    "A": text(
        "A: every attack that was tried was blocked",
        "A : toutes les attaques essayées ont été bloquées",
    ),
    "B": text(
        "B: marks and machine are safe; a submission could still disturb the grading",
        "B : les notes et la machine sont à l'abri ; une copie pourrait encore gêner la correction",
    ),
    "C": text(
        "C: a submission could read or change what it must not",
        "C : une copie pourrait lire ou modifier ce qu'elle ne doit pas",
    ),
}


@dataclass(frozen=True)
class Sandbox:
    """The sandbox that grading uses.

    Args:
        kind: namespaces, landlock or limits.
        level: A, B or C.
        table: of each probe "blocked" or "got through: …".
        refused: why stronger kinds are not to be had here.
    """

    kind: str
    level: str
    table: Mapping[str, str]
    refused: Mapping[str, str]

    def holes(self) -> tuple[Text, ...]:
        """What a student's code can do here and should not, the gravest first."""
        open_ones = (name for name in PROBES if self.table.get(name) != BLOCKED)
        return tuple(
            PROBES[name].said for name in sorted(open_ones, key=lambda name: not PROBES[name].critical)
        )


def level_of(table: Mapping[str, str]) -> str:
    """The level that a table of probes stands for; a probe without an outcome has not been blocked.

    >>> level_of({name: "blocked" for name in PROBES})
    'A'
    >>> level_of({name: "blocked" for name in PROBES if name != "fill_disk"})
    'B'
    >>> level_of({})
    'C'
    """
    through = [probe for name, probe in PROBES.items() if table.get(name) != BLOCKED]
    if not through:
        return "A"
    return "C" if any(probe.critical for probe in through) else "B"


def require_linux() -> None:
    """
    Raises:
        InputError: this is not Linux; says how to grade in a container.
    """
    if sys.platform != "linux":
        raise InputError(
            expected=text(
                "Linux, whose kernel confines the students' code",
                "Linux, dont le noyau confine le code des étudiants",
            ),
            got=sys.platform,
            remedy=text(
                f"grade in a container, from the folder of the course: {CONTAINER}",
                f"corrigez dans un conteneur, depuis le dossier du cours : {CONTAINER}",
            ),
        )


def choose_level(try_kind: Callable[[str], Mapping[str, str]], allow_weak: bool = False) -> Sandbox:
    """The strongest sandbox to be had here.

    Args:
        try_kind: runs the probes in a cage of this kind and returns their table; raises CageFailed where the
            kernel refuses such a cage.
        allow_weak: whether level C will do.
    Raises:
        InputError: not Linux, or nothing better than level C and that was not allowed.
    """
    require_linux()
    best: Sandbox | None = None
    refused: dict[str, str] = {}
    for kind in KINDS:
        try:
            table = dict(try_kind(kind))
        except CageFailed as failure:
            refused[kind] = str(failure)
            continue
        found = Sandbox(kind, level_of(table), table, refused)
        if best is None or found.level < best.level:
            best = found
        if best.level == "A":
            break
    if best is None or (best.level == "C" and not allow_weak):
        raise _too_weak(best, refused)
    return best


def _too_weak(best: Sandbox | None, refused: Mapping[str, str]) -> InputError:
    holes = best.holes() if best else ()
    reasons = "; ".join(f"{kind}: {reason}" for kind, reason in refused.items())
    return InputError(
        expected=text("a sandbox of level A or B", "un bac à sable de niveau A ou B"),
        got=text(
            f"level C, in which a student's code could {_listed(holes, 'en')} ({reasons or 'nothing was refused'})",
            f"le niveau C, où le code d'un étudiant pourrait {_listed(holes, 'fr')} ({reasons or 'rien n’a été refusé'})",
        ),
        remedy=text(
            f"grade in a container, from the folder of the course: {CONTAINER}; or trust the students' code and add --allow-weak-sandbox",
            f"corrigez dans un conteneur, depuis le dossier du cours : {CONTAINER} ; ou faites confiance au code des étudiants et ajoutez --allow-weak-sandbox",
        ),
    )


def _listed(holes: tuple[Text, ...], language: str) -> str:
    nothing = {"en": "do anything", "fr": "tout faire"}
    return ", ".join(hole[language] for hole in holes) or nothing[language]
