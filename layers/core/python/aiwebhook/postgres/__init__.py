"""PostgreSQL: one statement per file in queries/, one method of the same name in a store."""
