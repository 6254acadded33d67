"""Supplementary photos of earlier graduates (往届): which way is theirs, applications, cases, scans and their end."""
