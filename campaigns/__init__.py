"""Which behaviour earns what: versions, the pure engine, awards, returns."""
