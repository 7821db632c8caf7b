"""python -m attentif: the command line."""

from attentif.cli import main

if __name__ == "__main__":
    main()
