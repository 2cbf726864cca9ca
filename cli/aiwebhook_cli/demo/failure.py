"""What ends the demo before its end."""


class DemoFailed(Exception):
    """Something did not happen as it should have; the message is one clear sentence."""
