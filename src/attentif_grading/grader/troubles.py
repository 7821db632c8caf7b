"""Why an answer could not be judged to its end, and what a marker should look at: identifiers and their texts."""

from __future__ import annotations

from attentif.checks.text import Text, text

TROUBLES: dict[str, Text] = {
    "missing": text(
        "this name does not exist when the notebook runs from the top",
        "ce nom n'existe pas quand le carnet est exécuté depuis le début",
    ),
    "syntax": text(
        "its cell is not valid Python, so that it defines nothing",
        "sa cellule n'est pas du Python correct, elle ne définit donc rien",
    ),
    "time": text(
        "the code took longer than the time it is given, an endless loop perhaps",
        "le code a dépassé le temps accordé, peut-être par une boucle sans fin",
    ),
    "ended": text(
        "the code ended its own process: an exit, a crash of compiled code, or too much memory",
        "le code a mis fin à son propre processus : une sortie, un plantage de code compilé ou trop de mémoire",
    ),
    "answer": text(
        "the answer was not one that can be read: too large, or damaged",
        "la réponse n'a pas pu être lue : trop grande, ou abîmée",
    ),
    "notebook": text(
        "the notebook could not be read or run",
        "le carnet n'a pas pu être lu ou exécuté",
    ),
    "not_handed_in": text("this notebook was not handed in", "ce carnet n'a pas été rendu"),
}

# Remarks that are about all code of a notebook.
OF_NOTEBOOK = frozenset({"tampering"})

FLAGS: dict[str, Text] = {
    "inputs_changed": text("it writes to its inputs", "il modifie ses entrées"),
    "torch_builtin": text(
        "it calls the function of torch that does this very thing",
        "il appelle la fonction de torch qui fait exactement cela",
    ),
    "rescue": text(
        "it calls or copies the rescue part",
        "il appelle ou recopie la partie de secours",
    ),
    "tampering": text(
        "it touches the grader's surroundings: look at the code",
        "il touche à l'environnement de la correction : regardez le code",
    ),
}
