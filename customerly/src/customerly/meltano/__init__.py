"""A Meltano project as it lies on disk: what it is set to, and what its runs left behind."""
