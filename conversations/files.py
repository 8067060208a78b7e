"""Files of the current site in the storage: put there, shared by equals, removed.

Rows of equal content share one stored file. A name that no row holds is never taken again, so it
may be removed once that is committed; both are decided under the content's own lock.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import IO
from uuid import uuid4

from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage, default_storage
from django.db import connection, transaction
from django.db.models import Q

from conversations import file_types, pictures
from conversations.contracts import Promise
from conversations.errors import NotStored
from conversations.models import Attachment
from conversations.outbox import promise, withdraw
from tenants.context import current_schema

PIECE = 64 * 1024  # bytes
AT_ONCE = 20  # a slow storage must not outlast the transaction
REMOVE = "file.remove"
# After the process that released a file has surely tried to remove it.
REMOVED_BY = timedelta(minutes=5)
# After a file that is being stored has surely been given to its row.
TAKEN_BY = timedelta(hours=1)


@dataclass(frozen=True)
class Facts:
    """What a file is, as its bytes say."""

    size: int
    sha256: str
    content_type: str
    width: int = 0
    height: int = 0
    thumbnail: bytes = b""


def examine(content: IO[bytes], *, name: str = "", said: str = "") -> Facts:
    """Find out what a file is; `said` is the type that somebody else gives it."""
    content.seek(0)
    digest = hashlib.sha256()
    while piece := content.read(PIECE):
        digest.update(piece)
    size, sha256 = content.tell(), digest.hexdigest()
    picture = pictures.look_at(content)
    content.seek(0)
    content_type = file_types.type_of(
        content.read(file_types.HEAD),
        picture=picture.content_type if picture else "",
        name=name,
        said=said,
    )
    if picture is None:
        return Facts(size, sha256, content_type)
    return Facts(
        size, sha256, content_type, picture.width, picture.height, thumbnail=picture.thumbnail
    )


@contextmanager
def put(content: IO[bytes], facts: Facts) -> Iterator[Attachment]:
    """Put a file into the storage for the block to give to a row by `place`.

    Enter it outside any transaction. Afterwards what no row has taken is removed again; should this
    process die before, a promise does it. Raises NotStored.
    """
    held = Attachment()  # for its fields: it is never saved
    names = _new_names(held, facts)
    for name in names:
        _promise_removal(name, within=TAKEN_BY)
    try:
        content.seek(0)
        with _storing():
            held.file.name = default_storage.save(names[0], File(content))
            if facts.thumbnail:
                held.thumbnail.name = default_storage.save(names[1], ContentFile(facts.thumbnail))
        yield held
    finally:
        if not _is_taken(names[0], facts.sha256):
            with _storing():
                _remove([*names])
        for name in names:
            withdraw(REMOVE, group=f"{REMOVE}:{_subject(name)}")


def place(attachment: Attachment, held: Attachment, facts: Facts) -> None:
    """Give a row its file: an equal one of the site's if there is, else the one just put.

    Call in a transaction; the caller saves the row in it.
    """
    _lock(facts.sha256)
    equal = Attachment.objects.filter(sha256=facts.sha256).exclude(file="").first() or held
    attachment.file.name = equal.file.name
    attachment.thumbnail.name = equal.thumbnail.name
    attachment.sha256, attachment.size = facts.sha256, facts.size
    attachment.content_type = facts.content_type
    attachment.width, attachment.height = facts.width, facts.height


def release(attachment: Attachment) -> None:
    """Take the file from a row, and from the storage after the commit if it was the last.

    It is promised as well: a process may die and a storage fail. Call in a transaction.
    """
    if not attachment.file:
        return
    _lock(attachment.sha256)
    names = [attachment.file.name, attachment.thumbnail.name]
    Attachment.objects.filter(pk=attachment.pk).update(file="", thumbnail="")
    attachment.file.name = attachment.thumbnail.name = ""
    if not _is_taken(names[0], attachment.sha256):
        for name in filter(None, names):
            _promise_removal(name, within=REMOVED_BY)
        transaction.on_commit(lambda: _remove(names), robust=True)


def remove_released(promise: Promise) -> None:
    """Remove a file that no row holds; one that is gone already is no failure."""
    name = f"{current_schema()}/{promise.subject}"
    if not Attachment.objects.filter(Q(file=name) | Q(thumbnail=name)).exists():
        default_storage.delete(name)


def remove_some() -> bool:
    """Remove some of the current site's files from the storage; True while there may be more.

    Called in a transaction that holds what keeps the site from coming back. What no row knows of,
    as a worker that died may leave it, goes with the rest.
    """
    stored = list(Attachment.objects.exclude(file="").order_by("pk")[:AT_ONCE])
    for attachment in stored:
        release(attachment)
    if stored:
        return True
    forgotten = _some_in(default_storage, current_schema())
    _remove(forgotten)
    return bool(forgotten)


@contextmanager
def _storing() -> Iterator[None]:
    try:
        yield
    except Exception as failure:  # of a disk or of a bucket: each has its own
        raise NotStored from failure


def _new_names(held: Attachment, facts: Facts) -> list[str]:
    """Return the names of the file and of its thumbnail, if it has one."""
    name = uuid4().hex
    names = [held.file.field.generate_filename(held, name)]
    if facts.thumbnail:
        names.append(held.thumbnail.field.generate_filename(held, f"{name}.webp"))
    return names


def _promise_removal(name: str, *, within: timedelta) -> None:
    subject = _subject(name)
    promise(REMOVE, group=f"{REMOVE}:{subject}", subject=subject, delay=within)


def _subject(name: str) -> str:
    return name.removeprefix(f"{current_schema()}/")


def _lock(sha256: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            (f"file:{current_schema()}:{sha256}",),
        )


def _is_taken(name: str | None, sha256: str) -> bool:
    # By the content first, for which there is an index.
    return Attachment.objects.filter(sha256=sha256, file=name).exists()


def _remove(names: list[str | None]) -> None:
    for name in names:
        if name:
            default_storage.delete(name)


def _some_in(storage: Storage, folder: str) -> list[str | None]:
    try:
        folders, names = storage.listdir(folder)
    except FileNotFoundError:
        return []
    found: list[str | None] = [f"{folder}/{name}" for name in names if name]
    for inner in folders:
        if len(found) >= AT_ONCE:
            break
        found += _some_in(storage, f"{folder}/{inner}")
    return found[:AT_ONCE]
