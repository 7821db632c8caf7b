"""What stands in a student's notebook where a solution was, in the notebook's language."""

from __future__ import annotations

from nbgrader.preprocessors import ClearSolutions

from attentif.checks.text import Text, text

CODE_STUB: Text = text(
    "# YOUR CODE HERE\nraise NotImplementedError()",
    "# VOTRE CODE ICI\nraise NotImplementedError()",
)
TEXT_STUB: Text = text("*Your answer here.*", "*Votre réponse ici.*")


class ClearSolutionsInLanguage(ClearSolutions):
    """nbgrader's removal of solutions, with the stub of the language that the notebook's metadata names."""

    def preprocess(self, nb, resources):
        language = nb.metadata.get("attentif", {}).get("language", "en")
        self.code_stub = {"python": CODE_STUB[language]}
        self.text_stub = TEXT_STUB[language]
        return super().preprocess(nb, resources)
