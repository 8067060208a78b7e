"""The console's page "Auto-reply"."""

import pytest

from conversations.models import AuditEvent, AutoReplySettings
from logins.roles import Role
from tenants.context import tenant_context
from tests.consoles import client_of, owners_client
from tests.conversations.auto_replying import customer_writes
from tests.conversations.auto_replying import texts as sent_texts
from tests.factories import SenderFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("inside_acme")]

PAGE = "/admin/conversations/autoreplysettings/"
TYPED = {"enabled": "on", "language": "en", "hours_between": "24", "time_zone": "Europe/Zagreb"}
PARTS = ("greeting", "closed", "hours", "holidays")
SMS = {"channel": "sms", "language": "en", "text": "Your request is {{request.key}}."}
CROATIAN = SMS | {"language": "hr", "text": "Vaš je zahtjev {{request.key}}."}
MORNING = {"weekday": "0", "opens_at": "08:00", "closes_at": "12:00"}
AFTERNOON = {"weekday": "0", "opens_at": "13:00", "closes_at": "00:00"}
CHRISTMAS = {"day": "2026-12-25", "name": "Christmas"}


def save(*, client=None, greeting=(SMS,), **fields):
    """Post the page; `greeting`, `closed`, `hours` and `holidays` are rows."""
    parts = {part: fields.pop(part, ()) for part in PARTS} | {"greeting": greeting}
    settings = AutoReplySettings.objects.first()
    form = TYPED | fields
    for part, rows in parts.items():
        kept = sum("id" in row for row in rows)
        form |= {f"{part}-TOTAL_FORMS": len(rows), f"{part}-INITIAL_FORMS": kept}
        for number, row in enumerate(rows):
            form |= {f"{part}-{number}-{name}": value for name, value in row.items()}
    path = f"{PAGE}{settings.pk}/change/" if settings else f"{PAGE}add/"
    return (client or owners_client()).post(path, form)


def problems(**fields):
    """Return what is refused, by field and row; nothing is kept then."""
    response = save(**fields)
    assert AutoReplySettings.objects.exists() is False
    found = {name: list(texts) for name, texts in response.context["adminform"].errors.items()}
    for inline in response.context["inline_admin_formsets"]:
        formset = inline.formset
        if formset.non_form_errors():
            found[formset.prefix] = list(formset.non_form_errors())
        for number, errors in enumerate(formset.errors):
            found |= {f"{formset.prefix}-{number}-{name}": list(e) for name, e in errors.items()}
    return found


def test_page_is_called_in_words_and_offers_what_there_is():
    page = owners_client().get(PAGE, follow=True).content.decode()

    assert "<h1>Auto-reply</h1>" in page
    for words in (
        "Send an automatic reply when a customer starts a conversation",
        "{{customer.name}}, {{request.key}}",
        "An SMS of up to 160 characters is one part",
        '<option value="Europe/Zagreb">Europe/Zagreb</option>',
        '<option value="hr">Croatian</option>',
    ):
        assert words in page


def test_page_is_found_in_the_navigation():
    assert f'href="{PAGE}"' in owners_client().get("/admin/").content.decode()


def test_everything_is_kept():
    response = save(
        greeting=[SMS, CROATIAN],
        closed_enabled="on",
        closed=[SMS | {"text": "We are back at 8."}],
        hours=[MORNING, AFTERNOON],
        holidays=[CHRISTMAS],
    )

    assert response.status_code == 302
    kept = AutoReplySettings.objects.get()
    assert (kept.enabled, kept.closed_enabled, kept.time_zone) == (True, True, "Europe/Zagreb")
    assert [str(text) for text in kept.texts.filter(occasion="greeting")] == [
        "SMS, English",
        "SMS, Croatian",
    ]
    assert [text.text for text in kept.texts.filter(occasion="closed")] == ["We are back at 8."]
    assert [str(hours) for hours in kept.hours.all()] == ["08:00 to 12:00", "13:00 to 00:00"]
    assert [str(holiday) for holiday in kept.holidays.all()] == ["Christmas"]


def test_what_is_kept_is_sent():
    save(greeting=[SMS | {"text": "Hello!"}])

    customer_writes()

    assert sent_texts() == ["Hello!"]


def test_page_shows_what_is_kept():
    save(greeting=[SMS], closed=[CROATIAN], hours=[AFTERNOON], holidays=[CHRISTMAS])

    page = owners_client().get(PAGE, follow=True).content.decode()

    assert page.count("Your request is {{request.key}}.</textarea>") == 1
    assert page.count("Vaš je zahtjev {{request.key}}.</textarea>") == 1
    for value in ('value="13:00"', 'value="00:00"', 'value="2026-12-25"', "Christmas"):
        assert value in page


def test_row_that_nobody_filled_in_is_none():
    save(greeting=[SMS, {"channel": "sms", "language": "en", "text": ""}])

    assert AutoReplySettings.objects.get().texts.count() == 1


def test_text_can_be_deleted_and_written_anew_in_one_go():
    save(greeting=[SMS, CROATIAN])
    row = AutoReplySettings.objects.get().texts.get(language="hr")
    kept = AutoReplySettings.objects.get().texts.get(language="en")

    save(
        greeting=[
            SMS | {"id": kept.pk},
            CROATIAN | {"id": row.pk, "DELETE": "on"},
            CROATIAN | {"text": "Hvala!"},
        ]
    )

    texts = AutoReplySettings.objects.get().texts
    assert list(texts.values_list("text", flat=True)) == [SMS["text"], "Hvala!"]


def test_language_of_a_kept_text_stays():
    save(greeting=[SMS, CROATIAN])
    settings = AutoReplySettings.objects.get()
    english, croatian = settings.texts.order_by("language")

    save(greeting=[SMS | {"id": croatian.pk}, CROATIAN | {"id": english.pk}])

    assert list(settings.texts.values_list("language", "text")) == [
        ("en", CROATIAN["text"]),
        ("hr", SMS["text"]),
    ]


@pytest.mark.parametrize("text", ["{{custmer.name}}", "{{customer.name", "{{agent.name}}"])
def test_unknown_variable_is_refused_at_its_text(text):
    (words,) = problems(greeting=[SMS | {"text": f"Hi\n{text}\n"}])["greeting-0-text"]

    known = "These can: {{customer.name}}, {{request.key}}."
    assert words == f"{text} cannot be filled in. {known}"


@pytest.mark.parametrize(("channel", "longest"), [("sms", 1000), ("whatsapp", 4096)])
def test_text_that_is_too_long_for_its_channel_is_refused(channel, longest):
    fields = SMS | {"channel": channel, "text": "x" * (longest + 1)}

    assert problems(greeting=[fields]) == {
        "greeting-0-text": [
            f"The message has {longest + 1} characters, {longest} are allowed. Shorten it."
        ]
    }


def test_length_is_that_of_the_text_with_values():
    row = SMS | {"text": "{{customer.name}}" + "x" * 990}

    assert save(greeting=[row]).status_code == 302


def test_characters_that_cannot_be_sent_are_refused():
    assert list(problems(greeting=[SMS | {"text": "Hi\x07"}])) == ["greeting-0-text"]


def test_emptied_text_is_refused():
    save()
    row = AutoReplySettings.objects.get().texts.get()

    response = save(greeting=[SMS | {"id": row.pk, "text": ""}])

    assert "Write the text, or delete its row." in response.content.decode()


def test_second_text_of_a_language_is_refused():
    assert problems(greeting=[SMS, SMS | {"text": "Hello"}]) == {
        "greeting-1-language": ["There is already a text for SMS in English."]
    }


def test_same_language_on_the_other_channel_is_allowed():
    save(greeting=[SMS, SMS | {"channel": "whatsapp"}])

    assert AutoReplySettings.objects.get().texts.count() == 2


def test_no_text_though_it_is_on_is_refused():
    assert problems(greeting=[]) == {"greeting": ["Write at least one text, or switch this off."]}


def test_no_text_in_the_default_language_is_refused():
    (words,) = problems(greeting=[SMS, CROATIAN | {"channel": "whatsapp"}])["greeting"]

    assert words == (
        "There is no text for WhatsApp in English, the default language. Add it: customers who"
        " speak none of the others would get nothing."
    )


def test_texts_of_what_is_off_are_not_judged_together():
    assert save(enabled="", greeting=[CROATIAN], closed=[CROATIAN]).status_code == 302


def test_no_closed_text_though_it_is_on_is_refused():
    assert problems(closed_enabled="on", hours=[MORNING]) == {
        "closed": ["Write at least one text, or switch this off."]
    }


def test_no_hours_though_they_matter_are_refused():
    assert problems(closed_enabled="on", closed=[SMS]) == {
        "hours": ["Enter when you are open: without hours every message would be outside of them."]
    }


@pytest.mark.parametrize("opens", ["08:00", "11:59", "07:00"])
def test_overlapping_hours_are_refused_at_the_later_row(opens):
    late = {"weekday": "0", "opens_at": opens, "closes_at": "16:00"}

    found = problems(hours=[MORNING, late])

    assert [text[:13] for (text,) in found.values()] == ["This overlaps"]


def test_overlap_names_the_other_hours():
    assert problems(hours=[MORNING, MORNING | {"opens_at": "11:00", "closes_at": "16:00"}]) == {
        "hours-1-opens_at": ["This overlaps 08:00 to 12:00."]
    }


def test_same_hours_twice_are_refused():
    assert problems(hours=[MORNING, MORNING]) == {
        "hours-1-opens_at": ["This overlaps 08:00 to 12:00."]
    }


@pytest.mark.parametrize("closes", ["08:00", "07:59"])
def test_closing_before_opening_is_refused(closes):
    (words,) = problems(hours=[MORNING | {"closes_at": closes}])["hours-0-closes_at"]

    assert words == (
        "Enter a time after 08:00, or 00:00 for the end of the day. What goes on past midnight"
        " is a row of the next day."
    )


def test_holiday_twice_is_refused():
    assert save(holidays=[CHRISTMAS, CHRISTMAS]).status_code == 200
    assert AutoReplySettings.objects.exists() is False


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("hours_between", "0"),
        ("hours_between", "721"),
        ("time_zone", "Mars/Olympus"),
        ("language", "tlh"),
    ],
)
def test_settings_that_cannot_be_are_refused(field, value):
    assert list(problems(**{field: value})) == [field]


def test_refused_texts_stay_as_they_were_typed():
    response = save(greeting=[SMS | {"text": "Hi {{nobody}}"}])

    assert "Hi {{nobody}}</textarea>" in response.content.decode()


def test_every_change_is_recorded_with_before_and_after():
    client = owners_client()
    save(client=client, hours=[MORNING])
    settings = AutoReplySettings.objects.get()
    last = AuditEvent.objects.latest("pk").pk

    save(
        client=client,
        hours_between="12",
        greeting=[SMS | {"id": settings.texts.get().pk, "text": "Hello!"}],
        hours=[MORNING | {"id": settings.hours.get().pk, "DELETE": "on"}],
        holidays=[CHRISTMAS],
    )

    events = AuditEvent.objects.filter(action="settings.changed", pk__gt=last).order_by("pk")
    assert [event.detail["fields"] for event in events] == [
        {"hours_between": {"before": 24, "after": 12}},
        {
            "greeting": {
                "before": ["SMS, en: Your request is {{request.key}}."],
                "after": ["SMS, en: Hello!"],
            }
        },
        {"hours": {"before": ["Monday, 08:00 to 12:00"], "after": []}},
        {"holidays": {"before": [], "after": ["2026-12-25 Christmas"]}},
    ]


def test_saving_without_a_change_records_none():
    client = owners_client()
    save(client=client, hours=[MORNING])
    settings = AutoReplySettings.objects.get()
    before = AuditEvent.objects.count()

    save(
        client=client,
        greeting=[SMS | {"id": settings.texts.get().pk}],
        hours=[MORNING | {"id": settings.hours.get().pk}],
    )

    assert AuditEvent.objects.count() == before


def test_settings_of_one_site_are_not_anothers(globex):
    save()

    with tenant_context(globex):
        assert AutoReplySettings.objects.exists() is False


def test_text_that_another_admin_has_added_meanwhile_is_refused_in_words():
    save()
    settings = AutoReplySettings.objects.get()
    kept = settings.texts.get(language="en")
    settings.texts.create(occasion="greeting", channel="sms", language="hr", text="Hvala!")

    response = save(greeting=[SMS | {"id": kept.pk}, CROATIAN])

    assert response.status_code == 200
    assert "There is already a text for SMS in Croatian." in response.content.decode()


def test_auditor_reads_words_in_the_place_of_codes():
    save(greeting=[SMS, CROATIAN], hours=[MORNING], holidays=[CHRISTMAS], language="en")
    settings = AutoReplySettings.objects.get()

    page = client_of("vera", Role.AUDITOR).get(f"{PAGE}{settings.pk}/change/").content.decode()

    for words in ("SMS, Croatian", "English", "Monday", "Christmas", CROATIAN["text"]):
        assert words in page
    assert "<select" not in page.partition('id="autoreplysettings_form"')[2].partition("</form>")[0]


def test_form_begins_with_a_row_for_each_channel_of_the_senders():
    SenderFactory()
    SenderFactory(channel="whatsapp", number="385951006720")

    page = owners_client().get(f"{PAGE}add/").content.decode()

    assert page.count('<option value="sms" selected>') == 2 + 1  # and the empty rows of both parts
    assert page.count('<option value="whatsapp" selected>') == 1


def test_row_that_was_offered_and_left_empty_is_none():
    SenderFactory(channel="whatsapp", number="385951006720")

    save(greeting=[{"channel": "whatsapp", "language": "en", "text": ""}], enabled="")

    assert AutoReplySettings.objects.get().texts.exists() is False
