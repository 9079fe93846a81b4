"""`triptych explain`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from server.cli import input as text_input
from server.cli import runtime
from server.cli.table import Format, Rows

if TYPE_CHECKING:
    from engine.explain import Explanation
    from server.settings import Settings

COLUMNS = ("wave", "loads", "keys", "calls", "fields")
ERRORS = 10  # lines: the others are much the same


def explain(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The document; - is standard input.")],
    variables: Annotated[
        str, typer.Option("--variables", metavar="JSON", help="The variables, as an object.")
    ] = "{}",
    operation: Annotated[
        str | None, typer.Option("--operation", metavar="NAME", help="Which one, where there are several.")
    ] = None,
    for_real: Annotated[
        bool, typer.Option("--run", help="Execute it over the sources, instead of over examples.")
    ] = False,
    format: Annotated[Format, typer.Option("--format", help="How the steps are printed.")] = Format.TABLE,
) -> None:
    """Show how a query is executed, and what it costs, before it is shipped.

    Its waves, the loaders of each with their keys and the upstream calls these
    take, or why no plan executes it. Asks no source, unless --run is given.
    """
    settings = runtime.settings()
    text = _text(file)
    given = _object(variables)
    explained = runtime.run(_explained(settings, text, given, operation, for_real=for_real))
    _summary(settings, explained)
    rows = Rows(format, COLUMNS)
    for step in explained.steps:
        rows.write(step.as_json())
    if explained.steps:
        rows.flush()
    if explained.errors:
        runtime.fail("\n".join(explained.errors[:ERRORS]), code=1)
    if for_real and explained.unplanned is not None:
        raise typer.Exit(1)


async def _explained(
    settings: Settings, text: str, variables: dict[str, Any], operation: str | None, *, for_real: bool
) -> Explanation:
    from engine.explain import Refused, explain
    from schema import schema

    limits, prices = settings.operation_limits(), settings.prices()
    try:
        if not for_real:
            return await explain(schema, text, variables, operation, limits=limits, prices=prices)
        async with runtime.sources(settings) as sources:
            context = runtime.context(settings, sources)
            found = await explain(
                schema, text, variables, operation, limits=limits, prices=prices, context=context
            )
            made = f"upstream calls made: {sources.calls}; errors: {len(found.errors)}"
            typer.echo(made if found.unplanned is None else "not executed", err=True)
            return found
    except Refused as refused:
        runtime.fail("\n".join(refused.reasons), code=1)


def _summary(settings: Settings, explained: Explanation) -> None:
    how = f"waves: {explained.waves}" if explained.unplanned is None else f"no plan ({explained.unplanned})"
    if explained.estimate is None:
        typer.echo(f"{how}; limits are off", err=True)
        return
    limits = settings.operation_limits()
    typer.echo(
        f"{how}; at most {explained.estimate.fields:,} fields of {limits.fields:,} "
        f"and {explained.estimate.calls:,} upstream calls of {limits.calls:,}",
        err=True,
    )


def _text(file: str) -> str:
    try:
        return "".join(text_input.read(file))
    except text_input.Unreadable as error:
        told = "expected UTF-8 text" if str(error) == text_input.NOT_TEXT else error
        runtime.fail(f"cannot read {file}: {told}", code=2)


def _object(text: str) -> dict[str, Any]:
    import jiter

    try:
        found = jiter.from_json(text.encode())
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise typer.BadParameter("expected a JSON object", param_hint="--variables")
    return found
