"""The site's own texts in the chooser: listed, shown with their values, noted as used."""

import pytest

from conversations.models import CannedReplyUse, Message, OutboxEntry
from tests.factories import CannedReplyFactory, MessageFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(inside_acme):
    return MessageFactory(conversation__issue_id="10101", conversation__issue_key="SUP-101")


@pytest.fixture
def reply(asked):
    return CannedReplyFactory(name="<Greeting>", text="Hi {{customer.name}}: {{request.key}} & so")


def listed(panel, asked, **query):
    return panel.get(
        "templates", sender=asked.sender_id, address=asked.address_id, **query
    ).content.decode()


def test_row_says_what_it_is(panel, asked, reply):
    page = listed(panel, asked)

    assert f'data-from="canned-replies/{reply.pk}"' in page
    assert "&lt;Greeting&gt;" in page
    assert "any language" in page
    assert page.count('class="loz ') == 2
    assert "All (1)" in page


def test_preview_shows_values_and_asks_for_what_is_missing(panel, reply, elements):
    response = panel.get(f"canned-replies/{reply.pk}")
    found = elements(response).found

    assert [attrs["data-variable"] for tag, attrs in found if tag == "mark"] == [
        "customer.name",
        "request.key",
    ]
    assert [attrs["data-fills"] for tag, attrs in found if tag == "input"] == ["customer.name"]
    assert ">SUP-101</mark> &amp; so" in response.content.decode()
    assert '<hx-partial hx-target="#take">Insert</hx-partial>' in response.content.decode()


def test_known_values_are_marked_as_filled_in(panel, reply, elements):
    found = elements(panel.get(f"canned-replies/{reply.pk}")).found

    assert [attrs.get("class") for tag, attrs in found if tag == "mark"] == [None, "filled"]


def test_what_was_inserted_is_recent(panel, asked, reply):
    assert panel.post(f"canned-replies/{reply.pk}").status_code == 204

    assert CannedReplyUse.objects.get().reply == reply
    assert "Recently used" in listed(panel, asked)


def test_nothing_there_says_who_can_help(panel, asked):
    assert "There are no canned replies yet." in listed(panel, asked)
    assert "No template matches “x”." in listed(panel, asked, q="x")
    assert "No template is in this language." in listed(panel, asked, language="hr")


def test_deleted_text_is_not_found(panel, asked):
    assert panel.get("canned-replies/77").status_code == 404
    assert panel.post("canned-replies/77").status_code == 404


def test_who_may_only_look_gets_none(panel_of, asked, reply):
    assert panel_of(may_reply=False).get(f"canned-replies/{reply.pk}").status_code == 403


def test_foreign_numbers_are_not_found(panel, asked):
    other = MessageFactory()

    response = panel.get("templates", sender=other.sender_id, address=other.address_id)

    assert response.status_code == 404


def test_gap_is_not_sent(panel, asked):
    response = panel.send(asked, text="Hi {{customer.name}}")

    assert response.status_code == 422
    assert "{{customer.name}} is not filled in." in response.content.decode()
    assert Message.objects.filter(direction="out").exists() is False
    assert OutboxEntry.objects.exists() is False


def test_button_is_there_on_sms_too(panel, asked):
    assert 'data-action="templates"' in panel.get("view").content.decode()
