"""Where a site's files lie in the storage: in a folder of its own, named like its schema."""

from contextlib import suppress
from os import PathLike
from typing import Any

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, Storage

from tenants.context import current_schema


class SiteFolder(Storage):
    """Puts each new file into the current site's folder; a stored name holds it ever after."""

    def generate_filename(self, filename: str | PathLike[str]) -> str:
        return super().generate_filename(f"{current_schema()}/{filename}")


class LocalFiles(SiteFolder, FileSystemStorage):
    """Files on this machine."""

    def _save(self, name: str, content: File[Any]) -> str:
        try:
            return str(super()._save(name, content))  # type: ignore[misc] # not in its stubs
        except OSError:
            # What a full disk took of it no row knows of: with every try there would be less room.
            with suppress(OSError):
                self.delete(name)
            raise
