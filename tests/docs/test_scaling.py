"""The model of docs/scaling.md meets the points that were measured."""

from __future__ import annotations

import importlib.util
import re

import pytest

from tests.docs.pages import ROOT

SPEC = importlib.util.spec_from_file_location("model", ROOT / "benchmarks" / "model.py")
assert SPEC is not None
assert SPEC.loader is not None
model = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(model)

SCALING = (ROOT / "docs" / "scaling.md").read_text(encoding="utf-8")
READING = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")


def numbers(line):
    return [float(each.replace(",", "")) for each in re.findall(r"\d[\d,.]*\d|\d", line)]


POINTS = [line for line in SCALING.splitlines() if re.match(r"\| \d+ \| [\d,]+ \|", line)]


@pytest.mark.parametrize("line", POINTS)
def test_the_model_says_what_was_measured_of_a_run(line):
    projects, at_once, contacts, read, sent, processor, memory = numbers(line)
    each = read / projects
    first = each >= contacts
    assert processor == pytest.approx(projects * model.processor(each), rel=0.15)
    assert memory == pytest.approx(at_once * model.memory(contacts if first else 0), rel=0.15)
    if first:
        assert sent == pytest.approx(projects * model.requests(contacts), rel=0.1)


def test_the_points_are_of_one_project_and_of_several_at_once():
    assert {(int(numbers(line)[0]), int(numbers(line)[1])) for line in POINTS} >= {(1, 1), (6, 2)}


def seconds(latency, at_once):
    (block,) = re.findall(
        rf"^\| read 50,000 users {latency} ms \|.*\n(?:\|  \|.*\n)*", READING, re.MULTILINE
    )
    return float(*re.findall(rf"\| tap-customerly, {at_once} at once \| ([\d.]+)", block))


def test_the_model_says_what_was_measured_of_waiting():
    waited = seconds(50, 1) - seconds(0, 1)
    assert waited == pytest.approx(model.waiting(50_000, 0.05, 1), rel=0.25)


def test_with_eight_at_once_part_of_the_waiting_passes_while_pages_are_read():
    waited = seconds(50, 8) - seconds(0, 8)
    assert 0 < waited < 1.25 * model.waiting(50_000, 0.05, 8)
