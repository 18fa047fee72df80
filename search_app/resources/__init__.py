"""The page of one resource."""
