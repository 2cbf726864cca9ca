"""One construct per capability; none of them grants a permission (the stack does)."""
