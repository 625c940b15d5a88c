"""`python -m customerly_report` is the command `customerly-report`."""

from customerly_report.command import main

if __name__ == "__main__":
    main()
