"""Fixtures that tests of the whole system share with those of the site."""

from tests.support.site_fixtures import *  # noqa: F403
