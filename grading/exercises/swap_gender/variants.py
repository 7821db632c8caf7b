"""Right implementations, written differently: none may lose a mark."""

from __future__ import annotations

from functools import reduce

from attentif.bias.counterfactual import OTHER, fitted, read_words
from attentif.bias.gender.words import with_capitals_of, written
from attentif_grading.exercises import variant


@variant
def until_nothing_moves(sentence, language):
    # From left to right, as often as elisions pass on to the word before.
    words, tail = read_words(sentence, language)
    plain = []
    for word in words:
        heads = [words[head] for head in word.agrees_with]
        women = [(head.gender or word.gender) == ("m" if head.person else "f") for head in heads]
        known = heads and all(head.gender or word.gender for head in heads)
        plain.append(word.forms[all(women)] if word.forms and known else word.text)
    forms, before = plain, None
    while forms != before:
        before, forms = forms, list(plain)
        for index, (word, form) in enumerate(zip(words, plain, strict=True)):
            old, new = (words[index + 1].text, before[index + 1]) if index + 1 < len(words) else ("", "")
            same = form.lower() == word.text.lower() and old == new
            forms[index] = word.text if same else with_capitals_of(word.text, fitted(form, new, language))
    return written(words, forms, tail)


@variant
def by_recursion(sentence, language):
    words, tail = read_words(sentence, language)

    def gender_after(word, head):
        gender = head.gender if head.gender is not None else word.gender
        return OTHER[gender] if head.person else gender

    def rest(index):
        """The new forms from this word on."""
        if index == len(words):
            return []
        after, word = rest(index + 1), words[index]
        form = word.text
        genders = {gender_after(word, words[head]) for head in word.agrees_with}
        if word.forms is not None and genders and genders <= {"m", "f"}:
            form = word.forms["m" not in genders]
        beside = [each.text for each in words[index + 1 : index + 2]]
        if form.casefold() == word.text.casefold() and beside == after[:1]:
            return [word.text, *after]
        return [with_capitals_of(word.text, fitted(form, (after or [""])[0], language)), *after]

    return written(words, rest(0), tail)


@variant
def genders_in_a_table(sentence, language):
    # The persons' new genders once for all; numbers instead of letters: 1 for the feminine.
    words, tail = read_words(sentence, language)
    number = {"m": 0, "f": 1}
    forms = {}
    for index in range(len(words) - 1, -1, -1):
        word, product = words[index], None
        for head in word.agrees_with:
            gender = words[head].gender or word.gender
            if gender is None or product == "unknown":
                product = "unknown"
                continue
            new = number[gender] ^ words[head].person
            product = new if product is None else product * new
        form = word.forms[product] if word.forms and product in (0, 1) else word.text
        following = forms.get(index + 1, "")
        unmoved = index + 1 == len(words) or words[index + 1].text == following
        if form.lower() != word.text.lower() or not unmoved:
            form = with_capitals_of(word.text, fitted(form, following, language))
        else:
            form = word.text
        forms[index] = form
    return written(words, [forms[index] for index in range(len(words))], tail)


@variant
def folded_from_the_right(sentence, language):
    words, tail = read_words(sentence, language)
    women = {"m": False, "f": True}

    def chosen(word):
        told = [(words[head].gender or word.gender, words[head].person) for head in word.agrees_with]
        if not word.forms or not told or any(gender is None for gender, _ in told):
            return word.text
        masculine, feminine = word.forms
        return feminine if min(women[gender] is not person for gender, person in told) else masculine

    def put_before(done, word):
        old, forms = done
        form, following = chosen(word), forms[0] if forms else ""
        if (form.lower(), following) != (word.text.lower(), old):
            form = with_capitals_of(word.text, fitted(form, following, language))
        else:
            form = word.text
        return word.text, [form, *forms]

    return written(words, reduce(put_before, reversed(words), ("", []))[1], tail)


@variant
def written_by_hand(sentence, language):
    # Its own elisions in the text, instead of `written`: a space where one ends, none where one begins.
    words, tail = read_words(sentence, language)
    curly = any("’" in word.text for word in words)
    said, following, was = tail, "", ""
    glued = None  # the gap before the word to the right, once its left neighbour is known
    for word in reversed(words):
        genders = [(words[head].gender or word.gender, words[head].person) for head in word.agrees_with]
        form = word.text
        if word.forms and genders and all(gender for gender, _ in genders):
            turned = [OTHER[gender] if person else gender for gender, person in genders]
            form = word.forms[0 if "m" in turned else 1]
        if form.lower() != word.text.lower() or was != following:
            form = with_capitals_of(word.text, fitted(form, following, language))
        else:
            form = word.text
        shown = form.replace("'", "’") if curly and form != word.text and "'" not in word.text else form
        if glued is not None:
            before, after = word.text[-1] in "'’", shown[-1] in "'’"
            if before and not after:
                glued = glued or " "
            elif after and not before:
                glued = ""
            said = glued + said
        said, following, was, glued = shown + said, form, word.text, word.gap
    return (glued or "") + said
