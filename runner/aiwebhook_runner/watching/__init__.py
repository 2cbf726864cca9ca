"""When an agent must be stopped: limits, silence, a cancellation, too much output."""
