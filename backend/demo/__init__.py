"""The invented college: one college, three centres, sixty people who do not exist, pictures that are made."""
