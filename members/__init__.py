"""Who belongs: members, identifiers, cards, visits."""
