"""Marks: what a person could be known by, in all the forms in which it may have got somewhere."""

import hashlib
from base64 import b64encode
from collections.abc import Iterator
from functools import cache
from urllib.parse import quote

HASHES = ("md5", "sha1", "sha256", "sha512", "blake2b")


@cache
def forms(mark: str) -> dict[str, bytes]:
    """The bytes by which a mark can be recognised, by what was done to it."""
    plain = mark.encode()
    found = {
        "plain": plain,
        "upper case": mark.upper().encode(),
        "reversed": plain[::-1],
        "percent": quote(mark, safe="").replace("-", "%2D").encode(),
        "utf-16-le": mark.encode("utf-16-le"),
        "utf-16-be": mark.encode("utf-16-be"),
        "utf-32": mark.encode("utf-32-le"),
    }
    for name in HASHES:
        found[name] = hashlib.new(name, plain).digest()
    for name, raw in list(found.items()):
        found |= {f"{name} in {code}": text for code, text in _written(raw)}
    return found


def _written(raw: bytes) -> Iterator[tuple[str, bytes]]:
    yield "hex", raw.hex().encode()
    yield "upper hex", raw.hex().upper().encode()
    for lead in range(3):
        # Whatever stands around it: only the letters that depend on the mark alone.
        text = b64encode(bytes(lead) + raw + bytes(3))
        sure = text[-(-lead * 8 // 6) : (lead + len(raw)) * 8 // 6]
        yield f"base64 +{lead}", sure
        yield f"urlsafe base64 +{lead}", sure.replace(b"+", b"-").replace(b"/", b"_")


def traces_of_bytes(raw: bytes, where: bytes) -> set[str]:
    """In which forms some bytes stand in others, as they are or written as text."""
    found = {"raw": raw, **dict(_written(raw))}
    return {name for name, form in found.items() if form in where}


def traces(mark: str, where: bytes) -> set[str]:
    """In which forms a mark stands in some bytes."""
    return {name for name, form in forms(mark).items() if form in where}
