"""Agent `local`: actions on the worker's own machine, where its configuration allows them."""
