"""The pages of the texts about the site, and links to the written ones for the foot of every page."""

from __future__ import annotations

from flask import Blueprint, Flask, abort, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from search_app.about.markdown import to_html
from search_app.about.store import BY_SLUG, CONTACT, TEXTS, SiteTexts
from search_app.web.context import site
from search_app.web.urls import absolute

blueprint = Blueprint("about", __name__)


def install(app: Flask) -> None:
    """Add the pages of the texts about the site to an app, and the links to them at the foot of every page."""
    app.register_blueprint(blueprint)

    @app.context_processor
    def foot() -> dict[str, object]:
        return {"foot_links": foot_links, "inbox_days": site().settings.inbox_days}


@blueprint.get("/<any('mentions-legales','donnees-personnelles','accessibilite'):slug>")
def page(slug: str) -> ResponseReturnValue:
    """Show one text about the site; respond with 404 if staff have not written it."""
    text = shown_text(slug)
    if text is None:
        abort(404)
    return render_template(
        "about/page.html", title=BY_SLUG[slug].title, text=text, canonical=absolute("about.page", slug=slug)
    )


def shown_text(slug: str) -> Markup | None:
    """Return a text as HTML, or None if staff have not written it.

    Raises:
        StoreError: it cannot be read.
    """
    text = texts().read(slug)
    return None if text is None else Markup(to_html(text))  # noqa: S704 - safe by `to_html`


def texts() -> SiteTexts:
    """Return the store of the texts about this site."""
    return SiteTexts(site().settings.data)


def foot_links() -> list[tuple[str, str]]:
    """Return the address and title of each text that staff have written, and always of the contact page."""
    written = texts().written()
    return [
        (url_for("inbox.contact") if text.slug == CONTACT else url_for("about.page", slug=text.slug), text.title)
        for text in TEXTS
        if text.slug in written or text.slug == CONTACT
    ]
