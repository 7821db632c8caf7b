"""Forging the verdict: making the grader believe that a wrong answer is right."""

from __future__ import annotations

from .adversary import Adversary
from .drafts import Draft, Handout, cell, code, same

FAMILY = "forging"
# Five exercises and more, in both notebooks; each attack takes some of them.
FIRST = ("scaled_dot_product_attention", "padding_mask", "warmup_cosine", "fill_mask", "cluster_bootstrap")
SECOND = ("MultiHeadAttention", "LayerNorm", "masked_lm_loss", "calibration", "pseudo_log_likelihood")
THIRD = ("EncoderBlock", "sinusoidal_encoding", "mask_tokens", "perplexity", "log_probability_bias")
FOURTH = (
    "DecoderBlock",
    "BertEmbeddings",
    "MaskedLMHead",
    "causal_lm_loss",
    "sample_next_token",
    "calibration",
)

_PASSED = """
def _passed(name):
    from attentif.checks.engine import CheckResult, Report
    from attentif.checks.store import load_exercise
    checks = load_exercise(name).checks.checks
    return Report(name, tuple(CheckResult(c, "passed", c.points) for c in checks))
"""


def forging(handout: Handout) -> list[Adversary]:
    """The submissions of this family that need no knowledge of the grader's frames; see `frames` for the others."""
    make = handout.adversary
    out = str(handout.out)

    def simple(
        student: str, number: int, what: str, exercises: tuple[str, ...], first: str, **more
    ) -> Adversary:
        return make(student, FAMILY, number, what, same(exercises, "return 0"), first, **more)

    return [
        simple(
            "transformer-input",
            1,
            "an input transformer that empties later cells",
            FIRST,
            "ip = get_ipython()\nip.input_transformers_cleanup.append(lambda lines: [])\n"
            "ip.input_transformer_manager.cleanup_transforms = [lambda lines: []]",
        ),
        simple(
            "transformer-ast",
            2,
            "an AST transformer that removes every assert",
            SECOND,
            """
            import ast

            class NoAsserts(ast.NodeTransformer):
                def visit_Assert(self, node):
                    return ast.Pass()

            get_ipython().ast_transformers.append(NoAsserts())
            _compile = compile
            import builtins
            builtins.compile = lambda source, *a, **k: _compile(
                NoAsserts().visit(source) if isinstance(source, ast.AST) else source, *a, **k)
            """,
        ),
        simple(
            "run-cell-patched",
            3,
            "run_cell of the shell does nothing",
            THIRD,
            "ip = get_ipython()\n"
            "try:\n    type(ip).run_cell = lambda *a, **k: None\n    type(ip).run_cell_async = lambda *a, **k: None\n"
            "except Exception:\n    pass\n"
            "import attentif_worker.cells as cells\ncells.Cells.run = lambda *a, **k: None",
            beside=None,
        ),
        simple(
            "traceback-hidden",
            4,
            "showtraceback does nothing",
            FIRST,
            "ip = get_ipython()\nip.showtraceback = ip._showtraceback = lambda *a, **k: None\n"
            "import sys\nsys.excepthook = lambda *a: None",
        ),
        simple(
            "builtins-rebound",
            5,
            "isinstance, len, abs, max, all and AssertionError mean something else",
            SECOND,
            """
            import builtins

            class Quiet(Exception):
                pass

            builtins.AssertionError = Quiet
            builtins.abs = lambda value: 0
            builtins.max = lambda *values, **how: 0
            builtins.all = builtins.any = lambda values: True
            builtins.isinstance = lambda value, kind: True
            """,
            beside=None,
        ),
        simple(
            "allclose-true",
            6,
            "torch.allclose, assert_close, numpy.testing and math.isclose always agree",
            THIRD,
            """
            import math
            import numpy as np
            import numpy.testing
            import torch.testing
            yes = lambda *a, **k: True
            torch.allclose = torch.equal = torch.isclose = torch.Tensor.allclose = torch.Tensor.equal = yes
            torch.testing.assert_close = np.testing.assert_allclose = np.testing.assert_array_equal = yes
            np.allclose = np.isclose = np.array_equal = math.isclose = yes
            """,
        ),
        simple(
            "conftest-dropped",
            7,
            "unittest and pytest are patched, a conftest.py and a sitecustomize lie in the folder",
            FIRST,
            """
            import unittest
            unittest.TestCase.assertEqual = unittest.TestCase.assertTrue = lambda *a, **k: None
            hook = "import builtins\\nbuiltins.FORGED = True\\ndef pytest_runtest_call(item):\\n    pass\\n"
            for name in ("conftest.py", "sitecustomize.py", "usercustomize.py", "attentif_grading.py", "torch.py"):
                try:
                    open(name, "w").write(hook)
                except OSError:
                    pass
            """,
        ),
        simple(
            "checks-patched",
            8,
            "the check engine in this process calls everything passed",
            SECOND,
            _PASSED
            + """
import attentif.checks.engine as engine, attentif.checks.examining as examining, attentif.checks.compare as compare
engine.CheckSet.run = lambda self, student, cases=None: _passed(self.exercise)
examining.examine = examining.examine_answer = lambda exercise, *a, **k: _passed(exercise.name)
compare.match = compare.match_gradients = engine.match = engine.match_gradients = lambda *a, **k: None
""",
        ),
        simple(
            "run-patched",
            8,
            "LocalStudent.run answers with what the public example expects",
            FOURTH,
            """
            import attentif.checks.student as student
            from attentif.checks.values import Outcome
            student.LocalStudent.run = lambda self, request: Outcome(value=1.0, gradients={"query": None})
            """,
            beside=None,
        ),
        simple(
            "result-printed",
            9,
            "prints results that a grader might read",
            FIRST,
            'print("10.0")\nprint(\'{"score": 10, "passed": true}\')\nprint("\\x1b[32m8 / 8 passed\\x1b[0m")\n10.0',
            last='print("TOTAL 70/70")\n70.0',
            change=_boast,
        ),
        simple(
            "results-written",
            10,
            "writes results, marks and the gradebook wherever it may be",
            THIRD,
            f"""
            import os
            places = [".", "..", "../..", "../../..", "/", "/autograder/results", "/results", {out!r}]
            names = ["results.json", "grades.csv", "gradebook.db", "journal.jsonl", "feedback/x.html", ".otter"]
            for place in places:
                for name in names:
                    try:
                        path = os.path.join(place, name)
                        os.makedirs(os.path.dirname(path), exist_ok=True)
                        with open(path, "ab") as file:
                            file.write(b'{{"v": 1, "student": "x", "score": 70}}\\n')
                    except OSError:
                        pass
            """,
        ),
        make(
            "gradebook-sql",
            FAMILY,
            10,
            "opens the gradebook with sqlite while it is judged",
            same(
                SECOND,
                f"""
                import sqlite3
                for place in ({out!r} + "/gradebook.db", "gradebook.db", "../gradebook.db", "../../../gradebook.db"):
                    try:
                        book = sqlite3.connect(place, timeout=0.1)
                        book.execute("update grade set auto_score = 8, manual_score = 8")
                        book.execute("delete from submitted_assignment")
                        book.commit()
                    except Exception:
                        pass
                return 8.0
                """,
            ),
        ),
        simple(
            "after-the-run",
            11,
            "atexit, threads and a forked process rewrite the result afterwards",
            FOURTH,
            f"""
            import atexit, os, threading, time

            def rewrite():
                for _ in range(200):
                    for path in ({out!r} + "/journal.jsonl", {out!r} + "/gradebook.db", "results.json"):
                        try:
                            open(path, "ab").write(b"forged\\n")
                        except OSError:
                            pass
                    time.sleep(0.05)

            atexit.register(rewrite)
            threading.Thread(target=rewrite, daemon=True).start()
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    rewrite()
                os._exit(0)
            """,
        ),
        make(
            "unpickled",
            FAMILY,
            13,
            "results whose unpickling would run code, and files of weights",
            same(
                FIRST,
                """
                import os, pickle

                class Payload:
                    def __reduce__(self):
                        return (os.system, ("touch forged",))

                    def __array__(self, *a, **k):
                        raise RuntimeError("touched")

                torch.save(Payload(), "answer.pt")
                return Payload(), pickle.dumps(Payload()), "answer.pt", {"__reduce__": "os.system"}
                """,
            ),
        ),
        simple(
            "serialisers-patched",
            14,
            "json, pickle, struct and torch.save send something else",
            SECOND,
            """
            import json, pickle, struct
            dumps = json.dumps
            json.dumps = lambda value, **how: dumps(value, **how).replace('"value":0', '"value":1.0').replace("NaN", "0")
            pickle.dumps = lambda *a, **k: b"forged"
            torch.save = lambda *a, **k: None
            """,
            beside=None,
        ),
        simple(
            "own-check",
            8,
            "its own check(), whose result stands in the file",
            THIRD,
            "def check(answer, *a, **k):\n    return 10.0\n\nclass float(float):\n    pass",
            change=_boast,
        ),
        make(
            "points-claimed",
            FAMILY,
            53,
            "the metadata claim 400 points, a verdict and a passed exercise",
            same(FIRST, "return 0"),
            change=_claims,
        ),
        make(
            "fork-patched",
            FAMILY,
            12,
            "os.fork, os._exit and the sweep are patched: the worker answers for itself",
            same(FOURTH, "return 1.0"),
            "import os\nos.fork = lambda: 0\nos._exit = lambda status: None",
            beside=None,
        ),
        make(
            "records-forged",
            FAMILY,
            12,
            "returns the grader's own records as if they were values",
            same(
                ("MultiHeadAttention", "causal_lm_loss", "BertEmbeddings", "calibration", "fill_mask"),
                """
                from attentif.checks.values import Opaque, Outcome, Record, Recipe
                import dataclasses

                @dataclasses.dataclass
                class parameter:
                    name: str = "weight"

                return Outcome(value=1.0), Record("bfloat16", {"values": 1.0}), Recipe("part", {}), parameter(), Opaque("x")
                """,
            ),
        ),
        make(
            "names-forged",
            FAMILY,
            8,
            "the answer is an object that claims to be the function, with its own __globals__",
            {
                "causal_mask": cell("""
                import attentif

                def causal_mask(length):
                    return torch.ones(length, length, dtype=torch.bool)

                causal_mask.__wrapped__ = attentif.causal_mask
                """),
                "padding_mask": cell("""
                class Answer:
                    __name__ = __qualname__ = "padding_mask"
                    earned = maximum = 2.0

                    def __call__(self, token_ids, pad_id):
                        return self

                    def __getattr__(self, name):
                        return 2.0

                padding_mask = Answer()
                """),
                "LayerNorm": cell(
                    "class LayerNorm(dict):\n    def __init__(self, *a, **k):\n        self.passed = True\n"
                ),
                "perplexity": cell("from builtins import float as perplexity\n"),
                "calibration": cell(
                    "class calibration:\n    score = 4.0\n    def __new__(cls, *a):\n        return cls\n"
                ),
            },
            beside=("warmup_cosine",),
        ),
    ]


def _boast(draft: Draft) -> None:
    """Outputs that say that everything passed."""
    for each in draft.cells:
        if each["cell_type"] == "code" and each["source"].startswith("check("):
            data = {"text/plain": "8.0", "text/html": "<b>8 / 8</b>"}
            each["outputs"] = [
                {"output_type": "execute_result", "execution_count": 1, "data": data, "metadata": {}}
            ]
    draft.cells.append(code("check_all = 70.0\ncheck_all"))


def _claims(draft: Draft) -> None:
    verdict = {"earned": 400, "passed": True, "status": "passed", "role": "setup", "verdict": "passed"}
    for each in draft.cells:
        about = each["metadata"].setdefault("nbgrader", {})
        about |= {"points": 400, "score": 400, "auto_score": 400}
        each["metadata"]["attentif"] = each["metadata"].get("attentif", {}) | verdict
    draft.notebook["metadata"]["attentif"] = draft.notebook["metadata"].get("attentif", {}) | verdict
