#!/usr/bin/env python3
"""Runs a command and tells what it cost, as fields with tabs between them:

status, wall seconds, processor seconds, own peak KiB, peak KiB of all its processes, logins, sessions, turns, idle %.

Processor seconds are user and system time of the whole tree of processes. Memory is resident memory: the first figure
of the command's own process, the second the highest sum found by looking every 50 ms (shared pages count in each).
Logins and sessions are counted in the logs of the hosts' sshd, turns by the delay proxy, if there is one ("-" if not).
Idle tells how free the machine was just before. What the command leaves running is ended after it was measured.
"""
import argparse
import os
import signal
import socket
import subprocess
import sys
import time

import process_tree

LOOK_EVERY = 0.05
# Time for processes in the background to end by themselves, such as connections that are being closed.
GRACE = 1.0


def parsed():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", required=True, help="file for what the command says")
    parser.add_argument("--limit", type=float, default=600, help="seconds after which the command is ended")
    parser.add_argument("--settle", type=float, default=10, help="wait at most so long for an idle machine")
    parser.add_argument("--control", type=int, help="control port of the delay proxy")
    parser.add_argument("--logs", nargs="*", default=[], help="logs of the hosts' sshd")
    parser.add_argument("--before", help="shell command to run first, unmeasured; what it starts stays until the end")
    parser.add_argument("command", nargs="+")
    return parser.parse_args()


def busy_and_all():
    with open("/proc/stat", encoding="ascii") as file:
        times = [int(word) for word in file.readline().split()[1:9]]
    return sum(times) - times[3] - times[4], sum(times)


def idle_after_waiting(limit):
    """Waits until the machine is nine tenths idle, or the limit is over; tells how idle it was at the end, in percent."""
    until = time.monotonic() + limit
    while True:
        busy, whole = busy_and_all()
        time.sleep(0.25)
        busy_now, whole_now = busy_and_all()
        idle = 100 * (1 - (busy_now - busy) / max(whole_now - whole, 1))
        if idle >= 90 or time.monotonic() > until:
            return idle


class Counters:
    """What the hosts and the proxy have counted since the beginning."""

    def __init__(self, logs, control):
        self.sizes = {log: os.path.getsize(log) for log in logs}
        self.control = control
        self.turns_before = self.turns_now()

    def turns_now(self):
        if self.control is None:
            return 0
        with socket.create_connection(("127.0.0.1", self.control), timeout=5) as proxy:
            return int(proxy.makefile().read())

    def fields(self):
        logins = sessions = 0
        for log, size in self.sizes.items():
            with open(log, "rb") as file:
                file.seek(size)
                new = file.read()
            logins += new.count(b"Accepted publickey")
            sessions += new.count(b"Starting session:")
        turns = "-" if self.control is None else self.turns_now() - self.turns_before
        return [logins, sessions, turns]


def watched(child, tree, limit):
    """Looks at the command until it has ended: its status, its seconds, its memory, and that of its tree."""
    began = time.monotonic()
    own = whole = 0
    while True:
        own = max(own, process_tree.highest_rss_kib(child.pid))
        whole = max(whole, tree.rss_kib())
        # Woken at once by the end of a child; waiting for it by polling would add up to 50 ms.
        signal.sigtimedwait([signal.SIGCHLD], LOOK_EVERY)
        status = child.poll()
        seconds = time.monotonic() - began
        if status is None and seconds > limit:
            status = "too long"
        if status is not None:
            return status, seconds, own, max(own, whole)


def main():
    options = parsed()
    process_tree.adopt_orphans()
    # Blocked, so that the end of a child can be waited for; children must not inherit that.
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
    tree = process_tree.Tree()

    def start(command, output):
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD]),
        )

    try:
        with open(options.output, "wb") as output:
            if options.before and (status := start(["sh", "-c", options.before], output).wait(options.limit)):
                print(f"before: {status}", *["-"] * 8, sep="\t")
                return 1
            idle = idle_after_waiting(options.settle)
            counters = Counters(options.logs, options.control)
            used = tree.seconds()
            status, seconds, own, whole = watched(start(options.command, output), tree, options.limit)
        until = time.monotonic() + (0 if options.before else GRACE)
        while time.monotonic() < until and tree.members():
            process_tree.reap()
            time.sleep(0.02)
        used = tree.seconds() - used
        fields = counters.fields()
    finally:
        tree.end()
    print(status, f"{seconds:.3f}", f"{used:.3f}", own, whole, *fields, f"{idle:.0f}", sep="\t")
    return 0 if status == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
