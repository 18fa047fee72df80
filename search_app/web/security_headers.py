"""Security and cache headers, CSRF protection and the session cookie."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, Response, request, session
from flask_wtf.csrf import CSRFProtect

from search_app.accounts import SESSION_HOURS
from search_app.accounts.bearer import API, ASSISTANTS, carries_token
from search_app.accounts.secret_key import session_secret
from search_app.accounts.sessions import carries_session
from search_app.settings import SiteSettings

POLICY = "Content-Security-Policy"
"""Name of the header of the content security policy; if a view sets it, its value is kept."""
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self'",
        "script-src 'self'",
        "form-action 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "payment",
        "usb",
    )
)
HEADERS = {
    POLICY: CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Other sites must not see the address of a search, which shows what someone searches for. Not "no-referrer",
    # because the CSRF check over HTTPS needs the Referer of the site's own pages.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
STRICT_TRANSPORT_SECURITY = "max-age=31536000"


def install(app: Flask, settings: SiteSettings) -> None:
    """Set up sessions, CSRF protection and headers.

    Raises:
        SettingsError: the session secret cannot be read or created.
    """
    app.config.update(
        SECRET_KEY=session_secret(settings.data),
        SESSION_COOKIE_NAME="session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.https,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=SESSION_HOURS),
        # The lifetime is counted from sign-in, not from the last request.
        SESSION_REFRESH_EACH_REQUEST=False,
        WTF_CSRF_TIME_LIMIT=SESSION_HOURS * 3600,
    )
    CSRFProtect(app)

    @app.after_request
    def protect(response: Response) -> Response:
        own_policy = response.headers.get(POLICY)
        response.headers.update(HEADERS)
        if own_policy is not None:
            response.headers[POLICY] = own_policy
        if response.allow:
            # Flask keeps methods in a set; sorting them makes the responses of all workers identical.
            response.headers["Allow"] = ", ".join(sorted(response.allow))
        if settings.https:
            response.headers["Strict-Transport-Security"] = STRICT_TRANSPORT_SECURITY
        # An error page under /static/ is like any other page, and shows the reader's name.
        if request.endpoint in {"static", "look.colours", "embed.script"} and response.status_code < 400:
            # Only addresses with a fingerprint of the content may be cached without revalidation.
            lasting = "v" in request.args
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if lasting else "no-cache"
            return response
        # The presence of a cookie or token decides, valid or not: not caching for an expired session does no harm.
        # Views that return private content without either set the header themselves.
        personal = carries_session() or carries_token() or session.modified or response.cache_control.no_store
        response.headers["Cache-Control"] = "private, no-store" if personal else "no-cache"
        response.vary.add("Cookie")
        if request.path.startswith(API) or request.path == ASSISTANTS:
            response.vary.add("Authorization")
            response.headers["X-Robots-Tag"] = "noindex"
        return response
