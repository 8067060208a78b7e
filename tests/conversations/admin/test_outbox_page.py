"""The console's list of what waits and failed: tried again, dismissed where nothing is lost."""

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conversations import outbox
from conversations.admin.outbox_words import WHAT
from conversations.models import AuditEvent, Conversation, OutboxEntry
from logins.roles import Role
from tenants.context import tenant_context
from tests.consoles import client_of, owners_client
from tests.conversations.stored_files import store
from tests.factories import AddressFactory, ConversationFactory

pytestmark = pytest.mark.django_db

LIST = "/admin/conversations/outboxentry/"


def test_list_says_what_about_which_request_and_why():
    conversation = ConversationFactory(issue_key="SUP-7")
    dead(group=f"request:{conversation.pk}", last_error="The file is not there any more.")

    page = owners_client().get(LIST).content.decode()

    for shown in ("Attach a file to a request", "SUP-7", "Failed"):
        assert shown in page
    assert "The file is not in the storage any more." in page
    assert f"/admin/conversations/conversation/{conversation.pk}/change/" in page


def test_files_and_numbers_are_named_too():
    attachment = store()
    address = AddressFactory(value="385991903327")
    dead(topic="file.fetch", group=f"file:{attachment.pk}")
    dead(topic="identity.confirm", group=f"identity.confirm:{address.pk}")

    page = owners_client().get(LIST).content.decode()

    assert str(attachment.message.conversation) in page
    assert "+385 99 190 ••27" in page
    assert "385991903327" not in page


def test_what_waits_and_failed_is_shown_first_and_the_rest_one_click_away():
    states = ("pending", "dead", "done", "dismissed")
    rows = {state: dead(state=state) for state in states}

    assert listed() == [rows["dead"], rows["pending"]]
    assert listed(state__exact="done") == [rows["done"]]
    assert len(listed(state__exact="all")) == len(states)


def test_states_are_offered_with_counts_where_they_are_cheap():
    dead(), dead(), dead(state="done")

    page = owners_client().get(LIST).content.decode()

    assert "Failed (2)" in page
    assert "Done (" not in page


def test_list_is_filtered_by_what_and_reason():
    wanted = dead(topic="request.transcript", last_error="Jira says no (403).")
    dead(last_error="Another.")

    assert listed(topic__exact="request.transcript") == [wanted]
    assert listed(reason="Jira says no (403).") == [wanted]


def test_what_to_do_with_the_chosen_is_offered_to_those_who_may():
    dead()

    page = owners_client().get(LIST).content.decode()
    assert 'value="dismiss"' in page
    assert '<option value="" selected>Choose one</option>' in page
    assert 'value="dismiss"' not in client_of("vera", Role.AUDITOR).get(LIST).content.decode()


def test_dead_promise_is_tried_again():
    entry = dead()

    act("try_again", entry)

    assert state_of(entry) == "pending"
    assert AuditEvent.objects.get().action == "outbox.retried"


def test_kept_promise_is_not_kept_again():
    entry = dead(state="done")

    response = act("try_again", entry, f"{LIST}?state__exact=all")

    assert state_of(entry) == "done"
    assert "0 entries will be tried again." in response.content.decode()


def test_all_of_one_reason_are_tried_again():
    entry, other = dead(last_error="Jira says no (403)."), dead(last_error="Another.")

    owners_client().post(f"{LIST}try-all-again/", {"reason": "Jira says no (403)."})

    assert [state_of(entry), state_of(other)] == ["pending", "dead"]


def test_failed_promise_is_dismissed_for_a_reason():
    entry = dead()

    asked = owners_client().get(f"{LIST}dismiss/?entry={entry.pk}").content.decode()
    dismiss(entry)

    entry.refresh_from_db()
    assert "It stays in the conversation." in asked
    assert (entry.state, entry.dismissed_because) == ("dismissed", "Attached by hand.")
    event = AuditEvent.objects.get()
    assert (event.action, event.detail["entries"]) == ("outbox.dismissed", [entry.pk])


def test_request_that_messages_wait_for_cannot_be_dismissed():
    conversation = ConversationFactory(state=Conversation.State.OPENING, issue_id="", issue_key="")
    entry = dead(topic="request.open", subject=str(conversation.pk))

    asked = owners_client().get(f"{LIST}dismiss/?entry={entry.pk}").content.decode()
    dismiss(entry)

    assert "messages wait for its request" in asked
    assert 'name="because"' not in asked
    assert state_of(entry) == "dead"
    assert AuditEvent.objects.exists() is False


def test_of_those_chosen_what_is_needed_stays():
    conversation = ConversationFactory(state=Conversation.State.OPENING, issue_id="", issue_key="")
    needed = dead(topic="request.open", subject=str(conversation.pk), last_error="No.")
    other = dead(last_error="No.")

    owners_client().post(f"{LIST}dismiss/?reason=No.", {"because": "We know."})

    assert [state_of(needed), state_of(other)] == ["dead", "dismissed"]


def test_waiting_promise_cannot_be_dismissed():
    entry = dead(state="pending")

    dismiss(entry)

    assert state_of(entry) == "pending"


def test_dismissed_promise_is_brought_back_from_its_page():
    entry = dead(state="dismissed", dismissed_because="We know.")
    client = owners_client()

    page = client.get(page_of(entry)).content.decode()
    client.post(f"{LIST}try-all-again/", {"entry": entry.pk})

    assert "We know." in page
    assert "Try again" in page
    assert state_of(entry) == "pending"


def test_page_has_no_line_for_what_did_not_happen():
    failed = owners_client().get(page_of(dead())).content.decode()
    waiting = owners_client().get(page_of(dead(state="pending"))).content.decode()

    assert [line in failed for line in ("Next try", "Settled", "Dismissed because")] == [False] * 3
    assert "Next try" in waiting


def test_promise_has_a_page_and_cannot_be_changed():
    entry = dead(last_error="No more than 385991903327.")
    client = owners_client()

    assert "385991903327" not in client.get(page_of(entry)).content.decode()
    assert client.post(page_of(entry), {"state": "done"}).status_code == 403


def test_configurator_tries_again_and_reads_no_transcript():
    conversation = ConversationFactory(issue_key="SUP-7")
    entry = dead(group=f"request:{conversation.pk}")
    client = client_of("mia", Role.CONFIGURATOR)

    for address in (LIST, page_of(entry)):
        page = client.get(address).content.decode()
        assert "SUP-7" in page
        assert "conversations/conversation/" not in page
    client.post(f"{LIST}try-all-again/", {"entry": entry.pk})
    assert state_of(entry) == "pending"


def test_auditor_looks_and_changes_nothing():
    entry, client = dead(), client_of("vera", Role.AUDITOR)

    assert client.get(LIST).status_code == 200
    assert client.post(f"{LIST}try-all-again/").status_code == 403
    assert client.get(f"{LIST}dismiss/?entry={entry.pk}").status_code == 403
    assert state_of(entry) == "dead"


def test_promise_of_another_site_is_left_alone(globex):
    with tenant_context(globex):
        theirs = dead(pk=900_001)

    dismiss(theirs)
    owners_client().post(f"{LIST}try-all-again/", {"entry": theirs.pk})

    with tenant_context(globex):
        assert state_of(theirs) == "dead"


def test_list_takes_as_many_queries_for_many_promises():
    client, counts = owners_client(), []
    client.get(LIST)
    for _round in range(2):
        dead(group=f"request:{ConversationFactory().pk}")
        dead(topic="file.fetch", group=f"file:{store().pk}")
        dead(topic="identity.confirm", group=f"identity.confirm:{AddressFactory().pk}")
        with CaptureQueriesContext(connection) as asked:
            client.get(LIST)
        counts.append(len(asked))

    assert counts[0] == counts[1]


def test_promise_of_another_release_is_shown_by_its_own_name():
    outbox.promise("from.another-release", group="h", subject="1")

    assert "from.another-release" in owners_client().get(LIST).content.decode()


def test_every_topic_of_the_outbox_has_words():
    assert set(settings.OUTBOX_HANDLERS) <= set(WHAT)


def dead(**values):
    given = {"topic": "request.attach", "group": "g", "subject": "1", "state": "dead", **values}
    return OutboxEntry.objects.create(**given)


def state_of(entry):
    entry.refresh_from_db()
    return entry.state


def page_of(entry):
    return f"{LIST}{entry.pk}/change/"


def listed(**query):
    return list(owners_client().get(LIST, query).context["cl"].result_list)


def act(action, entry, where=LIST):
    form = {"action": action, "_selected_action": [entry.pk]}
    return owners_client().post(where, form, follow=True)


def dismiss(entry):
    form = {"because": "Attached by hand."}
    return owners_client().post(f"{LIST}dismiss/?entry={entry.pk}", form, follow=True)
