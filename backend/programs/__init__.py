"""Programs that ask instead of people: tokens of other systems, answers kept for a second try, webhooks."""
