"""Single sign-on through OpenID Connect: authorization code flow with PKCE, state and nonce. Off unless configured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from authlib.integrations.base_client import OAuthError
from authlib.integrations.base_client.errors import MismatchingStateError
from authlib.integrations.flask_client import OAuth
from flask import Blueprint, Flask, current_app, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from joserfc.errors import JoseError
from requests import RequestException

from search_app.accounts.oidc import Statements, UnsoundIdentityError, admit, identity_of
from search_app.accounts.sessions import begin_session, current_account, safe_next, sign_in_page
from search_app.errors import AccountError
from search_app.messages import said, typeset
from search_app.settings import SignOn
from search_app.web.context import site

_SIGN_ON_DOWN = typeset(
    "Le fournisseur d’identité ne répond pas pour l’instant : réessayez dans quelques minutes, "
    "ou connectez-vous avec un mot de passe si votre compte en a un."
)
_SIGN_ON_EXPIRED = typeset("Cette demande de connexion n’est plus valable : recommencez depuis cette page.")
_SIGN_ON_DENIED = (
    "Le fournisseur d’identité n’a pas donné son accord. Recommencez, ou choisissez une autre façon d’entrer."
)
_SIGN_ON_UNSOUND = typeset(
    "La réponse du fournisseur d’identité n’est pas celle attendue : recommencez. Si cela se répète, "
    "prévenez l’équipe du réseau."
)


blueprint = Blueprint("sign_on", __name__, url_prefix="/connexion/reseau")

PROVIDER_SECONDS = 5
"""Timeout of requests to the provider, in seconds."""

_CLIENT = "provider"
_NEXT = "sign_on_next"


class UnsoundError(Exception):
    """The response of the provider violates the protocol. The message is for the log."""


_UNSOUND = (OAuthError, JoseError, UnsoundError, UnsoundIdentityError, RuntimeError, ValueError, KeyError, TypeError)
"""Exceptions that an invalid response of the provider may raise."""


def install(app: Flask, settings: SignOn) -> None:
    """Add the routes of single sign-on, and the provider's client. The provider is not contacted before someone signs
    in.
    """
    OAuth(app).register(
        _CLIENT,
        client_id=settings.client_id,
        client_secret=settings.client_secret,
        server_metadata_url=f"{settings.issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid email profile",
            "code_challenge_method": "S256",
            "default_timeout": PROVIDER_SECONDS,
        },
    )
    app.register_blueprint(blueprint)


@blueprint.get("")
def start() -> ResponseReturnValue:
    """Redirect the person to the provider."""
    target = safe_next(request.args.get("next"))
    if current_account() is not None:
        return redirect(target, 303)
    _forget()
    try:
        _metadata()
        # The provider accepts only registered redirect addresses, so a forged Host header does no harm.
        back = url_for(".finish", _external=True, _scheme="https" if site().settings.https else "http")
        answer = _client().authorize_redirect(back)
    except Exception as error:
        return _refuse(error, target)
    session[_NEXT] = target
    return answer  # type: ignore[no-any-return]


@blueprint.get("/retour")
def finish() -> ResponseReturnValue:
    """Sign the person in, or show why that failed."""
    target = safe_next(session.get(_NEXT))
    try:
        account = admit(site().stores, identity_of(_statements(), _settings()))
    except Exception as error:
        _forget()
        return _refuse(error, target)
    site().audit.record("sign-in", account.email, "single sign-on")
    begin_session(account)
    return redirect(target, 303)


def _statements() -> Statements:
    """Return the provider's claims about the person, after verifying the ID token."""
    client, settings = _client(), _settings()
    if not any(name.startswith("_state_") for name in session):
        # Sign-in was not started in this browser, so the provider is not contacted.
        raise MismatchingStateError()
    metadata = _metadata()
    token = client.authorize_access_token(
        claims_options={
            "iss": {"essential": True, "value": metadata["issuer"]},
            "aud": {"essential": True, "value": settings.client_id},
        }
    )
    claims = token.get("userinfo")
    if not claims:
        raise UnsoundError("no ID token")
    # Many providers leave the address out of the ID token.
    wanted = {"email", "email_verified", settings.role_claim.split(".")[0]}
    more = None
    stated = {name for name, value in claims.items() if value is not None}
    if metadata.get("userinfo_endpoint") and not wanted <= stated:
        more = client.userinfo(token=token)
    return Statements(claims, more)


def _metadata() -> Mapping[str, Any]:
    metadata = _client().load_server_metadata()
    if str(metadata.get("issuer", "")).rstrip("/") != _settings().issuer.rstrip("/"):
        raise UnsoundError(f"the provider calls itself {metadata.get('issuer')!r}")
    signing = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
    # The library accepts every algorithm listed here, even "none".
    metadata["id_token_signing_alg_values_supported"] = [one for one in signing if one != "none"]
    return metadata  # type: ignore[no-any-return]


def _refuse(error: Exception, target: str) -> ResponseReturnValue:
    """Return the sign-in page with the reason why single sign-on failed; a password may still work.

    Args:
        error: why it failed; one that is no fault of single sign-on is raised again.
        target: address of this site to which signing in leads.
    """
    if isinstance(error, AccountError):
        return sign_in_page(target, error=said(error), status=403)
    if isinstance(error, MismatchingStateError):
        return sign_in_page(target, error=_SIGN_ON_EXPIRED, status=400)
    if isinstance(error, OAuthError) and error.error == "access_denied":
        return sign_in_page(target, error=_SIGN_ON_DENIED, status=403)
    if isinstance(error, RequestException):
        current_app.logger.error("fournisseur d’identité injoignable : %s", type(error).__name__)
        return sign_in_page(target, error=_SIGN_ON_DOWN, status=503)
    if not isinstance(error, _UNSOUND):
        raise error
    # Not the exception's message, which may contain the address that was requested.
    reason = str(error) if isinstance(error, UnsoundError) else type(error).__name__
    current_app.logger.error("réponse du fournisseur d’identité refusée : %.300s", reason)
    return sign_in_page(target, error=_SIGN_ON_UNSOUND, status=502)


def _forget() -> None:
    """Remove what earlier attempts at single sign-on left in the session."""
    for name in [name for name in session if name == _NEXT or name.startswith("_state_")]:
        session.pop(name)


def _client() -> Any:
    return current_app.extensions["authlib.integrations.flask_client"].create_client(_CLIENT)


def _settings() -> SignOn:
    settings = site().settings.sign_on
    assert settings is not None, "these pages exist only where it is configured"  # noqa: S101
    return settings
