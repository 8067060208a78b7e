"""Conversations whose requests are uncertain at the same moment share none."""

import pytest
from django.utils import timezone

from conversations import outbox
from conversations.contracts import RequestOpened
from conversations.errors import RequestTaken
from conversations.models import Conversation, OutboxEntry
from conversations.services.lifecycle import attach_request
from tests.conversations.concurrency import together
from tests.jira_bridge.opening import answer_search, found, opening

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("installation", "defaults"),
]
MASKED = "SMS request from +385 99 190 ••27"


@pytest.fixture(autouse=True)
def _leave_no_installation(installation):
    yield
    installation.delete()


def attaching(conversation, opened):
    def attach():
        try:
            attach_request(conversation.pk, opened)
        except RequestTaken:
            return "taken"
        return "attached"

    return attach


def test_one_request_is_attached_to_one_of_two_conversations():
    opened = RequestOpened(issue_id="10107", issue_key="SUP-107")
    conversations = [opening(number=number) for number in ("385991903301", "385991903302")]

    answers = together(*[attaching(each, opened) for each in conversations])

    assert sorted(answers) == ["attached", "taken"]
    assert Conversation.objects.filter(issue_id="10107", state="active").count() == 1


def test_customers_alike_adopt_a_request_each(jira, defaults):
    """Their numbers are masked alike and their texts are the same: nothing tells them apart."""
    defaults.mask_number = True
    defaults.save()
    for number in ("385991903327", "385991904427"):
        opening(number=number)
    OutboxEntry.objects.update(started_at=timezone.now(), run_after=timezone.now())
    for _ in range(2):
        answer_search(jira, found("10107", summary=MASKED), found("10108", summary=MASKED))

    together(outbox.drain, outbox.drain)

    adopted = Conversation.objects.values_list("issue_id", flat=True)
    assert sorted(adopted) == ["10107", "10108"]
