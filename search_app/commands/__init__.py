"""The commands, one module a concern; each adds its own to the command line."""

from search_app.commands import accounts, archive, completion, corrections, jobs, journals, safekeeping, site

CONCERNS = (archive, corrections, site, accounts, journals, safekeeping, jobs, completion)
