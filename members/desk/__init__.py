"""Pages of the desk about members that are more than a list and a record."""
