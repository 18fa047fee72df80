"""The site: a Flask app over any engine."""
