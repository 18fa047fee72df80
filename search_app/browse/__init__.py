"""Ways in besides searching: pages of territories, of themes, and of what is new."""
