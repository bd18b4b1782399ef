"""Files in parts: players ask for stretches of a video, and cannot seek without them (RFC 9110)."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from litestar import Response
from litestar.response import Stream

CHUNK_BYTES: Final = 1 << 16
RANGE: Final = re.compile(r"bytes=([0-9]{1,18})-([0-9]{1,18})?|bytes=-([0-9]{1,18})")

HEADERS: Final = {
    "accept-ranges": "bytes",
    # Asked for again each time: it may have been held or removed since.
    "cache-control": "private, no-cache",
    "x-content-type-options": "nosniff",
}


def send_file(path: Path, asked: str | None) -> Response[bytes] | Stream:
    """Return a video, or the one stretch of it that the header `Range` asks for."""
    size = path.stat().st_size
    start, end = 0, size
    found = RANGE.fullmatch(asked or "")
    if found is not None:
        first, last, of_end = found.groups()
        start = int(first) if first else max(0, size - int(of_end))
        end = min(size, int(last) + 1) if last else size
        if start >= end:
            return Response(b"", status_code=416, headers={"content-range": f"bytes */{size}"})
    headers = HEADERS | {"content-length": str(end - start)}
    if found is not None:
        headers["content-range"] = f"bytes {start}-{end - 1}/{size}"
    return Stream(
        _read(path, start, end),
        status_code=200 if found is None else 206,
        headers=headers,
        media_type="video/mp4",
    )


def _read(path: Path, start: int, end: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        left = end - start
        while left > 0 and (chunk := file.read(min(CHUNK_BYTES, left))):
            left -= len(chunk)
            yield chunk
