"""The condition language: typed tree, compilers, sentences. Rooms above declare their fields to it."""
