"""One reader a family of record: file -> rows, each with its page and line.

A family is one module beside this file with `reads(path, head)`, true where the content is its
own, and `read(path)`, which gives the Record. The content decides, never the file's name. A reader of
tables has `read_column(path, column)` too, for a table whose column of partners the reporter names.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from kit.errors import RecordError
from kit.records.record import SHARING_COLUMNS, LeftOut, Record, Row, stamp_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

__all__ = ["SHARING_COLUMNS", "LeftOut", "Record", "Row", "read_record"]

_HEAD = 4096


def read_record(path: str | Path, *, column: str = "") -> Record:
    """Read a record file with the reader that knows its layout; RecordError where none does.

    `column` names the column of partners in a table, by its heading, letter or number.
    """
    path = Path(path)
    head, before = _head(path), stamp_of(path)
    for reader in _readers():
        if column and not hasattr(reader, "read_column"):
            continue
        if reader.reads(path, head):
            record: Record = reader.read_column(path, column) if column else reader.read(path)
            if stamp_of(path) != before:
                what = "The file changed while it was read."
                raise RecordError(what, str(path), "Wait until it is whole, and read it again.")
            return record
    raise RecordError(
        "The file is not a record that the kit can read.",
        str(path),
        f"It can read: {'; '.join(reader.TITLE for reader in _readers())}.",
    )


def _readers() -> Iterator[ModuleType]:
    """Give the reader modules in the order of their names."""
    for found in iter_modules(__path__):
        module = import_module(f"{__name__}.{found.name}")
        if hasattr(module, "reads"):
            yield module


def _head(path: Path) -> bytes:
    """Give the first bytes of a file; RecordError where there is nothing to read."""
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            msg = "This is no file, but a pipe or a device."
            raise RecordError(msg, str(path), "Save what it gives to a file, and name that.")
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except IsADirectoryError as cause:
        msg = "This is a folder, not a record."
        raise RecordError(msg, str(path), "Name one file in it.") from cause
    except OSError as cause:
        msg = f"The file cannot be opened: {cause.strerror}."
        raise RecordError(msg, str(path), "Check the name and that you may read it.") from cause
    if not head:
        msg = "The file is empty."
        raise RecordError(msg, str(path), "Ask for the record again; nothing can be read from it.")
    return head
