"""The staff's desk: what the admin pages of all rooms stand on. Who may see what comes from `shops.policy`."""
