"""Whatever is posted to the webhook: no error of ours, and every item is a row."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.infobip import webhook
from conversations import inbox
from conversations.models import InboxEntry
from tenants.context import tenant_context
from tests.channels.infobip.payloads import FOLDER, items
from tests.channels.infobip.test_split import ITEMS, JSON
from tests.factories import SenderFactory

# Not in one transaction: the database cuts long ones.
pytestmark = pytest.mark.django_db(transaction=True)

FUZZ = settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
REAL = [item for path in sorted(FOLDER.glob("*.json")) for item in items(path.stem)]
HOSTILE = st.none() | st.text() | st.integers() | st.lists(st.text()) | st.just("\x00\ud800")


@st.composite
def damaged(draw):
    """An item of a real shape with some of its fields, however deep, replaced or missing."""
    return draw(_damage(draw(st.sampled_from(REAL))))


@st.composite
def _damage(draw, value):
    if isinstance(value, dict):
        kept = {name: found for name, found in value.items() if draw(st.integers(0, 9))}
        return {name: draw(_damage(found)) for name, found in kept.items()}
    if isinstance(value, list):
        return [draw(_damage(found)) for found in value]
    return value if draw(st.integers(0, 9)) else draw(HOSTILE)


@pytest.fixture
def post(client, acme):
    """Post a body to an inbox that is empty before."""
    address = f"/hooks/infobip/{acme.inbound_keys.latest('pk').key}/"
    SenderFactory()
    SenderFactory(channel="whatsapp", number="385951006720")

    def keep(content):
        with tenant_context(acme):
            InboxEntry.objects.all().delete()
        response = client.post(address, content, content_type="application/json")
        return response.status_code

    return keep


@FUZZ
@given(content=st.binary() | st.text().map(str.encode) | JSON.map(json.dumps).map(str.encode))
def test_any_body_is_kept(post, acme, content):
    assert post(content) == 200
    with tenant_context(acme):
        kept = set(InboxEntry.objects.values_list("dedupe_key", flat=True))
    assert kept == {item.dedupe_key for item in webhook.split(content)}


@FUZZ
@given(results=st.lists(ITEMS | JSON | damaged(), min_size=1, max_size=5))
def test_every_item_is_a_row_that_is_settled(post, acme, results):
    content = json.dumps({"results": results}).encode()

    assert post(content) == 200

    with tenant_context(acme):
        keys = {item.dedupe_key for item in webhook.split(content)}
        assert InboxEntry.objects.count() == len(keys)
        inbox.drain()
        waiting = InboxEntry.objects.filter(state="new")
        assert set(waiting.values_list("reason", flat=True)) <= {"waits for what it speaks of"}


@FUZZ
@given(item=damaged())
def test_damaged_item_fails_by_a_reason_and_not_by_a_defect(post, acme, item):
    post(json.dumps({"results": [item]}).encode())

    with tenant_context(acme):
        inbox.drain()
        reasons = InboxEntry.objects.filter(state="quarantined").values_list("reason", flat=True)
        assert [reason for reason in reasons if " in " in reason and ":" in reason] == []
