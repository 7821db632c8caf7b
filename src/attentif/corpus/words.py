"""Tokenizers of whole characters and whole words, and readable text from words."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable

from attentif.corpus.vocabulary import SPECIAL_TOKENS, SPECIALS_PATTERN, ListTokenizer
from attentif.errors import InputError
from attentif.language import text as both

_INVISIBLE = frozenset({"[PAD]", "[CLS]", "[SEP]"})  # they stand for no word: the sentence has yet to start
_CLOSING = frozenset(".,…)!?;:")
_APOSTROPHES = ("'", "’")


def render(tokens: Iterable[str]) -> str:
    """Readable text from word tokens: capitals at sentence starts, no space before . , or after "l'".

    tokens: words as in the vocabulary, an elision ("l'") being a token of its own; a token that begins with
    an apostrophe or a hyphen ("'s", "-il") joins the word before it. Specials are kept as they are.

    >>> render("l' infirmière lit , [MASK] aussi . il dort .".split())
    "L'infirmière lit, [MASK] aussi. Il dort."
    """
    text, starting, joined = "", True, True
    for token in tokens:
        shown = token
        if token in SPECIAL_TOKENS:
            starting = starting and token in _INVISIBLE
            joins_left = False
        else:
            capital = token[:1].upper()
            if starting and len(capital) == 1:  # "ß".upper() is two letters: no capital that can be undone
                shown = capital + token[1:]
            starting = token in (".", "!", "?", "…") or (starting and not any(c.isalnum() for c in token))
            joins_left = token in _CLOSING or (len(token) > 1 and token[0] in (*_APOSTROPHES, "-"))
        text += shown if joined or joins_left else " " + shown
        joined = token.endswith(_APOSTROPHES) or token == "("
    return text


class CharTokenizer(ListTokenizer):
    """One token a character; the vocabulary is the sorted set of the characters of `text`.

    >>> tokenizer = CharTokenizer("le chat")
    >>> tokenizer.encode("la [MASK]"), tokenizer.vocab_size
    ([10, 6, 5, 4], 12)
    """

    kind = "char"

    def __init__(self, text: str):
        super().__init__(sorted(set(SPECIALS_PATTERN.sub("", text))))

    def _encode(self, text: str) -> list[int]:
        get, ids = self._ids.get, []
        for index, part in enumerate(SPECIALS_PATTERN.split(text)):  # odd parts are the specials
            ids.extend([self._ids[part]] if index % 2 else [get(c, self.unk_id) for c in part])
        return ids

    def _decode(self, token_ids: list[int]) -> str:
        return "".join(self._tokens[i] for i in token_ids)


class WordTokenizer(ListTokenizer):
    """One token a word of a closed list (Microcosm's forms), ids in the order given.

    forms: distinct words without white space or specials, in the case in which they are used.
    encode() takes space-separated tokens and readable text alike: a piece that is no form is cut at
    punctuation, apostrophes and hyphens into the longest known forms, a capital first letter is lowered, and
    an unknown stretch is one [UNK]. So encode(decode(ids)) == ids for sentences of forms, where no two forms
    differ in nothing but the case of their first letter.

    >>> tokenizer = WordTokenizer(["l'", "infirmière", "dort", "."])
    >>> tokenizer.encode("L'infirmière [MASK]."), tokenizer.decode([5, 6, 7, 8])
    ([5, 6, 4, 8], "L'infirmière dort.")
    """

    kind = "word"

    def __init__(self, forms: Iterable[str]):
        forms = list(forms)
        for form in forms:
            if not form or form.split() != [form] or SPECIALS_PATTERN.search(form):
                raise InputError(
                    expected=both(
                        "forms without white space or special tokens",
                        "des formes sans espace ni jeton spécial",
                    ),
                    got=repr(form),
                    remedy=both(
                        "give the words alone; the five specials are added by the tokenizer",
                        "donnez les mots seuls ; le tokenizer ajoute lui-même les cinq jetons spéciaux",
                    ),
                )
        if len(set(forms)) < len(forms):
            raise InputError(
                expected=both("distinct forms", "des formes distinctes"),
                got=both(
                    f"{Counter(forms).most_common(1)[0][0]!r} twice",
                    f"{Counter(forms).most_common(1)[0][0]!r} deux fois",
                ),
                remedy=both("remove the repetition", "retirez la répétition"),
            )
        super().__init__(forms)
        self._longest = max(map(len, forms), default=0)
        self._pieces: dict[str, list[int]] = {}  # what was cut once is not cut again

    def _encode(self, text: str) -> list[int]:
        ids: list[int] = []
        for index, part in enumerate(SPECIALS_PATTERN.split(text)):
            for piece in (part,) if index % 2 else part.split():
                known = self._ids.get(piece)
                ids.extend(self._cut(piece) if known is None else (known,))
        return ids

    def _decode(self, token_ids: list[int]) -> str:
        return render(self._tokens[i] for i in token_ids)

    def _known(self, piece: str) -> int | None:
        for form in (piece, piece.replace("’", "'")):
            for cased in (form, form[:1].lower() + form[1:]):
                if cased in self._ids:
                    return self._ids[cased]
        return None

    def _cut(self, piece: str) -> list[int]:
        if piece in self._pieces:
            return self._pieces[piece]
        text = unicodedata.normalize("NFC", piece)  # macOS keyboards give "é" as two characters
        cuts = [0, *(match.end() for match in re.finditer(r"\w+|\W", text))]
        ids, at, unknown = [], 0, False
        while at + 1 < len(cuts):
            last = bisect_right(cuts, cuts[at] + self._longest) - 1
            for end in range(last, at, -1):  # the longest form first
                known = self._known(text[cuts[at] : cuts[end]])
                if known is not None:
                    ids.append(known)
                    at, unknown = end, False
                    break
            else:
                if not unknown:
                    ids.append(self.unk_id)
                at, unknown = at + 1, True
        self._pieces[piece] = ids
        return ids
