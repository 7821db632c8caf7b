"""rubric.fr.md and rubric.en.md: what markers read, made of grading/rubric.toml and of the notebooks' own questions."""

from __future__ import annotations

import re
from pathlib import Path

from attentif.checks.text import LANGUAGES, Text, text
from attentif_grading.rubric import Criterion, Pair, Question, read_rubric

# The four levels, the best first; the notebooks name them to students.
LEVELS = (
    text("complete", "complet"),
    text("nearly complete", "presque complet"),
    text("begun", "ébauché"),
    text("missing", "absent"),
)
OTHER: Text = text("[Français](rubric.fr.md)", "[English](rubric.en.md)")
HEAD: Text = text(
    """# The report's rubric

{other}

For markers; students get none of it but the names of the criteria and levels. `attentif-grading build` makes this page of
`grading/rubric.toml` and of the notebooks: change those.

## How to mark

- **Three criteria, four levels.** For each criterion choose the best level whose description is met, and enter the sum
  of the three in the formgrader, quarters included. The level's line, pasted, is a comment that helps.
- **Between two levels**, take the better one if nothing of what is written is wrong, else the other.
- **A claim of the list of wrong ones**, if it is not corrected further down, holds "right" at "nearly complete"; two hold it at "begun".
- **Numbers are the student's own.** They depend on the machine, the seed and the budget: one that is not the reference's is no mistake. Where an
  exercise went wrong, judge what is said of the numbers that came out.
- **Style costs nothing.** Mistakes of language count only where the text cannot be understood; French and English are marked alike.
- **Nothing handed in**, or the question copied: 0. A right answer without anything observed gets "right" and "clear" alone.
- **Assistants.** A use that the notebook allows and the student tells costs nothing. If an answer seems to be another's, follow the rules of your
  school; do not mark by suspicion.
- **Before the first hundred**, mark ten reports in twos, compare level by level, and agree.
""",
    """# Le barème du rapport

{other}

Pour les correcteurs ; les étudiants n'en connaissent que le nom des critères et des niveaux. `attentif-grading build` fait cette page à partir
de `grading/rubric.toml` et des carnets : c'est là que l'on change quelque chose.

## Comment noter

- **Trois critères, quatre niveaux.** Pour chaque critère, choisissez le meilleur niveau dont la description est remplie, et saisissez la somme
  des trois dans le formgrader, quarts de point compris. La ligne du niveau, collée, fait un commentaire utile.
- **Entre deux niveaux**, prenez le meilleur si rien de ce qui est écrit n'est faux, sinon l'autre.
- **Une affirmation de la liste des fausses**, si elle n'est pas corrigée plus loin, retient « juste » à « presque complet » ; deux le retiennent à « ébauché ».
- **Les nombres sont ceux de l'étudiant.** Ils dépendent de la machine, de la graine et du budget : un nombre qui n'est pas celui de la référence n'est pas une
  erreur. Si un exercice était faux, jugez ce qui est dit des nombres obtenus.
- **Le style ne coûte rien.** Les fautes de langue ne comptent que si le texte n'est pas compris ; français et anglais sont notés de même.
- **Rien de rendu**, ou la question recopiée : 0. Une réponse juste où rien n'est observé n'obtient que « juste » et « clair ».
- **Assistants.** Un usage que le carnet permet et que l'étudiant déclare ne coûte rien. Si une réponse semble être d'un autre, suivez les règles de
  votre établissement ; ne notez pas sur un soupçon.
- **Avant les cent premières copies**, notez-en dix à deux, comparez niveau par niveau, et accordez-vous.
""",
)
SAID = {
    "notebook": text("## Notebook {n}", "## Carnet {n}"),
    "question": text(
        "### Notebook {n}, question {q}. {title} ({points} points)",
        "### Carnet {n}, question {q}. {title} ({points} points)",
    ),
    "answer": text("Model answer", "Réponse type"),
    "reference": text("**What the reference shows**", "**Ce que montre la référence**"),
    "criterion": text("**{name}**, {points} {unit}", "**{name}**, {points} {unit}"),
    "table": text(
        "| points | level | what is to be read | for example |",
        "| points | niveau | ce qu'on lit | par exemple |",
    ),
    "wrong": text("**Wrong claims that are often made**", "**Affirmations fausses que l'on rencontre**"),
}


def write_rubric(home: Path, out: Path) -> list[Path]:
    """Write both pages below `out`/grading."""
    questions = read_rubric(home)
    paths = []
    for language in LANGUAGES:
        path = out / "grading" / f"rubric.{language}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page(questions, language), encoding="utf-8", newline="\n")
        paths.append(path)
    return paths


def page(questions: list[Question], language: str) -> str:
    """All questions, notebook by notebook."""
    blocks, notebook, number = [HEAD[language].format(other=OTHER[language]).rstrip()], 0, 0
    for question in questions:
        if question.notebook != notebook:
            notebook, number = question.notebook, 0
            blocks.append(SAID["notebook"][language].format(n=notebook))
        number += 1
        blocks += _blocks(question, number, language)
    return "\n\n".join(blocks) + "\n"


def _blocks(question: Question, number: int, language: str) -> list[str]:
    heading = SAID["question"][language].format(
        n=question.notebook,
        q=number,
        title=question.title[language],
        points=_number(question.points, language),
    )
    asked = "\n".join(f"> {line}" for line in question.asked[language].splitlines())
    # A model answer ends with a line that points to this page.
    model = re.sub(r"\n.*`grading/rubric\.\w+\.md`\.$", "", question.answer[language].rstrip())
    answer = f"<details><summary>{SAID['answer'][language]}</summary>\n\n{model}\n\n</details>"
    reference = [SAID["reference"][language], "\n".join(f"- {each[language]}" for each in question.reference)]
    criteria = [block for criterion in question.criteria for block in _criterion(criterion, language)]
    wrong = [SAID["wrong"][language], "\n".join(_claim(each, language) for each in question.wrong)]
    return [heading, asked, answer, *reference, *criteria, *wrong]


def _criterion(criterion: Criterion, language: str) -> list[str]:
    most = criterion.points[0]
    heading = SAID["criterion"][language].format(
        name=criterion.name[language], points=_number(most, language), unit="point" if most == 1 else "points"
    )
    rows = [
        f"| {_number(points, language)} | {level[language]} | {pair.said[language]} | {_quoted(pair.beside[language], language)} |"
        for points, level, pair in zip(criterion.points, LEVELS, criterion.levels, strict=True)
    ]
    return [heading, "\n".join([SAID["table"][language], "|---|---|---|---|", *rows])]


def _claim(pair: Pair, language: str) -> str:
    return f"- {_quoted(pair.said[language], language)} {pair.beside[language]}"


def _quoted(said: str, language: str) -> str:
    """A student's sentence in the quotes of the language; what it quotes itself, in those within."""
    if not said:
        return ""
    if language == "fr":
        return f"« {said.replace('« ', '“').replace(' »', '”')} »"
    return '"' + said.replace('"', "'") + '"'


def _number(points: float, language: str) -> str:
    return f"{points:g}".replace(".", "," if language == "fr" else ".")
