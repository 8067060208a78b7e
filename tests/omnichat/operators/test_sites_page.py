"""The list of all sites: from two tables, whatever their number, and nobody's words on it."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tenants.models import Installation, Site, SiteFigures

pytestmark = pytest.mark.django_db

SITES = "/operator/tenants/site/"


def page(client, query=""):
    response = client.get(SITES + query)
    assert response.status_code == 200
    return response.content.decode()


def names(client, query=""):
    response = client.get(SITES + query)
    assert response.status_code == 200
    return [site.slug for site in response.context["cl"].result_list]


def figures(site, **values):
    values.setdefault("counted_at", timezone.now())
    return SiteFigures.objects.create(site=site, **values)


def many_sites(count):
    sites = Site.objects.bulk_create(
        Site(
            slug=f"site-{n}",
            cloud_id=f"cloud-{n}",
            url=f"https://{n}.example",
            schema_name=f"site_{n}",
            state=Site.State.ACTIVE,
        )
        for n in range(count)
    )
    SiteFigures.objects.bulk_create(
        SiteFigures(site=site, inbox_waiting=1, counted_at=timezone.now()) for site in sites
    )
    Installation.objects.bulk_create(
        Installation(site=site, installation_id=site.slug, environment="PRODUCTION")
        for site in sites
    )


def queries(client):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        page(client)
    return captured


def test_as_many_queries_for_a_thousand_sites_as_for_two(console):
    page(console)  # the session's own
    few = queries(console)
    many_sites(1000)

    many = queries(console)

    assert len(many) == len(few) <= 15


def test_list_asks_no_sites_schema(console):
    many_sites(10)

    asked = [query["sql"] for query in queries(console)]

    assert [sql for sql in asked if re.search("conversations_|search_path.*site_", sql)] == []


def test_tokens_are_not_read(console, acme):
    Installation.objects.create(site=acme, installation_id="i", system_token="s3cret-token")

    asked = " ".join(query["sql"] for query in queries(console))

    assert "system_token_expires_at" in asked
    assert '"system_token",' not in asked


def test_row_of_a_site(console, acme):
    now = timezone.now()
    Site.objects.filter(pk=acme.pk).update(disconnected_since=now - timedelta(hours=5))
    Installation.objects.create(
        site=acme,
        installation_id="i",
        environment="PRODUCTION",
        app_version="2.1.0",
        heard_at=now - timedelta(hours=5, minutes=1),
        system_token_expires_at=now + timedelta(minutes=50, seconds=30),
    )
    figures(
        acme,
        inbox_waiting=3,
        outbox_waiting=4,
        inbox_oldest_at=now - timedelta(minutes=20),
        messages_in=7,
        messages_out=20,
        failed_sends=1,
        missing_migrations=2,
    )

    shown = page(console, "?q=acme")

    for words in (
        "acme.atlassian.example",
        "Active",
        "Disconnected",
        "Waits too long",
        "Behind",
        "PRODUCTION 2.1.0",
        "2 migrations missing",
        "Heard 5\xa0hours ago",
        "Token for 50\xa0minutes",
        "3 in, 4 out",
        "oldest 20\xa0minutes",
        "7 in, 20 out",
        "1 failed (5.0\xa0%)",
    ):
        assert words in shown


def test_totals(console, acme, globex):
    ago = timezone.now() - timedelta(minutes=3)
    figures(acme, inbox_waiting=2, messages_in=5)
    figures(globex, inbox_waiting=3, inbox_oldest_at=ago, quarantined=4, counted_at=ago)

    found = console.get(SITES).context
    shown = {str(each.name): (each.value, each.more) for each in found["totals"]}

    assert shown["Incoming, waiting"] == (5, "oldest 3\xa0minutes")
    assert shown["In quarantine"] == (4, "")
    assert (shown["Active"], shown["In trouble"]) == ((2, ""), (1, ""))
    assert found["counted_between"].endswith("between 3\xa0minutes ago and just now.")
    assert not found["stale"]


def test_old_figures_are_said_to_be_old(console, acme, globex):
    figures(acme)
    figures(globex, counted_at=timezone.now() - timedelta(minutes=16))

    assert "The figures of 1 active site are older than 15 minutes" in page(console)


def test_site_never_counted_is_said_to_be_so(console):
    assert "The figures of 2 active sites are older than 15 minutes or missing" in page(console)


def test_states_to_choose_are_in_the_readers_language(console):
    shown = console.get(SITES, headers={"accept-language": "de"}).content.decode()

    assert re.findall(r"state__exact=\w+\">([^<]+)</a>", shown)[-4:] == [
        "Wird installiert",
        "Aktiv",
        "Gesperrt",
        "Deinstalliert",
    ]


@pytest.mark.parametrize("query", ["?q=globex", "?q=globex.atlassian.example", "?q={cloud_id}"])
def test_search(console, globex, query):
    assert names(console, query.format(cloud_id=globex.cloud_id)) == ["globex"]


@pytest.mark.parametrize(
    ("query", "change"),
    [
        ("?state__exact=suspended", {"state": "suspended"}),
        ("?licence=active", {}),
        (
            "?licence=grace",
            {"licence_active": False, "licence_inactive_since": timedelta(days=29)},
        ),
        (
            "?licence=ended",
            {"licence_active": False, "licence_inactive_since": timedelta(days=31)},
        ),
    ],
)
def test_filters_on_the_site(console, acme, globex, query, change):
    away = {"licence_active": False} if query == "?licence=active" else {}
    Site.objects.filter(pk=acme.pk).update(**away)
    change = {
        name: timezone.now() - value if isinstance(value, timedelta) else value
        for name, value in change.items()
    }
    Site.objects.filter(pk=globex.pk).update(**change)

    assert names(console, query) == ["globex"]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("waiting", {"outbox_oldest_at": timedelta(minutes=16)}),
        ("quarantine", {"quarantined": 1}),
        ("failing", {"failed_sends": 10, "messages_out": 50}),
        ("behind", {"missing_migrations": 1}),
        ("uncounted", {"problem": "UndefinedTable"}),
        ("uncounted", {"counted_at": timedelta(minutes=16)}),
    ],
)
def test_filter_by_trouble(console, acme, globex, name, values):
    values = {
        key: timezone.now() - value if isinstance(value, timedelta) else value
        for key, value in values.items()
    }
    figures(acme, failed_sends=9, messages_out=10)
    figures(globex, **values)

    assert names(console, f"?trouble={name}") == ["globex"]
    assert names(console, "?trouble=any") == ["globex"]


def test_site_not_installed_within_minutes_is_in_trouble(console, acme, globex):
    figures(acme)
    long_ago = timezone.now() - timedelta(minutes=6)
    Site.objects.filter(pk=globex.pk).update(state="installing", created_at=long_ago)

    assert names(console, "?trouble=installation") == ["globex"]


def test_suspended_site_is_in_no_trouble(console, acme, globex):
    figures(acme)
    figures(globex, quarantined=9, counted_at=timezone.now() - timedelta(hours=1))
    Site.objects.filter(pk=globex.pk).update(state="suspended")

    assert names(console, "?trouble=any") == []


@pytest.mark.parametrize("column", range(1, 11))
def test_list_is_sorted_by_any_column_there_is(console, column):
    assert len(names(console, f"?o={column}")) == 2


def test_busiest_first(console, acme, globex):
    figures(acme, messages_in=1)
    figures(globex, messages_in=2)

    assert names(console, "?o=-8") == ["globex", "acme"]


def test_empty_search_says_so(console):
    assert "Nothing matches." in page(console, "?q=nobody")


def test_list_is_narrowed_by_its_filters_alone(console):
    assert console.get(f"{SITES}?state__exact=active").status_code == 200
    assert console.get(f"{SITES}?licence__has_key=capabilitySet").status_code == 400
