"""What use cases and adapters exchange: values, and a Protocol where there is, or will be, more
than one adapter (ADR 0015).
"""
