"""Ordering: what may overtake what, and batches that keep that order while they run at once."""
