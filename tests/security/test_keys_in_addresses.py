"""Keys in an address itself: at addresses of other kinds, of other sites, and mangled."""

from datetime import timedelta
from hashlib import sha256
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from channels.media_address import media_url
from channels.webhook_address import current_reports_url
from conversations.contracts import OutgoingFile
from conversations.panel.files import file_address
from jira_bridge.models import ConsoleLink
from logins import invitations
from logins.roles import Role, give_role
from tenants.context import public_context, tenant_context
from tests.factories import AgentFactory
from tests.security.identities import Identity
from tests.security.knocking import MACHINES_HOST, knock
from tests.security.routes import Guard, routes
from tests.security.world import LEFT_BY_SESSIONS, digests

pytestmark = pytest.mark.django_db

REFUSED = {403, 404, 405, 429}
MANGLED = {
    "cut": lambda key: key[:-1],
    "longer": lambda key: key + "A",
    "another letter": lambda key: ("B" if key[0] == "A" else "A") + key[1:],
    "another end": lambda key: key[:-4] + ("AAAA" if key[-4:] != "AAAA" else "BBBB"),
    "other case": str.swapcase,
    "twice": lambda key: key + key,
    "nothing of it": lambda key: "A" * len(key),
    "NUL": lambda key: key + "%00",
    "no text": lambda key: key + "%ff%fe",
    "up and back": lambda key: f"..%2f{key}",
    "very long": lambda key: key * 200,
}


def keys_of(world):
    """Return a good key of each kind, with the address that it opens and the host of that."""
    attachment = world.rows["attachment"]
    file = OutgoingFile(attachment.pk, "parcel.txt", "text/plain", 9)
    reports = urlsplit(current_reports_url()).path
    link, user = "console-link-of-a-minute-0123456789", User.objects.get(username="mia")
    ConsoleLink.objects.create(
        digest=sha256(link.encode()).hexdigest(),
        account_id="ana",
        name="Ana",
        expires_at=timezone.now() + timedelta(minutes=1),
    )
    give_role(user, Role.AUDITOR)
    agent = AgentFactory(schema_name=world.site.schema_name, issue_id=world.issue_id)
    machines = {
        "file": file_address(agent, attachment),
        "media": urlsplit(media_url(file)).path,
        "webhook": f"/hooks/infobip/{world.inbound_key}/",
        "reports": reports,
    }
    console = {
        "entry": f"/admin/enter/{link}/",
        "invitation": f"/admin/invitation/{invitations.invite(user, by='ana')}/",
    }
    return {
        **{kind: (address, MACHINES_HOST) for kind, address in machines.items()},
        **{kind: (address, world.site.host) for kind, address in console.items()},
    }


def key_in(address):
    return max(address.split("/"), key=len) if "/reports/" not in address else address.split("/")[5]


def is_refused(answer):
    return answer.status in REFUSED or answer.location.startswith("/admin/login/")


@pytest.fixture
def keys_in_addresses(worlds):
    with tenant_context(worlds[0].site):
        return keys_of(worlds[0])


@pytest.mark.parametrize("kind", ["file", "media", "webhook", "reports", "entry", "invitation"])
def test_mangled_key_opens_nothing(keys_in_addresses, worlds, tally, kind):
    address, host = keys_in_addresses[kind]
    key = key_in(address)
    before = digests(without=LEFT_BY_SESSIONS)

    answers = {
        (how, method): knock(
            Identity(), address.replace(key, mangle(key)), host=host, method=method, body=b"{}"
        )
        for how, mangle in MANGLED.items()
        for method in ("GET", "POST")
    }

    tally(requests=len(answers))
    assert {how: a.status for how, a in answers.items() if not is_refused(a)} == {}
    assert digests(without=LEFT_BY_SESSIONS) == before


def test_key_opens_no_address_of_another_kind(keys_in_addresses, worlds, tally):
    own, other = worlds
    keyed = [route for route in routes() if route.guard is Guard.KEY]
    before = digests(without=LEFT_BY_SESSIONS)

    answers = {}
    for kind, (address, _host) in keys_in_addresses.items():
        for route in keyed:
            wrong = route.address(own).replace("not-a-key", key_in(address))
            for host in (MACHINES_HOST, own.site.host, other.site.host):
                if (wrong, host) != keys_in_addresses[
                    kind
                ] and f"{host}{wrong}" != f"{host}{address}":
                    answers[kind, wrong, host] = knock(
                        Identity(), wrong, host=host, method="POST", body=b"{}"
                    )

    tally(requests=len(answers))
    assert {asked: a.status for asked, a in answers.items() if not is_refused(a)} == {}
    assert digests(without=LEFT_BY_SESSIONS) == before


@pytest.mark.parametrize("kind", ["entry", "invitation"])
def test_key_of_one_site_opens_nothing_at_another(keys_in_addresses, worlds, kind):
    address, _host = keys_in_addresses[kind]
    before = digests(without=LEFT_BY_SESSIONS)

    answer = knock(Identity(), address, host=worlds[1].site.host)

    assert answer.status == 403
    assert digests(without=LEFT_BY_SESSIONS) == before


@pytest.mark.parametrize("kind", ["file", "media", "entry", "invitation"])
def test_good_key_opens(keys_in_addresses, kind):
    address, host = keys_in_addresses[kind]

    assert knock(Identity(), address, host=host).status in {200, 302}


def test_keys_are_long_and_never_the_same(worlds):
    with tenant_context(worlds[0].site), public_context():
        made = [worlds[0].site.inbound_keys.issue(worlds[0].site).key for _ in range(50)]

    assert len({key[:8] for key in made}) == 50
    assert min(map(len, made)) >= 43  # 256 bits in base64
