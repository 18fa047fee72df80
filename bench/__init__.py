"""Speed and relevance, measured: `python -m bench` for speed, other modules a command each."""
