#!/usr/bin/env python3
"""Looks whether every host is as the job should have left it: verify.py JOB TOOL APP NEW OLD ROOT…

JOB is commands, deploy or rollback; APP the path of the application on a host; NEW and OLD folders with the files of the
new and the old commit, and beside each a file .commit with its name and time; ROOT the root folder of a host.
Says what differs, and ends with status 1.
"""
import hashlib
import os
import sys

LINKS = ["log", "tmp/pids", "tmp/cache", "public/system", "storage", "config/database.yml", "config/master.key"]
OLD_RELEASE = "20200101000000"
COMMANDS = 20
# Capistrano 3.17 notes the commit of a release, but not its time.
WITHOUT_TIME = ["cap"]


def tree(top):
    """Path to content: the hash of a file, the target of a link. Folders count by what is in them."""
    found = {}
    for folder, folders, files in os.walk(top):
        for name in folders + files:
            path = os.path.join(folder, name)
            short = os.path.relpath(path, top)
            if os.path.islink(path):
                found[short] = "-> " + os.readlink(path)
            elif name in files:
                with open(path, "rb") as file:
                    found[short] = hashlib.sha256(file.read()).hexdigest()
    return found


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read().strip()
    except OSError as error:
        return str(error)


def release_faults(tool, app, root, wanted, commit):
    """What is wrong with the current release."""
    link = root + app + "/current"
    if not os.path.islink(link):
        return ["there is no link `current`"]
    top = root + os.path.join(app, os.readlink(link))
    found = tree(top)
    revision, time = (read(os.path.join(top, name)) for name in ("REVISION", "REVISION_TIME"))
    for name in ("REVISION", "REVISION_TIME"):
        found.pop(name, None)
    if tool in WITHOUT_TIME and not os.path.exists(os.path.join(top, "REVISION_TIME")):
        time = commit[1]
    faults = [f"REVISION is {revision}, REVISION_TIME is {time}"] if [revision, time] != commit else []
    expected = wanted | {path: f"-> {app}/shared/{path}" for path in LINKS}
    for path in sorted(found.keys() | expected.keys()):
        if found.get(path) != expected.get(path):
            faults.append(f"{path}: {found.get(path)} instead of {expected.get(path)}")
    return faults


def releases_faults(job, app, root):
    """Whether the releases that should be there are, and the right one is current."""
    there = sorted(os.listdir(root + app + "/releases"))
    current = os.path.basename(os.readlink(root + app + "/current"))
    right = there == [OLD_RELEASE] if job == "rollback" else len(there) == 2 and there[0] == OLD_RELEASE
    return [] if right and current == there[-1] else [f"there are the releases {there}, current is {current}"]


def commands_faults(app, root):
    """The commands made a folder inside that of the one before: all have run, in order, once."""
    path = root + os.path.dirname(app) + "/ran"
    for number in range(1, COMMANDS + 1):
        if os.listdir(path) != [str(number)]:
            return [f"command {number} did not run, or not alone: {os.listdir(path)}"]
        path += f"/{number}"
    return []


def main(job, tool, app, new, old, *roots):
    expected = {"deploy": new, "rollback": old}.get(job)
    wanted, commit = (tree(expected), read(expected + ".commit").split()) if expected else ({}, [])
    wrong = False
    for number, root in enumerate(roots, 1):
        faults = commands_faults(app, root) if job == "commands" else release_faults(tool, app, root, wanted, commit)
        if not faults and job != "commands":
            faults = releases_faults(job, app, root)
        for fault in faults[:5]:
            wrong = True
            print(f"host {number}: {fault}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
