"""A tab with the phone of one customer."""

import httpx
from playwright.sync_api import expect

from sandbox.environment import INFOBIP_API_KEY


class Phone:
    def __init__(self, page, product, number):
        self.page, self.product, self.number = page, product, number

    def open(self, channel="whatsapp"):
        address = httpx.URL(self.product.phones, params={"channel": channel, "number": self.number})
        self.page.goto(str(address))
        expect(self.page.locator("#who")).to_have_text(self.product.site)
        return self

    def row(self, text):
        return self.page.locator("li.row", has_text=text)

    def write(self, text):
        self.page.get_by_label("Message", exact=True).fill(text)
        self.page.get_by_role("button", name="Send", exact=True).click()
        expect(self.row(text)).to_have_attribute("data-state", "sent")

    def attach(self, name):
        self.page.get_by_role("button", name="Attach").click()
        self.page.get_by_role("dialog").get_by_role("button", name=name, exact=True).click()

    def menu(self, text):
        self.row(text).hover()
        self.row(text).get_by_role("button", name="Reply or react").click()
        return self.page.get_by_role("dialog")

    def gets(self, kind, **content):
        """The company sends the phone something on WhatsApp."""
        sender = self.product.senders["whatsapp"]
        self.post(kind, content=content, to=self.number, **{"from": sender})

    def post(self, kind, **message):
        answer = httpx.post(
            f"{self.product.infobip}/whatsapp/1/message/{kind}",
            json=message,
            headers={"Authorization": f"App {INFOBIP_API_KEY}"},
        )
        assert answer.status_code == 200, answer.text

    def gets_buttons(self):
        buttons = [{"type": "REPLY", "id": "y", "title": "Yes"}]
        buttons.append({"type": "REPLY", "id": "n", "title": "No"})
        body = {"text": "Shall we come?"}
        self.gets("interactive/buttons", body=body, action={"buttons": buttons})

    def gets_list(self):
        rows = [{"id": "r1", "title": "Thursday"}, {"id": "r2", "title": "Friday"}]
        action = {"title": "Choose a day", "sections": [{"title": "This week", "rows": rows}]}
        self.gets("interactive/list", body={"text": "When?"}, action=action)
