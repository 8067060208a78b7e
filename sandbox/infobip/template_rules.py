"""What a new or edited template has to keep, before anybody at WhatsApp reads it."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from sandbox.infobip.template_store import placeholders_in

if TYPE_CHECKING:
    from sandbox.infobip.validation import Fields

NAME = re.compile(r"[a-z0-9_]{1,512}")
CATEGORIES = ("MARKETING", "UTILITY", "AUTHENTICATION")
LONGEST_BODY = 1024
LONGEST_LINE = 60
LONGEST_BUTTON = 25
MOST_BUTTONS = 10
MOST_OF = {"PHONE_NUMBER": 1, "URL": 2, "COPY_CODE": 1, "FLOW": 1, "VOICE_CALL": 1}
BUTTONS = (
    *MOST_OF,
    "QUICK_REPLY",
    "CATALOG",
    "MULTI_PRODUCT",
    "ORDER_DETAILS",
    "REQUEST_CONTACT_INFO",
)
HEADERS = ("TEXT", "IMAGE", "VIDEO", "GIF", "DOCUMENT", "LOCATION")
WITH_EXAMPLE = {"IMAGE", "VIDEO", "GIF", "DOCUMENT"}
WRITTEN_LANGUAGES = (
    "af sq ar ar_EG ar_AE ar_LB ar_MA ar_QA az bn bn_IN bg ca zh_CN zh_HK zh_TW hr cs da nl nl_BE "
    "en en_GB en_US en_AE en_AU en_CA en_GH en_IE en_IN en_JM en_MY en_NZ en_QA en_SG en_UG en_ZA "
    "et fil fi fr fr_BE fr_CA fr_CH fr_CI fr_MA ka de de_AT de_CH el gu ha he hi hu id ga it ja kn "
    "kk rw_RW ko ky_KG lo lv lt mk ms ml mr nb fa pl pt_BR pt_PT pa ro ru sr si_LK sk sl es es_AR "
    "es_CL es_CO es_CR es_DO es_EC es_HN es_MX es_PA es_PE es_ES es_UY sw sv ta te th tr uk ur uz "
    "vi zu unknown"
)
LANGUAGES = frozenset(WRITTEN_LANGUAGES.split())


def check_new(fields: Fields) -> None:
    name = fields.text("name", 1, 512, required=True)
    if name and not NAME.fullmatch(name):
        fields.violate("name", "must match ^[a-z0-9_]{1,512}$")
    if fields.value.get("language") not in LANGUAGES:
        fields.violate("language", "is not a supported language")
    fields.choice("category", CATEGORIES)
    check_structure(fields.object("structure", required=True), fields.value.get("category"))


def check_structure(structure: Fields, category: Any) -> None:
    if not structure.given:
        return
    if category == "AUTHENTICATION":
        structure.list("buttons", 1)
        return
    _check_header(structure.object("header"))
    _check_body(structure.object("body", required=True))
    footer = structure.object("footer")
    if footer.given:
        footer.line("text", 1, LONGEST_LINE, required=True)
        if placeholders_in(str(footer.value.get("text"))):
            footer.violate("text", "must not contain placeholders")
    _check_buttons(structure)


def type_of(structure: dict[str, Any]) -> str:
    return "MEDIA" if "header" in structure or "buttons" in structure else "TEXT"


def _check_header(header: Fields) -> None:
    if not header.given:
        return
    kind = header.choice("format", HEADERS)
    if kind == "TEXT":
        text = header.line("text", 1, LONGEST_LINE, required=True)
        numbers = placeholders_in(text)
        if numbers not in ([], [1]):
            header.violate("text", "must contain at most one placeholder")
        if numbers and not header.value.get("example"):
            header.violate("example", "must not be blank")
    elif kind in WITH_EXAMPLE:
        header.url("example", required=True)


def _check_body(body: Fields) -> None:
    if not body.given:
        return
    text = body.text("text", 1, LONGEST_BODY, required=True)
    numbers = placeholders_in(text)
    if numbers != list(range(1, len(numbers) + 1)):
        body.violate("text", "placeholders must be consecutive and start with {{1}}")
    examples = body.value.get("examples") or []
    if not isinstance(examples, list) or len(examples) != len(numbers):
        body.violate("examples", f"size must be {len(numbers)}")


def _check_buttons(structure: Fields) -> None:
    buttons = structure.list("buttons", MOST_BUTTONS, required=False)
    for button in buttons:
        kind = button.choice("type", BUTTONS)
        if kind in {"PHONE_NUMBER", "URL", "QUICK_REPLY"}:
            button.line("text", 1, LONGEST_BUTTON, required=True)
        if kind == "PHONE_NUMBER":
            button.text("phoneNumber", 1, 20, required=True)
        if kind == "COPY_CODE":
            button.text("example", 1, 15, required=True)
        if kind == "URL":
            _check_link(button)
    counted = Counter(button.value.get("type") for button in buttons)
    for kind, most in MOST_OF.items():
        if counted[kind] > most:
            structure.violate("buttons", f"at most {most} of type {kind}")


def _check_link(button: Fields) -> None:
    url = button.url("url", required=True)
    numbers = placeholders_in(url)
    if numbers and (numbers != [1] or not url.endswith("{{1}}")):
        button.violate("url", "can contain only one placeholder at the end")
    if numbers and not button.value.get("example"):
        button.violate("example", "must not be blank")
