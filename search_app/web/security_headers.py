"""Security and cache headers, CSRF protection and the session cookie."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, Response, request, session
from flask_wtf.csrf import CSRFProtect

from search_app.accounts import SESSION_HOURS
from search_app.accounts.bearer import API, carries_token
from search_app.accounts.secret_key import session_secret
from search_app.accounts.sessions import carries_session
from search_app.settings import SiteSettings

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
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # The address of a search tells what someone looks for: other sites never see it. Not "no-referrer", because
    # the CSRF check over HTTPS reads the Referer of our own pages.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
STRICT_TRANSPORT_SECURITY = "max-age=31536000"


def install(app: Flask, settings: SiteSettings) -> None:
    """Set up sessions, CSRF protection and headers.

    Raises:
        SettingsError: the session secret cannot be read or made.
    """
    app.config.update(
        SECRET_KEY=session_secret(settings.data),
        SESSION_COOKIE_NAME="session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.https,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=SESSION_HOURS),
        # Counted from sign-in, not from the last page.
        SESSION_REFRESH_EACH_REQUEST=False,
        WTF_CSRF_TIME_LIMIT=SESSION_HOURS * 3600,
    )
    CSRFProtect(app)

    @app.after_request
    def protect(response: Response) -> Response:
        response.headers.update(HEADERS)
        if response.allow:
            # Flask keeps methods in a set: in a fixed order, the same address gets the same bytes from every worker.
            response.headers["Allow"] = ", ".join(sorted(response.allow))
        if settings.https:
            response.headers["Strict-Transport-Security"] = STRICT_TRANSPORT_SECURITY
        # An error under /static/ is a page like any other, with the reader's name on it.
        if request.endpoint in {"static", "look.colours"} and response.status_code < 400:
            # Only addresses that carry the content's fingerprint may be kept without asking again.
            lasting = "v" in request.args
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if lasting else "no-cache"
            return response
        # Asked of the cookie or the header alone: a session that is over loses nothing by not being kept in a cache.
        # A view that gives something private without either says so itself.
        personal = carries_session() or carries_token() or session.modified or response.cache_control.no_store
        response.headers["Cache-Control"] = "private, no-store" if personal else "no-cache"
        response.vary.add("Cookie")
        if request.path.startswith(API):
            response.vary.add("Authorization")
            response.headers["X-Robots-Tag"] = "noindex"
        return response
