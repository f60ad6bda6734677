"""`python -m cueroom.cli` is `cueroom`."""

from cueroom.cli import main

main()
