"""Notices with a task, the short addresses on their posters, and how often they were scanned."""
