"""Compares our queue with others on the same server, in one run: ratios of medians, from cells
in shuffled order.
"""
