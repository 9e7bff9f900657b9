"""A few words every room shares. No Django."""
