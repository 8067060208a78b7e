"""Addresses at which the provider fetches our files: not to be guessed, and soon worth nothing."""

from dataclasses import dataclass
from mimetypes import guess_extension
from secrets import token_urlsafe
from time import time

from django.conf import settings
from django.core import signing

from conversations.contracts import OutgoingFile
from tenants.context import current_schema

LASTS_SECONDS = 2 * 3600  # the provider may fetch late, and again

_signer = signing.Signer(salt="channels.media", sep=".")


@dataclass(frozen=True)
class Meant:
    """Whose file an address is for."""

    schema_name: str
    attachment_id: int


def media_url(file: OutgoingFile) -> str:
    """Return a new address of a file of the current site.

    It ends like a file of its type, for those who judge an address by that.
    """
    ends_at = int(time()) + LASTS_SECONDS
    said = [current_schema(), file.attachment_id, ends_at, token_urlsafe(16)]
    name = f"file{guess_extension(file.content_type) or ''}"
    return f"{settings.APP_URL}/media/{_signer.sign_object(said)}/{name}"


def meant_by(token: str) -> Meant | None:
    """Return what the token of an address stands for; None when it is not ours or has run out."""
    try:
        schema_name, attachment_id, ends_at, _nonce = _signer.unsign_object(token)
    except (signing.BadSignature, ValueError):
        return None
    return Meant(schema_name, attachment_id) if ends_at > time() else None
