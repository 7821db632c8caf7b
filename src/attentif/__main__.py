"""python -m attentif: the command line."""

from attentif.cli import main

main()
