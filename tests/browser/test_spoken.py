"""Every agent reads the panel in the language of their own Jira."""

from datetime import UTC, datetime, timedelta

from playwright.sync_api import expect

from tests.browser.rules import OVERHANG


def test_croatian_and_english_agents_read_the_same_conversation(open_desk, customer):
    began = datetime.now(UTC) - timedelta(days=40)
    customer.wrote_on_whatsapp("Dobar dan", began)
    customer.writes("whatsapp", "Ima li koga?")
    ana, mia = open_desk(), open_desk()
    ana.open(customer)
    mia.open(customer, **{"as": "mia"})

    expect(mia.inside.locator("html")).to_have_attribute("lang", "hr")
    expect(mia.button("Pauziraj razgovor")).to_be_visible()
    expect(mia.inside.locator("[data-day]").first).to_contain_text(f"{began.year}.")
    mia.write("Molim? " * 30)
    expect(mia.counter).to_contain_text("210")
    expect(ana.button("Pause conversation")).to_be_visible()
    expect(ana.inside.locator("[data-day]").first).to_contain_text(f"{began:%B} {began.year}")


def test_longest_words_fit_into_a_narrow_panel(open_desk, customer):
    customer.writes("sms", "Guten Tag")
    for person in ("mia", "jonas"):
        desk = open_desk(width=352).open(customer, **{"as": person})
        assert desk.frame.evaluate(OVERHANG) == [], person
