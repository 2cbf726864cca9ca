"""The command catalogue: one pydantic model and one use case per command (WIRE §1). All doors go
through it.
"""
