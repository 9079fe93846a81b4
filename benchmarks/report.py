"""The tables, in Markdown: what the terminal shows and what README.md holds between its marks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from benchmarks.results import Measured, Results
from benchmarks.systems import OURS, OURS_WIDE
from benchmarks.work import HUGE

README = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- figures: made by `make bench-peers` -->", "<!-- end of figures -->"


def tables(results: Results) -> str:
    """Everything that was measured."""
    parts = [_machine(results)]
    for latency in dict.fromkeys(latency for _, latency in results.rows()):
        parts += [f"### Upstream at {latency * 1000:.0f} ms", _table(results, latency)]
    parts += ["### Ratios of requests a second", _ratios(results, lambda one: one.rate)]
    parts += ["### Ratios of CPU a request", _ratios(results, lambda one: 1 / one.cpu)]
    parts += ["### Memory at the end", _memory(results)]
    if results.failed:
        lines = [f"- {where}: {reason}" for where, reason in results.failed.items()]
        parts += ["### Failed", "\n".join(lines)]
    if results.skipped:
        lines = [f"- {system}: {reason}" for system, reason in results.skipped.items()]
        parts += ["### Not measured", "\n".join(lines)]
    return "\n\n".join(part for part in parts if part)


def write(results: Results, readme: Path = README) -> None:
    """Put the tables into the README, in place of those that are there."""
    before, _, rest = readme.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    readme.write_text(f"{before}{BEGIN}\n\n{tables(results)}\n\n{END}{after}")


def _machine(results: Results) -> str:
    told = ", ".join(f"{name} {value}" for name, value in results.machine.items())
    ceilings = ", ".join(f"{rate:,.0f} a second for {work}" for work, rate in results.ceilings.items())
    lines = [f"Machine: {told}."]
    if ceilings:
        lines.append(f"The stub's own ceiling, wrk beside it on the same core: {ceilings}.")
    huge = results.find(OURS.name, HUGE.name, 0)
    if huge is not None and results.json_alone is not None:
        lines.append(
            f"10,000 ids in one request: {huge.cpu * 1000:,.0f} ms of CPU, "
            f"{huge.cpu / results.json_alone:.1f} times the {results.json_alone * 1000:,.0f} ms that "
            "their JSON takes alone."
        )
    if crowded := sum(one.is_crowded for one in results.measured):
        lines.append(
            f"**Provisional: in {crowded} of {len(results.measured)} cells other programs were on the "
            "server's core.** CPU a request holds all the same."
        )
    if not results.wrk:
        lines.append(
            "wrk is not installed: the load came from a generator in Python, which is the limit where marked."
        )
    return "\n".join(lines)


def _table(results: Results, latency: float) -> str:
    lines = [
        "| work | system | requests/s | min – max | CPU µs | p50 ms | p99 ms | upstream calls |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    for work, at in results.rows():
        if at != latency:
            continue
        for system in results.systems():
            if (one := results.find(system, work, latency)) is not None:
                lines.append(_line(one))
    return "\n".join(lines)


def _line(one: Measured) -> str:
    calls = "" if one.calls is None else f"{sum(one.calls.values()):g}"
    p50, p99 = (sorted(values)[len(values) // 2] * 1000 for values in (one.p50, one.p99))
    mark = "≥ " if one.is_lower_bound else ""
    rates = f"{mark}{short(one.rate)} | {short(min(one.rates))} – {short(max(one.rates))}"
    return f"| {one.work} | {one.system} | {rates} | {one.cpu * 1e6:,.0f} | {p50:.1f} | {p99:.1f} | {calls} |"


def short(rate: float) -> str:
    """A rate with as many digits as it can mean."""
    return f"{rate:,.0f}" if rate >= 100 else f"{rate:.1f}"


def _ratios(results: Results, figure: Callable[[Measured], float]) -> str:
    works = [work for work, latency in results.rows() if latency == 0]
    works = [work for work in works if results.find(OURS.name, work, 0) is not None]
    peers = [name for name in results.systems() if name not in {OURS.name, OURS_WIDE.name}]
    if not works or not peers:
        return ""
    lines = ["| ours over | " + " | ".join(works) + " |", "|---|" + "---:|" * len(works)]
    for peer in peers:
        cells = [
            _ratio(results.find(OURS.name, work, 0), results.find(peer, work, 0), figure) for work in works
        ]
        lines.append(f"| {peer} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _ratio(ours: Measured | None, other: Measured | None, figure: Callable[[Measured], float]) -> str:
    return "" if ours is None or other is None else f"{figure(ours) / figure(other):.2g}"


def _memory(results: Results) -> str:
    lines = ["| system | MiB |", "|---|---:|"]
    lines += [f"| {system} | {size / 2**20:,.0f} |" for system, size in results.memory.items()]
    return "\n".join(lines)
