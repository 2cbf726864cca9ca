"""Reading conversations: turns, sentences, words. Pure, and linear in the length of the text."""
