"""What is kept of pages: the pages as they came, the catalogue, parsed pages and corrections."""
