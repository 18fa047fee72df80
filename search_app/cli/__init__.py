"""The commands, one module a concern; each adds its own to the command line."""

from search_app.cli import accounts, archive, backup, completion, corrections, jobs, logs, serve

CONCERNS = (archive, corrections, serve, accounts, logs, backup, jobs, completion)
