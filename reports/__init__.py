"""Read-only numbers: dashboards. Writes nothing."""
