"""Containers for tests: started with a published port, removed in any case."""

import json
import os
import subprocess

import programs

SERVICE = os.environ.get("VERDICT_SERVICE_IMAGE", "verdict-service:local")
TORCHSCRIPT = os.environ.get("VERDICT_TORCHSCRIPT_IMAGE", "verdict-torchscript:local")
GATEWAY = os.environ.get("VERDICT_GATEWAY_IMAGE", "verdict-gateway:local")


def docker(*arguments, timeout=120, check=True):
    run = subprocess.run(["docker", *arguments], capture_output=True, text=True, timeout=timeout, check=False)
    assert not check or run.returncode == 0, f"docker {arguments}: {run.stderr}"
    return run


def inspect(image):
    return json.loads(docker("image", "inspect", image).stdout)[0]


class Container:
    """A running container as hardened as a platform may make it: read-only root, no capabilities, no new privileges, bounded."""

    HARDENED = ["--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--memory=1g", "--cpus=2"]

    def __init__(self, image, *command, model=programs.MODEL, options=()):
        mount = [] if model is None else [f"--volume={model}:/opt/ml/model:ro"]
        self.id = docker("run", "--detach", "--publish=127.0.0.1::8080", "--publish=127.0.0.1::50051", *self.HARDENED, *mount, *options,
                         image, *command).stdout.strip()

    def port(self, inside=8080):
        return int(docker("port", self.id, str(inside)).stdout.split()[0].rpartition(":")[2])

    def logs(self):
        run = docker("logs", self.id)
        return run.stdout + run.stderr

    def processes(self):
        """Process ids on this machine by program name."""
        rows = docker("top", self.id, "-eo", "pid,comm").stdout.splitlines()[1:]
        return {name: int(pid) for pid, name in (row.split(maxsplit=1) for row in rows)}

    def await_ready(self):
        """The published HTTP port, once /ping says 200."""
        port = self.port()
        try:
            programs.await_ping(port)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.logs()}") from None
        return port

    def kill(self, signal="TERM"):
        docker("kill", f"--signal={signal}", self.id)

    def wait(self, timeout=60):
        """Its exit code."""
        return int(docker("wait", self.id, timeout=timeout).stdout)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        docker("rm", "--force", "--volumes", self.id)
