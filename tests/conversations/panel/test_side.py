"""The side panel: what stands beside a request, and what saving its form does."""

import pytest
from django.utils import timezone

from conversations.models import Address, AgentProfile, Conversation, Sender
from tests.conversations.panel.test_document import Loaded, directives
from tests.factories import AddressFactory, ConversationFactory, MessageFactory, SenderFactory

pytestmark = pytest.mark.django_db

NUMBER = "+385 99 190 3327"
BOTH = {"channels": ["sms", "whatsapp"], "same": "1"}


@pytest.fixture
def senders(inside_acme):
    SenderFactory()
    SenderFactory(channel="whatsapp", number="385951006720")


def fields(elements, response):
    """Return the inputs by name, of checkboxes those that are ticked."""
    inputs = [attrs for tag, attrs in elements(response).found if tag == "input"]
    boxes = {attrs["value"] for attrs in inputs if "checked" in attrs}
    return {attrs["name"]: attrs for attrs in inputs if attrs["name"].startswith("number")}, boxes


def test_document_is_as_strict_as_the_panels(client):
    document = client.get("/panel/side/")

    assert document.content == client.get("/panel/side/", headers={"Authorization": "x"}).content
    assert directives(document) == directives(client.get("/panel/"))
    assert "panel/side.js" in Loaded(document.content.decode()).addresses


def test_request_without_number_offers_all_that_works(panel, senders, elements):
    response = panel.get("side")
    _inputs, ticked = fields(elements, response)

    assert response.headers["X-State"] == "no-phone"
    assert "No number" in response.content.decode()
    assert ticked == {"sms", "whatsapp", "1"}


def test_number_of_the_reporter_is_filled_in(panel_of, senders, elements):
    AddressFactory(value="385991903327", phone_number__customer__jira_account_id="qm:1")
    AddressFactory(phone_number__customer__jira_account_id="qm:1", opted_out_at=timezone.now())
    response = panel_of(reporter_account_id="qm:1").get("side")
    inputs, _ticked = fields(elements, response)

    assert inputs["number"]["value"] == NUMBER
    assert "From the customer&#x27;s profile" in response.content.decode()


def test_number_of_the_reporter_is_for_those_who_may_use_it(panel_of, senders):
    AddressFactory(value="385991903328", phone_number__customer__jira_account_id="qm:1")
    reader = panel_of(reporter_account_id="qm:1", may_reply=False)

    assert "90 3328" not in reader.get("side").content.decode()


def test_mark_that_is_none_of_ours_is_not_given_back(panel, senders):
    response = panel.get("side", seen="a.b\nc.d", holding="1")

    assert response.status_code == 200
    assert "b" not in response.headers["X-Seen"].split(".")


def test_channel_without_sender_cannot_be_chosen_and_says_why(panel, senders, elements):
    Sender.objects.filter(channel="whatsapp").update(enabled=False)
    response = panel.get("side")

    disabled = [a["value"] for t, a in elements(response).found if t == "input" and "disabled" in a]
    assert disabled == ["whatsapp"]
    assert "WhatsApp: none of your numbers can send it." in response.content.decode()


def test_saving_begins_the_conversation(panel, senders, elements):
    response = panel.post("side/save", number="00385 99 190-3327", **BOTH)
    inputs, ticked = fields(elements, response)

    assert (response.status_code, response.headers["X-State"]) == (200, "active")
    assert inputs["number"]["value"] == NUMBER
    assert ticked == {"sms", "whatsapp", "1"}
    assert Conversation.objects.get().channels == ["sms", "whatsapp"]


def test_two_numbers_when_they_are_not_the_same(panel, senders, elements):
    response = panel.post(
        "side/save",
        channels=["sms", "whatsapp"],
        number_sms=NUMBER,
        number_whatsapp="+385 99 190 3328",
        number="ignored",
    )
    inputs, ticked = fields(elements, response)

    assert inputs["number_whatsapp"]["value"] == "+385 99 190 3328"
    assert "1" not in ticked


def test_refusal_stands_at_its_field_and_keeps_what_was_typed(panel, senders, elements):
    seen = panel.get("side").headers["X-Seen"]
    response = panel.post("side/save", number="0991903327", seen=seen, **BOTH)
    inputs, ticked = fields(elements, response)

    assert response.status_code == 422
    assert elements(response).targets() == ["#place"]
    assert inputs["number"]["value"] == "0991903327"
    assert inputs["number"]["aria-invalid"] == "true"
    assert inputs["number"]["aria-describedby"] == "number-said"
    assert "Enter the number with its country code" in response.content.decode()
    assert ticked == {"sms", "whatsapp", "1"}


def test_refusals_of_two_numbers_stand_at_both(panel, senders, elements):
    typed = {"number_sms": "099", "number_whatsapp": "x", "number": "385991903327"}
    response = panel.post("side/save", channels=["sms", "whatsapp"], **typed)
    inputs, _ticked = fields(elements, response)

    assert [name for name in inputs if "aria-invalid" in inputs[name]] == [
        "number_sms",
        "number_whatsapp",
    ]


def test_refusal_is_not_wiped_by_the_next_question(panel, senders):
    seen = panel.get("side").headers["X-Seen"]
    refused = panel.post("side/save", number="099", seen=seen, **BOTH)

    assert panel.get("side", seen=refused.headers["X-Seen"]).status_code == 204


def test_form_in_use_is_left_alone(panel, senders, elements):
    seen = panel.get("side").headers["X-Seen"]
    panel.post("side/save", number=NUMBER, **BOTH)
    held = panel.get("side", seen=seen, holding="1")
    let_go = panel.get("side", seen=held.headers["X-Seen"])

    assert elements(held).targets() == ["#top", "#account"]
    assert elements(let_go).targets() == ["#place"]


def test_nothing_new_is_an_empty_answer(panel, senders):
    seen = panel.get("side").headers["X-Seen"]
    response = panel.get("side", seen=seen)

    assert (response.status_code, response.content) == (204, b"")


def test_number_that_wrote_is_shown_and_stays(panel, question, senders, elements):
    inputs, ticked = fields(elements, panel.get("side"))

    assert "readonly" in inputs["number_sms"]
    assert "readonly" not in inputs["number_whatsapp"]
    assert ticked == {"sms", "1"}


def test_last_channel_is_asked_about_before_it_is_taken_off(panel, question, senders):
    asked = panel.post("side/save", same="1")
    stopped = panel.post("side/save", same="1", confirm="1")

    assert asked.status_code == 409
    assert "This stops the conversation for this request." in asked.content.decode()
    assert (stopped.status_code, stopped.headers["X-State"]) == (200, "paused")


@pytest.mark.parametrize(
    ("agent_of", "named"), [("1", "SUP-7"), ("2", "another request"), ("", "another request")]
)
def test_other_active_request_is_named_to_its_agents(panel_of, senders, agent_of, named):
    known = AddressFactory(value="385991903327", phone_number__key="385991903327")
    ConversationFactory(issue_id="1", issue_key="SUP-7", customer=known.phone_number.customer)
    response = panel_of(other_issue_id=agent_of).post("side/save", number=NUMBER, **BOTH)

    assert response.headers["X-State"] == "other-active"
    assert f"now go to {named}." in response.content.decode()


def test_ended_shows_why_and_cannot_be_saved(panel, question, senders):
    Conversation.objects.update(state="ended", end_reason="resolved", issue_status="Resolved")
    page = panel.get("side").content.decode()

    assert "if the request is in status &quot;Resolved&quot;" in page
    assert "<fieldset disabled>" in page
    assert panel.post("side/save", number=NUMBER, **BOTH).status_code == 409


def test_reader_sees_and_cannot_change(panel_of, question, senders):
    reader = panel_of(may_reply=False)
    page = reader.get("side").content.decode()

    assert "<fieldset disabled>" in page
    assert "View only" in page
    assert 'data-action="search"' not in page
    assert reader.post("side/save", number=NUMBER, **BOTH).status_code == 403


def test_without_a_licence_nothing_can_be_changed(panel, senders, acme):
    acme.licence_active = False
    acme.save()

    assert "<fieldset disabled>" in panel.get("side").content.decode()
    assert panel.post("side/save", number=NUMBER, **BOTH).status_code == 409


@pytest.mark.parametrize(
    "form", [{"channels": ["fax"]}, {"channels": ["sms"], "same": "1", "number": "9" * 101}]
)
def test_form_that_is_none_is_refused(panel, senders, form):
    response = panel.post("side/save", **form)

    assert response.status_code == 422
    assert "This cannot be saved." in response.content.decode()


def test_jira_customer_is_named_or_missing(panel, question):
    missing = panel.get("side").content.decode()
    customer = question.conversation.customer
    customer.name, customer.jira_account_id = "Marko Horvat", "qm:1"
    customer.save()

    assert "Not linked" in missing
    assert "Marko Horvat" in panel.get("side").content.decode()


def test_panel_without_number_has_the_form_and_goes_on_to_empty(panel, senders, elements):
    before = panel.get("view")
    after = panel.post("numbers", number=NUMBER, seen=before.headers["X-Seen"], **BOTH)

    assert "No phone number yet" in before.content.decode()
    assert (after.status_code, after.headers["X-State"]) == (200, "empty")
    assert "<textarea" in after.content.decode()


def test_thread_says_who_activated_it(panel, senders):
    AgentProfile.objects.create(account_id=panel.agent.account_id, name="Ana Kovač")
    panel.post("numbers", number=NUMBER, **BOTH)

    assert "Conversation activated by Ana Kovač" in panel.get("view").content.decode()


def test_panel_keeps_what_was_typed_when_it_is_refused(panel, senders, elements):
    seen = panel.get("view").headers["X-Seen"]
    response = panel.post("numbers", number="099 190", seen=seen, **BOTH)
    inputs, _ticked = fields(elements, response)

    assert response.status_code == 422
    assert elements(response).targets() == ["#composer"]
    assert inputs["number"]["value"] == "099 190"
    assert panel.get("updates", seen=response.headers["X-Seen"]).status_code == 204


def test_panel_of_a_reader_without_conversation_has_no_form(panel_of, senders):
    page = panel_of(may_reply=False).get("view").content.decode()

    assert "has not written by SMS or WhatsApp" in page
    assert "<form" not in page


def test_first_whatsapp_message_must_be_a_template(panel, senders):
    panel.post("side/save", channels=["whatsapp"], same="1", number=NUMBER)
    response = panel.get("view")

    assert response.headers["X-State"] == "window-closed"
    assert "On WhatsApp the first message must be a template." in response.content.decode()


def test_template_that_nobody_answered_is_not_the_first_any_more(panel, senders):
    panel.post("side/save", channels=["whatsapp"], same="1", number=NUMBER)
    to = {"conversation": Conversation.objects.get(), "address": Address.objects.get()}
    whatsapp = Sender.objects.get(channel="whatsapp")
    MessageFactory(direction="out", channel="whatsapp", sender=whatsapp, **to)
    page = panel.get("view").content.decode()

    assert "Until +385 99 190 3327 writes on WhatsApp, only templates can be sent." in page
    assert "the first message must be" not in page.partition('id="closed"')[2]


def test_panel_offers_activated_channels_only(panel, question, senders, elements):
    AddressFactory(phone_number=question.address.phone_number, channel="whatsapp")
    Conversation.objects.update(channels=["sms"])
    found = elements(panel.get("view")).found

    assert {attrs["data-channel"] for tag, attrs in found if tag == "option"} == {"sms"}


def test_panel_of_a_stopped_conversation_says_what_to_do(panel, question, senders):
    panel.post("side/save", confirm="1")
    response = panel.get("view")

    assert response.headers["X-State"] == "paused"
    assert "No channel is activated." in response.content.decode()
    assert 'data-action="resume"' not in response.content.decode()
