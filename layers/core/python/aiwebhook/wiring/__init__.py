"""Where adapters meet use cases: one module per function, and the pieces that all of them need."""
