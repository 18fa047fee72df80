"""The headers that let the sites named by `RTES_EMBED` run the script, frame the page, and read the API as visitors.

Only responses to such requests differ from those of an archive that is not embedded anywhere.
"""

from __future__ import annotations

from flask import Flask, Response, g, request

from search_app.accounts.bearer import API, carries_token
from search_app.settings import SiteSettings
from search_app.web.security_headers import CONTENT_SECURITY_POLICY, POLICY

SCRIPT, FRAME = "embed.script", "embed.frame"
"""Endpoints of the script and of the page for an iframe."""

_KEPT = "public, max-age=3600"
_NOBODY = "frame-ancestors 'none'"
_RESOURCE_POLICY = "Cross-Origin-Resource-Policy"


def install(app: Flask, settings: SiteSettings) -> None:
    """Set the headers that let the sites of `settings.embed` embed the search.

    Must be called before the security headers are installed: Flask runs `after_request` functions in reverse order,
    so that the one installed here can change the security headers.
    """
    sites = settings.embed
    if not sites:
        return

    def reads_api() -> bool:
        """Return whether the current request reads the API, without a token, from a page of a site that may embed."""
        return request.path.startswith(API) and request.headers.get("Origin") in sites and not carries_token()

    @app.before_request
    def forget_session() -> None:
        if request.endpoint in {SCRIPT, FRAME} or reads_api():
            # A cookie comes along if the two sites share a domain.
            g.account = None

    @app.after_request
    def open_up(response: Response) -> Response:
        if request.path.startswith(API):
            response.vary.add("Origin")
        if request.endpoint == SCRIPT and response.status_code < 400:
            response.headers[_RESOURCE_POLICY] = "cross-origin"
            response.headers["Access-Control-Allow-Origin"] = "*"
            response.headers["Cache-Control"] = _KEPT
        elif request.endpoint == FRAME and response.status_code <= 400:
            policy = CONTENT_SECURITY_POLICY.replace(_NOBODY, f"frame-ancestors {' '.join(sites)}")
            response.headers[POLICY] = policy
            response.headers[_RESOURCE_POLICY] = "cross-origin"
            del response.headers["X-Frame-Options"]
        elif reads_api():
            # Credentials are never allowed: other sites read the API only as visitors do.
            response.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
            response.headers["Access-Control-Expose-Headers"] = "Retry-After"
        return response
