"""Photos of students: drafts, append-only versions with their reports, review by the centre."""
