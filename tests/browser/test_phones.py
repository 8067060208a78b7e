"""The customer's phone: what one can send from it, and how the company's messages are answered."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.phone import Phone

NOTE = {"name": "note.txt", "mimeType": "text/plain", "buffer": b"Router 7, red light"}


@pytest.fixture
def unreachable(customer):
    """A number that is not on WhatsApp."""
    return f"{customer.number[:-2]}95"


def test_file_of_the_customer_is_on_its_way(phone):
    with phone.page.expect_file_chooser() as chooser:
        phone.attach("A file of mine…")
    chooser.value.set_files(NOTE)

    row = phone.row("note.txt")
    expect(row).to_have_attribute("data-state", "sent")
    with phone.page.expect_download() as download:
        row.get_by_role("link").click()
    assert download.value.path().read_bytes() == NOTE["buffer"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("A photo", "img.photo"),
        ("A video", "video"),
        ("Voice note", ".player[data-kind=voice]"),
        ("Sticker", "img.sticker"),
    ],
)
def test_sample_is_sent_and_shown(phone, name, shown):
    phone.attach(name)

    row = phone.page.locator("li.row")
    expect(row).to_have_attribute("data-state", "sent")
    expect(row.locator(shown)).to_be_visible()


def test_voice_note_can_be_heard(phone):
    phone.attach("Voice note")
    player = phone.page.locator(".player")
    expect(player.locator("small")).to_have_text("0:03")

    player.get_by_role("button", name="Play voice message").click()

    expect(player.get_by_role("button", name="Pause voice message")).to_be_visible()


def test_file_of_the_company_is_shown(talking):
    link = f"{talking.product.phones}/static/samples/photo.jpg"
    talking.gets("image", mediaUrl=link, caption="Press here")

    picture = talking.row("Press here").locator("img.photo")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth") == 960


def test_location_from_the_form(phone):
    phone.attach("Location…")
    phone.page.get_by_role("textbox", name="Name").fill("Cottage")
    phone.page.get_by_role("button", name="Send location").click()

    row = phone.row("Cottage")
    expect(row).to_have_attribute("data-state", "sent")
    expect(row.get_by_role("link")).to_have_attribute("href", re.compile("mlat=45.81289"))


def test_contact_from_the_form(phone):
    phone.attach("Contact…")
    phone.page.get_by_role("button", name="Send contact").click()

    expect(phone.row("Marko Babić")).to_have_attribute("data-state", "sent")


def test_answer_quotes_the_company(talking):
    talking.gets("text", text="Which light is red?")
    talking.menu("Which light").get_by_role("button", name="Reply").click()
    expect(talking.page.locator("#answering")).to_contain_text("Which light is red?")

    talking.write("The third")

    expect(talking.row("The third").locator(".quote")).to_contain_text("Which light is red?")
    expect(talking.page.locator("#answering")).to_be_hidden()


def test_reaction_is_added_changed_and_taken_back(talking):
    talking.gets("text", text="It is repaired.")
    reaction = talking.row("It is repaired.").locator(".reaction")

    talking.menu("It is repaired.").get_by_role("button", name="React with 👍").click()
    expect(reaction).to_have_text("👍")
    talking.menu("It is repaired.").get_by_role("button", name="React with 🙏").click()
    expect(reaction).to_have_text("🙏")
    talking.menu("It is repaired.").get_by_role("button", name="Take back 🙏").click()

    expect(reaction).to_be_hidden()


def test_button_of_the_company_is_answered_once(talking):
    talking.gets_buttons()

    talking.page.get_by_role("button", name="Yes", exact=True).click()

    answer = talking.page.locator("li.row[data-direction=mine]", has_text="Yes")
    expect(answer.locator(".quote")).to_contain_text("Shall we come?")
    expect(talking.page.get_by_role("button", name="No", exact=True)).to_be_disabled()


def test_row_of_a_list_is_chosen(talking):
    talking.gets_list()

    talking.page.get_by_role("button", name="Choose a day").click()
    talking.page.get_by_role("dialog").get_by_role("button", name="Friday").click()

    expect(talking.row("Friday").locator(".quote")).to_contain_text("When?")


def test_sms_carries_files_as_mms_and_stop(phone):
    phone.page.get_by_role("radio", name="SMS").check()
    phone.attach("A photo")
    expect(phone.page.locator("li.row img.photo")).to_be_visible()

    phone.page.get_by_role("button", name="STOP").click()

    expect(phone.row("STOP")).to_have_attribute("data-state", "sent")
    expect(phone.page.get_by_role("button", name="Reply or react")).to_have_count(0)


def test_first_message_of_yesterday_closes_the_window(phone):
    phone.page.get_by_label("I write as of").select_option("25 hours ago")

    phone.write("Hello?")

    expect(phone.page.locator("#window")).to_contain_text("The window is closed")
    expect(phone.page.locator(".day")).to_have_text("Yesterday")


def test_hidden_number_goes_on_in_the_same_conversation(talking):
    talking.page.get_by_label("Hide my number").check()

    talking.write("Still me")

    expect(talking.row("Hello")).to_be_visible()


def test_template_s_reply_is_tapped(talking):
    template = {"templateName": "is_it_solved", "language": "en"}
    data = {"body": {"placeholders": ["DESK-7"]}}
    replies = [{"type": "QUICK_REPLY", "parameter": value} for value in ("yes-7", "no-7")]
    message = {"from": talking.product.senders["whatsapp"], "to": talking.number}
    content = template | {"templateData": data | {"buttons": replies}}
    talking.post("template", messages=[message | {"content": content}])

    talking.page.get_by_role("button", name="Yes, solved").click()

    answer = talking.page.locator("li.row[data-direction=mine]", has_text="Yes, solved")
    expect(answer).to_have_attribute("data-state", "sent")
    expect(answer.locator(".quote")).to_contain_text("Is your request DESK-7 solved?")


def test_company_is_told_that_promotions_are_stopped(phone):
    phone.page.get_by_role("button", name="Attach").click()
    phone.page.get_by_text("What comes rarely").click()

    phone.page.get_by_role("button", name="No more promotions").click()

    expect(phone.page.get_by_role("status")).to_have_text(
        "The company is told: No more promotions."
    )


def test_sms_in_the_place_of_a_template_shows_on_the_other_channel(product, desk, unreachable):
    phone = Phone(desk.page, product, unreachable).open()
    expect(phone.page.get_by_role("radio", name="SMS")).not_to_have_attribute("data-new", "")
    content = {"templateName": "is_it_solved", "language": "en"}
    content["templateData"] = {"body": {"placeholders": ["DESK-7"]}}
    message = {"from": product.senders["whatsapp"], "to": phone.number, "content": content}
    failover = {"from": "InfoSMS", "text": "Is it solved? Please call us."}
    phone.post("template", messages=[message | {"smsFailover": failover}])
    expect(phone.page.get_by_role("radio", name="SMS")).to_have_attribute("data-new", "")

    phone.page.get_by_role("radio", name="SMS").check()
    phone.page.get_by_label("Company number").select_option("InfoSMS")

    expect(phone.row("Is it solved? Please call us.")).to_be_visible()
    expect(phone.page.get_by_text("it cannot be answered")).to_be_visible()
