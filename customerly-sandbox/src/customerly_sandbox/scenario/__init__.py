"""What can be switched on: faults, limits, changes by others, deliveries to webhooks."""
