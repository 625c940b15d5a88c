"""`python -m customerly.sandbox`: the same as `customerly sandbox`."""

from customerly.cli.sandbox import sandbox

if __name__ == "__main__":
    sandbox(prog_name="python -m customerly.sandbox")
