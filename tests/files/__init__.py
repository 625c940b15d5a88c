"""Contact files: the tap that reads them, and `customerly import`."""
