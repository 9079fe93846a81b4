"""A picture of the rates: one row of bars a work, on a logarithmic scale, written as SVG by hand."""

from __future__ import annotations

import math
from pathlib import Path
from xml.sax.saxutils import escape

from benchmarks.report import short
from benchmarks.results import Measured, Results
from benchmarks.systems import PEERS, USUAL

FILE = Path(__file__).with_name("plot.svg")
COLOURS = dict(
    zip(
        (system.name for system in (*USUAL, *PEERS)),
        (
            *("#0b5fa5", "#5b9bd0", "#7a8794", "#d98c00", "#c4c4c4"),
            *("#8b3f8f", "#a3311f", "#d3705c", "#2f6b3f", "#7db388"),
        ),
        strict=True,
    )
)
_LEFT, _WIDTH, _BAR, _GAP, _TOP = 170, 560, 12, 14, 44


def draw(results: Results) -> str:
    """The SVG, of the rows at no latency."""
    systems = results.systems()
    rows = [work for work, latency in results.rows() if latency == 0]
    cells = {work: [one for name in systems if (one := results.find(name, work, 0))] for work in rows}
    rates = [one.rate for found in cells.values() for one in found]
    if not rates:
        return ""
    low = 10 ** math.floor(math.log10(min(rates)))
    high = max(low * 10, 10 ** math.ceil(math.log10(max(rates))))
    legend = _TOP + sum(len(found) * _BAR + _GAP for found in cells.values()) + 24
    height = legend + 18 * math.ceil(len(systems) / 2) + 12
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT + _WIDTH + 90} {height}" '
        'font-family="sans-serif" font-size="11" fill="#222">',
        '<rect width="100%" height="100%" fill="#fff"/>',
        f'<text x="{_LEFT}" y="16" font-size="13">requests a second on one core, upstream at 0 ms '
        "(logarithmic; the line is min to max)</text>",
        *_axis(low, high, legend - 24),
    ]
    top = _TOP
    for work, found in cells.items():
        middle = top + len(found) * _BAR / 2 + 4
        parts.append(f'<text x="{_LEFT - 8}" y="{middle:.0f}" text-anchor="end">{escape(work)}</text>')
        for one in found:
            parts += _bar(one, top, _colour(one.system), low, high)
            top += _BAR
        top += _GAP
    for index, name in enumerate(systems):
        x, y = _LEFT + (index % 2) * 300, legend + 18 * (index // 2)
        parts.append(f'<rect x="{x}" y="{y}" width="10" height="10" fill="{_colour(name)}"/>')
        parts.append(f'<text x="{x + 16}" y="{y + 9}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _colour(system: str) -> str:
    return COLOURS.get(system, "#444")


def _x(rate: float, low: float, high: float) -> float:
    return _LEFT + _WIDTH * math.log10(rate / low) / math.log10(high / low)


def _axis(low: float, high: float, bottom: float) -> list[str]:
    parts = []
    tick = low
    while tick <= high * 1.001:
        x = _x(tick, low, high)
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP - 6}" y2="{bottom}" stroke="#e4e4e4"/>')
        parts.append(f'<text x="{x:.1f}" y="{_TOP - 10}" text-anchor="middle">{tick:,g}</text>')
        tick *= 10
    return parts


def _bar(one: Measured, top: float, colour: str, low: float, high: float) -> list[str]:
    end = _x(one.rate, low, high)
    least, most = _x(max(low, min(one.rates)), low, high), _x(max(one.rates), low, high)
    label = f"{'≥ ' if one.is_lower_bound else ''}{short(one.rate)}"
    middle = top + _BAR / 2 - 1
    return [
        f'<rect x="{_LEFT}" y="{top}" width="{end - _LEFT:.1f}" height="{_BAR - 2}" fill="{colour}"/>',
        f'<line x1="{least:.1f}" x2="{most:.1f}" y1="{middle}" y2="{middle}" stroke="#000"/>',
        f'<text x="{max(end, most) + 5:.1f}" y="{top + 9}" font-size="9">{label}</text>',
    ]
