"""Two agents and their customer, all at once; and an agent whose line is cut meanwhile."""

from signal import SIGKILL

from playwright.sync_api import expect

LINES = ("**/stream/**", "**/updates?*", "**/presence*")


def test_two_agents_and_a_customer_see_one_conversation(open_desk, customer):
    ana, ivan = open_desk(), open_desk()
    customer.writes("whatsapp", "My router restarts every hour.")
    ana.open(customer)
    ivan.open(customer, **{"as": "ivan"})

    ana.send("Good morning. Which lights are on?")
    expect(ivan.row("Which lights")).to_be_visible()
    expect(ivan.row("Which lights").locator(".name")).to_have_text("Ana Kovač")
    customer.writes("whatsapp", "The first one is red.")
    expect(ana.row("first one is red")).to_be_visible()
    ivan.send("Then it is the power supply.")
    expect(ana.row("power supply").locator(".name")).to_have_text("Ivan Babić")
    customer.reads()

    for desk in (ana, ivan):
        expect(desk.row("power supply")).to_have_attribute("data-status", "read")
        expect(desk.inside.locator("#log .text")).to_have_text(
            [
                "My router restarts every hour.",
                "Good morning. Which lights are on?",
                "The first one is red.",
                "Then it is the power supply.",
            ]
        )
    assert len(ana.product.sent_to(customer.number)) == 2
    ivan.button("Pause conversation").click()
    ana.expect_state("paused")
    ana.button("Resume").click()
    ivan.expect_state("active")


def test_thirty_messages_while_the_line_is_cut_come_once_and_in_order(desk, product, customer):
    context = desk.page.context
    context.clock.install()
    customer.writes("sms", "Before")
    desk.open(customer)
    expect(desk.panel).to_have_attribute("data-conn", "live")
    for lines in LINES:
        context.route(lines, lambda route: route.abort())
    product.signal("stream", SIGKILL)  # the open one is not a request any more

    texts = [f"In the dark {number:02}" for number in range(30)]
    for text in texts:
        customer.writes("sms", text)
    context.clock.fast_forward("02:00")
    expect(desk.inside.locator("#connection")).to_contain_text("Connection lost")
    expect(desk.rows).to_have_count(1)
    for lines in LINES:
        context.unroute(lines)
    context.clock.fast_forward("00:20")  # longer than any pause between two questions

    expect(desk.inside.locator("#log .text")).to_have_text(["Before", *texts])
    expect(desk.panel).to_have_attribute("data-conn", "live")
