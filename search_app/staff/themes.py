"""Renaming and merging of themes, after a preview of the effect."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from indexer.analysis import collation_key, theme_key
from indexer.errors import CorrectionError
from indexer.pipeline import corrections_of
from indexer.query import FacetValue
from search_app.browse.addresses import theme_slug
from search_app.browse.store import ThemeTexts
from search_app.messages import said, typeset
from search_app.search.params import NONE
from search_app.staff.desk import actor, archive_facets, blueprint, publish, record
from search_app.web.context import site


@dataclass(frozen=True, slots=True)
class Renaming:
    """The effect of renaming a theme.

    Attributes:
        theme: current name of the theme.
        name: its new name.
        moved: number of resources that have the theme.
        joined: number of resources that already have a theme with the new name.
    """

    theme: str
    name: str
    moved: int
    joined: int


@blueprint.get("/themes")
def theme_list() -> ResponseReturnValue:
    """Show all themes, and which of them were renamed."""
    return _page()


@blueprint.post("/themes")
def rename_theme() -> ResponseReturnValue:
    """Show the effect of a new name; rename the theme once the effect has been shown."""
    theme, name = request.form.get("theme", "").strip(), " ".join(request.form.get("name", "").split())
    counts = {theme_key(value.label): value.count for value in _themes()}
    if not theme_key(name) or theme_key(theme) not in counts:
        return _page(error=typeset("Choisissez un thème et écrivez son nouveau nom."), theme=theme, name=name), 400
    if "confirm" not in request.form:
        joined = 0 if theme_key(name) == theme_key(theme) else counts.get(theme_key(name), 0)
        return _page(renaming=Renaming(theme, name, counts[theme_key(theme)], joined), theme=theme, name=name)
    try:
        corrections_of(site().settings).rename_theme(theme, name, actor=actor())
    except CorrectionError as error:
        return _page(error=said(error), theme=theme, name=name), 400
    record("theme-rename")
    flash(typeset("Le thème est renommé ; c’est en cours de publication."), "done")
    publish()
    return redirect(url_for("staff.theme_list"), 303)


@blueprint.post("/themes/retablir")
def restore_theme() -> ResponseReturnValue:
    """Give a renamed theme back the name that the imported pages use."""
    corrections_of(site().settings).restore_theme(request.form.get("key", ""), actor=actor())
    record("theme-restore")
    flash(typeset("Le thème reprend le nom que lui donnent les pages ; c’est en cours de publication."), "done")
    publish()
    return redirect(url_for("staff.theme_list"), 303)


def _page(
    *, renaming: Renaming | None = None, error: str | None = None, theme: str | None = None, name: str = ""
) -> str:
    renames = corrections_of(site().settings).renames()
    return render_template(
        "staff/themes.html",
        themes=_themes(),
        theme_slug=theme_slug,
        written=ThemeTexts(site().settings.data).written(),
        renames=sorted(renames.items(), key=lambda rename: collation_key(rename[0])),
        renaming=renaming,
        error=error,
        theme=request.args.get("theme", "") if theme is None else theme,
        name=name,
    )


def _themes() -> list[FacetValue]:
    values = (value for value in archive_facets().theme if value.value != NONE)
    return sorted(values, key=lambda value: collation_key(value.label))
