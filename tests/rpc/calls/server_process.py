"""A server process of its own: prints its port, runs until its input ends."""

from __future__ import annotations

import asyncio
import sys

from tests.rpc.calls.house import open_house


async def main() -> None:
    url, limit = sys.argv[1:]
    async with open_house(url, limits={"core": int(limit), "clipper": int(limit)}) as house:
        print(house.port, flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
