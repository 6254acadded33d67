"""Accounts, roles and permissions; sign-in, sessions that can be listed and ended, lockout."""
