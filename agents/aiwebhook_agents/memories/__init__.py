"""Memories as values, and how they are tidied."""
