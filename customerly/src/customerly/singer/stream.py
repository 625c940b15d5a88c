"""The stream that the taps build on: records are written many at a time where they may be."""

from __future__ import annotations

import logging
from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from singer_sdk.helpers.conform import TypeConformanceLevel
from singer_sdk.mapper import SameRecordTransform
from singer_sdk.streams import Stream

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Sequence

    from singer_sdk.helpers.types import Context

    from customerly.singer.messages import Output

Record = dict[str, Any]


class QuickStream(Stream):
    """A stream whose records are clean when they are read, and mostly leave as they are."""

    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE  # the types are right already

    @property
    @abstractmethod
    def output(self) -> Output:
        """Where records go."""

    @abstractmethod
    def record_batches(self) -> Iterable[Sequence[Record]]:
        """Read the stream.

        Yields:
            Clean records; when the next ones are asked for, the last ones have been written.
        """

    def get_records(self, context: Context | None) -> Iterable[Record]:  # noqa: ARG002
        """Read the stream record by record, for the SDK's own way of writing.

        Args:
            context: Unused: no stream has a parent.

        Yields:
            Records that the SDK may change.
        """
        for records in self.record_batches():
            yield from map(dict, records)

    @property
    def leaves_as_it_is(self) -> bool:
        """Whether nothing is to be mapped, flattened, deselected or limited."""
        first, *more = self.stream_maps
        return (
            not more
            and type(first) is SameRecordTransform
            and first.stream_alias == self.name
            and not first.flattening_enabled
            and self.ABORT_AT_RECORD_COUNT is None
            and all(self.mask.values())
        )

    def _sync_records(
        self, context: Context | None = None, *, write_messages: bool = True
    ) -> Generator[Record, Any, Any]:
        # Overridden for speed: most of the SDK's work on a record is for what is not asked for.
        if not write_messages or not self.leaves_as_it_is:
            yield from super()._sync_records(context, write_messages=write_messages)
            return
        with self.get_record_counter() as counter, self.get_sync_timer():
            for records in self.record_batches():
                self.output.write_records(self.name, records, self._stream_version)
                counter.increment(len(records))
        self._finalize_state(self.stream_state)
        self._write_state_message()

    def log(self, message: str, *args: Any, level: int = logging.INFO, **kwargs: Any) -> None:
        """Log, except the SDK's line that an error is unhandled: the command reports it in one.

        Args:
            message: As for a logger.
            args: As for a logger.
            level: As for a logger.
            kwargs: As for a logger.
        """
        if level < logging.ERROR:
            super().log(message, *args, level=level, **kwargs)
