"""A whole examination: every measure, its intervals and nulls, the page, and what a stopped one keeps."""

from __future__ import annotations

import csv
import json
import math
import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from tiny_bert import tiny_bert
from typer.testing import CliRunner

from attentif.bias.options import option_scores
from attentif.bias.pairs import own_pairs
from attentif.bias.public_pairs import LABELS
from attentif.checks.text import set_language
from attentif.cli import app
from attentif.errors import InputError
from attentif.language import text
from attentif.pretrained import masked_model
from attentif.probing import Measure, Outcome, Reading, examine, measures_of, write_report
from attentif.probing.asking import by_name, preferences, share_reading, without_unknown
from attentif.probing.page import _row
from attentif.probing.public_measures import files_not_asked, public_measures
from attentif.probing.suite import subject_of
from attentif.probing.summary import control

transformers = pytest.importorskip("transformers", reason="the small models are transformers' own")


@pytest.fixture(scope="module")
def subject():
    return subject_of(*masked_model("microcosm-en"), "en")


@pytest.fixture(autouse=True)
def english():
    set_language("en")
    yield
    set_language("en")


def counted(calls, key="counted", fails=()):
    """A measure that notes whom it asked: the mean of the first weights, and their number of questions."""

    def run(subject):
        calls.append(key)
        if key in fails:
            raise InputError(expected="more words", got="none", remedy="another model")
        first = next(subject.model.parameters()).double().mean().item()
        return Outcome((Reading("weight", first, first - 1, first + 1, 9, 9.0),), ("a remark",), 3, ("zut",))

    return Measure(key, "bias", text("Counted", "Compté"), text("It counts.", "Il compte."), "nats", 0.0, run)


def test_each_measure_is_kept_at_once_and_read_back(subject, tmp_path):
    calls, told = [], []
    measures = [counted(calls, "one"), counted(calls, "two")]
    found = examine(subject, measures, tmp_path, null_seeds=2, told=told.append)
    assert calls == ["one"] * 3 + ["two"] * 3 == told
    (reading,) = found["one"].readings
    assert len(reading.null) == 2 and reading.null[0] != reading.null[1] != reading.estimate
    again = examine(subject, measures, tmp_path, null_seeds=2, told=told.append)
    assert again == found and len(calls) == 6 and len(told) == 12
    # Another model, language or number of nulls is measured again; a file that is not whole too.
    examine(subject, measures[:1], tmp_path, null_seeds=3)
    assert len(calls) == 10
    (tmp_path / "outcomes" / "one.json").write_text('{"format": 1, "exam', encoding="utf-8")
    examine(subject, measures[:1], tmp_path, null_seeds=3)
    assert len(calls) == 14
    examine(replace(subject, sentences=subject.sentences[:3]), measures[:1], tmp_path, null_seeds=3)
    assert len(calls) == 18
    other = subject_of(*masked_model("microcosm-en"), "en")
    with torch.no_grad():
        next(other.model.parameters())[0, 0] += 1
    examine(other, measures[:1], tmp_path, null_seeds=3)
    assert len(calls) == 22


def test_what_cannot_be_measured_does_not_stop_the_rest(subject, tmp_path):
    calls = []
    found = examine(subject, [counted(calls, "bad", fails=("bad",)), counted(calls, "good")], tmp_path, 2)
    assert calls == ["bad", "good", "good", "good"]
    assert "more words" in found["bad"].refused and not found["bad"].readings
    assert len(found["good"].readings) == 1


def test_a_stopped_examination_goes_on(subject, tmp_path):
    calls = []

    def stopped(_):
        raise KeyboardInterrupt

    first, second = counted(calls, "first"), counted(calls, "second")
    with pytest.raises(KeyboardInterrupt):
        examine(subject, [first, replace(second, run=stopped)], tmp_path, 2)
    examine(subject, [first, second], tmp_path, 2)
    assert calls == ["first"] * 3 + ["second"] * 3


def test_nulls_are_those_of_models_of_the_same_shape_drawn_again(subject, tmp_path):
    seen = []

    def run(asked):
        seen.append({name: tuple(weights.shape) for name, weights in asked.model.state_dict().items()})
        value = float(next(asked.model.parameters()).detach().std())
        return Outcome((Reading("spread", value, value, value, 5, 5.0),), (), 1)

    measure = replace(counted([]), run=run)
    before = torch.get_rng_state()
    (reading,) = examine(subject, [measure], tmp_path, 2)["counted"].readings
    assert seen[0] == seen[1] == seen[2]
    assert torch.equal(before, torch.get_rng_state())
    assert reading.null == examine(subject, [measure], tmp_path / "again", 2)["counted"].readings[0].null


def test_small_samples_are_named_and_not_shown():
    values = {"many": [1.0, 0.0, 1.0, 1.0, 0.0, 1.0], "few": [1.0] * 12}
    groups = {"many": range(6), "few": [0, 1, 2, 3] * 3}
    readings, remarks = by_name(values, groups, read=share_reading)
    assert [each.name for each in readings] == ["many"]
    assert readings[0].estimate == pytest.approx(400 / 6) and readings[0].n_groups == 6
    assert remarks == ("Left out, for want of 5 independent groups: few.",)


def test_shares_stay_shares_and_unanimity_is_no_certainty():
    skewed = share_reading("a", [0.0, 1.0, 0.0, 0.0, 0.0], range(5))
    assert 0 <= skewed.low < 20 < skewed.high <= 100
    unanimous = share_reading("b", [1.0] * 10, range(10))
    assert unanimous.high == 100 and unanimous.low == pytest.approx(
        69.15, abs=0.01
    )  # exact: 0.025 ** (1 / 10)


def test_preferences_and_unknown_words():
    assert preferences(np.array([[-1.0, -2.0], [-2.0, -1.0], [-1.0, -1.0]])).tolist() == [1.0, 0.0, 0.5]
    tokenizer = masked_model("microcosm-en")[1]
    kept, unknown = without_unknown(tokenizer, own_pairs("en"))
    assert len(kept) < 10 and "sister" in unknown


def test_every_measure_speaks_both_languages():
    for measure in measures_of("all"):
        assert set(measure.title) == set(measure.meaning) == {"fr", "en"}
    assert {each.suite for each in measures_of("bias")} == {"competence", "bias"}
    assert {each.suite for each in measures_of("limits")} == {"competence", "limits"}
    keys = [each.key for each in measures_of("all")]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("language", [pytest.param("fr", marks=pytest.mark.slow), "en"])
def test_the_whole_examination_of_a_small_model(language, tmp_path):
    asked = ["probe", f"microcosm-{language}", "--suite", "all", "--out", str(tmp_path), "--null-seeds", "2"]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.output
    kept = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert kept["language"] == language and kept["null_seeds"] == 2
    rows = list(csv.DictReader((tmp_path / "readings.csv").open(encoding="utf-8")))
    assert {"perplexity", "occupations", "multiverse", "word-order"} <= {row["measure"] for row in rows}
    assert {"negation", "facts", "numbers"} <= {row["measure"] for row in rows}
    for row in rows:
        assert int(row["n_groups"]) >= 2 and int(row["null_models"]) == 2
        if row["low"]:
            assert float(row["low"]) <= float(row["high"])
        assert float(row["null_low"]) <= float(row["null_mean"]) <= float(row["null_high"])
    items = list(csv.DictReader((tmp_path / "items.csv").open(encoding="utf-8")))
    told = [float(item["score_first"]) for item in items if item["category"] == planted_first(rows)]
    (shown,) = [row for row in rows if row["measure"] == "occupations" and row["name"] == planted_first(rows)]
    assert len(told) in (6, 7) and np.mean(told) == pytest.approx(float(shown["estimate"]))
    planted = [
        (float(row["reference"]), float(row["estimate"])) for row in rows if row["measure"] == "occupations"
    ]
    assert len(planted) > 14 and np.corrcoef(*zip(*planted, strict=True))[0, 1] > 0.8
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert f'<html lang="{language}">' in page
    pictures = re.findall(r'<img src="data:image/png;base64,[^"]+" alt="([^"]+)"', page)
    assert len(pictures) >= 4 and all(len(alt) > 20 for alt in pictures)
    assert ("Not measured" if language == "en" else "Non mesuré") in page


def planted_first(rows):
    return next(row["name"] for row in rows if row["measure"] == "occupations")


def test_the_report_of_another_examination_is_not_written_over(tmp_path):
    asked = ["probe", "microcosm-en", "--out", str(tmp_path), "--null-seeds", "0", "--suite"]
    assert CliRunner().invoke(app, [*asked, "limits"]).exit_code == 0
    before = {path.name: path.read_bytes() for path in tmp_path.glob("*.*")}
    for others, told in (
        (["probe", "microcosm-fr", *asked[2:], "limits"], "the report of microcosm-en, other weights"),
        ([*asked, "bias"], "one with more measures"),
    ):
        done = CliRunner().invoke(app, others)
        set_language("en")
        assert done.exit_code and told in str(done.exception)
        assert {path.name: path.read_bytes() for path in tmp_path.glob("*.*")} == before
    assert CliRunner().invoke(app, [*asked, "all"]).exit_code == 0


@pytest.mark.parametrize("where", ["file", "device"])
def test_what_cannot_be_written_or_run_is_one_line(where, tmp_path):
    (tmp_path / "file").write_text("mine")
    asked = [
        "probe",
        "microcosm-en",
        "--suite",
        "limits",
        "--null-seeds",
        "0",
        "--out",
        str(tmp_path / "file"),
    ]
    done = CliRunner().invoke(app, [*asked, *(["--device", "wheel"] if where == "device" else [])])
    assert isinstance(done.exception, InputError) and (tmp_path / "file").read_text() == "mine"
    assert ("that can be written" if where == "file" else "auto, cpu or cuda") in str(done.exception)


def test_measures_on_files_are_taken_again_when_these_change(subject, tmp_path):
    calls, file = [], tmp_path / "data.csv"
    file.write_text("one")
    measure = replace(counted(calls), files=(file,))
    examine(subject, [measure], tmp_path, 0)
    examine(subject, [measure], tmp_path, 0)
    assert len(calls) == 1
    file.write_text("two")
    examine(subject, [measure], tmp_path, 0)
    assert len(calls) == 2


@pytest.mark.parametrize("n_groups", [5, 6, 8, 12, 28])
@pytest.mark.parametrize("chance", [0.5, 0.8, 0.9])
def test_the_interval_of_a_few_answers_holds_its_level(n_groups, chance):
    """Enumerated: how often the interval of k right answers out of n holds the true share."""
    held = 0.0
    for right in range(n_groups + 1):
        values = [1.0] * right + [0.0] * (n_groups - right)
        found = share_reading("a", values, range(n_groups))
        doubled = share_reading("a", values * 2, [*range(n_groups)] * 2)  # with one voice, twice
        assert (found.low, found.high) == (doubled.low, doubled.high)
        weight = math.comb(n_groups, right) * chance**right * (1 - chance) ** (n_groups - right)
        held += weight * (found.low <= 100 * chance <= found.high)
    assert held >= 0.95


def test_groups_that_all_say_the_same_leave_no_interval():
    found = share_reading("a", [1.0, 0.0] * 8, [number for number in range(8) for _ in range(2)])
    assert found.estimate == 50 and not found.bounded and not found.leaves_out(0.0)
    assert not found.stands_out(0.0)
    page = _row(found, 1, 50.0)
    assert page["estimate"] == "50.0"


def test_what_stands_out():
    reading = Reading("a", 60.0, 55.0, 65.0, 9, 9.0)
    assert reading.stands_out(50.0)
    assert not replace(reading, low=49.0).stands_out(50.0)
    assert not replace(reading, null=(40.0, 56.0)).stands_out(50.0)
    assert replace(reading, null=(40.0, 54.0)).stands_out(50.0)
    assert not replace(reading, chance=57.0).stands_out(50.0)
    assert replace(reading, chance=100.0, null=(70.0, 80.0)).stands_out(50.0)


def outcome_of(*readings):
    return Outcome(tuple(readings), (), 9)


def test_the_control_comes_before_preferences():
    right, wrong = Reading("a", 90.0, 80.0, 95.0, 9, 9.0), Reading("a", 55.0, 45.0, 65.0, 9, 9.0)
    surprise = Reading("a", 2.0, 1.0, 3.0, 9, 9.0, null=(5.0, 6.0))
    assert control({"competence-pairs": outcome_of(right)})[0]
    passed, said = control({"competence-pairs": outcome_of(wrong), "perplexity": outcome_of(surprise)})
    assert not passed and "55.0 [45.0; 65.0]" in said
    passed, said = control({"competence-pairs": Outcome(refused="x"), "perplexity": outcome_of(surprise)})
    assert passed and "2.00 [1.00; 3.00]" in said
    assert not control({"perplexity": outcome_of(replace(surprise, null=(2.5, 6.0)))})[0]
    assert not control({})[0]


def test_a_model_may_be_called_anything(subject, tmp_path):
    calls = []
    measures = [counted(calls)]
    outcomes = examine(subject, measures, tmp_path, 0)
    write_report(
        tmp_path, "<script>alert(1)</script>", measures, outcomes, {"null_seeds": 0, "language": "en"}
    )
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<script" not in page and "No model with random weights was asked" in page
    assert "a remark" in page and "zut" in page


def test_a_model_of_words_in_pieces_is_asked_our_pairs(tmp_path):
    (tmp_path / "model").mkdir()
    tiny_bert(tmp_path / "model")
    model, tokenizer = masked_model(str(tmp_path / "model"))
    asked = subject_of(model, tokenizer, "fr")
    found = examine(asked, measures_of("all"), tmp_path / "out", 0)
    everything = found["pairs"].readings[0]
    assert everything.n_groups > 60 and found["pairs"].n_used > 200 and everything.low < 50 < everything.high
    assert len(found["four-definitions"].readings) >= 3
    assert found["sensitivity"].readings and found["negation"].refused
    for outcome in found.values():
        assert outcome.readings or outcome.refused


def test_public_sets_are_asked_where_their_files_are(tmp_path):
    (tmp_path / "model").mkdir()
    tiny_bert(tmp_path / "model")
    model, tokenizer = masked_model(str(tmp_path / "model"))
    asked = subject_of(model, tokenizer, "en")
    with pytest.raises(InputError, match="crows_pairs_anonymized"):
        public_measures(tmp_path, "en")
    files = tmp_path / "files" / "below"
    files.mkdir(parents=True)
    rows = [
        (pair.more, pair.less, pair.direction, "gender")
        for pair in own_pairs("en", "gender", "stereotype")[:60]
    ]
    with (files / "crows_pairs_anonymized.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["", "sent_more", "sent_less", "stereo_antistereo", "bias_type"])
        writer.writerows([number, *row] for number, row in enumerate(rows))
        writer.writerow([60, "The same.", "The same.", "stereo", "gender"])  # a defect that public files have
    (files / "templates.tsv").write_text(
        "occupation(0)\tother-participant(1)\tanswer\tsentence\n"
        + "".join(
            f"{name}\tguest\t0\tThe $OCCUPATION said that $NOM_PRONOUN was ill.\n" for name in "abcdef"
        ),
        encoding="utf-8",
    )
    (files / "occupations-stats.tsv").write_text(
        "occupation\tbergsma_pct_female\tbls_pct_female\tbls_year\n"
        + "".join(f"{name}\t50\t{10 * number}\t2015\n" for number, name in enumerate("abcdef")),
        encoding="utf-8",
    )
    fruits, animals = ["apple", "pear", "plum", "fig", "date"], ["rat", "cat", "dog", "hen", "cow"]
    for kind, sets in {
        "weat9": (["nurse", "ale"], ["animal", "rat"], ["he"], ["she"]),
        "sent-weat9": (
            ["This is a nurse.", "A nurse is here.", "This is ale."],
            ["This is an animal.", "This is a rat.", "A rat is here."],
            ["This is he.", "He is here."],
            ["This is she."],
        ),
        "weat1": (fruits, animals, ["he"], ["she"]),
        "sent-weat1": (
            [f"{start} a {word}." for word in fruits for start in ("This is", "Here is")],
            [f"This is a {word}." for word in animals],
            ["This is he."],
            ["This is she."],
        ),
    }.items():
        keys = ("targ1", "targ2", "attr1", "attr2")
        lists = {key: {"category": key, "examples": each} for key, each in zip(keys, sets, strict=True)}
        (files / f"{kind}.jsonl").write_text(json.dumps(lists), encoding="utf-8")
    professions = {"female": ["nurse", "cook", "clerk", "maid", "teacher"], "male": ["zzzq", "mason"]}
    (files / "professions_english.json").write_text(json.dumps(professions), encoding="utf-8")
    (files / "sent_patterns_english.txt").write_text("{} is a {}.\nHere {}, the {}, sat.\n", encoding="utf-8")
    (files / "en_template.tsv").write_text(
        "template_masked\traw\tidentity\tnumber\tcategory\ttype\n"
        + "".join(
            f"the {who} {verb} the [M].\t[I] {verb} the [M]\t{who}\tsingular\t{kind}\tdescriptive_verb\n"
            for who, kind in (("woman", "female"), ("man", "male"))
            for verb in ("saw", "knew", "met", "likes", "was")
        ),
        encoding="utf-8",
    )
    (files / "hurtlex_EN.tsv").write_text("lemma\tlevel\nQqqzz\tconservative\n", encoding="utf-8")
    (files / "NEG-136-SIMP.tsv").write_text(
        "context_aff\tcontext_neg\ttarget_aff\ttarget_neg\n"
        + "".join(
            f"A {name} is a\tA {name} is not a\the\tshe\n"
            for name in ("sparrow", "robin", "tiger", "cod", "ant")
        ),
        encoding="utf-8",
    )
    cases = [
        {
            "id": str(number), "target": target, "bias_type": "gender",
            "context": f"the {target} is BLANK.",
            "sentences": [
                {"gold_label": label, "sentence": f"the {target} is {word}."}
                for label, word in zip(LABELS, words, strict=True)
            ],
        }
        for number, (target, words) in enumerate(
            zip(["nurse", "cook", "clerk", "teacher", "man", "woman"], [("a nurse", "a man", "a rat"), *[("he", "she", "here")] * 5], strict=True)
        )
    ]  # fmt: skip
    (files / "dev.json").write_text(json.dumps({"data": {"intrasentence": cases}}), encoding="utf-8")
    (files / "other.csv").write_text("a,b", encoding="utf-8")
    measures = public_measures(tmp_path / "files", "en")
    assert files_not_asked(tmp_path / "files", measures) == ["other.csv"]
    bias = ["crows-pairs", "stereoset", "bec-pro", "honest", "winogender", "seat"]
    assert [measure.key for measure in measures] == [*bias, "neg-136-simp"]
    assert [measure.key for measure in public_measures(tmp_path / "files", "en", "bias")] == bias
    with pytest.raises(InputError, match="NEG-136-SIMP"):
        public_measures(tmp_path / "files", "fr", "limits")
    found = examine(asked, measures, tmp_path / "out", 2)
    crows = found["crows-pairs"]
    assert crows.n_used + crows.n_left_out == 60 and crows.n_used > 50 and crows.unknown
    assert crows.readings[0].n_groups >= 10 and len(crows.readings[0].null) == 2
    more = np.array([item["score_first"] - item["score_second"] for item in crows.items])
    assert crows.readings[0].estimate == pytest.approx(50 * (1 + np.sign(more)).mean())
    stereo = found["stereoset"]
    assert not stereo.refused and stereo.n_used == 6 and stereo.readings[0].n_groups == 6
    first = stereo.items[0]
    assert first["first"] == "the nurse is [MASK]." and first["second"] == "a nurse / a man / a rat"
    (scored,) = option_scores(model, tokenizer, [first["first"]], [["a nurse", "a man", "a rat"]])
    assert [first[f"score_{which}"] for which in ("first", "second", "third")] == pytest.approx(list(scored))
    assert "metric" in crows.remarks[0] and "the two sentences are the same (1)" in crows.remarks[1]
    (by_kind,) = found["bec-pro"].readings
    assert by_kind.n_groups == 5 and "men" in found["bec-pro"].remarks[0]
    # None of the completions is in that lexicon, which still leaves a doubt.
    women, men = found["honest"].readings
    assert (women.estimate, women.low, women.n_groups) == (0.0, 0.0, 5) and 0 < women.high == men.high < 100
    assert -1 <= found["winogender"].readings[0].low <= found["winogender"].readings[0].high <= 1
    assert len(found["neg-136-simp"].readings) == 3 and found["neg-136-simp"].n_used == 5
    seat = found["seat"]
    (remark,) = seat.remarks
    assert (
        remark.startswith("sent-weat9: targ1 / targ2 × attr1 / attr2: d = ")
        and "without an interval" in remark
    )
    (reading,) = seat.readings
    assert reading.name == "sent-weat1: targ1 / targ2 × attr1 / attr2" and 0 < reading.p_value <= 1
    assert reading.n_groups == 10 and reading.low <= reading.estimate <= reading.high
    assert len(reading.null) == 2
    write_report(tmp_path / "out", "tiny", measures, found, {"null_seeds": 2, "language": "en"})
    assert "CrowS-Pairs" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["--suite", "all"], "--out with a folder"),
        (["--suite", "most", "--out", "x"], "all, bias, limits"),
        (["--suite", "all", "--out", "x", "--text", "a [MASK]"], "--suite alone"),
        (["--suite", "all", "--out", "x", "--null-seeds", "1"], "--null-seeds of 0, or 2 and more"),
        (["--suite", "all", "--out", "x", "--language", "de"], "a language among fr and en"),
        (["--suite", "all", "--out", "x", "--language", "fr"], "--language en"),
        ([], "--text with a [MASK]"),
    ],
)
def test_bad_requests_are_refused_in_one_line(asked, told, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["probe", "microcosm-en", *asked])
    assert done.exit_code != 0
    assert told in str(done.exception) + done.output
    assert not (tmp_path / "x" / "report.html").exists()
