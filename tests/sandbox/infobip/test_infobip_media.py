"""The sandbox's media: who may fetch, the CDN, the limit and the failures on demand."""

import pytest

from sandbox.infobip import media

SENDER = "385951006720"
MEDIA = f"/whatsapp/1/senders/{SENDER}/media"


@pytest.fixture
def keep(app):
    """Keep a file whose id goes, or does not go, by the CDN."""

    def keep(*, by_cdn=False):
        store = app.state.infobip.media
        while True:
            media_id = store.keep(b"\xff\xd8\xff", "image/jpeg", "slika š.jpg", sender=SENDER)
            if media.goes_by_cdn(media_id) == by_cdn:
                return media_id

    return keep


def test_file_is_served_with_its_type_length_and_name(api, keep):
    answer = api.get(f"{MEDIA}/{keep()}")

    assert answer.content == b"\xff\xd8\xff"
    assert (answer.headers["Content-Type"], answer.headers["Content-Length"]) == ("image/jpeg", "3")
    assert answer.headers["Content-Disposition"].endswith("slika%20%C5%A1.jpg")


def test_head_has_no_body(api, keep):
    answer = api.head(f"{MEDIA}/{keep()}")

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Content-Length"] == "3"


@pytest.mark.parametrize(
    ("key", "sender", "status"),
    [("App nobody", SENDER, 401), ("App narrow", SENDER, 403), ("App key-of-demo", "385", 403)],
)
def test_stranger_gets_no_file(api, app, keep, key, sender, status):
    accounts = app.state.infobip.accounts
    accounts.give_key(accounts.first(), "narrow", ["message:send"])

    answer = api.get(f"/whatsapp/1/senders/{sender}/media/{keep()}", headers={"Authorization": key})

    assert answer.status_code == status


def test_unknown_file_is_404(api):
    assert api.get(f"{MEDIA}/3f0c").status_code == 404


def test_cdn_is_another_host_and_refuses_the_key(api, keep):
    answer = api.get(f"{MEDIA}/{keep(by_cdn=True)}", follow_redirects=False)

    where = answer.headers["Location"]
    assert (answer.status_code, where.split("/")[2]) == (302, "localhost:8082")
    assert api.get(where).status_code == 400


def test_cdn_serves_whoever_comes_without_a_key(api, keep):
    where = api.get(f"{MEDIA}/{keep(by_cdn=True)}", follow_redirects=False).headers["Location"]
    del api.headers["Authorization"]

    assert api.get(where).content == b"\xff\xd8\xff"
    assert api.get(where + "x").status_code == 404


def test_sixteenth_request_within_a_second_is_429(api, keep):
    media_id = keep()

    statuses = [api.head(f"{MEDIA}/{media_id}").status_code for _ in range(40)]

    assert statuses[:15] == [200] * 15
    assert 429 in statuses


def test_scripted_answers_come_in_order(api, keep):
    media_id = keep()
    api.post(f"/_sandbox/media/{media_id}", json={"answers": [500, 404, 200]})

    statuses = [api.get(f"{MEDIA}/{media_id}").status_code for _ in range(4)]

    assert statuses == [500, 404, 200, 200]


def test_script_of_anything_else_is_refused(api, keep):
    answer = api.post(f"/_sandbox/media/{keep()}", json={"answers": ["teapot"]})

    assert answer.status_code == 400


def test_deleted_file_is_gone(api, app, keep):
    media_id = keep()
    url = media.url_of(app.state.infobip, SENDER, media_id)

    answer = api.request("DELETE", MEDIA, json={"url": url})

    assert answer.status_code == 204
    assert api.get(f"{MEDIA}/{media_id}").status_code == 404


def test_registered_file_has_the_address_of_an_inbound_message(app):
    url = media.register(app.state.infobip, SENDER, b"OggS", "audio/ogg")

    assert url.startswith(f"http://127.0.0.1:8082{MEDIA}/")
