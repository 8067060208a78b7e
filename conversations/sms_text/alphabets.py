"""The alphabets an SMS can be sent in, from 3GPP TS 23.038, and what fits in a part of each."""

from dataclasses import dataclass
from enum import Enum, StrEnum

OCTETS_OF_A_PART = 140
CONCATENATION_OCTETS = 5
NATIONAL_TABLE_OCTETS = 3
END_OF_BASIC_PLANE = "\uffff"


class Encoding(StrEnum):
    GSM7 = "GSM7"
    GSM7_TR = "GSM7_TR"
    GSM7_ES = "GSM7_ES"
    GSM7_PT = "GSM7_PT"
    GSM7_TR_LOCKING = "GSM7_TR_LOCKING"
    GSM7_PT_LOCKING = "GSM7_PT_LOCKING"
    GSM7_TR_BOTH = "GSM7_TR_BOTH"
    GSM7_PT_BOTH = "GSM7_PT_BOTH"
    UCS2 = "UCS2"


class NationalTable(Enum):
    """The tables that may be tried when a text does not fit the default alphabet.

    The plain names are the single shift tables: a national character costs two. The locking tables
    exchange rarer characters for national ones that cost one. BOTH is locking and single shift.
    """

    NONE = None
    TURKISH = Encoding.GSM7_TR
    SPANISH = Encoding.GSM7_ES
    PORTUGUESE = Encoding.GSM7_PT
    TURKISH_LOCKING = Encoding.GSM7_TR_LOCKING
    PORTUGUESE_LOCKING = Encoding.GSM7_PT_LOCKING
    TURKISH_BOTH = Encoding.GSM7_TR_BOTH
    PORTUGUESE_BOTH = Encoding.GSM7_PT_BOTH


@dataclass(frozen=True)
class Alphabet:
    """One way to write a text: its characters and the room in a part, both in units.

    A unit is a septet, or in UCS-2 a UTF-16 code unit. UCS-2 has no tables: it takes everything.
    """

    encoding: Encoding
    alone: int
    one_of_several: int
    base: frozenset[str] = frozenset()
    extension: frozenset[str] = frozenset()

    def takes(self, character: str) -> bool:
        return (
            self.encoding is Encoding.UCS2 or character in self.base or character in self.extension
        )

    def cost(self, character: str) -> int:
        """Return the units of a character that this alphabet takes."""
        if self.encoding is Encoding.UCS2:
            return 2 if character > END_OF_BASIC_PLANE else 1
        return 1 if character in self.base else 2


# The tables are written in the order of their codes, without ESC (0x1B), which is no character.
DEFAULT = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = "\f^{}\\[~]|€"
TURKISH_SINGLE_SHIFT = EXTENSION + "ĞİŞçğış"
SPANISH_SINGLE_SHIFT = EXTENSION + "çÁÍÓÚáíóú"
PORTUGUESE_SINGLE_SHIFT = EXTENSION + "êçÔôÁáΦΓΩΠΨΣΘÊÀÍÓÚÃÕÂíóúãõâ"
TURKISH_LOCKING_SHIFT = DEFAULT.translate(str.maketrans("èìØøÆæ¡¿", "€ıĞğŞşİç"))
PORTUGUESE_LOCKING_SHIFT = (
    "@£$¥êéúíóç\nÔô\rÁáΔ_ªÇÀ∞^\\€Ó|ÂâÊÉ"
    " !\"#º%&'()*+,-./0123456789:;<=>?"
    "ÍABCDEFGHIJKLMNOPQRSTUVWXYZÃÕÚÜ§~abcdefghijklmnopqrstuvwxyzãõ`üà"
)


def _gsm7(encoding: Encoding, base: str, extension: str, *, tables: int) -> Alphabet:
    header = NATIONAL_TABLE_OCTETS * tables
    return Alphabet(
        encoding,
        alone=_septets_beside(header),
        one_of_several=_septets_beside(header + CONCATENATION_OCTETS),
        base=frozenset(base),
        extension=frozenset(extension) - frozenset(base),
    )


def _septets_beside(header: int) -> int:
    length_octet = 1 if header else 0
    return (OCTETS_OF_A_PART - header - length_octet) * 8 // 7


GSM7 = _gsm7(Encoding.GSM7, DEFAULT, EXTENSION, tables=0)
UCS2 = Alphabet(
    Encoding.UCS2,
    alone=OCTETS_OF_A_PART // 2,
    one_of_several=(OCTETS_OF_A_PART - 1 - CONCATENATION_OCTETS) // 2,
)
NATIONAL = {
    alphabet.encoding: alphabet
    for alphabet in (
        _gsm7(Encoding.GSM7_TR, DEFAULT, TURKISH_SINGLE_SHIFT, tables=1),
        _gsm7(Encoding.GSM7_ES, DEFAULT, SPANISH_SINGLE_SHIFT, tables=1),
        _gsm7(Encoding.GSM7_PT, DEFAULT, PORTUGUESE_SINGLE_SHIFT, tables=1),
        _gsm7(Encoding.GSM7_TR_LOCKING, TURKISH_LOCKING_SHIFT, EXTENSION, tables=1),
        _gsm7(Encoding.GSM7_PT_LOCKING, PORTUGUESE_LOCKING_SHIFT, EXTENSION, tables=1),
        _gsm7(Encoding.GSM7_TR_BOTH, TURKISH_LOCKING_SHIFT, TURKISH_SINGLE_SHIFT, tables=2),
        _gsm7(Encoding.GSM7_PT_BOTH, PORTUGUESE_LOCKING_SHIFT, PORTUGUESE_SINGLE_SHIFT, tables=2),
    )
}


def choose(text: str, national: NationalTable) -> Alphabet:
    """Return the first that takes the whole text: default alphabet, table asked for, UCS-2."""
    candidates = [GSM7] if national.value is None else [GSM7, NATIONAL[national.value]]
    for alphabet in candidates:
        if all(map(alphabet.takes, text)):
            return alphabet
    return UCS2


def strangers(text: str, national: NationalTable) -> tuple[str, ...]:
    """Return the distinct characters of a text that no table allowed for it takes, in order."""
    alphabet = GSM7 if national.value is None else NATIONAL[national.value]
    return tuple(dict.fromkeys(c for c in text if not alphabet.takes(c)))
