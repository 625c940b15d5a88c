"""What the models make of what was loaded, against the sandbox's own state."""
