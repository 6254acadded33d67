"""Capture fees: who owes, paid, got back; what is in hand at a centre and what went to the unit."""
