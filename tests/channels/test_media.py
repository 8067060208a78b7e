"""Files of customers are fetched from the provider, whatever happens on the way."""

from datetime import timedelta

import pytest
from django.utils import timezone

from channels import downloads, media
from channels.models import Pace
from conversations import fair_share, outbox
from conversations.models import OutboxEntry
from omnichat import first_settings
from tests.channels.media_hosts import PATH, drain, expected, picture, row

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("account")]


@pytest.fixture(autouse=True)
def _quick(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(downloads, "SILENT_SECONDS", 0.3)


def entry():
    return OutboxEntry.objects.get(topic="file.fetch")


def test_picture_is_stored_with_what_its_bytes_say(infobip):
    attachment = expected(infobip)
    infobip.answer(200, picture(), path=PATH, headers={"Content-Type": "text/html"})

    drain()

    stored = row(attachment)
    assert (stored.state, stored.problem, stored.content_type) == ("stored", "", "image/jpeg")
    assert (stored.width, stored.height, stored.size) == (40, 30, len(picture()))
    assert stored.file.read() == picture()
    assert infobip.requests[0].headers["authorization"] == "App tests-key"


def test_panel_sees_the_change_and_the_request_gets_the_file(infobip):
    attachment = expected(infobip)
    infobip.answer(200, picture(), path=PATH)

    drain()

    message = row(attachment).message
    assert message.version == message.conversation.version == 1
    assert OutboxEntry.objects.get(topic="request.attach").subject == str(attachment.pk)


def test_trouble_of_every_kind_ends_with_the_file(infobip):
    attachment = expected(infobip)
    infobip.answer(500, "", path=PATH)
    infobip.answer(404, "", path=PATH)
    infobip.fall_silent(path=PATH)
    infobip.answer(200, picture(), path=PATH)

    states = []
    for _try in range(4):
        drain()
        states.append(row(attachment).state)

    assert states == ["pending", "pending", "pending", "stored"]
    assert OutboxEntry.objects.filter(topic="request.attach").count() == 1


def test_file_that_takes_long_says_so_once_until_it_is_there(infobip):
    attachment = expected(infobip)
    infobip.answer(500, "", path=PATH, times=4)
    infobip.answer(200, picture(), path=PATH)

    seen = []
    for _try in range(5):
        drain()
        found = row(attachment)
        seen.append((found.state, found.problem, found.message.conversation.version))

    assert seen == [
        ("pending", "", 0),
        ("pending", "", 0),
        ("pending", "delayed", 1),
        ("pending", "delayed", 1),
        ("stored", "", 2),
    ]


@pytest.mark.parametrize(("said", "least", "most"), [({"Retry-After": "40"}, 39, 40), ({}, 0, 2)])
def test_provider_that_is_busy_is_left_alone_for_a_while(infobip, said, least, most):
    expected(infobip)
    infobip.answer(429, "", path=PATH, headers=said)

    drain()

    waits = (entry().run_after - timezone.now()).total_seconds()
    assert least < waits <= most
    assert entry().started_at is None


def test_file_that_stays_missing_is_given_up(infobip):
    attachment = expected(infobip)
    infobip.answer(404, "", path=PATH, times=8)

    for _try in range(8):
        drain()

    assert (row(attachment).state, row(attachment).problem) == ("failed", "not-found")
    assert entry().state == "done"


@pytest.mark.parametrize(
    ("status", "problem"), [(500, "out-of-reach"), (429, "out-of-reach"), (403, "not-allowed")]
)
def test_trouble_that_lasts_a_day_is_given_up(infobip, status, problem):
    attachment = expected(infobip)
    OutboxEntry.objects.update(created_at=timezone.now() - timedelta(hours=24))
    infobip.answer(status, "", path=PATH)

    drain()

    assert (row(attachment).state, row(attachment).problem) == ("failed", problem)
    assert row(attachment).message.version == 1


def test_full_disk_delays_the_file_and_says_so(infobip, settings, tmp_path):
    attachment = expected(infobip)
    infobip.answer(200, picture(), path=PATH, times=4)
    settings.MEDIA_ROOT = tmp_path / "away"
    settings.MEDIA_ROOT.touch()

    problems = []
    for _try in range(3):
        drain()
        problems.append(row(attachment).problem)
    settings.MEDIA_ROOT.unlink()
    drain()

    assert problems == ["", "", "no-room"]
    assert (row(attachment).state, row(attachment).problem) == ("stored", "")


def test_file_that_stops_us_is_given_up_after_a_day(infobip, monkeypatch):
    attachment = expected(infobip)
    monkeypatch.setattr(media, "store_file", lambda *_, **__: 1 / 0)
    infobip.answer(200, picture(), path=PATH)
    drain()
    assert row(attachment).state == "pending"

    OutboxEntry.objects.update(created_at=timezone.now() - timedelta(hours=24))
    drain()

    assert (row(attachment).state, row(attachment).problem) == ("failed", "out-of-reach")


def test_key_without_the_scope_is_tried_again(infobip):
    attachment = expected(infobip)
    infobip.answer(403, "", path=PATH)
    infobip.answer(200, picture(), path=PATH)

    drain()
    drain()

    assert row(attachment).state == "stored"


@pytest.mark.parametrize("status", [400, 304, 204])
def test_other_refusals_are_final(infobip, status):
    attachment = expected(infobip)
    infobip.answer(status, "", path=PATH)

    drain()

    assert (row(attachment).state, row(attachment).problem) == ("failed", "not-taken")


def test_empty_file_is_refused(infobip):
    attachment = expected(infobip)
    infobip.answer(200, "", path=PATH)

    drain()

    assert (row(attachment).state, row(attachment).problem) == ("refused", "empty")


@pytest.mark.parametrize("headers", [{"Content-Length": "11"}, {}])
def test_file_beyond_the_limit_is_refused_before_it_is_read(infobip, headers, monkeypatch):
    monkeypatch.setattr("channels.media.LARGEST_FILE", 10)
    attachment = expected(infobip)
    infobip.answer(200, "x" * 11, path=PATH, headers=headers)

    drain()

    assert (row(attachment).state, row(attachment).problem) == ("refused", "too-large")


def test_file_cut_short_is_fetched_again(infobip):
    attachment = expected(infobip)
    infobip.answer(200, picture()[:90], path=PATH, headers={"Content-Length": len(picture())})
    infobip.answer(200, picture(), path=PATH, headers={"Content-Length": len(picture())})

    drain()
    between = row(attachment).state
    drain()

    assert (between, row(attachment).state) == ("pending", "stored")


def test_file_waits_for_its_turn_without_a_try(infobip):
    expected(infobip)
    Pace.objects.create(key="media", free_at=timezone.now() + timedelta(seconds=60))

    drain()

    assert infobip.requests == []
    assert (entry().state, entry().attempts) == ("pending", 0)


def test_file_that_has_waited_for_a_day_still_gets_its_turn(infobip):
    attachment = expected(infobip)
    OutboxEntry.objects.update(created_at=timezone.now() - timedelta(hours=25))
    Pace.objects.create(key="media", free_at=timezone.now() + timedelta(seconds=60))

    drain()

    assert row(attachment).state == "pending"


def test_each_file_takes_a_fifteenth_of_a_second(infobip):
    expected(infobip)
    infobip.answer(200, picture(), path=PATH)
    start = timezone.now() + timedelta(seconds=-0.5)
    Pace.objects.create(key="media", free_at=start)

    drain()

    assert (Pace.objects.get().free_at - start).total_seconds() == pytest.approx(1 / 15, abs=1e-5)


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('attachment; filename="invoice 7.pdf"', "invoice 7.pdf"),
        ("attachment; filename*=UTF-8''ra%C4%8Dun.pdf", "račun.pdf"),
        ('attachment; filename="../../etc/passwd"', "passwd.pdf"),
        ("", "document-2026-11-20.pdf"),
        ("attachment; filename*=idna''invoice.pdf", "document-2026-11-20.pdf"),
        ("attachment; filename=" + "a" * 400 + ".pdf", "a" * 251 + ".pdf"),
    ],
)
def test_name_comes_with_the_download_or_from_us(infobip, disposition, name):
    attachment = expected(infobip, kind="document")
    message = attachment.message
    message.occurred_at = message.occurred_at.replace(2026, 11, 20)
    message.save()
    infobip.answer(200, "%PDF-1.7 ...", path=PATH, headers={"Content-Disposition": disposition})

    drain()

    assert (row(attachment).name, row(attachment).content_type) == (name, "application/pdf")


def test_settled_file_is_not_fetched_again(infobip):
    attachment = expected(infobip)
    attachment.state = "stored"
    attachment.save()

    drain()

    assert infobip.requests == []
    assert entry().state == "done"


def test_new_key_has_waiting_files_tried_at_once(infobip, monkeypatch):
    monkeypatch.setattr(fair_share, "SLICE_SECONDS", 0.0)  # one try at a time
    attachment = expected(infobip)
    infobip.answer(401, "", path=PATH)
    infobip.answer(200, picture(), path=PATH)
    drain()
    OutboxEntry.objects.filter(topic="file.fetch").update(
        run_after=timezone.now() + timedelta(hours=1)
    )

    first_settings.apply(first_settings.Wishes(provider_key="another-key"))
    outbox.drain()

    assert row(attachment).state == "stored"
    assert infobip.requests[-1].headers["authorization"] == "App another-key"
