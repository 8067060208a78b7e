"""What an agent does in the panel: send, keep a draft, pause, resume."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from conversations.models import AgentProfile, Conversation, Draft, Message, OutboxEntry
from conversations.services import lifecycle
from tests.factories import ConversationFactory, MessageFactory

pytestmark = pytest.mark.django_db


def test_message_comes_back_as_a_row_that_is_sending(panel, question, elements):
    client_id = str(uuid4())
    response = panel.send(question, client_id=client_id, after=1)

    assert response.status_code == 200
    (row,) = [row for row in elements(response).rows if row["data-dir"] == "out"]
    assert (row["data-status"], row["data-client"]) == ("queued", client_id)
    assert "Sending…" in response.content.decode()


def test_same_client_id_is_one_message(panel, question):
    client_id = str(uuid4())
    statuses = [panel.send(question, client_id=client_id).status_code for _ in range(2)]

    assert statuses == [200, 200]
    assert Message.objects.filter(direction="out").count() == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Write a message first."),
        (" \n ", "Write a message first."),
        ("a\x00b", "U+0000"),
        ("a" * 1001, "1001 characters, 1000 are allowed"),
        ("a" * 20_001, "cannot be sent"),
    ],
)
def test_text_that_cannot_be_sent_is_refused_with_the_reason(panel, question, text, reason):
    response = panel.send(question, text=text)

    assert response.status_code == 422
    assert reason in response.content.decode()
    assert not OutboxEntry.objects.exists()


def test_refusal_stands_above_the_box(panel, question, elements):
    seen = panel.get("view").headers["X-Seen"]
    response = panel.send(question, text="", after=1, seen=seen)

    assert elements(response).targets() == ["#refusal"]


def test_hand_made_post_to_a_resolved_request_is_refused(panel, question):
    lifecycle.take_status("10101", status="Resolved", resolved=True, at=timezone.now())
    response = panel.send(question)

    assert response.status_code == 409
    assert response.headers["X-State"] == "resolved"
    assert not Message.objects.filter(direction="out").exists()


def test_who_may_only_look_may_not_send(panel_of, question):
    response = panel_of(may_reply=False).send(question)

    assert response.status_code == 403
    assert not OutboxEntry.objects.exists()


@pytest.mark.parametrize("changes", [{"client_id": "1"}, {"sender": ""}, {"address": "x"}])
def test_form_that_is_none_is_refused(panel, question, changes):
    assert panel.send(question, **changes).status_code == 422
    assert not Message.objects.filter(direction="out").exists()


def test_request_without_conversation_has_nobody_to_write_to(panel, question):
    Conversation.objects.update(issue_id="20202")

    assert panel.send(question).status_code == 404


def test_draft_is_there_after_a_reload(panel, question):
    assert panel.post("draft", text="Half a sent").status_code == 204

    assert ">Half a sent</textarea>" in panel.get("view").content.decode()


def test_draft_is_for_one_agent_and_one_request(panel, panel_of, question):
    panel.post("draft", text="Half a sent")
    MessageFactory(conversation__issue_id="20202")

    for other in (panel_of(account_id="another"), panel_of(issue_id="20202")):
        assert "Half a sent" not in other.get("view").content.decode()


def test_last_draft_wins_and_an_empty_one_is_none(panel, question):
    panel.post("draft", text="One")
    panel.post("draft", text="Two\r\nlines")

    assert Draft.objects.get().text == "Two\nlines"
    panel.post("draft", text=" ")
    assert not Draft.objects.exists()


def test_draft_that_the_database_cannot_hold_is_kept_without_that(panel, question):
    assert panel.post("draft", text="a\x00b").status_code == 204
    assert Draft.objects.get().text == "ab"


def test_endless_draft_is_refused(panel, question):
    assert panel.post("draft", text="a" * 20_001).status_code == 422


def test_sending_forgets_the_draft(panel, question):
    panel.post("draft", text="Today at noon.")
    panel.send(question)

    assert not Draft.objects.exists()


def test_pause_shows_who_did_it_and_offers_to_resume(panel, question):
    response = panel.post("pause")

    assert response.headers["X-State"] == "paused"
    assert 'data-action="resume"' in response.content.decode()
    assert "<textarea" not in response.content.decode()


def test_resume_brings_composer_and_draft_back(panel, question):
    panel.post("draft", text="Half a sent")
    assert "Your draft is kept." in panel.post("pause").content.decode()
    response = panel.post("resume")

    assert response.headers["X-State"] == "active"
    assert ">Half a sent</textarea>" in response.content.decode()


def test_resume_is_refused_while_another_request_is_active(panel, question):
    lifecycle.pause(panel.agent)
    ConversationFactory(customer=question.conversation.customer)
    response = panel.post("resume")

    assert (response.status_code, response.headers["X-State"]) == (409, "other-active")
    assert "Active in another request" in response.content.decode()


def test_opted_out_address_is_refused(panel, question):
    question.address.opted_out_at = timezone.now()
    question.address.save()

    assert panel.send(question).status_code == 409


def test_what_has_to_be_confirmed_is_asked_in_the_dialog(panel, question, elements):
    AgentProfile.objects.create(account_id="ivan", name="Ivan Babić")
    panel.post("draft", text="Tod")
    ours = {"conversation": question.conversation, "sender": question.sender}
    MessageFactory(direction="out", author="ivan", address=question.address, **ours)
    client_id = str(uuid4())

    asked = panel.send(question, client_id=client_id)

    assert (asked.status_code, asked.headers["X-Ask"][:17]) == (409, "colleague-replied")
    assert "Ivan Babić replied a minute ago. Send anyway?" in asked.content.decode()
    assert "#question" in elements(asked).targets()
    sent = panel.send(question, client_id=client_id, confirmed=[asked.headers["X-Ask"], "other"])
    assert (sent.status_code, "X-Ask" in sent.headers) == (200, False)


def test_confirmation_without_end_is_no_message(panel, question):
    assert panel.send(question, confirmed=["x" * 41]).status_code == 422


def test_many_parts_are_asked_about_in_the_dialog(panel, question, elements):
    asked = panel.send(question, text="š" * 500)

    assert (asked.status_code, asked.headers["X-Ask"]) == (409, "many-parts")
    assert "#question" in elements(asked).targets()
    assert panel.send(question, text="š" * 500, confirmed=["many-parts"]).status_code == 200


def test_closed_window_shows_the_draft_to_copy(panel, inside_acme, elements):
    long_ago = timezone.now() - timedelta(hours=25)
    MessageFactory(conversation__issue_id="10101", channel="whatsapp", occurred_at=long_ago)
    Draft.objects.create(issue_id="10101", account_id=panel.agent.account_id, text="Half a <b>")

    page = panel.get("view")

    kept = next(attrs for _tag, attrs in elements(page).found if attrs.get("id") == "kept")
    assert "hidden" not in kept
    assert "Half a &lt;b&gt;</blockquote>" in page.content.decode()


def test_without_a_draft_there_is_nothing_to_copy(panel, question, elements):
    page = panel.post("pause")

    kept = next(attrs for _tag, attrs in elements(page).found if attrs.get("id") == "kept")
    assert "hidden" in kept
