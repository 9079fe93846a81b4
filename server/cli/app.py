"""The commands and the options of `triptych` itself.

Importing them imports no library but typer: `--help`, `--version` and completion need no server.
"""

from __future__ import annotations

from typing import Annotated

import typer

from server.cli import changes, check, create, download, explain, media, sandbox, schema, serve, tasks, watch

app = typer.Typer(
    name="triptych",
    help="One GraphQL graph over three image generators: PixAI, Meshy and Midjourney.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # help is plain text: [TRIPTYCH_PORT] is no markup
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)
app.command("serve")(serve.serve)
app.command("sandbox")(sandbox.sandbox)
app.command("media")(media.media)
app.command("tasks")(tasks.tasks)
app.command("watch")(watch.watch)
app.command("download")(download.download)
app.add_typer(create.app, name="create")
app.command("rerun")(changes.rerun)
app.command("act")(changes.act)
app.command("cancel")(changes.cancel)
app.command("delete")(changes.delete)
app.command("check")(check.check)
app.add_typer(schema.app, name="schema")
app.command("explain")(explain.explain)


def _print_version(is_asked: bool) -> None:
    if is_asked:
        from importlib.metadata import version

        typer.echo(f"triptych {version('triptych')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Options of `triptych` itself."""
