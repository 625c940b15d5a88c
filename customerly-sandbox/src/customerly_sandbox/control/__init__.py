"""The control routes, under `/_sandbox`, which the real API does not have."""
