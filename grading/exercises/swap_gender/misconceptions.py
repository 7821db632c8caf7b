"""Wrong implementations that people really write, each with what it computes instead.

The first version of each goes once over the words, from the last one; the second takes all forms first, and then what
suits what follows them.
"""

from __future__ import annotations

from attentif.bias.counterfactual import OTHER, fitted, read_words
from attentif.bias.gender.words import with_capitals_of, written
from attentif.checks.text import text
from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = ("agreement_left", "things_swapped", "next_word_forgotten", "capitals_lost")


# A right answer in one pass, some of its parts replaced.


def found_genders(words, word):
    """(gender before the swap, whether it names a person) of each word that this one agrees with."""
    heads = [words[number] for number in word.agrees_with]
    return [(head.gender or word.gender, head.person) for head in heads]


def after_the_swap(found):
    return [OTHER[gender] if person else gender for gender, person in found]


def all_feminine(genders):
    return set(genders) == {"f"}


def feminine(words, word):
    """Whether this word will be feminine; None where nothing tells."""
    genders = after_the_swap(found_genders(words, word))
    return None if None in genders or not genders else all_feminine(genders)


def touched(before, form, following, after):
    return before.lower() != form.lower() or following != after


def one_pass(
    sentence,
    language,
    decide=feminine,
    when=touched,
    fit=fitted,
    capitals=with_capitals_of,
    put=written,
    order=reversed,
):
    words, tail = read_words(sentence, language)
    forms = [word.text for word in words]
    for index in order(range(len(words))):
        word, form = words[index], forms[index]
        decided = decide(words, word) if word.forms else None
        if decided is not None:
            form = word.forms[1] if decided else word.forms[0]
        last = index + 1 == len(words)
        following, after = ("", "") if last else (words[index + 1].text, forms[index + 1])
        if when(word.text, form, following, after):
            forms[index] = capitals(word.text, fit(form, after, language))
    return put(words, forms, tail)


# A right answer step by step, on lists of its own.


def heads_of(words, number):
    """What a word agrees with, as (feminine, turns): feminine is None where it cannot be told."""
    told = {"m": False, "f": True, None: None}
    return [
        (told[words[at].gender if words[at].gender else words[number].gender], words[at].person)
        for at in words[number].agrees_with
    ]


def choice(heads):
    """Which form: 0, 1, or None for the one that stands there."""
    if not heads or any(feminine is None for feminine, _ in heads):
        return None
    return int(all(feminine != turns for feminine, turns in heads))


def chosen_forms(words, choose):
    """Each word's form before a consonant, or what stands there."""
    forms = []
    for number, word in enumerate(words):
        which = choose(words, number) if word.forms is not None else None
        forms.append(word.text if which is None else word.forms[which])
    return forms


def dressed(words, forms, language, also_before=True, every=False, dress=with_capitals_of, next_of="new"):
    """The forms as they are written, from the last to the first."""
    done = [""]
    for number in range(len(words) - 1, -1, -1):
        word, form, after = words[number], forms[number], done[0]
        was = words[number + 1].text if number + 1 < len(words) else ""
        changed = form.lower() != word.text.lower()
        if changed or every or (also_before and was != after):
            if next_of is not None:
                form = fitted(form, after if next_of == "new" else was, language)
            done.insert(0, dress(word.text, form))
        else:
            done.insert(0, word.text)
    return done[:-1]


def stepwise(sentence, language, choose=lambda words, number: choice(heads_of(words, number)), **wrong):
    words, tail = read_words(sentence, language)
    return written(words, dressed(words, chosen_forms(words, choose), language, **wrong), tail)


# Whose gender


@misconception(
    "agreement_left",
    en="only the words that name a person change, articles, adjectives and participles stay: change every word whose `agrees_with` "
    "leads to a person",
    fr="seuls changent les mots qui désignent une personne, les articles, adjectifs et participes restent : changez chaque mot "
    "dont `agrees_with` mène à une personne",
    warning=text(
        "Only the words that name a person change, not what agrees with them",
        "Seuls changent les mots qui désignent une personne, et non ce qui s'accorde avec eux",
    ),
)
def agreement_left(sentence, language):
    return one_pass(sentence, language, lambda words, word: feminine(words, word) if word.person else None)


@again(agreement_left)
def agreement_left_2(sentence, language):
    def choose(words, number):
        heads = [(woman, words[number].person) for woman, _ in heads_of(words, number)]
        return choice(heads) if words[number].agrees_with == (number,) else None

    return stepwise(sentence, language, choose)


@misconception(
    "things_swapped",
    en="a table changes gender as a person does: take the other gender only where the word that decides is a `person`",
    fr="une table change de genre comme une personne : ne prenez l'autre genre que si le mot qui décide est une personne "
    "(`person`)",
)
def things_swapped(sentence, language):
    def decide(words, word):
        genders = [OTHER[gender] for gender, _ in found_genders(words, word)]
        return None if None in genders or not genders else all_feminine(genders)

    return one_pass(sentence, language, decide)


@again(things_swapped)
def things_swapped_2(sentence, language):
    return stepwise(
        sentence,
        language,
        lambda words, number: choice([(woman, True) for woman, _ in heads_of(words, number)]),
    )


@misconception(
    "one_of_the_group",
    en="of a group you ask one member alone: all the words of `agrees_with` decide together",
    fr="d'un groupe, vous n'interrogez qu'un seul membre : tous les mots d'`agrees_with` décident ensemble",
)
def one_of_the_group(sentence, language):
    def decide(words, word):
        genders = after_the_swap(found_genders(words, word)[:1])
        return None if None in genders or not genders else genders[0] == "f"

    return one_pass(sentence, language, decide)


@again(one_of_the_group)
def one_of_the_group_2(sentence, language):
    def choose(words, number):
        heads = heads_of(words, number)
        return choice([next(iter(heads))]) if heads else None

    return stepwise(sentence, language, choose)


@misconception(
    "feminine_if_any",
    en="a group is feminine as soon as one of its words is: it is so only if all of them are",
    fr="un groupe est au féminin dès qu'un de ses mots l'est : il ne l'est que si tous le sont",
)
def feminine_if_any(sentence, language):
    def decide(words, word):
        genders = after_the_swap(found_genders(words, word))
        return None if None in genders or not genders else "f" in genders

    return one_pass(sentence, language, decide)


@again(feminine_if_any)
def feminine_if_any_2(sentence, language):
    def choose(words, number):
        heads = heads_of(words, number)
        if choice(heads) is None:
            return None
        return max(int(woman is not turns) for woman, turns in heads)

    return stepwise(sentence, language, choose)


@misconception(
    "group_before_the_swap",
    en="you apply the rule of groups to the old genders, and turn what comes out: turn the gender of each first, then apply the rule",
    fr="vous appliquez la règle des groupes aux anciens genres, puis échangez le résultat : échangez d'abord le genre de chacun, "
    "puis appliquez la règle",
)
def group_before_the_swap(sentence, language):
    def decide(words, word):
        found = found_genders(words, word)
        if not found or None in dict(found):
            return None
        before = "f" if all_feminine(dict(found)) else "m"
        return (OTHER[before] if any(person for _, person in found) else before) == "f"

    return one_pass(sentence, language, decide)


@again(group_before_the_swap)
def group_before_the_swap_2(sentence, language):
    def choose(words, number):
        heads = heads_of(words, number)
        if choice(heads) is None:
            return None
        women = sum(woman for woman, _ in heads)
        which = 1 if women == len(heads) else 0
        return 1 - which if any(turns for _, turns in heads) else which

    return stepwise(sentence, language, choose)


@misconception(
    "own_gender_turned",
    en="each word turns the gender of its own form: l', mon and un groupe tell none or another one, ask the words of `agrees_with`",
    fr="chaque mot échange le genre de sa propre forme : l', mon ou un groupe n'en disent aucun ou un autre, interrogez les mots "
    "d'`agrees_with`",
)
def own_gender_turned(sentence, language):
    def decide(words, word):
        if word.gender is None or not any(words[head].person for head in word.agrees_with):
            return None
        return OTHER[word.gender] == "f"

    return one_pass(sentence, language, decide)


@again(own_gender_turned)
def own_gender_turned_2(sentence, language):
    def choose(words, number):
        turns = [words[head].person for head in words[number].agrees_with]
        return {"m": 1, "f": 0, None: None}[words[number].gender] if True in turns else None

    return stepwise(sentence, language, choose)


@misconception(
    "untold_left",
    en="what agrees with a word of one form for both genders (l'architecte) is left: that word has the gender of the word that "
    "agrees with it",
    fr="ce qui s'accorde avec un mot de même forme aux deux genres (l'architecte) reste tel quel : ce mot a le genre du mot qui "
    "s'accorde avec lui",
)
def untold_left(sentence, language):
    def decide(words, word):
        genders = after_the_swap([(words[head].gender, words[head].person) for head in word.agrees_with])
        return None if None in genders or not genders else all_feminine(genders)

    return one_pass(sentence, language, decide)


@again(untold_left)
def untold_left_2(sentence, language):
    def choose(words, number):
        known = all(words[head].gender for head in words[number].agrees_with)
        return choice(heads_of(words, number)) if known else None

    return stepwise(sentence, language, choose)


@misconception(
    "untold_masculine",
    en="a word of one form for both genders (l'architecte) counts as masculine: it has the gender of the word that agrees with it",
    fr="un mot de même forme aux deux genres (l'architecte) compte comme masculin : il a le genre du mot qui s'accorde avec lui",
)
def untold_masculine(sentence, language):
    def decide(words, word):
        genders = after_the_swap([(words[head].gender, words[head].person) for head in word.agrees_with])
        return all_feminine(genders) if genders else None

    return one_pass(sentence, language, decide)


@again(untold_masculine)
def untold_masculine_2(sentence, language):
    def choose(words, number):
        heads = [words[head] for head in words[number].agrees_with]
        women = [head.gender == ("m" if head.person else "f") for head in heads]
        return int(all(women)) if women else None

    return stepwise(sentence, language, choose)


@misconception(
    "one_way",
    en="men become women and women stay: each gender goes to the other, in both directions",
    fr="les hommes deviennent des femmes, et les femmes restent : chaque genre passe à l'autre, dans les deux sens",
)
def one_way(sentence, language):
    return one_pass(sentence, language, lambda words, word: feminine(words, word) or None)


@again(one_way)
def one_way_2(sentence, language):
    def choose(words, number):
        return 1 if choice(heads_of(words, number)) == 1 else None

    return stepwise(sentence, language, choose)


@misconception(
    "table_for_english",
    en="English pronouns go by a table, in which her is always his: `read_words` has found whether her is his or him, use the forms "
    "of the word",
    fr="les pronoms anglais suivent une table, où her donne toujours his : `read_words` a trouvé si her est his ou him, prenez "
    "les formes du mot",
)
def table_for_english(sentence, language):
    table = {"her": "his", "his": "her", "him": "her", "hers": "his"} if language == "en" else {}

    def put(words, forms, tail):
        pronouns = [table.get(word.text.lower(), "") for word in words]
        pronouns = [with_capitals_of(word.text, found) for word, found in zip(words, pronouns, strict=True)]
        return written(words, [new or form for new, form in zip(pronouns, forms, strict=True)], tail)

    return one_pass(sentence, language, put=put)


@again(table_for_english)
def table_for_english_2(sentence, language):
    words, tail = read_words(sentence, language)
    forms = chosen_forms(words, lambda words, number: choice(heads_of(words, number)))
    if language == "en":
        for number, word in enumerate(words):
            if word.text.lower() in ("her", "hers"):
                forms[number] = "his"
            elif word.text.lower() in ("his", "him"):
                forms[number] = "her"
    return written(words, dressed(words, forms, language), tail)


# What follows


@misconception(
    "old_next_word",
    en="forms are fitted to the words that followed before the swap (la homme, l'femme): fit each to the new form of the next word",
    fr="les formes sont ajustées aux mots qui suivaient avant l'échange (la homme, l'femme) : ajustez chacune à la nouvelle forme du "
    "mot suivant",
)
def old_next_word(sentence, language):
    return one_pass(sentence, language, order=list)


@again(old_next_word)
def old_next_word_2(sentence, language):
    return stepwise(sentence, language, also_before=False, next_of="old")


@misconception(
    "never_fitted",
    en="no form is elided or contracted again (la amie, le homme): call `fitted` with each form and what follows it",
    fr="aucune forme n'est élidée ni contractée (la amie, le homme) : appelez `fitted` avec chaque forme et ce qui la suit",
)
def never_fitted(sentence, language):
    return one_pass(sentence, language, fit=lambda form, following, language: form)


@again(never_fitted)
def never_fitted_2(sentence, language):
    return stepwise(sentence, language, next_of=None)


@misconception(
    "next_word_forgotten",
    en="a word that has no gender keeps its elision when the next one changes (`d'lui`, `s'elle`): fit it again too",
    fr="un mot sans genre garde son élision quand le suivant change (`d'lui`, `s'elle`) : ajustez-le aussi",
    warning=text(
        "A word that has no gender keeps its elision when the next one changes",
        "Un mot sans genre garde son élision quand le suivant change",
    ),
)
def next_word_forgotten(sentence, language):
    return one_pass(
        sentence, language, when=lambda before, form, following, after: before.lower() != form.lower()
    )


@again(next_word_forgotten)
def next_word_forgotten_2(sentence, language):
    return stepwise(sentence, language, also_before=False)


@misconception(
    "all_fitted",
    en="words far from any change are fitted as well (l'hibou): leave those alone that have not changed, before one that has not",
    fr="des mots loin de tout changement sont ajustés aussi (l'hibou) : laissez ceux qui n'ont pas changé, devant un mot qui n'a pas "
    "changé",
)
def all_fitted(sentence, language):
    return one_pass(sentence, language, when=lambda *both: True)


@again(all_fitted)
def all_fitted_2(sentence, language):
    return stepwise(sentence, language, every=True)


# How it is written


@misconception(
    "capitals_lost",
    en="words that change lose their capitals: give each those of the word whose place it takes, by `with_capitals_of`",
    fr="les mots qui changent perdent leurs majuscules : donnez à chacun celles du mot qu'il remplace, par `with_capitals_of`",
)
def capitals_lost(sentence, language):
    return one_pass(sentence, language, capitals=lambda model, form: form)


@again(capitals_lost)
def capitals_lost_2(sentence, language):
    return stepwise(sentence, language, dress=lambda model, form: form + "")


@misconception(
    "first_capital_only",
    en="a word in capitals all over keeps the first alone: `with_capitals_of` keeps all",
    fr="un mot tout en majuscules n'en garde que la première : `with_capitals_of` les garde toutes",
)
def first_capital_only(sentence, language):
    def capitals(model, form):
        return form[:1].upper() + form[1:] if model[:1].isupper() else form

    return one_pass(sentence, language, capitals=capitals)


@again(first_capital_only)
def first_capital_only_2(sentence, language):
    def dress(model, form):
        return form.replace(form[0], form[0].upper(), 1) if model[0] != model[0].lower() else form

    return stepwise(sentence, language, dress=dress)


@misconception(
    "joined_by_spaces",
    en="words are joined by single spaces, signs and apostrophes included: `written` puts back what stood between them",
    fr="les mots sont joints par des espaces, signes et apostrophes compris : `written` remet ce qui était entre eux",
)
def joined_by_spaces(sentence, language):
    return one_pass(sentence, language, put=lambda words, forms, tail: " ".join(forms))


@again(joined_by_spaces)
def joined_by_spaces_2(sentence, language):
    words, _ = read_words(sentence, language)
    forms = dressed(words, chosen_forms(words, lambda *place: choice(heads_of(*place))), language)
    said = ""
    for form in forms:
        said = f"{said} {form}" if said else form
    return said


@misconception(
    "old_gaps",
    en='the new words stand in the old gaps, where an elision has begun or ended ("la" and "femme" stuck together): `written` mends these places',
    fr="les nouveaux mots gardent les anciens intervalles, là où une élision commence ou finit (« la » et « femme » collés) : `written` répare "
    "ces endroits",
)
def old_gaps(sentence, language):
    def put(words, forms, tail):
        return "".join(word.gap + form for word, form in zip(words, forms, strict=True)) + tail

    return one_pass(sentence, language, put=put)


@again(old_gaps)
def old_gaps_2(sentence, language):
    words, tail = read_words(sentence, language)
    said = ""
    for word, form in zip(
        words,
        dressed(words, chosen_forms(words, lambda *place: choice(heads_of(*place))), language),
        strict=True,
    ):
        said += word.gap
        said += form
    return said + tail
