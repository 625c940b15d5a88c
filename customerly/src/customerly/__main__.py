"""`python -m customerly` is the command `customerly`."""

from customerly.cli import main

if __name__ == "__main__":
    main()
