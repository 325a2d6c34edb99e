#!/usr/bin/env python3
"""Passes TCP on with a delay, because not every kernel can do it: delay.py RTT-MS CONTROL-PORT LISTEN=TARGET…

Each address is HOST:PORT. Every chunk is held back half the round-trip time in its direction, and the accept by a whole
one, as the handshake of TCP would. Order is kept, nothing is lost, and bandwidth is not limited.
Whoever connects to the control port of 127.0.0.1 is told how often a client has begun to speak, over all connections:
once at the beginning, and once after each answer. That is the number of round trips, seen from outside.
"""
import asyncio
import sys

CHUNK = 65536


class Turns:
    """How often clients have begun to speak."""

    count = 0


class Line:
    """One connection: who spoke last decides whether a chunk of the client is a new turn."""

    def __init__(self):
        self.client_spoke = False

    def heard(self, from_client):
        if from_client and not self.client_spoke:
            Turns.count += 1
        self.client_spoke = from_client


async def deliver(queue, writer):
    """Writes each chunk when it is due; None ends the direction."""
    loop = asyncio.get_running_loop()
    while True:
        due, chunk = await queue.get()
        wait = due - loop.time()
        if wait > 0:
            await asyncio.sleep(wait)
        if chunk is None:
            writer.write_eof()
            return
        writer.write(chunk)
        await writer.drain()


async def carry(reader, writer, line, from_client, delay):
    """One direction, until its end has arrived."""
    loop = asyncio.get_running_loop()
    queue = asyncio.Queue()
    delivery = asyncio.create_task(deliver(queue, writer))
    try:
        while chunk := await reader.read(CHUNK):
            line.heard(from_client)
            queue.put_nowait((loop.time() + delay, chunk))
        queue.put_nowait((loop.time() + delay, None))
        await delivery
    finally:
        delivery.cancel()


async def connection(client, target, rtt):
    """Both directions of one connection. A side that breaks off ends the other."""
    reader, writer = client
    await asyncio.sleep(rtt)
    try:
        far_reader, far_writer = await asyncio.open_connection(*target)
    except OSError:
        writer.transport.abort()
        return
    line = Line()
    try:
        await asyncio.gather(
            carry(reader, far_writer, line, True, rtt / 2),
            carry(far_reader, writer, line, False, rtt / 2),
        )
    except OSError:
        pass
    finally:
        for side in (writer, far_writer):
            side.close()


def address(text):
    host, _, port = text.rpartition(":")
    return host, int(port)


async def main(rtt, control, pairs):
    async def tell(_, writer):
        writer.write(f"{Turns.count}\n".encode())
        writer.close()

    servers = [await asyncio.start_server(tell, "127.0.0.1", control)]
    for pair in pairs:
        listen, target = (address(part) for part in pair.split("="))

        def serve(reader, writer, target=target):
            return connection((reader, writer), target, rtt)

        servers.append(await asyncio.start_server(serve, *listen, backlog=512))
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]) / 1000, int(sys.argv[2]), sys.argv[3:]))
