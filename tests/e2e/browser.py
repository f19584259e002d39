"""Headless Chromium, driven over its DevTools protocol: no driver program, no library but a WebSocket."""

import base64
import json
import pathlib
import shutil
import subprocess
import tempfile
import urllib.request

import websocket

import programs


class Page:
    """A page of a browser of its own. `problems` gathers what the browser complains about, `requests` the URLs that it asks for."""

    def __init__(self, width=1280, height=1000):
        binary = shutil.which("chromium")
        assert binary, "chromium is missing; run scripts/setup.sh --tests"
        self.problems, self.requests, self._answers, self._next = [], [], {}, 0
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self._process = subprocess.Popen(
            [*programs.DIE_WITH_PARENT, binary, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
             "--no-first-run", "--disable-background-networking", f"--window-size={width},{height}", "--remote-debugging-port=0",
             f"--user-data-dir={self._profile.name}", "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        port_file = pathlib.Path(self._profile.name) / "DevToolsActivePort"
        programs.eventually(lambda: port_file.exists() and port_file.read_text().count("\n") > 0, "Chromium listens")
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        targets = json.load(direct.open(f"http://127.0.0.1:{port_file.read_text().split()[0]}/json/list"))
        address = next(target["webSocketDebuggerUrl"] for target in targets if target["type"] == "page")
        self._socket = websocket.create_connection(address, timeout=programs.START_TIMEOUT, suppress_origin=True, http_no_proxy=["*"])
        for domain in ["Page", "Runtime", "Log", "Network"]:
            self.command(f"{domain}.enable")
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def _receive(self):
        message = json.loads(self._socket.recv())
        parameters = message.get("params", {})
        if "id" in message:
            self._answers[message["id"]] = message
        elif message["method"] == "Log.entryAdded" and parameters["entry"]["level"] in ("warning", "error"):
            self.problems.append(parameters["entry"]["text"])
        elif message["method"] == "Runtime.exceptionThrown":
            details = parameters["exceptionDetails"]
            self.problems.append(details.get("exception", {}).get("description", details["text"]))
        elif message["method"] == "Runtime.consoleAPICalled" and parameters["type"] == "error":
            self.problems.append(" ".join(str(argument.get("value", argument.get("description"))) for argument in parameters["args"]))
        elif message["method"] == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])

    def command(self, method, **parameters):
        self._next += 1
        number = self._next
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while number not in self._answers:
            self._receive()
        answer = self._answers.pop(number)
        assert "error" not in answer, f"{method}: {answer['error']}"
        return answer["result"]

    def open(self, url):
        self.command("Page.navigate", url=url)

    def evaluate(self, expression):
        """The value of a JavaScript expression."""
        result = self.command("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def until(self, expression):
        """The first true value of an expression."""
        return programs.eventually(lambda: self.evaluate(expression), expression)

    def click(self, selector):
        self.until(f"document.querySelector({json.dumps(selector)}) !== null")
        self.evaluate(f"document.querySelector({json.dumps(selector)}).click()")

    def screenshot(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(self.command("Page.captureScreenshot", format="png")["data"]))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()
        self._process.kill()
        self._process.wait(programs.STOP_TIMEOUT)
        self._profile.cleanup()
