"""What is sent is bounded before it is written to the disk, whoever sends it."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler


class BoundedUpload(FileUploadHandler):
    """Refuses a form whose files weigh more than any page takes, by the length that it announces.

    Each page then has its own, smaller limit, and says it in words.
    """

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, Any],
        content_length: int,
        boundary: bytes,
        encoding: str | None = None,
    ) -> None:
        if content_length > settings.LARGEST_UPLOAD:
            raise RequestDataTooBig("the files of this form are too large")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """The next handler keeps it."""
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The next handler has the file."""
