"""`python -m customerly_sandbox`: the same as `customerly sandbox`."""

from customerly_sandbox.cli import sandbox

if __name__ == "__main__":
    sandbox(prog_name="python -m customerly_sandbox")
