"""The console's templates: found, tagged, listed again, submitted, edited and deleted."""

from datetime import timedelta

import pytest
from django.utils import timezone

from conversations.contracts import Channel
from conversations.models import AuditEvent, MessageTemplate, OutboxEntry
from conversations.templates import Button, ButtonKind, Header, HeaderKind, Structure
from logins.roles import Role
from tests.consoles import client_of, owners_client
from tests.factories import MessageTemplateFactory, SenderFactory

pytestmark = pytest.mark.django_db

LIST = "/admin/conversations/messagetemplate/"
AT_INFOBIP = "/whatsapp/2/senders/385951006720/templates"
PARCEL = Structure(
    body="Hello {{1}}, it comes today.",
    examples=("Ana",),
    header=Header(HeaderKind.TEXT, "Parcel {{1}}", "HR-1"),
    footer="Acme Shop",
    buttons=(
        Button(ButtonKind.URL, "Track", url="https://acme.example/{{1}}", example="HR-1"),
        Button(ButtonKind.PHONE, "Call", phone="+385951006719"),
    ),
)


@pytest.fixture
def sender(inside_acme):
    return SenderFactory(channel=Channel.WHATSAPP, number="385951006720")


@pytest.fixture
def template(sender):
    return MessageTemplateFactory(sender=sender, provider_id="7", structure=PARCEL.as_json())


def page(template, name="change"):
    return f"{LIST}{template.pk}/{name}/"


def viewer():
    return client_of("iva", Role.AUDITOR)


def shown(path):
    return owners_client().get(path).content.decode()


# --- The list ---


def test_list_says_what_each_is_and_why_it_is_not_offered(sender):
    MessageTemplateFactory(sender=sender, language="en_GB", tags=["parcels"], quality="HIGH")
    MessageTemplateFactory(sender=sender, name="sale", status="FIRST_PAUSED", category="MARKETING")

    text = shown(LIST)

    for words in ("English (United Kingdom) (en_GB)", "parcels", "High", "Utility", "Approved"):
        assert words in text
    assert "No. WhatsApp paused it because customers complained." in text


def test_list_is_narrowed_to_a_state(template, sender):
    MessageTemplateFactory(sender=sender, name="sale", status="REJECTED")

    text = shown(f"{LIST}?status=REJECTED")

    assert "<h1>Templates</h1>" in text
    assert ("sale</a>" in text, "parcel_today</a>" in text) == (True, False)


@pytest.mark.parametrize("query", ["parcel_today", "comes", "acme shop", "FIELD", "Field work"])
def test_search_by_name_text_and_tag(template, query):
    MessageTemplate.objects.update(tags=["Field work"])
    MessageTemplateFactory(name="other", body="Bye")

    text = shown(f"{LIST}?q={query}")

    assert ("parcel_today" in text, "other</a>" in text) == (True, False)


@pytest.mark.parametrize(("offered", "name"), [("yes", "parcel_today"), ("no", "old")])
def test_filter_by_offered(template, offered, name):
    MessageTemplateFactory(name="old", gone_at=timezone.now())

    text = shown(f"{LIST}?offered={offered}")

    assert [each for each in ("parcel_today", "old") if f"{each}</a>" in text] == [name]


def test_preview_shows_the_message_with_its_variables(template):
    text = shown(page(template))

    assert "Parcel <mark>{{1}}</mark>" in text
    assert "https://acme.example/<mark>{{1}}</mark>" in text
    assert "Acme Shop" in text


def test_what_a_template_says_is_inert(sender):
    template = MessageTemplateFactory(body="<img src=x onerror=alert(1)>")

    assert "<img src=x" not in shown(page(template))


# --- Tags ---


def test_tags_are_kept_once_and_recorded(template):
    owners_client().post(page(template), {"tags": " Parcels,field  work , parcels,"})

    template.refresh_from_db()
    assert template.tags == ["parcels", "field work"]
    event = AuditEvent.objects.get(action="settings.changed")
    assert event.detail["fields"] == {"tags": {"before": [], "after": ["parcels", "field work"]}}


@pytest.mark.parametrize("tags", ["x" * 41, ",".join(f"tag{number}" for number in range(21))])
def test_too_many_or_too_long_tags_are_refused(template, tags):
    response = owners_client().post(page(template), {"tags": tags})

    assert "tags" in response.context["adminform"].errors
    template.refresh_from_db()
    assert template.tags == []


def test_tags_write_nothing_over_what_the_provider_said_meanwhile(template, monkeypatch):
    found = MessageTemplate.objects.get(pk=template.pk)
    MessageTemplate.objects.update(status="FIRST_PAUSED")
    monkeypatch.setattr(
        "conversations.admin.templates.TemplateAdmin.get_object", lambda *_arguments: found
    )

    owners_client().post(page(template), {"tags": "parcels"})

    template.refresh_from_db()
    assert (template.status, template.tags) == ("FIRST_PAUSED", ["parcels"])


def test_viewer_sees_and_changes_nothing(template):
    client = viewer()

    assert client.get(page(template)).status_code == 200
    assert "Submit for approval" not in client.get(LIST).content.decode()
    for path in (page(template), f"{LIST}add/", f"{LIST}synchronise/", page(template, "delete")):
        assert client.post(path, {"tags": "x"}).status_code == 403
    assert client.get(page(template, "edit")).status_code == 403


# --- Synchronise now ---


def synchronise():
    return owners_client().post(f"{LIST}synchronise/", follow=True).content.decode()


def test_synchronise_says_what_was_found(infobip, account, template):
    rows = [{"name": "new", "language": "en", "structure": {"body": {"text": "Hi"}}}]
    infobip.answer(200, {"templates": rows})

    page = synchronise()

    assert "385951006720: 1 template listed." in page
    assert "385951006720: 1 template is listed no more." in page
    assert MessageTemplate.objects.filter(gone_at=None).get().name == "new"


def test_synchronise_says_what_went_wrong(infobip, account, template):
    infobip.answer(403, {"requestError": {"serviceException": {"text": "Forbidden"}}})

    assert "385951006720: nothing was changed. Forbidden" in synchronise()


def test_synchronise_needs_an_account_and_a_sender(infobip, inside_acme):
    assert "No provider account is connected." in synchronise()


def test_synchronise_needs_a_post(template):
    assert owners_client().get(f"{LIST}synchronise/").status_code == 405


# --- Submitting ---


def filled(sender=None, buttons=(), **changes):
    form = {
        "category": "UTILITY",
        "header_kind": "",
        "header_text": "",
        "header_example": "",
        "body": "Hello {{1}}, it comes today.",
        "examples": "Ana",
        "footer": "",
        "form-TOTAL_FORMS": "10",
        "form-INITIAL_FORMS": "0",
    }
    if sender is not None:
        form |= {"sender": sender.pk, "name": "parcel_today", "language": "en_GB"}
    for index, (kind, text, target, example) in enumerate(buttons):
        form |= {
            f"form-{index}-kind": kind,
            f"form-{index}-text": text,
            f"form-{index}-target": target,
            f"form-{index}-example": example,
        }
    return form | changes


def submit(sender, **changes):
    return owners_client().post(f"{LIST}add/", filled(sender, **changes))


def test_form_is_shown(sender):
    text = shown(f"{LIST}add/")

    assert "Submit for approval" in text
    assert "English (United Kingdom) (en_GB)" in text


def test_template_is_submitted_and_kept(infobip, account, sender):
    infobip.answer(201, {"id": 9})

    response = submit(sender, buttons=[("quick-reply", "Not at home", "", "")])

    made = MessageTemplate.objects.get()
    assert response["Location"] == page(made)
    assert (made.name, made.language, made.status) == ("parcel_today", "en_GB", "PENDING")
    assert infobip.requests[0].json["structure"] == {
        "body": {"text": "Hello {{1}}, it comes today.", "examples": ["Ana"]},
        "buttons": [{"type": "QUICK_REPLY", "text": "Not at home"}],
        "type": "TEXT",
    }
    event = AuditEvent.objects.get(action="template.submitted")
    assert (event.subject_id, event.detail["name"]) == (str(made.pk), "parcel_today")


def test_new_lines_count_as_one_character_each(infobip, account, sender):
    infobip.answer(201, {"id": 9})
    lines = "\r\n".join(["x"] * 512)

    submit(sender, body=f"{lines}x", examples="")

    assert len(infobip.requests[0].json["structure"]["body"]["text"]) == 1024


LINK = "https://acme.example/{{1}}"
TEN_REPLIES = [("quick-reply", f"Answer {number}", "", "") for number in range(10)]


@pytest.mark.parametrize(
    "changes",
    [
        {"header_kind": "text", "header_text": "Parcel {{1}}", "header_example": "HR-1"},
        {"header_kind": "image", "header_example": "https://acme.example/a.png"},
        {"header_kind": "location"},
        {"body": "x" * 1024, "examples": ""},
        {"body": "Hi {{1}}{{2}}!\r\nBye", "examples": "a\r\nb\r\n"},
        {"footer": "x" * 60},
        {"buttons": [("url", "Track", LINK, "https://acme.example/7")]},
        {"buttons": [("url", "a", LINK, "x"), ("url", "b", "https://acme.example", "")]},
        {"buttons": [("phone", "Call", "+385951006719", ""), ("copy-code", "", "", "SAVE10")]},
        {"buttons": TEN_REPLIES},
    ],
)
def test_what_meta_takes_is_submitted(infobip, account, sender, changes):
    infobip.answer(201, {"id": 9})

    assert submit(sender, **changes).status_code == 302


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "Parcel today"}, "name"),
        ({"name": "x" * 513}, "name"),
        ({"language": "tlh"}, "language"),
        ({"category": "AUTHENTICATION"}, "category"),
        ({"body": ""}, "body"),
        ({"body": "x" * 1025, "examples": ""}, "body"),
        ({"body": "{{1}}, hello."}, "body"),
        ({"body": "Hello {{1}}"}, "body"),
        ({"body": "Hello {{2}}."}, "body"),
        ({"body": "Hello {{1}} {{3}}.", "examples": "a\nb"}, "body"),
        ({"body": "Hello {{name}}."}, "body"),
        ({"examples": ""}, "examples"),
        ({"examples": "a\nb"}, "examples"),
        ({"footer": "x" * 61}, "footer"),
        ({"footer": "Hi {{1}}"}, "footer"),
        ({"header_kind": "text"}, "header_text"),
        ({"header_kind": "text", "header_text": "x" * 61}, "header_text"),
        ({"header_kind": "text", "header_text": "{{1}} {{2}}"}, "header_text"),
        ({"header_kind": "text", "header_text": "{{2}}"}, "header_text"),
        ({"header_kind": "text", "header_text": "Hi {{name}}"}, "header_text"),
        ({"header_text": "Hi"}, "header_text"),
        ({"header_kind": "text", "header_text": "Hi {{1}}"}, "header_example"),
        ({"header_kind": "image"}, "header_example"),
        ({"header_kind": "document", "header_example": "invoice.pdf"}, "header_example"),
    ],
)
def test_what_meta_would_refuse_is_said_at_its_field(infobip, account, sender, changes, field):
    response = submit(sender, **changes)

    assert list(response.context["form"].errors) == [field]
    assert (infobip.requests, MessageTemplate.objects.count()) == ([], 0)


@pytest.mark.parametrize(
    ("button", "field"),
    [
        (("", "Track", "", ""), "kind"),
        (("quick-reply", "", "", ""), "text"),
        (("quick-reply", "x" * 26, "", ""), "text"),
        (("url", "Track", "acme.example", ""), "target"),
        (("url", "Track", "ftp://acme.example/", ""), "target"),
        (("url", "Track", "https://acme.example/{{1}}/x", "a"), "target"),
        (("url", "Track", "https://acme.example/{{2}}", "a"), "target"),
        (("url", "Track", LINK, ""), "example"),
        (("phone", "Call", "call me", ""), "target"),
        (("copy-code", "", "", ""), "example"),
        (("copy-code", "", "", "x" * 16), "example"),
    ],
)
def test_what_is_wrong_with_a_button_is_said_there(infobip, account, sender, button, field):
    response = submit(sender, buttons=[button])

    assert list(response.context["buttons"].errors[0]) == [field]
    assert infobip.requests == []


@pytest.mark.parametrize(
    "buttons",
    [
        [("phone", "Call", "+385951006719", "")] * 2,
        [("url", "Shop", "https://acme.example", "")] * 3,
        [("copy-code", "", "", "SAVE10")] * 2,
        [
            ("quick-reply", "Yes", "", ""),
            ("phone", "Call", "+385951006719", ""),
            ("quick-reply", "No", "", ""),
        ],
    ],
)
def test_buttons_that_do_not_go_together_are_refused(infobip, account, sender, buttons):
    response = submit(sender, buttons=buttons)

    assert response.context["buttons"].non_form_errors()
    assert infobip.requests == []


def test_nothing_typed_is_lost(sender):
    buttons = [("quick-reply", "Not at home", "", "")]

    text = submit(sender, buttons=buttons, footer="Acme {{1}}").content.decode()

    for typed in ("Hello {{1}}, it comes today.", "Acme {{1}}", "Not at home", "parcel_today"):
        assert typed in text
    assert "A footer can hold no variables." in text


def test_name_that_is_taken_is_refused(infobip, account, template):
    assert "name" in submit(template.sender, language="en").context["form"].errors
    assert infobip.requests == []


def test_refusal_of_the_provider_stands_at_its_field(infobip, account, sender):
    errors = {"name": ["is taken"], "structure.buttons[0].text": ["is rude"], "x": ["is odd"]}
    infobip.answer(400, {"requestError": {"serviceException": {"validationErrors": errors}}})

    response = submit(sender)

    assert response.context["form"].errors == {"name": ["is taken"], "__all__": ["is odd"]}
    assert response.context["button_errors"] == "is rude"
    assert not MessageTemplate.objects.exists()


def test_refusal_without_fields_is_said_above(infobip, account, sender):
    infobip.answer(403, {"requestError": {"serviceException": {"text": "Forbidden"}}})

    assert submit(sender).context["form"].errors == {"__all__": ["Forbidden"]}


def test_unanswered_submission_is_looked_for(infobip, account, sender):
    infobip.answer(500)

    errors = submit(sender).context["form"].errors["__all__"]

    assert "may have been submitted or not" in errors[0]
    assert OutboxEntry.objects.get().topic == "templates.sync"


def test_submission_needs_an_account(sender):
    assert "__all__" in submit(sender).context["form"].errors


# --- Editing ---


def test_edit_shows_what_there_is(template):
    text = shown(page(template, "edit"))

    for words in ("Hello {{1}}, it comes today.", "Acme Shop", "Track", "+385951006719"):
        assert words in text
    assert 'name="language"' not in text


def test_change_is_submitted_and_recorded(infobip, account, template):
    infobip.answer(200, {})

    owners_client().post(page(template, "edit"), filled(body="Bye.", examples=""))

    template.refresh_from_db()
    assert (template.status, template.structure["body"]) == ("PENDING", "Bye.")
    assert (infobip.requests[0].method, infobip.requests[0].path) == ("PATCH", f"{AT_INFOBIP}/7")
    event = AuditEvent.objects.get(action="template.changed")
    assert event.detail["before"] == "APPROVED"


def test_approved_template_keeps_its_category(infobip, account, template):
    infobip.answer(200, {})

    owners_client().post(page(template, "edit"), filled(category="MARKETING"))

    assert infobip.requests[0].json["category"] == "UTILITY"


def test_rejected_template_may_change_its_category(infobip, account, template):
    MessageTemplate.objects.update(status="REJECTED")
    infobip.answer(200, {})

    owners_client().post(page(template, "edit"), filled(category="MARKETING"))

    assert infobip.requests[0].json["category"] == "MARKETING"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"status": "PENDING"}, "Only approved, rejected and paused"),
        ({"status": "DISABLED"}, "Only approved, rejected and paused"),
        ({"gone_at": timezone.now()}, "Only approved, rejected and paused"),
        ({"not_understood": "a button of another kind (FLOW)"}, "Edit it in Infobip"),
    ],
)
def test_template_that_cannot_be_edited(infobip, account, template, changes, why):
    MessageTemplate.objects.update(**changes)

    response = owners_client().post(page(template, "edit"), filled(), follow=True)

    assert why in response.content.decode()
    assert infobip.requests == []


@pytest.mark.parametrize(("status", "sent"), [("APPROVED", 1), ("REJECTED", 2)])
def test_approved_template_changes_once_a_day(infobip, account, template, status, sent):
    infobip.answer(200, {"status": status}, times=2)

    for _time in range(2):
        MessageTemplate.objects.update(status=status)
        owners_client().post(page(template, "edit"), filled())

    assert len(infobip.requests) == sent


def test_approved_template_may_change_again_the_next_day(
    infobip, account, template, time_machine_at
):
    infobip.answer(200, {"status": "APPROVED"}, times=2)
    owners_client().post(page(template, "edit"), filled())
    time_machine_at(timezone.now() + timedelta(hours=25))

    owners_client().post(page(template, "edit"), filled())

    assert len(infobip.requests) == 2


# --- Deleting ---


def test_deletion_says_what_goes(template):
    MessageTemplateFactory(sender=template.sender, language="hr")

    text = shown(page(template, "delete"))

    assert "in all its languages (English, Croatian)" in text
    assert "for 30 days" in text


def test_deletion_takes_all_languages(infobip, account, template):
    MessageTemplateFactory(sender=template.sender, language="hr")
    MessageTemplateFactory(sender=template.sender, name="other")
    infobip.answer(204)

    owners_client().post(page(template, "delete"))

    assert infobip.paths == [f"{AT_INFOBIP}/parcel_today"]
    assert MessageTemplate.objects.filter(gone_at=None).get().name == "other"
    assert AuditEvent.objects.filter(action="template.deleted").count() == 1
    assert OutboxEntry.objects.get().topic == "templates.sync"


@pytest.mark.parametrize(
    ("status", "words"), [(403, "Nothing was deleted."), (500, "may be deleted or not")]
)
def test_failed_deletion_deletes_nothing_here(infobip, account, template, status, words):
    infobip.answer(status)

    response = owners_client().post(page(template, "delete"), follow=True)

    assert words in response.content.decode()
    assert MessageTemplate.objects.get().gone_at is None


def test_template_that_is_not_there_any_more_counts_as_deleted(infobip, account, template):
    infobip.answer(404)

    owners_client().post(page(template, "delete"))

    assert MessageTemplate.objects.get().gone_at is not None


def test_deletion_is_asked_before_it_is_done(infobip, account, template):
    owners_client().get(page(template, "delete"))

    assert infobip.requests == []


def test_edit_of_no_template_leads_to_the_list(template):
    MessageTemplate.objects.all().delete()

    assert owners_client().get(page(template, "edit"))["Location"] == LIST
