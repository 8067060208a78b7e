"""Searching a conversation: what is found, how, and what is shown of it."""

from datetime import UTC, datetime, timedelta

import pytest

from conversations.contracts import MessageKind
from conversations.models import Attachment
from conversations.thread_search import LONGEST_EXCERPT, PAGE, excerpt, folded, search
from tests.factories import ConversationFactory, MessageFactory

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def conversation(inside_acme):
    return ConversationFactory()


@pytest.fixture
def say(conversation):
    return lambda text="", minutes=0, **changes: MessageFactory(
        conversation=conversation,
        text=text,
        occurred_at=NOON + timedelta(minutes=minutes),
        **changes,
    )


@pytest.fixture
def found(conversation):
    """Ids of the messages that a query finds."""

    def find(query):
        return [result.row.pk for result in search(conversation, query, zone=UTC).results]

    return find


def marked(text, *words):
    return [span.text for span in excerpt([text], [folded(word) for word in words]) if span.found]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("kovac", "Ana KOVAČ was here"),
        ("KOVAČ", "ana kovac"),
        ("durdica", "Đurđica"),
        ("strasse", "Ilica Straße 10"),
        ("ÅNGSTRÖM", "ångström"),
        ("cafe\u0301", "café"),
        ("lodz", "Łódź"),
        ("100%", "it is 100% broken"),
        ("a_b", "file a_b"),
        ("parcel  where", "Where is my\nparcel?"),
    ],
)
def test_case_and_accents_do_not_matter(say, found, query, text):
    message = say(text)
    say("Something else")

    assert found(query) == [message.pk]


@pytest.mark.parametrize("query", ["parcel invoice", "%", "_", "\u0301", ".*"])
def test_what_is_not_there_is_not_found(say, found, query):
    say("Where is my parcel?")

    assert found(query) == []


@pytest.mark.parametrize(
    ("kind", "content", "query"),
    [
        ("contact", {"contacts": [{"name": "Ivana", "phones": ["+385 99 1"]}]}, "ivana"),
        ("template", {"shown": {"header": "Good news", "footer": "Acme"}}, "good acme"),
        (
            MessageKind.REPLY_LIST,
            {"sections": [{"title": "Friday", "rows": [{"title": "Noon"}]}]},
            "noon",
        ),
        ("location", {"name": "Cathedral", "address": "Kaptol 31"}, "kaptol"),
        ("flow", {"answers": {"full_name": "Marko"}}, "marko"),
        ("text", {"referral": {"headline": "Winter sale"}}, "winter"),
    ],
)
def test_contents_are_found_by_what_is_shown_of_them(say, found, kind, content, query):
    message = say(kind=kind, content=content)

    assert found(query) == [message.pk]


def test_names_of_fields_are_no_words(say, found):
    say(kind="contact", content={"contacts": [{"name": "Ivana", "phones": ["1"]}], "raw": "secret"})

    assert found("phones") == found("secret") == []


def test_file_is_found_by_its_name(say, found):
    message = say(kind="document")
    Attachment.objects.create(message=message, state="stored", name="Račun 42.pdf")

    assert found("racun") == [message.pk]


def test_newest_come_first_and_the_rest_from_a_place_on(conversation, say):
    made = [say("Parcel", minutes).pk for minutes in range(PAGE + 3)][::-1]
    first = search(conversation, "parcel", zone=UTC)
    rest = search(conversation, "parcel", before=first.more_before, zone=UTC)

    assert [each.row.pk for each in (*first.results, *rest.results)] == made
    assert (first.total, rest.total, rest.more_before) == (PAGE + 3, PAGE + 3, "")


def test_other_conversations_are_not_searched(say, found):
    MessageFactory(text="parcel")

    assert found("parcel") == []


def test_words_are_marked_as_they_were_written():
    assert marked("Đurđica and DURDICA", "durdica") == ["Đurđica", "DURDICA"]
    assert marked("Straße", "ss") == ["ß"]
    assert marked("abcabc", "ab", "bc") == ["abcabc"]


def test_long_text_is_cut_around_the_first_word():
    spans = excerpt([f"{'x' * 3000} parcel {'y' * 1000}"], ["parcel"])
    shown = "".join(span.text for span in spans)

    assert (shown[:2], shown[-2:]) == ("…x", "y…")
    assert len(shown) <= LONGEST_EXCERPT + 2
    assert [span.text for span in spans if span.found] == ["parcel"]


def test_search_costs_the_same_however_long_the_thread(
    conversation, say, django_assert_num_queries, django_assert_max_num_queries
):
    say("parcel")
    with django_assert_max_num_queries(5) as few:
        search(conversation, "parcel", zone=UTC)
    for minutes in range(60):
        say("parcel", minutes)

    with django_assert_num_queries(len(few)):
        search(conversation, "parcel", zone=UTC)
