"""Reads an answer's usage from the provider's own figures as they pass through."""
