"""The `triptych` command."""

from __future__ import annotations

import sys
from io import TextIOWrapper

import typer

from server.cli import media, output, sandbox, schema, serve, tasks

app = typer.Typer(
    name="triptych",
    help="One GraphQL graph over three image generators: PixAI, Meshy and Midjourney.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,  # help is plain text: [TRIPTYCH_PORT] is no markup
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)
app.command("serve")(serve.serve)
app.command("sandbox")(sandbox.sandbox)
app.command("media")(media.media)
app.command("tasks")(tasks.tasks)
app.command("schema")(schema.schema)


def main() -> None:
    """The console script. What it prints is UTF-8 with plain line ends, wherever it runs."""
    output.replace()
    if isinstance(sys.stderr, TextIOWrapper):
        sys.stderr.reconfigure(encoding="utf-8", errors="replace")
    try:
        _run()
    except output.Unwritable as error:
        output.drop()
        if not error.is_broken_pipe:  # a reader that leaves (`| head -1`) has what it wanted
            typer.echo(f"triptych: standard output cannot be written: {error}", err=True)
        sys.exit(1)


def _run() -> None:
    try:
        app()
    except SystemExit:
        sys.stdout.flush()
        raise
