"""Which agents see which: who looks at a request, who writes there, and when panels are rung."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.translation import override

from conversations import nudges, tasks
from conversations.bell import PresenceRing
from conversations.models import AgentPresence, AgentProfile
from conversations.services import attention
from conversations.services.attention import (
    colleagues_of,
    leave,
    note_presence,
    stop_writing,
)
from tenants.context import enter, schema_context
from tenants.models import Site
from tests.conversations.concurrency import together
from tests.factories import AgentFactory

pytestmark = pytest.mark.django_db

ANA = AgentFactory()
NOW = timedelta()
VIEWING = "Ivan Babić is viewing this conversation."
WRITING = "Ivan Babić is also writing a reply to this customer."


def colleague(name="Ivan Babić", **changes):
    agent = AgentFactory(account_id=name.split()[0].lower(), name=name, **changes)
    AgentProfile.objects.get_or_create(account_id=agent.account_id, defaults={"name": name})
    return agent


def seen():
    return [line.text for line in colleagues_of(ANA).lines]


def passed(seconds):
    ago = timedelta(seconds=seconds)
    for each in AgentPresence.objects.all():
        each.seen_at -= ago
        each.typed_at = each.typed_at and each.typed_at - ago
        each.save()


@pytest.fixture
def rung(monkeypatch):
    rings = []
    monkeypatch.setattr(nudges._presence_bells, "add", lambda ring, number=0: rings.append(ring))
    monkeypatch.setattr("django.db.transaction.on_commit", lambda act: act())
    return rings


def test_who_looks_is_seen():
    note_presence(colleague())

    assert seen() == [VIEWING]


def test_who_types_is_seen_writing():
    note_presence(colleague(), typed=NOW)

    assert seen() == [WRITING]


def test_sign_answers_with_the_others():
    note_presence(colleague())

    assert [line.text for line in note_presence(ANA).lines] == [VIEWING]


def test_nobody_sees_themselves():
    note_presence(ANA, typed=NOW)

    assert seen() == []


def test_writing_ends_eight_seconds_after_the_last_key():
    ivan = colleague()
    note_presence(ivan, typed=timedelta(seconds=2))
    (line,) = colleagues_of(ANA).lines
    assert line.until - timezone.now() < timedelta(seconds=6)

    passed(seconds=7)

    assert seen() == [VIEWING]


def test_sign_of_another_tab_ends_no_writing():
    note_presence(colleague(), typed=NOW)
    note_presence(colleague())

    assert seen() == [WRITING]


def test_panel_that_vanished_is_gone_after_a_while():
    note_presence(colleague(), typed=NOW)
    passed(seconds=46)

    assert seen() == []


def test_who_leaves_is_gone():
    note_presence(colleague())
    leave(colleague())

    assert seen() == []


def test_several_stand_in_one_sentence():
    for name in ("Ivan Babić", "Dora Novak"):
        note_presence(colleague(name))

    assert seen() == ["Dora Novak and Ivan Babić are viewing this conversation."]


def test_of_many_a_few_are_named():
    for name in ("Ivan Babić", "Dora Novak", "Eva Kos", "Luka Perić"):
        note_presence(colleague(name), typed=NOW)

    assert seen() == ["Dora Novak, Eva Kos and 2 others are also writing a reply to this customer."]


def test_list_is_one_of_the_readers_language():
    for name in ("Ivan Babić", "Dora Novak"):
        note_presence(colleague(name))

    with override("de"):
        (line,) = colleagues_of(ANA).lines

    assert "Dora Novak und Ivan Babić" in line.text


def test_who_may_only_look_is_seen_looking():
    note_presence(colleague(may_reply=False), typed=NOW)

    assert seen() == [VIEWING]


def test_colleagues_elsewhere_are_not_seen():
    note_presence(colleague(issue_id="10102"))
    with schema_context("site_globex"):
        note_presence(colleague(schema_name="site_globex"))

    assert seen() == []


def test_nobody_is_kept_or_seen_without_a_licence():
    note_presence(colleague())
    Site.objects.filter(slug="acme").update(licence_active=False)
    enter(Site.objects.get(slug="acme"))
    note_presence(ANA)

    assert seen() == []
    assert AgentPresence.objects.count() == 1


def test_coming_writing_sending_and_leaving_ring(rung):
    ivan = colleague()
    note_presence(ivan)
    note_presence(ivan, typed=NOW)
    stop_writing(ivan)
    leave(ivan)

    assert rung == [PresenceRing("site_acme", "10101", "ivan")] * 4


def test_signs_that_change_nothing_ring_nobody(rung):
    ivan = colleague()
    for _ in range(3):
        note_presence(ivan)
        passed(seconds=20)
    note_presence(ivan, typed=NOW)
    note_presence(ivan, typed=NOW)
    stop_writing(AgentFactory())
    leave(AgentFactory())

    assert len(rung) == 2


def test_who_comes_back_rings(rung):
    note_presence(colleague())
    passed(seconds=46)
    note_presence(colleague())

    assert len(rung) == 2


def test_mark_tells_what_looks_different():
    assert colleagues_of(ANA).mark == "nobody"
    note_presence(colleague())
    viewing = colleagues_of(ANA).mark
    assert colleagues_of(ANA).mark == viewing

    note_presence(colleague(), typed=NOW)

    assert colleagues_of(ANA).mark != viewing


def test_a_sign_costs_two_statements_and_a_look_one(django_assert_num_queries):
    ivan = colleague()
    with django_assert_num_queries(2):
        note_presence(ivan)
    with django_assert_num_queries(2):
        note_presence(ivan, typed=NOW)
    with django_assert_num_queries(1):
        colleagues_of(ANA)


def test_long_gone_is_forgotten_at_every_site():
    note_presence(colleague())
    AgentPresence.objects.update(seen_at=timezone.now() - timedelta(days=2))
    note_presence(ANA)

    tasks.remove_forgotten_uploads()

    assert [each.account_id for each in AgentPresence.objects.all()] == [ANA.account_id]


def test_panel_that_is_only_looked_at_forgets_no_keys_of_another(monkeypatch):
    ivan = colleague()
    note_presence(ivan)
    before = list(AgentPresence.objects.all())
    note_presence(ivan, typed=NOW)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(attention, "_present_on", lambda _issue_id: before)
        note_presence(ivan)

    assert seen() == [WRITING]


@pytest.mark.django_db(transaction=True)
def test_two_tabs_at_once_are_one_presence():
    ivan = colleague()

    together(*[lambda: note_presence(ivan, typed=NOW)] * 4)

    assert AgentPresence.objects.count() == 1
