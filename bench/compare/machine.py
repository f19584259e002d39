"""What was measured on, and with which versions: a figure without it is worth nothing."""

import importlib.metadata
import os
import pathlib
import resource
import subprocess
import time

FLAGS = ("avx2", "avx_vnni", "avx512f", "avx512_vnni", "avx512_bf16", "avx512_fp16", "amx_tile", "amx_bf16", "amx_int8")
PACKAGES = ("torch", "transformers", "tokenizers", "onnxruntime", "openvino", "fastapi", "uvicorn")


def processor(cpuinfo):
    """(model name, flags that matter here) out of /proc/cpuinfo."""
    fields = {}
    for line in cpuinfo.splitlines():
        name, _, value = line.partition(":")
        fields.setdefault(name.strip(), value.strip())
    present = set(fields.get("flags", "").split())
    return fields.get("model name", "unknown"), [flag for flag in FLAGS if flag in present]


def describe():
    """The machine, as a table wants it."""
    name, flags = processor(pathlib.Path("/proc/cpuinfo").read_text())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {"processor": name, "cores": cores(), "flags": flags, "memory_gb": round(memory / 2**30),
            "kernel": os.uname().release.split("-")[0]}


def cores():
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0))


def busy_seconds(stat):
    """CPU seconds of all programs, and those that a hypervisor took, out of /proc/stat."""
    user, nice, system, _, _, irq, softirq, steal = map(int, stat.splitlines()[0].split()[1:9])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


class Others:
    """How much of a core programs other than this one and its ended children took since the construction: measurements next to a
    busy program mean little, and a table should say so."""

    def __init__(self):
        self._begin = self._now()

    def share(self):
        wall, busy, own = (now - before for now, before in zip(self._now(), self._begin))
        return max(0.0, (busy - own) / wall)

    @staticmethod
    def _now():
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        own = sum(each.ru_utime + each.ru_stime for each in used)
        return time.monotonic(), busy_seconds(pathlib.Path("/proc/stat").read_text()), own


def versions(binaries):
    """{program: version}."""
    found = {"verdict": _first_line([str(binaries / "verdict-service"), "--version"])}
    found["commit"] = _first_line(["git", "-C", str(pathlib.Path(__file__).parent), "describe", "--always", "--dirty"])
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            found[package] = "absent"
    return found


def _first_line(command):
    try:
        output = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False).stdout
    except OSError:
        return "absent"
    return (output.splitlines() or ["unknown"])[0]
