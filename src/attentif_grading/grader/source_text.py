"""A student's code as text: what a file or a paste did to it is undone, without ever parsing it."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

# Strings and comments: what stands in them is left as it is. The end of the text closes an open triple quote.
_OPAQUE = re.compile(
    r'"""(?:[^"\\]|\\[\s\S]|"(?!""))*(?:"""|\\?\Z)'
    r"|'''(?:[^'\\]|\\[\s\S]|'(?!''))*(?:'''|\\?\Z)"
    r'|"(?:[^"\\\n]|\\[\s\S])*(?:"|(?=\n)|\Z)'
    r"|'(?:[^'\\\n]|\\[\s\S])*(?:'|(?=\n)|\Z)"
    r"|\#[^\n]*"
)
_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_LINE_ENDS = re.compile("[\u2028\u2029\u0085]")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_DAMAGED = re.compile("|".join(pattern.pattern for pattern in (_SPACES, _LINE_ENDS, _INVISIBLE, _SURROGATES)))
_DEFINED = re.compile(r"^(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)", re.MULTILINE)
_ASSIGNED = re.compile(r"^(\w+)[ \t]*(?::[^=\n]+)?=(?!=)", re.MULTILINE)
_MARGIN = re.compile(r"[ \t]{0,80}")
_TAB_WIDTHS = (4, 8, 2)


def clean_code(source: str) -> str:
    """Code as its author saw it: one kind of line end, plain spaces outside strings, no invisible characters there.

    Tabs at the beginning of lines become spaces if other lines begin with spaces, which Python refuses.
    """
    source = source.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
    if not source.isascii() and _DAMAGED.search(source):
        source = _outside_strings(_SURROGATES.sub("\ufffd", source), _plain)
    return _without_mixed_tabs(source) if "\t" in source else source


def bare(source: str) -> str:
    """Code without any white space: two cells that differ in nothing else are the same cell.

    >>> bare("a  =\\n 1") == bare("a = 1")
    True
    """
    return "".join(source.split())


def defined(source: str) -> list[str]:
    """Names of the functions and classes that begin at the left margin, in order.

    >>> defined("def f():\\n    def g(): ...\\nasync def h(): ...")
    ['f', 'h']
    """
    return [_as_python_reads(name) for name in _DEFINED.findall(_at_the_margin(source))]


def assigned(source: str) -> list[str]:
    """Names assigned at the left margin, in order.

    >>> assigned("a = 1\\nb == 2\\nc: int = 3")
    ['a', 'c']
    """
    return [_as_python_reads(name) for name in _ASSIGNED.findall(_at_the_margin(source))]


def _at_the_margin(source: str) -> str:
    """A cell that is indented as a whole, without that: Jupyter runs it too."""
    source = source.lstrip("\n")
    if source[:1] not in (" ", "\t"):
        return source
    margin = _MARGIN.match(source).group()
    return "\n".join(line.removeprefix(margin) for line in source.split("\n"))


def _as_python_reads(name: str) -> str:
    return name if name.isascii() else unicodedata.normalize("NFKC", name)


def _plain(code: str) -> str:
    if code.isascii():
        return code
    return _INVISIBLE.sub("", _LINE_ENDS.sub("\n", _SPACES.sub(" ", code)))


def _outside_strings(source: str, change) -> str:
    done, end = [], 0
    for match in _OPAQUE.finditer(source):
        done += [change(source[end : match.start()]), match.group()]
        end = match.end()
    return "".join([*done, change(source[end:])])


def _without_mixed_tabs(source: str) -> str:
    starts = [0]
    # Line beginnings in code; those inside a string belong to its text.
    _outside = [(m.start(), m.end()) for m in _OPAQUE.finditer(source) if "\n" in m.group()]
    inside = iter([*_outside, (len(source) + 1, len(source) + 1)])
    first, last = next(inside)
    for match in re.finditer("\n", source):
        while match.start() >= last:
            first, last = next(inside)
        if match.start() < first:
            starts.append(match.end())
    lines = [source[a:b] for a, b in pairwise([*starts, len(source)])]
    indents = [line[: len(line) - len(line.lstrip(" \t"))] for line in lines if line.strip()]
    if not any("\t" in indent for indent in indents) or not any(" " in indent for indent in indents):
        return source
    width = next((w for w in _TAB_WIDTHS if _consistent(lines, w)), _TAB_WIDTHS[0])
    return "".join(_expanded(line, width) for line in lines)


def _expanded(line: str, width: int) -> str:
    body = line.lstrip(" \t")
    return line[: len(line) - len(body)].expandtabs(width) + body


def _consistent(lines: list[str], width: int) -> bool:
    """Whether every line goes back to a level that is open, if a tab is this wide, and deeper only after a colon."""
    levels, opens = [0], False
    for line in lines:
        body = line.strip()
        if not body or body.startswith(("#", ")", "]", "}")):
            continue
        depth = len(_expanded(line, width)) - len(line.lstrip(" \t"))
        if depth > levels[-1]:
            if not opens:
                return False
            levels.append(depth)
        while levels[-1] > depth:
            levels.pop()
        if levels[-1] != depth:
            return False
        opens = body.split("#")[0].rstrip().endswith((":", "(", "[", "{", ",", "\\"))
    return True
