"""What was bought and returned, as sources reported it: facts, never edited."""
