"""What members are told: mail, and the local inbox of the demo."""
