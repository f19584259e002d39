"""PyTorch with Hugging Face transformers, eager."""

import torch
import transformers

from peers.engine import PaddedEngine


class TransformersEngine(PaddedEngine):
    """What a Python service runs; attention is PyTorch's fused one."""

    def __init__(self, job, precision):
        super().__init__(job)
        torch.set_num_threads(job.threads)
        transformers.logging.set_verbosity_error()
        transformers.logging.disable_progress_bar()
        classifier = transformers.AutoModelForSequenceClassification
        self.model = classifier.from_pretrained(job.model, dtype=getattr(torch, precision)).eval()

    @torch.inference_mode()
    def logits(self, arrays):
        return self.model(**{name: torch.from_numpy(array) for name, array in arrays.items()}).logits.float().numpy()
