"""The introduction: how to use this service, for a person or a model that knows only the URL."""
