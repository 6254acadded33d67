"""Capture rounds: which centre takes which route to which unit, its sessions, codes and batches."""
