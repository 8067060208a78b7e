"""Ranges of bytes that a request asks for, as HTTP defines them; one at a time."""

import re
from dataclasses import dataclass

ASKED = re.compile(r"bytes=\s*(\d*)-(\d*)\s*", re.ASCII | re.IGNORECASE)
LONGEST = 100  # characters of a header that can be meant seriously


class Unsatisfiable(Exception):
    """No byte of the file lies in the range."""


@dataclass(frozen=True)
class ByteRange:
    """The bytes from `first` to `last`, both counted in."""

    first: int
    last: int

    @property
    def size(self) -> int:
        return self.last - self.first + 1


def asked_range(header: str, size: int) -> ByteRange | None:
    """Return the range that a Range header asks for of a file of `size` bytes.

    None for the whole file, also where several are asked for or the header makes no sense. Raises
    Unsatisfiable.
    """
    found = ASKED.fullmatch(header) if len(header) <= LONGEST else None
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        first, last = max(size - int(found[2]), 0), size - 1
    else:
        first, last = int(found[1]), min(int(found[2] or size), size - 1)
        if found[2] and int(found[2]) < first:
            return None
    if first >= size:
        raise Unsatisfiable
    return ByteRange(first, last)
