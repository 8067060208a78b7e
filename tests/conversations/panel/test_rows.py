"""Rows of all kinds in the panel: what is in them, and that nothing of it can act."""

import pytest

from conversations.contracts import FailureKind, MessageKind, SendState
from conversations.models import Attachment, Message
from tests.conversations.stored_files import store
from tests.factories import ConversationFactory, MessageFactory, SendFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def say(question):
    """The customer writes something else in WhatsApp."""

    def write(**changes):
        values = {"conversation": question.conversation, "channel": "whatsapp", "version": 2}
        return MessageFactory(**(values | changes))

    return write


@pytest.fixture
def shown(panel, elements):
    """All elements with one attribute, as the panel shows them."""

    def find(name, **attributes):
        found = elements((attributes.pop("panel", None) or panel).get("view")).found
        wanted = {each.replace("_", "-"): value for each, value in attributes.items()}
        return [
            attrs for tag, attrs in found if tag == name and wanted.items() <= dict(attrs).items()
        ]

    return find


def test_image_is_a_thumbnail_with_its_size(say, shown):
    store(message=say(kind=MessageKind.IMAGE), name="lights.png")
    (button,) = shown("button", data_action="view")
    (image,) = shown("img")

    assert button["aria-label"] == "Show lights.png"
    assert (image["width"], image["height"]) == ("40", "30")
    assert image["src"].startswith("/panel/files/")


def test_document_can_be_downloaded(say, shown):
    attachment = store(b"%PDF-1.4", message=say(kind=MessageKind.DOCUMENT), name="bill.pdf")
    (link,) = shown("a", data_action="download")

    assert link["data-file"] == str(attachment.pk)
    assert "download" in link


@pytest.mark.parametrize(("kind", "tag"), [("voice", "audio"), ("audio", "audio")])
def test_sound_has_the_browsers_own_player(say, shown, kind, tag):
    store(b"OggS" + b"\0" * 40, message=say(kind=kind), name="hello.ogg", content_type="audio/ogg")
    (player,) = shown(tag)

    assert "controls" in player
    assert player["aria-label"] == "hello.ogg"


@pytest.mark.parametrize(
    ("state", "problem", "words"),
    [
        ("pending", "", "Loading…"),
        ("failed", "out-of-reach", "could not be fetched"),
        ("refused", "too-large", "The file is too large"),
    ],
)
def test_file_that_is_not_here_says_why(panel, say, state, problem, words):
    Attachment.objects.create(message=say(kind="image"), state=state, problem=problem)

    assert words in panel.get("view").content.decode()


def test_only_what_failed_can_be_tried_again_and_only_by_agents(panel_of, say, shown):
    for state in ("pending", "failed", "refused"):
        Attachment.objects.create(message=say(kind="image"), state=state, problem="x")

    assert len(shown("button", data_action="fetch")) == 1
    assert shown("button", data_action="fetch", panel=panel_of(may_reply=False)) == []


def test_map_opens_elsewhere_and_is_told_nothing(say, shown):
    say(kind=MessageKind.LOCATION, content={"latitude": 45.8, "longitude": 15.9})
    (link,) = shown("a", rel="noopener noreferrer")

    assert link["href"].startswith("https://www.openstreetmap.org/")
    assert (link["target"], link["data-action"]) == ("_blank", "open")


def test_contents_of_strangers_stay_texts(panel, say):
    hostile = "<img src=x onerror=alert(1)>"
    say(kind="contact", content={"contacts": [{"name": hostile, "phones": [hostile]}]})
    say(kind="flow", content={"answers": {hostile: hostile}})
    say(kind="unsupported", content={"type": hostile, "raw": {"a": hostile}}, reaction=hostile)
    say(kind="text", content={"referral": {"headline": hostile, "url": "javascript:alert(1)"}})
    page = panel.get("view").content.decode()

    assert "<img" not in page
    assert 'href="javascript' not in page


def test_what_is_not_supported_is_named_without_its_content(panel, say):
    say(kind="unsupported", content={"type": "POLL", "raw": {"question": "secret"}}, text="")
    page = panel.get("view").content.decode()

    assert "Unsupported message (POLL)" in page
    assert "secret" not in page


def test_quote_leads_to_the_message_it_means(question, say, shown):
    say(quoted=question, quoted_provider_id="x")
    (quote,) = shown("button", data_action="goto")

    assert quote["data-row"] == f"m{question.pk}"


@pytest.mark.parametrize("elsewhere", [True, False])
def test_quote_of_what_is_not_here_shows_nothing_of_it(panel, say, shown, elsewhere):
    other = MessageFactory(text="Nobody's business", conversation=ConversationFactory())
    say(quoted=other if elsewhere else None, quoted_provider_id="x")

    assert shown("button", data_action="goto") == []
    assert "Nobody" not in panel.get("view").content.decode()


def test_reaction_stands_at_its_message(panel, say):
    say(reaction="👍")

    assert "Reaction of the customer:</span> <bdi>👍</bdi>" in panel.get("view").content.decode()


def test_what_turns_letters_around_stays_in_its_own_box(panel, question, say):
    turned = "\u202efdp.exe"
    question.conversation.customer.name = turned
    question.conversation.customer.save()
    say(text=turned, reaction=turned, quoted=question, quoted_provider_id="x")
    say(kind="order", content={"items": [{"name": turned, "price": turned}]})
    page = panel.get("view").content.decode()

    before = [piece.rpartition("<")[2].partition(">")[0] for piece in page.split(f">{turned}")[:-1]]
    assert len(before) > 6
    assert {each.partition(" ")[0] for each in before if 'dir="auto"' not in each} == {"bdi"}


def test_only_what_can_be_quoted_offers_it(panel_of, question, say, shown):
    message = say()
    offered = shown("button", data_action="quote")

    assert [each["data-message"] for each in offered] == [str(message.pk)]
    assert shown("button", data_action="quote", panel=panel_of(may_reply=False)) == []


@pytest.mark.parametrize(
    ("failure", "kind", "actions"),
    [
        (FailureKind.UNREACHABLE, "text", ["resend", "other-channel"]),
        (FailureKind.UNREACHABLE, "image", ["resend"]),
        (FailureKind.NOT_ON_WHATSAPP, "text", ["other-channel"]),
        (FailureKind.WINDOW_CLOSED, "text", ["templates"]),
        (FailureKind.OPTED_OUT, "text", []),
    ],
)
def test_failed_row_offers_its_remedies(question, shown, panel_of, failure, kind, actions):
    SendFactory(
        message__conversation=question.conversation,
        message__channel="whatsapp",
        message__kind=kind,
        state=SendState.FAILED,
        failure=failure,
    )

    def offered(**to):
        found = shown("button", **to)
        return [each["data-action"] for each in found if "act" in each["class"].split()]

    assert offered() == actions
    assert offered(panel=panel_of(may_reply=False)) == []


@pytest.mark.parametrize(
    ("state", "icon", "words"),
    [
        ("sending", "clock", "Sending…"),
        ("sent", "one", "Sent"),
        ("delivered", "two", "Delivered"),
        ("read", "two", "Read 1"),
        ("failed", "warn", "Not delivered"),
    ],
)
def test_status_is_a_word_with_an_icon(panel, question, state, icon, words):
    at = question.occurred_at.replace(hour=12)
    SendFactory(
        message__conversation=question.conversation,
        message__channel="whatsapp",
        state=state,
        read_at=at,
    )
    page = panel.get("view").content.decode()

    assert f'<use href="#i-{icon}"/></svg><span class="word">{words}' in page


def test_row_says_that_it_went_as_an_sms(panel, question):
    SendFactory(
        message__conversation=question.conversation,
        message__channel="whatsapp",
        state=SendState.DELIVERED,
        by_fallback=True,
    )

    assert "sent as SMS" in panel.get("view").content.decode()


def test_another_attempt_is_under_the_same_row(panel, question):
    failed = SendFactory(message__conversation=question.conversation, state=SendState.FAILED)
    SendFactory(message=failed.message, number=2, state=SendState.DELIVERED)
    page = panel.get("view").content.decode()

    assert "attempt 2, " in page
    assert page.count('data-dir="out"') == 1


def test_number_of_queries_does_not_grow_with_files_and_quotes(
    panel, question, say, django_assert_max_num_queries
):
    quoted = say(kind=MessageKind.IMAGE, quoted=question)
    store(message=quoted)
    for _number in range(20):
        Attachment.objects.create(message=say(kind="image", quoted=quoted), state="failed")
    panel.get("view")

    with django_assert_max_num_queries(18):
        panel.get("view")
    assert Message.objects.count() == 22


def test_row_is_named_by_who_wrote_what_and_what_became_of_it(panel, question, elements):
    sent = SendFactory(message__conversation=question.conversation, state=SendState.SENT).message
    page = elements(panel.get("view"))
    ids = {attrs.get("id") for _tag, attrs in page.found}

    assert [row["aria-labelledby"].split() for row in page.rows] == [
        [f"m{question.pk}-by", f"m{question.pk}-words"],
        [f"m{sent.pk}-by", f"m{sent.pk}-words", f"m{sent.pk}-status"],
    ]
    assert {each for row in page.rows for each in row["aria-labelledby"].split()} <= ids
