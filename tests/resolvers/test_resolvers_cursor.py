"""Cursors: every place comes back as it was, in bounded text; whatever is not one is refused."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from hashlib import blake2b

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.errors import BadInput
from loaders.records import Provider, TaskRecord, TaskStatus
from resolvers.tasks.cursor import TOP, Cursor, Position, decode, encode, position

TIMES = st.integers(-62_135_596_800_000_000, 253_402_300_799_999_999)  # the years 1 to 9999, in microseconds
IDS = st.text(st.characters(codec="utf-8"), max_size=200)
PLACES = st.one_of(
    st.just(TOP),
    st.builds(lambda id_: Position(True, 0, id_), IDS),
    st.builds(lambda time, id_: Position(False, -time, id_), TIMES, IDS),
)
LONGEST = 12_000


def record(id_: str, created: datetime | None = None) -> TaskRecord:
    """A row with this id."""
    return TaskRecord(
        id=id_,
        provider=Provider.PIXAI,
        provider_id="1",
        key="1",
        status=TaskStatus.QUEUED,
        provider_status="",
        is_terminal=False,
        created_at=created,
    )


def forged(body: object) -> str:
    """A text whose check fits: how it is made is no secret."""
    data = body if isinstance(body, bytes) else orjson.dumps(body)
    check = blake2b(data, digest_size=8, person=b"triptych.cursor").digest()
    return urlsafe_b64encode(check + data).rstrip(b"=").decode()


@given(
    st.builds(
        Cursor,
        PLACES,
        st.dictionaries(st.sampled_from(Provider), PLACES),
        st.dictionaries(st.sampled_from(Provider), IDS),
        st.none() | st.integers(0, 2**53),
    )
)
def test_every_place_comes_back(cursor: Cursor) -> None:
    """Position, places left behind, hints and total; never longer than what is taken back."""
    text = encode(cursor)

    assert decode(text) == cursor
    assert len(text) <= LONGEST


def test_the_longest_is_taken_back() -> None:
    """Four ids and three hints whose every character takes six."""
    place = Position(False, -253_402_300_799_999_999, "\x01" * 200)
    cursor = Cursor(place, dict.fromkeys(Provider, place), dict.fromkeys(Provider, "\x01" * 200), total=2**53)

    text = encode(cursor)

    assert len(text) <= LONGEST
    assert decode(text) == cursor


@given(IDS, st.integers(0, 1_000_000), st.booleans())
def test_a_long_id_keeps_its_order_and_its_difference(head: str, more: int, is_unset: bool) -> None:
    """A source may send an id of any length: a cursor holds its head, and tells it from its neighbour."""
    time = None if is_unset else datetime(2024, 1, 1, tzinfo=UTC)
    one, other = (position(record(f"{head}{'x' * (200 + more % 7)}{end}", time)) for end in "ab")

    assert one != other
    assert len(one.id) <= 200
    assert decode(encode(Cursor(one))).position == one
    assert (one < position(record("\U0010ffff" * 201, time))) or head.startswith("\U0010ffff")


def test_a_hint_too_long_to_carry_is_left_out() -> None:
    """Its source is walked from the front then."""
    assert decode(encode(Cursor(hints={Provider.PIXAI: "x" * 201, Provider.MESHY: "2"}))).hints == {
        Provider.MESHY: "2"
    }


def test_a_source_that_is_not_behind_is_where_the_others_are() -> None:
    """And one that is, is at its own place."""
    here, older = Position(False, -5, "b"), Position(False, -9, "a")
    cursor = Cursor(here, {Provider.MESHY: older})

    assert [cursor.of(provider) for provider in Provider] == [here, older, here]


WRONG: dict[str, object] = {
    "a number": 5,
    "null": None,
    "nothing": [],
    "an object": {"position": None},
    "too few": [2, None, {}],
    "too many": [2, None, {}, {}, None, None],
    "no version": ["2", None, {}, {}, None],
    "a place of text": [2, "top", {}, {}, None],
    "a place of three": [2, [1, "a", 1], {}, {}, None],
    "a time of text": [2, ["1", "a"], {}, {}, None],
    "a time after 9999": [2, [253_402_300_800_000_000, "a"], {}, {}, None],
    "a time before 1": [2, [-62_135_596_800_000_001, "a"], {}, {}, None],
    "half a microsecond": [2, [0.5, "a"], {}, {}, None],
    "no id": [2, [1, None], {}, {}, None],
    "nobody behind": [2, None, {"DALLE": None}, {}, None],
    "a wrong place behind": [2, None, {"MESHY": [1]}, {}, None],
    "nobody's hint": [2, None, {}, {"": "1"}, None],
    "a list of hints": [2, None, {}, ["1"], None],
    "a total of text": [2, None, {}, {}, "1"],
    "not JSON": b"[2,",
    "no text at all": b"",
    "an integer beyond 64 bits": b'[2,[99999999999999999999999,"a"],{},{},null]',
    "not UTF-8": b'[2,[1,"\xff"],{},{},null]',
    "nested without end": b"[" * 5_000,
}


@pytest.mark.parametrize("name", WRONG)
def test_a_body_that_no_list_made_is_refused(name: str) -> None:
    """Even with a check that fits."""
    with pytest.raises(BadInput):
        decode(forged(WRONG[name]))


def test_a_body_too_long_for_any_list_is_refused() -> None:
    """Whatever it says, and though its check fits."""
    short, long = (forged([2, [1, "x" * length], {}, {}, None]) for length in (8_000, 9_000))

    assert decode(short).position.id == "x" * 8_000
    with pytest.raises(BadInput):
        decode(long)


def test_only_a_place_with_a_time_has_a_moment() -> None:
    """The others bound no list."""
    assert [TOP.moment, Position(True, 0, "a").moment] == [None, None]
    assert Position(False, -1_700_000_000_000_001, "a").moment == datetime(
        2023, 11, 14, 22, 13, 20, 1, tzinfo=UTC
    )


def test_a_cursor_of_an_older_version_says_so() -> None:
    """It was good once."""
    with pytest.raises(BadInput, match="another version"):
        decode(forged([1, 1_700_000_000_000_000, "task:pixai:1", {}, None]))


@pytest.mark.parametrize(
    "text",
    ["", "next", "🦊", "\ud800", "A" * 11, "A" * LONGEST, "A" * 5_000_000, "=" * 40, "AAAA\nAAAA", "a b"],
)
def test_a_text_that_is_no_cursor_is_refused(text: str) -> None:
    """However it looks, and however long it is."""
    with pytest.raises(BadInput, match="Invalid `after`"):
        decode(text)


@given(st.data())
def test_a_changed_letter_is_noticed(data: st.DataObject) -> None:
    """Any, anywhere; letters that only fill up the last byte change nothing."""
    text = encode(Cursor(Position(False, -1_700_000_000_000_000, "task:pixai:1"), total=7))
    index = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from("ABCxyz019-_"))
    changed = text[:index] + letter + text[index + 1 :]
    padding = "=" * (-len(text) % 4)

    if urlsafe_b64decode(changed + padding) == urlsafe_b64decode(text + padding):
        assert decode(changed) == decode(text)
    else:
        with pytest.raises(BadInput):
            decode(changed)
