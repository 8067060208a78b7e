"""Going through a thread and searching it: what the panel gets, and what hand-made input gets."""

from datetime import timedelta

import pytest

from conversations.models import Conversation, Message
from conversations.thread import PAGE
from tenants.context import schema_context
from tests.factories import ConversationFactory, MessageFactory

pytestmark = pytest.mark.django_db

PLACE = "0" * 30
FOREIGN = "Nobody else's business"


@pytest.fixture
def thread(question):
    """Five hundred older messages before the question, oldest first."""
    return Message.objects.bulk_create(
        Message(
            conversation=question.conversation,
            direction="in",
            channel="sms",
            sender_id=question.sender_id,
            address_id=question.address_id,
            text=f"Line {number}",
            occurred_at=question.occurred_at - timedelta(minutes=5 * (500 - number)),
            version=1,
        )
        for number in range(500)
    )


@pytest.fixture
def foreigners(question):
    """Messages that the agent may not see: of another conversation, and of another site."""
    other = MessageFactory(text=FOREIGN, occurred_at=question.occurred_at)
    with schema_context("site_globex"):
        MessageFactory(
            text=FOREIGN, conversation__issue_id="10101", occurred_at=question.occurred_at
        )
    return other


def test_message_far_up_comes_with_its_surroundings(panel, thread, elements):
    found = elements(panel.get(f"messages/{thread[40].pk}/around"))

    assert found.targets() == ["#log"]
    assert len(found.rows) == 2 * PAGE
    assert f"m{thread[40].pk}" in {row["id"] for row in found.rows}


def test_gap_is_asked_for_and_gone(panel, thread, elements):
    shown = elements(panel.get(f"messages/{thread[40].pk}/around"))
    (gap,) = [attrs for _tag, attrs in shown.found if attrs.get("data-action") == "later"]
    response = panel.get("later", after=gap["data-after"], before=gap["data-before"])

    assert len(elements(response).rows) == PAGE
    leaving = [each for _tag, each in elements(response).found if each.get("hx-swap") == "delete"]
    assert leaving == [{"hx-target": f"#gap{gap['data-after']}", "hx-swap": "delete"}]


def test_nothing_new_costs_few_queries_however_long_the_thread(
    panel, question, thread, django_assert_max_num_queries
):
    first = panel.get("view")
    stands = {"after": first.headers["X-Cursor"], "seen": first.headers["X-Seen"]}

    with django_assert_max_num_queries(7):
        assert panel.get("updates", **stands).status_code == 204


def test_one_new_message_costs_few_queries_however_long_the_thread(
    panel, question, thread, django_assert_max_num_queries, elements
):
    first = panel.get("view")
    new = MessageFactory(conversation=question.conversation, address=question.address, version=2)
    Conversation.objects.filter(pk=question.conversation_id).update(version=2)

    with django_assert_max_num_queries(14):
        response = panel.get("updates", after=1, seen=first.headers["X-Seen"])
    assert [row["id"] for row in elements(response).rows][-1] == f"m{new.pk}"


def test_results_mark_what_was_found(panel, question):
    page = panel.get("search", q="PARCEL").content.decode()

    assert "Where is my <mark>parcel</mark>?" in page
    assert f'data-row="m{question.pk}"' in page
    assert "1 message<" in page


def test_nothing_found_is_said(panel, question):
    assert "Nothing found" in panel.get("search", q="invoice").content.decode()


def test_results_of_strangers_stay_texts(panel, question):
    MessageFactory(
        conversation=question.conversation, text="<img src=x onerror=a()> <mark>", version=2
    )
    page = panel.get("search", q="<img onerror mark").content.decode()

    assert "<img" not in page
    assert "&lt;<mark>mark</mark>&gt;" in page


def test_further_results_are_added(panel, thread, elements):
    first = elements(panel.get("search", q="line"))
    (more,) = [attrs for _tag, attrs in first.found if attrs.get("data-action") == "more-finds"]
    second = elements(panel.get("search", q="line", before=more["data-before"]))

    assert second.targets() == ["#finds", "#more-finds"]
    assert second.found[0][1]["hx-swap"] == "beforeend"


@pytest.mark.parametrize("path", ["earlier", "later", "search", "messages/1/around"])
def test_without_conversation_there_is_nothing(panel, path):
    response = panel.get(path, q="x", after=PLACE, before=PLACE)

    assert (response.status_code, response.content) == (404, b"")


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("search", {}),
        ("search", {"q": " "}),
        ("search", {"q": "a\0b"}),
        ("search", {"q": "x" * 201}),
        ("search", {"q": "x", "before": "1' OR 1=1"}),
        ("earlier", {"before": ""}),
        ("earlier", {"before": "9" * 31}),
        ("earlier", {"before": "\u0661" * 30}),
        ("later", {"after": PLACE}),
        ("later", {"after": PLACE, "before": "x" * 30}),
        ("updates", {"gap_after": "1", "gap_before": PLACE}),
    ],
)
def test_nonsense_is_refused(panel, question, path, query):
    assert panel.get(path, **query).status_code == 400


@pytest.mark.parametrize("path", ["earlier", "later", "updates", "search", "view"])
def test_only_the_own_conversation_is_shown(panel, foreigners, path):
    response = panel.get(path, q="business", after="0" * 18, before="9" * 30)

    assert response.status_code in {200, 400}
    assert "else" not in response.content.decode()


@pytest.mark.parametrize("before", ["9" * 30, PLACE])
def test_any_place_is_a_place_in_the_own_conversation(panel, question, foreigners, before):
    for path in ("earlier", "later", "search"):
        page = panel.get(path, q="business", after=PLACE, before=before).content.decode()
        assert "else" not in page


@pytest.mark.parametrize("elsewhere", ["conversation", "site", "nowhere"])
def test_message_of_somebody_else_is_not_gone_to(panel, question, foreigners, elsewhere):
    with schema_context("site_globex"):
        for _number in range(20):
            last = MessageFactory(conversation=ConversationFactory())
    ids = {"conversation": foreigners.pk, "site": last.pk, "nowhere": 99_999_999}
    response = panel.get(f"messages/{ids[elsewhere]}/around")

    assert (response.status_code, response.content) == (404, b"")


def test_agents_of_another_request_see_nothing(panel_of, question):
    stranger = panel_of(issue_id="10999")

    for path in ("search", "later", f"messages/{question.pk}/around"):
        assert stranger.get(path, q="parcel", after=PLACE, before="9" * 30).status_code == 404


def test_search_without_a_session_is_refused(panel, question):
    panel.token = "made up"

    assert panel.get("search", q="parcel").status_code == 401
