"""A real Prometheus that scrapes the programs, and promtool, its checker."""

import json
import subprocess
import urllib.parse
import urllib.request

import programs

SCRIPT = programs.ROOT / "scripts/prometheus.sh"


def promtool(*arguments, text=None):
    """What promtool says, both streams together; it has to be content."""
    result = subprocess.run([SCRIPT, "promtool", *map(str, arguments)], input=text, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert result.returncode == 0, result.stdout
    return result.stdout


class Prometheus:
    """Scrapes `targets` (job: (port, more settings of the job)) every 100 ms. Use as a context manager, so that it ends."""

    def __init__(self, folder, targets, rules=(), interval="100ms"):
        subprocess.run([SCRIPT, "prometheus", "--version"], check=True, capture_output=True)  # fetched, if it has to be, before it is started
        self.port, = programs.free_ports(1)
        jobs = [{"job_name": job, "static_configs": [{"targets": [f"127.0.0.1:{port}"]}], **more} for job, (port, more) in targets.items()]
        config = folder / "prometheus.json"  # YAML that is JSON
        config.write_text(json.dumps({"global": {"scrape_interval": interval, "scrape_timeout": interval, "evaluation_interval": interval},
                                      "rule_files": [str(rule) for rule in rules], "scrape_configs": jobs}))
        self._log = (folder / "prometheus.log").open("w+")
        self.process = subprocess.Popen(
            [*programs.DIE_WITH_PARENT, programs.ROOT / "third_party/bin/prometheus", f"--config.file={config}",
             f"--storage.tsdb.path={folder / 'data'}", f"--web.listen-address=127.0.0.1:{self.port}"],
            stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log)
        self._direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def ask(self, path, **parameters):
        """`data` of an answer of its API."""
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        with self._direct.open(url, timeout=programs.STOP_TIMEOUT) as response:
            answer = json.load(response)
        assert answer["status"] == "success", answer
        return answer["data"]

    def query(self, expression):
        """Value by labels, sorted names and values joined: {"code=200,route=/ping": 3.0}; without labels under ""."""
        found = {}
        for sample in self.ask("query", query=expression)["result"]:
            labels = ",".join(f"{name}={value}" for name, value in sorted(sample["metric"].items()) if name not in ("__name__", "instance", "job"))
            found[labels] = float(sample["value"][1])
        return found

    def targets(self):
        return {target["labels"]["job"]: target for target in self.ask("targets", state="active")["activeTargets"]}

    def await_scraped(self):
        def scraped():
            assert self.process.poll() is None, self._said()
            try:
                targets = self.targets()
            except OSError:
                return False
            return targets and all(target["health"] == "up" for target in targets.values())
        programs.eventually(scraped, "Prometheus has scraped every target")

    def await_query(self, expression, condition):
        """The first answer that fulfils the condition."""
        def find():
            found = self.query(expression)
            return found if condition(found) else None
        return programs.eventually(find, f"{expression}, which is {self.query(expression)} so far")

    def _said(self):
        self._log.seek(0)
        return self._log.read()[-2000:]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait(programs.STOP_TIMEOUT)
        self._log.close()
