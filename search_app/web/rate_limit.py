"""Stops scrapers, not people: every request counts for the one who asks it, and one too many is answered 429."""

from __future__ import annotations

import math

from flask import Flask, Response, request

from search_app import messages
from search_app.accounts.secret_key import session_secret
from search_app.accounts.sessions import current_account
from search_app.network import client_network
from search_app.settings import SiteSettings
from search_app.web import error_pages
from search_app.web.rates import Rates

RATES_FILE = "rates.bin"

COSTS = {"static": 0.0, "health.healthz": 0.0, "api.suggest": 0.25}
"""How many requests a route counts for, by endpoint; any other, for one. Typing a query asks for suggestions often."""

OF_ACCOUNTS = 0.2
"""Likewise for those signed in, who are counted by account and not by address: an office shares one."""


def install(app: Flask, settings: SiteSettings) -> None:
    """Limit how often each reader may ask, if settings say so.

    Raises:
        SettingsError: the file of counts cannot be used.
    """
    if settings.rate is None:
        return
    rates = Rates(settings.data / RATES_FILE, settings.rate, session_secret(settings.data))

    @app.before_request
    def ration() -> Response | None:
        cost = COSTS.get(request.endpoint or "", 1.0)
        if not cost:
            return None
        account = current_account()
        if account is None:
            wait = rates.wait(f"address {client_network(request.remote_addr)}", cost)
        else:
            wait = rates.wait(f"account {account.key}", cost * OF_ACCOUNTS)
        return None if not wait else _too_many(wait)


def _too_many(wait: float) -> Response:
    response = error_pages.answer(429, messages.error(429))
    response.headers["Retry-After"] = str(max(1, math.ceil(wait)))
    return response
