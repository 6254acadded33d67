"""Commands of the compliance engine."""

COMMANDS = ()
