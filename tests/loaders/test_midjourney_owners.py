"""Whose rows new-api lists: the caller's, or everybody's for admins; and which of them are remembered."""

from __future__ import annotations

from contextlib import suppress

import pytest

from loaders import errors
from loaders.listing import Listing
from loaders.midjourney.newapi.client import RowQuery
from loaders.midjourney.newapi.list import Listed, NewapiLister
from loaders.records import Capability, Provider
from sandbox import Sandbox
from tests.loaders.midjourney_served import ALL, LIST, T0, fill, keys, served


async def test_everybodys_rows(box: Sandbox) -> None:
    """Admins see all owners, by channel where that is wanted; others are refused."""
    everything = [task for task in box.mj.world if task.listed]
    admin = {"newapi_token": box.newapi.admin_key, "newapi_user": str(box.newapi.admin_user)}
    async with served(box, secrets=admin) as mj:
        steps = await mj.steps(Listing(size=100, all_owners=True))
        assert len(set(keys(steps))) == len(everything) == steps[0].total

        in_channel = await mj.steps(Listing(size=100, all_owners=True, channel_id="9"))
        wanted = [task.id for task in everything if task.channel == 9]
        assert (keys(in_channel), in_channel[0].total) == (wanted[::-1], None)
        assert set(mj.calls()) == {ALL}

    box.newapi.auth = "new"
    async with served(box) as mj:
        with pytest.raises(errors.Refused):
            await mj.steps(Listing(size=5, all_owners=True))


async def test_announcing_everybodys_rows() -> None:
    """Once the admins' list has answered, until it is refused; a failure says nothing of the role."""
    answer: errors.SourceError | None = errors.Refused("no", provider=Provider.MIDJOURNEY)

    async def page(query: RowQuery) -> Listed:
        if query.admin and answer is not None:
            raise answer
        return Listed((), 0, page_size=10)

    async def announced(*, all_owners: bool) -> bool:
        with suppress(errors.SourceError):
            await anext(lister.walk(Listing(size=5, all_owners=all_owners)))
        return Capability.LIST_ALL_TASKS in lister.capabilities()

    lister = NewapiLister(page)
    assert list(lister.capabilities()) == [Capability.LIST_TASKS]
    assert not await announced(all_owners=False)
    assert not await announced(all_owners=True)
    answer = None
    assert await announced(all_owners=True)
    answer = errors.Fault("down", provider=Provider.MIDJOURNEY)
    assert await announced(all_owners=True)
    answer = errors.Refused("no", provider=Provider.MIDJOURNEY)
    assert not await announced(all_owners=True)


async def test_own_rows_of_every_channel(box: Sandbox) -> None:
    """The caller's own list has no such filter: whoever merges filters, and the other rows move it on."""
    own = [task for task in box.mj.world if task.listed and task.user == box.newapi.user]
    async with served(box) as mj:
        steps = await mj.steps(Listing(size=100, channel_id="9"))

        assert len(keys(steps)) == len(own)


async def test_rows_are_remembered(box: Sandbox) -> None:
    """A task from the caller's own list need not be looked up at new-api; somebody else's is not kept."""
    mine, other = fill(box, 0), box.mj.world.insert(submit=T0, user=box.newapi.other_user).id
    async with served(box, proxy=False) as mj:
        await mj.steps(Listing(size=10))
        assert (await mj.task(mine[0])).owner_id == str(box.newapi.user)
        assert mj.calls() == {LIST: 1}

    admin = {"newapi_token": box.newapi.admin_key, "newapi_user": str(box.newapi.admin_user)}
    async with served(box, proxy=False, secrets=admin) as mj:
        await mj.steps(Listing(size=10, all_owners=True))
        assert await mj.tasks(mine[0], other) == {}
