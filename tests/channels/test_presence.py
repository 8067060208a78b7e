"""Signs for the customer: what leaves for Infobip, when, and what is dropped."""

from collections import deque
from datetime import timedelta

import pytest
from django.utils import timezone

from channels.presence import mark_read, show_typing
from conversations.contracts import Channel, Promise
from conversations.errors import NotYetItsTurn, TemporaryFailure, UnknownOutcome
from conversations.models import Address
from tenants.context import enter
from tenants.models import Site
from tests.factories import MessageFactory

pytestmark = pytest.mark.django_db

READ = "/whatsapp/1/senders/385951006720/message/"
EVENTS = "/whatsapp/1/events"
ACCEPTED = {"messages": [{"status": {"groupId": 1, "name": "PENDING_ACCEPTED"}}]}
SIGNS = [(mark_read, "message.read", READ), (show_typing, "customer.typing", EVENTS)]
both_signs = pytest.mark.parametrize(("keep", "topic", "path"), SIGNS)


@pytest.fixture
def question(account):
    return MessageFactory(
        channel=Channel.WHATSAPP, sender__number="385951006720", provider_id="wamid.H/g+1="
    )


def promise(topic, message, *, age=timedelta(0)):
    return Promise(topic, str(message.pk), 1, timezone.now() - age)


def test_read_mark(infobip, question):
    infobip.answer(204)

    mark_read(promise("message.read", question))

    (request,) = infobip.requests
    assert (request.method, request.body) == ("POST", b"")
    assert request.path == f"{READ}wamid.H%2Fg%2B1%3D/read"


def test_typing(infobip, question):
    infobip.answer(200, ACCEPTED)

    show_typing(promise("customer.typing", question))

    (request,) = infobip.requests
    assert (request.method, request.path) == ("POST", EVENTS)
    assert request.json == {
        "events": [
            {
                "sender": "385951006720",
                "destinations": [{"to": question.address.value}],
                "content": {"type": "TYPING_INDICATOR"},
            }
        ]
    }


@pytest.mark.parametrize(
    ("keep", "seconds", "asked"),
    [(mark_read, 3599, 1), (mark_read, 3600, 0), (show_typing, 19, 1), (show_typing, 20, 0)],
)
def test_late_sign_is_dropped(infobip, question, keep, seconds, asked):
    infobip.answer(200, ACCEPTED)

    keep(promise("", question, age=timedelta(seconds=seconds)))

    assert len(infobip.requests) == asked


@both_signs
@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_refused_sign_is_dropped(infobip, question, keep, topic, path, status):
    infobip.answer(status, {"error": "No such message"}, path=path)

    keep(promise(topic, question))

    assert len(infobip.requests) == 1


@both_signs
@pytest.mark.parametrize(
    ("status", "failure"), [(429, TemporaryFailure), (408, UnknownOutcome), (502, UnknownOutcome)]
)
def test_sign_is_tried_again(infobip, question, keep, topic, path, status, failure):
    infobip.answer(status, "<html>", path=path)

    with pytest.raises(failure):
        keep(promise(topic, question))


@both_signs
def test_who_opted_out_meanwhile_is_shown_nothing(infobip, question, keep, topic, path):
    Address.objects.update(opted_out_at=timezone.now())

    keep(promise(topic, question))

    assert infobip.requests == []


@both_signs
@pytest.mark.parametrize("change", [{"licence_active": False}, {"state": Site.State.UNINSTALLED}])
def test_site_without_licence_or_app_shows_nothing(infobip, question, keep, topic, path, change):
    Site.objects.filter(slug="acme").update(**change)
    enter(Site.objects.get(slug="acme"))

    keep(promise(topic, question))

    assert infobip.requests == []


@both_signs
def test_site_without_account_shows_nothing(infobip, question, account, keep, topic, path):
    account.delete()

    keep(promise(topic, question))

    assert infobip.requests == []


def test_read_marks_keep_infobips_pace(infobip, question):
    infobip.answer(204, times=40)
    mark = promise("message.read", question)

    with pytest.raises(NotYetItsTurn):
        deque(mark_read(mark) for _number in range(40))

    assert len(infobip.requests) < 40
