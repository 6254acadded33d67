"""The outside world behind the ports: models, files, channels."""
