"""French dates: finding them in text, and choosing one."""
