"""The marks between which a source notebook's solution stands: those that nbgrader looks for."""

from __future__ import annotations

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
