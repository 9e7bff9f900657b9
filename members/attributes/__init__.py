"""What a programme wants to know about its members beside what every programme does."""
