"""Errata cases (勘误): the four forms, whose turn it is in each state, evidence, the way to the correction."""
