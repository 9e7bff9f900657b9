"""The member's own pages: balance, history, rewards, card with QR."""
