"""One page to look at the sandbox with: its files, which ask the control routes for all else."""

from __future__ import annotations

from importlib.resources import files

from customerly_sandbox.http.messages import Response

FILES = {
    "ui": ("page.html", "text/html"),
    "ui/page.js": ("page.js", "text/javascript"),
    "ui/page.css": ("page.css", "text/css"),
}
"""Path below the control routes to file and content type."""

_POLICY = (
    *("default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'"),
    *("img-src data:", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"),
)
_HEADERS = {
    "Content-Security-Policy": "; ".join(_POLICY),
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def file(path: str) -> Response:
    """One of the page's files.

    Args:
        path: A name of `FILES`.
    """
    name, kind = FILES[path]
    body = files(__name__).joinpath(name).read_bytes()
    return Response(body, 200, dict(_HEADERS), f"{kind}; charset=utf-8")
