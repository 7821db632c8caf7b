"""Readers of the public sets: on files made here in the same form, on bad ones, and on the real ones where they are."""

from __future__ import annotations

import csv
import http.server
import json
import subprocess
import sys
import threading
from functools import partial

import pytest
from hub_stand_in import environment, hub
from public_sets import public_set

from attentif.bias.association import ATTRIBUTE, TARGET
from attentif.bias.benchmark_files import (
    load_bec_pro,
    load_honest,
    load_hurtlex,
    load_winogender,
    load_winogender_shares,
)
from attentif.bias.public_pairs import load_crows_pairs, load_stereoset
from attentif.bias.tables import local_copy, read_table
from attentif.errors import InputError

CROWS = (
    ",sent_more,sent_less,stereo_antistereo,bias_type,annotations,anon_writer\n"
    '0,"Les vieux dorment, souvent.","Les jeunes dorment, souvent.",stereo,age,"[[\'age\'], [\'age\'], []]",a0\n'
    "8,Il est docteur.,Elle est docteur.,antistereo,gender,\"[['gender']]\",a1\n"
)
STEREOSET = {
    "version": "1.0",
    "data": {
        "intersentence": [{"id": "no context"}],
        "intrasentence": [
            {
                "id": "i1", "target": "chess player", "bias_type": "profession", "context": "The player was BLANK.",
                "sentences": [
                    {"id": "s1", "sentence": "The player was fox.", "gold_label": "unrelated", "labels": []},
                    {"id": "s2", "sentence": "The player was hispanic.", "gold_label": "anti-stereotype"},
                    {"id": "s3", "sentence": "The player was asian.", "gold_label": "stereotype"},
                ],
            }
        ],
    },
}  # fmt: skip
HURTLEX = (
    "id\tpos\tcategory\tstereotype\tlemma\tlevel\n"
    "EN1\tn\tan\tno\trat\tconservative\nEN2\tn\tqas\tno\trat\tconservative\n"
    "EN3\tn\tan\tno\tmouse\tinclusive\nEN4\tn\tqas\tno\told fool\tconservative\n"
)
HONEST = (
    "template_masked\traw\tidentity\tnumber\tcategory\ttype\n"
    "la  femme rêve de [M].\t[I] rêve de [M]\tfemme\tsingular\tfemale\tdescriptive_verb\n"
)
SHARES = "occupation\tbergsma_pct_female\tbls_pct_female\tbls_year\nbaker\t27.5\t60.25\t2015\n"
TEMPLATES = (
    "occupation(0)\tother-participant(1)\tanswer\tsentence\n"
    "baker\tguest\t0\tThe $PARTICIPANT saw that $NOM_PRONOUN was late, and the $OCCUPATION lost $POSS_PRONOUN hat.\n"
)


@pytest.fixture
def file(tmp_path):
    def write(content, name="file.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(content.encode(encoding))
        return path

    return write


# What is read


@pytest.mark.parametrize("mark", [",", "\t", ";"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_crows_pairs_is_read_whatever_its_commas(file, mark, encoding):
    rows = list(csv.reader(CROWS.splitlines()))
    lines = [mark.join(f'"{cell}"' if mark in cell or "," in cell else cell for cell in row) for row in rows]
    first, second = load_crows_pairs(file("\r\n".join(lines), encoding=encoding))
    assert (first.id, first.category, first.direction, first.words) == (
        "0",
        "age",
        "stereo",
        ("vieux", "jeunes"),
    )
    assert first.more == "Les vieux dorment, souvent." and first.agreement == pytest.approx(2 / 3)
    # `more` is the stereotyped sentence in both directions; the disadvantaged group's word comes first.
    assert (second.id, second.more, second.words) == ("8", "Il est docteur.", ("elle", "il"))
    assert second.direction == "antistereo" and second.kind == "stereotype" and second.agreement == 1


def test_the_french_file_has_no_annotations(file):
    said = "id,sent_more,sent_less,stereo_antistereo,bias_type\n129,Les esclaves dorment.,,stereo,socioeconomic\n"
    (pair,) = load_crows_pairs(file(said))
    assert (pair.id, pair.less, pair.agreement) == ("129", "", None)


def test_stereoset_is_read(file):
    (item,) = load_stereoset(file(json.dumps(STEREOSET)))
    assert (item.id, item.target, item.category, item.context) == (
        "i1", "chess player", "profession", "The player was BLANK.",
    )  # fmt: skip
    assert [s.split()[-1] for s in (item.stereotype, item.antistereotype, item.unrelated)] == [
        "asian.", "hispanic.", "fox.",
    ]  # fmt: skip


def test_bec_pro_becomes_templates(file):
    professions = file(json.dumps({"female": ["nurse"], "male": ["mason", "roofer"]}), "p.json")
    found = load_bec_pro(professions, file("{} is a {}.\n\n{}, the {}, had a good day.\n", "patterns.txt"))
    assert found.professions == {"female": ("nurse",), "male": ("mason", "roofer")}
    assert found.templates == (f"{TARGET} is a {ATTRIBUTE}.", f"{TARGET}, the {ATTRIBUTE}, had a good day.")


def test_honest_is_read_with_its_spaces_mended(file):
    (found,) = load_honest(file(HONEST, "fr.tsv"))
    assert (found.text, found.frame) == ("la femme rêve de [MASK].", "[I] rêve de [M]")
    assert (found.identity, found.number, found.category, found.type) == (
        "femme", "singular", "female", "descriptive_verb",
    )  # fmt: skip


def test_hurtlex_gives_the_words_of_a_level(file):
    """Its own rows name a word once a category; the two levels are told apart."""
    path = file(HURTLEX, "hurtlex_EN.tsv")
    assert load_hurtlex(path) == ("rat", "old fool") and load_hurtlex(path, "inclusive") == ("mouse",)


def test_winogender_is_written_out(file):
    (found,) = load_winogender(file(TEMPLATES, "t.tsv"))
    assert (found.answer, found.participant) == ("baker", "guest")
    assert found.written("female") == "The guest saw that she was late, and the baker lost her hat."
    assert (
        found.written("neutral", "someone")
        == "Someone saw that they were late, and the baker lost their hat."
    )
    shares = load_winogender_shares(file(SHARES, "s.tsv"))
    assert (shares["baker"].bergsma, shares["baker"].bls, shares["baker"].year) == (27.5, 60.25, 2015)


# Bad files


@pytest.mark.parametrize(
    ("load", "content", "said"),
    [
        (load_crows_pairs, "", "an empty file (0 bytes"),
        (load_crows_pairs, " \n \n", "an empty file"),
        (load_crows_pairs, "sent_more,sent_less,bias_type\na,b,c\n", "the column stereo_antistereo once in file.csv"),
        (load_crows_pairs, "<html>\n<body>404: Not Found</body>", "got <html>"),
        (load_crows_pairs, CROWS.splitlines()[0], "rows under the heading of file.csv, got none"),
        (load_crows_pairs, CROWS + "9,a,b,stereo,age\n", "7 cells in each row of file.csv, as in its heading, got 5 near line 4"),
        (load_crows_pairs, CROWS.replace("stereo,age", "stéréo,age"), "stereo / antistereo, got 'stéréo' in row 0"),
        (load_crows_pairs, "sent_more,sent_less,stereo_antistereo,bias_type,bias_type\n", "the column bias_type once"),
        (load_honest, HONEST.replace("[M].", "…"), "a template with [M] once"),
        (load_honest, TEMPLATES, "the column template_masked, raw, identity"),
        (load_hurtlex, HURTLEX.replace("conservative", "loose"), "words of the level conservative, got inclusive, loose"),
        (load_hurtlex, HONEST, "the column lemma, level"),
        (load_winogender, TEMPLATES.replace("\t0\t", "\t2\t"), "an answer of 0 or 1, got '2'"),
        (load_winogender_shares, SHARES.replace("27.5", "n/a"), "three numbers an occupation, got baker n/a"),
        (load_stereoset, "{", "JSON in file.csv, got a fault in line 1"),
        (load_stereoset, "[]", "file.csv to hold data.intrasentence"),
        (load_stereoset, '{"data": {"intrasentence": []}}', "items in file.csv, got none"),
        (load_stereoset, json.dumps(STEREOSET).replace("BLANK", "____"), "a context with BLANK"),
        (load_stereoset, json.dumps(STEREOSET).replace('"unrelated"', '"related"'), "3 labelled sentences"),
        (lambda path: load_bec_pro(path, path), '["nurse"]', "lists of professions by kind"),
        (lambda path: load_bec_pro(path, path), '{"female": [1]}', "lists of professions by kind"),
        (lambda path: load_bec_pro(path, path), '{"female": ["nurse"]}', "two slots {} in each pattern"),
    ],
)  # fmt: skip
def test_a_bad_file_gets_one_line(file, load, content, said):
    with pytest.raises(InputError) as caught:
        load(file(content))
    assert said in str(caught.value) and "\n" not in str(caught.value)


def test_other_encodings_and_missing_files_get_one_line(file, tmp_path):
    for path, said in (
        (file(CROWS.replace("jeunes", "âgés"), encoding="latin-1"), "UTF-8"),
        (file(CROWS, encoding="utf-16"), "UTF-16"),
        (tmp_path / "none.csv", "no such file"),
        (tmp_path, "a folder"),
    ):
        with pytest.raises(InputError, match=said) as caught:
            load_crows_pairs(path)
        assert "\n" not in str(caught.value)


def test_a_neutral_gender_is_asked_for_by_name(file):
    (found,) = load_winogender(file(TEMPLATES, "t.tsv"))
    with pytest.raises(InputError, match="one of male, female, neutral, got 'other'"):
        found.written("other")


# From an address


@pytest.fixture
def served(file, tmp_path, monkeypatch):
    """The address of a folder that holds pairs.csv, and a cache of its own."""
    file(CROWS, "pairs.csv")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_an_address_is_fetched_and_kept(served, tmp_path):
    pairs = load_crows_pairs(f"{served}/pairs.csv")
    assert [pair.words for pair in pairs] == [("vieux", "jeunes"), ("elle", "il")]
    copy = local_copy(f"{served}/pairs.csv")
    assert copy.read_text(encoding="utf-8") == CROWS and tmp_path / "cache" in copy.parents
    (tmp_path / "pairs.csv").unlink()
    assert load_crows_pairs(f"{served}/pairs.csv") == pairs  # the copy
    assert list(copy.parent.iterdir()) == [copy]


def test_a_file_of_the_hub_is_fetched(tmp_path):
    pytest.importorskip("huggingface_hub")
    code = (
        "from attentif.bias.public_pairs import load_crows_pairs\n"
        "for name in ('pairs.csv', 'none.csv'):\n"
        "    try: print(*(pair.words for pair in load_crows_pairs('hf://datasets/owner/crows/' + name)))\n"
        "    except ValueError as error: print(error)\n"
    )
    with hub({"datasets/owner/crows": {"pairs.csv": CROWS}}) as place:
        said = subprocess.run(
            [sys.executable, "-c", code],
            env=environment(tmp_path, place.address),
            capture_output=True,
            text=True,
            timeout=60,
        )
    first, second = said.stdout.splitlines()
    assert first == "('vieux', 'jeunes') ('elle', 'il')"
    assert second.startswith("expected a file at hf://datasets/owner/crows/none.csv, got ")


def test_an_address_with_nothing_there_gets_one_line(served):
    with pytest.raises(InputError, match=r"a file at http://127.0.0.1:\d+/none.csv") as caught:
        load_crows_pairs(f"{served}/none.csv")
    assert "\n" not in str(caught.value) and "check the address" in str(caught.value)


# The real files


def test_the_real_crows_pairs():
    pairs = load_crows_pairs(public_set("crows-pairs/crows_pairs_anonymized.csv"))
    assert (len(pairs), sum(pair.direction == "stereo" for pair in pairs)) == (1508, 1290)
    assert pairs[2].words == ("she … she", "he … he") or pairs[2].words == ("she", "he")
    assert all(pair.agreement is not None for pair in pairs)


def test_the_real_winogender_writes_its_own_list_of_sentences():
    templates = load_winogender(public_set("winogender/templates.tsv"))
    rows = read_table(public_set("winogender/all_sentences.tsv"), ("sentid", "sentence"))
    written = {
        f"{each.occupation}.{who or each.participant}.{int(each.answer == each.participant)}.{gender}.txt":
            each.written(gender, who)
        for each in templates for gender in ("male", "female", "neutral") for who in (None, "someone")
    }  # fmt: skip
    assert len(templates) == 120 and len(rows) == 720
    assert written == {row["sentid"]: row["sentence"] for row in rows}
    shares = load_winogender_shares(public_set("winogender/occupations-stats.tsv"))
    assert {each.occupation for each in templates} <= set(shares)


def test_the_real_bec_pro_and_honest():
    found = load_bec_pro(
        public_set("bec-pro/professions_english.json"), public_set("bec-pro/sent_patterns_english.txt")
    )
    assert {kind: len(words) for kind, words in found.professions.items()} == dict.fromkeys(
        ("female", "male", "balanced"), 20
    )
    assert len(found.templates) == 5
    for language in ("en", "fr"):
        templates = load_honest(public_set(f"honest/{language}_template.tsv"))
        assert len(templates) == 810 and not any("  " in each.text for each in templates)
