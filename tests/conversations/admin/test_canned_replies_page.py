"""The console's page of canned replies."""

from threading import Barrier

import pytest

from conversations.admin.canned_replies import CannedReplyAdmin
from conversations.models import AuditEvent, CannedReply
from conversations.services.canned_replies import note_use
from logins.roles import Role
from tests.consoles import client_of, owners_client
from tests.conversations.concurrency import PATIENCE_SECONDS, together
from tests.factories import AgentFactory, CannedReplyFactory

pytestmark = pytest.mark.django_db

PAGE = "/admin/conversations/cannedreply/"
TYPED = {"name": "Greeting", "language": "", "channel": "", "text": "Hi {{customer.name}}"}


def save(reply=None, **fields):
    path = f"{PAGE}{reply.pk}/change/" if reply else f"{PAGE}add/"
    return owners_client().post(path, TYPED | fields)


def problems(**fields):
    """Return what is refused, by field; nothing is kept then."""
    before = CannedReply.objects.count()
    response = save(**fields)
    assert CannedReply.objects.count() == before
    return {name: list(texts) for name, texts in response.context["adminform"].errors.items()}


def test_text_is_kept():
    response = save(name=" Good   morning ", language="hr", channel="sms", tags="Hello, hello, x ")

    kept = CannedReply.objects.get()
    assert response.status_code == 302
    assert (kept.name, kept.language, kept.channel) == ("Good morning", "hr", "sms")
    assert (kept.text, kept.tags) == ("Hi {{customer.name}}", ["hello", "x"])


def test_list_says_what_each_is_and_when_it_was_used():
    CannedReplyFactory(name="One", language="hr", channel="sms", text="word " * 30, tags=["a", "b"])
    note_use(AgentFactory(), CannedReplyFactory(name="Two").pk)

    page = owners_client().get(PAGE).content.decode()

    for words in ("Croatian", "SMS", "a, b", "word word", "never", "just now", "Any"):
        assert words in page
    assert "word " * 30 not in page


def test_page_is_found_in_the_navigation():
    assert f'href="{PAGE}"' in owners_client().get("/admin/").content.decode()


def test_search_finds_by_tag():
    CannedReplyFactory(name="One", tags=["parcel"])
    CannedReplyFactory(name="Two")

    response = owners_client().get(PAGE, {"q": "parcel"})

    assert [row.name for row in response.context["cl"].result_list] == ["One"]


@pytest.mark.parametrize(
    ("fields", "field", "text"),
    [
        (
            {"text": "Hi {{customer.nmae}}"},
            "text",
            "{{customer.nmae}} cannot be filled in. What can be is listed below the text.",
        ),
        (
            {"text": "Hi {{customer.name"},
            "text",
            "{{customer.name cannot be filled in. What can be is listed below the text.",
        ),
        (
            {"text": "a" * 1001},
            "text",
            "The message has 1001 characters, 1000 are allowed. Shorten it.",
        ),
        (
            {"text": "a" * 4097, "channel": "whatsapp"},
            "text",
            "The message has 4097 characters, 4096 are allowed. Shorten it.",
        ),
        ({"tags": "x" * 41}, "tags", "A tag has up to 40 characters."),
        ({"tags": ",".join(map(str, range(21)))}, "tags", "There are up to 20 tags."),
        *(
            ({field: "a\x00b"}, field, "Null characters are not allowed.")
            for field in ("name", "text", "tags")
        ),
        ({"text": " "}, "text", "This field is required."),
        ({"name": ""}, "name", "This field is required."),
    ],
)
def test_what_cannot_be_used_is_refused_at_its_field(fields, field, text):
    assert problems(**fields) == {field: [text]}


def test_whatsapp_takes_more_than_sms():
    save(text="a" * 1001, channel="whatsapp")

    assert CannedReply.objects.exists()


def test_second_one_of_a_name_is_refused_in_words():
    CannedReplyFactory(name="Greeting")

    (text,) = problems()["name"]
    assert text == (
        "There is already a canned reply “Greeting” for this language and channel."
        " Choose another name, or change that one."
    )


def test_same_name_in_another_language_is_allowed():
    CannedReplyFactory(name="Greeting")

    save(language="hr")

    assert CannedReply.objects.filter(name="Greeting").count() == 2


def test_change_is_recorded_with_before_and_after():
    reply = CannedReplyFactory(name="Greeting", text="Hi", tags=["a"])

    save(reply, text="Hello", tags="a")

    event = AuditEvent.objects.filter(action="settings.changed").latest("pk")
    assert event.detail["change"] == "changed"
    assert event.detail["fields"] == {"text": {"before": "Hi", "after": "Hello"}}


def test_deleting_records_what_it_was():
    reply = CannedReplyFactory(name="Greeting", text="Hi")

    owners_client().post(f"{PAGE}{reply.pk}/delete/", {"post": "yes"})

    event = AuditEvent.objects.filter(action="settings.changed").latest("pk")
    assert CannedReply.objects.exists() is False
    assert event.detail["change"] == "deleted"
    assert event.detail["fields"]["text"] == {"before": "Hi", "after": None}


def test_counter_is_told_what_it_counts_by():
    page = owners_client().get(f"{PAGE}add/").content.decode()

    assert "&quot;sms&quot;: 1000, &quot;whatsapp&quot;: 4096, &quot;&quot;: 1000" in page
    assert 'src="/static/console/counter.js" type="module"' in page


@pytest.mark.django_db(transaction=True)
def test_of_two_who_add_a_name_at_once_the_second_is_told(monkeypatch):
    both_valid, saved = Barrier(2), CannedReplyAdmin.save_model

    def save_when_both_are_valid(*arguments):
        both_valid.wait(PATIENCE_SECONDS)
        saved(*arguments)

    monkeypatch.setattr(CannedReplyAdmin, "save_model", save_when_both_are_valid)
    clients = [owners_client(), client_of("iva", Role.CONFIGURATOR)]
    answers = together(*(lambda each=each: each.post(f"{PAGE}add/", TYPED) for each in clients))

    refused, kept = sorted(answers, key=lambda answer: answer.status_code)
    assert (refused.status_code, kept.status_code, CannedReply.objects.count()) == (200, 302, 1)
    assert "There is already a canned reply “Greeting”" in refused.content.decode()
    assert "Hi {{customer.name}}" in refused.content.decode()
    assert AuditEvent.objects.count() == 1


def test_auditor_reads_words_in_the_place_of_codes():
    reply = CannedReplyFactory(language="hr", channel="sms", tags=["a", "b"])

    page = client_of("vera", Role.AUDITOR).get(f"{PAGE}{reply.pk}/change/").content.decode()

    for words in ("Croatian", "SMS", "a, b", reply.text):
        assert words in page
    assert 'type="submit"' not in page.split('id="cannedreply_form"')[1].split("</form>")[0]
