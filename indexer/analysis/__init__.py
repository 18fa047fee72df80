"""French analysis: one step a module; `analyzer` puts them in order."""
