"""The LLM gateway as a run sees it: which model, through which door, at what cost."""
