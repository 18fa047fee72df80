"""The site: a Flask app over any engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.engine.base import Engine
from indexer.settings import Settings

if TYPE_CHECKING:
    from flask import Flask


def create_app(settings: Settings, engine: Engine) -> Flask:
    """Make the site.

    Args:
        settings: where accounts and the session secret live, and how the site presents itself.
        engine: what answers searches; the site knows nothing of it beyond the `Engine` protocol.

    Raises:
        SettingsError: the session secret, or the file that counts requests, cannot be read or made.
    """
    # Imported when a site is made, so that commands which make none do not wait for Flask.
    from search_app import (
        account,
        api,
        auth,
        bearer,
        context,
        discovery,
        errors,
        exports,
        feeds,
        health,
        intake,
        keeping,
        look,
        metrics,
        pages,
        rationing,
        reference,
        rendering,
        security,
        staff,
    )
    from search_app.access.files import open_access
    from search_app.quiet import QuietFlask

    app = QuietFlask(__name__)
    access = open_access(settings)
    access.searches.purge()
    access.audit.purge()
    context.install(app, context.Site(settings, engine, access))
    metrics.install(app)
    # In the order in which a request meets them: what is too long or too often is not read any further.
    intake.install(app, settings)
    bearer.install(app)
    rationing.install(app, settings)
    # Before anything else asks for the template environment, whose options are then fixed.
    rendering.install(app)
    security.install(app, settings)
    errors.install(app)
    api.install(app)
    for blueprint in (pages.blueprint, auth.blueprint, account.blueprint, health.blueprint, look.blueprint):
        app.register_blueprint(blueprint)
    for blueprint in (exports.blueprint, feeds.blueprint, discovery.blueprint, reference.blueprint):
        app.register_blueprint(blueprint)
    keeping.install(app)
    if settings.sign_on is not None:
        # Its libraries take long to load: only where they are of use.
        from search_app import sign_on

        sign_on.install(app, settings.sign_on)
    staff.install(app)
    return app
