"""The roster (学籍): registered data of students and alumni, their own verification of it, corrections to it."""
