"""Where and by whom: programmes, shops, devices, staff users, roles."""
