"""The staff desk, /gestion: one blueprint, whose modules have one subject each."""

from __future__ import annotations

from flask import Flask

__all__ = ["install"]


def install(app: Flask) -> None:
    """Add the staff desk."""
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
