"""The console of a running product in the browser: entered by role, held to the same rules."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from urllib.parse import urljoin, urlsplit

import psycopg
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from psycopg import sql

from tests.browser.desk import NOT_OURS
from tests.browser.rules import RULES

# What sticks out of the page, but for what scrolls in a box of its own.
STICKS_OUT = """() => {
  const width = document.documentElement.clientWidth;
  const scrolls = (each) => ["auto", "scroll", "hidden", "clip"]
    .includes(getComputedStyle(each).overflowX);
  const boxed = (each) => {
    for (let up = each.parentElement; up && up !== document.body; up = up.parentElement) {
      if (scrolls(up)) return true;
    }
    return false;
  };
  return [...document.body.querySelectorAll("*")]
    .filter((each) => each.checkVisibility() && !each.closest(".visually-hidden, .sr"))
    .filter((each) => {
      const { left, right, width: own } = each.getBoundingClientRect();
      return own && (left < -1 || right > width + 1) && !boxed(each);
    }).map((each) => each.outerHTML.slice(0, 100));
}"""
WIDTHS = (360, 1280, 1600)
# Of what axe looks at, only this differs between colours.
CONTRAST = RULES | {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
TARGETS = "button, select, summary, input, textarea, a.button"
SMALL = """(targets) => [...document.querySelectorAll(targets)]
  .filter((each) => each.type !== "hidden" && each.checkVisibility())
  .filter((each) => !["checkbox", "radio"].includes(each.type))
  .filter((each) => {
    const { width, height } = each.getBoundingClientRect();
    return width < 24 || height < 24;
  }).map((each) => each.outerHTML.slice(0, 100))"""


@dataclass
class Console:
    """Somebody's tab of the console; what is thrown or breaks the policy is kept."""

    page: Page
    url: str
    troubles: list[str] = field(default_factory=list)

    def open(self, address=""):
        self.page.goto(f"{self.url}{address}")
        return self.page

    def visit(self, path):
        """Go to a path of the host, and return what it answered."""
        return self.page.goto(urljoin(self.url, path))

    @property
    def path(self):
        """Where the tab is on its host."""
        at = urlsplit(self.page.url)
        return at.path + (f"?{at.query}" if at.query else "")

    def paint(self, colour):
        self.page.emulate_media(color_scheme=colour)

    def faults(self):
        """Return what a page is found to do wrong as it stands, on this screen, in this colour."""
        return self.broken_rules(RULES) + self.misfits()

    def faults_anywhere(self):
        """Return what a page is found to do wrong in either colour, on any screen."""
        found = {}
        for colour, rules in {"light": RULES, "dark": CONTRAST}.items():
            self.paint(colour)
            found[colour] = self.broken_rules(rules)
        found |= self.misfits_on_any_screen()
        return {where: faults for where, faults in found.items() if faults}

    def misfits_on_any_screen(self):
        size, found = self.page.viewport_size, {}
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": size["height"]})
            found[width] = self.misfits()
        self.page.set_viewport_size(size)
        return {width: faults for width, faults in found.items() if faults}

    def broken_rules(self, rules):
        result = Axe().run(self.page, options=rules).response
        return [
            f"{rule['id']}: {node['html'][:120]}"
            for rule in result["violations"]
            for node in rule["nodes"]
        ]

    def misfits(self):
        """Return what sticks out of the page, and what is too small to be hit."""
        out = [f"sticks out: {each}" for each in self.page.evaluate(STICKS_OUT)]
        return out + [f"small: {each}" for each in self.page.evaluate(SMALL, TARGETS)]

    def notice(self, said):
        if said.type == "error" and not any(words in said.text for words in NOT_OURS):
            self.troubles.append(said.text)

    def sign_in(self, product):
        """Come in as the demo user, by password."""
        self.open()
        self.page.fill("[name=username]", product.console_user)
        self.page.fill("[name=password]", product.console_password)
        self.page.press("[name=password]", "Enter")
        self.page.wait_for_selector("#user-tools")
        return self


def link_for(product, role):
    """Give somebody a role at the product's site, and return a link from Jira for them."""
    token, account = token_urlsafe(32), f"console-{role}"
    with psycopg.connect(product.database_url, autocommit=True) as database:
        (schema,) = database.execute(
            "SELECT schema_name FROM public.tenants_site WHERE slug = %s", [product.site]
        ).fetchone()
        database.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(schema)))
        database.execute(ADMIT, {"account": account, "role": role, "name": role.capitalize()})
        database.execute(
            "INSERT INTO jira_bridge_consolelink"
            " (digest, account_id, name, administers, expires_at) VALUES (%s, %s, %s, false, %s)",
            [
                sha256(token.encode()).hexdigest(),
                account,
                f"{role.capitalize()} Horvat",
                datetime.now(UTC) + timedelta(minutes=1),
            ],
        )
    return f"{product.console_url}enter/{token}/"


# As an owner does who gives somebody a role.
ADMIT = """
WITH person AS (
    INSERT INTO auth_user (username, password, first_name, last_name, email,
                           is_staff, is_active, is_superuser, date_joined)
    VALUES (%(account)s, '!', %(name)s, 'Horvat', '', true, true, false, now())
    ON CONFLICT (username) DO NOTHING RETURNING id
), grouped AS (
    INSERT INTO auth_user_groups (user_id, group_id)
    SELECT person.id, auth_group.id FROM person, auth_group WHERE auth_group.name = %(role)s
)
INSERT INTO logins_person (user_id, role_from, language, time_zone)
SELECT id, 'here', '', '' FROM person
"""
