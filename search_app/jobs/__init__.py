"""Long work in processes of their own: no page waits for it, and a restart of the site does not end it."""
