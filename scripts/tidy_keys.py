"""Names what clang-tidy's verdict on a file depends on, so that a file whose verdict is known needs no second look.

    tidy_keys.py ROOT BUILD_DIR CONFIG TIDY_VERSION FILE…     one line a file: its key (or - where it cannot be known), a tab, the file

A key is a SHA-256 over clang-tidy's version, its configuration, the compile command and the content of every file that the build
included to compile it, with the checkout's path left out. The file's object must be up to date, or the key would be that of an older
list of headers: BUILD_DIR was built before. Ninja builds only.
"""

import hashlib
import json
import pathlib
import shlex
import subprocess
import sys


def objects(build: pathlib.Path) -> dict[str, tuple[str, str]]:
    """(object, compile command) of each source."""
    found = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        words = shlex.split(entry["command"])
        if "-o" in words:
            found[entry["file"]] = (words[words.index("-o") + 1], entry["command"])
    return found


def dependencies(build: pathlib.Path) -> dict[str, list[str]]:
    """The files that each object was compiled from, where ninja holds that list for valid."""
    run = subprocess.run(["ninja", "-C", build, "-t", "deps"], capture_output=True, text=True, check=False)
    files: dict[str, list[str]] = {}
    current: list[str] = []
    for line in run.stdout.splitlines() if run.returncode == 0 else []:
        if line.startswith("    "):
            current.append(line.strip())
        elif ": #deps " in line:
            current = []
            if line.endswith("(VALID)"):
                files[line.split(": #deps ")[0]] = current
    return files


def main(root: pathlib.Path, build: pathlib.Path, config: pathlib.Path, version: str, files: list[str]) -> None:
    digests: dict[pathlib.Path, str] = {}

    def digest(path: pathlib.Path) -> str:
        if path not in digests:
            digests[path] = hashlib.sha256(path.read_bytes()).hexdigest()
        return digests[path]

    def portable(text: str) -> str:
        # -fPIC: there with TorchScript, else not, and nothing that clang-tidy looks at.
        return text.replace(str(build), "BUILD").replace(str(root), "ROOT").replace(" -fPIC", "")

    compiled, included = objects(build), dependencies(build)
    common = version + digest(config)
    for file in files:
        key = "-"
        compiled_to, command = compiled.get(file, ("", ""))
        if compiled_to in included:
            try:
                paths = sorted((build / path).resolve() for path in included[compiled_to])
                parts = [common, portable(command), *(f"{portable(str(path))} {digest(path)}" for path in paths)]
                key = hashlib.sha256("\n".join(parts).encode()).hexdigest()
            except OSError:
                pass  # a header that is gone: clang-tidy shall say so
        print(f"{key}\t{file}")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve(), pathlib.Path(sys.argv[3]), sys.argv[4], sys.argv[5:])
