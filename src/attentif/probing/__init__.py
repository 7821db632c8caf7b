"""A whole examination of a masked model, in one command: what it knows, what it prefers, where it fails."""

from attentif.probing.page import write_report
from attentif.probing.reading import Measure, Outcome, Reading, Subject
from attentif.probing.suite import SUITES, examine, measures_of

__all__ = ["SUITES", "Measure", "Outcome", "Reading", "Subject", "examine", "measures_of", "write_report"]
