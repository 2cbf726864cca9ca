"""One question per module: `run(lab, effort)` measures it and returns a Section of the results."""
