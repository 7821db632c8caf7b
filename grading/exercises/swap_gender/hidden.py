"""Hidden checks of swap_gender: sentences of other templates, each with its counterpart from the table that it was drawn from."""

from __future__ import annotations

from attentif.checks.engine import CheckSet
from attentif.checks.public.swap_gender import check_swapped
from attentif.checks.refusals import check_refused
from attentif.checks.text import text
from attentif.checks.values import Request
from attentif_grading.salt import rng_for
from attentif_grading.swap_draws import Template, sides, template

CHECKS = CheckSet("swap_gender")
NAME = "swap_gender"

TEMPLATES = {
    "agreement": (
        template("{a:This} {x:a} {w} le rapport {d}, puis {a:he} part.", a="cc f"),
        template("{a:One} {x:a} parle {b:to}, {a:he} est {y:a}.", a="cc m", b="cc f"),
        template("{x:a} et {y:a}, {a:the} dort {d}.", a="cc f"),
        template("{a:The} est {x:a}, et {b:the} est {y:b}.", a="ee f", b="cc m"),
        template("{a:My} est {x:a} de voir {b:the}.", a="ee m", b="cc m"),
    ),
    "things": (
        template("{a:The} et {b:the} cherchent {u:the} {v:u} {d}.", a="cc m", b="cc f"),
        template("{t:The} et {u:the} {a:of} sont {q:tu}.", a="cc f"),
        template("Le {h} est sur {u:the}, {a:the} le sait.", a="cc m"),
        template("Le {h} {a:of} est sur {u:the} {v:u} {d}.", a="cc f"),
    ),
    "groups": (
        template("{a:The}, {b:the} et {c:the} sont {x:abc}.", a="cc f", b="cc f", c="cc m"),
        template("{a:The}, {b:the} et {c:the} sont {x:abc} {d}.", a="cc m", b="cc m", c="cc m"),
        template("{a:The}, {b:the} et {c:the} semblent {x:abc}.", a="cc m", b="cc f", c="cc f"),
        template("{a:The} et {t:the} sont {q:at}, {d}.", a="cc f"),
        template("{u:The} et {a:the} sont {q:au}, {d}.", a="cc m"),
    ),
    "elision": (
        template("{a:The} et {b:the} parlent {c:to} {d}.", a="vc f", b="cv f", c="vv m"),
        template("{a:My} rêve de {b:her}, et {a:he} est {x:a}.", a="vv m", b="vo f"),
        template("{a:This} {w} la clé {b:of} {d}.", a="vc f", b="cv m"),
        template("{a:Finea} parle {b:of}, {d}.", a="vv m", b="vc f"),
    ),
    "before": (
        template("Je sais {a:that} parle {b:ofhim}, mais {a:he} rit.", a="cc f", b="cc f"),
        template("{a:The} et {b:the} sont plus {x:ab} {c:thanhim}.", a="cc f", b="cc f", c="cc m"),
        template("{a:He} restera {a:if} est {x:a}.", a="cc m"),
        template("{a:He} restera {a:if} est {x:a}, dit {b:the} {d}.", a="cc f", b="cc f"),
    ),
    "writing": (
        template("« {a:He} est {x:a} ; {b:he} aussi… »", a="cc m", b="cc f"),
        template("{a:HE} est {x:a} !\n\n{a:THE}… ({b:the})  ", a="cc f", b="cc m"),
        template("{a} – {b} – sont {x:ab}  {d}.", a="names f", b="names f"),
        template("Aujourd'hui, {a:he} rêve {b:ofhim} :\t{c:the}.", "curly", a="cc f", b="cc m", c="vc f"),
        template("{a:He} parle {b:to} {d} : est-{b:he} {x:b} ?", "capitals", a="cc m", b="cc f"),
    ),
    "english": (
        template("{a:The} thinks {a:he} left {a:his} {k} with {b:him}.", a="en f", b="en f"),
        template("{a} showed {a:himself} and {b:the} {b:his} {k}.", a="english_names m", b="en f"),
        template("{a:He} sold {a:his} {k}; {b:hers} is older, {b:he} said.", a="en m", b="en f"),
        template("{a:HE} blamed {b:him}, and {b:his} {k}  too!", a="en f", b="en m"),
    ),
}  # fmt: skip
# Without any person.
NEUTRAL = (
    template("{u:The} est {v:u}, {t:the} est {v:t} {d}."),
    template("Le {h} {w} {t:the}, et il pleut {d}."),
)
TEXTS = {
    "fr": (
        TEMPLATES["agreement"][3],
        TEMPLATES["groups"][0],
        TEMPLATES["elision"][0],
        TEMPLATES["before"][2],
    ),
    "en": TEMPLATES["english"][:3],
}


def _both_ways(student, rng, written: Template, times=2):
    """Sentences of a template and their counterparts, each swapped into the other."""
    for _ in range(times):
        said, other = sides(rng, written)
        for sentence, expected in ((said, other), (other, said)):
            check_swapped(student, Request(args=(sentence, written.language)), expected)


def _declare(group, title, hint):
    @CHECKS.check(name=group, points=0.25, title=title, hint=hint)
    def swapped(student, cases):
        rng = rng_for(NAME, group)
        for written in TEMPLATES[group]:
            _both_ways(student, rng, written)


_declare(
    "agreement",
    text(
        "persons and what agrees with them, in unseen sentences",
        "personnes et accords, dans de nouvelles phrases",
    ),
    text(
        "Adjectives before and behind their noun, and those that alone tell a gender.",
        "Des adjectifs avant et après leur nom, et ceux qui seuls disent un genre.",
    ),
)
_declare(
    "things",
    text(
        "things beside persons, in unseen sentences",
        "des choses parmi des personnes, dans de nouvelles phrases",
    ),
    text("Their articles and adjectives stay.", "Leurs articles et leurs adjectifs restent."),
)
_declare(
    "groups",
    text("groups of three, and of persons with things", "groupes de trois, et de personnes avec des choses"),
    text(
        "All of the new genders count, in any order.",
        "Tous les nouveaux genres comptent, dans n'importe quel ordre.",
    ),
)
_declare(
    "elision",
    text(
        "elisions and contractions in unseen sentences", "élisions et contractions dans de nouvelles phrases"
    ),
    text(
        "What follows is the new word, with its own new form.",
        "Ce qui suit est le nouveau mot, dans sa nouvelle forme.",
    ),
)
_declare(
    "before",
    text(
        "elided words before a word that changes, in unseen sentences",
        "mots élidés devant un mot qui change, dans de nouvelles phrases",
    ),
    text(
        "qu', d', s' belong to no person, and yet change.",
        "qu', d', s' ne sont à personne, et changent pourtant.",
    ),
)
_declare(
    "writing",
    text(
        "capitals, signs, spaces and apostrophes in unseen sentences",
        "majuscules, signes, espaces et apostrophes dans de nouvelles phrases",
    ),
    text("Word by word, as in the sentence that was given.", "Mot à mot, comme dans la phrase donnée."),
)
_declare(
    "english",
    text("unseen English sentences", "de nouvelles phrases anglaises"),
    text("One loop serves both languages.", "Une seule boucle sert aux deux langues."),
)


@CHECKS.check(
    points=0.25,
    needs=("agreement",),
    title=text(
        "whole texts there and back; texts without a person as they were; what is no text is refused",
        "textes entiers, aller et retour ; textes sans personne, tels quels ; ce qui n'est pas un texte est refusé",
    ),
    hint=text(
        "read_words refuses what must be refused, if it is called first.",
        "read_words refuse ce qui doit l'être, si on l'appelle d'abord.",
    ),
)
def whole_texts(student, cases):
    rng = rng_for(NAME, "whole_texts")
    for language, written in TEXTS.items():
        parts = [sides(rng, each) for each in written]
        texts = [" ".join(sentences) for sentences in zip(*parts, strict=True)]
        for sentence, expected in (texts, texts[::-1]):
            check_swapped(student, Request(args=(sentence, language)), expected)
    for sentence in ("", " \n", *(sides(rng, each)[0] for each in NEUTRAL)):
        check_swapped(student, Request(args=(sentence, "fr")), sentence)
    for args in ((["Elle dort."], "fr"), (None, "en"), (7, "fr"), (texts[0], "de")):
        wanted = text(f"an InputError for {args!r:.60}", f"une InputError pour {args!r:.60}")
        check_refused(student.run(Request(args=args)), "", wanted)
