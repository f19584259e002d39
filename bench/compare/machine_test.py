import pathlib
import subprocess
import sys
import time
import unittest

import machine


class MachineTest(unittest.TestCase):

    def test_names_the_processor_and_the_flags_that_matter(self):
        text = "processor\t: 0\nmodel name\t: A Processor\nflags\t\t: fpu avx2 avx512f amx_bf16\n\nmodel name\t: Another\n"
        self.assertEqual(("A Processor", ["avx2", "avx512f", "amx_bf16"]), machine.processor(text))
        self.assertEqual(("unknown", []), machine.processor(""))

    def test_describes_this_machine(self):
        self.assertGreaterEqual(machine.describe()["cores"], 1)

    def test_busy_is_all_but_idle_and_waiting(self):
        ticks = machine.os.sysconf("SC_CLK_TCK")
        line = f"cpu  {ticks} {ticks} {ticks} 999 999 {ticks} {ticks} {2 * ticks} 0 0"
        self.assertEqual(7, machine.busy_seconds(f"{line}\ncpu0 1\n"))

    def test_the_work_of_others_is_told_from_that_of_ended_children(self):
        spin = [sys.executable, "-c", "import time\nwhile time.process_time() < 0.4: pass"]
        others = machine.Others()
        subprocess.run(spin, check=True)
        alone = others.share()
        with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as child:
            others = machine.Others()
            time.sleep(0.4)
            beside = others.share()
            child.kill()
        self.assertGreaterEqual(alone, 0)
        self.assertGreater(beside, 0.1)

    def test_absent_programs_have_no_version(self):
        self.assertEqual("absent", machine.versions(pathlib.Path("/nowhere"))["verdict"])


if __name__ == "__main__":
    unittest.main()
