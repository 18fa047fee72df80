"""The staff desk, /gestion: one blueprint, one module a concern."""

from __future__ import annotations

from flask import Flask


def install(app: Flask) -> None:
    """Add the staff desk."""
    # Importing a module adds its routes to the blueprint.
    from search_app.staff import accounts, care, desk, imports, jobs, themes, vocabulary, watching  # noqa: F401

    app.register_blueprint(desk.blueprint)
    app.jinja_env.globals["corrected_fields"] = care.corrected_fields
