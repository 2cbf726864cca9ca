"""From sentences to memories: decisions, action items, questions, ideas, risks and facts."""
