"""The web site of the archive: a Flask app that works with any engine of `indexer`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from search_app.settings import SiteSettings

if TYPE_CHECKING:
    from flask import Flask

    from indexer.engine import Engine


def create_app(settings: SiteSettings, engine: Engine) -> Flask:
    """Return the site, ready to serve.

    Args:
        settings: settings of the archive and of the site.
        engine: answers searches; the site uses it only through the `Engine` protocol.

    Raises:
        SettingsError: the session secret cannot be read or made.
    """
    # Imported only when a site is created, so that commands which need no site do not load Flask.
    from search_app import staff
    from search_app.about import views as about_views
    from search_app.accounts import bearer, recovery_views, sessions
    from search_app.accounts import views as account_views
    from search_app.api import reference
    from search_app.api import views as api_views
    from search_app.assistants import views as assistant_views
    from search_app.browse import views as browse_views
    from search_app.embed import headers as embed_headers
    from search_app.embed import views as embed_views
    from search_app.export import discovery, feeds
    from search_app.export import views as export_views
    from search_app.export.oai import views as oai_views
    from search_app.inbox import views as inbox_views
    from search_app.members import pages as member_pages
    from search_app.resources import publications as publication_views
    from search_app.resources import views as resource_views
    from search_app.search import views as search_views
    from search_app.stores import open_stores
    from search_app.web import (
        accent,
        context,
        error_pages,
        metrics,
        request_limits,
        security_headers,
        templating,
    )

    app = error_pages.ArchiveFlask(__name__)
    stores = open_stores(settings)
    stores.searches.purge()
    stores.audit.purge()
    stores.inbox.purge()
    stores.followers.purge()
    stores.mails.purge()
    context.install(app, context.Site(settings, engine, stores, context.publication_files(settings)))
    metrics.install(app)
    # Handlers run in the order of installation: a request that is too long is refused before anything reads it.
    request_limits.install(app, settings)
    bearer.install(app)
    # Before anything else uses the template environment, since its options cannot change afterwards.
    templating.install(app)
    # Before the security headers, so that it can change them afterwards for pages that other sites embed.
    embed_headers.install(app, settings)
    security_headers.install(app, settings)
    error_pages.install(app)
    api_views.install(app)
    for pages in (
        search_views,
        browse_views,
        resource_views,
        publication_views,
        sessions,
        account_views,
        recovery_views,
        accent,
        export_views,
        feeds,
        discovery,
        oai_views,
        reference,
        inbox_views,
    ):
        app.register_blueprint(pages.blueprint)
    # OAI-PMH harvesters may also send requests by POST; they change nothing, and read no session.
    app.extensions["csrf"].exempt(oai_views.blueprint)
    embed_views.install(app, settings)
    assistant_views.install(app, settings)
    member_pages.install(app)
    about_views.install(app)
    if settings.sign_on is not None:
        # Imported only if single sign-on is configured: its libraries take long to load.
        from search_app.accounts import oidc_views

        oidc_views.install(app, settings.sign_on)
    staff.install(app)
    return app
