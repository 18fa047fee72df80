"""Texts about the site that staff write: legal notice, personal data, accessibility, contact.

`views` needs Flask; `store`, `models` and `markdown` do not.
"""

from search_app.about.store import SiteText, SiteTexts

__all__ = ["SiteText", "SiteTexts"]
