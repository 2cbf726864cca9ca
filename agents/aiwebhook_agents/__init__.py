"""The agents that come with AI Webhook. Each is a program of its own: JSON in, JSON lines out.

They import nothing but the standard library and each other, so that a run starts at once.
"""
