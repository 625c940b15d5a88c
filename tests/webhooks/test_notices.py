"""What the operator is told of refusals."""

from __future__ import annotations

from customerly.webhooks.notices import Notices


def test_a_line_a_kind_and_minute() -> None:
    lines: list[str] = []
    moment = [0.0]
    notices = Notices(lines.append, lambda: moment[0])
    for moment[0] in (0.0, 30.0, 59.0, 60.0, 61.0):
        notices.refused(404)
        notices.refused(200)
    notices.refused(413)
    assert [line.split(":")[0] for line in lines] == [
        "Answered 404",
        "Answered 404",
        "Answered 413",
    ]
    assert "(2 more before)" in lines[1]
