"""What the page of a student says besides the checks' own titles, hints and diagnoses."""

from __future__ import annotations

from attentif.checks.engine import FAILED, PASSED, SKIPPED, TODO
from attentif.checks.text import Text, text

STATUS: dict[str, Text] = {
    PASSED: text("right", "juste"),
    FAILED: text("wrong", "faux"),
    SKIPPED: text("not run", "non exécuté"),
    TODO: text("not written", "non écrit"),
}
MARKS = {PASSED: "✓", FAILED: "✗", SKIPPED: "–", TODO: "…"}

# What a student can do about a trouble, by its identifier.
REMEDIES: dict[str, Text] = {
    "missing": text(
        "Restart the notebook and run all its cells from the top: the cell that defines this name must run without an error.",
        "Redémarrez le carnet et exécutez toutes ses cellules depuis le début : celle qui définit ce nom doit s'exécuter sans erreur.",
    ),
    "syntax": text(
        "Run this cell in the notebook: Python shows the line that it cannot read, often a bracket, a colon or an indentation.",
        "Exécutez cette cellule dans le carnet : Python montre la ligne qu'il ne peut pas lire, souvent une parenthèse, un deux-points ou un retrait.",
    ),
    "time": text(
        "Look for a loop whose end is never reached, or a loop over every entry of a tensor.",
        "Cherchez une boucle qui ne se termine jamais, ou une boucle sur chaque élément d'un tenseur.",
    ),
    "ended": text(
        "Take out exit() and quit(), and check the sizes of the tensors that you make.",
        "Enlevez exit() et quit(), et vérifiez la taille des tenseurs que vous créez.",
    ),
    "answer": text(
        "Return what the statement asks for, and nothing larger.",
        "Renvoyez ce que demande l'énoncé, et rien de plus grand.",
    ),
    "notebook": text(
        "Save the notebook as .ipynb, open the file again, and run it from the top before you hand it in.",
        "Enregistrez le carnet en .ipynb, rouvrez le fichier et exécutez-le depuis le début avant de le rendre.",
    ),
}

WORDS: dict[str, Text] = {
    "title": text("Feedback", "Correction"),
    "automatic": text("Marked by the checks", "Noté par les contrôles"),
    "notebook": text("Notebook", "Carnet"),
    "not_handed_in": text(
        "This notebook was not handed in: it earns nothing.",
        "Ce carnet n'a pas été rendu : il n'apporte aucun point.",
    ),
    "work": text("What to work on", "Ce qu'il faut reprendre"),
    "work_intro": text(
        "The exercises where you lost points, the most costly first.",
        "Les exercices où vous avez perdu des points, le plus coûteux d'abord.",
    ),
    "unwritten": text("Not written", "Non écrits"),
    "nothing_lost": text(
        "Every automatic check passed. Nothing to take up again.",
        "Tous les contrôles automatiques sont réussis. Rien à reprendre.",
    ),
    "points": text("points", "points"),
    "in_notebook": text("In the notebook", "Dans le carnet"),
    "at_grading": text("At grading, on other inputs", "À la correction, sur d'autres entrées"),
    "expected": text("expected", "attendu"),
    "got": text("got", "obtenu"),
    "hint": text("hint", "piste"),
    "cause": text("likely cause", "cause probable"),
    "causes": text("likely causes", "causes probables"),
    "why_not_run": text(
        "Not run: a check above must pass first.", "Non exécuté : un contrôle plus haut doit d'abord réussir."
    ),
    "fault": text(
        "not judged: this check itself failed, tell your instructor",
        "non jugé : ce contrôle a lui-même échoué, signalez-le à votre enseignant",
    ),
    "inputs_changed": text(
        "Your code writes to the tensors that it is given. That costs nothing here, but it will surprise whoever calls it.",
        "Votre code modifie les tenseurs qu'il reçoit. Cela ne coûte rien ici, mais surprendra qui l'appelle.",
    ),
    "questions": text("Written questions", "Questions rédigées"),
    "question": text("Question", "Question"),
    "unanswered": text("not answered", "sans réponse"),
    "waiting": text("waiting for a marker", "en attente d'un correcteur"),
    "unwritten_one": text("not written", "non écrit"),
    "fails": text("check that fails", "contrôle manqué"),
    "remarks": text("About the files that you handed in", "À propos des fichiers rendus"),
    "not_judged": text(
        "This exercise has not been judged: tell your instructor.",
        "Cet exercice n'a pas été jugé : signalez-le à votre enseignant.",
    ),
}
