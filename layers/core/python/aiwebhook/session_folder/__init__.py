"""The format of a session as files in a folder: the JSON store writes it, a migration reads it."""
