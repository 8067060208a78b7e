"""`python -m sandbox`: the local run."""

import sys

from sandbox.run import run

if __name__ == "__main__":
    sys.exit(run())
