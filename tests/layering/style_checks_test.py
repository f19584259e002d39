"""scripts/check_format.sh and scripts/check_tidy.sh fail on what they are there to find, and name it."""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]

CLEAN = """#include <string>

namespace verdict {

class Good {
 public:
  explicit Good(int value) : value_(value) {}
  int value() const { return value_; }
  int Twice() const { return 2 * value_; }

 private:
  static constexpr int kLimit = 3;
  int value_;
};

}  // namespace verdict
"""

# (what is wrong, in place of, what clang-tidy says)
VIOLATIONS = [
    ("int value() const", "int twiceTheValue() const", "invalid case style for method 'twiceTheValue'"),
    ("class Good {", "class bad_name {};\nclass Good {", "invalid case style for class 'bad_name'"),
    ("kLimit = 3", "LIMIT = 3", "'LIMIT'"),
    ("int value_;\n", "int value_;\n  int other;\n", "invalid case style for private member 'other'"),
    ("explicit Good", "Good", "google-explicit-constructor"),
    ("}  // namespace verdict", "std::string Moved(std::string text) {\n  std::string taken = std::move(text);\n  return taken + text;\n}\n}",
     "bugprone-use-after-move"),
]


class StyleChecksTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.file = pathlib.Path(directory.name, "sample.cc")
        command = {"directory": directory.name, "file": str(self.file), "command": f"c++ -std=c++20 -c {self.file}"}
        pathlib.Path(directory.name, "compile_commands.json").write_text(json.dumps([command]))

    def check(self, script, text, *options):
        self.file.write_text(text)
        run = subprocess.run([ROOT / "scripts" / script, *options, self.file], capture_output=True, text=True, timeout=120, check=False)
        return run.returncode, run.stdout + run.stderr

    def tidy(self, text):
        return self.check("check_tidy.sh", text, "-p", self.file.parent)

    def test_clean_code_passes_both(self):
        self.assertEqual(self.check("check_format.sh", CLEAN)[0], 0)
        status, output = self.tidy(CLEAN)
        self.assertEqual(status, 0, output)

    def test_a_difference_in_format_is_named(self):
        status, output = self.check("check_format.sh", CLEAN.replace("  int value_;", "    int   value_ ;"))
        self.assertNotEqual(status, 0)
        self.assertRegex(output, r"sample\.cc:13:\d+: error: code should be clang-formatted")

    def test_each_violation_is_named(self):
        for old, new, message in VIOLATIONS:
            with self.subTest(message):
                self.assertIn(old, CLEAN)
                status, output = self.tidy(CLEAN.replace(old, new))
                self.assertNotEqual(status, 0)
                self.assertIn(message, output)
                self.assertIn("sample.cc:", output)


if __name__ == "__main__":
    sys.exit(unittest.main())
