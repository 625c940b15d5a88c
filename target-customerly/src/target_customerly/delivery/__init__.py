"""Delivery: how operations are applied through the API."""
