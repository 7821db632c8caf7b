"""What staff install: the build of the assignment, its verification, and grading."""

from __future__ import annotations

import sys

# No file that students get may contain this; see leaks.py.
CANARY = "attentif-staff-side-6f1d0c52"

# jsonschema, which nbformat imports, takes over a second to build a grammar of identifiers that no notebook holds; it
# does without where the package is missing.
sys.modules.setdefault("rfc3987_syntax", None)
