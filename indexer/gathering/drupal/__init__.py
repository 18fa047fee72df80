"""Nodes of a Drupal site, read through the JSON:API that is part of Drupal core.

Other modules of gathering import from this module.
"""

from indexer.gathering.drupal.fields import given_fields, read_fields
from indexer.gathering.drupal.nodes import DrupalRun

__all__ = ["DrupalRun", "given_fields", "read_fields"]
