"""Writes the CycloneDX list of scripts/sbom.sh, which says what it is. Python's standard library is all it takes.

    sbom.py OUT.json FILE…
"""

import hashlib
import json
import pathlib
import re
import subprocess
import sys
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[1]
# Of which headers are compiled in and no library is loaded; and the roots that the image has a copy of.
COMPILED_IN = ["libboost1.81-dev", "libcli11-dev", "libxxhash-dev"]
COPIED = ["ca-certificates"]
# How Debian's copyright files call licences, and how SPDX does, where that differs.
SPDX = {"Expat": "MIT", "Apache-2": "Apache-2.0", "Apache-2.0": "Apache-2.0", "BSL-1.0": "BSL-1.0", "BSD-3-clause": "BSD-3-Clause",
        "BSD-2-clause": "BSD-2-Clause", "BSD-3-Clause": "BSD-3-Clause", "BSD-2-Clause": "BSD-2-Clause", "Zlib": "Zlib", "zlib": "Zlib",
        "ISC": "ISC", "MIT": "MIT", "MPL-2.0": "MPL-2.0", "GPL-2+": "GPL-2.0-or-later", "GPL-3+": "GPL-3.0-or-later",
        "LGPL-2.1+": "LGPL-2.1-or-later", "LGPL-2.1": "LGPL-2.1-only"}

# Of packages whose copyright file is prose.
IN_PROSE = {"libc6": "LGPL-2.1-or-later", "libc-ares2": "MIT", "libgcc-s1": "GPL-3.0-or-later WITH GCC-exception-3.1",
            "libstdc++6": "GPL-3.0-or-later WITH GCC-exception-3.1", "libgomp1": "GPL-3.0-or-later WITH GCC-exception-3.1"}


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def loaded_libraries(files):
    """The shared libraries that the files load, by path."""
    found = set()
    for line in run("ldd", *map(str, files)).splitlines():
        if "not found" in line:
            sys.exit(f"error: a library is missing: {line.strip()}")
        if match := re.search(r"(?:=> )?(/\S+) \(0x", line):
            found.add(pathlib.Path(match[1]))
    return sorted(found - set(files))


def package_of(path):
    """Debian's package that has the file; None for files that no package has. /lib is a link to /usr/lib, and packages say either."""
    for name in dict.fromkeys(str(one).removeprefix(prefix) for one in (path, path.resolve()) for prefix in ("", "/usr")):
        if owner := run("dpkg-query", "--search", name):
            return owner.split(":")[0].split(",")[0]
    return None


def licences_of(text):
    """Of a copyright file: the names that it gives, where it is written for machines, else none."""
    names = sorted(set(re.findall(r"^License: *(\S.*?)\s*$", text, re.MULTILINE)))
    return [{"license": {"id": SPDX[name]} if name in SPDX else {"name": name}} for name in names]


def debian_component(package, files, scope="required"):
    fields = run("dpkg-query", "--show", "--showformat", "${Version}\t${Architecture}\t${source:Package}", package).split("\t")
    if len(fields) != 3:
        sys.exit(f"error: the package {package} is not installed")
    version, architecture, source = fields
    copyright_file = pathlib.Path("/usr/share/doc", package, "copyright")
    component = {
        "type": "library", "name": package, "version": version, "scope": scope,
        "bom-ref": f"pkg:deb/debian/{package}@{version}?arch={architecture}",
        "purl": f"pkg:deb/debian/{package}@{version.replace('+', '%2B').replace(':', '%3A')}?arch={architecture}&distro=debian-12",
        "properties": [{"name": "verdict:source-package", "value": source},
                       *({"name": "verdict:file", "value": f"{file.name} sha256:{sha256(file)}"} for file in files)],
    }
    if package in IN_PROSE:
        component["licenses"] = [{"expression": IN_PROSE[package]}]
    elif copyright_file.exists() and (licences := licences_of(copyright_file.read_text(errors="replace"))):
        component["licenses"] = licences
    return component


def variable(script, name):
    match = re.search(rf"^{name}=(\S+)$", (ROOT / "scripts" / script).read_text(), re.MULTILINE)
    return match[1] if match else sys.exit(f"error: scripts/{script} does not set {name}")


def fetched_component(name, version, licence, purl):
    return {"type": "library", "name": name, "version": version, "scope": "required", "bom-ref": purl, "purl": purl,
            "licenses": [{"license": {"id": licence}}]}


def our_component(path, version):
    return {"type": "application", "name": path.name, "version": version, "bom-ref": f"verdict:{path.name}@{version}",
            "licenses": [{"license": {"id": "Apache-2.0"}}], "hashes": [{"alg": "SHA-256", "content": sha256(path)}]}


def components_of(files, version):
    by_package, torch = {}, False
    for library in loaded_libraries(files):
        if (ROOT / "third_party/libtorch") in library.parents:
            torch = True
        elif package := package_of(library):
            by_package.setdefault(package, []).append(library)
        elif library.name not in {file.name for file in files}:
            sys.exit(f"error: no package has {library}")
    components = [our_component(file, version) for file in files]
    components += [debian_component(package, libraries) for package, libraries in sorted(by_package.items())]
    components += [debian_component(package, []) for package in COMPILED_IN + COPIED if package not in by_package]
    if any(file.name == "verdict-gateway" for file in files):
        for name, licence in (("swagger-ui", "Apache-2.0"), ("redoc", "MIT")):
            number = variable("fetch_api_docs_assets.sh", name.replace("-", "_"))
            components.append(fetched_component(name, number, licence, f"pkg:npm/{name}@{number}"))
    if torch:
        number = variable("fetch_libtorch.sh", "version")
        components.append(fetched_component("torch", number, "BSD-3-Clause", f"pkg:pypi/torch@{number}"))
    return components


def document(files):
    version = re.search(r"project\(verdict VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())[1]
    components = components_of(files, version)
    root = f"verdict@{version}"
    body = {
        "metadata": {"component": {"type": "container", "name": "verdict", "version": version, "bom-ref": root,
                                   "licenses": [{"license": {"id": "Apache-2.0"}}]},
                     "tools": {"components": [{"type": "application", "name": "verdict-sbom", "version": version}]}},
        "components": components,
        "dependencies": [{"ref": root, "dependsOn": [component["bom-ref"] for component in components]}],
    }
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(body, sort_keys=True))
    return {"$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json", "bomFormat": "CycloneDX", "specVersion": "1.5",
            "serialNumber": f"urn:uuid:{serial}", "version": 1, **body}


def main(arguments):
    if len(arguments) < 2:
        sys.exit("usage: sbom.py OUT.json FILE…")
    files = [pathlib.Path(name).resolve() for name in arguments[1:]]
    if missing := [str(file) for file in files if not file.exists()]:
        sys.exit(f"error: there is no {missing[0]}; build first")
    pathlib.Path(arguments[0]).write_text(json.dumps(document(files), indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
