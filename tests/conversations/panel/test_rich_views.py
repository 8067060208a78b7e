"""Places, contacts, buttons and lists: their forms, and what comes of them."""

from uuid import uuid4

import pytest

from conversations.models import Message
from tests.factories import MessageFactory

pytestmark = pytest.mark.django_db

LOCATION = {"latitude": "45,81", "longitude": " 15.98", "name": "Shop", "street": "Ilica 10"}
CONTACT = {
    "name": "Ana Kovač",
    "phones": ["", "+385 91 234 5678", "+385 91 234 5679"],
    "emails": ["", "ana@acme.example"],
    "organisation": "Acme",
}
BUTTONS = {"text": "Which day?", "buttons": ["Today", "", "Tomorrow"], "footer": "Acme"}
LIST = {
    "text": "Which day?",
    "button": "Days",
    "rows": ["Monday", "", "Tuesday"],
    "descriptions": ["", "", "After noon"],
    "sections": ["First", "", "Second"],
    "footer": "",
}
FORMS = {"location": LOCATION, "contact": CONTACT, "buttons": BUTTONS, "list": LIST}


@pytest.fixture
def asked(inside_acme):
    return MessageFactory(
        conversation__issue_id="10101",
        channel="whatsapp",
        provider_id="wamid.1=",
        sender__number="385951006720",
    )


@pytest.fixture
def send(panel, asked):
    def fill_in(kind, asks=panel, **changes):
        where = {"sender": asked.sender_id, "address": asked.address_id}
        form = {"client_id": str(uuid4()), **where, **FORMS[kind]}
        return asks.post(f"rich/{kind}", **(form | changes))

    return fill_in


def sent():
    return Message.objects.get(direction="out")


@pytest.mark.parametrize("kind", FORMS)
def test_form_is_empty_and_says_what_fits(panel, asked, elements, kind):
    response = panel.get(f"rich/{kind}")

    assert response.status_code == 200
    assert elements(response).targets() == ["#rich-title", "#rich-refusal", "#rich-fields"]
    assert "value=" not in response.content.decode().replace('name="grouped" value="1"', "")


def test_form_of_nothing_is_not_found(panel, asked):
    assert panel.get("rich/poll").status_code == 404


@pytest.mark.parametrize("kind", FORMS)
def test_it_comes_back_once_as_a_row_that_is_sending(send, elements, kind):
    client_id = str(uuid4())
    responses = [send(kind, client_id=client_id, after=0) for _ in range(2)]

    assert [response.status_code for response in responses] == [200, 200]
    (row,) = [row for row in elements(responses[0]).rows if row["data-dir"] == "out"]
    assert (row["data-client"], row["data-status"]) == (client_id, "queued")
    assert str(sent().client_id) == client_id


@pytest.mark.parametrize("kind", FORMS)
def test_quote_goes_with_it(send, asked, kind):
    send(kind, quoted=asked.pk)

    assert sent().quoted == asked


def test_place_is_kept_with_its_numbers(send):
    send("location")

    assert sent().content == {
        "latitude": 45.81,
        "longitude": 15.98,
        "name": "Shop",
        "address": "Ilica 10",
    }


def test_empty_fields_of_a_contact_are_left_out(send):
    send("contact")

    (card,) = sent().content["contacts"]
    assert card["phones"] == ["+385912345678", "+385912345679"]
    assert card["emails"] == ["ana@acme.example"]


def test_empty_buttons_are_left_out(send):
    send("buttons")

    assert [each["title"] for each in sent().content["buttons"]] == ["Today", "Tomorrow"]


@pytest.mark.parametrize("grouped", [True, False])
def test_sections_begin_where_they_have_a_title(send, grouped):
    send("list", **({"grouped": "1"} if grouped else {}))

    found = [
        (each["title"], [row["title"] for row in each["rows"]])
        for each in sent().content["sections"]
    ]
    together = [("", ["Monday", "Tuesday"])]
    assert found == ([("First", ["Monday"]), ("Second", ["Tuesday"])] if grouped else together)


@pytest.mark.parametrize(
    ("kind", "changes", "place"),
    [
        ("location", {"latitude": "north"}, "latitude"),
        ("location", {"latitude": ""}, "latitude"),
        ("location", {"longitude": "200"}, "longitude"),
        ("location", {"street": "a" * 1001}, "address"),
        ("contact", {"name": " "}, "name"),
        ("contact", {"phones": ["", ""]}, "phones-0"),
        ("contact", {"phones": ["", "091 234 5678"]}, "phones-1"),
        ("contact", {"emails": ["", "", "ana"]}, "emails-2"),
        ("buttons", {"text": ""}, "text"),
        ("buttons", {"buttons": []}, "buttons-0"),
        ("buttons", {"buttons": ["Today", "", "Today"]}, "buttons-2"),
        ("buttons", {"buttons": ["", "Yes \N{THUMBS UP SIGN}"]}, "buttons-1"),
        ("buttons", {"buttons": ["a\x00b"]}, "buttons-0"),
        ("list", {"button": "b" * 21}, "button"),
        ("list", {"rows": ["", ""], "descriptions": []}, "rows-0"),
        ("list", {"rows": ["", "A", "A"]}, "rows-2"),
        ("list", {"rows": ["", "", ""]}, "rows-2"),
        ("list", {"descriptions": ["", "", "d" * 73]}, "descriptions-2"),
        ("list", {"grouped": "1", "sections": ["", "", "Second"]}, "sections-0"),
    ],
)
def test_refusal_stands_at_its_field(panel, send, elements, kind, changes, place):
    seen = panel.get("view").headers["X-Seen"]
    response = send(kind, **changes, seen=seen, after=1)

    assert response.status_code == 422
    assert elements(response).targets() == [f"#p-rich-{place}"]
    assert f'id="p-rich-{place}"' in panel.get(f"rich/{kind}").content.decode()
    assert not Message.objects.filter(direction="out").exists()


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize("changes", [{"client_id": "1"}, {"address": "x"}])
def test_form_that_is_none_is_refused(send, kind, changes):
    assert send(kind, **changes).status_code == 422


@pytest.mark.parametrize("changes", [{"rows": ["a"] * 101}, {"rows": ["a" * 20_001]}])
def test_endless_forms_are_refused(send, changes):
    assert send("list", **changes).status_code == 422


@pytest.mark.parametrize("kind", FORMS)
def test_sms_carries_none_of_them(panel, question, elements, kind):
    where = {"sender": question.sender_id, "address": question.address_id}
    seen = panel.get("view").headers["X-Seen"]
    form = FORMS[kind] | where | {"client_id": str(uuid4()), "seen": seen, "after": 1}
    response = panel.post(f"rich/{kind}", **form)

    assert response.status_code == 422
    assert elements(response).targets() == ["#rich-refusal"]


@pytest.mark.parametrize("kind", FORMS)
def test_who_may_only_look_gets_no_form_and_sends_nothing(panel_of, send, kind):
    reader = panel_of(may_reply=False)

    assert reader.get(f"rich/{kind}").status_code == 404
    assert send(kind, asks=reader).status_code == 403


def test_more_than_ten_files_are_refused_with_words(panel, asked):
    response = panel.send(asked, attachments=list(range(1, 12)))

    assert response.status_code == 422
    assert "Up to 10 files go at a time." in response.content.decode()


def test_number_of_a_file_beyond_any_is_refused(panel, asked):
    assert panel.send(asked, attachments=["9" * 5000]).status_code == 422
