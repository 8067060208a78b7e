"""Two sites with one row of everything, and a digest of all that both of them keep."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import connection
from psycopg.sql import SQL, Identifier

from conversations.models import Address, Customer, Message, PhoneNumber
from tenants.context import public_context, tenant_context
from tenants.models import Site
from tests.factories import MessageFactory
from tests.omnichat import console_world

# Ids of one site are none of the other's; each request is one site's only, too.
FIRST_IDS = {"acme": 700_001, "globex": 800_001}
DIGEST = SQL("SELECT md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))) FROM {} t")
# What a door writes down of whoever knocks: how often that was, so that it can be closed.
KNOCKS = {"logins_attempts"}
# Who uses a console's session leaves that behind; that one was ended is recorded.
LEFT_BY_SESSIONS = {
    "django_session",
    "logins_person",
    "conversations_auditevent",
    "tenants_pendingwork",
}


@dataclass(frozen=True)
class World:
    """One site: its rows by model, the request that the panel is tried with, and another one."""

    site: Site
    rows: dict
    issue_id: str
    other_issue_id: str
    operator_id: int
    inbound_key: str

    @property
    def words(self):
        """What only this site's people may read."""
        return (self.name, self.text, self.number, self.other_text, self.inbound_key)

    @property
    def name(self):
        return f"Horvat of {self.site.slug}"

    @property
    def text(self):
        return f"parcel-of-{self.site.slug}"

    @property
    def other_text(self):
        return f"letter-of-{self.site.slug}"

    @property
    def number(self):
        return f"38599{self.rows['customer'].pk}"


def furnish(slug):
    """Fill a site; the caller may be anywhere."""
    with public_context():
        site = Site.objects.get(slug=slug)
        operator, _made = User.objects.get_or_create(
            username="olga", defaults={"is_superuser": True, "is_staff": True}
        )
        key = site.inbound_keys.latest("pk").key
    first = FIRST_IDS[slug]
    with tenant_context(site):
        rows = console_world.furnish(first)
        world = World(site, rows, str(first), str(first + 1), operator.pk, key)
        _rewrite(world)
        MessageFactory(
            pk=first + 1,
            conversation__pk=first + 1,
            conversation__issue_id=world.other_issue_id,
            sender=rows["sender"],
            address__pk=first + 1,
            address__phone_number__pk=first + 1,
            text=world.other_text,
        )
    return world


def _rewrite(world):
    """Let the words of a site be its own, and its messages such as something can be done with."""
    conversation = world.rows["conversation"]
    conversation.issue_id, conversation.issue_key = world.issue_id, f"SUP-{world.issue_id}"
    conversation.save()
    Customer.objects.filter(pk=conversation.customer_id).update(name=world.name)
    Message.objects.filter(conversation=conversation).update(text=world.text)
    PhoneNumber.objects.filter(customer=conversation.customer_id).update(key=world.number)
    Address.objects.filter(phone_number__customer=conversation.customer_id).update(
        value=world.number
    )


def digests(*, without=()):
    """Return a digest of every table of both sites and of the public schema."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT schemaname, tablename FROM pg_tables"
            " WHERE schemaname IN ('public', 'site_acme', 'site_globex')"
        )
        tables = [row for row in cursor.fetchall() if row[1] not in {*KNOCKS, *without}]
        found = {}
        for schema, table in sorted(tables):
            cursor.execute(DIGEST.format(Identifier(schema, table)))
            found[f"{schema}.{table}"] = cursor.fetchone()[0]
    return found
