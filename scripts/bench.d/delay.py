#!/usr/bin/env python3
"""Passes TCP on with a delay, because not every kernel can do it: delay.py RTT-MS CONTROL-PORT LISTEN=TARGET…

Each address is HOST:PORT. Every chunk is held back half the round-trip time in its direction, and the accept by a whole
one, as the handshake of TCP would. Order is kept, nothing is lost, and bandwidth is not limited.
Whoever connects to the control port of 127.0.0.1 is told how often a client has begun to speak, over all connections:
once at the beginning, and once after each answer. That is the number of round trips, seen from outside.

It runs on the machine that is measured, so it does as little as it can: callbacks, and one timer for each direction.
"""
import asyncio
import collections
import sys


class Turns:
    """How often clients have begun to speak, over all connections."""

    count = 0


class Way:
    """One direction of a line: holds back what comes, and gives on whatever is due. None is the end."""

    def __init__(self, loop, delay):
        self.loop, self.delay = loop, delay
        self.held = collections.deque()
        self.timer = None
        self.target = None

    def take(self, chunk):
        self.held.append((self.loop.time() + self.delay, chunk))
        if self.timer is None:
            self.timer = self.loop.call_at(self.held[0][0], self.give)

    def give(self):
        self.timer = None
        now = self.loop.time()
        while self.held and self.held[0][0] <= now:
            _, chunk = self.held.popleft()
            if chunk is None:
                self.target.end()
            else:
                self.target.transport.write(chunk)
        if self.held:
            self.timer = self.loop.call_at(self.held[0][0], self.give)


class Line:
    """One connection: who spoke last decides whether a chunk of the client is a new turn."""

    def __init__(self, loop, delay):
        self.client, self.host = End(self, True), End(self, False)
        self.client.way, self.host.way = Way(loop, delay), Way(loop, delay)
        self.client.way.target, self.host.way.target = self.host, self.client
        self.client.other, self.host.other = self.host, self.client
        self.client_spoke = False

    def heard(self, from_client):
        if from_client and not self.client_spoke:
            Turns.count += 1
        self.client_spoke = from_client


class End(asyncio.Protocol):
    """One end of a line. One that breaks off ends the other; one that only says no more does not."""

    def __init__(self, line, is_client):
        self.line, self.is_client = line, is_client
        self.transport = self.way = self.other = None
        self.was_told_the_end = False

    def connection_made(self, transport):
        self.transport = transport
        if self.is_client:
            transport.pause_reading()

    def data_received(self, chunk):
        self.line.heard(self.is_client)
        self.way.take(chunk)

    def eof_received(self):
        self.way.take(None)
        return True

    def end(self):
        """Nothing more comes from the other side; with both sides at their end the line is closed."""
        self.was_told_the_end = True
        if self.other.was_told_the_end:
            self.transport.close()
            self.other.transport.close()
        else:
            self.transport.write_eof()

    def connection_lost(self, _):
        is_over = self.was_told_the_end and self.other.was_told_the_end
        if not is_over and self.other.transport is not None:
            self.other.transport.abort()

    def pause_writing(self):
        self.other.transport.pause_reading()

    def resume_writing(self):
        self.other.transport.resume_reading()


def address(text):
    host, _, port = text.rpartition(":")
    return host, int(port)


async def begin(line, target, rtt):
    """The way on from a client that has been accepted."""
    await asyncio.sleep(rtt)
    try:
        await asyncio.get_running_loop().create_connection(lambda: line.host, *target)
        line.client.transport.resume_reading()
    except OSError:
        line.client.transport.abort()


async def main(rtt, control, pairs):
    loop = asyncio.get_running_loop()
    # Tasks that nobody holds may be collected.
    beginning = set()

    async def tell(_, writer):
        writer.write(f"{Turns.count}\n".encode())
        writer.close()

    def accepted(target):
        line = Line(loop, rtt / 2)
        task = loop.create_task(begin(line, target, rtt))
        beginning.add(task)
        task.add_done_callback(beginning.discard)
        return line.client

    servers = [await asyncio.start_server(tell, "127.0.0.1", control)]
    for pair in pairs:
        listen, target = (address(part) for part in pair.split("="))
        servers.append(await loop.create_server(lambda target=target: accepted(target), *listen, backlog=512))
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]) / 1000, int(sys.argv[2]), sys.argv[3:]))
