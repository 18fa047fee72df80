"""Who may come in, and what is noted of it.

Highest first: `views`, `oidc_views`, `bearer` and `sessions` are Flask's; `rights`, `passwords` and `oidc` decide on a
person; `store`, `tokens`, `session_store`, `throttle`, `audit` and `secret_key` keep a file each in the data folder,
readable by its owner alone; `email_address` stands below all. What is below Flask's serves the command line too.

This face holds the durations that others show, and imports nothing: the command line reads it before every command.
"""

__all__ = ["MAX_TOKEN_DAYS", "SESSION_HOURS", "TOKEN_DAYS"]

TOKEN_DAYS, MAX_TOKEN_DAYS = 365, 3650
"""Days for which a token is good, by default, and at most."""

SESSION_HOURS = 12
"""A session ends this long after sign-in, whatever was done in it."""
