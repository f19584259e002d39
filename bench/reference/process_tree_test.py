import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

from process_tree import parents, pss_bytes, tree, tree_pss_bytes


class ProcessTreeTest(unittest.TestCase):

    def fake(self, processes):
        """A /proc of {id: (parent, kilobytes or None)}."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        proc = pathlib.Path(folder.name)
        for number, (parent, kilobytes) in processes.items():
            (proc / str(number)).mkdir()
            (proc / str(number) / "stat").write_text(f"{number} (a ) b) S {parent} 1 1")
            if kilobytes is not None:
                (proc / str(number) / "smaps_rollup").write_text(f"0-f [rollup]\nRss: 999 kB\nPss:  {kilobytes} kB\nPss_Anon: 5 kB\n")
        return proc

    def test_sums_a_process_and_all_below_it(self):
        proc = self.fake({1: (0, 50), 10: (1, 100), 11: (10, 20), 12: (11, 3), 20: (1, 7000)})
        self.assertEqual(123 * 1024, tree_pss_bytes(10, proc))

    def test_a_process_that_ended_counts_nothing(self):
        proc = self.fake({10: (1, 100), 11: (10, None)})
        self.assertEqual(100 * 1024, tree_pss_bytes(10, proc))
        self.assertEqual(0, pss_bytes(99, proc))

    def test_reads_names_with_parentheses(self):
        self.assertEqual({7: 3}, parents(self.fake({7: (3, 1)})))

    def test_finds_a_real_child(self):
        with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
            self.assertIn(child.pid, tree(os.getpid(), parents()))
            self.assertGreater(pss_bytes(child.pid), 10_000)
            child.communicate(b"\n")


if __name__ == "__main__":
    unittest.main()
