"""What else a member did: events of declared types, as sources reported them: facts, never edited."""
