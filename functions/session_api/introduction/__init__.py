"""What tells a person or a model who knows only the URL how to use this service."""
