"""Editing of the pages of themes: an introduction and picked resources, shown as readers will see them, then published
at once.
"""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from indexer.resource import Audience
from search_app.about.markdown import to_html
from search_app.browse.store import MAX_BYTES, MOST_PICKED, ThemeText, ThemeTexts
from search_app.browse.themes import text_of, theme_at
from search_app.messages import quoted, typeset
from search_app.staff.desk import blueprint, record
from search_app.web.context import site

_TOO_LONG = typeset(f"Cette introduction dépasse {MAX_BYTES // 1000} ko : raccourcissez-la.")
_TOO_MANY = typeset(f"Choisissez {MOST_PICKED} ressources au plus : retirez-en.")
_MOVED = typeset(
    "Quelqu’un d’autre a changé cette page pendant que vous l’écriviez : votre version est gardée ci-dessous, la "
    "sienne est en ligne. Reprenez ce qu’il faut, puis publiez."
)


@blueprint.get("/themes/<theme_slug>")
def theme_page(theme_slug: str) -> ResponseReturnValue:
    """Show the editor of the page of a theme."""
    theme = _known(theme_slug)
    held = text_of(theme)
    return _page(theme, theme_slug, held, held)


@blueprint.post("/themes/<theme_slug>")
def edit_theme_page(theme_slug: str) -> ResponseReturnValue:
    """Preview the page of a theme, publish it or empty it (`action`: preview, save, remove)."""
    theme = _known(theme_slug)
    held = text_of(theme)
    lines = request.form.get("text", "").splitlines()
    text = "\n".join(line.rstrip() for line in lines).strip("\n")
    asked = [_id_of(line) for line in request.form.get("resources", "").split()]
    draft = ThemeText(text, tuple(dict.fromkeys(filter(None, asked))))
    action = request.form.get("action", "preview")
    if action == "remove":
        draft = ThemeText()
    if error := _fault(draft):
        return _page(theme, theme_slug, draft, held, error=error), 400
    if request.form.get("version") != held.version:
        return _page(theme, theme_slug, draft, held, error=_MOVED), 409
    if action not in {"save", "remove"}:
        return _page(theme, theme_slug, draft, held, preview=True)
    ThemeTexts(site().settings.data).write(theme_slug, draft)
    record("theme-page-edit" if draft else "theme-page-remove")
    flash(typeset("La page du thème est en ligne." if draft else "La page du thème n’a plus d’introduction."), "done")
    return redirect(url_for("browse.theme", theme_slug=theme_slug), 303)


def _known(slug: str) -> str:
    theme = theme_at(slug, Audience.STAFF)
    if theme is None:
        abort(404)
    return theme


def _id_of(written: str) -> str:
    """Return the id of a resource, given the id itself or the address of the resource's page."""
    return unquote(urlsplit(written).path.rstrip("/").rpartition("/")[2])


def _fault(draft: ThemeText) -> str | None:
    """Return a French sentence about what is wrong with the draft of a page, or None."""
    if len(draft.text.encode("utf-8", "replace")) > MAX_BYTES:
        return _TOO_LONG
    if len(draft.resources) > MOST_PICKED:
        return _TOO_MANY
    engine = site().engine
    missing = next((one for one in draft.resources if engine.get(one, audience=Audience.STAFF) is None), None)
    if missing is None:
        return None
    return quoted(missing) + typeset(" n’est pas une ressource : écrivez son adresse, ou la fin de son adresse.")


def _page(
    theme: str, slug: str, draft: ThemeText, held: ThemeText, *, error: str | None = None, preview: bool = False
) -> str:
    found = [(one, site().engine.get(one, audience=Audience.STAFF)) for one in draft.resources[:MOST_PICKED]]
    return render_template(
        "staff/theme_page.html",
        theme=theme,
        slug=slug,
        draft=draft,
        held=held,
        picked=[resource for _, resource in found if resource is not None],
        error=error,
        preview=Markup(to_html(draft.text, level=3)) if preview and draft.text else None,  # noqa: S704 - safe by `to_html`
        previewed=preview,
        most=MOST_PICKED,
    )
