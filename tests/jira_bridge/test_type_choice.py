"""Choosing a request type in the console, from what Jira has."""

import pytest
from django.db import connection
from django.utils import timezone

from conversations.models import OutboxEntry
from jira_bridge import catalogue
from jira_bridge.models import CatalogueEntry, RequestDefaults
from logins.roles import Role
from tests.consoles import client_of, owners_client
from tests.factories import RequestDefaultsFactory
from tests.jira_bridge import desks
from tests.jira_bridge.choosing import FAULT, HOW, IDS, LIST, errors, messages, offered, page

pytestmark = pytest.mark.django_db


def looker():
    """Return the client of somebody who may only look at the defaults."""
    return client_of("iva", Role.AUDITOR)


def test_types_are_offered_by_desk_as_jira_lists_them(jira, installation):
    desks.answer_lists(jira)

    response = owners_client().get(f"{LIST}add/")

    assert offered(response) == [
        ("", "Choose a request type"),
        ("Support (SUP)", [("1:10", "Ask a question (SUP)"), ("1:11", "Report a fault (SUP)")]),
        ("People (HR)", [("2:20", "Take leave (HR)")]),
    ]
    assert "Loaded from Jira just now." in response.text


def test_jira_is_asked_outside_of_a_transaction(jira, installation, monkeypatch):
    depths = []
    inside = len(connection.savepoint_ids)
    monkeypatch.setattr(
        catalogue, "load", lambda: depths.append(len(connection.savepoint_ids) - inside)
    )

    owners_client().post(f"{LIST}add/", FAULT)

    assert depths == [0]


def test_type_that_the_app_may_not_create_is_not_offered(known_types):
    desks.keep_desks(types=[("10", "Ask a question", False), ("11", "Report a fault")])

    response = owners_client().get(f"{LIST}add/")

    assert offered(response)[1] == ("Support (SUP)", [("1:11", "Report a fault (SUP)")])


def test_chosen_type_is_saved(known_types):
    owners_client().post(f"{LIST}add/", {**HOW, "request_type": "2:20"})

    saved = RequestDefaults.objects.current()
    assert (saved.service_desk_id, saved.request_type_id, saved.field_values) == ("2", "20", {})
    assert saved.checked_at is not None


def test_type_that_has_vanished_stays_shown_with_what_is_wrong(known_types):
    defaults = RequestDefaultsFactory(
        request_type_id="99", problem="It is gone.", checked_at=timezone.now()
    )

    response = owners_client().get(page(defaults))

    assert offered(response)[-1] == (
        "Not found in Jira",
        [("1:99", "Request type 99 of service desk 1")],
    )
    problem = "Request type 99 no longer exists in Jira. Choose another."
    assert f'<p class="console-problem">{problem}</p>' in response.text


def test_form_that_comes_back_does_not_say_of_a_refused_choice_that_jira_takes_it(known_types):
    defaults = RequestDefaultsFactory(checked_at=timezone.now())

    response = owners_client().post(page(defaults), FAULT)

    assert response.status_code == 200
    assert "Takes requests like this" not in response.text


def test_type_that_has_vanished_cannot_be_saved_again(known_types):
    defaults = RequestDefaultsFactory(request_type_id="99")

    response = owners_client().post(page(defaults), {**HOW, "request_type": "1:99"})

    assert errors(response) == {
        "request_type": ["Request type 99 no longer exists in Jira. Choose another."]
    }


@pytest.mark.parametrize("choice", ["1:98", "nonsense", "../../x:1"])
def test_choice_that_was_never_offered_is_refused(jira, installation, known_types, choice):
    response = owners_client().post(f"{LIST}add/", {**HOW, "request_type": choice})

    assert errors(response) == {
        "request_type": ["This type no longer exists in Jira. Choose another."]
    }
    assert jira.requests == []


def test_ids_stay_as_they_are_while_jira_cannot_be_asked(acme):
    defaults = RequestDefaultsFactory(request_type_id="10")

    response = owners_client().get(page(defaults))

    form = response.context["adminform"].form
    assert "cannot be loaded now. Waits for a token from Jira." in response.text
    assert (form["service_desk_id"].value(), form["request_type_id"].value()) == ("1", "10")


def test_ids_that_could_not_be_checked_are_saved_and_checked_later(acme):
    response = owners_client().post(f"{LIST}add/", IDS, follow=True)

    assert RequestDefaults.objects.current().request_type_id == "11"
    assert OutboxEntry.objects.get().topic == "request-types.check"
    assert any("checked as soon as" in message for message in messages(response))


def test_known_types_stay_on_offer_while_jira_cannot_be_asked(known_types):
    CatalogueEntry.objects.filter(name="types/2").delete()

    response = owners_client().get(f"{LIST}add/")

    assert offered(response)[1][0] == "Support (SUP)"
    assert "cannot be loaded now" in response.text


def test_reload_asks_jira_for_everything_again_and_checks(
    jira, installation, known_types, defaults
):
    desks.answer_lists(jira, types=[desks.FAULT])
    desks.answer_lists(jira, types=[desks.FAULT])

    response = owners_client().post(f"{LIST}{defaults.pk}/reload/", follow=True)

    assert response.redirect_chain == [(page(defaults), 302)]
    assert messages(response) == ["Service desks and request types are loaded from Jira."]
    assert "Request type 10 no longer exists in Jira. Choose another." in response.text


def test_reload_before_there_is_a_row_leads_back_to_the_form(jira, installation):
    desks.answer_lists(jira)
    desks.answer_lists(jira)

    response = owners_client().post(f"{LIST}reload/")

    assert response["Location"] == f"{LIST}add/"


def test_failed_reload_says_why(known_types, defaults):
    response = owners_client().post(f"{LIST}{defaults.pk}/reload/", follow=True)

    assert messages(response) == ["Nothing was loaded. Waits for a token from Jira."]
    assert len(catalogue.kept_desks()) == 2


def test_reload_is_a_post(defaults):
    assert owners_client().get(f"{LIST}{defaults.pk}/reload/").status_code == 405


def test_whoever_may_only_look_sees_the_names_and_no_drop_down(known_types, defaults):
    client = looker()

    response = client.get(page(defaults))

    assert "Support (SUP) / Ask a question" in response.text
    assert "<select" not in response.text
    assert client.post(f"{LIST}{defaults.pk}/reload/").status_code == 403
