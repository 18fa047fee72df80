"""The site: a Flask app over any engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.engine.protocol import Engine
from search_app.settings import SiteSettings

if TYPE_CHECKING:
    from flask import Flask


def create_app(settings: SiteSettings, engine: Engine) -> Flask:
    """Make the site.

    Args:
        settings: where accounts and the session secret live, and how the site presents itself.
        engine: what answers searches; the site knows nothing of it beyond the `Engine` protocol.

    Raises:
        SettingsError: the session secret, or the file that counts requests, cannot be read or made.
    """
    # Imported when a site is made, so that commands which make none do not wait for Flask.
    from search_app import staff
    from search_app.accounts import bearer, sessions
    from search_app.accounts import views as account
    from search_app.api import reference
    from search_app.api import views as api
    from search_app.export import discovery, feeds
    from search_app.export import views as exports
    from search_app.members import views as keeping
    from search_app.search import views as pages
    from search_app.stores import open_stores
    from search_app.web import (
        accent,
        context,
        error_pages,
        health,
        metrics,
        rate_limit,
        request_limits,
        security_headers,
        templating,
    )
    from search_app.web.logging import QuietFlask

    app = QuietFlask(__name__)
    stores = open_stores(settings)
    stores.searches.purge()
    stores.audit.purge()
    context.install(app, context.Site(settings, engine, stores))
    metrics.install(app)
    # In the order in which a request meets them: what is too long or too often is not read any further.
    request_limits.install(app, settings)
    bearer.install(app)
    rate_limit.install(app, settings)
    # Before anything else asks for the template environment, whose options are then fixed.
    templating.install(app)
    security_headers.install(app, settings)
    error_pages.install(app)
    api.install(app)
    for blueprint in (pages.blueprint, sessions.blueprint, account.blueprint, health.blueprint, accent.blueprint):
        app.register_blueprint(blueprint)
    for blueprint in (exports.blueprint, feeds.blueprint, discovery.blueprint, reference.blueprint):
        app.register_blueprint(blueprint)
    keeping.install(app)
    if settings.sign_on is not None:
        # Its libraries take long to load: only where they are of use.
        from search_app.accounts import oidc_views

        oidc_views.install(app, settings.sign_on)
    staff.install(app)
    return app
