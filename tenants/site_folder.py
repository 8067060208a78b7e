"""Where a site's files lie in the storage: in a folder of its own, named like its schema."""

from os import PathLike

from django.core.files.storage import FileSystemStorage, Storage

from tenants.context import current_schema


class SiteFolder(Storage):
    """Puts each new file into the current site's folder; a stored name holds it ever after."""

    def generate_filename(self, filename: str | PathLike[str]) -> str:
        return super().generate_filename(f"{current_schema()}/{filename}")


class LocalFiles(SiteFolder, FileSystemStorage):
    """Files on this machine."""
