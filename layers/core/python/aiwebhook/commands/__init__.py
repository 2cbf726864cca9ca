"""The command catalogue: one pydantic model and one use case per command. All doors go through
it.
"""
