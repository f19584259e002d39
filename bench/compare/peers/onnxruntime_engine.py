"""ONNX Runtime on the CPU, with its own fused operators where export.py could make them."""

import onnxruntime

from peers.engine import PaddedEngine


class OnnxRuntimeEngine(PaddedEngine):

    def __init__(self, job, file):
        super().__init__(job)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = job.threads
        self.session = onnxruntime.InferenceSession(str(job.exported / file), options, providers=["CPUExecutionProvider"])

    def logits(self, arrays):
        return self.session.run(None, arrays)[0]
