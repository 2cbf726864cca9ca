"""Ratios within one run: our queue next to others on the same server, cells shuffled, medians."""
