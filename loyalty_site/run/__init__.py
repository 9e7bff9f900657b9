"""`python -m loyalty_site.run`: everything that Laurel consists of, prepared, started, watched and stopped together."""
