"""What clients get. Amounts are decimal strings; times are in UTC."""
