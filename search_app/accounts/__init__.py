"""Who may come in, and what is noted of it. Knows nothing of Flask: the command line uses it too.

Every file here is one `Store` in the data folder, readable by its owner alone.
"""

TOKEN_DAYS, MAX_TOKEN_DAYS = 365, 3650
"""For which a token is good, unless told otherwise, and at most."""

SESSION_HOURS = 12
"""A session ends this long after sign-in, whatever was done in it."""
