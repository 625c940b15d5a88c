"""What is to become of a file: its columns, understood by the target itself."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from tap_contact_files.contact_file import ContactFile
from tap_contact_files.header import comparable
from tap_contact_files.options import FileOptions
from tap_contact_files.schema import schema_of
from target_customerly.intake.plan import StreamPlan, plan_stream
from target_customerly.intake.resources import Context
from target_customerly.intake.rules import Rules
from target_customerly.intake.understanding import JOINED
from target_customerly.intake.usual_names import is_first_name
from target_customerly.ordering.keys import KeyMaker
from target_customerly.settings import Settings

from customerly.cli.importing.column_types import DECIMAL_MARKS, Look, Looks
from customerly.cli.importing.elsewhere import elsewhere
from customerly.cli.importing.suspicious import Suspicions
from customerly.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from tap_contact_files.contact_file import Record
    from tap_contact_files.row import Row

    from customerly.cli.importing.options import ImportOptions

REJECT_COLUMNS = ("row", "reason")
"""The last columns of a file of rejects; they are left out where it is imported."""

_EXAMPLES = 3


@dataclass(frozen=True)
class ImportPlan:
    """How a file will be imported.

    Attributes:
        file: The file.
        options: What was asked for.
        stream: What its rows are called in complaints.
        schema: The schema of its records.
        config: The target's settings, without those of the connection.
        columns: What its columns become.
        looks: Attribute columns of text of which every cell looks like something else.
        unclear_numbers: Columns that were said to be numbers, and of which no cell says what a
            point or a comma stands for.
        suspicious: Column to what its cells hardly mean, a sentence each.
        examples: Its first records.
    """

    file: ContactFile
    options: ImportOptions
    stream: str
    schema: Mapping[str, Any]
    config: dict[str, Any]
    columns: StreamPlan
    looks: dict[str, Look]
    unclear_numbers: list[str]
    suspicious: dict[str, list[str]]
    examples: list[Record]

    @property
    def warnings(self) -> list[str]:
        """What is read in a way that a person may not expect, a sentence each."""
        cells = (f"{name}: {each}" for name, says in self.suspicious.items() for each in says)
        return [*self.file.warnings, *cells]

    @property
    def left_from_before(self) -> tuple[str, ...]:
        """The columns that an earlier import added, where this is its file of rejects, mended."""
        return REJECT_COLUMNS if _is_of_rejects(list(self.file.columns)) else ()

    @property
    def set_by_customerly(self) -> list[str]:
        """The columns that are called like a field which nobody can write."""
        own = self.columns.resource.read_only - self.columns.rule.mapping.keys()
        return [name for name in self.file.columns if name in own]

    @property
    def first_names(self) -> str | None:
        """The column of first names, where no column becomes the name."""
        if any(column.field == JOINED for column in self.columns.columns.columns()):
            return None
        return next((name for name in self.file.columns if is_first_name(name)), None)

    @property
    def to_send(self) -> int:
        """Rows that are neither blank nor unreadable."""
        counts = self.file.counts
        return counts.rows - counts.blank - counts.bad


def plan_import(path: Path, options: ImportOptions) -> ImportPlan:
    """Find out how a file is to be imported; nothing is sent.

    Args:
        path: The file.
        options: What was asked for.

    Returns:
        The plan.

    Raises:
        CustomerlyError: The file can't be read as a whole, or its columns do not fit.
    """
    how = FileOptions(
        encoding=options.encoding,
        delimiter=options.delimiter,
        sheet=options.sheet,
        header_row=options.header_row,
    )
    seen, suspicions = Looks(), Suspicions()

    def see(row: Row) -> None:
        seen.take(row)
        suspicions.take(row)

    file = ContactFile(path, how, see)
    rule, schema = _rule(options, list(file.columns)), schema_of(file.columns)
    config = {"streams": {path.name: rule}, "max_rejects": -1, "long_text": options.long_text}
    try:
        columns = _understood(path.name, schema, config)
    except ConfigError as error:
        end = "" if str(error).endswith("?") else "."
        hint = elsewhere(file)
        raise ConfigError(f"{error}{end}{hint}" if hint else str(error)) from None
    unclear = _decide_marks(rule["types"], seen, file.columns)
    of_text = [c.name for c in columns.columns.columns() if c.attribute and c.reader is None]
    looks = {name: look for name in of_text if (look := seen.of(file.columns[name]))}
    if options.finds_types:
        rule["types"] |= {name: look.types[0] for name, look in looks.items() if look.is_sure}
        looks = {name: look for name, look in looks.items() if not look.is_sure}
    columns = _understood(path.name, schema, config)
    examples = list(islice(_records(file), _EXAMPLES))
    used = [column.name for column in columns.columns.columns() if column.field or column.attribute]
    suspicious = {name: says for name in used if (says := suspicions.of(file.columns[name]))}
    return ImportPlan(
        file, options, path.name, schema, config, columns, looks, unclear, suspicious, examples
    )


def _rule(options: ImportOptions, names: list[str]) -> dict[str, Any]:
    """Say what becomes of the columns as an entry of the target's setting `streams`."""
    mapping = {_spelled(name, names): field or None for name, field in options.mapping.items()}
    if _is_of_rejects(names):
        mapping = {**dict.fromkeys(REJECT_COLUMNS), **mapping}
    return {
        "resource": options.resource,
        "operation": options.operation,
        "mapping": mapping,
        "types": {_spelled(name, names): type_ for name, type_ in options.types.items()},
        "tag": options.tag,
        "tag_separator": options.tag_separator,
    }


def _decide_marks(types: dict[str, str], seen: Looks, columns: Mapping[str, int]) -> list[str]:
    """Let the cells of columns that are numbers decide what a comma in them stands for.

    Returns:
        The columns of which they do not.
    """
    unclear = []
    for name in [name for name, type_ in types.items() if type_.lower() == "number"]:
        look = seen.of(columns[name])
        if look is None:
            continue
        if len(look.types) > 1:
            unclear.append(name)
        elif look.types[0] in DECIMAL_MARKS:
            types[name] = look.types[0]
    return unclear


def _understood(stream: str, schema: Mapping[str, Any], config: dict[str, Any]) -> StreamPlan:
    settings = Settings.from_config(config)
    context = Context(KeyMaker(), clears=False, inlines_tags=False)
    plan = plan_stream(stream, schema, Rules(settings), settings, context, _unheard)
    assert plan is not None  # noqa: S101 - the rule is for this very stream
    return plan


def _is_of_rejects(names: list[str]) -> bool:
    return tuple(names[-len(REJECT_COLUMNS) :]) == REJECT_COLUMNS


def _unheard(_line: str) -> None:
    """Keep quiet: the preview shows what the target warns of."""


def _spelled(name: str, names: list[str]) -> str:
    """Find the column that a person means who writes it in another case."""
    alike = [each for each in names if comparable(each) == comparable(name)]
    return name if name in names or len(alike) != 1 else alike[0]


def _records(file: ContactFile) -> Iterable[Record]:
    return file.records(file.columns, lambda _row: None)
