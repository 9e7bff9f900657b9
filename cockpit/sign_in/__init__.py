"""How customers come in: an address, a code mailed to it, and nothing to remember. Built on django-allauth."""
