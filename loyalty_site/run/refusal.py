"""The one way in which starting Laurel can fail."""


class Refusal(Exception):
    """Laurel can't start; the text is for the person who tried: what is wrong, and what to do about it."""
