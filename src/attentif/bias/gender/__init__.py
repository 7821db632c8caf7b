"""Who is a woman and who is a man in a sentence, and what agrees with them: French and English, by lexicon and rule.

`lexicon` has the words; `words` cuts a sentence and writes it again; `english` and the `french_*` modules read it, each on top
of the one before: forms, words, tokens, phrases, subjects, pronouns, agreement. Two genders, those of the grammar; nothing here
understands a sentence, and what was guessed is told as a doubt.
"""
