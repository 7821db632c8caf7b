"""Stored inputs of the public checks: sentences of templates, with words drawn from a table of both genders."""

from __future__ import annotations

import numpy as np

from attentif.checks.values import Request
from attentif_grading.swap_draws import request, template

# What stands first in a name says which check puts it.
TEMPLATES = {
    "agreement_masculine": template("{a:The} range le tapis {d}, car {a:he} est {x:a}.", a="cc m"),
    "agreement_feminine": template("{a:One} {x:a} arrive {d}, et {a:he} est {y:a}.", a="cc f"),
    "agreement_untold_masculine": template("{a:The} est {x:a} {d}.", a="ee m"),
    "agreement_untold_feminine": template("{a:The} semble {x:a} {d}.", a="ee f"),
    "things_object": template("{a:The} {w} {u:the} {v:u} {d}.", a="cc m"),
    "things_subject": template("{u:The} {a:of} est {v:u} {d}.", a="cc f"),
    "things_masculine": template("{t:The} {a:of} semble {v:t} {d}.", a="cc m"),
    "things_aspirated": template("{a:The} {w} le {h} {d}.", a="cc f"),
    "groups_last_feminine": template("{a:The} et {b:the} sont {x:ab} {d}.", a="cc m", b="cc f"),
    "groups_last_masculine": template("{a:The} et {b:the} sont {x:ab} {d}.", a="cc f", b="cc m"),
    "groups_feminine": template("{a:The} et {b:the} sont {x:ab} {d}.", a="cc f", b="cc f"),
    "groups_masculine": template("{a:The} et {b:the} semblent {x:ab} {d}.", a="cc m", b="cc m"),
    "groups_feminine_thing": template("{a:The} et {u:the} sont {q:au} {d}.", a="cc f"),
    "groups_masculine_thing": template("{a:The} et {t:the} sont {q:at} {d}.", a="cc m"),
    "elision_article": template("{a:The} {w} {t:the} et parle {b:to} {d}.", a="vc m", b="vc f"),
    "elision_contracted": template("{a:The} {w} {t:the} {b:of} {d}.", a="cv m", b="vc m"),
    "elision_possessive": template("{a:My} {w} {u:the} de {b:my} {d}.", a="vv f", b="vo f"),
    "elision_demonstrative": template("{a:This} est {x:a} {d} ; {b:the} {w} {u:the}.", a="vc m", b="vc f"),
    "elision_adjective": template("{a:Oldthe} {w} {t:the} de {b:this} {d}.", a="vc m", b="vv f"),
    "before_de_feminine": template("{a:The} {w} {u:the} et dit qu'on parle {a:ofhim} {d}.", a="cc f"),
    "before_de_masculine": template("{a:The} {w} {u:the} et sait qu'on rêve {a:ofhim} {d}.", a="cc m"),
    "before_que": template("{a:The} est plus {x:a} {b:thanhim}, et {w} {u:the}.", a="cc m", b="cc f"),
    "before_si": template("{a:The} viendra {a:if} est {x:a} {d}.", a="cc m"),
    "capitals_beginning": template("{a:He} est {x:a} {d}. {b:He} {w} le tapis.", a="cc f", b="cc m"),
    "capitals_names": template("Hier, {a} et {b} étaient {x:ab} de voir {u:the}.", a="names m", b="names f"),
    "capitals_all": template("{a:The} est {x:a} {d}, {b:he} aussi", "capitals", a="cc f", b="cc m"),
    "signs_spaces": template("  {a:The}  dort {d} ;\n{b:he} lit…  ", a="cc f", b="cc m"),
    "signs_quotes": template("« {a:The} est {x:a} {d}\u202f! », dit-{b:he}.", a="cc m", b="cc f"),
    "signs_elided": template("Est-{b:he} là, {d} ? – {a:The}, {a:he}, {w} {u:the}…\n", a="vc m", b="cc f"),
    "signs_apostrophes": template(
        "Aujourd'hui, {a:the} {w} {u:the} et parle {b:to} {d}.", "curly", a="vc f", b="cc f"
    ),
    "english_possessive": template("{a:The} lost {a:his} {k}, so {a:he} called {b:the}.", a="en f", b="en m"),
    "english_objects": template("{a:The} gave {b:him} {a:his} {k}.", a="en m", b="en f"),
    "english_alone": template("The {l} is {a:hers}, and {b:the} saw {b:himself}.", a="en f", b="en m"),
    "english_end": template(
        "{a} looks for {b:his} {k} and the {l}: I told {a:him}.", a="english_names f", b="en m"
    ),
}


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name: the stored ones, or with a generator others of the same kind."""
    return {
        name: request(rng or np.random.default_rng([4, number]), written)
        for number, (name, written) in enumerate(TEMPLATES.items())
    }
