"""`python -m tap_contact_files`."""

from tap_contact_files.tap import TapContactFiles

if __name__ == "__main__":
    TapContactFiles.cli()
