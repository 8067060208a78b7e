"""Pictures are measured as one sees them, and never unfolded without a limit."""

from io import BytesIO

import pytest
from PIL import Image, ImageOps

from conversations import pictures
from conversations.pictures import look_at
from tests.conversations.stored_files import picture


def opened(content):
    return Image.open(BytesIO(content))


@pytest.mark.parametrize(
    ("kind", "content_type"),
    [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp"), ("GIF", "image/gif")],
)
def test_picture_is_known_with_its_size(kind, content_type):
    found = look_at(BytesIO(picture((1200, 600), kind)))

    assert (found.content_type, found.width, found.height) == (content_type, 1200, 600)
    assert opened(found.thumbnail).size == (480, 240)
    assert opened(found.thumbnail).format == "WEBP"


def test_turned_picture_is_upright():
    exif = Image.Exif()
    exif[pictures.ORIENTATION] = 6

    found = look_at(BytesIO(picture((1200, 600), "JPEG", exif=exif)))

    assert (found.width, found.height) == (600, 1200)
    assert opened(found.thumbnail).size == (240, 480)


def test_picture_of_a_camera_with_another_behind_it():
    more = [Image.new("RGB", (40, 30))]

    found = look_at(BytesIO(picture((1200, 600), "MPO", save_all=True, append_images=more)))

    assert (found.content_type, found.width, found.height) == ("image/jpeg", 1200, 600)
    assert opened(found.thumbnail).size == (480, 240)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_picture_is_copied_only_when_it_is_small(kind, monkeypatch):
    sizes = []
    monkeypatch.setattr(ImageOps, "exif_transpose", lambda image: sizes.append(image.size) or image)

    look_at(BytesIO(picture((1200, 600), kind)))

    assert sizes == [(480, 240)]


def test_bomb_has_a_size_and_no_thumbnail(monkeypatch):
    monkeypatch.setattr(pictures, "MOST_PIXELS", 99)

    found = look_at(BytesIO(picture((10, 10))))

    assert (found.width, found.height, found.thumbnail) == (10, 10, b"")


def test_picture_cut_short_has_no_thumbnail():
    content = BytesIO()
    Image.effect_noise((300, 300), 90).save(content, "PNG")

    found = look_at(BytesIO(content.getvalue()[:5000]))

    assert (found.content_type, found.thumbnail) == ("image/png", b"")


@pytest.mark.parametrize("kind", ["TIFF", "BMP", "PDF"])
def test_other_formats_are_no_pictures_here(kind):
    assert look_at(BytesIO(picture(kind=kind))) is None


@pytest.mark.parametrize("content", [b"", b"<svg/>", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0"])
def test_what_cannot_be_opened_is_no_picture(content):
    assert look_at(BytesIO(content)) is None
