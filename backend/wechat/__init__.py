"""WeChat accounts bound to ours, the platform's credentials, messages that a person allowed, answers to keywords."""
