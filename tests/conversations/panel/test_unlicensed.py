"""The panel of a site without a licence: readable, and nothing can be sent."""

import pytest

from conversations.models import Message
from tenants.models import Site

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _without_licence(acme):
    Site.objects.filter(slug="acme").update(licence_active=False)


def test_conversation_can_be_read(panel, question):
    response = panel.get("view")
    page = response.content.decode()

    assert response.headers["X-State"] == "unlicensed"
    assert "OmniChat is not active on this site" in page
    assert "Ask your Jira admin to renew the licence. Earlier messages stay readable." in page
    assert question.text in page
    assert "<textarea" not in page


def test_reader_is_told_so_too(panel_of, question):
    assert panel_of(may_reply=False).get("view").headers["X-State"] == "unlicensed"


def test_request_without_conversation(panel):
    response = panel.get("view")

    assert response.headers["X-State"] == "unlicensed"
    assert "OmniChat is not active on this site" in response.content.decode()


def test_message_is_refused_in_words(panel, question):
    response = panel.send(question)

    assert response.status_code == 409
    assert "OmniChat is not active on this site." in response.content.decode()
    assert not Message.objects.filter(direction="out").exists()
