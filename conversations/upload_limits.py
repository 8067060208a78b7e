"""Uploads are read no further than the largest file that any channel carries."""

from django.core.files.uploadhandler import FileUploadHandler, StopUpload

from conversations.capabilities import LARGEST_FILE


class StopAtLargest(FileUploadHandler):
    """Stands before the handlers that keep a file, and ends the upload of too large a one."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        if start + len(raw_data) > LARGEST_FILE:
            raise StopUpload(connection_reset=True)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
