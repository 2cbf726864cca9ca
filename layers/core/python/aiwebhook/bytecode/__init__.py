"""How our modules become bytecode: their dataclasses written out (docs/adr/0017)."""
