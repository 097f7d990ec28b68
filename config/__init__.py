"""The deployment: settings from the environment, URLs, the command line's edge, error answers."""
