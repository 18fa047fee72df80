"""Editing of the texts about the site: shown as readers will see them, then published at once."""

from __future__ import annotations

import re

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from search_app.about.markdown import to_html
from search_app.about.models import model_of
from search_app.about.store import BY_SLUG, CONTACT, MAX_BYTES, TEXTS, SiteText, version_of
from search_app.about.views import texts
from search_app.messages import typeset
from search_app.staff.desk import blueprint, record
from search_app.web.context import site

_TOO_LONG = typeset(f"Ce texte dépasse {MAX_BYTES // 1000} ko : raccourcissez-le.")
_MOVED = typeset(
    "Quelqu’un d’autre a changé ce texte pendant que vous l’écriviez : votre version est gardée ci-dessous, la sienne "
    "est en ligne. Reprenez ce qu’il faut, puis publiez."
)
_GAP = re.compile(r"\[[^\[\]]+\](?!\()")
"""Matches a passage in square brackets that is no Markdown link: templates mark so what staff must complete."""
_INCOMPLETE = typeset("Il reste des passages entre crochets à compléter.")


@blueprint.get("/textes")
def text_list() -> ResponseReturnValue:
    """Show which texts about the site are written."""
    return render_template("staff/site_texts.html", texts=TEXTS, written=texts().written(), contact=CONTACT)


@blueprint.get("/textes/<slug>")
def site_text(slug: str) -> ResponseReturnValue:
    """Show the editor of a text about the site; an unwritten text begins with a template."""
    text = _known(slug)
    held = texts().read(slug)
    return _page(text, model_of(slug, site().settings) if held is None else held, held)


@blueprint.post("/textes/<slug>")
def edit_site_text(slug: str) -> ResponseReturnValue:
    """Preview a text about the site, publish it or remove it (`action`: preview, save, remove)."""
    text = _known(slug)
    held = texts().read(slug)
    draft = "\n".join(line.rstrip() for line in request.form.get("text", "").splitlines()).strip("\n")
    draft += "\n" if draft else ""
    action = request.form.get("action", "preview")
    if action == "remove":
        draft = ""
    if len(draft.encode("utf-8", "replace")) > MAX_BYTES:
        return _page(text, draft, held, error=_TOO_LONG), 400
    if request.form.get("version") != version_of(held):
        return _page(text, draft, held, error=_MOVED), 409
    if action not in {"save", "remove"}:
        return _page(text, draft, held, preview=True)
    if action == "save" and _GAP.search(draft):
        return _page(text, draft, held, error=_INCOMPLETE, preview=True), 400
    texts().write(slug, draft)
    record("site-text-edit" if draft else "site-text-remove", slug)
    said = f"« {text.title} » est en ligne." if draft else f"« {text.title} » est retiré du site."
    flash(typeset(said), "done")
    return redirect(url_for("staff.text_list"), 303)


def _known(slug: str) -> SiteText:
    if slug not in BY_SLUG:
        abort(404)
    return BY_SLUG[slug]


def _page(text: SiteText, draft: str, held: str | None, *, error: str | None = None, preview: bool = False) -> str:
    return render_template(
        "staff/site_text.html",
        text=text,
        draft=draft,
        written=held is not None,
        version=version_of(held),
        error=error,
        preview=Markup(to_html(draft, level=3)) if preview else None,  # noqa: S704 - safe by `to_html`
        where=url_for("inbox.contact") if text.slug == CONTACT else url_for("about.page", slug=text.slug),
    )
