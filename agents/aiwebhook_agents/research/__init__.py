"""Finding what a session says about a question, and writing it down with its sources."""
