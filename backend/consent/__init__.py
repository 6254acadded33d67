"""Separate, versioned consents: what was shown, what was answered, and that it can be withdrawn."""
