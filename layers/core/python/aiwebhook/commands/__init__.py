"""The command catalogue: one pydantic model and one use case per command, behind every door."""
