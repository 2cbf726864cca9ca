"""Memories as values, and what becomes of them when they are tidied."""
