"""Singer tap for contact files."""
