"""Keeping the promise to fetch a file: the outbox's handler for what lies at the provider."""

from datetime import timedelta
from email.message import Message as Headers

from django.utils import timezone

from channels.downloads import Download, Refused, TooLarge, downloaded
from channels.models import ProviderAccount
from channels.pace import take_turn
from channels.public_addresses import ForbiddenAddress
from conversations.capabilities import LARGEST_FILE
from conversations.contracts import Promise
from conversations.errors import NotStored, NotYetItsTurn, TemporaryFailure
from conversations.file_problems import (
    DELAYED,
    FORBIDDEN_ADDRESS,
    NO_ROOM,
    NOT_ALLOWED,
    NOT_FOUND,
    NOT_TAKEN,
    OUT_OF_REACH,
    TOO_LARGE,
)
from conversations.models import Attachment
from conversations.services.fetched_files import awaited, give_up, note_delay, store_file

FILES_PER_SECOND = 15.0  # that Infobip hands out to an account
GIVE_UP_AFTER = timedelta(hours=24)
TRIES_IN_SILENCE = 3  # a few seconds: after them the agent is told that it takes long
TRIES_FOR_MISSING = 8  # some four minutes: a file may be named before it is there
LONGEST_WAIT = 3600  # seconds
BUSY, GONE, DENIED, SERVER_ERROR = 429, {404, 410}, {401, 403}, 500


def fetch_file(promise: Promise) -> None:
    """Fetch one file of a customer's message; what is final is shown with the message.

    A file that is fetched twice is stored once.
    """
    attachment = awaited(int(promise.subject))
    if attachment is None:
        return
    stale = timezone.now() - promise.promised_at >= GIVE_UP_AFTER
    if stale and promise.uncertain_since is not None:
        # No try has come to an end: perhaps the file itself stops us.
        give_up(attachment, OUT_OF_REACH)
        return
    try:
        problem = _fetch(attachment, promise)
    except NotYetItsTurn:
        raise
    except Exception as failure:
        # A storage that is full or away is no failure of the provider's: the agent waits as long.
        if not (stale and isinstance(failure, TemporaryFailure)):
            if promise.attempt >= TRIES_IN_SILENCE:
                note_delay(attachment, NO_ROOM if isinstance(failure, NotStored) else DELAYED)
            raise
        problem = OUT_OF_REACH
    if problem:
        give_up(attachment, problem)


def _fetch(attachment: Attachment, promise: Promise) -> str:
    """Fetch and store; returns the problem that no other try would solve, "" without one."""
    account = ProviderAccount.objects.connected()
    if account is None:
        raise TemporaryFailure("No provider account is connected.")
    take_turn(promise, "media", per_second=FILES_PER_SECOND)
    key = f"App {account.api_key}"
    try:
        with downloaded(attachment.source_url, key=key, largest=LARGEST_FILE) as download:
            store_file(
                attachment,
                download.content,
                name=_name(download),
                said=download.content_type,
            )
    except ForbiddenAddress:
        return FORBIDDEN_ADDRESS
    except TooLarge:
        return TOO_LARGE
    except Refused as refused:
        return _problem(refused, promise)
    return ""


def _problem(refused: Refused, promise: Promise) -> str:
    """Return what a refusal means for good. Raises TemporaryFailure when it may pass."""
    status = refused.status
    if status == BUSY or status >= SERVER_ERROR:
        raise TemporaryFailure(f"No file now ({status}).", retry_after=_seconds(refused))
    if status in GONE:
        if promise.attempt < TRIES_FOR_MISSING:
            raise TemporaryFailure("There is no such file yet.")
        return NOT_FOUND
    if status in DENIED:
        if timezone.now() - promise.promised_at < GIVE_UP_AFTER:
            # An admin has to give the key another scope, or another key.
            raise TemporaryFailure(f"The key may not have the file ({status}).")
        return NOT_ALLOWED
    return NOT_TAKEN


def _seconds(refused: Refused) -> float | None:
    text = refused.retry_after.strip()
    return float(min(max(int(text), 1), LONGEST_WAIT)) if text.isdecimal() else None


def _name(download: Download) -> str:
    """Return the file name of the download's Content-Disposition; "" without one."""
    headers = Headers()
    # Many servers write UTF-8 there, which HTTP reads as Latin-1.
    said = download.disposition.encode("latin-1", "replace").decode("utf-8", "replace")
    headers["Content-Disposition"] = "".join(each for each in said if each.isprintable())
    try:
        return headers.get_filename("")
    except ValueError:  # in a character set that cannot be read
        return ""
