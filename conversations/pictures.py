"""Looking at pictures: what they are, how large, and a small one to show in a thread."""

import logging
import warnings
from dataclasses import dataclass
from io import BytesIO
from threading import Lock
from typing import IO

from PIL import Image, ImageOps

# Formats that every browser shows; a HEIC picture, for one, is a document here.
OPENED = ("JPEG", "PNG", "WEBP", "GIF")
FORMATS = {each: f"image/{each.lower()}" for each in OPENED}
FORMATS["MPO"] = "image/jpeg"  # a JPEG with more behind it, as cameras write them
MOST_PIXELS = 50_000_000  # a small file may unfold to gigabytes
THUMBNAIL = (480, 480)  # pixels
THUMBNAIL_TYPE = "image/webp"
ORIENTATION = 0x0112  # of EXIF
TURNED = {5, 6, 7, 8}  # a quarter turn: width is height

logger = logging.getLogger(__name__)
# Unfolded, a picture may take 200 MB: one at a time in a process.
_unfolding = Lock()


@dataclass(frozen=True)
class Picture:
    """A picture as one sees it, its orientation respected; too large a one has no thumbnail."""

    content_type: str
    width: int
    height: int
    thumbnail: bytes = b""


def look_at(file: IO[bytes]) -> Picture | None:
    """Return what picture a file holds; None when it holds none. Reads from the beginning."""
    file.seek(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of decompression bombs: pixels are counted below
        try:
            with Image.open(file, formats=OPENED) as image:
                return _picture(image)
        except Exception:  # noqa: BLE001 - a broken picture raises whatever its decoder does
            return None


def _picture(image: Image.Image) -> Picture:
    content_type = FORMATS[image.format or ""]
    width, height = image.size
    # First of all: even to ask for the orientation may unfold a picture.
    if width * height > MOST_PIXELS:
        return Picture(content_type, width, height)
    try:
        if image.getexif().get(ORIENTATION) in TURNED:
            width, height = height, width
        return Picture(content_type, width, height, _thumbnail(image))
    except Exception as failure:  # noqa: BLE001 - cut short, or its decoder failed
        logger.info("picture_not_readable", extra={"failure": type(failure).__name__})
        return Picture(content_type, width, height)


def _thumbnail(image: Image.Image) -> bytes:
    with _unfolding:
        image.draft("RGB", THUMBNAIL)  # has a JPEG read small at once
        image.thumbnail(THUMBNAIL)
    # Only now: turning makes a copy.
    upright = ImageOps.exif_transpose(image)
    small = BytesIO()
    mode = "RGBA" if upright.has_transparency_data else "RGB"
    upright.convert(mode).save(small, "WEBP", quality=80)
    return small.getvalue()
