"""What messages carry beside their text: read in our words, whatever really is in them."""

import pytest
from django.utils import translation

from conversations.contracts import MessageKind
from conversations.models import Attachment, Message
from conversations.thread_parts import file_of, label_of, parts_of, words_of
from tests.factories import MessageFactory

pytestmark = pytest.mark.django_db

PLACE = {"latitude": 45.8131, "longitude": "15.9772", "name": "Cathedral", "address": "Kaptol 31"}
ITEMS = [
    {"id": "A-1", "quantity": 2, "price": "12.50", "currency": "EUR"},
    {"id": "B-2", "quantity": None, "price": 7, "currency": "EUR"},
]
IVANA = {"name": "Ivana", "phones": ["+385 99 1"], "emails": ["i@example.com"]}


@pytest.fixture
def parts(inside_acme):
    return lambda kind, content: parts_of(MessageFactory(kind=kind, content=content, text=""))


def test_place_has_a_link_to_a_map(parts):
    place = parts(MessageKind.LOCATION, PLACE).place

    assert (place.name, place.address, place.coordinates) == (
        "Cathedral",
        "Kaptol 31",
        "45.813100, 15.977200",
    )
    assert place.link == (
        "https://www.openstreetmap.org/?mlat=45.813100&mlon=15.977200#map=16/45.813100/15.977200"
    )


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [(None, 1), ("here", 1), (91, 1), (1, -180.5), ("nan", 1), ([1], {}), ("1e999", 1)],
)
def test_place_that_is_none_has_no_link(parts, latitude, longitude):
    content = {"latitude": latitude, "longitude": longitude}
    place = parts(MessageKind.LOCATION, content).place

    assert (place.coordinates, place.link) == ("", "")


def test_contact_says_all_that_it_has(parts):
    (contact,) = parts(MessageKind.CONTACT, {"contacts": [IVANA]}).contacts

    assert (contact.name, contact.lines) == ("Ivana", ("+385 99 1", "i@example.com"))


def test_order_is_reckoned(parts):
    found = parts(MessageKind.ORDER, {"items": ITEMS})

    assert [(item.name, item.quantity, item.total) for item in found.items] == [
        ("A-1", "2", "€25.00"),
        ("B-2", "1", "€7.00"),
    ]
    assert found.totals == ("€32.00",)


@pytest.mark.parametrize(
    ("language", "price", "quantity"),
    [
        ("en-gb", "€1,234.50", "1,000"),
        ("de", "1.234,50\xa0€", "1.000"),
        ("hr", "1.234,50\xa0€", "1.000"),
    ],
)
def test_order_is_written_as_its_reader_writes(parts, language, price, quantity):
    item = {"id": "A-1", "quantity": 1000, "price": "1234.5", "currency": "EUR"}
    with translation.override(language):
        (shown,) = parts(MessageKind.ORDER, {"items": [item]}).items

    assert (shown.price, shown.quantity) == (price, quantity)


@pytest.mark.parametrize(
    ("price", "currency", "shown"),
    [
        ("12.505", "EUR", "€12.505"),
        ("on request", "EUR", "on request EUR"),
        ("3.5", "stars", "3.5 stars"),
        ("1e400", "EUR", "1e400 EUR"),
    ],
)
def test_price_says_what_was_said(parts, price, currency, shown):
    (item,) = parts(MessageKind.ORDER, {"items": [{"price": price, "currency": currency}]}).items

    assert item.price == shown


@pytest.mark.parametrize("price", ["free", None, "NaN", "1e400", "Infinity", {}])
def test_order_that_cannot_be_reckoned_has_no_total(parts, price):
    found = parts(MessageKind.ORDER, {"items": [*ITEMS, {"id": "C", "price": price}]})

    assert (len(found.items), found.totals) == (3, ())


def test_answers_of_a_form_have_labels(parts):
    answers = {
        "full_name": "Marko",
        "extras": ["Cable", "Manual"],
        "newsLetter": False,
        "x": {"y": 1},
    }
    found = parts(MessageKind.FLOW, {"answers": answers})

    assert found.fields == (
        ("Full name", "Marko"),
        ("Extras", "Cable, Manual"),
        ("News letter", "no"),
        ("X", ""),
    )


def test_template_shows_what_the_customer_reads_around_it(parts):
    shown = {"header": "Good news", "footer": "Acme", "buttons": ["Track"]}
    found = parts(MessageKind.TEMPLATE, {"header": {"type": "text", "value": "x"}, "shown": shown})

    assert (found.header, found.footer, found.buttons) == ("Good news", "Acme", ("Track",))


def test_list_of_ours_shows_its_rows(parts):
    section = {"title": "Friday", "rows": [{"id": "1", "title": "Morning", "description": "8-12"}]}
    found = parts(MessageKind.REPLY_LIST, {"button": "Choose", "sections": [section]})

    assert found.buttons == ("Choose",)
    assert [(each.title, each.rows) for each in found.sections] == [
        ("Friday", (("Morning", "8-12"),))
    ]


@pytest.mark.parametrize("kind", [kind for kind in MessageKind if kind != MessageKind.TEXT])
@pytest.mark.parametrize(
    "content",
    [
        {},
        {"contacts": "x", "items": {}, "answers": [], "fields": 1, "buttons": 3, "sections": "?"},
        {"contacts": [None], "items": [1], "referral": [], "shown": 7, "type": {}, "button": {}},
    ],
)
def test_whatever_is_in_it_every_kind_can_be_shown(inside_acme, kind, content):
    message = MessageFactory(kind=kind, content=content, text="")
    parts_of(message)

    assert label_of(message)
    assert isinstance(words_of(message), list)


@pytest.mark.parametrize(
    ("kind", "content", "words"),
    [
        (MessageKind.LOCATION, PLACE, ["Cathedral", "Kaptol 31", "45.813100, 15.977200"]),
        (MessageKind.CONTACT, {"contacts": [IVANA]}, ["Ivana, +385 99 1, i@example.com"]),
        (MessageKind.PAYMENT, {"fields": {"status": "captured"}}, ["Status: captured"]),
        (MessageKind.LIST, {"description": "13:00\nto 17:00"}, ["13:00 to 17:00"]),
        (
            MessageKind.ORDER,
            {"items": ITEMS[:1]},
            ["2 \N{MULTIPLICATION SIGN} A-1 €25.00", "Total: €25.00"],
        ),
        (MessageKind.IMAGE, {}, []),
    ],
)
def test_who_sees_no_cards_reads_words(kind, content, words):
    assert words_of(Message(kind=kind, content=content)) == words


@pytest.mark.parametrize(
    ("content_type", "thumbnail", "look"),
    [
        ("image/png", "t.jpg", "image"),
        ("image/png", "", "document"),
        ("text/html", "", "document"),
        ("image/svg+xml", "", "document"),
        ("audio/ogg", "", "audio"),
        ("video/mp4", "", "video"),
    ],
)
def test_file_looks_like_what_it_is(content_type, thumbnail, look):
    assert file_of(Attachment(content_type=content_type, thumbnail=thumbnail)).look == look


def test_image_has_its_place_before_it_is_there():
    image = Attachment(content_type="image/png", thumbnail="t.jpg", width=1280, height=640)

    assert file_of(image).shown_size == (264, 132)
    assert file_of(image, MessageKind.STICKER).shown_size == (128, 64)


def test_name_cannot_hide_its_end():
    assert file_of(Attachment(name="offer\u202efdp.exe")).name == "offer\ufffdfdp.exe"
