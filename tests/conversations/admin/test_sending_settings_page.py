"""The console's page of how messages are sent."""

import pytest

from conversations.models import Address, AuditEvent, SendingSettings
from conversations.services.inbound import receive_message
from conversations.services.texts import longest_text
from logins.roles import Role
from tenants.context import tenant_context
from tests.consoles import client_of, owners_client
from tests.factories import InboundMessageFactory, SenderFactory

pytestmark = pytest.mark.django_db

PAGE = "/admin/conversations/sendingsettings/"
DEFAULTS = {"longest_sms": "1000", "mark_read": "on", "show_typing": "on"}


def save(*, client=None, **fields):
    client = client or owners_client()
    row = SendingSettings.objects.first()
    path = f"{PAGE}{row.pk}/change/" if row else f"{PAGE}add/"
    return client.post(path, DEFAULTS | fields)


def problems(**fields):
    """Return what is refused, by field; nothing is kept then."""
    response = save(**fields)
    assert SendingSettings.objects.exists() is False
    return {name: list(texts) for name, texts in response.context["adminform"].errors.items()}


def test_page_opens_with_the_defaults():
    response = owners_client().get(PAGE, follow=True)

    fields = response.context["adminform"].form
    assert fields["longest_sms"].value() == 1000
    assert fields["mark_read"].value() is True
    assert "Characters, up to 3,825" in response.content.decode()


def test_auditor_is_told_that_nothing_was_set():
    response = client_of("vera", Role.AUDITOR).get(PAGE)

    assert response.status_code == 200
    assert "Nobody has set anything here yet." in response.content.decode()


def test_help_with_values_is_in_the_readers_language():
    response = owners_client(HTTP_ACCEPT_LANGUAGE="hr").get(PAGE, follow=True)

    page = response.content.decode()
    assert "Znakovi, najviše 3.825" in page
    assert "START, UNSTOP vrijede uvijek." in page


def test_settings_are_kept_and_count():
    save(longest_sms="160", mark_read="", sms_fallback="on", opt_out_words="Basta", opt_in_words="")

    kept = SendingSettings.objects.get()
    assert (kept.mark_read, kept.show_typing, kept.sms_fallback) == (False, True, True)
    assert longest_text("sms") == 160


def test_second_form_changes_the_same_row():
    client = owners_client()
    client.post(f"{PAGE}add/", DEFAULTS)
    SendingSettings.objects.update(longest_sms=5)

    save(client=client, longest_sms="300")

    assert SendingSettings.objects.get().longest_sms == 300


def test_there_is_no_second_form_to_add():
    assert "_addanother" not in owners_client().get(f"{PAGE}add/").content.decode()


def test_bound_that_applies_is_said():
    (text,) = problems(longest_sms="4000")["longest_sms"]

    assert text == "Enter 3825 or less: Infobip takes no more than 25 parts."


@pytest.mark.parametrize("typed", ["0", "-1", "3826", "", "many"])
def test_length_that_cannot_be_sent_is_refused(typed):
    assert list(problems(longest_sms=typed)) == ["longest_sms"]


def test_longest_that_the_provider_takes_is_allowed():
    save(longest_sms="3825")

    assert SendingSettings.objects.get().longest_sms == 3825


def test_words_are_kept_as_they_are_compared():
    save(opt_out_words=" ¡Basta! \r\n\r\nNO  MORE\nbasta\n", opt_in_words="Da.")

    kept = SendingSettings.objects.get()
    assert (kept.opt_out_words, kept.opt_in_words) == (["basta", "no more"], ["da"])


def test_word_opts_a_customer_out():
    SenderFactory()
    save(opt_out_words="Prestani")

    receive_message(InboundMessageFactory(text="prestani!"))

    assert Address.objects.get().opted_out_by == "customer"


@pytest.mark.parametrize(
    ("fields", "field", "text"),
    [
        ({"opt_out_words": "..."}, "opt_out_words", "“...” has no letter or digit."),
        (
            {"opt_in_words": "x" * 41},
            "opt_in_words",
            f"“{'x' * 40}…” is too long: a word has up to 40 characters.",
        ),
        (
            {"opt_out_words": "\n".join(f"word {n}" for n in range(51))},
            "opt_out_words",
            "These are 51 words, up to 50 are allowed.",
        ),
        ({"opt_in_words": "Stop.\nEND"}, "opt_in_words", "These always opt out: end, stop."),
        ({"opt_out_words": "START"}, "opt_out_words", "These always opt in: start."),
        (
            {"opt_out_words": "Basta", "opt_in_words": "basta!"},
            "opt_in_words",
            "These are in both lists: basta. Keep each in one.",
        ),
    ],
)
def test_words_that_cannot_mean_one_thing_are_refused(fields, field, text):
    assert problems(**fields) == {field: [text]}


def test_refused_words_stay_as_they_were_typed():
    response = save(opt_out_words="Basta!\n...")

    assert "Basta!\n...</textarea>" in response.content.decode()


def test_fifty_words_of_forty_characters_are_allowed():
    words = [f"{n:040}" for n in range(50)]

    save(opt_out_words="\n".join(words))

    assert SendingSettings.objects.get().opt_out_words == words


def test_change_is_recorded_with_before_and_after():
    client = owners_client()
    save(client=client, opt_out_words="basta")

    save(client=client, opt_out_words="basta\nprestani", longest_sms="500")

    event = AuditEvent.objects.filter(action="settings.changed").latest("pk")
    assert event.detail["fields"] == {
        "longest_sms": {"before": 1000, "after": 500},
        "opt_out_words": {"before": ["basta"], "after": ["basta", "prestani"]},
    }


def test_saving_without_a_change_records_none():
    client = owners_client()
    save(client=client, opt_out_words="basta")
    before = AuditEvent.objects.filter(action="settings.changed").count()

    save(client=client, opt_out_words=" Basta ")

    assert AuditEvent.objects.filter(action="settings.changed").count() == before


def test_settings_of_one_site_are_not_anothers(acme, globex):
    save(longest_sms="160")

    with tenant_context(globex):
        assert SendingSettings.objects.current().longest_sms == 1000


def test_saving_says_so_on_the_same_page():
    client = owners_client()

    said = client.post(f"{PAGE}add/", DEFAULTS, follow=True)

    row = SendingSettings.objects.get()
    assert said.redirect_chain == [(f"{PAGE}{row.pk}/change/", 302)]
    assert [str(message) for message in said.context["messages"]] == ["Saved."]
