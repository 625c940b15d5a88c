"""Webhooks in: a receiver that answers when a delivery is on disk, and the spool it fills."""
