"""A toy function."""
