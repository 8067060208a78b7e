"""Searching a conversation: case and accents do not matter, and every word has to be found.

In Python, not in SQL: `unaccent` is an extension that not every server lets us install, and what
`lower` knows depends on how the database was made. One conversation is small enough to be read.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo
from unicodedata import combining, normalize

from conversations.models import Attachment, Conversation, Message
from conversations.thread_content import words_around, words_in
from conversations.thread_entries import merged, messages_of
from conversations.thread_parts import DIRECTION_MARKS
from conversations.thread_rows import MessageRow, order_of

PAGE = 20
MOST_READ = 20_000  # messages, the newest
MOST_WORDS = 10
LEAD_IN = 40  # characters shown before the first word that is found
LONGEST_EXCERPT = 160
# Letters that no accent makes: nothing is left of them when they are taken apart.
ALIKE = str.maketrans(
    {"đ": "d", "ð": "d", "ł": "l", "ø": "o", "ħ": "h", "æ": "ae", "œ": "oe", "\u0131": "i"}
)


@dataclass(frozen=True)
class Span:
    text: str
    found: bool


@dataclass(frozen=True)
class Result:
    row: MessageRow
    excerpt: tuple[Span, ...]


@dataclass(frozen=True)
class Found:
    """Results, newest first; `total` of them there are, and more after `more_before`."""

    results: list[Result]
    total: int
    more_before: str = ""


def search(conversation: Conversation, query: str, *, before: str = "", zone: tzinfo) -> Found:
    """Return the messages with all words of a query, newest first, from a place on."""
    words = [word for word in map(folded, query.split()[:MOST_WORDS]) if word]
    hits = list(_hits(conversation, words)) if words else []
    left = [hit for hit in hits if not before or hit[0] < before]
    shown = {pk: lines for _order, pk, lines in left[:PAGE]}
    rows = merged(conversation, messages_of(conversation).filter(pk__in=shown), (), zone=zone)
    results = [
        Result(row, excerpt(shown[row.pk], words))
        for row in reversed(rows)
        if isinstance(row, MessageRow)
    ]
    return Found(results, len(hits), left[PAGE - 1][0] if len(left) > PAGE else "")


def folded(text: str) -> str:
    """Return a text without case and accents."""
    if text.isascii():
        return text.lower()
    apart = normalize("NFKD", normalize("NFKD", text).casefold())
    return "".join(letter for letter in apart if not combining(letter)).translate(ALIKE)


def excerpt(lines: list[str], words: list[str]) -> tuple[Span, ...]:
    """Return the line with the most of the words, cut around the first, in spans."""
    line = max(lines, key=lambda each: sum(word in folded(each) for word in words))
    found = _places(line, words)
    first = min((start for start, _end in found), default=0)
    begin = max(first - LEAD_IN, 0) if len(line) > LONGEST_EXCERPT else 0
    end = min(begin + LONGEST_EXCERPT, len(line))
    spans, at = [Span("…", found=False)] if begin else [], begin
    for start, stop in found:
        if start < end:
            spans.append(Span(line[at:start], found=False))
            at = min(stop, end)
            spans.append(Span(line[start:at], found=True))
    spans += [Span(line[at:end], found=False), Span("…" if end < len(line) else "", found=False)]
    return tuple(span for span in spans if span.text)


def _hits(conversation: Conversation, words: list[str]) -> Iterator[tuple[str, int, list[str]]]:
    """Yield place, id and lines of each message that has all of the words."""
    files: dict[int, list[str]] = defaultdict(list)
    named = Attachment.objects.filter(message__conversation=conversation).exclude(name="")
    for pk, name in named.values_list("message", "name"):
        files[pk].append(name.translate(DIRECTION_MARKS))
    read = Message.objects.filter(conversation=conversation).order_by("-occurred_at", "-pk")
    columns = ("pk", "occurred_at", "kind", "text", "content")
    for pk, at, kind, text, content in read.values_list(*columns)[:MOST_READ]:
        lines = [" ".join(text.split()), *files.get(pk, ())]
        if content:
            lines += [*words_in(kind, content), *words_around(kind, content)]
        whole = folded("\n".join(lines))
        if all(word in whole for word in words):
            yield order_of(at, pk), pk, [line for line in lines if line]


def _places(line: str, words: list[str]) -> list[tuple[int, int]]:
    """Return where words stand in a line: from and to, in order, none in another."""
    letters = [(letter, place) for place, each in enumerate(line) for letter in folded(each)]
    whole = "".join(letter for letter, _place in letters)
    marked: set[int] = set()
    for word in words:
        start = whole.find(word)
        while start >= 0:
            marked |= {place for _letter, place in letters[start : start + len(word)]}
            start = whole.find(word, start + len(word))
    spans: list[tuple[int, int]] = []
    for place in sorted(marked):
        if spans and spans[-1][1] == place:
            spans[-1] = (spans[-1][0], place + 1)
        else:
            spans.append((place, place + 1))
    return spans
