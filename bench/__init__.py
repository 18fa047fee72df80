"""Benchmarks of speed and relevance: `python -m bench` measures speed; each other module is a command."""
