"""The repository obeys the dependency rule, and every rule reports a made-up tree that breaks it, by file and line."""

import pathlib
import re
import tempfile
import unittest

import layering

ROOT = pathlib.Path(__file__).resolve().parents[2]
SERVICE = "services/classifier"

# (what is broken, file, its text, the line reported, part of the message)
BROKEN = [
    ("common includes a domain folder", "common/a.h", f'#include "{SERVICE}/api/classifier.h"\n', 1, "common must not include"),
    ("api includes a decorator", f"{SERVICE}/api/a.h", f'\n#include "{SERVICE}/batching/b.h"\n', 2, "api must not include"),
    ("text includes its neighbour model", f"{SERVICE}/text/a.cc", f'#include "{SERVICE}/model/b.h"\n', 1, "text must not include"),
    ("batching includes the engine", f"{SERVICE}/batching/a.cc", f'#include "{SERVICE}/engine/b.h"\n', 1, "batching must not include"),
    ("engine includes the repository", f"{SERVICE}/engine/a.cc", f'#include "{SERVICE}/repository/b.h"\n', 1, "engine must not include"),
    ("repository includes rpc", f"{SERVICE}/repository/a.cc", f'#include "{SERVICE}/rpc/b.h"\n', 1, "repository must not include"),
    ("engine includes what needs LibTorch", f"{SERVICE}/engine/a.cc", f'#include "{SERVICE}/torchscript/b.h"\n', 1, "engine must not include"),
    ("kernels include the engine", f"{SERVICE}/kernels/a.cc", f'#include "{SERVICE}/engine/b.h"\n', 1, "kernels must not include"),
    ("rpc includes the server", f"{SERVICE}/rpc/a.cc", f'#include "{SERVICE}/server.h"\n', 1, "rpc must not include"),
    ("the service includes the gateway", f"{SERVICE}/main.cc", '#include "gateway/http/router.h"\n', 1, "must not include gateway"),
    ("the gateway includes the service", "gateway/main.cc", f'#include "{SERVICE}/api/classifier.h"\n', 1, "gateway must not include"),
    ("http includes the client", "gateway/http/a.cc", '#include "gateway/client/b.h"\n', 1, "gateway/http must not include"),
    ("http includes a dialect", "gateway/http/a.cc", '#include "gateway/dialects/b.h"\n', 1, "gateway/http must not include"),
    ("client includes http", "gateway/client/a.cc", '#include "gateway/http/b.h"\n', 1, "gateway/client must not include"),
    ("a dialect includes the gateway", "gateway/dialects/a.cc", '#include "gateway/gateway.h"\n', 1, "dialects must not include"),
    ("the supervisor includes the client", "gateway/supervisor/a.cc", '#include "gateway/client/b.h"\n', 1, "supervisor must not include"),
    ("product code includes tests", f"{SERVICE}/api/a.cc", '#include "tests/support/fake.h"\n', 1, "must not include tests"),
    ("a folder without a row", "services/other/a.cc", "#include <string>\n", 1, "no row"),
    ("LibTorch in a header of rpc", f"{SERVICE}/rpc/a.h", "#include <torch/torch.h>\n", 1, "LibTorch"),
    ("LibTorch elsewhere", f"{SERVICE}/model/a.cc", "\n\n#include <c10/core/Device.h>\n", 3, "LibTorch"),
    ("ATen in quotes", f"{SERVICE}/rpc/a.cc", '#include "ATen/ATen.h"\n', 1, "LibTorch"),
    ("intrinsics in the engine", f"{SERVICE}/engine/a.cc", "#include <immintrin.h>\n", 1, "processor intrinsics"),
    ("sentencepiece", f"{SERVICE}/text/a.cc", "#include <sentencepiece_processor.h>\n", 1, "sentencepiece"),
    ("Beast in a dialect", "gateway/dialects/a.cc", "#include <boost/beast/http.hpp>\n", 1, "socket"),
    ("OTLP in the service", f"{SERVICE}/server.cc", '#include "telemetry/otlp/endpoint.h"\n', 1, "OTLP belongs"),
    ("the gateway in telemetry", "telemetry/span.h", '#include "gateway/http/a.h"\n', 1, "telemetry must not include"),
    ("gRPC in telemetry", "telemetry/tracer.h", '#include "grpcpp/grpcpp.h"\n', 1, "generated stubs"),
    ("Asio in the service", f"{SERVICE}/server.cc", '#include "boost/asio.hpp"\n', 1, "socket"),
    ("plain sockets in the supervisor", "gateway/supervisor/a.cc", "#include <sys/socket.h>\n", 1, "socket"),
    ("child processes in http", "gateway/http/a.cc", "#include <spawn.h>\n", 1, "child processes"),
    ("OpenSSL in a dialect", "gateway/dialects/a.cc", '#include "openssl/ssl.h"\n', 1, "OpenSSL"),
    ("security includes the gateway", "security/a.cc", '#include "gateway/http/b.h"\n', 1, "security must not include"),
    ("stubs in a dialect", "gateway/dialects/a.cc", '#include "verdict/v1/classifier.pb.h"\n', 1, "generated stubs"),
    ("stubs in the api", f"{SERVICE}/api/a.h", '#include "verdict/v1/classifier.grpc.pb.h"\n', 1, "generated stubs"),
    ("gRPC in common", "common/logging.h", '#include "grpcpp/support/status.h"\n', 1, "generated stubs"),
    ("protobuf in batching", f"{SERVICE}/batching/a.cc", "#include <google/protobuf/message.h>\n", 1, "generated stubs"),
    ("GoogleTest in product code", "common/a.cc", '#include "gtest/gtest.h"\n', 1, "GoogleTest"),
    ("a relative include", "common/a.cc", '#include "../gateway/a.h"\n', 1, "from the root"),
    ("a bare include", "common/a.cc", '#include "a.h"\n', 1, "from the root"),
    ("spaces in the directive", "common/a.cc", '  #  include   "gateway/a.h"\n', 1, "common must not include"),
    ("a deadline by the wall clock", "gateway/run.cc", "int x;\nauto end = absl::Now() + one;\n", 2, "SteadyNow()"),
    ("the standard's wall clock", f"{SERVICE}/server.h", "auto now = std::chrono::system_clock::now();\n", 1, "SteadyNow()"),
    ("a file too long", "common/a.cc", "int x;\n" * 401, 401, "at most 400"),
]

FINE = {
    "common/grpc_status.cc": '#include "common/grpc_status.h"\n#include "grpcpp/support/status.h"\n',
    f"{SERVICE}/torchscript/a.cc": f'#include <torch/torch.h>\n#include "{SERVICE}/model/a.h"\n',
    f"{SERVICE}/kernels/a.cc": "#include <immintrin.h>\n",
    f"{SERVICE}/text/a_test.cc": '#include "gtest/gtest.h"\n#include "tests/support/fake.h"\n',
    f"{SERVICE}/main.cc": f'#include "{SERVICE}/rpc/a.h"\n#include "{SERVICE}/server.h"\n',
    f"{SERVICE}/text/table.cc": "// Generated by a program; do not edit.\n" + "int x;\n" * 401,
    "gateway/dialects/a.cc": '#include "gateway/client/a.h"\n#include "gateway/http/a.h"\n',
    "gateway/http/a.cc": "#include <boost/beast.hpp>\n",
    "telemetry/otlp/a.cc": '#include "boost/asio.hpp"\n#include "grpcpp/grpcpp.h"\n#include "telemetry/span.h"\n',
    "gateway/client/a.cc": '#include "telemetry/tracer.h"\n',
    "common/logging.cc": "line += absl::FormatTime(absl::Now());\n",
    "gateway/a_test.cc": "options.deadline = absl::Now();  // as far as it goes\n",
    "gateway/a.h": "// Not absl::Now(), which may be set.\n",
    "gateway/supervisor/a.cc": "#include <spawn.h>\n// #include <torch/torch.h>\n",
    "tests/integration/a_test.cc": f'#include <torch/torch.h>\n#include "{SERVICE}/server.h"\n#include "grpcpp/grpcpp.h"\n',
}


def check(files: dict[str, str]) -> list[str]:
    with tempfile.TemporaryDirectory() as name:
        for path, text in files.items():
            file = pathlib.Path(name, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return layering.check_tree(pathlib.Path(name))


class LayeringTest(unittest.TestCase):
    def test_the_repository_obeys_the_rule(self):
        self.assertEqual(layering.check_tree(ROOT), [])

    def test_what_the_rule_allows_passes(self):
        self.assertEqual(check(FINE), [])

    def test_every_rule_reports_file_and_line(self):
        for what, path, text, line, message in BROKEN:
            with self.subTest(what):
                problems = check({path: text})
                self.assertEqual(len(problems), 1, problems)
                self.assertTrue(problems[0].startswith(f"{path}:{line}: "), problems[0])
                self.assertIn(message, problems[0])

    def test_a_fourteenth_unit_in_common_is_reported(self):
        problems = check({f"common/unit{index:02}.h": "#pragma once\n" for index in range(11)})
        self.assertEqual([problem.split(":")[0] for problem in problems], ["common/unit10.h"])

    def test_every_row_and_every_confined_header_is_broken_once_above(self):
        messages = " ".join(message for *_, message in BROKEN)
        for rule in layering.CONFINED:
            self.assertTrue(any(rule.what.startswith(message) for *_, message in BROKEN), rule.what)
        for row in ["common", "telemetry", "api", "engine", "repository", "rpc", "gateway/http", "gateway/client", "dialects", "supervisor"]:
            self.assertIn(f"{row} must not include", messages)

    def test_every_folder_of_the_build_is_there_when_images_are_built(self):
        folders = re.findall(r"^add_subdirectory\(([^/)]*)", (ROOT / "CMakeLists.txt").read_text(), re.MULTILINE)
        self.assertIn("gateway", folders)
        ignored = (ROOT / ".dockerignore").read_text().splitlines()
        self.assertEqual([folder for folder in folders if folder != "tests" and f"!{folder}" not in ignored], [])

    def test_an_empty_tree_is_not_a_success(self):
        self.assertEqual(len(check({})), 1)

    def test_the_program_tells_by_its_exit_status(self):
        self.assertEqual(layering.main([str(ROOT)]), 0)
        self.assertEqual(layering.main(["/nonexistent"]), 1)
        self.assertEqual(layering.main([]), 2)


if __name__ == "__main__":
    unittest.main()
