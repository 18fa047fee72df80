"""What every page of the site stands on."""
