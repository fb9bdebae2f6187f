"""Run the command line with ``python -m expatlod``."""

from expatlod.cli import main

main()
