"""What a spoken sentence means: ten rules in English and German, and no model.

Rules are tried in a fixed order (`reading.py`); each language is a table of patterns. Whatever no
rule knows is a note: kept, never lost.
"""
