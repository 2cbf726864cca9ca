"""Folders of sessions in the earlier system's format, and how they come into a deployment."""
