#!/usr/bin/env python3
"""Makes Markdown of what was measured: report.py FOLDER.

The folder holds `facts`, `samples` (fields with tabs between them: hosts, round-trip time, job, tool, round, and what
meter.py tells), and parts that are Markdown already.
"""
import collections
import os
import statistics
import sys

FIELDS = "hosts rtt job tool round status wall cpu own tree logins sessions turns idle".split()
JOBS = {"commands": "20 commands in order", "deploy": "deploy", "rollback": "rollback"}
TOOLS = {
    "floor": "one script a host (floor)", "windlass": "windlass, cold", "windlass_warm": "windlass, warm",
    "cap": "cap", "fabric": "fabric", "pyinfra": "pyinfra", "ansible": "ansible", "ansible_raw": "ansible, raw",
}


def samples(path):
    """Cell (hosts, rtt, job) to tool to its runs."""
    cells = collections.defaultdict(lambda: collections.defaultdict(list))
    with open(path, encoding="utf-8") as file:
        for line in file:
            run = dict(zip(FIELDS, line.rstrip("\n").split("\t")))
            cells[int(run["hosts"]), int(run["rtt"]), run["job"]][run["tool"]].append(run)
    return cells


def good(runs):
    return [run for run in runs if run["status"] == "0"]


def middle(runs, field):
    """The median of the runs that went well; None without any, and where nothing was counted."""
    values = [float(run[field]) for run in good(runs) if run[field] != "-"]
    return statistics.median(values) if values else None


def shown(value, form="{:.2f}"):
    return "–" if value is None else form.format(value)


def ratio(value, base):
    return None if value is None or not base else value / base


def per_host(value, hosts):
    return None if value is None else value / hosts


def row(hosts, tool, runs, cell):
    wall = middle(runs, "wall")
    walls = [float(run["wall"]) for run in good(runs)]
    failed = len(runs) - len(walls)
    return [
        TOOLS.get(tool, tool) + (f" ({failed} of {len(runs)} FAILED)" if failed else ""),
        shown(wall), f"{min(walls):.2f}–{max(walls):.2f}" if walls else "–",
        shown(ratio(wall, middle(cell.get("floor", []), "wall"))), shown(ratio(wall, middle(cell.get("cap", []), "wall"))),
        shown(middle(runs, "cpu")),
        shown(ratio(middle(runs, "own"), 1024), "{:.0f}"), shown(ratio(middle(runs, "tree"), 1024), "{:.0f}"),
        *(shown(per_host(middle(runs, field), hosts), "{:.1f}") for field in ("logins", "sessions", "turns")),
        f"{len(walls)}, {sum(float(run['idle']) < 90 for run in good(runs))}",
    ]


def table(head, rows):
    return ["| " + " | ".join(line) + " |" for line in [head, ["---"] * len(head), *rows]]


def matrix(cells):
    head = ["", "median s", "min–max", "× floor", "× cap", "CPU s", "own MiB", "all MiB", "logins", "sessions", "turns",
            "runs, of them noisy"]
    lines = ["", "## Jobs", "", "CPU: user and system time of all processes of the tool. MiB: peak resident memory of its own "
             "process, and the peak sum over all. Logins, sessions and turns are per host; a turn is a time the client began to "
             "speak, counted by the proxy. A run is noisy when the machine was less than nine tenths idle before it."]
    for (hosts, rtt, job), cell in sorted(cells.items(), key=lambda item: (item[0][:2], list(JOBS).index(item[0][2]))):
        order = [tool for tool in TOOLS if tool in cell]
        lines += ["", f"### {hosts} host{'s' * (hosts > 1)}, {rtt} ms: {JOBS[job]}", ""]
        lines += table(head, [row(hosts, tool, cell[tool], cell) for tool in order])
    return lines


def goals(cells):
    """What issue 3 wants reached, as far as the cells are there: what, measured, limit, whether."""
    found = []

    def goal(what, value, limit, strict=False):
        if value is not None and limit is not None:
            found.append([what, f"{value:.2f}", f"{limit:.2f}", "yes" if (value < limit if strict else value <= limit) else "NO"])

    def wall(hosts, rtt, job, tool):
        return middle(cells.get((hosts, rtt, job), {}).get(tool, []), "wall")

    goal("deploy, 10 hosts, 50 ms: × floor", ratio(wall(10, 50, "deploy", "windlass"), wall(10, 50, "deploy", "floor")), 1.3)
    goal("deploy, 10 hosts, 50 ms: part of cap's time",
         ratio(wall(10, 50, "deploy", "windlass"), wall(10, 50, "deploy", "cap")), 1 / 3)
    for hosts, rtt, job in sorted(cells):
        goal(f"{JOBS[job]}, {hosts} hosts, {rtt} ms: seconds, not more than cap",
             wall(hosts, rtt, job, "windlass"), wall(hosts, rtt, job, "cap"))
        floor = wall(hosts, rtt, job, "floor")
        if job == "commands" and floor is not None:
            goal(f"20 commands, {hosts} hosts, {rtt} ms: seconds, at most 1.2 × (floor + 20 round trips)",
                 wall(hosts, rtt, job, "windlass"), 1.2 * (floor + 20 * rtt / 1000))
        if hosts == 50:
            own = middle(cells[hosts, rtt, job].get("windlass", []), "own")
            goal(f"{JOBS[job]}, 50 hosts, {rtt} ms: own MiB, under 40", ratio(own, 1024), 40, strict=True)
    for (hosts, rtt, job) in sorted(cells):
        fewer = max((key[0] for key in cells if key[1:] == (rtt, job) and key[0] < hosts), default=None)
        if fewer:
            goal(f"{JOBS[job]}, {rtt} ms: seconds per host with {hosts}, not more than with {fewer}",
                 per_host(wall(hosts, rtt, job, "windlass"), hosts), per_host(wall(fewer, rtt, job, "windlass"), fewer))
    return ["", "## Goals (windlass, cold)", "", *table(["goal", "measured", "limit", "reached"], found)] if found else []


def handshake(cell):
    rows = []
    for tool, runs in sorted(cell.items(), reverse=True):
        walls = [float(run["wall"]) for run in good(runs)]
        rows.append([tool, *(f"{value * 1000:.0f}" for value in (statistics.median(walls), min(walls), max(walls))),
                     f"{middle(runs, 'cpu') * 1000:.0f}", str(len(walls))])
    head = ["key exchange", "median ms", "min", "max", "client CPU ms", "runs"]
    return ["", "## Key exchange: a fresh `ssh HOST true`", "", *table(head, rows)]


def main(folder):
    with open(os.path.join(folder, "facts"), encoding="utf-8") as file:
        lines = ["# windlass, measured", "", *("- " + line.rstrip("\n") for line in file)]
    cells = samples(os.path.join(folder, "samples"))
    shakes = cells.pop((1, 0, "handshake"), None)
    if cells:
        lines += goals(cells) + matrix(cells)
    if shakes:
        lines += handshake(shakes)
    for name in sorted(os.listdir(folder)):
        if name.endswith(".md"):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                lines.append(file.read().rstrip("\n"))
    print("\n".join(lines))


if __name__ == "__main__":
    main(sys.argv[1])
