"""The command's entry: puts the groups together and says in one sentence what went wrong."""

from collections.abc import Sequence

import typer

from deploy.cli import (
    budgets,
    dead,
    deleting,
    generators,
    jobs,
    keys,
    limits,
    making,
    operating,
    pausing,
    reconciling,
    retrying,
    topology,
    uploading,
    watching,
    webhooks,
)
from deploy.cli.advice import tell
from deploy.cli.surroundings import Surroundings
from shared.client import API_KEY
from shared.errors import DarkroomError

app = typer.Typer(
    name="darkroom",
    help="Turns requests for media into media, reliably.",
    epilog="Exit codes: 0 done, 1 failed, 2 asked wrongly, 3 not now: try again later.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
making.register(app)
uploading.register(app)
jobs.register(app)
watching.register(app)
retrying.register(app)
deleting.register(app)
generators.register(app)
pausing.register(app)
reconciling.register(app)
app.add_typer(budgets.app, name="budget", rich_help_panel="Operating")
app.add_typer(dead.app, name="dead", rich_help_panel="Operating")
app.add_typer(webhooks.app, name="webhooks", rich_help_panel="Operating")
app.add_typer(keys.app, name="keys", rich_help_panel="Operating")
app.add_typer(limits.app, name="limits", rich_help_panel="Operating")
app.add_typer(topology.app, name="topology", rich_help_panel="Operating")
operating.register(app)


def main(arguments: Sequence[str] | None = None, surroundings: Surroundings | None = None) -> None:
    """Run one command and leave: 0, 1 (it failed), 2 (it was asked wrongly) or 3 (not now)."""
    here = surroundings or Surroundings()
    try:
        app(args=arguments, obj=here, prog_name="darkroom")
    except DarkroomError as error:
        own_key = bool(here.environment.get(API_KEY))
        raise SystemExit(tell(here.err, error, own_key=own_key)) from None


if __name__ == "__main__":
    main()
