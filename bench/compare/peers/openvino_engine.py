"""OpenVINO on the CPU, in its two modes: all threads on one request, or several requests at a time."""

import openvino

from peers.engine import PaddedEngine


class OpenVinoEngine(PaddedEngine):

    def __init__(self, job, precision, hint):
        super().__init__(job)
        self.model = openvino.Core().compile_model(job.exported / "openvino.xml", "CPU", {
            "PERFORMANCE_HINT": hint, "INFERENCE_PRECISION_HINT": precision, "INFERENCE_NUM_THREADS": job.threads})
        self.request = self.model.create_infer_request()
        self.queue = openvino.AsyncInferQueue(self.model) if hint == "THROUGHPUT" else None
        if self.queue:
            self.queue.set_callback(lambda request, place: place.append(request.get_output_tensor().data.copy()))

    def logits(self, arrays):
        self.request.infer(arrays)
        return self.request.get_output_tensor().data.copy()

    def all_logits(self, batches):
        if self.queue is None or len(batches) == 1:
            return super().all_logits(batches)
        places = [[] for _ in batches]
        for arrays, place in zip(batches, places):
            self.queue.start_async(arrays, place)
        self.queue.wait_all()
        return [place[0] for place in places]
