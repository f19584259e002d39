"""What a process holds, from /proc: resident memory, descriptors, threads."""

import pathlib


def children(pid):
    """Process ids of the children, zombies included."""
    found = set()
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        try:
            found.update(map(int, (task / "children").read_text().split()))
        except FileNotFoundError:  # the thread has ended
            pass
    return found


def memory(pid, name):
    """Bytes of a line of /proc/PID/status."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) * 1024
    raise ValueError(f"process {pid} has no memory: it has ended")


def resident(pid):
    return memory(pid, "VmRSS")


def address_space(pid):
    return memory(pid, "VmSize")


def descriptors(pid):
    return len(list(pathlib.Path(f"/proc/{pid}/fd").iterdir()))


def threads(pid):
    return len(list(pathlib.Path(f"/proc/{pid}/task").iterdir()))


def processor_seconds(pid):
    """User and system time so far."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def sample(pid):
    return {"resident_mb": round(resident(pid) / 1e6, 2), "descriptors": descriptors(pid), "threads": threads(pid)}
