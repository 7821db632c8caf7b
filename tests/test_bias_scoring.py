"""Masks filled, sentences scored and associations measured, against loops of one question at a time."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import torch
from torch import nn

from attentif import models
from attentif.bias import MaskedScorer, fill_mask, log_probability_bias, pseudo_log_likelihood
from attentif.bias.encoding import TextEncoder
from attentif.corpus import tokenizers as corpus
from attentif.errors import InputError

transformers = pytest.importorskip("transformers", reason="the models under test are transformers' own")

FORMS = [
    "il",
    "elle",
    "est",
    "un",
    "une",
    "médecin",
    "dort",
    ".",
    "infirm",
    "##ière",
    "##ier",
    "chat",
    "soign",
    "##ant",
    "##e",
    "le",
    "la",
    ",",
    "a",
    "b",
    "c",
]
SENTENCES = [
    "il est médecin .",
    "la infirmière dort",
    "le infirmier , un soignante , est un chat soignant .",
    "dort",
    "une infirmière soignante est la infirmière .",
]
TEXT = " ".join(SENTENCES) + " elle est un médecin . l'été, là-bas : « ça » !"


def randomised(model: nn.Module, seed: int = 0) -> nn.Module:
    """Weights without a neutral value among them, float64, in training mode: dropout must be switched off."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weights in model.parameters():
            weights.normal_(0.5 * (weights.dim() == 1), 0.5, generator=generator)
    return model.double().train()


def bert(max_length: int = 32) -> tuple:
    from tokenizers import Tokenizer, pre_tokenizers, processors
    from tokenizers import models as kinds

    vocabulary = {token: number for number, token in enumerate([*corpus.SPECIAL_TOKENS, *FORMS])}
    library = Tokenizer(kinds.WordPiece(vocabulary, unk_token="[UNK]"))
    library.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    library.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    names = {f"{name}_token": f"[{name.upper()}]" for name in ("pad", "unk", "cls", "sep", "mask")}
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=library, **names)
    config = transformers.BertConfig(
        vocab_size=len(vocabulary) + 3, hidden_size=12, num_hidden_layers=2, num_attention_heads=3,
        intermediate_size=20, max_position_embeddings=max_length,
    )  # fmt: skip
    return randomised(transformers.BertForMaskedLM(config)), tokenizer


def roberta() -> tuple:
    """Byte-level pieces, a mask named <mask> and positions that are counted from the padding id."""
    from tokenizers import ByteLevelBPETokenizer

    trained = ByteLevelBPETokenizer()
    specials = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    trained.train_from_iterator([TEXT] * 3, vocab_size=330, special_tokens=specials, show_progress=False)
    vocabulary = trained.get_vocab()
    merges = [tuple(merge) for merge in json.loads(trained.to_str())["model"]["merges"]]
    tokenizer = transformers.RobertaTokenizer(vocab=vocabulary, merges=merges)
    config = transformers.RobertaConfig(
        vocab_size=len(vocabulary), hidden_size=8, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=10, max_position_embeddings=60, pad_token_id=1, type_vocab_size=1,
    )  # fmt: skip
    return randomised(transformers.RobertaForMaskedLM(config)), tokenizer


def camembert() -> tuple:
    """SentencePiece pieces: a sign that follows a mask is not the piece that follows a word."""
    pieces = [
        "▁il",
        "▁elle",
        "▁est",
        "▁médecin",
        "médecin",
        "▁",
        ".",
        "▁.",
        "▁infirm",
        "ière",
        "▁dort",
        "▁la",
        "▁un",
    ]
    pieces += sorted(set("".join(FORMS)) - set(".#"))
    vocabulary = [(name, 0.0) for name in ("<s>", "<pad>", "</s>", "<unk>", "<mask>")]
    vocabulary += [(piece, -1.0 if len(piece) > 1 else -4.0) for piece in pieces]
    tokenizer = transformers.CamembertTokenizer(vocab=vocabulary)
    config = transformers.CamembertConfig(
        vocab_size=len(tokenizer), hidden_size=8, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=10, max_position_embeddings=60, pad_token_id=1,
    )  # fmt: skip
    return randomised(transformers.CamembertForMaskedLM(config)), tokenizer


def own(kind: str) -> tuple:
    tokenizer = corpus.train_tokenizer(kind, [TEXT] * 3, vocab_size=None if kind in ("char", "word") else 320)
    config = models.ModelConfig(tokenizer.vocab_size, d_model=12, n_heads=3, n_layers=2, max_length=80)
    return randomised(models.MaskedLM(config)), tokenizer


BUILDERS = {
    "bert": bert,
    "roberta": roberta,
    "camembert": camembert,
    **{f"own-{kind}": (lambda kind=kind: own(kind)) for kind in ("word", "char", "bpe", "wordpiece")},
}
BUILT: dict[str, tuple] = {}


@pytest.fixture(params=sorted(BUILDERS))
def pair(request) -> tuple:
    """(model, tokenizer) of each kind, built once."""
    if request.param not in BUILT:
        BUILT[request.param] = BUILDERS[request.param]()
    return BUILT[request.param]


def is_own(tokenizer) -> bool:
    return isinstance(tokenizer, corpus.Tokenizer)


def ids_with_specials(tokenizer, text: str) -> list[int]:
    return [2, *tokenizer.encode(text), 3] if is_own(tokenizer) else tokenizer(text)["input_ids"]


def log_softmax_one(model, ids: list[int]) -> np.ndarray:
    """(T, V) of one sequence alone: no batch, no padding, and no call of the library's scorer."""
    model.eval()
    with torch.no_grad():
        output = model(torch.tensor([ids]))
    model.train()
    logits = getattr(output, "logits", output)[0].double().numpy()
    highest = logits.max(axis=-1, keepdims=True)
    return logits - highest - np.log(np.exp(logits - highest).sum(axis=-1, keepdims=True))


def mask_of(tokenizer) -> tuple[int, str]:
    return (4, "[MASK]") if is_own(tokenizer) else (tokenizer.mask_token_id, tokenizer.mask_token)


def pll_one_at_a_time(model, tokenizer, sentence: str, word_ids: list | None = None) -> float:
    ids, total = ids_with_specials(tokenizer, sentence), 0.0
    for t in range(1, len(ids) - 1):
        masked = list(ids)
        for later in range(t, len(ids) - 1):
            if later == t or (word_ids is not None and word_ids[later] == word_ids[t]):
                masked[later] = mask_of(tokenizer)[0]
        total += log_softmax_one(model, masked)[t, ids[t]]
    return total


@pytest.mark.parametrize("batch_size", [1, 3, 7, 64])
def test_pll_equals_one_token_at_a_time_whatever_the_batch(pair, batch_size):
    model, tokenizer = pair
    expected = [pll_one_at_a_time(model, tokenizer, sentence) for sentence in SENTENCES]
    scores = pseudo_log_likelihood(model, tokenizer, SENTENCES, batch_size=batch_size)
    assert scores.dtype == np.float64 and scores.shape == (len(SENTENCES),)
    assert np.abs(scores - expected).max() < 1e-9
    assert scores.max() < -0.5  # nothing is certain here


def test_pll_does_not_depend_on_the_order_or_on_the_company():
    model, tokenizer = bert()
    scores = pseudo_log_likelihood(model, tokenizer, SENTENCES)
    order = [3, 0, 4, 2, 1]
    shuffled = pseudo_log_likelihood(model, tokenizer, [SENTENCES[i] for i in order], batch_size=5)
    assert np.abs(shuffled - scores[order]).max() < 1e-9
    twice = pseudo_log_likelihood(model, tokenizer, [SENTENCES[1]] * 2)
    assert np.abs(twice - scores[1]).max() < 1e-9


def test_within_word_masks_the_later_pieces_of_the_word():
    model, tokenizer = bert()
    for sentence in SENTENCES:
        tokens, words = tokenizer.convert_ids_to_tokens(tokenizer(sentence)["input_ids"]), []
        for token in tokens:
            words.append(words[-1] if token.startswith("##") else len(words))
        expected = pll_one_at_a_time(model, tokenizer, sentence, words)
        for batch_size in (2, 64):
            [score] = pseudo_log_likelihood(model, tokenizer, [sentence], True, batch_size)
            assert abs(score - expected) < 1e-9
        cut = any(token.startswith("##") for token in tokens)
        assert (abs(score - pll_one_at_a_time(model, tokenizer, sentence)) > 1e-6) == cut


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("bert", "la infirmière, dort.", [0, 1, 1, 2, 3, 4]),
        ("own-word", "il est médecin .", [0, 1, 2, 3]),
        ("own-char", "il a, b", [0, 0, 1, 1, 2, 3, 3]),
    ],
)
def test_words_of_tokens(name, text, words):
    encoding = MaskedScorer(*BUILDERS[name]()).encode(text)
    assert list(encoding.word_ids) == [None, *words, None]


@pytest.mark.parametrize("kind", ["bpe", "wordpiece"])
def test_words_of_our_subwords_are_those_of_their_library(kind):
    from tokenizers import Tokenizer

    model, tokenizer = own(kind)
    library = Tokenizer.from_str(json.dumps(tokenizer.to_json()["library"]))
    for sentence in SENTENCES:
        encoded = library.encode(sentence, add_special_tokens=False)
        word_ids = [None, *encoded.word_ids, None]
        assert list(MaskedScorer(model, tokenizer).encode(sentence).word_ids) == word_ids
        [score] = pseudo_log_likelihood(model, tokenizer, [sentence], within_word=True)
        assert abs(score - pll_one_at_a_time(model, tokenizer, sentence, word_ids)) < 1e-9


def test_within_word_is_the_same_for_whole_words():
    model, tokenizer = own("word")
    plain, within = (pseudo_log_likelihood(model, tokenizer, SENTENCES, flag) for flag in (False, True))
    assert np.array_equal(plain, within)


def test_float32_agrees_with_float64_to_its_precision():
    model, tokenizer = bert()
    precise = pseudo_log_likelihood(model, tokenizer, SENTENCES)
    model.float()
    single = [pseudo_log_likelihood(model, tokenizer, SENTENCES, batch_size=size) for size in (1, 5, 64)]
    for scores in single:
        assert scores.dtype == np.float64
        assert np.abs(scores - precise).max() < 2e-4  # sums of up to 18 terms of a few nats
    assert max(np.abs(scores - single[0]).max() for scores in single) < 1e-4


def test_fill_mask_gives_the_most_probable_tokens_of_each_mask(pair):
    model, tokenizer = pair
    text = "il est [MASK] la [MASK] dort"
    mask_id, mask_token = mask_of(tokenizer)
    ids = ids_with_specials(tokenizer, text.replace("[MASK]", mask_token))
    log_probabilities = log_softmax_one(model, ids)
    places = [t for t, token in enumerate(ids) if token == mask_id]
    assert len(places) == 2
    answers = fill_mask(model, tokenizer, text, k=7)
    for place, answer in zip(places, answers, strict=True):
        probabilities = [probability for _, probability in answer]
        assert np.allclose(probabilities, np.sort(np.exp(log_probabilities[place]))[::-1][:7], atol=1e-12)
        best = int(log_probabilities[place].argmax())
        assert answer[0][0] == MaskedScorer(model, tokenizer).token(best)
    assert answers[0] != answers[1]
    size = log_probabilities.shape[-1]
    for answer in fill_mask(model, tokenizer, text, k=size):
        assert len(answer) == size
        assert sum(probability for _, probability in answer) == pytest.approx(1, abs=1e-12)


def test_fill_mask_understands_both_names_of_the_mask():
    model, tokenizer = roberta()
    assert fill_mask(model, tokenizer, "il est <mask> .") == fill_mask(model, tokenizer, "il est [MASK] .")
    assert len(fill_mask(model, tokenizer, "il est <mask> [MASK] .")) == 2


def test_tokens_are_readable():
    assert TextEncoder(bert()[1]).token(5 + FORMS.index("##ière")) == "##ière"
    assert TextEncoder(bert()[1]).token(4) == "[MASK]"
    assert MaskedScorer(*bert()).token(5 + len(FORMS) + 1) == f"<{5 + len(FORMS) + 1}>"
    tokenizer = camembert()[1]
    assert TextEncoder(tokenizer).token(tokenizer.convert_tokens_to_ids("▁médecin")) == "médecin"
    tokenizer = own("bpe")[1]
    shown = {TextEncoder(tokenizer).token(i) for i in range(tokenizer.vocab_size)}
    assert "médecin" in shown
    assert not {"Ġmédecin", "ĠmÃ©decin", "Ġest"} & shown


class Planted(nn.Module):
    """A masked model whose answers are known: ln-odds of 0.7 for il, or 0.2 with the attribute masked.

    At the attribute's own mask the odds are absurd, so that a prior read there shows.
    """

    def __init__(self, tokenizer, attribute_ids):
        super().__init__()
        self.il, self.elle = tokenizer.token_to_id("il"), tokenizer.token_to_id("elle")
        self.size, self.attribute_ids = tokenizer.vocab_size, set(attribute_ids)

    def forward(self, token_ids):
        logits = torch.zeros(*token_ids.shape, self.size, dtype=torch.float64)
        for row, ids in enumerate(token_ids.tolist()):
            known = self.attribute_ids <= set(ids)
            for place, token in enumerate(ids):
                if token == 4:
                    before_est = ids[place + 1] == 7
                    logits[row, place, self.il] = (0.7 if known else 0.2) if before_est else 9.0
        return logits


def test_planted_association_is_recovered_with_its_prior():
    tokenizer = corpus.WordTokenizer(["il", "elle", "est", "médecin", "oui"])  # est is 7
    model = Planted(tokenizer, [8])
    for template in ("[TARGET] est [ATTRIBUTE]", "oui [ATTRIBUTE] oui [TARGET] est oui"):
        score = log_probability_bias(model, tokenizer, template, "il", "elle", "médecin")
        assert (score.raw, score.prior, score.corrected) == pytest.approx((0.7, 0.2, 0.5), abs=1e-12)
        swapped = log_probability_bias(model, tokenizer, template, "elle", "il", "médecin")
        assert swapped.corrected == pytest.approx(-0.5, abs=1e-12)


@pytest.mark.parametrize(
    "template", ["[TARGET] est [ATTRIBUTE] .", "la [ATTRIBUTE] , [TARGET] dort", "un [ATTRIBUTE] [TARGET]"]
)
@pytest.mark.parametrize("attribute", ["médecin", "infirmière"])
@pytest.mark.parametrize("name", ["bert", "own-wordpiece"])
def test_association_equals_texts_with_masks_written_by_hand(name, template, attribute):
    model, tokenizer = BUILDERS[name]()

    def encode(word: str) -> list[int]:
        return ids_with_specials(tokenizer, word)[1:-1]

    pieces = encode(attribute)
    hidden = " ".join(["[MASK]"] * len(pieces))
    # Which of the masks is the target's, counted from the left.
    number = 0 if template.index("[TARGET]") < template.index("[ATTRIBUTE]") else len(pieces)
    odds = []
    for written, which in ((attribute, 0), (hidden, number)):
        text = template.replace("[TARGET]", "[MASK]").replace("[ATTRIBUTE]", written)
        ids = ids_with_specials(tokenizer, text)
        place = [t for t, token in enumerate(ids) if token == 4][which]
        row = log_softmax_one(model, ids)[place]
        odds.append(row[encode("il")[0]] - row[encode("elle")[0]])
    score = log_probability_bias(model, tokenizer, template, "il", "elle", attribute)
    expected = (odds[0], odds[1], odds[0] - odds[1])
    assert (score.raw, score.prior, score.corrected) == pytest.approx(expected, abs=1e-9)
    assert abs(score.prior) > 1e-3 and abs(score.corrected) > 1e-3


@pytest.mark.parametrize(
    ("name", "words", "attribute", "pieces"),
    [
        ("roberta", ("est", "un"), "médecine", ["ĠmÃ©decin", "e"]),
        ("own-bpe", ("est", "un"), "médecine", ["ĠmÃ©decin", "e"]),
        ("camembert", ("il", "elle"), "infirmière", ["▁infirm", "ière"]),
        ("own-char", ("a", "b"), "chat", ["c", "h", "a", "t"]),
        ("own-word", ("il", "elle"), "médecin", ["médecin"]),
    ],
)
def test_association_where_tokens_carry_their_space(name, words, attribute, pieces):
    model, tokenizer = BUILDERS[name]()
    to_token = tokenizer.id_to_token if is_own(tokenizer) else tokenizer.convert_ids_to_tokens
    odds = {"seen": [], "unseen": []}
    for word in words:
        ids = ids_with_specials(tokenizer, f"dort {word} la {attribute}.")
        tokens = [to_token(i) for i in ids]
        [start] = [t for t in range(len(ids)) if tokens[t : t + len(pieces)] == pieces]
        place = next(t for t, token in enumerate(tokens) if token.lstrip("Ġ▁") == word)
        hidden = {place, *range(start, start + len(pieces))}
        for name, masks in (("seen", {place}), ("unseen", hidden)):
            masked = [mask_of(tokenizer)[0] if t in masks else token for t, token in enumerate(ids)]
            odds[name].append(log_softmax_one(model, masked)[place, ids[place]])
    score = log_probability_bias(model, tokenizer, "dort [TARGET] la [ATTRIBUTE].", *words, attribute)
    expected = (odds["seen"][0] - odds["seen"][1], odds["unseen"][0] - odds["unseen"][1])
    assert (score.raw, score.prior) == pytest.approx(expected, abs=1e-9)


def test_model_and_tokenizer_of_different_origin_work_together():
    tokenizer = corpus.WordTokenizer(FORMS)
    model, hub_tokenizer = bert()
    assert hub_tokenizer("il dort")["input_ids"] == [2, *tokenizer.encode("il dort"), 3]
    sentences = ["il dort", "elle est un chat", "la chat dort ."]
    scores = pseudo_log_likelihood(model, tokenizer, sentences, batch_size=4)
    assert np.abs(scores - pseudo_log_likelihood(model, hub_tokenizer, sentences)).max() < 1e-9


@pytest.mark.parametrize("name", ["roberta", "own-bpe"])
def test_the_space_of_a_word_is_among_its_tokens(name):
    tokenizer = BUILDERS[name]()[1]
    to_token = tokenizer.id_to_token if is_own(tokenizer) else tokenizer.convert_ids_to_tokens
    encoding, positions = TextEncoder(tokenizer).locate("il zut, dort", 3, 6)
    assert [to_token(encoding.ids[position]) for position in positions] == ["Ġ", "z", "u", "t"]


def test_padding_is_the_id_that_the_model_takes_for_it():
    tokenizer = corpus.WordTokenizer(FORMS)
    config = models.ModelConfig(tokenizer.vocab_size + 1, d_model=12, n_heads=3, pad_id=tokenizer.vocab_size)
    model = randomised(models.MaskedLM(config))
    sentences = ["il dort", "elle est un chat , un médecin ."]
    expected = [pll_one_at_a_time(model, tokenizer, sentence) for sentence in sentences]
    assert np.abs(pseudo_log_likelihood(model, tokenizer, sentences) - expected).max() < 1e-9


def test_scoring_leaves_the_model_as_it_was():
    model, tokenizer = bert()
    model.bert.encoder.eval()  # a part that its owner keeps out of training
    flags = [module.training for module in model.modules()]
    before = {name: value.clone() for name, value in model.state_dict().items()}
    state = torch.get_rng_state()
    fill_mask(model, tokenizer, "il [MASK]")
    with pytest.raises(InputError):
        MaskedScorer(model, tokenizer).log_probabilities([[2, 999, 3]], [[1]])
    assert [module.training for module in model.modules()] == flags and len(set(flags)) == 2
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert torch.equal(state, torch.get_rng_state())
    assert all(weights.grad is None for weights in model.parameters())


def test_flags_come_back_after_a_failure():
    class Failing(nn.Module):
        def forward(self, token_ids):
            assert not self.training
            raise RuntimeError("out of memory")

    model = Failing().train()
    with pytest.raises(RuntimeError):
        fill_mask(model, corpus.WordTokenizer(["il"]), "[MASK]")
    assert model.training


def test_rows_come_in_the_order_asked():
    model, tokenizer = own("word")
    scorer = MaskedScorer(model, tokenizer)
    long, short = scorer.encode("il est un [MASK] .").ids, scorer.encode("[MASK] dort").ids
    rows = scorer.log_probabilities([long, short, short], [[4, 1], [], [1]])
    assert rows.shape == (3, tokenizer.vocab_size) and rows.dtype == torch.float64
    expected = [log_softmax_one(model, list(ids))[t] for ids, t in ((long, 4), (long, 1), (short, 1))]
    assert np.abs(rows.numpy() - np.array(expected)).max() < 1e-9


def test_context_is_the_number_of_positions_that_the_model_has():
    assert MaskedScorer(*bert(max_length=9)).context == 9
    assert MaskedScorer(*roberta()).context == 58  # 60 rows, of which positions 2 to 59 are used
    model, tokenizer = roberta()
    full = "il " * 100
    ids = [*tokenizer(full)["input_ids"][:57], 2]
    assert MaskedScorer(model, tokenizer).log_probabilities([ids], [[57]]).shape[0] == 1
    assert MaskedScorer(*own("word")).context == 80


class NotANumber(nn.Module):
    def forward(self, token_ids):
        return torch.full((*token_ids.shape, 9), math.nan)


def causal_models():
    own_config = models.ModelConfig(vocab_size=9, d_model=8, n_heads=2, n_layers=1)
    hub = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8}
    yield models.CausalLM(own_config)
    yield models.Seq2Seq(own_config)
    yield transformers.GPT2LMHeadModel(transformers.GPT2Config(vocab_size=9, n_embd=8, n_layer=1, n_head=2))
    yield transformers.BertLMHeadModel(transformers.BertConfig(vocab_size=9, is_decoder=True, **hub))


def test_causal_models_are_refused():
    for model in causal_models():
        with pytest.raises(InputError, match=r"a masked language model, got .* left to right"):
            fill_mask(model, corpus.WordTokenizer(["il"]), "[MASK]")


def test_models_without_a_vocabulary_head_are_refused():
    model, tokenizer = bert()
    with pytest.raises(InputError, match=r"logits \(B, T, V\), got BertModel; load it with AutoModelFor"):
        fill_mask(model.bert, tokenizer, "il [MASK]")
    with pytest.raises(InputError, match="a masked language model, got str"):
        fill_mask("bert-base-uncased", tokenizer, "il [MASK]")


def test_a_tokenizer_without_mask_is_refused():
    tokenizer = bert()[1]
    tokenizer.mask_token = None
    with pytest.raises(InputError, match="a tokenizer with a mask token, got"):
        fill_mask(bert()[0], tokenizer, "il [MASK]")


def test_logits_that_are_no_numbers_are_refused():
    for call in (
        lambda model, tokenizer: fill_mask(model, tokenizer, "[MASK]"),
        lambda model, tokenizer: pseudo_log_likelihood(model, tokenizer, ["il"]),
    ):
        with pytest.raises(InputError, match="NaN or infinity from NotANumber"):
            call(NotANumber(), corpus.WordTokenizer(["il"]))


@pytest.mark.parametrize(
    ("text", "k", "said"),
    [
        ("il dort", 5, r"at least one \[MASK\], got 'il dort'"),
        ("", 5, "at least one token"),
        (["il [MASK]"], 5, r"a text \(str\), got list"),
        ("[MASK]", 0, "k to be a whole number from 1 to"),
        ("[MASK]", 10_000, "got 10000"),
        ("[MASK]", 2.0, "whole number"),
        ("[MASK] " * 40, 5, "at most 32 tokens, specials included .* got 42"),
    ],
)
def test_fill_mask_refuses_in_one_line(text, k, said):
    with pytest.raises(InputError, match=said) as refusal:
        fill_mask(*bert(), text, k)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("sentences", "options", "said"),
    [
        ([], {}, "at least one sentence"),
        ("il dort", {}, "a list of at least one sentence"),
        (["il dort", ""], {}, "at least one token"),
        (["il [MASK]"], {}, "without mask"),
        (["il dort", "il " * 31], {}, "at most 32 tokens"),
        (["il dort"], {"batch_size": 0}, "batch_size"),
    ],
)
def test_pll_refuses_in_one_line(sentences, options, said):
    with pytest.raises(InputError, match=said) as refusal:
        pseudo_log_likelihood(*bert(), sentences, **options)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("template", "words", "said"),
    [
        ("[TARGET] dort", ("il", "elle", "médecin"), r"\[TARGET\] once and \[ATTRIBUTE\] once"),
        ("[TARGET] [TARGET] [ATTRIBUTE]", ("il", "elle", "médecin"), "once"),
        ("[TARGET] est [ATTRIBUTE] [MASK]", ("il", "elle", "médecin"), "without mask"),
        ("[TARGET] est [ATTRIBUTE]", ("il", "", "médecin"), "a word for"),
        ("[TARGET] est [ATTRIBUTE]", ("infirmier", "infirmière", "chat"), r"cut into infirm \+ ##ier"),
        ("[TARGET] est [ATTRIBUTE]", ("il", "iel", "médecin"), "vocabulary for .* got 'iel'"),
        ("[TARGET] est [ATTRIBUTE]", ("il", "elle", "zut"), "vocabulary for .* got 'zut'"),
        ("soign[TARGET] [ATTRIBUTE]", ("ant", "ante", "médecin"), "cut into|tokens of its own"),
    ],
)
@pytest.mark.filterwarnings("ignore:a text has parts")
def test_association_refuses_in_one_line(template, words, said):
    with pytest.raises(InputError, match=said) as refusal:
        log_probability_bias(*bert(), template, *words)
    assert "\n" not in str(refusal.value)


def test_a_word_melted_with_its_neighbours_is_refused():
    tokenizer = corpus.WordTokenizer(["il", "elle", "infirmière", "l'infirmière", "dort"])
    model = randomised(models.MaskedLM(models.ModelConfig(tokenizer.vocab_size, d_model=8, n_heads=2)))
    with pytest.raises(InputError, match="tokens of its own"):
        log_probability_bias(model, tokenizer, "[TARGET] l'[ATTRIBUTE]", "il", "elle", "infirmière")
    hub_model, hub_tokenizer = roberta()
    with pytest.raises(InputError, match="tokens of its own"):  # "Ġmédecin" holds both
        log_probability_bias(hub_model, hub_tokenizer, "la [TARGET]é[ATTRIBUTE]", "m", "m", "decin")


def test_unknown_words_are_told():
    model, tokenizer = bert()
    with pytest.warns(UserWarning, match="does not know"):
        fill_mask(model, tokenizer, "zut [MASK]")


def test_ids_of_another_vocabulary_are_refused():
    model = own("word")[0]
    with pytest.raises(InputError, match="the tokenizer that the model was trained with"):
        pseudo_log_likelihood(model, corpus.WordTokenizer([f"mot{i}" for i in range(200)]), ["mot199"])
