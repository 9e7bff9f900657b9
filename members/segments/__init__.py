"""Segments: named conditions over members, and who is in them."""
