"""Composition root: settings, URLs, queue, processes. Imports every room, is imported by none."""
