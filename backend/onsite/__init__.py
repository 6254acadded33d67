"""Capture on site: sessions with slots, who signed up, who checked in as which number, and each student's code."""
