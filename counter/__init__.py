"""Shop staff: scan, see the member, redeem, undo."""
