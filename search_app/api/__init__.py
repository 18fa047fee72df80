"""The JSON API and its reference page."""
