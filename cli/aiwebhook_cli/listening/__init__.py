"""`aiwebhook listen`: what comes in, handed on here, in order and at least once."""
