"""The audit log as an auditor has it: filtered, searched, taken away; and a change found."""

import csv
import re

import psycopg
import pytest
from playwright.sync_api import expect

from tests.browser.desk import PATIENCE_SECONDS

LOG = "conversations/auditevent/"
FIRST_SEALED = """
SELECT min(e.id), min(e.actor) FROM conversations_auditevent e WHERE e.id = (
    SELECT min(id) FROM conversations_auditevent WHERE transaction_id <
        (SELECT max(until_transaction) FROM conversations_auditseal))
"""
RECORD = """
INSERT INTO conversations_auditevent (occurred_at, actor_kind, actor, action, subject_type,
    subject_id, issue_key, channel, address_hash, result, detail)
VALUES (now(), 'admin', '=HYPERLINK("http://x.example")', 'settings.changed', 'sender', '1', '',
    'sms', '', '', '{"fields": {"label": {"before": "Old", "after": "=1+1"}}}')
"""


@pytest.fixture
def database(product):
    """The site's schema, to write what nobody can in the console."""
    with psycopg.connect(product.database_url, autocommit=True) as connection:
        (schema,) = connection.execute(
            "SELECT schema_name FROM public.tenants_site WHERE slug = %s", [product.site]
        ).fetchone()
        connection.execute(f'SET search_path TO "{schema}", public')
        yield connection


@pytest.mark.browser
def test_auditor_filters_searches_and_takes_the_log_away(open_console, talking, database, tmp_path):
    database.execute(RECORD)
    console = open_console("auditor")
    page = console.open(LOG)
    expect(page.get_by_text("Period: all that is kept, newest first.")).to_be_visible()

    page.get_by_role("navigation", name="Months").get_by_role("link", name="Today").click()
    expect(page.locator(".audit-period")).to_contain_text("Today")
    choose(page, "What", "Setting changed")
    first = page.locator("#result_list tbody tr").first
    expect(first).to_contain_text("label: “Old” → “=1+1”")

    with page.expect_download() as downloading:
        page.get_by_role("link", name="Export CSV").click()
    downloading.value.save_as(tmp_path / "log.csv")
    with (tmp_path / "log.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["Account"] == '\'=HYPERLINK("http://x.example")'
    assert {row["Action"] for row in rows} == {"settings.changed"}

    page = console.open(LOG)
    page.get_by_role("searchbox").fill(talking.number)
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator("#result_list tbody tr").first).to_contain_text("Customer")
    assert console.faults_anywhere() == {}


@pytest.mark.browser
def test_change_in_the_database_is_found_and_shown(open_console, talking, database):
    console = open_console("auditor")
    page = console.open(LOG)
    check(page)
    settled(page, "Whole")
    event, actor = first_sealed(page, database)

    write_actor(database, event, "somebody else")
    try:
        check(page)
        settled(page, "does not fit")
        expect(page.get_by_role("alert")).to_contain_text(
            re.compile("were changed, added or removed")
        )
        assert console.faults() == []
    finally:
        write_actor(database, event, actor)
    check(page)
    settled(page, "Whole")


def choose(page, title, choice):
    chosen = page.locator(f"[data-filter-title='{title}']")
    chosen.locator("summary").click()
    chosen.get_by_role("link", name=choice, exact=True).click()


def check(page):
    """Have the chain checked, and wait for the page that says so: the one before says nothing."""
    with page.expect_navigation():
        page.get_by_role("button", name="Check the chain").click()


def settled(page, words):
    """Reload, as the page says to, until the check that is under way has ended."""
    for _ in range(PATIENCE_SECONDS):
        if not page.get_by_text("Being checked since").count():
            break
        page.wait_for_timeout(500)
        page.get_by_role("link", name="Reload").click()
    expect(page.locator(".audit-chain")).to_contain_text(words)


def first_sealed(page, database):
    for _ in range(2 * PATIENCE_SECONDS):
        event, actor = database.execute(FIRST_SEALED).fetchone()
        if event is not None:
            break
        page.wait_for_timeout(500)  # seals are made half a minute after the first event
    return event, actor


def write_actor(database, event, actor):
    with database.transaction():
        database.execute("SET LOCAL omnichat.retention = 'on'")
        database.execute(
            "UPDATE conversations_auditevent SET actor = %s WHERE id = %s", [actor, event]
        )
