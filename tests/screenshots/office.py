"""A believable site around a week's conversations: set up and looked after by Ana, an owner."""

from dataclasses import dataclass

import httpx
from playwright.sync_api import expect

from tests.browser.console import Console
from tests.browser.desk import PATIENCE_SECONDS, Product
from tests.local_run import wait_until
from tests.logins.codes import code_of, key_on
from tests.screenshots.stories import PHOTOGRAPHED
from tests.screenshots.week import PATIENCE, ZONE, Week

PASSWORD = "seven quiet lighthouses"
MY_PHONE = "385915550002"
EMPTY = "acme"
LOST = "385915559910"  # whose request cannot be opened for a while
PHOTOGRAPHER = "385915559920"  # whose photo Jira does not take
FURNISH = "from tests.screenshots.furnishing import furnish; furnish({slug!r})"
NEWEST = "SELECT slug FROM public.tenants_site WHERE slug LIKE 'site-%' AND state = 'active'"
RENAME = """
WITH named AS (UPDATE public.tenants_site SET slug = %(name)s WHERE slug = %(made)s)
UPDATE public.tenants_domain SET domain = replace(domain, %(made)s, %(name)s)
"""
STUCK = "SELECT id FROM conversations_outboxentry WHERE topic = %s AND state = %s AND attempts > 0"
QUARANTINED = "SELECT id FROM conversations_inboxentry WHERE state = 'quarantined'"
SEALED = "SELECT id FROM conversations_auditseal"
COUNTED = "SELECT 1 FROM public.tenants_sitefigures WHERE quarantined > 0 AND outbox_dead > 0"
OPENED = """
SELECT c.issue_key FROM conversations_conversation AS c
JOIN conversations_phonenumber AS n ON n.customer_id = c.customer_id
WHERE n.key = %s AND c.issue_key <> ''
"""


@dataclass
class Office:
    """A site of a run with the people who look after it."""

    run: object
    browser: object
    options: dict

    def __post_init__(self):
        self.product = Product(self.run.described, self.run.state)

    def furnish(self):
        """Set the site up, have a week's conversations, and let some things go wrong."""
        self.run.ask_product(FURNISH.format(slug=self.product.site))
        Week(self.run).play()
        self.ana = self.from_jira(self.product.site)
        self._come_what_may()
        self._connect()
        self._deliver_test_message()
        self._invite_people()
        self._delete_a_number()
        self._let_things_fail()
        self._check_the_chain()

    def tab(self):
        context = self.browser.new_context(timezone_id=ZONE.key, **self.options)
        context.set_default_timeout(PATIENCE_SECONDS * 1000)
        return context.new_page()

    def from_jira(self, site):
        """Return Ana's tab of a console, opened from the app's page in Jira."""
        page = self.tab()
        page.goto(f"{self.product.jira}/admin?site={site}")
        enter = page.frame_locator("#place iframe").get_by_role("button", name="Open the console")
        with page.context.expect_page() as tab:
            enter.click(timeout=PATIENCE_SECONDS * 1000)
        expect(tab.value.get_by_role("heading", name="Overview", level=1)).to_be_visible()
        return Console(tab.value, tab.value.url)

    def empty(self):
        """Return Ana's tab of a site that has installed the app, and knows no more."""
        site = self._jira("sites", site=EMPTY)
        account = {"api_key": site["infobip_key"], "senders": site["senders"]}
        nowhere = f"{self.product.app}/none/"
        self.product.infobip_does("accounts", site=EMPTY, webhook_url=nowhere, **account)
        self._jira("tick", site=EMPTY)
        with self.run.connect() as database:
            # Jira's host on a desk gives no name; on acme.atlassian.net this one is made of it.
            (made,) = wait_until(lambda: database.execute(NEWEST).fetchone(), PATIENCE)
            database.execute(RENAME, {"made": made, "name": EMPTY})
        return self.from_jira(EMPTY)

    def operator(self):
        self._until(COUNTED)
        console = Console(self.tab(), self.product.operator_url)
        page = console.open()
        page.fill("[name=username]", self.product.operator_user)
        page.fill("[name=password]", self.product.operator_password)
        page.press("[name=password]", "Enter")
        expect(page.get_by_role("heading", name="Sites", level=1)).to_be_visible()
        return console

    def follow(self, link):
        """Return the tab of somebody who was invited and has chosen a password."""
        page = self.tab()
        page.goto(link)
        for name in ("new_password1", "new_password2"):
            page.fill(f"[name={name}]", PASSWORD)
        page.get_by_role("button", name="Continue").click()
        expect(page.locator(".login-key")).to_be_visible()
        return page

    def invite(self, name, login, role):
        page = self.ana.open("users/invite/")
        page.get_by_label("Name", exact=True).fill(name)
        page.get_by_label("E-mail address or user name").fill(login)
        page.get_by_label("Role", exact=True).select_option(label=role)
        page.locator(".submit-row [type=submit]").click()
        return page.get_by_label("Link").input_value()

    def _come_what_may(self):
        """Infobip tells what nobody knows yet; unsigned, as before the webhook is subscribed."""
        for payload in (
            {"results": [{"messageId": "call-7731", "type": "VOICE_CALL", "duration": 42}]},
            {"results": [{"type": "FLOW_COMPLETED", "flow": "satisfaction", "score": 4}]},
        ):
            self._writes(payload=payload)
        self._until(QUARANTINED)

    def _connect(self):
        page = self.ana.open("channels/provideraccount/")
        page.get_by_label("API key").fill(f"sandbox-key-{self.product.site}")
        page.get_by_role("button", name="Save and test").click()
        expect(page.locator(".messagelist")).to_contain_text("The key works.")
        page.get_by_role("button", name="Subscribe the webhook").click()
        expect(page.locator(".messagelist")).to_contain_text("Set up at Infobip:")
        page = self.ana.open("conversations/messagetemplate/")
        page.get_by_role("button", name="Synchronise now").click()
        expect(page.locator(".messagelist")).to_contain_text("templates")

    def _deliver_test_message(self):
        page = self.ana.open("channels/provideraccount/test-message/")
        page.get_by_label("My number").fill(f"+{MY_PHONE}")
        page.get_by_role("button", name="Send a test message").click()
        code = page.get_by_text("code ").first.inner_text().rsplit(maxsplit=1)[-1].rstrip(".")
        answer = {"channel": "sms", "from": MY_PHONE, "to": self.product.senders["sms"]}
        self._writes(text=code, **answer)
        expect(page.get_by_text("✓ done")).to_have_count(3, timeout=PATIENCE_SECONDS * 1000)

    def _invite_people(self):
        """Vera comes in by password; Petar has not followed his link yet."""
        page = self.follow(self.invite("Vera Gost", "vera.gost@example.com", "Auditor"))
        page.fill("[name=code]", code_of(key_on(page.content())))
        page.get_by_role("button", name="Confirm").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("ecovery codes")
        self.invitation = self.invite("Petar Radić", "petar.radic@example.com", "Configurator")

    def _delete_a_number(self):
        page = self.ana.open("conversations/customer/")
        page.get_by_role("link", name="Luka Novak").first.click()
        page.get_by_role("link", name="Delete number").click()
        page.get_by_label("Reason").select_option(label="Asked in another way")
        page.get_by_role("button", name="Delete number").click()
        expect(page.locator(".messagelist")).to_contain_text("The number is deleted.")

    def _let_things_fail(self):
        """Jira hides a request from the app, and for a while opens none."""
        wish = {"channel": "whatsapp", "from": PHOTOGRAPHER, "name": "Lana Kos"}
        self._writes(text="I cannot find the number of the router.", **wish)
        key = self._until(OPENED, PHOTOGRAPHER)
        self._jira(f"requests/{key}/visibility", hidden=True, site=self.product.site)
        self._writes(text="The label on the back.", **wish, **PHOTOGRAPHED)
        self._until(STUCK, "request.attach", "dead")
        self._jira("faults", route="servicedeskapi/request", kind="500", times=200)
        self._writes(channel="sms", text="Are you open on Saturday?", **{"from": LOST})
        self._until(STUCK, "request.open", "pending")

    def _writes(self, **wish):
        self.product.infobip_does("inbound", site=self.product.site, **wish)

    def _until(self, question, *asked):
        """Return what the database answers as soon as it is anything."""
        with self.run.connect(self.run.schema) as database:
            (found,) = wait_until(lambda: database.execute(question, asked).fetchone(), PATIENCE)
        return found

    def _check_the_chain(self):
        self._until(SEALED)
        page = self.ana.open("conversations/auditevent/")
        whole = page.locator(".audit-chain").get_by_text("Whole")
        page.get_by_role("button", name="Check the chain").click()
        for _ in range(PATIENCE_SECONDS):
            if whole.is_visible():
                return
            page.wait_for_timeout(500)
            page.reload()
        expect(whole).to_be_visible()

    def _jira(self, what, **told):
        url = f"{self.product.jira}/_sandbox/{what}"
        answer = httpx.post(url, json=told, timeout=PATIENCE_SECONDS)
        answer.raise_for_status()
        return answer.json()
