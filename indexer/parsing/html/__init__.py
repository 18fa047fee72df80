"""HTML pages: from bytes to the nodes (Drupal's word for resources), titles, dates and texts that a page shows."""
