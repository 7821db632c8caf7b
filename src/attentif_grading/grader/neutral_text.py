"""A student's text made harmless to whoever opens it: nothing acts, nothing hides, pictures are pictures."""

from __future__ import annotations

import base64
import binascii
import re
import struct
from collections.abc import Mapping
from typing import Any

MAX_TEXT = 100_000
MAX_PICTURE = 12_000_000  # characters of base64
MAX_PIXELS = 60_000_000

PNG, JPEG = "image/png", "image/jpeg"
_MAGIC = {PNG: b"\x89PNG\r\n\x1a\n", JPEG: b"\xff\xd8\xff"}
# Directions, marks and joins that change what a reader sees; C0 and C1 controls; halves of characters.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)
_ANSI = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[PX^_][^\x1b]*(?:\x1b\\)?|[ -/]*[0-~])|\x9b[0-?]*[ -/]*[@-~]"
)
# A tag, a comment or an autolink needs one of these right after <; an entity one of these right after &.
_TAG, _ENTITY = re.compile(r"<(?=[A-Za-z/!?])"), re.compile(r"&(?=[A-Za-z#])")
_LINK, _DEFINITION = re.compile(r"\](?=[(\[])"), re.compile(r"\](?=:)")
# Diagrams are drawn by a program that reads the text.
_DIAGRAM = re.compile(r"([`~]{3,}[ \t]*)(?=mermaid)", re.IGNORECASE)
# What MathJax has for links, markup, files, new commands, and for text that cannot be seen.
_ACTIVE_MATH = re.compile(
    r"\\(?=(?:href|url|class|cssId|style|html\w*|data|unicode|require|includegraphics|input|include|write|openin|"
    r"mmlToken|texttip|mathtip|toggle|action|bbox|(?:re)?newcommand|renewenvironment|newenvironment|[gex]?def|let|csname|"
    r"(?:text|f|define)?color(?:box)?|pagecolor|[hv]?phantom|[lr]lap|smash|moveleft|moveright|raise|lower|verb|tiny|Tiny)"
    r"(?![a-z]))"
)
# A heading gets its text for an id, which must not be that of a field of the marker's page: with a dot it is none. A
# heading by a line below it is none any more.
_HEADING = re.compile(r"^([ \t>*+\-\d.)]*#{1,6})(?!#)(?P<said>[^\n]*)", re.MULTILINE)
_UNDERLINE = re.compile(r"^([ \t>*+\d.)]*)(?=(?:=+|-+)[ \t]*$)", re.MULTILINE)
_IN_NO_ID = re.compile(r"[^\x00-\x7f]|[.,:;?%=]")
# The only links and pictures that stay: written in the plain way, to the web or to a picture in the cell.
_KEPT = re.compile(
    r"(?<!\\)!\[(?P<alt>[^\[\]\n]{0,300})\]\((?:attachment:(?P<name>[\w.\-]{1,120})"
    r"|data:(?P<mime>image/(?:png|jpeg));base64,(?P<data>[A-Za-z0-9+/=]+))\)"
    r"|(?<![!\\])\[(?P<text>[^\[\]\n]{1,300})\]\((?P<url>https?://[\w.\-~:/?#@=%,+]{1,500})\)",
    re.ASCII,
)


def visible(said: str) -> str:
    """The text with every character that could hide or reorder others shown by its number.

    >>> visible("a\\u202eb\\x00")
    'a⟨U+202E⟩b⟨U+0000⟩'
    """
    if said.isascii() and said.isprintable():
        return said
    said = said.replace("\r\n", "\n").replace("\r", "\n")
    return _HIDDEN.sub(lambda match: f"⟨U+{ord(match.group()):04X}⟩", said)


def plain_output(said: str, cap: int = MAX_TEXT) -> str:
    """What a program printed, as a terminal leaves it: without colours, a rewritten line once."""
    said = _ANSI.sub("", said[: 4 * cap]).replace("\r\n", "\n")
    if "\r" in said:
        said = "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in said.split("\n"))
    return shortened(visible(said), cap)


def shortened(said: str, cap: int = MAX_TEXT) -> str:
    """At most about `cap` characters: the beginning and the end."""
    if len(said) <= cap:
        return said
    return f"{said[: cap * 3 // 4]}\n[… {len(said) - cap} …]\n{said[len(said) - cap // 4 :]}"


def neutral_markdown(said: str, attachments: Mapping[str, Any] | None = None) -> str:
    """Markdown in which no markup of HTML, no link but to the web, no remote picture and no active math is left.

    Nothing is parsed, so that no parser can be deceived: a space put after `<`, `&` or `]` takes away their power in
    every context, and what was meant stays readable.

    Args:
        said: a student's text.
        attachments: the cell's pictures that are kept, by name.
    """
    done, end = [], 0
    for match in _KEPT.finditer(said):
        kept = _kept(match, attachments or {})
        if kept is not None:
            done += [_inert(said[end : match.start()]), kept]
            end = match.end()
    return "".join([*done, _inert(said[end:])])


def _kept(match: re.Match, attachments: Mapping[str, Any]) -> str | None:
    if match["url"]:
        return f"[{_inert(match['text'])}]({match['url']})"
    if match["name"]:
        return (
            f"![{_inert(match['alt'])}](attachment:{match['name']})" if match["name"] in attachments else None
        )
    data = picture(match["mime"], match["data"])
    return f"![{_inert(match['alt'])}](data:{match['mime']};base64,{data})" if data else None


def _inert(said: str) -> str:
    said = visible(shortened(said))
    for pattern, change in (
        (_TAG, "< "),
        (_ENTITY, "& "),
        (_LINK, "] "),
        (_DEFINITION, "] "),
        (_DIAGRAM, r"\1text "),
        (_ACTIVE_MATH, "∖"),
    ):
        said = pattern.sub(change, said)
    said = _HEADING.sub(
        lambda m: m[0] if _IN_NO_ID.search(m["said"]) else f"{m[1]} · {m['said'].lstrip()}", said
    )
    return _UNDERLINE.sub(r"\1\\", said)


def picture(mime: str, data: Any) -> str | None:
    """The base64 of a PNG or JPEG, checked by its first bytes and its size; None if it is anything else."""
    if isinstance(data, list) and all(isinstance(line, str) for line in data):
        data = "".join(data)
    if mime not in _MAGIC or not isinstance(data, str) or len(data) > MAX_PICTURE:
        return None
    try:
        content = base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    if not content.startswith(_MAGIC[mime]) or not 0 < _pixels(mime, content) <= MAX_PIXELS:
        return None
    return base64.b64encode(content).decode()


def pictures(found: Any) -> dict[str, dict[str, str]]:
    """The attachments of a cell that are pictures under plain names."""
    kept = {}
    for name, bundle in found.items() if isinstance(found, Mapping) else ():
        if not re.fullmatch(r"[\w.\-]{1,120}", name, re.ASCII) or not isinstance(bundle, Mapping):
            continue
        for mime in _MAGIC:
            if data := picture(mime, bundle.get(mime)):
                kept[name] = {mime: data}
                break
    return kept


def _pixels(mime: str, content: bytes) -> int:
    """Width times height as the header says, 0 if it does not say: a small file may unfold to a huge picture."""
    if mime == PNG:
        if content[12:16] != b"IHDR" or len(content) < 24:
            return 0
        width, height = struct.unpack(">II", content[16:24])
        return width * height
    place = 2
    while place + 9 <= len(content):
        if content[place] != 0xFF:
            return 0
        marker = content[place + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[place + 5 : place + 9])
            return width * height
        place += 2 + struct.unpack(">H", content[place + 2 : place + 4])[0]
    return 0
