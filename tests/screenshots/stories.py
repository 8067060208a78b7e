"""What customers and agents say to each other in the pictures of the console."""

import base64
from dataclasses import dataclass

from tests.local_run import ROOT

CUSTOMER = ""
PHOTO = ROOT / "sandbox" / "phones" / "static" / "samples" / "photo.jpg"
PHOTOGRAPHED = {
    "type": "image",
    "file": {
        "name": "photo.jpg",
        "content_type": "image/jpeg",
        "base64": base64.b64encode(PHOTO.read_bytes()).decode(),
    },
}
WITH_PHOTO = "The third one stays red."


@dataclass(frozen=True)
class Story:
    """Who writes what, in turns: a customer, or an agent by the name in the sandbox's Jira."""

    channel: str
    turns: tuple[tuple[str, str], ...]
    resolved: bool = True


NAMES = (
    "Marko Horvat",
    "Ivana Marić",
    "Luka Novak",
    "Petra Jurić",
    "Anna Schmidt",
    "Tomislav Knežević",
    "Sara Babić",
    "Josip Perić",
    "Emily Carter",
    "Nikola Vuković",
    "Lea Pavlović",
    "Felix Wagner",
    "Maja Božić",
    "Daniel Price",
    "Karla Matić",
    "Stjepan Blažević",
)
ROUTER = Story(
    "whatsapp",
    (
        (CUSTOMER, "Hi, my router has been restarting every hour since the weekend. Order 4471."),
        ("ivan", "Good morning. Could you tell me which of the lights on the front are red?"),
        (CUSTOMER, WITH_PHOTO),
        ("ivan", "Thank you. Then it is the power supply: a new one arrives tomorrow before noon."),
        (CUSTOMER, "Great, I am at home until noon 👍"),
    ),
)
STORIES = (
    ROUTER,
    Story(
        "sms",
        (
            (CUSTOMER, "Where is my parcel? It should have come yesterday."),
            ("mia", "It is with the courier and comes today between 14:00 and 16:00."),
            (CUSTOMER, "Thanks!"),
        ),
    ),
    Story(
        "whatsapp",
        (
            (CUSTOMER, "Dobar dan, može li se račun za listopad poslati na drugu adresu?"),
            ("mia", "Dobar dan! Naravno. Na koju adresu da ga pošaljemo?"),
            (CUSTOMER, "Ilica 10, Zagreb. Hvala!"),
            ("mia", "Hvala Vam, račun stiže poštom do petka."),
        ),
    ),
    Story(
        "sms",
        (
            (CUSTOMER, "The invoice of October says 49 EUR, but my tariff is 39."),
            ("ana", "You are right, I am sorry. 10 EUR are taken off the next invoice."),
        ),
    ),
    Story(
        "whatsapp",
        (
            (CUSTOMER, "Guten Tag, die Fernbedienung reagiert nicht mehr."),
            ("jonas", "Guten Tag! Haben Sie schon neue Batterien eingesetzt?"),
            (CUSTOMER, "Ja, gestern. Es bleibt dabei."),
            ("jonas", "Dann schicken wir Ihnen heute eine neue Fernbedienung."),
        ),
    ),
    Story(
        "sms",
        (
            (CUSTOMER, "Technician did not come this morning?"),
            ("ivan", "He was held up, I am sorry. May he come today at 15:00?"),
            (CUSTOMER, "15:00 is fine"),
            ("ivan", "Thank you, he will ring you ten minutes before."),
        ),
    ),
    Story(
        "whatsapp",
        (
            (CUSTOMER, "Can I move my contract to my new flat?"),
            ("ana", "Yes. Which address is it, and from which day?"),
            (CUSTOMER, "Vukovarska 21, Split, from 1 December"),
        ),
        resolved=False,
    ),
    Story(
        "whatsapp",
        ((CUSTOMER, "Is there a problem with television in Rijeka?"),),
        resolved=False,
    ),
    Story(
        "sms",
        (
            (CUSTOMER, "How do I change the PIN of my SIM card?"),
            ("mia", "In the phone's settings, under Security. Shall I send you the steps?"),
        ),
    ),
)
