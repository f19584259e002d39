"""The ticket inference contract on LitServe, batching as its documentation advises: `python litserve_app.py PORT`."""

import os
import sys

import litserve
import torch
from transformers import pipeline

MAX_BATCH = 8
BATCH_TIMEOUT_S = 0.01


class Tickets(litserve.LitAPI):
    def setup(self, device):
        self.classify = pipeline("text-classification", model=os.environ["SM_MODEL_DIR"], dtype=torch.float32, device="cpu")

    def decode_request(self, request):
        return request["text"]

    def predict(self, texts):
        return self.classify(list(texts), truncation=True, batch_size=len(texts))

    def encode_response(self, best):
        return {"prediction": {"label": best["label"], "probability": best["score"]}}


if __name__ == "__main__":
    api = Tickets(max_batch_size=MAX_BATCH, batch_timeout=BATCH_TIMEOUT_S)
    litserve.LitServer(api, accelerator="cpu").run(host="127.0.0.1", port=int(sys.argv[1]), generate_client_file=False)
