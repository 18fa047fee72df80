"""Speed and relevance, measured: each module is a command (`python -m bench.analysis`)."""
