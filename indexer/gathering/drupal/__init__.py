"""Nodes of a Drupal site, from the JSON:API of its core.

Other modules of gathering import from here.
"""

from indexer.gathering.drupal.fields import given_fields, read_fields
from indexer.gathering.drupal.nodes import DrupalRun

__all__ = ["DrupalRun", "given_fields", "read_fields"]
