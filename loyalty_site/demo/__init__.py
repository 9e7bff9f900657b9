"""The demo: a coffee roaster's programme with people, shops and some months of trade to look around in."""
