"""The outbox: facts written in the transaction that makes them true, and their relay."""
