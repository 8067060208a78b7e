"""A row for every list of the console, left behind by customers, agents and admins."""

from contextlib import contextmanager
from types import SimpleNamespace

import psycopg
from django.apps import apps
from playwright.sync_api import expect

from tests.browser.console import Console, link_for
from tests.browser.desk import PATIENCE_SECONDS, Customer, Desk

CUSTOMER, UNREACHABLE, SPARE = "385915560001", "385915560091", "385915560002"
PATIENCE = PATIENCE_SECONDS * 1000
# What nothing that a person does here brings about.
TROUBLES = """
INSERT INTO conversations_inboxentry
    (source, dedupe_key, body, state, reason, attempts, received_at, due_at)
    VALUES ('infobip', 'visited', '{"from": "385915560002"}', 'quarantined', 'No text.', 1,
            now(), now());
INSERT INTO conversations_outboxentry
    (topic, "group", subject, state, attempts, run_after, last_error, created_at)
    SELECT 'request.attach', 'conversation:' || id, id, 'dead', 9, now(), 'HTTP 403', now()
    FROM conversations_conversation ORDER BY id DESC LIMIT 1;
INSERT INTO channels_reconciliation
    (cause, since, until, asked_by, begun_at, ended_at, messages, reports, problem)
    VALUES ('admin', now() - interval '1 day', now(), 'ana', now(), now(), 1, 1, '');
INSERT INTO jira_bridge_senderrule
    (sender_id, service_desk_id, request_type_id, field_values, problem)
    SELECT min(id), '1', '10', '{}', '' FROM conversations_sender;
INSERT INTO channels_waytest
    (sender_id, address, code, message_id, provider_id, begun_at, begun_by, refused,
     taken_at, delivered_at, answered_at)
    SELECT min(id), '385915560001', '4711', gen_random_uuid(), '', now(), 'ana', '',
           now(), now(), now()
    FROM conversations_sender;
"""


# Where not any row will do: another of the model's has no such page.
CHOSEN = {
    "inboxentry": "SELECT max(id) FROM conversations_inboxentry WHERE state = 'quarantined'",
    "outboxentry": "SELECT max(id) FROM conversations_outboxentry WHERE state = 'dead'",
    "messagetemplate": "SELECT min(id) FROM conversations_messagetemplate",
    "customer": "SELECT max(customer_id) FROM conversations_phonenumber",
    "phonenumber": "SELECT id FROM conversations_phonenumber ORDER BY customer_id DESC LIMIT 1",
    "othercustomer": "SELECT min(customer_id) FROM conversations_phonenumber",
}


def furnish(product, browser):
    """Fill the product's site, and return one row of each model by the model's name."""
    Customer(product, CUSTOMER, "Marko Horvat").writes("whatsapp", "Is it repaired?")
    Customer(product, SPARE).writes("sms", "Hello")
    unreachable = Customer(product, UNREACHABLE)
    unreachable.writes("sms", "Call me")
    desk = Desk(browser.new_page(), product)
    desk.page.set_default_timeout(PATIENCE)
    desk.open(unreachable).send("We called you.")
    failed = desk.row("We called you.").first
    expect(failed).to_have_attribute("data-status", "failed", timeout=PATIENCE)
    desk.page.goto(link_for(product, "owner"))
    owner = Console(desk.page, product.console_url)
    owner.open("conversations/messagetemplate/")
    owner.page.get_by_role("button", name="Synchronise now").click()
    owner.page.locator(".messagelist").wait_for()
    link_for(product, "configurator")
    desk.page.close()
    with site_of(product) as database:
        database.execute(TROUBLES)
        return rows_in(database)


@contextmanager
def site_of(product):
    """Open the schema of the product's site."""
    with psycopg.connect(product.database_url, autocommit=True) as database:
        (schema,) = database.execute(
            "SELECT schema_name FROM public.tenants_site WHERE slug = %s", [product.site]
        ).fetchone()
        database.execute(f'SET search_path TO "{schema}", public')
        yield database


def rows_in(database):
    rows = {}
    for model in apps.get_models():
        table, key = model._meta.db_table, model._meta.pk.column
        if database.execute("SELECT to_regclass(%s)", [table]).fetchone()[0]:
            newest = f"SELECT {key} FROM {table} ORDER BY 1 DESC LIMIT 1"  # noqa: S608
            rows[model._meta.model_name] = database.execute(newest).fetchone()
    rows |= {name: database.execute(query).fetchone() for name, query in CHOSEN.items()}
    return {name: SimpleNamespace(pk=found[0]) for name, found in rows.items() if found}
