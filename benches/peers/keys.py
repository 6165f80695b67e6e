"""Made-up registers as Arrow tables, and their 16-byte keys in the types that peers like."""

from pathlib import Path

import numpy as np
import pyarrow as pa


def table(folder: Path, name: str) -> pa.Table:
    """A register, read into memory in pieces of a million rows, as it was written."""
    with pa.OSFile(str(folder / f"{name}.arrow")) as source:
        return pa.ipc.open_file(source).read_all()


def halves(key: pa.ChunkedArray) -> tuple[np.ndarray, np.ndarray]:
    """The first and the last 8 bytes of each key, as numbers."""
    parts = [np.frombuffer(c.buffers()[1], ">u8")[2 * c.offset : 2 * (c.offset + len(c))] for c in key.chunks]
    words = np.concatenate(parts).astype("u8")
    return words[0::2].copy(), words[1::2].copy()


def with_halves(rows: pa.Table) -> pa.Table:
    """The table with columns `hi` and `lo` for its key."""
    hi, lo = halves(rows["pseudonym"])
    rows = rows.drop_columns("pseudonym")
    # HUGEINT is signed, so its upper half is.
    return rows.append_column("hi", pa.array(hi.view("i8"))).append_column("lo", pa.array(lo))


def with_uuid(rows: pa.Table) -> pa.Table:
    """The table with its key's bytes called a UUID; nothing is copied."""
    chunks = [pa.ExtensionArray.from_storage(pa.uuid(), chunk) for chunk in rows["pseudonym"].chunks]
    at = rows.schema.get_field_index("pseudonym")
    return rows.set_column(at, "pseudonym", pa.chunked_array(chunks, pa.uuid()))
