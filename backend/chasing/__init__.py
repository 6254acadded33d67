"""Going after students who are missing: reminders by template, notes of phone calls, and who was reached when."""
