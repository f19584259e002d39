"""Every engine of the comparison by the name its row has. Modules are imported when an engine is opened, so that the memory and
the start of one hold nothing of another's."""

import importlib
from dataclasses import dataclass, field

REFERENCE = "transformers fp32"
COMPILED = "torch.compile bf16"
OURS = "Verdict "


@dataclass(frozen=True)
class Peer:
    """Where an engine lives and what its constructor gets beside the job."""

    module: str
    kind: str
    settings: dict = field(default_factory=dict)
    rounds: int = 1_000  # at most; one for what takes minutes to start


PEERS = {
    REFERENCE: Peer("transformers_engine", "TransformersEngine", {"precision": "float32"}),
    "transformers bf16": Peer("transformers_engine", "TransformersEngine", {"precision": "bfloat16"}),
    COMPILED: Peer("compiled_engine", "CompiledEngine", {"precision": "bfloat16"}, rounds=1),
    "ONNX Runtime fp32": Peer("onnxruntime_engine", "OnnxRuntimeEngine", {"file": "fp32.onnx"}),
    "ONNX Runtime int8 per tensor": Peer("onnxruntime_engine", "OnnxRuntimeEngine", {"file": "int8_tensor.onnx"}),
    "ONNX Runtime int8 per channel": Peer("onnxruntime_engine", "OnnxRuntimeEngine", {"file": "int8_channel.onnx"}),
    "OpenVINO f32 latency": Peer("openvino_engine", "OpenVinoEngine", {"precision": "f32", "hint": "LATENCY"}),
    "OpenVINO f32 throughput": Peer("openvino_engine", "OpenVinoEngine", {"precision": "f32", "hint": "THROUGHPUT"}),
    "OpenVINO bf16 latency": Peer("openvino_engine", "OpenVinoEngine", {"precision": "bf16", "hint": "LATENCY"}),
    "OpenVINO bf16 throughput": Peer("openvino_engine", "OpenVinoEngine", {"precision": "bf16", "hint": "THROUGHPUT"}),
}


def peer(name):
    """The entry for a name; "Verdict P" is ours at precision P."""
    if name.startswith(OURS):
        return Peer("verdict_engine", "VerdictEngine", {"precision": name.removeprefix(OURS)})
    return PEERS[name]


def open_engine(name, job):
    """The running engine."""
    found = peer(name)
    return getattr(importlib.import_module(f"peers.{found.module}"), found.kind)(job, **found.settings)
