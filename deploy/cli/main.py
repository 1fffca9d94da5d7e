"""The command's entry: puts the groups together and says in one sentence what went wrong."""

from collections.abc import Sequence

import typer
from rich.text import Text

from deploy.cli import dead, generators, jobs, making, operating, topology
from deploy.cli.surroundings import Surroundings
from shared.errors import DarkroomError

app = typer.Typer(
    name="darkroom",
    help="Turns requests for media into media, reliably.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
making.register(app)
jobs.register(app)
generators.register(app)
operating.register(app)
app.add_typer(topology.app, name="topology", rich_help_panel="Looking inside")
app.add_typer(dead.app, name="dead", rich_help_panel="Looking inside")


def main(arguments: Sequence[str] | None = None, surroundings: Surroundings | None = None) -> None:
    """Run one command and leave: 0, 1 (it failed) or 2 (it was asked wrongly)."""
    here = surroundings or Surroundings()
    try:
        app(args=arguments, obj=here, prog_name="darkroom")
    except DarkroomError as error:
        here.err.print(Text.assemble(("error: ", "bold red"), error.detail), soft_wrap=True)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
