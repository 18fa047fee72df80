"""The JSON API, its description and the page about it.

The face is the JSON itself, without Flask: exports and the command line write the same objects. `create_app` installs
`views` and `reference`.
"""

from search_app.api.serializers import resource_json, search_json

__all__ = ["resource_json", "search_json"]
