"""Global ids taken apart and put together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders import ids
from loaders.errors import InvalidId
from loaders.ids import GlobalId, Kind
from loaders.records import Provider

UUID = "018a210d-8ba4-705c-b111-1f1776f7f578"


@pytest.mark.parametrize(
    ("text", "expected", "found"),
    [
        ("task:pixai:17499", None, GlobalId(Kind.TASK, Provider.PIXAI, "17499")),
        ("pixai:17499", Kind.TASK, GlobalId(Kind.TASK, Provider.PIXAI, "17499")),
        (f"meshy:{UUID}", Kind.TASK, GlobalId(Kind.TASK, Provider.MESHY, f"image-to-image:{UUID}")),
        (f"media:meshy:{UUID}:0", None, GlobalId(Kind.MEDIA, Provider.MESHY, f"image-to-image:{UUID}:0")),
        (
            f"media:meshy:text-to-image:{UUID}:2",
            None,
            GlobalId(Kind.MEDIA, Provider.MESHY, f"text-to-image:{UUID}:2"),
        ),
        ("media:midjourney:173:v0", None, GlobalId(Kind.MEDIA, Provider.MIDJOURNEY, "173:v0")),
        (
            "task:midjourney:row:1730621826053:7",
            None,
            GlobalId(Kind.TASK, Provider.MIDJOURNEY, "row:1730621826053:7"),
        ),
        ("seed:pixai:1:2", None, GlobalId(Kind.SEED, Provider.PIXAI, "1:2")),
        ("media:pixai: a\n%2F🦊", None, GlobalId(Kind.MEDIA, Provider.PIXAI, " a\n%2F🦊")),
    ],
)
def test_an_id_taken_apart(text: str, expected: Kind | None, found: GlobalId) -> None:
    """Type and provider end at the first two colons; the rest is the key, whatever it holds."""
    assert ids.parse(text, expected) == found


@pytest.mark.parametrize(
    ("text", "expected", "message"),
    [
        ("", None, "Invalid id '': expected task:…, media:… or seed:…"),
        ("pixai:1", None, "Invalid id 'pixai:1': expected task:…, media:… or seed:…"),
        ("task:pixai:", None, "Invalid id 'task:pixai:': expected task:<pixai|meshy|midjourney>:<key>"),
        ("task:dalle:1", None, "Invalid id 'task:dalle:1': expected task:<pixai|meshy|midjourney>:<key>"),
        ("media:pixai:1", Kind.TASK, "Invalid id 'media:pixai:1': expected a task id, not a media id"),
    ],
)
def test_what_is_no_id_is_told_by_name(text: str, expected: Kind | None, message: str) -> None:
    """The message quotes what was sent and says what was wanted."""
    with pytest.raises(InvalidId) as caught:
        ids.parse(text, expected)

    assert caught.value.message == message


@given(
    st.sampled_from(Kind),
    st.sampled_from([Provider.PIXAI, Provider.MIDJOURNEY]),
    st.text(min_size=1, max_size=99),
)
def test_there_and_back(kind: Kind, provider: Provider, key: str) -> None:
    """Any key survives."""
    whole = GlobalId(kind, provider, key)

    assert ids.parse(str(whole)) == whole
