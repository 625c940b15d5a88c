"""tap-contact-files by itself: streams, settings, bad rows and memory."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import psutil
import pytest
import xlsxwriter
from tap_contact_files.tap import TapContactFiles
from tap_customerly.tap import TapCustomerly
from target_customerly.target import TargetCustomerly

from tests.files.corpus import ADA, LIN
from tests.support.run import Run, invoke, read_lines, start

if TYPE_CHECKING:
    from pathlib import Path


def run_tap(folder: Path, *files: dict[str, Any], **settings: Any) -> Run:
    config = {"bad_rows_path": str(folder / "bad.jsonl"), "files": list(files), **settings}
    path = folder / "config.json"
    path.write_text(json.dumps(config))
    return invoke(lambda: TapContactFiles.cli, "--config", str(path))


def write(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


def own(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name[:5] != "_sdc_"}


def test_a_record_is_text_with_its_file_and_row(tmp_path: Path) -> None:
    path = write(tmp_path / "l.csv", f"E-Mail,seats\n\n{ADA},5\n")
    run = run_tap(tmp_path, {"path": path})
    (record,) = run.records("contacts")
    assert own(record) == {"E-Mail": ADA, "seats": "5"}
    assert (record["_sdc_source_file"], record["_sdc_source_lineno"]) == (path, 3)
    assert record["_sdc_source_file_mtime"].endswith("+00:00")
    assert len(run.of("STATE")) == 1
    assert run.schema("contacts")["properties"]["seats"] == {"type": ["string", "null"]}


@pytest.mark.parametrize("text", ["", "."])
def test_a_cell_at_the_end_of_the_sheet_is_said_before_it_fills_the_memory(
    tmp_path: Path, text: str
) -> None:
    path = tmp_path / "far.xlsx"
    workbook = xlsxwriter.Workbook(path)
    sheet = workbook.add_worksheet()
    sheet.write_column("A1", ["email", ADA])
    sheet.write("XFD1048576", text, workbook.add_format({"bold": True}))
    workbook.close()
    run = run_tap(tmp_path, {"path": str(path)})
    if text:
        assert "far below or right of the table" in run.complaints[-1]
    else:  # a form without content
        assert len(run.records("contacts")) == 1


def test_files_of_one_stream_are_read_each_by_its_own_header(tmp_path: Path) -> None:
    write(tmp_path / "1.csv", f"email,name\n{ADA},Ada\n")
    write(tmp_path / "2.csv", f"Name,plan,Email\nLin,pro,{LIN}\n")
    run = run_tap(tmp_path, {"pattern": str(tmp_path / "*.csv"), "stream": "people"})
    assert [own(record) for record in run.records("people")] == [
        {"email": ADA, "name": "Ada"},
        {"name": "Lin", "plan": "pro", "email": LIN},
    ]


def test_a_name_with_wildcards_is_taken_as_it_is(tmp_path: Path) -> None:
    path = write(tmp_path / "leads [May]?.csv", f"email\n{ADA}\n")
    write(tmp_path / "leads M1.csv", f"email\n{LIN}\n")
    assert [r["email"] for r in run_tap(tmp_path, {"path": path}).records("contacts")] == [ADA]


def test_a_bad_row_is_kept_with_file_row_and_reason(tmp_path: Path) -> None:
    path = write(tmp_path / "l.csv", f"email,name\n{ADA},A,B\n{LIN},Lin\n")
    run = run_tap(tmp_path, {"path": path})
    assert [record["email"] for record in run.records("contacts")] == [LIN]
    assert not run.of("STATE")  # by which a target would take the input for complete
    (bad,) = read_lines(tmp_path / "bad.jsonl")
    assert (bad["file"], bad["row"], bad["cells"]) == (path, 2, [ADA, "A", "B"])
    assert "3 cells" in bad["reason"]
    assert (tmp_path / "bad.jsonl").stat().st_mode & 0o777 == 0o600


def test_a_bad_row_can_end_the_run_before_anything_is_sent(tmp_path: Path) -> None:
    path = write(tmp_path / "l.csv", f"email,name\n{LIN},Lin\n{ADA},A,B\n")
    run = run_tap(tmp_path, {"path": path}, on_bad_row="fail")
    assert run.code == 1
    assert not run.of("RECORD")
    assert "row 3" in run.complaints[-1]


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ([], "files"),
        ([{"path": "a", "pattern": "b"}], "files[0]"),
        ([{"stream": "leads"}], "files[0]"),
        ([{"pattern": "/nowhere/*.csv"}], "no file matches"),
        ([{"path": "/nowhere/l.csv"}], "no such file"),
        ([{"path": "/"}], "is a folder"),
        ([{"path": "a", "colour": "red"}], "colour"),
    ],
)
def test_a_wrong_setting_is_one_line(tmp_path: Path, files: Any, says: str) -> None:
    run = run_tap(tmp_path, *files)
    assert run.code == 1
    assert len(run.complaints) == 1
    assert says in run.complaints[0]


def test_an_empty_text_counts_as_not_given(tmp_path: Path) -> None:
    path = write(tmp_path / "l.csv", f"email;name\n{ADA};Ada\n")
    run = run_tap(
        tmp_path, {"path": path, "sheet": "", "encoding": "", "delimiter": "", "stream": ""}
    )
    assert [own(record) for record in run.records("contacts")] == [{"email": ADA, "name": "Ada"}]


def test_stream_maps_are_applied(tmp_path: Path) -> None:
    path = write(tmp_path / "l.csv", f"email,name\n{ADA},Ada\n")
    maps = {"contacts": {"email": "email.upper()", "__alias__": "leads"}}
    run = run_tap(tmp_path, {"path": path}, stream_maps=maps)
    assert [record["email"] for record in run.records("leads")] == [ADA.upper()]


@pytest.mark.parametrize("rows", [30_000, pytest.param(1_000_000, marks=pytest.mark.soak)])
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the peak of memory in /proc")
def test_memory_does_not_grow_with_the_file(tmp_path: Path, rows: int) -> None:
    def peak(count: int) -> int:
        path = tmp_path / f"{count}.csv"
        with path.open("w") as file:
            file.write("email,name,tags\n")
            file.writelines(f'p{n}@example.com,"Person, {n}",vip\n' for n in range(count))
        config = tmp_path / "config.json"
        config.write_text(json.dumps({"files": [{"path": str(path)}]}))
        most = 0
        with start("tap-contact-files", "--config", config, env={"LOGLEVEL": "ERROR"}) as tap:
            process = psutil.Process(tap.pid)
            assert tap.stdout is not None
            while tap.stdout.read(1 << 20):
                most = max(most, process.memory_info().rss)
        assert tap.returncode == 0
        return most

    assert peak(rows) - peak(1000) <= 60 << 20


@pytest.mark.parametrize("plugin", [TapContactFiles, TapCustomerly, TargetCustomerly])
def test_the_help_ends_with_lines_that_can_be_copied(plugin: Any) -> None:
    help_ = invoke(lambda: plugin.cli, "--help").stdout
    lines = help_.partition("Examples:\n")[2].splitlines()
    assert any(line.strip().startswith(plugin.name) for line in lines), help_
    assert [line.strip() for line in lines] == list(plugin.examples)  # none was broken
