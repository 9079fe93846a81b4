"""The `triptych` command."""

from __future__ import annotations

import typer

from server.cli import media, sandbox, schema, serve

app = typer.Typer(
    name="triptych",
    help="One GraphQL graph over three image generators: PixAI, Meshy and Midjourney.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("serve")(serve.serve)
app.command("sandbox")(sandbox.sandbox)
app.command("media")(media.media)
app.command("schema")(schema.schema)


def main() -> None:
    """The console script."""
    app()
