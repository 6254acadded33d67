"""What happened, by whom, to what. Entries are only added, and each carries the hash of the one before."""
