"""`python -m schema`: print the schema."""

import sys

from schema import sdl

sys.stdout.write(sdl())
