"""Compares the golden vectors with this implementation; needs nothing but Python."""

from __future__ import annotations

import sys

from .vectors import OF_FILE, check

differing = check()
for name in differing:
    print(f"tests/vectors/{name}.json is not what this implementation gives", file=sys.stderr)
if differing:
    sys.exit(1)
print(f"as they should be: {', '.join(OF_FILE)}")
