"""Entity resolution: which nodes of which pages are one resource, and what that resource is."""
