"""Django's PostgreSQL backend, with what Laurel needs besides."""
