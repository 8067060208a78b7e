"""What must stand in no log line, task, outbox row or error report, and how it is found."""

import re
from dataclasses import dataclass

# Beginnings are compared, window by window: a run has thousands of texts and lines.
WINDOW = 12
SHORTEST_SECRET = 8
# "password" as a password: nobody can tell it from a word of the product's own.
TEXTS = "what people wrote"
OUR_WORD = re.compile(r"[a-z]+")

# What looks like a secret and is none: ids, digests, moments, places in code.
HARMLESS = re.compile(
    r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b"  # UUIDs
    r"|\b[0-9a-f]{64}\b"  # SHA-256, HMAC
    r"|\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?"
    r"|\bsignal-handler \(\d{10}\)"  # Valkey's seconds
    r"|\bsite_[0-9a-z_]+"  # schemas
    r'|"(?:issue|message|attachment)_id": "?\d+'
    r"|\b0x[0-9a-f]+"
    r"|[\w./<>-]*\.py\b"
)
KINDS = {
    "a token": r"(?<![\w-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=[\w-]*[0-9])[A-Za-z0-9_-]{24,}",
    "a JWT": r"eyJ[\w-]{8,}",
    "a session id": r"\b(?=[a-z0-9]*[g-z])(?=[a-z0-9]*[0-9])[a-z0-9]{32}\b",
    "an authenticator's key": r"\b(?:[A-Z2-7]{4} ){3,}[A-Z2-7]{4}\b|\b[A-Z2-7]{32}\b",
    "a recovery code": r"\b(?:[a-z2-7]{4}-){3}[a-z2-7]{4}\b",
    "the head of an authorization": r"(?i)\b(?:bearer|basic|app) +[\w.~+/-]{8,}",
    "a path that is a secret": r"/(?:hooks/\w+|media|panel/files|invitation)/[\w.~:-]{6,}",
    "a phone number": r"(?<![\w.])\d{9,15}(?![\w.])|\+\d[\d ()-]{7,}\d",
}
PATTERNS = [(kind, re.compile(pattern)) for kind, pattern in KINDS.items()]


@dataclass(frozen=True)
class Leak:
    """What was found in a line, without saying it again."""

    kind: str
    source: str  # a logger, a task, an outbox row
    where: str  # a test, or the log of a process

    def __str__(self) -> str:
        return f"{self.kind} in {self.source} ({self.where})"


class Secrets:
    """What was typed, sent or stored while the tests ran, by what it is."""

    def __init__(self):
        self.kind_of = {}
        self._by_beginning = {}

    def add(self, kind, secret):
        secret = secret.strip()
        if len(secret) < SHORTEST_SECRET or secret in self.kind_of:
            return
        if not kind.startswith(TEXTS) and OUR_WORD.fullmatch(secret):
            return
        self.kind_of[secret] = kind
        self._by_beginning.setdefault(secret[:WINDOW], set()).add(secret)

    def in_line(self, line):
        """Yield the kinds of what a line holds of it."""
        for size in {len(beginning) for beginning in self._by_beginning}:
            for start in range(len(line) - size + 1):
                for secret in self._by_beginning.get(line[start : start + size], ()):
                    if line.startswith(secret, start):
                        yield self.kind_of[secret]


def kinds_in(line, secrets=None):
    """Return the kinds of secrets that a line holds: by their looks, and those that are known."""
    bare = HARMLESS.sub(" ", line)
    kinds = {kind for kind, pattern in PATTERNS if pattern.search(bare)}
    return kinds | set(secrets.in_line(line) if secrets else ())
