"""Singer tap for Customerly."""
