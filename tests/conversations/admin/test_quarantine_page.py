"""The console's quarantine: looked at, tried again, dismissed for a reason."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conversations.models import AuditEvent, InboxEntry
from logins.roles import Role
from tenants.context import tenant_context
from tests.consoles import client_of, owners_client

pytestmark = pytest.mark.django_db

LIST = "/admin/conversations/inboxentry/"
NUMBER = "385991903327"


def test_list_says_what_about_whom_and_why():
    kept(
        body=b'{"from": "385991903327", "to": "385951006719"}', reason="The item is not an object."
    )

    page = owners_client().get(LIST).content.decode()

    for shown in ("Message, report or event from Infobip", "+385 99 190 ••27", "In quarantine"):
        assert shown in page
    assert "It is damaged, or none of Infobip" in page
    assert NUMBER not in page


def test_what_is_in_quarantine_is_shown_first_and_the_rest_one_click_away():
    rows = {state: kept(state=state, key=state) for state in ("quarantined", "done", "dismissed")}

    assert listed() == [rows["quarantined"]]
    assert listed(state__exact="dismissed") == [rows["dismissed"]]
    assert listed(state__exact="done") == [rows["done"]]
    assert set(listed(state__exact="all")) == set(rows.values())


def test_list_is_filtered_by_source_and_reason():
    wanted = kept(source="jira", key="a", reason="The event names no issue.")
    kept(key="b", reason="The body is not JSON.")

    assert listed(source="jira") == [wanted]
    assert listed(reason="The event names no issue.") == [wanted]


def test_reasons_are_offered_with_their_counts():
    for key in "ab":
        kept(key=key, reason="The body is not JSON.")

    assert "The body is not JSON. (2)" in owners_client().get(LIST).content.decode()


def test_nothing_in_quarantine_is_said():
    assert "all that came in was understood" in owners_client().get(LIST).content.decode()


def test_entry_is_tried_again():
    entry = kept(reason="KeyError in parse:12", attempts=1)

    response = act("try_again", entry)

    entry.refresh_from_db()
    assert "1 entry will be tried again." in response.content.decode()
    assert (entry.state, entry.reason, entry.attempts) == ("new", "", 0)
    event = AuditEvent.objects.get()
    assert (event.action, event.actor, event.detail["count"]) == ("inbox.retried", "ana", 1)


@pytest.mark.parametrize(("state", "after"), [("done", "done"), ("dismissed", "new")])
def test_only_what_is_put_aside_is_tried_again(state, after):
    entry = kept(state=state)

    owners_client().post(f"{LIST}try-all-again/", {"entry": entry.pk})

    assert state_of(entry) == after


def test_all_of_one_reason_are_tried_again():
    entry = kept(reason="KeyError in parse:12", key="a")
    other = kept(reason="The item is not JSON.", key="b")

    owners_client().post(f"{LIST}try-all-again/", {"reason": "KeyError in parse:12"})

    assert [state_of(entry), state_of(other)] == ["new", "quarantined"]


def test_everything_in_quarantine_is_tried_again():
    entries = [kept(key=key) for key in "ab"]
    aside = [kept(state=state, key=state) for state in ("done", "dismissed")]

    owners_client().post(f"{LIST}try-all-again/", {"reason": ""})

    assert [state_of(entry) for entry in [*entries, *aside]] == ["new", "new", "done", "dismissed"]


def test_chosen_entries_lead_to_the_page_that_asks_why():
    entry = kept()

    response = act("dismiss", entry)

    assert response.request["PATH_INFO"] == f"{LIST}dismiss/"
    assert "1 entry is put away" in response.content.decode()
    assert "a message among them stays unseen" in response.content.decode()
    assert state_of(entry) == "quarantined"


def test_entry_is_dismissed_for_a_reason():
    entry, other = kept(key="a"), kept(key="b")

    response = dismiss(entry, because="A test of ours.")

    entry.refresh_from_db()
    assert (entry.state, entry.dismissed_because) == ("dismissed", "A test of ours.")
    assert state_of(other) == "quarantined"
    assert "1 entry is dismissed." in response.content.decode()
    event = AuditEvent.objects.get()
    assert (event.action, event.actor) == ("inbox.dismissed", "ana")
    assert (event.detail["count"], event.detail["entries"]) == (1, [entry.pk])


@pytest.mark.parametrize("because", ["", "   ", "x" * 301])
def test_nothing_is_dismissed_without_a_reason(because):
    entry = kept()

    response = dismiss(entry, because=because)

    assert state_of(entry) == "quarantined"
    assert "errorlist" in response.content.decode()


def test_all_of_one_reason_are_dismissed():
    entries = [kept(reason="The body is not JSON.", key=key) for key in "ab"]
    other = kept(reason="Another.", key="c")

    owners_client().post(
        f"{LIST}dismiss/?reason=The+body+is+not+JSON.", {"because": "A scanner's."}
    )

    states = [state_of(entry) for entry in [*entries, other]]
    assert states == ["dismissed", "dismissed", "quarantined"]


@pytest.mark.parametrize("query", ["", "?entry=x", "?entry=0", "?reason="])
def test_dismissing_nothing_leads_back(query):
    response = owners_client().get(f"{LIST}dismiss/{query}", follow=True)

    assert "Nothing that has failed is chosen." in response.content.decode()


def test_dismissed_entries_are_told_no_more():
    kept(state="dismissed")

    assert "in quarantine" not in owners_client().get("/admin/").content.decode()


def test_quarantine_is_told_on_the_overview():
    kept()

    page = owners_client().get("/admin/").content.decode()

    assert "1 item is in quarantine" in page
    assert f"{LIST}?state__exact=quarantined" in page


def test_auditor_looks_and_changes_nothing():
    entry, client = kept(), client_of("vera", Role.AUDITOR)

    assert client.get(LIST).status_code == 200
    assert "Try again" not in client.get(page_of(entry)).content.decode()
    assert client.post(f"{LIST}try-all-again/").status_code == 403
    assert client.get(f"{LIST}dismiss/?entry={entry.pk}").status_code == 403
    form = {"because": "Away."}
    assert client.post(f"{LIST}dismiss/?entry={entry.pk}", form).status_code == 403
    assert state_of(entry) == "quarantined"


def test_configurator_sees_no_quarantine():
    entry, client = kept(), client_of("mia", Role.CONFIGURATOR)

    for address in (LIST, page_of(entry)):
        assert client.get(address).status_code == 403
    assert client.post(f"{LIST}{entry.pk}/reveal/").status_code == 403


def test_body_is_masked_until_it_is_revealed():
    entry = kept(body=b'{"from": "385991903327", "text": "<b>Hello</b> you"}')
    client = owners_client()

    assert "Hello" not in client.get(LIST).content.decode()
    page = client.get(page_of(entry)).content.decode()
    assert "Hello" not in page
    assert NUMBER not in page
    assert "38••••••••27" in page

    whole = client.post(f"{LIST}{entry.pk}/reveal/", follow=True).content.decode()
    assert "&lt;b&gt;Hello&lt;/b&gt; you" in whole
    assert NUMBER in whole


def test_opening_and_revealing_are_recorded():
    entry = kept()

    client_of("vera", Role.AUDITOR).post(f"{LIST}{entry.pk}/reveal/", follow=True)

    events = AuditEvent.objects.values_list("action", "actor", "subject_id")
    assert list(events.order_by("pk")) == [
        ("number.revealed", "vera", str(entry.pk)),
        ("inbox.opened", "vera", str(entry.pk)),
    ]


def test_nothing_is_revealed_by_an_address():
    entry = kept(body=b'{"text": "Hello you"}')
    client = owners_client()

    assert "Hello" not in client.get(f"{page_of(entry)}?whole=1").content.decode()
    assert client.get(f"{LIST}{entry.pk}/reveal/").status_code == 405


def test_entry_of_another_site_is_not_found(globex):
    with tenant_context(globex):
        theirs = kept(pk=900_001)
    client = owners_client()

    assert client.post(f"{LIST}{theirs.pk}/reveal/").status_code == 404
    dismiss(theirs, because="Away.")
    client.post(f"{LIST}try-all-again/", {"entry": theirs.pk})

    with tenant_context(globex):
        assert state_of(theirs) == "quarantined"


def test_list_takes_as_many_queries_for_many_entries():
    client, counts = owners_client(), []
    client.get(LIST)
    for number in range(2):
        kept(key=str(number), body=b'{"from": "385991903327"}')
        with CaptureQueriesContext(connection) as asked:
            client.get(LIST)
        counts.append(len(asked))

    assert counts[0] == counts[1]


def test_long_body_is_not_read_for_the_list():
    kept(body=b'{"from": "385991903327", "text": "%s"}' % (b"x" * 20_000))

    assert "+385 99" not in owners_client().get(LIST).content.decode()


def kept(*, key="k", **values):
    given = {"source": "infobip", "body": b"{}", "state": "quarantined", **values}
    return InboxEntry.objects.create(dedupe_key=key, **given)


def state_of(entry):
    entry.refresh_from_db()
    return entry.state


def page_of(entry):
    return f"{LIST}{entry.pk}/change/"


def listed(**query):
    return list(owners_client().get(LIST, query).context["cl"].result_list)


def act(action, entry):
    form = {"action": action, "_selected_action": [entry.pk]}
    return owners_client().post(LIST, form, follow=True)


def dismiss(entry, *, because):
    form = {"because": because}
    return owners_client().post(f"{LIST}dismiss/?entry={entry.pk}", form, follow=True)
