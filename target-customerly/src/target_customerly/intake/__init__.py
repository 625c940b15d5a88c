"""Intake: what a stream's records mean, as operations; the guards and the dry run."""
