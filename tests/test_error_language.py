"""Errors speak the reader's language: every message of the library in French and in English."""

from __future__ import annotations

import copy
import pickle
import re

import pytest
import torch
from one_language import PACKAGE, Source, in_cells, modules, unsaid

from attentif.bias.association import fill_template
from attentif.bias.likelihood import check_sentences
from attentif.bias.scorer import MaskedScorer
from attentif.bias.statistics import coded_groups, paired_numbers
from attentif.checks import check
from attentif.checks.examining import examine
from attentif.checks.store import load_exercise
from attentif.checks.text import current_language, set_language, text
from attentif.corpus import open_corpus
from attentif.corpus.batching import WindowBatches
from attentif.corpus.comparison import LeakError, compare
from attentif.corpus.floors import Nats
from attentif.corpus.hub_errors import explained
from attentif.corpus.microcosm import Microcosm
from attentif.corpus.text import read_text
from attentif.corpus.tokenizers import WordTokenizer, load_tokenizer, train_tokenizer
from attentif.divergence import Watch, require_finite
from attentif.embeddings import check_length
from attentif.errors import ExerciseNotDone, InputError
from attentif.evaluation import compare_with_floor
from attentif.experiment import RunConfig, prepare
from attentif.hardware import choose_device
from attentif.model_config import ModelConfig
from attentif.models import CausalLM, MaskedLM
from attentif.pretrained import small_model
from attentif.pretraining import StepResult
from attentif_grading.exercises import load_exercise as load_staff_exercise
from attentif_grading.places import course_home


@pytest.fixture(autouse=True)
def _english():
    set_language("en")
    yield
    set_language("en")


# Every message in the source


def test_every_error_is_said_in_both_languages():
    found, n_errors = {}, 0
    sources = {path: Source(path.read_text(encoding="utf-8"), in_cells(path)) for path in modules()}
    taking_texts = {name: of for source in sources.values() for name, of in source.taking_texts().items()}
    assert {"refuse", "require_finite", "explained"} <= set(taking_texts)
    for path, source in sources.items():
        said, n = unsaid(source, taking_texts | source.taking_texts())
        n_errors += n
        if said:
            found[str(path.relative_to(PACKAGE))] = said
    assert found == {}
    assert n_errors > 120, "the walk has lost sight of the errors"


@pytest.mark.parametrize(
    ("code", "seen"),
    [
        ('InputError(expected="a text", got=repr(x), remedy=text("give one", "donnez-en un"))', 1),
        ('InputError(expected=f"{n} texts", got=f"{n}", remedy="n_heads=2")', 1),
        ('InputError(expected=text("a", "b"), got="none" if x else "both", remedy=str(x))', 2),
        ('InputError(expected=f"one of {known or \'none here\'}", got=x, remedy=x)', 2),
        ('remedy = "try it"\nInputError(expected=x, got=x, remedy=remedy)', 1),
        ('WAYS = {"a": "try it", "b": text("no", "non")}\nInputError(expected=x, got=x, remedy=WAYS[y])', 1),
        ('InputError(expected=joined(x, " and more"), got=", ".join(x), remedy=x["name"])', 1),
        ('def refuse(got: Said): raise InputError(expected=x, got=got, remedy=x)\nrefuse("a pair")', 1),
        ('def exercise(): raise InputError(expected="a text", got="none", remedy="give one")', 0),
        ('from a import text as both\nInputError(expected=both("a", "b"), got="hub:NAME", remedy=x)', 0),
    ],
)  # fmt: skip
def test_the_walk_sees_what_is_said_in_one_language(code, seen):
    source = Source(code, frozenset({"exercise"}))
    found, _ = unsaid(source, source.taking_texts())
    assert len(found) == seen, found


# Real errors


CONFIG = ModelConfig(vocab_size=12, d_model=6, n_heads=2, n_layers=1, max_length=8)
TOKENIZER = WordTokenizer(["il", "elle", "est", "juge"])
ROWS = Nats(torch.ones(3).numpy(), torch.arange(3).numpy(), torch.ones(3).long().numpy())


def scorer():
    return MaskedScorer(MaskedLM(CONFIG), TOKENIZER)


def text_run():
    path = course_home() / "pyproject.toml"
    return prepare(
        RunConfig(corpus=str(path), tokenizer="char", steps=1, batch=1, context=8, width=8, heads=1)
    )


def eight_steps_without_a_number():
    """A run that is stopped."""
    watch = Watch(None, torch.optim.SGD([torch.zeros(1, requires_grad=True)]), False, 0.01, None)
    for step in range(1, 9):
        watch.skipped(step, StepResult(float("nan"), 1.0, True))


REFUSED = {
    "heads": (
        lambda: RunConfig(heads=3).heads and prepare(RunConfig(heads=3)),
        "attendu : un d_model multiple de n_heads ; obtenu : d_model=64 et n_heads=3 ; prenez n_heads=",
        "expected d_model to be a multiple of n_heads, got d_model=64 and n_heads=3; take n_heads=",
    ),
    "setting": (
        lambda: RunConfig(objective="mask"),
        "attendu : objective parmi causal, masked, pairs ; obtenu : 'mask' ; choisissez l'une de ces valeurs",
        "expected objective to be one of causal, masked, pairs, got 'mask'; choose one of these",
    ),
    "too small": (
        lambda: RunConfig(batch=0),
        "attendu : batch d'au moins 1 ; obtenu : 0 ; augmentez cette valeur",
        "expected batch of at least 1, got 0; raise it",
    ),
    "kind": (
        lambda: RunConfig.from_mapping({"steps": "many"}),
        "attendu : pour steps, un nombre entier ; obtenu : 'many' ; changez cette valeur",
        "expected steps to be a whole number, got 'many'; change it",
    ),
    "warmup": (
        lambda: RunConfig(steps=5, warmup=9),
        "attendu : warmup_steps de 0 à 5, les étapes de l'entraînement ; obtenu : 9 ; raccourcissez",
        "expected warmup_steps from 0 to 5, the steps of the run, got 9; shorten it",
    ),
    "too long": (
        lambda: check_length(torch.ones(1, 9), 8),
        "attendu : au plus 8 jetons (le contexte du modèle) ; obtenu : une séquence de 9 ; raccourcissez le texte",
        "expected at most 8 tokens (the model's context), got a sequence of 9; shorten the text",
    ),
    "length and ids exchanged": (
        lambda: check_length(8, torch.ones(1, 9)),
        "attendu : check_length(token_ids, max_length) : un tenseur, puis un nombre ; obtenu : int, Tensor ; donnez",
        "expected check_length(token_ids, max_length): a tensor, then a number, got int, Tensor; give the token ids",
    ),
    "empty text": (
        lambda: scorer().encode(" "),
        "attendu : un texte d'au moins un jeton ; obtenu : ' ' ; retirez les phrases vides",
        "expected a text with at least one token, got ' '; drop empty sentences",
    ),
    "causal model": (
        lambda: MaskedScorer(CausalLM(CONFIG), TOKENIZER),
        "attendu : un modèle de langue masqué ; obtenu : CausalLM, qui lit de gauche à droite ; prenez BERT",
        "expected a masked language model, got CausalLM, which reads from left to right; take BERT",
    ),
    "no mask": (
        lambda: fill_template(scorer(), "il est juge", "il", "juge"),
        "attendu : un gabarit avec [TARGET] une fois et [ATTRIBUTE] une fois ; obtenu : 'il est juge' ; écrivez",
        "expected a template with [TARGET] once and [ATTRIBUTE] once, got 'il est juge'; write",
    ),
    "unknown word": (
        lambda: fill_template(scorer(), "[TARGET] est [ATTRIBUTE]", "il", "pilote"),
        "attendu : un mot du vocabulaire du tokenizer pour [ATTRIBUTE] ; obtenu : 'pilote' ; choisissez un mot",
        "expected a word of the tokenizer's vocabulary for [ATTRIBUTE], got 'pilote'; choose a word",
    ),
    "sentences": (
        lambda: check_sentences("il est juge", 4),
        "attendu : une liste d'au moins une phrase ; obtenu : 'il est juge' ; mettez les phrases dans une liste",
        "expected a list of at least one sentence, got 'il est juge'; put the sentences in a list",
    ),
    "groups": (
        lambda: coded_groups([1.0, 2.0], ["a", "b"], 2000, 0.95),
        "attendu : au moins 5 groupes ; obtenu : 2 ; ajoutez des paires de mots",
        "expected at least 5 groups, got 2; add word pairs",
    ),
    "measures": (
        lambda: paired_numbers([1.0, 1.0, 1.0], [1.0, 2.0, 3.0]),
        "attendu : des biais introduits de tailles différentes ; obtenu : 1.0 partout ; introduisez",
        "expected planted biases of different sizes, got 1.0 throughout; plant",
    ),
    "check": (
        lambda: check(3),
        "attendu : la fonction ou la classe d'un exercice ; obtenu : un objet de type int ; écrivez check(",
        "expected the function or class of an exercise, got an object of type int; write check(",
    ),
    "language": (
        lambda: set_language("de"),
        "attendu : une langue parmi fr et en ; obtenu : 'de' ; choisissez l'une des deux",
        "expected a language among fr and en, got 'de'; choose one of the two",
    ),
    "small model": (
        lambda: small_model("microcosm-de"),
        "attendu : un petit modèle parmi microcosm-en, microcosm-fr ; obtenu : 'microcosm-de' ; choisissez l'un",
        "expected a small model among microcosm-en, microcosm-fr, got 'microcosm-de'; choose one",
    ),
    "corpus": (
        lambda: open_corpus("microcosme"),
        "attendu : un corpus parmi ",
        "expected a corpus among ",
    ),
    "file": (
        lambda: read_text("absent.txt"),
        "attendu : un fichier de texte absent.txt ; obtenu : aucun fichier de ce nom ; vérifiez le chemin",
        "expected a text file at absent.txt, got no such file; check the path",
    ),
    "tokenizer": (
        lambda: train_tokenizer("char", []),
        "attendu : des textes d'au moins un caractère ; obtenu : aucun ; donnez des textes",
        "expected texts with at least one char, got none; give texts to train on",
    ),
    "windows": (
        lambda: WindowBatches(torch.ones(4), 1, 4),
        "attendu : un texte d'au moins 5 jetons (le contexte et un de plus) ; obtenu : 4 jetons ; donnez un texte",
        "expected a text of at least 5 tokens (the context and one more), got 4 tokens; give a longer text",
    ),
    "rows": (
        lambda: Microcosm("fr").floor.causal([[2, 7, 4, 8, 3]]),
        "attendu : des mots visibles ; obtenu : [MASK] à la ligne 0 ; donnez les lignes avant le masquage",
        "expected visible words, got [MASK] in row 0; give the rows before they are corrupted",
    ),
    "floor": (
        lambda: compare_with_floor(text_run()),
        "attendu : un corpus Microcosm, dont le plancher est connu ; obtenu : ",
        "expected a Microcosm corpus, whose floor is known, got ",
    ),
    "losses": (
        lambda: compare([1.0, float("nan")], ROWS),
        "attendu : 3 pertes finies, au moins une, chacune pour une prédiction ; obtenu : la forme (2,) avec des valeurs",
        "expected 3 finite losses, at least one, a prediction each, got shape (2,) with values that are not finite; ",
    ),
    "divergence": (
        lambda: eight_steps_without_a_number(),
        "attendu : une perte et un gradient finis à l'étape 8 ; obtenu : une perte de nan et un gradient de norme 1, à la "
        "dernière de 8 étapes sautées d'affilée ; "
        "diminuez le taux d'apprentissage (son maximum est 0.01)",
        "expected a finite loss and gradient at step 8, got a loss of nan and a gradient of norm 1, the last of 8 steps "
        "skipped in a row; "
        "lower the learning rate (its peak is 0.01)",
    ),
    "learning rate": (
        lambda: require_finite({"learning rate": float("inf"), "next": 1.0}, 2, text("stop", "arrêtez")),
        "attendu : des nombres finis à l'étape 2 ; obtenu : taux d'apprentissage inf ; arrêtez",
        "expected finite numbers at step 2, got learning rate inf; stop",
    ),
    "device": (
        lambda: choose_device("gpu"),
        "attendu : auto, cpu ou cuda pour device ; obtenu : 'gpu' ; auto choisit d'après le matériel",
        "expected device to be auto, cpu or cuda, got 'gpu'; auto chooses by the hardware",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_an_error_reads_in_the_language_of_the_notebook(name):
    call, french, english = REFUSED[name]
    with pytest.raises(InputError) as error:
        call()
    assert str(error.value).startswith(english)
    set_language("fr")
    said = str(error.value)
    assert said.startswith(french)
    assert "{" not in said and not re.search(r"\b(expected|got|the|with|give|choose)\b", said)
    assert re.fullmatch(r"attendu : .+ ; obtenu : .+ ; .+", said)
    with pytest.raises(InputError) as error:
        call()
    assert str(error.value) == said, "raised in French, it says the same"


def test_a_model_without_its_memory_says_so_in_french():
    set_language("fr")
    with pytest.raises(InputError, match="au plus 8 jetons"):
        CausalLM(CONFIG)(torch.ones(1, 9).long())


def test_a_leak_is_told_in_both_languages():
    many = Nats(torch.ones(90).numpy(), torch.arange(90).numpy(), torch.ones(90).long().numpy())
    losses = torch.full((90,), 0.5) + torch.linspace(-0.1, 0.1, 90)
    with pytest.raises(LeakError) as error:
        compare(losses, many)
    assert not isinstance(error.value, InputError)
    assert re.fullmatch(
        r"expected a loss of at least the floor of 1\.0000 nats, got 0\.5000 \([\d.]+ standard errors below\); "
        r"the model sees what it must predict, or model and floor were given different batches",
        str(error.value),
    )
    set_language("fr")
    assert "au plancher de 1.0000 nats ; obtenu : 0.5000 (" in str(error.value)


def test_what_another_library_says_stays_in_its_words():
    where = text("the dataset x, split dev", "l'ensemble de données x, partie dev")
    error = explained(ValueError("Bad split: dev."), "x", where)
    assert (
        str(error)
        == "expected the dataset x, split dev, got Bad split: dev; name a split: hub:x:CONFIG:SPLIT"
    )
    set_language("fr")
    assert str(error).startswith(
        "attendu : l'ensemble de données x, partie dev ; obtenu : Bad split: dev ; nommez"
    )


def test_a_tokenizer_folder_is_named_in_french(tmp_path):
    (tmp_path / "tokenizer.json").write_text("{}")
    set_language("fr")
    with pytest.raises(
        InputError, match=r"un tokenizer du genre char, word, bpe, wordpiece dans .*obtenu : le genre None"
    ):
        load_tokenizer(tmp_path)


# The error itself


def both_ways(**parts):
    given = {"expected": text("a mask", "un masque"), "got": "'il'", "remedy": text("add it", "ajoutez-le")}
    return InputError(**{**given, **parts})


def test_the_language_is_that_of_the_moment_when_it_is_shown():
    error = both_ways()
    assert str(error) == "expected a mask, got 'il'; add it"
    set_language("fr")
    assert str(error) == "attendu : un masque ; obtenu : 'il' ; ajoutez-le"
    assert (error.expected, error.got, error.remedy) == ("un masque", "'il'", "ajoutez-le")
    set_language("en")
    assert (error.expected, error.got, error.remedy) == ("a mask", "'il'", "add it")
    assert current_language() == "en"


def test_plain_strings_are_the_same_in_both_languages():
    error = InputError(expected="k = 3", got="{k}", remedy="see above")
    assert str(error) == "expected k = 3, got {k}; see above"
    set_language("fr")
    assert str(error) == "attendu : k = 3 ; obtenu : {k} ; see above"


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda e: pickle.loads(pickle.dumps(e))])
def test_an_error_can_be_copied_and_sent(again):
    error = both_ways()
    error.add_note("seen in cell 3")
    for other in (again(error), again(LeakError(expected="a", got="b", remedy="c"))):
        assert type(other) in (InputError, LeakError)
    other = again(error)
    assert str(other) == str(error) and other.args == error.args and other.__notes__ == ["seen in cell 3"]
    set_language("fr")
    assert str(other) == "attendu : un masque ; obtenu : 'il' ; ajoutez-le"


def test_what_is_still_to_be_written_is_said_in_one_language():
    error = ExerciseNotDone("causal_mask: à écrire dans le carnet / to be written in the notebook")
    assert str(error) == "causal_mask: to be written in the notebook"
    set_language("fr")
    assert str(error) == "causal_mask : à écrire dans le carnet"
    assert str(ExerciseNotDone("causal_mask")) == "causal_mask" and str(ExerciseNotDone()) == ""


# Verdicts

# Exercises with a check that reads what an error says, or that calls a helper which refuses.
REFUSING = (
    "BertEmbeddings",
    "fill_mask",
    "log_probability_bias",
    "pseudo_log_likelihood",
    "cluster_bootstrap",
    "calibration",
)


@pytest.mark.parametrize("name", REFUSING)
def test_a_right_answer_has_all_its_points_in_french_too(name):
    set_language("fr")
    exercise, staff = load_exercise(name), load_staff_exercise(name)
    for checks in (None, staff.hidden):
        report = examine(exercise, staff.reference, checks)
        assert report.earned == report.maximum, [r.check.name for r in report.results if r.got]
