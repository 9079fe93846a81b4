"""Where a picture is kept: inside the folder, whatever its id says."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.cli.downloads import folder
from server.cli.downloads.folder import Outside
from server.cli.downloads.naming import BadTemplate, Subject, Template, clean

CREATED = datetime(2024, 5, 22, 6, 16, tzinfo=UTC)
NAMES = "{provider}/{created:%Y-%m}/{task}-{index}.{ext}"


def subject(key: str = "1", created: datetime | None = CREATED) -> Subject:
    return Subject(
        id=f"media:pixai:{key}",
        provider="pixai",
        key=key,
        task="9",
        index="0",
        created=created,
        kind="image",
        variant="public",
        ext="png",
    )


def test_a_template_is_filled_in() -> None:
    """With the month of the task, or without one."""
    template = Template.parse(NAMES)

    assert [str(template.path(subject(created=created))) for created in (CREATED, None)] == [
        "pixai/2024-05/9-0.png",
        "pixai/undated/9-0.png",
    ]


@given(st.text(max_size=300))
def test_no_id_leads_anywhere_else(key: str) -> None:
    """Neither up, nor to the root, nor into a hidden or another folder."""
    path = Template.parse("{provider}/{key}.{ext}").path(subject(key))

    assert (path.parts[0], len(path.parts), path.is_absolute()) == ("pixai", 2, False)
    assert not path.name.startswith((".", " "))
    assert not set('/\\:<>"|?*\0\n') & set(path.name)
    assert len(path.name.encode()) <= 255


def test_long_values_stay_apart() -> None:
    """Each ends in a digest of itself."""
    one, other = clean("a" * 500 + "1"), clean("a" * 500 + "2")

    assert one != other
    assert max(len(one), len(other)) <= 120


WRONG = [
    ("../{key}", "it must be the name of a file inside the folder"),
    ("/tmp/{key}", "it must be the name of a file inside the folder"),
    ("a/./{key}", "it must be the name of a file inside the folder"),
    ("{created:/../x}{key}", "it must be the name of a file inside the folder"),
    ("{provider}/", "it must be the name of a file inside the folder"),
    (".triptych/{key}", ".triptych is the folder of the archive"),
    ("a\\{key}", "it must be printable, with / between folders"),
    ("{secret}", "{secret} is not one of id, provider, key, task, index, created, kind, variant, ext"),
    ("{id.__class__}", "{id.__class__} is not one of id, provider,"),
    ("{key:>9}", "{key} takes no format; only created does"),
    ("{key!r}", "{key} takes no format; only created does"),
    ("{key", "expected '}' before end of string"),
]


@pytest.mark.parametrize(("text", "reason"), WRONG)
def test_a_template_that_cannot_be_is_refused(text: str, reason: str) -> None:
    """Before anything is asked."""
    with pytest.raises(BadTemplate) as refused:
        Template.parse(text)

    assert str(refused.value).startswith(reason)


def part(kept: folder.Folder, content: bytes) -> Path:
    found = kept.part()
    found.write_bytes(content)
    return found


def test_a_link_in_the_folder_leads_nowhere(tmp_path: Path) -> None:
    """Nothing is written behind it."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "dir").mkdir()
    (tmp_path / "dir" / "pixai").symlink_to(tmp_path / "elsewhere")

    with folder.opened(tmp_path / "dir") as kept, pytest.raises(Outside):
        kept.keep(part(kept, b"x"), "a", "PUBLIC", Template.parse("{provider}/{key}").path(subject()))

    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_two_pictures_of_one_name_are_two_files(tmp_path: Path) -> None:
    """Without regard to case; a file of somebody else's is not overwritten, an equal one is taken over."""
    (tmp_path / "b.png").write_bytes(b"of somebody else")
    (tmp_path / "c.png").write_bytes(b"the same")
    wanted = [
        ("1", "A.png", b"1"),
        ("2", "a.png", b"22"),
        ("3", "b.png", b"333"),
        ("4", "c.png", b"the same"),
    ]

    with folder.opened(tmp_path) as kept:
        files = [
            kept.keep(part(kept, content), key, "PUBLIC", Template.parse(name).path(subject())).file
            for key, name, content in wanted
        ]

    assert files == ["A.png", "a-2.png", "b-2.png", "c.png"]
    assert (tmp_path / "b.png").read_bytes() == b"of somebody else"


def test_the_archive_survives_what_ends_a_command(tmp_path: Path) -> None:
    """A line that was cut, a file that is gone, changed or not there yet, an entry that leads outside."""
    with folder.opened(tmp_path) as kept:
        for key in "abc":
            kept.keep(part(kept, b"123"), key, "PUBLIC", Template.parse(f"{key}.png").path(subject()))
        part(kept, b"under way")
    (tmp_path / "b.png").unlink()
    (tmp_path / "c.png").write_bytes(b"12")
    with (tmp_path / ".triptych" / "archive.jsonl").open("a") as archive:
        archive.write('{"id": "d", "variant": "PUBLIC", "file": "../d", "bytes": 3}\n[]\n{"id": "e", "var')
    (tmp_path.parent / "d").write_bytes(b"123")

    with folder.opened(tmp_path) as again:
        there = [key for key in "abcde" if again.kept(key, "PUBLIC") is not None]
        again.keep(part(again, b"4"), "e", "PUBLIC", Template.parse("e.png").path(subject()))
    with folder.opened(tmp_path) as third:
        assert third.kept("e", "PUBLIC") is not None

    assert there == ["a"]
    assert sorted(path.name for path in (tmp_path / ".triptych").iterdir()) == ["archive.jsonl", "lock"]


def test_one_command_at_a_time(tmp_path: Path) -> None:
    """The second is told so."""
    with (
        folder.opened(tmp_path),
        pytest.raises(folder.Unusable, match="another download is writing there"),
        folder.opened(tmp_path),
    ):
        pass
