"""Tools that are no benchmarks: pictures of pages, web vitals, load."""
