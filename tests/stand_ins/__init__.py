"""Servers of other houses, played by us on the loopback address: real HTTP, invented people."""
