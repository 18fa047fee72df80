"""The JSON API, its OpenAPI description and its reference page.

This file exports the serializers, which do not need Flask: exports and the command line write the same objects.
`create_app` installs `views` and `reference`.
"""

from search_app.api.serializers import resource_json, search_json

__all__ = ["resource_json", "search_json"]
