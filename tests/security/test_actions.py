"""Every action of every list of both consoles, by every role, with ids of both sites."""

import pytest
from django.utils.http import urlencode

from conversations.admin.site import console
from omnichat.operators.urls import operators
from tests.security.knocking import MACHINES_HOST, knock
from tests.security.world import LEFT_BY_SESSIONS, digests

pytestmark = pytest.mark.django_db

# Whose they are is a word of the console's roles; everything that Django itself would bring is not.
MAY = {
    ("inboxentry", "try_again"): "O",
    ("inboxentry", "dismiss"): "O",
    ("outboxentry", "try_again"): "OC",
    ("outboxentry", "dismiss"): "OC",
}
LETTERS = {"owner of the console": "O", "configurator of the console": "C"}
LETTERS |= {"auditor of the console": "A"}
EVERYBODY = [*LETTERS, "user without a role", "owner of another site's console", "stranger"]


def actions():
    """Return every action that a list has or that Django would give it."""
    found = {
        (model._meta.app_label, model._meta.model_name, name)
        for model, admin in console._registry.items()
        for name in [*(admin.actions or ()), *dict(console.actions), "delete_selected"]
    }
    return sorted(found)


def ask(identity, action, host, *ids):
    app, model, name = action
    form = [("action", name), ("index", "0"), ("select_across", "1")]
    form += [("_selected_action", pk) for pk in ids] + [("post", "yes"), ("reason", "x")]
    body = urlencode(form).encode()
    return knock(identity, f"/admin/{app}/{model}/", host=host, method="POST", body=body)


def test_actions_are_those_that_we_know():
    known = {(model, name) for _app, model, name in actions() if name != "delete_selected"}

    assert known == set(MAY)


@pytest.mark.parametrize("name", EVERYBODY)
def test_action_does_nothing_for_who_may_not(worlds, everybody, tally, name):
    own, other = worlds
    before, letter = digests(without=LEFT_BY_SESSIONS), LETTERS.get(name, "")

    answers = {
        action: ask(everybody[name], action, own.site.host, own.rows[action[1]].pk)
        for action in actions()
        if not letter or letter not in MAY.get(action[1:], "")
    }

    tally(requests=len(answers))
    assert {action: a.status for action, a in answers.items() if a.status >= 500} == {}
    assert [action for action, a in answers.items() if any(w in a.said for w in other.words)] == []
    assert digests(without=LEFT_BY_SESSIONS) == before


def test_action_finds_no_row_of_another_site(worlds, everybody, tally):
    own, other = worlds
    before = {name: each for name, each in digests().items() if "globex" in name}

    answers = [
        ask(everybody["owner of the console"], action, own.site.host, other.rows[action[1]].pk)
        for action in actions()
    ]

    tally(requests=len(answers))
    assert max(answer.status for answer in answers) < 500
    assert {name: each for name, each in digests().items() if "globex" in name} == before


def test_operators_lists_have_no_actions(worlds, everybody):
    before = digests(without=LEFT_BY_SESSIONS)
    body = urlencode({"action": "delete_selected", "_selected_action": worlds[0].site.pk})

    answers = [
        knock(
            everybody["operator"],
            f"/operator/{model._meta.app_label}/{model._meta.model_name}/",
            host=MACHINES_HOST,
            method="POST",
            body=f"{body}&post=yes".encode(),
        )
        for model in operators._registry
    ]

    assert [answer.status < 500 for answer in answers] == [True]
    assert digests(without=LEFT_BY_SESSIONS) == before
