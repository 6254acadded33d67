"""Proofreading (校对): the photo linked at 学信网, what the college's downloads say, and conclusions.

It owns the evidence of the later stages too: who says that a photo was handed over, is linked, is proofread.
"""
