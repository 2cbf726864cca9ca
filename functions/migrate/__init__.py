"""migrate: brings the schema to the release's version before any of its other functions runs."""
