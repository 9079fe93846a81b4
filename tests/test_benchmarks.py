"""The measurements run; what they show is for `make bench` to say. Here stand exact counts, never times."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import orjson
import pytest

from benchmarks import dialects, json_alone, load, plot, report, systems, work
from benchmarks.__main__ import LATE, LONG
from benchmarks.measuring import Measuring, Plan
from benchmarks.peers import Unavailable
from benchmarks.results import Measured, Results
from benchmarks.stub.documents import Documents, UnknownDocument
from benchmarks.stub.upstreams import Upstreams
from benchmarks.systems import FLOOR, OURS, OURS_BARE, OURS_WIDE, PEERS, PLAIN, USUAL
from benchmarks.work import HUGE, Work

# a request's upstream calls; documents hold 25 ids at most
CALLS = {
    "media": {"media": 1},
    "mediaById of 20": {"media": 1},
    "mediaById of 100": {"media": 4},
    "mediaById of 1,000": {"media": 40},
    "20 aliases": {"media": 1},
    "20 literal aliases": {"media": 1},
    "page of 20": {"list": 1, "media": 1},
    "page of 20, one at a time": {"list": 1, "media": 1},
    "page of 100": {"list": 1, "media": 4},
    "page of 20, three sources": {"list": 1, "media": 1, "openapi list": 1, "api list": 1},
    "mediaById of 10,000": {"media": 400},
}
# what the caches leave to ask
AGAIN = {"media, again": {}, "20 aliases, again": {}, "page of 20, again": {"list": 1}}
TINY = Plan(
    rounds=1, seconds=0.01, requests=1, latencies=(0.0, 0.001), late=LATE, counted=1, turns=0, wrk=False
)


def test_everything_is_measured_and_ours_makes_the_fewest_calls() -> None:
    """One list call a source and one document per 25 media; from the caches nothing, or the list alone.

    The plain server makes the same calls, its ids gathered as ours are, and keeps nothing.
    """
    results = Measuring(TINY).run(USUAL, [*work.EVERYTHING, HUGE])

    assert (results.skipped, results.failed) == ({}, {})
    assert set(results.memory) == {system.name for system in USUAL}
    assert all(len(one.rates) == 1 and one.rates[0] > 0 for one in results.measured)
    ours = [one for one in results.measured if one.system in {OURS.name, OURS_WIDE.name}]
    assert {one.work: one.calls for one in ours} == CALLS | AGAIN
    assert {one.work for one in ours if one.latency} == set(LATE)
    bare = {one.work: one.calls for one in results.measured if one.system == OURS_BARE.name}
    assert bare == AGAIN | {name: CALLS[name] for name in (work.PAGE.name, work.LONG_PAGE.name)}
    plain = {one.work: one.calls for one in results.measured if one.system == PLAIN.name}
    fresh = {name: calls for name, calls in CALLS.items() if name not in {work.SOURCES.name, HUGE.name}}
    assert plain == fresh | {name: CALLS[name.removesuffix(", again")] for name in AGAIN}
    floor = {one.work: one.calls for one in results.measured if one.system == FLOOR.name}
    assert floor == dict.fromkeys(work.FLOORED)


def cell(system: str, row: str, *, busy: float = 1.0, wanted: float = 1.0) -> Measured:
    """One round of something."""
    one = Measured(system, row, 0.0, 16, {"media": 1.0}, 0.001)
    one.add(load.Round(requests=10, seconds=1.0, p50=0.1, p99=0.2, size=1.0, failed=0), busy, wanted)
    return one


@pytest.fixture
def results() -> Results:
    """Two systems at two rows, one of them not able to do the second."""
    cells = [
        cell(OURS.name, "media"),
        cell("other", "media", busy=0.5, wanted=0.5),
        cell(OURS.name, HUGE.name),
    ]
    return Results(skipped={"third": "no such thing here"}, wrk=True, measured=cells, json_alone=0.0005)


def test_the_tables_and_the_plot_show_every_system_and_row(results: Results, tmp_path: Path) -> None:
    """They are drawn again, from what was saved, as from what was measured."""
    results.save(tmp_path / "results.json")
    saved = Results.load(tmp_path / "results.json")

    tables, picture = report.tables(saved), plot.draw(saved)

    assert tables == report.tables(results)
    assert picture == plot.draw(results)
    rows = [line for line in tables.splitlines() if line.endswith(" 1 |")]
    assert rows == [
        f"| media | {OURS.name} | 10.0 | 10.0 – 10.0 | 1,000 | 100.0 | 200.0 | 1 |",
        "| media | other | ≥ 10.0 | 10.0 – 10.0 | 1,000 | 100.0 | 200.0 | 1 |",
        f"| {HUGE.name} | {OURS.name} | 10.0 | 10.0 – 10.0 | 1,000 | 100.0 | 200.0 | 1 |",
    ]
    assert "- third: no such thing here" in tables
    assert "2.0 times" in tables
    shown = [text.text for text in ElementTree.fromstring(picture).iter("{http://www.w3.org/2000/svg}text")]
    assert [text for text in shown if text in {OURS.name, "other", "media", HUGE.name}] == [
        "media",
        HUGE.name,
        OURS.name,
        "other",
    ]


def test_the_figures_replace_those_that_the_readme_has(results: Results, tmp_path: Path) -> None:
    """Twice is as once; what stands around them stays."""
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n")

    report.write(results, readme)
    once = readme.read_text()
    report.write(results, readme)

    assert (
        readme.read_text()
        == once
        == f"before\n{report.BEGIN}\n\n{report.tables(results)}\n\n{report.END}\nafter\n"
    )


def test_the_readme_shows_what_was_saved() -> None:
    """To repair: python -m benchmarks --again --write."""
    readme, saved = report.README.read_text(), Results.load()

    figures = readme.partition(report.BEGIN)[2].partition(report.END)[0].strip()
    assert figures == report.tables(saved), test_the_readme_shows_what_was_saved.__doc__
    assert plot.FILE.read_text() == plot.draw(saved), test_the_readme_shows_what_was_saved.__doc__
    assert set(LONG) <= {row.name for row in (*work.EVERYTHING, HUGE)}
    assert all(f"`{row.name}`" in readme for row in (*work.EVERYTHING, HUGE)), "each row is described"
    assert all(system.name in readme for system in (*USUAL, *PEERS)), "each system is described"


@pytest.mark.parametrize(
    ("dialect", "row"),
    [
        (dialect, row)
        for dialect in (dialects.TRIPTYCH, dialects.PIXAI, dialects.TAILCALL)
        for row in work.EVERYTHING
        if dialect.body(row) is not None
    ],
)
def test_a_body_has_a_place_for_each_id(dialect: dialects.Dialect, row: Work) -> None:
    """Filled, it is JSON; filled twice, it is another one of the same length."""
    body = dialect.body(row)
    assert body is not None
    first, second = (work.filled(body, work.ids(start)) for start in (1, 1_000_000))

    assert body.count(work.MARK) == row.ids
    assert orjson.loads(first).keys() >= {"query"}
    assert len(first) == len(second)
    assert (first == second) == (row.ids == 0)


def test_ids_that_are_literals_are_answered_as_those_in_variables() -> None:
    """The stub compiles the text once, whatever ids it holds."""
    documents = Documents()
    literal = '{ a: media(id: "11") { id } b: media(id: "12") { id urls { variant } } }'
    by_name = (
        "query($x: String!, $y: String!) { a: media(id: $x) { id } b: media(id: $y) { id urls { variant } } }"
    )

    answers = [documents.answer(literal, {}), documents.answer(by_name, {"x": "11", "y": "12"})]

    variants = [{"variant": variant} for variant in ("PUBLIC", "THUMBNAIL", "STILL_THUMBNAIL")]
    expected = {"data": {"a": {"id": "11"}, "b": {"id": "12", "urls": variants}}}
    assert [(kind, orjson.loads(text)) for kind, text in answers] == [("media", expected)] * 2


@pytest.mark.parametrize(
    "text", ["{ artwork(id: 1) { id } }", "{ media(id: ", "{ media(id: $x) { secret } }"]
)
def test_the_stub_refuses_what_it_does_not_have(text: str) -> None:
    """A system that asks for more than the rest would otherwise be measured with holes."""
    with pytest.raises(UnknownDocument):
        Documents().answer(text, {"x": "1"})
    status, answer = Upstreams().answer("POST", "/graphql", orjson.dumps({"query": text}))
    assert (status, list(orjson.loads(answer))) == (400, ["errors"])


def test_a_rolling_list_never_shows_a_task_twice() -> None:
    """Neither in two calls nor in two pages of one that stands still; times stay as they are."""
    documents = Documents()
    fields = "{ edges { node { id createdAt } } }"
    text = f"query($n: Int!, $b: String) {{ me {{ tasks(last: $n, before: $b) {fields} }} }}"

    def page(before: str | None) -> list[tuple[str, str]]:
        edges = orjson.loads(documents.answer(text, {"n": 3, "b": before})[1])["data"]["me"]["tasks"]["edges"]
        return [(edge["node"]["id"], edge["node"]["createdAt"]) for edge in edges]

    still = [*page(None), *page("3")]
    documents.rolling = True
    rolled = [*page(None), *page(None)]

    assert len({key for key, _ in still}) == len({key for key, _ in rolled}) == 6
    assert [time for _, time in rolled] == [time for _, time in still[:3]] * 2


def test_json_alone_writes_the_whole_answer() -> None:
    """The floor does all of the reading and writing."""
    row = Work(name="", kind="by id", size=50)

    answer = orjson.loads(json_alone.answered(*json_alone.material(row)))

    pictures = dialects.TRIPTYCH.read(row, answer)
    keys = [key for key, _ in zip(work.ids(0), range(50), strict=False)]
    assert pictures == work.right_answer(row, keys)


def test_what_wrk_prints_at_the_end_is_read() -> None:
    """Its own lines come first."""
    line = (
        '{"requests":300,"microseconds":2000000,"bytes":60000,"p50":1500,"p99":9000,"refused":1,"broken":2}'
    )

    done = load.read_summary(f"Running 2s test @ http://127.0.0.1\n  300 requests in 2.00s\n\n{line}\n")

    assert done == load.Round(requests=300, seconds=2.0, p50=0.0015, p99=0.009, size=200.0, failed=3)
    assert done.rate == 150


def test_a_rate_that_the_server_did_not_set_is_marked() -> None:
    """Who wanted the core half of the time waited for requests; who wanted it always and got half, for it."""
    cells = [cell("", "", busy=busy, wanted=wanted) for busy, wanted in ((0.5, 0.5), (0.5, 1.0), (0.99, 1.0))]

    marks = [(one.is_lower_bound, one.is_crowded) for one in cells]

    assert marks == [(True, False), (False, True), (False, False)]


def test_a_system_that_cannot_run_here_is_told_and_left_out() -> None:
    """The others are measured all the same."""

    def setup() -> None:
        raise Unavailable("no such thing here")

    broken = systems.System(name="broken", dialect=dialects.TRIPTYCH, command=("false",))
    missing = systems.System(name="missing", dialect=dialects.TRIPTYCH, command=("false",), setup=setup)

    plan = Plan(rounds=1, seconds=0.01, requests=1, latencies=(0.0,), counted=1, turns=0, wrk=False)
    results = Measuring(plan).run([missing, broken, FLOOR], [work.MEDIA])

    assert results.systems() == [FLOOR.name]
    assert results.skipped == {
        "missing": "no such thing here",
        "broken": "it did not start: it printed nothing",
    }


def test_a_wrong_answer_costs_its_system_the_row_and_nobody_else() -> None:
    """Here a server that answers the same to everything passes for a graph."""
    wrong = replace(FLOOR, name="wrong", is_floor=False)
    plan = Plan(rounds=1, seconds=0.01, requests=1, latencies=(0.0,), counted=1, turns=0, wrk=False)

    results = Measuring(plan).run([wrong, PLAIN], [work.MEDIA, work.PAGE])

    assert results.failed == {
        "wrong, media": "KeyError: 'data'",
        "wrong, page of 20": "KeyError: 'data'",
    }
    assert [(one.system, one.work) for one in results.measured] == [
        (PLAIN.name, "media"),
        (PLAIN.name, "page of 20"),
    ]
    assert "- wrong, media: KeyError: 'data'" in report.tables(results)


@pytest.mark.parametrize("name", ["yoga", "hive", "tailcall"])
def test_the_peers_versions_are_exact(name: str) -> None:
    """Whoever runs it in a year measures the same."""
    folder = Path(systems.__file__).parent / "peers" / name
    versions = orjson.loads((folder / "package.json").read_bytes())["dependencies"].values()

    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions)
