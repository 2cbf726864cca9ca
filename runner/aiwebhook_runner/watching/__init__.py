"""Who decides when an agent must go: limits, silence, a cancel, the end of its output."""
