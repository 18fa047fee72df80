"""Addresses of the pages to which mails and the command line link. Both run without the Flask site, so they cannot ask
it for its routes.

`tests/search_app/mail/test_addresses.py` compares these addresses with the routes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from urllib.parse import quote, urljoin

from itsdangerous import BadSignature, Signer

from search_app.settings import LOCAL_ADDRESS, SiteSettings

_MOST_OF_TOKEN = 200


def home(settings: SiteSettings) -> str:
    """Return the address of the search page."""
    return _absolute(settings, "/")


def search(settings: SiteSettings, arguments: str) -> str:
    """Return the address of the results of a search.

    Args:
        settings: settings of the site.
        arguments: its query string, without ``?``.
    """
    return _absolute(settings, f"/?{arguments}" if arguments else "/")


def resource(settings: SiteSettings, resource_id: str) -> str:
    """Return the address of the page of a resource."""
    return _absolute(settings, f"/ressources/{quote(resource_id, safe='')}")


def saved_search(settings: SiteSettings, search_id: int) -> str:
    """Return the address of a member's saved search."""
    return _absolute(settings, f"/recherches/{search_id}")


def password_link(settings: SiteSettings, token: str) -> str:
    """Return the address at which a person sets a password."""
    return _absolute(settings, f"/mot-de-passe/{token}")


def confirmation(settings: SiteSettings, token: str) -> str:
    """Return the address at which a visitor confirms the wish to get mails about new results of a search."""
    return _absolute(settings, f"/suivre/{token}")


def end_of_mails(settings: SiteSettings, token: str) -> str:
    """Return the address at which a person ends the mails about a search."""
    return _absolute(settings, f"/courriels/fin/{token}")


class EndTokens:
    """Signed tokens that end mails about a search, without signing in. They do not expire: a mail may be old.

    Args:
        secret: returns the key of the signatures; called once, when it is first needed.
    """

    def __init__(self, secret: Callable[[], bytes]) -> None:
        self._secret = cache(secret)

    def make(self, search_id: int) -> str:
        """Return the token that ends the mails about the search with a number."""
        return self._signer().sign(str(search_id)).decode("ascii")

    def read(self, token: str) -> int | None:
        """Return the number of the search that a token is for, or None if the token was not signed with our key."""
        if len(token) > _MOST_OF_TOKEN:
            return None
        try:
            return int(self._signer().unsign(token.encode("utf-8", "replace")))
        except (BadSignature, ValueError):
            return None

    def _signer(self) -> Signer:
        return Signer(self._secret(), salt=b"rtes end of mails", key_derivation="hmac", digest_method=hashlib.sha256)


def _absolute(settings: SiteSettings, path: str) -> str:
    return urljoin(settings.address or LOCAL_ADDRESS, path)
