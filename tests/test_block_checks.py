"""The blocks' checks, what torch's own layers answer in their place, and errors carried forward into them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from oracles import assert_same, assert_same_gradients, randn, randomise, visible
from torch import nn

import attentif
from attentif import Decoder, DecoderBlock, EncoderBlock, FeedForward, LayerNorm, ModelConfig, rescue
from attentif import MultiHeadAttention as Attention
from attentif.charts import attention_maps
from attentif.checks import check, set_language
from attentif.checks.block_checks import check_dropout, see_through
from attentif.checks.compare import Mismatch, match, match_gradients
from attentif.checks.engine import FAILED, Report
from attentif.checks.examining import LocalAnswer, examine, examine_answer, own_parts
from attentif.checks.report import as_html, as_text
from attentif.checks.store import read_exercise
from attentif.checks.student import LocalStudent
from attentif.checks.values import Request, from_json, part, to_json
from attentif.errors import ExerciseNotDone, InputError
from attentif_grading import hidden
from attentif_grading.block_oracles import assemble, attention, feed_forward, norm, oracle, sequence
from attentif_grading.checkdata import build_check_data
from attentif_grading.exercises import load_exercise
from attentif_grading.hidden import grade_hidden
from attentif_grading.trivial import trivial_answers

BLOCKS = ("EncoderBlock", "DecoderBlock")
B, T, S, D, H, F = 2, 5, 7, 6, 3, 8


@pytest.fixture(autouse=True)
def _english():
    set_language("en")
    yield
    set_language("en")


@pytest.fixture(scope="module")
def public():
    """Public sides made afresh, whatever data files are there."""
    return {name: read_exercise(name, build_check_data(load_exercise(name))) for name in BLOCKS}


def reports(public, name, target, namespace=None) -> list[Report]:
    """The public and the hidden report of a block whose notebook holds these names."""
    exercise = load_exercise(name)
    return [examine(public[name], target, checks, namespace) for checks in (None, exercise.hidden)]


def earned(said) -> float:
    return sum(report.earned for report in said)


def wrong(name, mistake):
    """The exercise's class with a catalogued mistake in it."""
    exercise = load_exercise(name)
    (found,) = [m for m in exercise.misconceptions if m.name == mistake]
    return exercise.target(found.function)


RIGHT = {"MultiHeadAttention": Attention, "LayerNorm": LayerNorm, "FeedForward": FeedForward}


class LinearNorm(LayerNorm):
    """A normalisation that forgets to divide."""

    def forward(self, x):
        return self.weight * (x - x.mean(-1, keepdim=True)) + self.bias


class NoActivation(FeedForward):
    def forward(self, x):
        return self.contract(self.expand(x))


class Unwritten(Attention):
    def forward(self, query, key=None, value=None, mask=None):
        raise NotImplementedError


class Stripped(Attention):
    def forward(self, query, key=None, value=None, mask=None):
        raise ExerciseNotDone("MultiHeadAttention")


class WithoutArguments(nn.Module):
    def __init__(self):
        super().__init__()


class OtherNames(nn.Module):
    """Right, but with parameters of other names, so that the check cannot give it its weights."""

    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.norm = nn.LayerNorm(d_model, eps)

    def forward(self, x):
        return self.norm(x)


def leave(*args, **kwargs):
    raise SystemExit


# Errors carried forward


@pytest.mark.parametrize("name", BLOCKS)
@pytest.mark.parametrize(
    ("theirs", "at_fault"),
    [
        ({"MultiHeadAttention": wrong("MultiHeadAttention", "heads_interleaved")}, ["MultiHeadAttention"]),
        ({"MultiHeadAttention": wrong("MultiHeadAttention", "only_the_output")}, ["MultiHeadAttention"]),
        ({"MultiHeadAttention": wrong("MultiHeadAttention", "residual_inside")}, ["MultiHeadAttention"]),
        ({"LayerNorm": LinearNorm}, ["LayerNorm"]),
        ({"FeedForward": NoActivation}, ["FeedForward"]),
        ({"FeedForward": NoActivation, "LayerNorm": LinearNorm}, ["FeedForward", "LayerNorm"]),
        (
            {"MultiHeadAttention": Unwritten, "FeedForward": NoActivation, "LayerNorm": LinearNorm},
            ["MultiHeadAttention", "FeedForward", "LayerNorm"],
        ),
        ({"MultiHeadAttention": Unwritten}, ["MultiHeadAttention"]),
        ({"MultiHeadAttention": Stripped}, ["MultiHeadAttention"]),
        ({"MultiHeadAttention": WithoutArguments}, ["MultiHeadAttention"]),
        ({"LayerNorm": OtherNames}, ["LayerNorm"]),
        ({"LayerNorm": None}, ["LayerNorm"]),
        ({"LayerNorm": 3}, ["LayerNorm"]),
        ({"FeedForward": leave}, ["FeedForward"]),
    ],
    ids=lambda value: (
        ",".join(f"{k}={getattr(v, '__name__', v)}" for k, v in value.items())
        if isinstance(value, dict)
        else None
    ),
)
def test_a_right_block_keeps_its_marks_whatever_its_parts_are(public, name, theirs, at_fault):
    block = getattr(attentif, name)
    for report in reports(public, name, block, {**RIGHT, **theirs}):
        assert report.earned == report.maximum
        assert sorted(report.carried_forward) == sorted(at_fault)
        assert not report.diagnoses
        for language, label in {"en": "Error carried forward", "fr": "Erreur reportée"}.items():
            set_language(language)
            for said in (as_text(report), as_html(report)):
                assert label in said and all(said.count(part) == 2 for part in at_fault)
                assert not any(part in said for part in set(RIGHT) - set(at_fault))


@pytest.mark.parametrize("name", BLOCKS)
@pytest.mark.parametrize("body", ["right", "wrong"])
@pytest.mark.parametrize(
    ("theirs", "doubtful"),
    [
        ({}, ["LayerNorm"]),
        ({"LayerNorm": LinearNorm}, ["LayerNorm"]),
        ({"LayerNorm": LinearNorm}, ["MultiHeadAttention", "LayerNorm"]),
        ({"MultiHeadAttention": Unwritten}, ["MultiHeadAttention"]),
        ({"FeedForward": NoActivation, "LayerNorm": LinearNorm}, ["FeedForward", "LayerNorm"]),
    ],
)
def test_parts_known_to_be_wrong_change_the_order_and_nothing_else(public, name, body, theirs, doubtful):
    exercise = load_exercise(name)
    block = getattr(attentif, name)
    if body == "wrong":
        block = exercise.target(exercise.misconceptions[0].function)
    for checks in (public[name].checks, exercise.hidden):
        answer = LocalAnswer(public[name], block, {**RIGHT, **theirs})
        usual, other = (
            examine_answer(public[name], answer, checks, doubtful=each) for each in ((), doubtful)
        )
        assert [(r.check.name, r.status) for r in usual.results] == [
            (r.check.name, r.status) for r in other.results
        ]
        assert usual.carried_forward == other.carried_forward
        assert usual.diagnoses == other.diagnoses


@pytest.mark.parametrize("name", BLOCKS)
def test_a_right_block_of_right_parts_has_no_label(public, name):
    block = getattr(attentif, name)
    for namespace in (RIGHT, {}, None, {"LayerNorm": LayerNorm}):
        for report in reports(public, name, block, namespace):
            assert report.earned == report.maximum and not report.carried_forward


@pytest.mark.parametrize("name", BLOCKS)
def test_a_wrong_block_gains_nothing_by_wrong_parts(public, name):
    exercise = load_exercise(name)
    namespaces = [
        RIGHT,
        {**RIGHT, "MultiHeadAttention": wrong("MultiHeadAttention", "merge_without_transpose")},
        {**RIGHT, "LayerNorm": LinearNorm},
    ]
    for mistake in exercise.misconceptions[::7]:
        block = exercise.target(mistake.function)
        alone = reports(public, name, block)
        assert earned(alone) < 5
        for namespace in namespaces:
            said = reports(public, name, block, namespace)
            assert earned(said) == earned(alone), mistake.name
            assert {d.name for report in said for d in report.diagnoses} == {mistake.name}


@pytest.mark.parametrize("name", BLOCKS)
@pytest.mark.parametrize("trivial", ["zeros", "first_input", "unwritten"])
def test_trivial_parts_pay_for_no_trivial_block(public, name, trivial):
    theirs = load_exercise("MultiHeadAttention")
    layer = torch.zeros_like if trivial == "zeros" else nn.Identity()

    class Layer(LayerNorm):
        def forward(self, x):
            return layer(x)

    class Network(FeedForward):
        def forward(self, x):
            return layer(x)

    namespace = {
        "MultiHeadAttention": theirs.target(trivial_answers(theirs)[trivial]),
        "LayerNorm": Layer,
        "FeedForward": Network,
    }
    for block, function in trivial_answers(load_exercise(name)).items():
        said = reports(public, name, load_exercise(name).target(function), namespace)
        assert earned(said) == 0.0, block


def test_trivial_parts_pay_for_no_wrong_block(public):
    """Where the attention gives zeros, it does not matter what the block does with its mask: no value is right."""
    theirs = load_exercise("MultiHeadAttention")
    zeros = theirs.target(trivial_answers(theirs)["zeros"])
    for mistake in ("mask_not_passed", "attention_residual_missing", "feed_forward_first"):
        block = wrong("EncoderBlock", mistake)
        alone = reports(public, "EncoderBlock", block)
        said = reports(public, "EncoderBlock", block, {**RIGHT, "MultiHeadAttention": zeros})
        assert earned(said) == earned(alone) < 5


def test_a_block_and_an_attention_that_agree_with_each_other_are_right_together(public):
    """The expected values are those of known-good parts; which part of the work is done where is theirs."""

    class OutputAlone(EncoderBlock):
        def forward(self, x, mask=None):
            if self.norm_first:
                x = x + self.dropout(self.attention(self.norm_attention(x), mask=mask))
                return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
            x = self.norm_attention(x + self.dropout(self.attention(x, mask=mask)))
            return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))

    own = {**RIGHT, "MultiHeadAttention": wrong("MultiHeadAttention", "only_the_output")}
    shown, at_grading = reports(public, "EncoderBlock", OutputAlone, own)
    for report in (shown, at_grading):
        # Dropout is judged with parts that no student wrote.
        lost = [result.check.name for result in report.results if result.status == FAILED]
        assert lost == ["dropout"] and not report.carried_forward
    assert earned(reports(public, "EncoderBlock", OutputAlone)) == 0.0


def test_a_wrong_block_of_unwritten_parts_is_told_what_is_wrong_with_it(public):
    """Not that it is still to be written, which is said of its attention."""
    block = wrong("EncoderBlock", "no_residual")
    shown, at_grading = reports(public, "EncoderBlock", block, {**RIGHT, "MultiHeadAttention": Unwritten})
    for report in (shown, at_grading):
        assert not report.unfinished and any(result.status == FAILED for result in report.results)
        assert [diagnosis.name for diagnosis in report.diagnoses] == ["no_residual"]


def test_where_something_is_wrong_here_too_the_label_says_so(public):
    block = wrong("EncoderBlock", "always_post_norm")
    report, _ = reports(public, "EncoderBlock", block, {**RIGHT, "LayerNorm": LinearNorm})
    assert 0 < report.earned < report.maximum and report.carried_forward == ("LayerNorm",)
    assert "wrong here" in as_text(report) and "not here" not in as_text(report)
    assert [diagnosis.name for diagnosis in report.diagnoses] == ["always_post_norm"]
    set_language("fr")
    assert "l'est ici" in as_text(report)


def test_parts_that_are_wrong_only_together_are_all_named(public):
    """Each of these two passes x on in a way that the other one counts on: neither is wrong by itself."""
    seen = set()

    class Noticing(LayerNorm):
        def forward(self, x):
            seen.add("norm")
            return super().forward(x) + ("network" in seen)

    class NoticingToo(FeedForward):
        def forward(self, x):
            seen.add("network")
            return super().forward(x)

    def target(*args, **kwargs):
        seen.clear()
        return EncoderBlock(*args, **kwargs)

    report = examine(
        public["EncoderBlock"], target, namespace={**RIGHT, "LayerNorm": Noticing, "FeedForward": NoticingToo}
    )
    assert report.earned == report.maximum
    assert set(report.carried_forward) == set(RIGHT)


def test_the_notebooks_own_classes_are_found(public, monkeypatch, capsys):
    """By check() in the notebook, and by the hidden cell at grading."""
    import attentif.checks as package

    monkeypatch.setattr(package, "load_exercise", public.__getitem__)
    monkeypatch.setattr(hidden, "load_exercise", public.__getitem__)
    monkeypatch.setitem(vars(__import__("__main__")), "LayerNorm", LinearNorm)
    score = check(EncoderBlock)
    assert score == score.report.maximum and score.report.carried_forward == ("LayerNorm",)
    assert "Error carried forward: the fault is in your LayerNorm" in capsys.readouterr().out

    cells = {**RIGHT, "LayerNorm": LinearNorm, "EncoderBlock": EncoderBlock}
    graded = grade_hidden("EncoderBlock", cells)
    assert graded == graded.report.maximum and "fault is in your LayerNorm" in graded._repr_html_()
    assert not grade_hidden("EncoderBlock", {**cells, **RIGHT}).report.carried_forward


def test_what_a_student_has_not_is_not_asked_of_them(public):
    exercise = public["DecoderBlock"]
    assert own_parts(exercise, DecoderBlock, {"LayerNorm": LinearNorm, "causal_mask": 1}) == {
        "LayerNorm": LinearNorm
    }
    assert own_parts(exercise, DecoderBlock, {}) == {}
    assert own_parts(exercise, 3, {}) == {}


# Parts that a class makes


def test_a_part_with_arguments_travels_and_is_made_by_whose_turn_it_is():
    request = from_json(to_json(Request(init={"norm": part("LayerNorm", d_model=4, eps=0.5), "width": 2})))
    assert request.init["norm"].arguments == {"exercise": "LayerNorm", "init": {"d_model": 4, "eps": 0.5}}
    assert part("LayerNorm").arguments == {"exercise": "LayerNorm"}

    class Shows(nn.Module):
        def __init__(self, norm, width):
            super().__init__()
            self.norm = norm

        def forward(self):
            return type(self.norm).__name__, self.norm.eps

    def run(**options):
        return LocalStudent(Shows, "forward", **options).run(request)

    assert run(known_good=rescue.known_good).value == ("LayerNorm", 0.5)
    assert run(known_good=rescue.known_good, own={"LayerNorm": LinearNorm}).value == ("LinearNorm", 0.5)
    assert run(own={"LayerNorm": LinearNorm}).value == ("LinearNorm", 0.5)
    # What a student's class raises while it is made is the student's, not a fault of the check.
    assert run(known_good=rescue.known_good, own={"LayerNorm": leave}).error == "SystemExit"
    assert "TypeError" in run().error, "nobody's part"
    with pytest.raises(TypeError):
        LocalStudent(Shows, "forward", lambda name: WithoutArguments).run(request)


def test_arguments_of_a_part_are_nobodys_to_change():
    class Greedy(nn.Module):
        def __init__(self, sizes):
            super().__init__()
            sizes.append(1)

    class Keeps(nn.Module):
        def __init__(self, inner):
            super().__init__()

        def forward(self):
            return 1

    request = Request(init={"inner": part("LayerNorm", sizes=[3])})
    LocalStudent(Keeps, "forward", None, {"LayerNorm": Greedy}).run(request)
    assert request.init["inner"].arguments["init"] == {"sizes": [3]}


# Known-good parts and rescue blocks


@pytest.mark.parametrize("bias", [True, False])
def test_the_known_good_attention_takes_the_parameters_of_the_library(bias):
    ours = randomise(Attention(D, H, bias=bias))
    theirs = rescue.MultiHeadAttention(D, H, bias=bias).double()
    theirs.load_state_dict(ours.state_dict())
    query, key, value = (randn(B, n, D, seed=n, requires_grad=True) for n in (T, S, S + 1))
    mask = visible(B, 1, T, S)
    pairs = [(mine, his) for mine, his in zip(ours.parameters(), theirs.parameters(), strict=True)]
    for inputs in ((query,), (query, key), (query, key, value[:, :S])):
        given = mask if len(inputs) > 1 else mask[..., :T]
        for seen in (None, given):
            mine, weights = ours(*inputs, mask=seen)
            his, his_weights = theirs(*inputs, mask=seen)
            assert_same(his, mine)
            assert_same(his_weights, weights)
    assert [name for name, _ in ours.named_parameters()] == [name for name, _ in theirs.named_parameters()]
    assert len(pairs) == (8 if bias else 4)


def made_of(kind, norm_first, dropout=0.0, cross=True):
    """A block of the library's parts with random weights, and the same parts in a rescue block."""

    def parts():
        first = [Attention(D, H), FeedForward(D, F, "gelu"), LayerNorm(D), LayerNorm(D)]
        if kind is EncoderBlock:
            return first
        return [*first, *((Attention(D, H), LayerNorm(D)) if cross else (None, None))]

    ours = randomise(kind(*parts(), dropout=dropout, norm_first=norm_first))
    names = list(ours._modules)
    theirs = rescue.PARTS[kind.__name__](
        **{name: getattr(ours, name) for name in names if name != "dropout"},
        dropout=dropout,
        norm_first=norm_first,
    )
    return ours, theirs


@pytest.mark.parametrize("norm_first", [False, True])
@pytest.mark.parametrize("training", [False, True])
def test_rescue_blocks_are_torchs_layers_around_the_given_parts(norm_first, training):
    x, memory = randn(B, T, D, seed=1, requires_grad=True), randn(B, S, D, seed=2, requires_grad=True)
    past, padding = attentif.causal_mask(T), visible(B, 1, 1, S)
    for kind, cross, calls in (
        (EncoderBlock, False, [{}, {"mask": visible(B, 1, 1, T)}, {"mask": visible(B, H, T, T)}]),
        (DecoderBlock, False, [{}, {"mask": past}, {"mask": past, "memory": memory}]),
        (DecoderBlock, True, [{"memory": memory}, {"memory": memory, "mask": past, "memory_mask": padding}]),
    ):
        ours, theirs = (block.train(training) for block in made_of(kind, norm_first, cross=cross))
        for call in calls:
            pairs = [(p, p) for p in (x, *ours.parameters())]
            if cross:
                pairs.append((memory, memory))
            assert_same_gradients(theirs(x, **call), ours(x, **call), pairs)
            with torch.no_grad():
                assert_same(theirs(x, **call), ours(x, **call))
        assert sum(p.numel() for p in theirs.parameters()) == sum(p.numel() for p in ours.parameters())
        assert len(attention_maps(theirs, x, *((memory,) if cross else ()))) == 1 + cross


@pytest.mark.parametrize("name", BLOCKS)
def test_rescue_blocks_drop_what_the_checks_ask_for(name):
    kinds = {"attention": "attention", "feed_forward": "feed_forward"}
    names = ["attention", "feed_forward", "norm_attention", "norm_feed_forward"]
    if name == "DecoderBlock":
        names = [
            "self_attention",
            "cross_attention",
            "feed_forward",
            "norm_self",
            "norm_cross",
            "norm_feed_forward",
        ]
    parts = see_through(**{n: "norm" if n.startswith("norm") else kinds.get(n, "attention") for n in names})
    shapes = {"x": (4, 50, 60)} | ({"memory": (4, 3, 60)} if name == "DecoderBlock" else {})
    check_dropout(LocalStudent(rescue.PARTS[name], "forward", rescue.known_good), parts, shapes, 0.3)


# How dropout is judged


def dropping(drop):
    """An encoder block whose dropout is this function of (output, probability, training)."""

    class Block(EncoderBlock):
        def forward(self, x, mask=None):
            for sublayer in (lambda h: self.attention(h)[0], self.feed_forward):
                x = x + drop(sublayer(x), self.dropout.p, self.training)
            return x

    return Block


def judge(block, probability=0.3):
    parts = see_through(
        attention="attention", feed_forward="feed_forward", norm_attention="norm", norm_feed_forward="norm"
    )
    check_dropout(LocalStudent(block, "forward"), parts, {"x": (4, 50, 60)}, probability)


def bernoulli(shape, p):
    return (torch.rand(shape) >= p).double() / (1 - p)


def test_any_right_dropout_passes_for_any_seed(monkeypatch):
    for seed in range(20):
        monkeypatch.setattr("attentif.checks.student.SEED", seed)
        for probability in (0.2, 0.3, 0.4):
            judge(dropping(lambda h, p, training: h * bernoulli(h.shape, p) if training else h), probability)


@pytest.mark.parametrize(
    ("drop", "said"),
    [
        (lambda h, p, training: h, "something else for 100.0% of the components"),
        (lambda h, p, training: h * bernoulli(h.shape, p), "output[0, 0"),
        (lambda h, p, training: h * bernoulli(h.shape, p) * (1 - p) if training else h, "something else"),
        (lambda h, p, training: h * bernoulli(h.shape, p / 2) * (1 - p / 2) / (1 - p) if training else h, "of the components of attention dropped, got 14"),
        (lambda h, p, training: h * bernoulli(h.shape[-1:], p) if training else h, "together"),
        (lambda h, p, training: h * bernoulli((*h.shape[:-1], 1), p) if training else h, "together"),
    ],
)  # fmt: skip
def test_a_wrong_dropout_fails(drop, said):
    with pytest.raises(Mismatch) as caught:
        judge(dropping(drop))
    assert said in str(caught.value)


def test_another_shape_in_training_is_noticed():
    class Shorter(EncoderBlock):
        def forward(self, x, mask=None):
            return (x + 3.0)[:, : -1 if self.training else None]

    with pytest.raises(Mismatch, match=r"shape \(4, 50, 60\), got .* \(4, 49, 60\)"):
        judge(Shorter)


def test_the_same_components_of_two_sublayers_are_noticed():
    class Shared(EncoderBlock):
        def forward(self, x, mask=None):
            kept = self.dropout(torch.ones_like(x))
            return x + kept * self.attention(x)[0] + kept * self.feed_forward(x)

    with pytest.raises(Mismatch, match="attention and feed_forward go together"):
        judge(Shared)


# The oracle


@pytest.mark.parametrize("norm_first", [False, True])
def test_torchs_layer_leaves_the_callers_random_numbers_alone(norm_first):
    rng = np.random.default_rng(0)
    parts = {
        "attention": attention(rng, D, H),
        "feed_forward": feed_forward(rng, D, F),
        "norm_attention": norm(rng, D),
        "norm_feed_forward": norm(rng, D),
    }
    block, before = assemble(parts, norm_first), torch.get_rng_state()
    answer = oracle(block, x=sequence(rng, B, T, D))
    assert answer.shape == (B, T, D) and torch.equal(torch.get_rng_state(), before)


def test_a_decoder_with_cross_attention_needs_something_to_read():
    config, ids = ModelConfig(vocab_size=11, d_model=6, n_heads=2), torch.ones(2, 5, dtype=torch.long)
    decoder = Decoder(config, cross=True)
    with pytest.raises(InputError, match="a memory"):
        decoder(ids)
    assert decoder(ids, torch.zeros(2, 7, 6)).shape == (2, 5, 6)
    assert Decoder(config)(ids).shape == (2, 5, 6)


# Parts that work in float32


@pytest.mark.parametrize("name", BLOCKS)
def test_a_right_norm_that_works_in_float32_is_not_blamed(public, name):
    theirs = load_exercise("LayerNorm")
    in_float32 = next(v.function for v in theirs.variants if v.name == "always_in_float32")
    namespace = {**RIGHT, "LayerNorm": theirs.target(in_float32)}
    for report in reports(public, name, load_exercise(name).reference, namespace):
        assert report.earned == report.maximum and report.carried_forward == ()


def test_float64_of_parts_is_compared_as_float32_is_and_nothing_else():
    exact = np.full(3, 2.0)
    match(exact * (1 + 1e-5), exact, of_parts=True)
    for got, wanted, of_parts in (
        (exact * (1 + 1e-5), exact, False),
        (exact * (1 + 1e-3), exact, True),
        (np.float32(exact * (1 + 1e-3)), np.float32(exact), True),
        (np.float32(exact), exact, True),
    ):
        with pytest.raises(Mismatch):
            match(got, wanted, of_parts=of_parts)
    match([{"a": exact * (1 + 1e-5)}], [{"a": exact}], of_parts=True)
    match_gradients({"x": exact * (1 + 1e-5)}, {"x": exact}, of_parts=True)
    with pytest.raises(Mismatch):
        match_gradients({"x": exact * (1 + 1e-5)}, {"x": exact})
