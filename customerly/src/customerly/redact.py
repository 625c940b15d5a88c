"""What must not be read by others is taken out of a text before it is shown."""

from __future__ import annotations

import re

_ADDRESS = re.compile(r"[^\s\"'<>(),:;=]+@[^\s\"'<>(),:;=]+")
_MOST = 300  # characters of a foreign text that are worth a line


def redact(text: str, *secrets: str) -> str:
    """Make a foreign text fit for a log: one line, no secret, no e-mail address.

    Args:
        text: For example the message of an error that the API answered.
        secrets: What must not show, such as the access token.

    Returns:
        The text on one line of at most 300 characters, each secret as `***` and each e-mail
        address as `<address>`.
    """
    for secret in secrets:
        if secret:
            text = text.replace(secret, "***")
    text = _ADDRESS.sub("<address>", text)
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= _MOST else line[: _MOST - 1] + "…"
