"""What one text costs as SMS: alphabet, parts, counter, look-alikes and refusals."""

from conversations.sms_text.alphabets import Encoding, NationalTable
from conversations.sms_text.look_alikes import Saving, look_alike_saving, plain
from conversations.sms_text.parts import (
    CHARACTER_LIMIT,
    PARTS_BEFORE_ASKING,
    SmsCounter,
    SmsMeasure,
    counter,
    measure,
    normalise,
    split,
)
from conversations.sms_text.refusals import (
    LONGEST_SENDABLE,
    TextProblem,
    TextProblemCode,
    refusal,
)

__all__ = [
    "CHARACTER_LIMIT",
    "LONGEST_SENDABLE",
    "PARTS_BEFORE_ASKING",
    "Encoding",
    "NationalTable",
    "Saving",
    "SmsCounter",
    "SmsMeasure",
    "TextProblem",
    "TextProblemCode",
    "counter",
    "look_alike_saving",
    "measure",
    "normalise",
    "plain",
    "refusal",
    "split",
]
