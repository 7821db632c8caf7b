"""What staff install: the build of the assignment, its verification, and grading."""

from __future__ import annotations

# No file that students get may contain this; see leaks.py.
CANARY = "attentif-staff-side-6f1d0c52"
