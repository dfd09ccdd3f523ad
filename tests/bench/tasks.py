"""What a process that is measured does: `tasks.py READER FILE` reads once, `tasks.py READER FILE N` N times more.

It loads the libraries of its own task alone. Prints the number of rows, of rows a section where the reader
knows sections, and the seconds of CPU of each further reading, that of its own children with it.
"""

from __future__ import annotations

import json
import resource
import sys


def kit(path):
    from kit.records import read_record

    record = read_record(path)
    return {"rows": len(record.rows), "sections": list(record.counts().values())}


def kit_table(path):
    from kit.records import read_record

    return {"rows": len(read_record(path).table())}


def pdfplumber(path):
    import pdfplumber as library

    with library.open(path) as pdf:
        return {"rows": sum(len(page.extract_text().splitlines()) for page in pdf.pages)}


def read_excel(path):
    import pandas as pd

    return {"rows": sum(map(len, pd.read_excel(path, sheet_name=None, engine="calamine").values()))}


def read_csv(path):
    import pandas as pd

    return {"rows": len(pd.read_csv(path))}


def again(read, path, times):
    """Read copies of the file, a new one each time: a reader may remember a file that it has read."""
    import shutil
    import tempfile
    from pathlib import Path

    for number in range(times):
        with tempfile.TemporaryDirectory() as folder:
            copy = shutil.copy(path, f"{folder}/{number}{Path(path).suffix}")
            start = cpu()
            read(copy)
            yield cpu() - start


def cpu():
    used = (resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def main():
    _, reader, path, *times = sys.argv
    read = {one.__name__: one for one in (kit, kit_table, pdfplumber, read_excel, read_csv)}[reader]
    said = read(path)
    print(json.dumps(said | {"again": list(again(read, path, int(times[0]) if times else 0))}))


if __name__ == "__main__":
    main()
