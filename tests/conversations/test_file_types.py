"""A file is what its bytes are."""

import pytest

from conversations.file_types import is_disguised, type_by_name, type_of

FILM = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(40)


@pytest.mark.parametrize(
    ("head", "name", "said", "expected"),
    [
        (b"%PDF-1.7\n%\xe2\xe3", "", "", "application/pdf"),
        (b"%PDF-1.7\n%\xe2\xe3", "invoice", "image/jpeg", "application/pdf"),
        (b"OggS\0\x02" + bytes(22) + b"OpusHead", "", "audio/ogg; codecs=opus", "audio/ogg"),
        (b"OggS\0\x02" + bytes(22) + b"OpusHead", "", "", "audio/ogg"),
        (b"#!AMR\n" + b"\x3c\x91" * 30, "", "", "audio/amr"),
        (b"ID3\x03\0\0\0\0\0\x0a" + bytes(60), "", "", "audio/mpeg"),
        (b"\xff\xf1\x50\x80" + bytes(60), "", "audio/aac", "audio/aac"),
        (FILM, "", "", "video/mp4"),
        (FILM, "", "audio/mp4", "audio/mp4"),
        (FILM, "song.m4a", "", "audio/mp4"),
        (b"\0\0\0\x18ftyp3gp4\0\0\0\x003gp4" + bytes(40), "", "", "video/3gpp"),
        (b"\0\0\0\x18ftypM4A \0\0\0\0M4A mp42" + bytes(40), "", "", "audio/mp4"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(40), "a.jpg", "image/jpeg", "image/heic"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>", "a.png", "image/png", "image/svg+xml"),
        (b"<!DOCTYPE html><html>", "a.jpg", "image/jpeg", "text/html"),
        (b"<script>alert(1)</script>", "a.png", "image/png", "text/plain"),
        (b"PK\x03\x04\x14\0" + bytes(60), "", "", "application/zip"),
        (b"name,number\nAna,7\n", "list.csv", "", "text/csv"),
        ("Dobar dan, šta ima?".encode(), "", "", "text/plain"),
        (b"BMW is a car", "", "", "text/plain"),
        (b"BMW is a car", "", "text/" + "a" * 200, "text/plain"),
        (b"BMW is a car", "", "text/x\r\nSet-Cookie: a=b", "text/plain"),
        (bytes(range(128, 200)), "a.png", "image/png", "application/octet-stream"),
        (b"\x89PNG\r\n\x1a\n broken", "a.png", "image/png", "application/octet-stream"),
    ],
)
def test_bytes_decide_and_the_rest_helps(head, name, said, expected):
    assert type_of(head, picture="", name=name, said=said) == expected


@pytest.mark.parametrize("ending", ["docx", "xlsx"])
def test_office_documents_are_told_from_archives_by_their_names(ending):
    content_type = type_by_name(f"offer.{ending}")

    found = type_of(b"PK\x03\x04\x14\0" + bytes(60), picture="", name=f"offer.{ending}", said="")
    assert found == content_type
    assert "openxmlformats" in found


@pytest.mark.parametrize(
    ("name", "content_type", "disguised"),
    [
        ("photo.jpg", "image/png", False),
        ("photo.jpg", "image/heic", False),
        ("photo.jpg", "application/octet-stream", True),
        ("photo.jpg", "text/html", True),
        ("photo.PNG", "image/svg+xml", False),
        ("song.m4a", "video/mp4", False),
        ("voice.ogg", "application/zip", True),
        ("invoice.pdf", "application/octet-stream", True),
        ("setup.exe", "application/octet-stream", False),
        ("without ending", "application/pdf", False),
    ],
)
def test_name_that_promises_something_else_is_a_disguise(name, content_type, disguised):
    assert is_disguised(name, content_type) is disguised
