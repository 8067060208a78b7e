"""The templates an account has from the start: one of each kind that a product may meet."""

from __future__ import annotations

from typing import Any

from sandbox.infobip.template_store import Template


def seeds(site: str) -> list[Template]:
    return [
        Template(site, name, language, category, structure, status, quality)
        for name, language, category, status, quality, structure in ROWS
    ]


def _text(body: str, *examples: str, **parts: Any) -> dict[str, Any]:
    kind = "MEDIA" if "header" in parts or "buttons" in parts else "TEXT"
    return {"body": {"text": body, "examples": list(examples)}, **parts, "type": kind}


REPLIES = [{"type": "QUICK_REPLY", "text": text} for text in ("Yes, solved", "No, still broken")]

ROWS: list[tuple[str, str, str, str, str, dict[str, Any]]] = [
    (
        "request_update",
        "en",
        "UTILITY",
        "APPROVED",
        "HIGH",
        _text(
            "Hello {{1}}, there is news about your request {{2}}. Please answer to read it.",
            "Ana",
            "DESK-12",
            footer={"text": "Service desk"},
        ),
    ),
    (
        "request_update",
        "hr",
        "UTILITY",
        "APPROVED",
        "HIGH",
        _text(
            "Poštovani {{1}}, imamo novosti o vašem zahtjevu {{2}}. Odgovorite za nastavak.",
            "Ana",
            "DESK-12",
            footer={"text": "Služba za korisnike"},
        ),
    ),
    (
        "photo_of_the_part",
        "en",
        "UTILITY",
        "APPROVED",
        "MEDIUM",
        _text(
            "Is this the part you mean, {{1}}? Please tell us.",
            "Ana",
            header={"format": "IMAGE", "example": "https://files.example/part.jpg"},
        ),
    ),
    (
        "offer_as_document",
        "en",
        "UTILITY",
        "APPROVED",
        "HIGH",
        _text(
            "Your offer {{1}} is attached. It is valid for 14 days.",
            "A-104",
            header={"format": "DOCUMENT", "example": "https://files.example/offer.pdf"},
        ),
    ),
    (
        "track_request",
        "en",
        "UTILITY",
        "APPROVED",
        "UNKNOWN",
        _text(
            "Your request {{1}} moved on. See how far it is.",
            "DESK-12",
            header={"format": "TEXT", "text": "News for {{1}}", "example": "Ana"},
            buttons=[
                {
                    "type": "URL",
                    "text": "Show request",
                    "url": "https://desk.example/track/{{1}}",
                    "example": "https://desk.example/track/DESK-12",
                },
                {"type": "PHONE_NUMBER", "text": "Call us", "phoneNumber": "385951006719"},
            ],
        ),
    ),
    (
        "is_it_solved",
        "en",
        "UTILITY",
        "APPROVED",
        "HIGH",
        _text("Is your request {{1}} solved?", "DESK-12", buttons=REPLIES),
    ),
    (
        "we_have_waited",
        "en",
        "UTILITY",
        "APPROVED",
        "HIGH",
        _text("We have not heard from you for a while. Write to us, and we go on."),
    ),
    (
        "spring_check",
        "en",
        "MARKETING",
        "APPROVED",
        "MEDIUM",
        _text("Spring is here: book the check of your {{1}} now.", "boiler"),
    ),
    (
        "old_reminder",
        "en",
        "UTILITY",
        "FIRST_PAUSED",
        "LOW",
        _text("We have not heard from you about {{1}} yet.", "DESK-12"),
    ),
    (
        "win_a_phone",
        "en",
        "MARKETING",
        "REJECTED",
        "UNKNOWN",
        _text("You may win a phone, {{1}}!", "Ana"),
    ),
    (
        "three_offers",
        "en",
        "MARKETING",
        "APPROVED",
        "UNKNOWN",
        _text(
            "Three offers for {{1}}.",
            "Ana",
            carousel={
                "cards": [
                    {
                        "header": {"format": "IMAGE", "example": "https://files.example/1.jpg"},
                        "body": {"text": "The small one"},
                        "buttons": [{"type": "QUICK_REPLY", "text": "This one"}],
                    }
                ]
            },
        )
        | {"type": "UNSUPPORTED"},
    ),
]
