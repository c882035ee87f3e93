import asyncio

from sidecar.core.turns import give_way, pieces


async def read(items: list[int], size: int) -> list[list[int]]:
    return [list(piece) async for piece in pieces(items, size)]


async def test_given_items_when_they_are_taken_in_pieces_then_none_is_missing_and_order_stays() -> (
    None
):
    assert await read([1, 2, 3, 4, 5], 2) == [[1, 2], [3, 4], [5]]
    assert await read([1, 2], 2) == [[1, 2]]
    assert await read([], 2) == []


async def test_given_a_long_work_when_it_gives_way_then_what_waits_is_done_between() -> None:
    order: list[str] = []

    async def work() -> None:
        async for piece in pieces(["first", "second"], 1):
            order.extend(piece)

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    asyncio.get_running_loop().call_soon(order.append, "a request")
    await task

    assert order == ["first", "a request", "second"]


async def test_given_what_follows_of_the_work_that_waits_then_it_comes_first_too() -> None:
    order: list[str] = []
    loop = asyncio.get_running_loop()

    loop.call_soon(lambda: loop.call_soon(order.append, "what follows"))
    await give_way()

    assert order == ["what follows"]
