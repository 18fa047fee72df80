"""Helpers and fixtures that several tests share, imported by name."""
