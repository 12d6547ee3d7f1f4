"""The output ``parquet``: all frames of an output folder as ``readings.parquet``, one row a frame.

Its columns are those of `nonet.outputs.parquet.reading_table`, with one more, ``source``: what has become of the file,
as in the CSV.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nonet.files import replacing_path
from nonet.outputs.made_by import made_by_hash
from nonet.outputs.output import Output
from nonet.outputs.parquet.reading_table import item_key, parquet_schema, reading_row, table_of
from nonet.outputs.read_file import source_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nonet.errors import Failure
    from nonet.outputs.output import Entry

__all__ = ["ParquetOutput"]

_FILE = "readings.parquet"
_ROWS = 512
"""Rows that are held at a time."""


class ParquetOutput(Output):
    """Writes ``readings.parquet``."""

    name = "parquet"

    def write_folder(self, entries: Sequence[Entry], failures: Sequence[Failure]) -> None:
        """Write the rows of all frames."""
        del failures
        import pyarrow as pa
        import pyarrow.parquet as pq

        schema = parquet_schema().append(pa.field("source", pa.string()))
        rows = _rows(entries)
        with (
            replacing_path(self.folder / _FILE) as part,
            pq.ParquetWriter(part, schema, compression="zstd") as file,
        ):
            while held := [row for row, _ in zip(rows, range(_ROWS), strict=False)]:
                file.write_table(table_of(held, schema))


def _rows(entries: Sequence[Entry]) -> Iterator[dict[str, Any]]:
    for entry in entries:
        reading = entry.reading
        made_by = made_by_hash(reading.bundle.sha256, reading.settings)
        name = source_name(entry.name, reading.source.frame, reading.source.frames)
        item = item_key(name, reading.source.file_sha256, made_by)
        yield {**reading_row(entry.name, item, made_by, reading), "source": entry.state.value}
