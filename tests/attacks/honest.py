"""Honest students, unlucky or untidy, who must not lose a mark."""

from __future__ import annotations

from collections.abc import Callable

from .adversary import Adversary
from .drafts import Draft, Handout, cell, code

FAMILY = "honest"
RIGHT = (
    *(
        "causal_mask",
        "scaled_dot_product_attention",
        "LayerNorm",
        "warmup_cosine",
        "masked_lm_loss",
        "perplexity",
    ),
    *("calibration", "cluster_bootstrap"),
)


def honest(handout: Handout) -> list[Adversary]:
    """The submissions."""

    def untidy(
        student: str, number: int, what: str, change: Callable[[Draft], None], language: str | None = None
    ) -> Adversary:
        """All of RIGHT answered as the reference does, and something done to the notebook."""
        language = language or handout.next_language()
        written = {}
        for which in handout.exercises:
            draft = handout.draft(
                which, language, [name for name in RIGHT if handout.number_of(name) == which]
            )
            change(draft)
            written[f"{student}/{draft.name}.ipynb"] = draft.file()
        marks = {name: handout.points[name] for name in RIGHT}
        return Adversary(student, FAMILY, number, what, language, written, RIGHT, marks)

    def inside(lines: str) -> Callable[[Draft], None]:
        """The same lines at the head of every answer's cell."""
        return _every_answer(lambda source: lines + "\n" + source)

    return [
        untidy(
            "warnings",
            59,
            "warnings, tqdm and texts on the error stream",
            _in_bodies(
                "import sys, warnings\nfrom tqdm import tqdm\nwarnings.warn('careful')\n"
                "print('note', file=sys.stderr)\nfor _ in tqdm(range(3)):\n    pass"
            ),
        ),
        untidy(
            "training-left",
            62,
            "a training loop of twenty minutes above each function, in its cell",
            _one_answer(
                ("masked_lm_loss", "calibration"),
                lambda source: (
                    "import time\nfor step in range(1200):\n    loss = step\n    time.sleep(1)\n\n" + source
                ),
            ),
        ),
        untidy(
            "training-endless",
            62,
            "an endless training loop in a cell of its own",
            _cell_above(("warmup_cosine",), "while True:\n    loss = torch.ones(3).sum()"),
        ),
        untidy(
            "magics",
            56,
            "magics, pip and shell lines",
            inside(
                "%matplotlib inline\n!pip install -q attentif==0.0 einops\n%pip list\n%cd /content\n%env TOKEN=1\n"
                "!ls -la | head\n%load_ext autoreload\n%autoreload 2"
            ),
        ),
        untidy(
            "magics-of-cells", 56, "%%time above the definitions, %%bash and %%html in cells between", _timed
        ),
        untidy(
            "colab",
            56,
            "Drive mounts, uploads and userdata of Colab",
            _first(
                "from google.colab import drive, files, userdata\ndrive.mount('/content/drive')\n"
                "uploaded = files.upload()\ntoken = userdata.get('HF')\nfrom google.colab import output\noutput.clear()"
            ),
        ),
        untidy(
            "errors-elsewhere",
            64,
            "syntax errors and crashes in other cells",
            _first("def broken(:\n  pass\n'''", "1 / 0", "undefined_name", "for"),
        ),
        untidy(
            "scratch-import",
            55,
            "the import that the answer needs stands in a scratch cell that crashes",
            _scratch,
        ),
        untidy("helper-below", 55, "a helper at the end of the notebook", _helper_below),
        untidy(
            "asks",
            46,
            "input(), breakpoint(), getpass, plt.show() and a debugger at the top level",
            _first(
                "name = input('name? ')\n",
                "breakpoint()",
                "import matplotlib.pyplot as plt\nplt.plot([1])\nplt.show()",
                "import pdb\npdb.set_trace()",
                "import getpass\ngetpass.getpass()",
                "%debug",
            ),
        ),
        untidy(
            "prints",
            43,
            "prints 40 MB",
            _in_bodies(
                "if not globals().get('_said'):\n    globals()['_said'] = True\n    print('x' * 4 * 10**7)"
            ),
        ),
        untidy(
            "names-shadowed",
            50,
            "list, sum, print, max and id mean something else further down",
            _last(
                "list = [1, 2]\nsum = 0.5\nprint = None\nmax = min = 3\nid = 7\nlen = 5\nrange = 'r'\nint = 4\nfloat = 2"
            ),
        ),
        untidy(
            "names-shadowed-above",
            50,
            "sum, max, abs and input are variables further up",
            _first(
                "sum = 0\nfor value in [1, 2]:\n    sum = sum + value\nmax = 3\nabs = -1\ninput = torch.ones(3)\nid = 4"
            ),
        ),
        untidy(
            "torch-shadowed",
            50,
            "torch, math and np mean something else further down",
            _last("torch = None\nmath = 0\nnp = []\nnn = F = None\nTensor = float"),
        ),
        untidy(
            "defaults",
            48,
            "float64 by default, seeds, threads and no gradients at the top level",
            _first(
                "torch.set_default_dtype(torch.float64)\ntorch.manual_seed(3)\ntorch.set_num_threads(4)\n"
                "torch.set_grad_enabled(False)\nimport random, numpy\nrandom.seed(1)\nnumpy.random.seed(1)\n"
                "numpy.seterr(all='raise')\nimport warnings\nwarnings.simplefilter('error')"
            ),
        ),
        untidy(
            "download",
            57,
            "a model from the hub at the top level",
            _first(
                "from transformers import AutoModel\nbert = AutoModel.from_pretrained('bert-base-uncased')"
            ),
        ),
        untidy(
            "asserts",
            64,
            "tests of its own, that fail, beside each answer",
            _every_answer(lambda source: source + "\n\nassert False, 'not yet'\n"),
        ),
        untidy(
            "typed",
            65,
            "annotations that are evaluated, decorators and a cache",
            _first(
                "from __future__ import annotations\nfrom functools import lru_cache, wraps\nfrom typing import *"
            ),
        ),
        untidy(
            "run-only-in-parts",
            66,
            "uses variables of cells that were deleted, beside the answers",
            _first("print(losses_of_yesterday[-1])\nbest = max(history)", "del torch_that_is_not_there"),
        ),
        untidy(
            "accents",
            63,
            "accents in names, comments and texts",
            _first(
                "# où l'élève écrit ses idées : ça marche ? « oui » … œuvre ☕\n"
                "élève = {'prénom': 'Zoé'}\nα, β = 0.9, 0.95\ndef été(x):\n    return x\n"
            ),
        ),
        _french_names(handout),
        _carried_forward(handout),
        _float_order(handout),
        _everything(handout, "en"),
        _everything(handout, "fr"),
        _untouched(handout),
    ]


def _every_answer(change: Callable[[str], str]) -> Callable[[Draft], None]:
    def done(draft: Draft) -> None:
        for each in draft.answers():
            each["source"] = change(each["source"])

    return done


def _one_answer(names: tuple[str, ...], change: Callable[[str], str]) -> Callable[[Draft], None]:
    def done(draft: Draft) -> None:
        for each in draft.answers():
            if each["metadata"]["attentif"]["name"] in names:
                each["source"] = change(each["source"])

    return done


def _cell_above(names: tuple[str, ...], source: str) -> Callable[[Draft], None]:
    def done(draft: Draft) -> None:
        present = {each["metadata"]["attentif"]["name"] for each in draft.answers()}
        for name in present.intersection(names):
            draft.above(name, source)

    return done


def _in_bodies(lines: str) -> Callable[[Draft], None]:
    """The lines run when an answer is called: at the end of its docstring's line, as the first statement."""

    def changed(source: str) -> str:
        head, doc, rest = source.rpartition('"""')
        indent = head.splitlines()[-1] if not head.splitlines()[-1].strip() else "    "
        written = "".join(f"\n{indent}{line}" for line in lines.splitlines())
        return f"{head}{doc}{written}{rest}" if doc else source

    return _every_answer(changed)


def _first(*sources: str) -> Callable[[Draft], None]:
    def done(draft: Draft) -> None:
        for source in reversed(sources):
            draft.insert_first(source)

    return done


def _last(*sources: str) -> Callable[[Draft], None]:
    def done(draft: Draft) -> None:
        for source in sources:
            draft.append(source)

    return done


def _timed(draft: Draft) -> None:
    for each in draft.answers():
        each["source"] = "%%time\n" + each["source"]
    for magic in (
        "%%bash\nrm -rf /\ndef x(:",
        "%%html\n<script>1</script>",
        "%%writefile torch.py\nraise",
        "%%js\nx =",
    ):
        draft.insert_first(magic)


def _scratch(draft: Draft) -> None:
    for each in draft.answers():
        each["source"] = each["source"].replace("math.", "maths.").replace("torch.", "th.")
    draft.insert_first("import math as maths\nimport torch as th\nth.nothing_of_this_name\nimport statistics")


def _helper_below(draft: Draft) -> None:
    for each in draft.answers():
        each["source"] = each["source"].replace("math.", "helper().").replace("torch.", "other().")
    draft.append(
        "def helper():\n    import math\n    return math\n\ndef other():\n    import torch\n    return torch\n"
    )
    # What runs while a cell is defined needs them at once.
    draft.insert_first(
        "def helper():\n    import math\n    return math\n\ndef other():\n    import torch\n    return torch"
    )


def _french_names(handout: Handout) -> Adversary:
    bodies = {
        "causal_mask": "côté = torch.arange(length)\nreturn côté[:, None] >= côté[None, :]",
        "padding_mask": "visibles = token_ids != pad_id\nreturn visibles[:, None, None, :]",
    }
    honest = {name: handout.points[name] for name in ("causal_mask", "padding_mask")}
    return handout.adversary(
        "french-names",
        FAMILY,
        65,
        "variables with French names",
        bodies,
        beside=("warmup_cosine",),
        honest=honest,
    )


def _carried_forward(handout: Handout) -> Adversary:
    """A wrong attention and a wrong norm; all that is made of them is right, and paid in full."""
    language = handout.next_language()
    wrong = {"scaled_dot_product_attention": "return query, None", "LayerNorm": "return x * 2"}
    right = ("MultiHeadAttention", "EncoderBlock", "DecoderBlock", "BertEmbeddings", "MaskedLMHead")
    return handout.adversary(
        "carried-forward", FAMILY, 60, "a right use of wrong parts", wrong, beside=right, language=language
    )


def _float_order(handout: Handout) -> Adversary:
    """Right algorithms, their sums in another order; a mask of −10⁹ and of −10⁴."""
    bodies = {
        "scaled_dot_product_attention": """
        scores = torch.einsum("...tk,...sk->...ts", query.double(), key.double()) * query.size(-1) ** -0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, -1e9)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights * mask
        weights = weights.to(query.dtype)
        dropped = F.dropout(weights, dropout_p) if dropout_p else weights
        return torch.einsum("...ts,...sd->...td", dropped, value), weights
        """,
        "masked_lm_loss": """
        chosen = labels != -100
        if not chosen.any():
            return logits.sum() * 0.0
        found = logits[chosen].to(torch.promote_types(logits.dtype, torch.float32)).log_softmax(-1)
        return -found.gather(-1, labels[chosen][:, None]).flip(0).mean()
        """,
        "warmup_cosine": cell(handout.reference("warmup_cosine", "en")),
    }
    honest = {name: handout.points[name] for name in bodies}
    return handout.adversary(
        "float-order",
        FAMILY,
        61,
        "sums in another order, a mask of a large negative number",
        bodies,
        beside=("calibration",),
        honest=honest,
        language="en",
    )


def _everything(handout: Handout, language: str) -> Adversary:
    """Both notebooks as the reference answers them, extra cells and outputs included."""
    written, marks = {}, dict(handout.points)
    student = f"everything-{language}"
    for which in handout.exercises:
        draft = handout.all_right(which, language)
        for each in draft.answers()[::3]:
            draft.cells.insert(draft.cells.index(each) + 1, code("# un essai\nx = 3\nx"))
        written[f"{student}/{draft.name}.ipynb"] = draft.file()
    return Adversary(student, FAMILY, 61, "everything right", language, written, tuple(marks), marks)


def _untouched(handout: Handout) -> Adversary:
    written = {}
    for which in handout.exercises:
        draft = handout.draft(which, "fr")
        written[f"untouched/{draft.name}.ipynb"] = draft.file()
    return Adversary("untouched", FAMILY, 0, "nothing written", "fr", written, tuple(handout.points), {})
