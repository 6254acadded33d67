"""Counts for the college and its centres: how far everybody is, where it lies, what is wrong with pictures."""
