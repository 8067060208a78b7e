#!/usr/bin/env python
"""Django's command line."""

import os
import sys

from omnichat.command_line import run

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omnichat.settings")
    # A migration may take longer than a transaction of the product ever does.
    os.environ.setdefault("TRANSACTION_SECONDS", "0")
    run(sys.argv)
