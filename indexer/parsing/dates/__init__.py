"""French dates: find them in text, and choose a resource's date."""
