"""Sentences of both genders for swap_gender's checks: the library swaps each into the other, whatever the words."""

from __future__ import annotations

import numpy as np
import pytest

from attentif.bias.counterfactual import swap_gender
from attentif_grading.exercises import load_exercise
from attentif_grading.swap_draws import Template, sides, template
from attentif_grading.trivial import trivial_answers

EXERCISE = load_exercise("swap_gender")
PUBLIC = EXERCISE._module("cases").TEMPLATES
HIDDEN = EXERCISE._module("hidden")
EVERY: dict[str, Template] = {
    **PUBLIC,
    **{f"{group}_{n}": each for group, all_of in HIDDEN.TEMPLATES.items() for n, each in enumerate(all_of)},
}


@pytest.mark.parametrize("name", EVERY)
def test_each_side_is_swapped_into_the_other(name):
    written = EVERY[name]
    for seed in range(25):
        said, other = sides(np.random.default_rng([9, seed]), written)
        assert said != other
        assert swap_gender(said, written.language) == other
        assert swap_gender(other, written.language) == said


def test_what_has_no_person_is_the_same_on_both_sides():
    for written in HIDDEN.NEUTRAL:
        said, other = sides(np.random.default_rng(3), written)
        assert said == other == swap_gender(said, "fr")


def test_a_template_is_written_by_hand_as_it_is_drawn():
    said, other = sides(np.random.default_rng(0), template("{a:The} {b:of} est {x:a}.", a="cv f", b="vo m"))
    assert said.startswith("L'héroïne de l'oncle est ") and other.startswith("Le héros de la tante est ")
    said, other = sides(
        np.random.default_rng(0), template("{a:He} et {b:he}", "capitals", a="cc m", b="cc f")
    )
    assert (said, other) == ("IL ET ELLE", "ELLE ET IL")


def test_an_answer_that_knows_nothing_keeps_nothing_of_a_text():
    answers = trivial_answers(EXERCISE)
    assert {answers[name]("Elle dort.", "fr") for name in ("zeros", "ones", "noise")} == {""}
