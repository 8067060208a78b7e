"""The console's page of missed messages: looking now, and what was found."""

import pytest

from channels.models import ProviderAccount, Reconciliation
from conversations.models import AuditEvent, OutboxEntry
from logins.roles import Role
from tests.consoles import client_of, owners_client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("account")]

PAGE = "/admin/channels/reconciliation/"


def test_admin_has_missed_messages_fetched():
    page = owners_client().post(f"{PAGE}fetch/", follow=True).content.decode()

    asked = Reconciliation.objects.get()
    assert (asked.cause, asked.asked_by) == ("admin", "ana")
    assert OutboxEntry.objects.filter(topic="provider.reconcile").count() == 1
    assert AuditEvent.objects.get().action == "provider.asked-for-missed"
    assert "Under way" in page


def test_what_was_found_and_what_went_wrong_are_listed():
    Reconciliation.objects.create(
        cause="outage",
        since="2026-11-20T08:00:00Z",
        ended_at="2026-11-20T08:01:00Z",
        messages=7,
        problem="Infobip refused: Forbidden (403).",
    )

    page = owners_client().get(PAGE).content.decode()

    assert "Infobip refused: Forbidden (403)." in page
    assert ">7<" in page


def test_looking_is_a_post_of_those_who_may():
    client = owners_client()
    assert client.get(f"{PAGE}fetch/").status_code == 405

    client = client_of("iva", Role.AUDITOR)
    assert client.post(f"{PAGE}fetch/").status_code == 403


def test_without_an_account_there_is_nothing_to_ask():
    ProviderAccount.objects.all().delete()

    assert "Fetch missed messages" not in owners_client().get(PAGE).content.decode()


def test_one_look_is_told_in_the_words_of_the_list():
    asked = Reconciliation.objects.create(cause="admin", asked_by="ana", since="2026-11-20T08:00Z")

    page = owners_client().get(f"{PAGE}{asked.pk}/change/").content.decode()

    assert "Somebody asked" in page
    assert f"Reconciliation {asked.pk}" not in page
