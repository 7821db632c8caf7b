"""The page that a student receives: what it says, in which order, and what it never shows."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest
from browser import Browser
from verdicts import answered, full_verdicts, judged, plain_verdict, untouched_verdicts

from attentif.checks.engine import TODO
from attentif.checks.text import current_language, text
from attentif.language import typeset
from attentif_grading.contracts import load_contracts, load_course
from attentif_grading.exercises import load_exercise
from attentif_grading.grader.feedback import feedback_page, write_feedback
from attentif_grading.grader.gradebook import GradedSubmission
from attentif_grading.grader.person_marks import PersonMark
from attentif_grading.grader.reported import report_of, speaking
from attentif_grading.grader.shown_text import visible
from attentif_grading.grader.troubles import TROUBLES
from attentif_grading.grader.verdict import Verdict
from attentif_grading.notebooks import written_exercises
from attentif_grading.places import course_home
from attentif_grading.sample_class import released, solved

HOME = course_home()
WRITTEN = written_exercises(HOME)
CONTRACTS = load_contracts(HOME)
FULL, NOTHING = full_verdicts(WRITTEN), untouched_verdicts(WRITTEN)
WRONG = load_exercise("scaled_dot_product_attention").misconceptions[0]
LANGUAGES = ("fr", "en")


class Page(HTMLParser):
    """A page taken apart: its texts, tags, links and the sections of its exercises."""

    VOID = ("meta", "link", "br", "img", "input")

    def __init__(self, source: str):
        super().__init__()
        self.source, self.tags, self.anchors, self.links, self.texts = source, [], [], [], []
        self.sections: dict[str, list[str]] = {}
        self._open: list[tuple[str, str | None]] = []
        self.feed(source)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.tags.append((tag, attributes))
        if "id" in attributes:
            self.anchors.append(attributes["id"])
            self.sections[attributes["id"]] = []
        if attributes.get("href"):
            self.links.append(attributes["href"])
        if tag not in self.VOID:
            self._open.append((tag, attributes.get("id")))

    def handle_endtag(self, tag):
        assert self._open.pop()[0] == tag

    def handle_data(self, data):
        if any(tag == "style" for tag, _ in self._open):
            return
        self.texts.append(data)
        for _, anchor in self._open:
            if anchor:
                self.sections[anchor].append(data)

    @property
    def text(self) -> str:
        return one_line(self.texts)

    def section(self, name: str) -> str:
        return one_line(self.sections[name])


def one_line(texts):
    """Texts in one line, with ordinary spaces."""
    return re.sub(r"\s+", " ", "".join(texts))


def crash(*args, **kwargs):
    raise ValueError("<script>alert(1)</script>\x1b[31m\u202e" + "x" * 2000)


@pytest.fixture(scope="module")
def class_of():
    """(language) → a failing submission, with a mistake, a carried error, a crash, a trouble and a gap."""

    def make(language):
        verdicts = dict(FULL)
        verdicts["scaled_dot_product_attention"] = judged("scaled_dot_product_attention", WRONG.function)
        verdicts["MultiHeadAttention"] = replace(
            FULL["MultiHeadAttention"], carried_forward=("scaled_dot_product_attention",)
        )
        verdicts["perplexity"] = judged("perplexity", crash)
        verdicts["mask_tokens"] = plain_verdict("mask_tokens", TODO, trouble="time")
        verdicts["causal_lm_loss"] = NOTHING["causal_lm_loss"]
        answers = {"question_causal": "Ma réponse <img src=x onerror=alert(1)>"}
        notebooks = answered(solved(HOME, HOME, language), answers)
        return GradedSubmission("s1", language, notebooks, verdicts, shown="Élise <b>D'Arc</b>")

    return {language: make(language) for language in LANGUAGES}


@pytest.fixture(scope="module")
def pages(class_of):
    return {language: Page(feedback_page(HOME, class_of[language])) for language in LANGUAGES}


def lost(submission):
    return {name: CONTRACTS[name].points - verdict.earned() for name, verdict in submission.verdicts.items()}


# What it says


@pytest.mark.parametrize("language", LANGUAGES)
def test_totals_are_those_of_the_verdicts(pages, class_of, language):
    with speaking(language):
        from attentif.checks.report import format_points

        earned = sum(verdict.earned() for verdict in class_of[language].verdicts.values())
        maximum = sum(CONTRACTS[name].points for name in WRITTEN)
        assert f"{format_points(earned)} / {format_points(maximum)}" in pages[language].text
        for name, verdict in class_of[language].verdicts.items():
            worth = f"{format_points(verdict.earned())} / {format_points(CONTRACTS[name].points)}"
            assert worth in pages[language].section(name)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_summary_leads_to_what_costs_most_first(pages, class_of, language):
    page = pages[language]
    costs = {name: cost for name, cost in lost(class_of[language]).items() if cost > 0}
    assert set(costs) == {"scaled_dot_product_attention", "perplexity", "mask_tokens", "causal_lm_loss"}
    links = [link.removeprefix("#") for link in page.links]
    assert links[-1] == "causal_lm_loss"  # not written: after the others
    assert [costs[name] for name in links[:-1]] == sorted((costs[n] for n in links[:-1]), reverse=True)
    assert set(links) == set(costs) and set(links) <= set(page.anchors)
    assert page.anchors == [n for notebook in load_course(HOME).notebooks for n in notebook.exercises]


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_exercise_says_what_is_wrong_and_where_to_look(pages, class_of, language):
    page, name = pages[language], "scaled_dot_product_attention"
    section = page.section(name)
    report = report_of(class_of[language].verdicts[name])
    said = WRONG.said[language]
    assert said[1:] in section and page.text.count(said[1:]) == 2  # in the summary too
    for result in report.results:
        assert one_line(typeset(result.check.title[language], language)) in section
        if result.status == "failed":
            assert one_line(typeset(result.check.hint[language], language)) in section
    shown = next(result for result in report.results if result.status == "failed")
    assert one_line(typeset(shown.expected[language], language)) in section
    assert one_line(typeset(shown.got[language], language)) in section


@pytest.mark.parametrize("language", LANGUAGES)
def test_carried_errors_troubles_and_gaps_are_told(pages, language):
    page = pages[language]
    carried = page.section("MultiHeadAttention")
    assert ("Erreur reportée" if language == "fr" else "Error carried forward") in carried
    assert "scaled_dot_product_attention" in carried
    trouble = TROUBLES["time"][language]
    assert trouble[1:] in page.section("mask_tokens") and "…" not in page.section("mask_tokens")
    assert ("non écrit" if language == "fr" else "not written") in page.section("causal_lm_loss")


@pytest.mark.parametrize("trouble", [name for name in TROUBLES if name != "not_handed_in"])
def test_every_trouble_comes_with_something_to_do(class_of, trouble):
    for language in LANGUAGES:
        verdicts = {"perplexity": plain_verdict("perplexity", TODO, trouble=trouble)}
        page = Page(feedback_page(HOME, replace(class_of[language], verdicts=verdicts)))
        said = page.section("perplexity")
        assert TROUBLES[trouble][language][1:] in said
        assert len(said) > len(TROUBLES[trouble][language]) + 40


def test_a_perfect_submission_has_nothing_to_take_up_again():
    page = Page(feedback_page(HOME, GradedSubmission("s", "fr", solved(HOME, HOME, "fr"), FULL)))
    assert "Rien à reprendre" in page.text and page.links == []
    assert sum(tag == "details" for tag, _ in page.tags) == len(WRITTEN)


def test_an_untouched_submission_is_short_and_lists_what_is_not_written():
    page = Page(feedback_page(HOME, GradedSubmission("s", "en", released(HOME, "en"), NOTHING)))
    assert [link.removeprefix("#") for link in page.links] == WRITTEN
    assert page.text.count("not answered") == 9 and "waiting for a marker" not in page.text
    assert len(page.source) < 20_000


def test_a_notebook_that_was_not_handed_in_is_said_to_be_missing(class_of):
    given = class_of["fr"]
    first, second = (notebook for notebook in load_course(HOME).notebooks)
    half = replace(given, notebooks={first.file["fr"]: given.notebooks[first.file["fr"]]})
    half = replace(half, verdicts={n: v for n, v in given.verdicts.items() if n in first.exercises})
    page = Page(feedback_page(HOME, half))
    assert page.text.count("Ce carnet n'a pas été rendu") == 2
    assert not set(second.exercises) & set(page.anchors)


def test_an_exercise_without_a_verdict_is_not_called_wrong(class_of):
    verdicts = {name: verdict for name, verdict in FULL.items() if name != "perplexity"}
    page = Page(feedback_page(HOME, replace(class_of["en"], verdicts=verdicts)))
    assert "has not been judged: tell your instructor" in page.section("perplexity")


def test_a_check_at_fault_is_not_the_student_s(class_of):
    verdict = judged("perplexity", crash)
    checks = tuple(replace(c, fault=True) if c.scope == "hidden" else c for c in verdict.checks)
    page = Page(
        feedback_page(
            HOME, replace(class_of["fr"], verdicts=FULL | {"perplexity": replace(verdict, checks=checks)})
        )
    )
    assert "signalez-le à votre enseignant" in page.section("perplexity")


def test_marks_and_comments_of_a_person_are_shown_with_those_that_still_wait(class_of):
    marks = {
        "question_causal": PersonMark(4.5, "Bien.\nMais <b>pourquoi</b> ?"),
        "question_curve": PersonMark(0.0),
    }
    source = feedback_page(HOME, class_of["fr"], marks=marks)
    page = Page(source)
    assert "4,5 / 6" in page.text and "Bien.\nMais &lt;b&gt;pourquoi&lt;/b&gt;" in source
    assert "4,5 / 70" in page.text
    waiting = Page(feedback_page(HOME, class_of["fr"]))
    assert "… / 6" in waiting.text and "En attente d'un correcteur6" in waiting.text.replace(" 6", "6")


def test_remarks_on_the_files_are_shown(class_of):
    remark = text("defined twice: <the last> counts", "définie deux fois : <la dernière> compte")
    assert (
        "définie deux fois : <la dernière> compte" in Page(feedback_page(HOME, class_of["fr"], [remark])).text
    )


# What it never shows


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_of_a_hidden_check_but_its_title_hint_and_points(class_of, language):
    secret = text("HIDDEN-CANARY", "HIDDEN-CANARY")

    def with_secret(verdict: Verdict) -> Verdict:
        checks = (
            replace(c, status="failed", earned=0.0, expected=secret, got=secret) for c in verdict.of("hidden")
        )
        return replace(verdict, checks=(*verdict.of("public"), *checks))

    verdicts = {name: with_secret(verdict) for name, verdict in FULL.items()}
    source = feedback_page(HOME, replace(class_of[language], verdicts=verdicts))
    assert "HIDDEN-CANARY" not in source
    assert load_exercise("perplexity").hidden.checks[0].title[language] in Page(source).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_student_wrote_is_text(pages, language):
    page = pages[language]
    assert not {tag for tag, _ in page.tags} & {
        "script",
        "b",
        "img",
        "iframe",
        "object",
        "form",
        "link",
        "svg",
    }
    assert not [
        a for _, attributes in page.tags for a in attributes if a.startswith("on") or a in ("style", "src")
    ]
    assert "Élise <b>D'Arc</b>" in page.text
    crashed = page.section("perplexity")
    assert "<script>alert(1)</script>\\x1b[31m\\u202ex" in crashed and "x" * 500 not in crashed
    assert not set(page.source) & set("\x1b\u202e\x00")


def test_the_page_may_load_nothing_and_its_own_style_only(pages):
    for page in pages.values():
        policy = next(a["content"] for tag, a in page.tags if tag == "meta" and "http-equiv" in a)
        style = re.search(r"<style>(.*?)</style>", page.source, re.S)[1]
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}';")
        assert "http" not in style and "url(" not in style
        assert all(link.startswith("#") for link in page.links)


def test_diagnoses_and_checks_that_the_course_dropped_do_no_harm(class_of):
    verdict = FULL["perplexity"]
    gone = replace(verdict.checks[0], name="gone", status="failed", earned=0.0)
    old = replace(verdict, checks=(gone, *verdict.checks[1:]), diagnoses=("no_such_mistake",))
    page = Page(feedback_page(HOME, replace(class_of["en"], verdicts=FULL | {"perplexity": old})))
    assert "gone" in page.section("perplexity") and "no_such_mistake" not in page.source


# Language and letters


def test_the_language_of_the_moment_is_put_back(class_of):
    before = current_language()
    french = feedback_page(HOME, class_of["fr"])
    assert current_language() == before
    assert '<html lang="fr">' in french and "\u00a0:" in french and "\u202f;" in french
    assert re.search(r"\d,\d", Page(french).text) and " :" not in Page(french).texts


def test_visible_keeps_ordinary_letters_and_tames_the_rest():
    assert visible("naïve – « été » ∑ 注意 😀") == "naïve – « été » ∑ 注意 😀"
    assert visible("a\u0301" + "\u0301" * 50) == "a" + "\u0301" * 3
    assert visible("\ud800\u2028\ufeff") == "\\ud800\\u2028\\ufeff"
    assert visible("a\nb", keep="\n") == "a\nb" and visible("a\nb") == "a\\nb"


def test_the_file_is_written_whole_whatever_the_name(tmp_path, class_of):
    strange = replace(class_of["en"], shown="x\ud800\x00")
    path = write_feedback(tmp_path / "pages" / "s1.html", HOME, strange)
    assert "x\\ud800\\x00" in path.read_text(encoding="utf-8")


# In a browser


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("chromium"))
    yield browser
    browser.close()


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_fits_a_phone_follows_the_theme_and_keeps_its_style(tmp_path, class_of, browser, language):
    path = write_feedback(tmp_path / "page.html", HOME, class_of[language])
    colours = SimpleNamespace()
    for theme in ("light", "dark"):
        browser("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": theme}])
        browser("Emulation.setDeviceMetricsOverride", width=360, height=800, deviceScaleFactor=1, mobile=True)
        browser.open(path.as_uri())
        assert browser.value("document.documentElement.scrollWidth") <= 360
        setattr(colours, theme, browser.value("getComputedStyle(document.body).backgroundColor"))
    assert colours.light == "rgb(244, 246, 249)" and colours.dark == "rgb(18, 22, 29)"
    assert browser.value("document.scripts.length") == 0
    assert browser.value("document.querySelectorAll('section.card').length") > 3
