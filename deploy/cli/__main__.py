"""`python -m deploy.cli`: the same as `darkroom`."""

from deploy.cli.main import main

main()
