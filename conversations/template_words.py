"""How templates' languages, states and categories are called, and why one is not offered."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.languages import reading_locale
from conversations.models import MessageTemplate

Status = MessageTemplate.Status

CATEGORIES = {
    "MARKETING": gettext_lazy("Marketing"),
    "UTILITY": gettext_lazy("Utility"),
    "AUTHENTICATION": gettext_lazy("Authentication"),
}
STATES = {
    Status.APPROVED: gettext_lazy("Approved"),
    Status.PENDING: gettext_lazy("Waiting for approval"),
    Status.REJECTED: gettext_lazy("Rejected"),
    Status.IN_APPEAL: gettext_lazy("In appeal"),
    Status.REINSTATED: gettext_lazy("Approved again"),
    Status.FLAGGED: gettext_lazy("Flagged for low quality"),
    Status.FIRST_PAUSED: gettext_lazy("Paused for 3 hours"),
    Status.SECOND_PAUSED: gettext_lazy("Paused for 6 hours"),
    Status.DISABLED: gettext_lazy("Disabled"),
    Status.PENDING_DELETION: gettext_lazy("Being deleted"),
    Status.DELETED: gettext_lazy("Deleted"),
}
NOT_SENDABLE = {
    Status.PENDING: gettext_lazy("WhatsApp has not approved it yet."),
    Status.REJECTED: gettext_lazy("WhatsApp rejected it."),
    Status.IN_APPEAL: gettext_lazy("WhatsApp rejected it, and looks at it again."),
    Status.FIRST_PAUSED: gettext_lazy("WhatsApp paused it because customers complained."),
    Status.SECOND_PAUSED: gettext_lazy("WhatsApp paused it again because customers complained."),
    Status.DISABLED: gettext_lazy("WhatsApp disabled it because customers complained."),
    Status.PENDING_DELETION: gettext_lazy("It is being deleted."),
    Status.DELETED: gettext_lazy("It was deleted."),
}
LANGUAGES = {
    "af": "Afrikaans",
    "sq": "Albanian",
    "ar": "Arabic",
    "ar_AE": "Arabic (United Arab Emirates)",
    "ar_EG": "Arabic (Egypt)",
    "ar_LB": "Arabic (Lebanon)",
    "ar_MA": "Arabic (Morocco)",
    "ar_QA": "Arabic (Qatar)",
    "az": "Azerbaijani",
    "bg": "Bulgarian",
    "bn": "Bengali",
    "bn_IN": "Bengali (India)",
    "ca": "Catalan",
    "zh_CN": "Chinese (China)",
    "zh_HK": "Chinese (Hong Kong)",
    "zh_TW": "Chinese (Taiwan)",
    "hr": "Croatian",
    "cs": "Czech",
    "da": "Danish",
    "nl": "Dutch",
    "nl_BE": "Dutch (Belgium)",
    "en": "English",
    "en_AE": "English (United Arab Emirates)",
    "en_AU": "English (Australia)",
    "en_CA": "English (Canada)",
    "en_GB": "English (United Kingdom)",
    "en_GH": "English (Ghana)",
    "en_IE": "English (Ireland)",
    "en_IN": "English (India)",
    "en_JM": "English (Jamaica)",
    "en_MY": "English (Malaysia)",
    "en_NZ": "English (New Zealand)",
    "en_QA": "English (Qatar)",
    "en_SG": "English (Singapore)",
    "en_UG": "English (Uganda)",
    "en_US": "English (United States)",
    "en_ZA": "English (South Africa)",
    "et": "Estonian",
    "fil": "Filipino",
    "fi": "Finnish",
    "fr": "French",
    "fr_BE": "French (Belgium)",
    "fr_CA": "French (Canada)",
    "fr_CH": "French (Switzerland)",
    "fr_CI": "French (Ivory Coast)",
    "fr_MA": "French (Morocco)",
    "ka": "Georgian",
    "de": "German",
    "de_AT": "German (Austria)",
    "de_CH": "German (Switzerland)",
    "el": "Greek",
    "gu": "Gujarati",
    "ha": "Hausa",
    "he": "Hebrew",
    "hi": "Hindi",
    "hu": "Hungarian",
    "id": "Indonesian",
    "ga": "Irish",
    "it": "Italian",
    "ja": "Japanese",
    "kn": "Kannada",
    "kk": "Kazakh",
    "rw_RW": "Kinyarwanda",
    "ko": "Korean",
    "ky_KG": "Kyrgyz",
    "lo": "Lao",
    "lv": "Latvian",
    "lt": "Lithuanian",
    "mk": "Macedonian",
    "ms": "Malay",
    "ml": "Malayalam",
    "mr": "Marathi",
    "nb": "Norwegian",
    "fa": "Persian",
    "pl": "Polish",
    "pt_BR": "Portuguese (Brazil)",
    "pt_PT": "Portuguese (Portugal)",
    "pa": "Punjabi",
    "ro": "Romanian",
    "ru": "Russian",
    "sr": "Serbian",
    "si_LK": "Sinhala",
    "sk": "Slovak",
    "sl": "Slovenian",
    "es": "Spanish",
    "es_AR": "Spanish (Argentina)",
    "es_CL": "Spanish (Chile)",
    "es_CO": "Spanish (Colombia)",
    "es_CR": "Spanish (Costa Rica)",
    "es_DO": "Spanish (Dominican Republic)",
    "es_EC": "Spanish (Ecuador)",
    "es_ES": "Spanish (Spain)",
    "es_HN": "Spanish (Honduras)",
    "es_MX": "Spanish (Mexico)",
    "es_PA": "Spanish (Panama)",
    "es_PE": "Spanish (Peru)",
    "es_UY": "Spanish (Uruguay)",
    "sw": "Swahili",
    "sv": "Swedish",
    "ta": "Tamil",
    "te": "Telugu",
    "th": "Thai",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "uz": "Uzbek",
    "vi": "Vietnamese",
    "zu": "Zulu",
}


def language_words(code: str) -> str:
    """Return a language as people call it; the code itself for one that is new to us."""
    reader = reading_locale()
    if code not in LANGUAGES or reader.language == "en":
        return LANGUAGES.get(code, code)
    language, _sep, territory = code.partition("_")
    name, place = reader.languages[language], reader.territories.get(territory)
    return f"{name} ({place})" if place else name


def state_words(template: MessageTemplate) -> str:
    known = STATES.get(Status(template.status)) if template.status in Status else None
    return str(known) if known else template.status


def category_words(template: MessageTemplate) -> str:
    return str(CATEGORIES.get(template.category, template.category))


def why_not_sendable(template: MessageTemplate) -> str:
    """Say why agents are not offered a template; "" when they are."""
    if template.gone_at is not None:
        return _("The provider lists it no more.")
    if template.status not in MessageTemplate.SENDABLE:
        if template.status in NOT_SENDABLE:
            return str(NOT_SENDABLE[Status(template.status)])
        return _("OmniChat does not know its state, %(state)s.") % {"state": template.status}
    if template.not_understood:
        return _("OmniChat cannot fill in %(part)s.") % {"part": template.not_understood}
    if not template.sender.enabled:
        return _("Its sender is switched off.")
    return ""
