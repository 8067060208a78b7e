"""What the panel shows of colleagues and of what is new."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from conversations.models import AgentPresence, AgentProfile, ReadMark
from conversations.services.attention import colleagues_of, note_presence
from conversations.services.read_marks import mark_read
from tests.factories import AgentFactory, MessageFactory

pytestmark = pytest.mark.django_db

VIEWING = "Ivan Babić is viewing this conversation."
WRITING = "Ivan Babić is also writing a reply to this customer."


@pytest.fixture
def ivan(inside_acme):
    AgentProfile.objects.create(account_id="ivan", name="Ivan Babić")
    return AgentFactory(account_id="ivan", name="Ivan Babić")


def mark_in(response):
    return re.search(r'data-mark="(\w+)"', response.content.decode())[1]


def test_colleague_is_there_when_the_panel_opens(panel, question, ivan):
    note_presence(ivan)

    assert VIEWING in panel.get("view").content.decode()


def test_colleagues_have_a_face_each(panel, question, ivan):
    note_presence(ivan, typed=timedelta())
    note_presence(AgentFactory(account_id="nobody"), typed=timedelta())

    shown = panel.get("presence", present="nobody").content.decode()

    assert re.findall(r'<span class="av">(\w+)?', shown) == ["IB", ""]


def test_question_is_answered_until_nothing_is_new(panel, ivan, elements):
    note_presence(ivan, typed=timedelta())
    told = panel.get("presence", present="nobody")

    assert WRITING in told.content.decode()
    assert elements(told).targets() == ["#presence"]
    assert panel.get("presence", present=mark_in(told)).status_code == 204


def test_sign_is_kept_and_answered(panel, ivan):
    note_presence(ivan)

    assert VIEWING in panel.post("presence", typed="1500", present="nobody").content.decode()
    kept = AgentPresence.objects.get(account_id=panel.agent.account_id)
    assert kept.seen_at - kept.typed_at == timedelta(seconds=1.5)


def test_who_leaves_takes_the_line_away(panel, panel_of, ivan, elements):
    note_presence(ivan)
    told = panel.get("presence", present="nobody")
    assert panel_of(account_id="ivan").post("presence", left="1").status_code == 204

    gone = panel.get("presence", present=mark_in(told))

    assert [tag for tag, _attrs in elements(gone).found] == ["hx-partial"]


@pytest.mark.parametrize("form", [{"typed": "-1"}, {"typed": "soon"}, {"present": "x" * 13}])
def test_sign_that_is_none_is_refused(panel, form):
    assert panel.post("presence", **form).status_code == 400
    assert not AgentPresence.objects.exists()


def test_foreign_request_has_no_colleagues(panel, ivan):
    token = {"Authorization": f"Bearer {panel.token}"}

    assert panel.client.get("/panel/10102/presence", headers=token).status_code == 404
    assert panel.client.get("/panel/10101/presence").status_code == 401


def test_page_without_a_stream_hears_of_colleagues_with_its_updates(panel, question, ivan):
    seen = panel.get("view").headers["X-Seen"]
    note_presence(ivan)
    place = {"after": 1, "seen": seen}

    told = panel.get("updates", present="nobody", **place)

    assert VIEWING in told.content.decode()
    assert panel.get("updates", present=mark_in(told), **place).status_code == 204
    assert panel.get("updates", **place).status_code == 204


def test_sent_reply_ends_the_writing(panel, question, ivan):
    panel.post("presence", typed="0")
    assert len(colleagues_of(ivan).lines) == 1

    panel.send(question)

    assert [line.kind for line in colleagues_of(ivan).lines] == ["viewing"]


def test_line_stands_above_what_is_new(panel, question, elements):
    mark_read(panel.agent, question.pk)
    ours = {"conversation": question.conversation, "sender": question.sender}
    new = MessageFactory(address=question.address, **ours)
    view = panel.get("view")

    (line,) = [attrs for _tag, attrs in elements(view).found if attrs.get("id") == "new"]
    (row,) = [each for each in elements(view).rows if each["id"] == f"m{new.pk}"]
    assert "1 new message<" in view.content.decode()
    assert line["data-order"] < row["data-order"]


def test_reading_moves_the_mark(panel, question):
    assert panel.post("seen", upto=question.pk).status_code == 204

    assert ReadMark.objects.get().message_id == question.pk


def test_opening_alone_moves_no_mark(panel, question):
    assert panel.post("seen").status_code == 204

    assert not ReadMark.objects.exists()


@pytest.mark.parametrize("upto", ["0", "-1", "x", str(2**63)])
def test_mark_that_is_no_message_is_refused(panel, question, upto):
    assert panel.post("seen", upto=upto).status_code == 422


def test_long_conversation_says_how_many(panel, question):
    mark_read(panel.agent, question.pk)
    ours = {"conversation": question.conversation, "sender": question.sender}
    for _ in range(3):
        MessageFactory(address=question.address, occurred_at=timezone.now(), **ours)

    assert "3 new messages<" in panel.get("view").content.decode()
