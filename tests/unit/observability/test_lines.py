"""Lines leave in order, together where they may, and none stays behind."""

import asyncio
import io

from shared.observability.lines import LineLogger


class Writes(io.StringIO):
    """Remembers each write."""

    def __init__(self) -> None:
        super().__init__()
        self.each: list[str] = []

    def write(self, text: str) -> int:
        self.each.append(text)
        return super().write(text)


async def test_lines_of_one_turn_leave_in_one_write() -> None:
    writes = Writes()
    lines = LineLogger(writes)

    lines.info("a")
    lines.debug("b")
    assert not writes.each
    await asyncio.sleep(0)
    lines.info("c")
    await asyncio.sleep(0)

    assert writes.each == ["a\nb\n", "c\n"]


async def test_an_error_leaves_at_once_after_those_before_it() -> None:
    writes = Writes()
    lines = LineLogger(writes)

    lines.info("a")
    lines.exception("b")
    assert writes.getvalue() == "a\nb\n"
    lines.info("c")
    await asyncio.sleep(0)

    assert writes.getvalue() == "a\nb\nc\n"


async def test_other_threads_write_at_once() -> None:
    writes = Writes()
    lines = LineLogger(writes)

    lines.info("a")
    await asyncio.to_thread(lines.info, "b")

    assert writes.getvalue() == "a\nb\n"


def test_what_an_ended_loop_left_behind_leaves_with_the_next_line() -> None:
    writes = Writes()
    lines = LineLogger(writes)
    loop = asyncio.new_event_loop()

    async def say() -> None:
        lines.info("a")
        loop.stop()

    said = loop.create_task(say())
    loop.run_forever()
    loop.close()
    assert said.done()

    async def say_more() -> None:
        lines.info("b")
        await asyncio.sleep(0)

    asyncio.run(say_more())
    assert writes.getvalue() == "a\nb\n"
