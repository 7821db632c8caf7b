"""Who is a woman and who is a man in a sentence, and what agrees with them: French and English, by lexicon and rule."""
