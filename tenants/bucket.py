"""Files of the sites in an S3-compatible bucket."""

from typing import Any

from botocore.config import Config
from storages.backends.s3 import S3Storage

from tenants.site_folder import SiteFolder

CALM = Config(
    connect_timeout=5,  # seconds
    read_timeout=15,
    retries={"total_max_attempts": 2},
    signature_version="s3v4",
    # What every S3-compatible server understands: no host name per bucket, no newer checksums.
    s3={"addressing_style": "path"},
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)


class BucketFiles(SiteFolder, S3Storage):
    """Files in a bucket that nobody but us reads."""

    def get_default_settings(self) -> dict[str, Any]:
        return {
            **super().get_default_settings(),
            "client_config": CALM,
            "file_overwrite": False,
            "max_memory_size": 1024 * 1024,  # bytes: what is larger is read through a file
        }
