"""The staff desk, the pages under /gestion: one blueprint, to which each module adds the routes of one subject."""

from __future__ import annotations

from flask import Flask

__all__ = ["install"]


def install(app: Flask) -> None:
    """Add the routes of the staff desk to an app, and `corrected_fields` to its templates."""
    # Importing a module adds its routes to the blueprint.
    from search_app.staff import (  # noqa: F401
        accounts,
        bulk,
        checklist,
        corrections,
        curated,
        desk,
        import_preview,
        imports,
        jobs,
        messages,
        publications,
        search_stats,
        site_texts,
        sources,
        synonyms,
        theme_pages,
        themes,
    )

    app.register_blueprint(desk.blueprint)
    app.jinja_env.globals["corrected_fields"] = corrections.corrected_fields
