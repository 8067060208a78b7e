"""The template chooser: what it finds, what it asks for, and what it sends."""

from uuid import uuid4

import pytest

from conversations.contracts import MessageKind
from conversations.models import Message, MessageTemplate, SendingSettings
from conversations.templates import Button, ButtonKind, Header, HeaderKind, Structure
from tests.factories import MessageFactory, MessageTemplateFactory, SenderFactory

pytestmark = pytest.mark.django_db

PARCEL = Structure(
    body="Hello {{1}}, parcel {{2}} comes.",
    footer="Acme",
    buttons=(Button(ButtonKind.URL, "Track", url="https://acme.example/{{1}}"),),
)


@pytest.fixture
def asked(inside_acme):
    return MessageFactory(
        conversation__issue_id="10101",
        conversation__customer__name="Marko Horvat",
        channel="whatsapp",
        sender__number="385951006720",
    )


@pytest.fixture
def template(asked):
    return MessageTemplateFactory(
        sender=asked.sender, name="parcel_on_its_way", structure=PARCEL.as_json(), tags=["delivery"]
    )


@pytest.fixture
def choose(panel, asked, template):
    def send(**changes):
        form = {
            "template": template.pk,
            "client_id": str(uuid4()),
            "sender": asked.sender_id,
            "address": asked.address_id,
            "value.body.1": "Marko",
            "value.body.2": "HR-7",
            "value.button.0": "HR-7",
        }
        return panel.post("templates", **(form | changes))

    return send


def search(panel, asked, **query):
    return panel.get("templates", sender=asked.sender_id, address=asked.address_id, **query)


@pytest.mark.parametrize(
    ("query", "found"), [("its_way", 1), ("parcel", 1), ("deliv", 1), ("x", 0)]
)
def test_search_finds_by_name_content_and_tag(panel, asked, template, query, found):
    response = search(panel, asked, q=query)

    assert response.status_code == 200
    assert response.content.decode().count('data-action="template"') == found


def test_nothing_found_can_be_undone(panel, asked, template):
    page = search(panel, asked, q="<nothing>").content.decode()

    assert "No template matches “&lt;nothing&gt;”." in page
    assert 'data-action="all-templates"' in page


def test_languages_can_be_chosen(panel, asked, template):
    MessageTemplateFactory(sender=asked.sender, name="paket", language="hr")
    page = search(panel, asked, language="hr").content.decode()

    assert page.count('data-action="template"') == 1
    assert '<option value="hr" selected>' in page


@pytest.mark.parametrize(
    "query", [{}, {"sender": "x"}, {"sender": 1}, {"sender": 1, "address": 1, "q": "a" * 201}]
)
def test_nonsense_is_refused(panel, asked, query):
    assert panel.get("templates", **query).status_code == 400


def test_preview_marks_what_has_to_be_filled_in(panel, template, elements):
    response = panel.get(f"templates/{template.pk}")
    marks = [attrs for tag, attrs in elements(response).found if tag == "mark"]
    fields = [attrs for tag, attrs in elements(response).found if "data-fills" in attrs]

    assert [mark["data-variable"] for mark in marks] == ["body.1", "body.2", "button.0"]
    assert [(each["name"], "required" in each) for each in fields] == [
        ("value.body.1", True),
        ("value.body.2", True),
        ("value.button.0", True),
    ]
    assert '<option value="Marko Horvat">' in response.content.decode()


def test_media_header_asks_for_a_file_of_its_types(panel, asked, elements):
    structure = Structure(body="Look", header=Header(HeaderKind.DOCUMENT))
    made = MessageTemplateFactory(sender=asked.sender, structure=structure.as_json())
    found = elements(panel.get(f"templates/{made.pk}")).found

    (field,) = [attrs for tag, attrs in found if "data-header" in attrs]
    assert (field["type"], field["accept"]) == ("file", "application/pdf")


@pytest.mark.parametrize("on", [True, False])
def test_sms_in_its_place_is_offered_where_it_is_on(panel, template, on):
    SendingSettings.objects.create(sms_fallback=on)

    page = panel.get(f"templates/{template.pk}").content.decode()
    assert ('name="fallback"' in page) is on


def test_template_that_cannot_be_sent_is_not_shown(panel, panel_of, template):
    assert panel_of(may_reply=False).get(f"templates/{template.pk}").status_code == 404
    MessageTemplate.objects.update(status="REJECTED")

    assert panel.get(f"templates/{template.pk}").status_code == 404


def test_dear_sms_in_its_place_is_asked_about(choose, elements):
    SendingSettings.objects.create(sms_fallback=True)
    SenderFactory(channel="sms")
    text = "š" * 67 * 6 + "š"

    asked = choose(fallback="1", fallback_text=text)
    agreed = choose(fallback="1", fallback_text=text, confirmed=[asked.headers["X-Ask"]])

    assert (asked.status_code, agreed.status_code) == (409, 200)
    assert "sent as 7 SMS parts" in asked.content.decode()
    assert Message.objects.filter(direction="out").count() == 1


def test_template_is_sent_once_and_comes_back_as_a_row(choose, elements):
    client_id = str(uuid4())
    responses = [choose(client_id=client_id, after=0) for _ in range(2)]

    assert [response.status_code for response in responses] == [200, 200]
    (row,) = [row for row in elements(responses[0]).rows if row["data-dir"] == "out"]
    assert (row["data-client"], row["data-kind"]) == (client_id, "template")
    assert Message.objects.get(direction="out").text == "Hello Marko, parcel HR-7 comes."


def test_what_is_missing_is_said_at_its_field(choose, elements):
    response = choose(**{"value.body.2": " "})

    assert response.status_code == 422
    assert {"#unsent", "#p-body2"} <= set(elements(response).targets())
    assert not Message.objects.filter(kind=MessageKind.TEMPLATE).exists()


def test_who_may_only_look_may_not_send_a_template(panel_of, asked, template):
    response = panel_of(may_reply=False).post(
        "templates",
        template=template.pk,
        client_id=str(uuid4()),
        sender=asked.sender_id,
        address=asked.address_id,
    )

    assert response.status_code == 403


def test_template_of_another_sender_is_not_found(choose):
    foreign = MessageTemplateFactory(sender__number="385951000000")

    assert choose(template=foreign.pk).status_code == 404


@pytest.mark.parametrize("changes", [{"template": ""}, {"client_id": "1"}, {"address": "x"}])
def test_form_that_is_none_is_refused(choose, changes):
    assert choose(**changes).status_code == 422
