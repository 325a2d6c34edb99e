"""The processes a command has started, at any depth: how many seconds of processor they took, and how much memory.

Ours become those whose parent has ended too, such as an ssh that went into the background. Linux only.
"""
import ctypes
import os
import resource
import signal

PAGE_KIB = os.sysconf("SC_PAGE_SIZE") // 1024
TICK = os.sysconf("SC_CLK_TCK")
PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans():
    """From now on a process below us whose parent ends gets us as its parent."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")


def stat_of(pid):
    """The fields of /proc/PID/stat after the name; None where it has gone."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()
    except OSError:
        return None


def rss_kib(pid):
    try:
        with open(f"/proc/{pid}/statm", "rb") as file:
            return int(file.read().split()[1]) * PAGE_KIB
    except (OSError, IndexError):
        return 0


def highest_rss_kib(pid):
    """The most memory the process had so far, as the kernel noted it."""
    try:
        with open(f"/proc/{pid}/status", "rb") as file:
            for line in file:
                if line.startswith(b"VmHWM:"):
                    return int(line.split()[1])
    except OSError:
        pass
    return 0


class Tree:
    """Everything below this process. Each process is asked for its parent once, so that looking often costs little."""

    def __init__(self):
        self.known = {}

    def members(self):
        """Those alive now."""
        alive = {int(name) for name in os.listdir("/proc") if name.isdigit()}
        self.known = {pid: ours for pid, ours in self.known.items() if pid in alive}
        self.known[os.getpid()] = True
        # A parent's number is mostly smaller than its child's; where not, the next turn of the loop finds it.
        waiting = {}
        for pid in sorted(alive - self.known.keys()):
            fields = stat_of(pid)
            if fields:
                waiting[pid] = int(fields[1])
        found = True
        while found:
            found = [pid for pid, parent in waiting.items() if self.known.get(parent)]
            for pid in found:
                self.known[pid] = True
                del waiting[pid]
        self.known.update(dict.fromkeys(waiting, False))
        return [pid for pid, ours in self.known.items() if ours and pid != os.getpid()]

    def seconds(self):
        """User and system time of all, those that have ended included."""
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        total = used.ru_utime + used.ru_stime
        for pid in self.members():
            fields = stat_of(pid)
            # Own time, and that of the children it has waited for.
            total += sum(int(field) for field in fields[11:15]) / TICK if fields else 0
        return total

    def rss_kib(self):
        return sum(rss_kib(pid) for pid in self.members())

    def end(self):
        """Ends what is left, each by its number. Those are ours: nobody else's process is below this one."""
        for signal_number in (signal.SIGTERM, signal.SIGKILL):
            for _ in range(40):
                reap()
                left = self.members()
                if not left:
                    return
                for pid in left:
                    try:
                        os.kill(pid, signal_number)
                    except ProcessLookupError:
                        pass
                signal.sigtimedwait([signal.SIGCHLD], 0.05)


def reap():
    """Takes leave of adopted processes that have ended."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass
