"""Engines: one contract (`base`), several implementations."""
