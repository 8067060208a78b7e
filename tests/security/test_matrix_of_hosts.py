"""Every address by every other method, on the other kind of host, and on hosts of nobody."""

import pytest
from django.conf import settings

from tests.security.forbidden import unexpected
from tests.security.knocking import METHODS, OTHER_METHODS, host_of, knock
from tests.security.routes import MACHINES, SITE, routes
from tests.security.world import LEFT_BY_SESSIONS, digests

pytestmark = pytest.mark.django_db

FEW = ("stranger", "agent of another request", "owner of another site's console")
SOME = ("agent", "Forge", "owner of the console", "operator")
SAME_ON_BOTH = {""}  # the address that both kinds of host have, if only to lead on


def test_no_other_method_opens_anything(worlds, keys, tally, everybody):
    some = {name: everybody[name] for name in FEW}
    before = digests(without=LEFT_BY_SESSIONS)

    problems, tried = unexpected(some, OTHER_METHODS, worlds)

    tally(requests=tried)
    assert problems == []
    assert digests(without=LEFT_BY_SESSIONS) == before


def test_nothing_is_there_on_the_other_kind_of_host(worlds, keys, tally, everybody):
    own, _other = worlds
    machines = next(route for route in routes() if route.conf == MACHINES)
    site = next(route for route in routes() if route.conf == SITE)
    other_host = {MACHINES: host_of(site, own), SITE: host_of(machines, own)}
    before = digests(without=LEFT_BY_SESSIONS)

    answers = {
        (name, method, route.pattern): knock(
            everybody[name], route.address(own), host=other_host[route.conf], method=method
        )
        for name in SOME
        for route in routes()
        for method in METHODS
        if route.pattern not in SAME_ON_BOTH
    }

    tally(requests=len(answers))
    assert {asked: each.status for asked, each in answers.items() if each.status != 404} == {}
    assert digests(without=LEFT_BY_SESSIONS) == before


@pytest.mark.parametrize("host", ["nobody.localhost", "suspended", "evil.example", "[::1", ""])
def test_nothing_is_there_on_a_host_of_nobody(worlds, keys, tally, everybody, host):
    own, _other = worlds
    if host == "suspended":
        host, own.site.state = own.site.host, "suspended"
        own.site.save()

    answers = {
        (name, route.pattern): knock(everybody[name], route.address(own), host=host)
        for name in ("stranger", "owner of the console")
        for route in routes()
        if "/" + route.pattern not in settings.PROCESS_PATHS
    }

    tally(requests=len(answers))
    assert {asked: each.status for asked, each in answers.items() if each.status != 404} == {}
