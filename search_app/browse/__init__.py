"""Ways into the archive besides searching: pages of territories, of themes, and of new resources."""
