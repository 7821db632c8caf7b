"""Masks filled, sentences scored and associations measured, against loops of one question at a time."""

from __future__ import annotations

import inspect
import math

import numpy as np
import pytest
import torch
from torch import nn

from attentif.bias import MaskedScorer, fill_mask, log_probability_bias, pseudo_log_likelihood
from attentif.bias.encoding import TextEncoder
from attentif.errors import InputError

transformers = pytest.importorskip("transformers", reason="the models under test are transformers' own")
models = pytest.importorskip("attentif.models", reason="attentif.models is not there yet")
corpus = pytest.importorskip("attentif.corpus.tokenizers", reason="the tokenizers are not there yet")

FORMS = "il elle est un une médecin dort . infirm ##ière ##ier chat soign ##ant ##e le la , a b c".split()
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
            weights.normal_(0.1, 0.4, generator=generator)
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
    vocabulary, merges = trained.get_vocab(), []
    import json

    for merge in json.loads(trained.to_str())["model"]["merges"]:
        merges.append(tuple(merge))
    tokenizer = transformers.RobertaTokenizer(vocab=vocabulary, merges=merges)
    config = transformers.RobertaConfig(
        vocab_size=len(vocabulary), hidden_size=8, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=10, max_position_embeddings=60, pad_token_id=1, type_vocab_size=1,
    )  # fmt: skip
    return randomised(transformers.RobertaForMaskedLM(config)), tokenizer


def camembert() -> tuple:
    """SentencePiece pieces: a sign that follows a mask is not the piece that follows a word."""
    pieces = ["▁il", "▁elle", "▁est", "▁médecin", "médecin", "▁", ".", "▁.", "▁infirm", "ière", "▁dort", "▁la", "▁un"]
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
    library = Tokenizer.from_str(corpus.json.dumps(tokenizer.to_json()["library"]))
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
    single = [pseudo_log_likelihood(model.float(), tokenizer, SENTENCES, batch_size=size) for size in (1, 5, 64)]
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
    assert not any(token.startswith("Ġ") and len(token) > 1 for token in shown)


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


@pytest.mark.parametrize("template", ["[TARGET] est [ATTRIBUTE] .", "la [ATTRIBUTE] , [TARGET] dort", "un [ATTRIBUTE] [TARGET]"])
@pytest.mark.parametrize("attribute", ["médecin", "infirmière"])
@pytest.mark.parametrize("name", ["bert", "own-wordpiece"])
def test_association_equals_texts_with_masks_written_by_hand(name, template, attribute):
    model, tokenizer = BUILDERS[name]()
    encode = tokenizer.encode if is_own(tokenizer) else lambda t: tokenizer(t, add_special_tokens=False)["input_ids"]
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


@pytest.mark.parametrize("name", ["roberta", "camembert", "own-bpe", "own-char"])
def test_association_where_tokens_carry_their_space(name):
    model, tokenizer = BUILDERS[name]()
    first, second = ("a", "b") if name == "own-char" else ("il", "elle")
    text = f"la {first} est médecin."
    if name == "roberta":
        tokens = tokenizer.convert_ids_to_tokens(tokenizer(text)["input_ids"])
        assert any(token.startswith("Ġ") for token in tokens)
    before, target, after = f"la {first}", f"la {first}", "."
    plain = TextEncoder(tokenizer)
    ids = ids_with_specials(tokenizer, text)
    attribute = [t for t in range(len(ids)) if t not in range(len(ids_with_specials(tokenizer, f"la {first} est")) - 1)][:-2]
    place = len(ids_with_specials(tokenizer, before)) - 2
    odds = []
    for hidden in ([], attribute):
        values = []
        for word in (first, second):
            own_ids = ids_with_specials(tokenizer, f"la {word} est médecin.")
            assert len(own_ids) == len(ids)
            row = log_softmax_one(model, plain.masked(own_ids, [place, *hidden]))[place]
            values.append(row[own_ids[place]])
        odds.append(values[0] - values[1])
    score = log_probability_bias(model, tokenizer, "la [TARGET] est [ATTRIBUTE].", first, second, "médecin")
    assert (score.raw, score.prior) == pytest.approx(odds, abs=1e-9)
