"""`make bench` and `make bench-peers`: measure, print the tables; with `--write`, put them into README.md."""

from __future__ import annotations

import argparse

from benchmarks import load, plot, report, systems, work
from benchmarks.measuring import Measuring, Plan
from benchmarks.results import Results
from benchmarks.work import Work

# what `make bench` leaves out, to end within three minutes
LONG = (work.HUGE.name, work.ALONE.name, "mediaById of 100", "20 aliases, again")
LATE = (work.MEDIA.name, work.PAGE.name)  # what `make bench` measures at 20 ms, too


def main() -> None:
    """Read the words, measure."""
    words = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    words.add_argument("--peers", action="store_true", help="beside what a user would pick instead, too")
    words.add_argument("--rounds", type=int, help="of each system and row, in turns [3, with --peers 5]")
    words.add_argument("--seconds", type=int, help="a round [1, with --peers 3]")
    words.add_argument(
        "--only", action="append", metavar="ROW", help="rows whose name holds this; repeatable"
    )
    words.add_argument(
        "--latency", type=int, action="append", metavar="MS", help="of the upstream [0 and 20]"
    )
    words.add_argument("--write", action="store_true", help="results.json, README.md and plot.svg anew")
    words.add_argument("--again", action="store_true", help="do not measure: take results.json")
    given = words.parse_args()
    if given.again:
        results = Results.load()
    else:
        if not load.has_wrk():
            print(f"{load.INSTALL}: a generator in Python asks instead, and is the limit of the fast rows")
        results = Measuring(_plan(given)).run(_systems(given), _rows(given))
    print(report.tables(results))
    if given.write:
        results.save()
        results = Results.load()  # rounded, as whoever draws it again finds it
        report.write(results)
        plot.FILE.write_text(plot.draw(results))
    if results.failed:
        raise SystemExit(f"{len(results.failed)} rows failed: see above")


def _plan(given: argparse.Namespace) -> Plan:
    return Plan(
        rounds=given.rounds or (5 if given.peers else 2),
        seconds=given.seconds or (3 if given.peers else 1),
        latencies=tuple(ms / 1000 for ms in given.latency or (0, 20)),
        late=None if given.peers or given.only else LATE,
        wrk=load.has_wrk(),
    )


def _systems(given: argparse.Namespace) -> list[systems.System]:
    return [*systems.USUAL, *(systems.PEERS if given.peers else ())]


def _rows(given: argparse.Namespace) -> list[Work]:
    rows = [*work.EVERYTHING, work.HUGE]
    if not given.peers and not given.only:
        rows = [row for row in rows if row.name not in LONG]
    return [row for row in rows if not given.only or any(part in row.name for part in given.only)]


if __name__ == "__main__":
    main()
