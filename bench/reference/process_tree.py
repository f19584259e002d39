"""Memory of a process and its children, from /proc."""

import pathlib

PROC = pathlib.Path("/proc")


def parents(proc=PROC):
    """{process id: its parent's id} of all processes."""
    found = {}
    for stat in proc.glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()  # the name before it may hold blanks and parentheses
        except OSError:
            continue  # it ended meanwhile
        found[int(stat.parent.name)] = int(fields[1])
    return found


def tree(root, parent_of):
    """The ids of `root` and everything below it."""
    members = [root]
    for member in members:
        members += [child for child, parent in parent_of.items() if parent == member]
    return members


def pss_bytes(process, proc=PROC):
    """The proportional set size of one process: shared pages count in equal parts for those who share them. 0 when it has ended."""
    try:
        lines = (proc / str(process) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def tree_pss_bytes(root, proc=PROC):
    """The sum over a process and its descendants."""
    return sum(pss_bytes(process, proc) for process in tree(root, parents(proc)))
