"""Accounts: signing in, rights, tokens, and the audit log.

Layers, highest first: `views`, `oidc_views`, `recovery_views`, `bearer` and `sessions` need Flask; `passwords`, `oidc`
and `recovery` sign people in and set passwords; `rights` decides what an account may do now; `store`, `tokens`,
`links`, `session_store`, `throttle`, `audit` and `secret_key` store data in files of the data folder that only its
owner can read; `email_address`, `network` and `password_policy` are the lowest. The command line uses the layers below
Flask too.

This file defines the durations that other packages show. It imports nothing, because every command of the command line
loads it.
"""

__all__ = ["MAX_TOKEN_DAYS", "SESSION_HOURS", "TOKEN_DAYS"]

TOKEN_DAYS, MAX_TOKEN_DAYS = 365, 3650
"""Number of days for which a token is valid, by default and at most."""

SESSION_HOURS = 12
"""Number of hours after sign-in at which a session ends, whether or not it is used."""
