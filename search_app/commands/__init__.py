"""The commands, one module a concern; each adds its own to the command line."""

from search_app.commands import accounts, archive, journals, safekeeping, site

CONCERNS = (archive, site, accounts, journals, safekeeping)
