"""Ranges are those of slicing, and nonsense means the whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.byte_ranges import ByteRange, Unsatisfiable, asked_range

CONTENT = bytes(range(100))
numbers = st.integers(0, 250)


def cut(header, content=CONTENT):
    part = asked_range(header, len(content))
    return content if part is None else content[part.first : part.last + 1]


@given(first=numbers, last=numbers)
def test_first_and_last_are_a_slice(first, last):
    expected = CONTENT[first : last + 1]

    if last < first:
        assert cut(f"bytes={first}-{last}") == CONTENT
    elif not expected:
        with pytest.raises(Unsatisfiable):
            cut(f"bytes={first}-{last}")
    else:
        assert cut(f"bytes={first}-{last}") == expected


@given(first=st.integers(0, 99))
def test_open_end_reaches_to_the_last_byte(first):
    assert cut(f"bytes={first}-") == CONTENT[first:]


@given(length=st.integers(1, 250))
def test_suffix_counts_from_the_end(length):
    assert cut(f"bytes=-{length}") == CONTENT[-length:]


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=-0", "bytes=100-200"])
def test_no_byte_in_the_range_is_an_error(header):
    with pytest.raises(Unsatisfiable):
        asked_range(header, 100)


@given(st.text(max_size=30))
def test_no_header_raises_anything_else(text):
    for header in (text, f"bytes={text}"):
        try:
            part = asked_range(header, 100)
        except Unsatisfiable:
            continue
        assert part is None or 0 <= part.first <= part.last < 100


@pytest.mark.parametrize("header", ["", "bytes=-", "bytes=0-1,3-4", "items=0-1", "bytes=a-b"])
def test_other_headers_mean_the_whole_file(header):
    assert asked_range(header, 100) is None


def test_range_says_its_size():
    assert ByteRange(10, 19).size == 10
