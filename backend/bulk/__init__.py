"""Bulk photos: a centre's scanned files in, each laid to its student, checked, and handed in for those chosen."""
