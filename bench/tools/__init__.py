"""Tools that are not benchmarks: screenshots, web vitals, load."""
