"""The ticket inference contract in Python: what Verdict is compared with. Run by uvicorn with one worker, as `uvicorn app:app`.

GET /ping answers 200 with an empty body; POST /invocations takes {"text": "..."} and answers
{"prediction": {"label": "...", "probability": 0.5}}. The model is loaded before the port opens; a request is computed on the event loop, so
requests are served one after the other.
"""

import logging
import os

import torch
from fastapi import FastAPI, Response
from pydantic import BaseModel
from transformers import pipeline


def _log_level(value):
    return int(value) if value.isdigit() else value.upper()


logging.basicConfig(level=_log_level(os.environ.get("SM_LOG_LEVEL", "INFO")))
classify = pipeline("text-classification", model=os.environ.get("SM_MODEL_DIR", "/opt/ml/model"), dtype=torch.float32, device="cpu")
app = FastAPI()


class Invocation(BaseModel):
    text: str


class Prediction(BaseModel):
    label: str
    probability: float


class Answer(BaseModel):
    prediction: Prediction


@app.get("/ping")
async def ping():
    return Response(status_code=200)


@app.post("/invocations")
async def invocations(request: Invocation) -> Answer:
    best = classify(request.text, truncation=True)
    best = best[0] if isinstance(best, list) else best
    return Answer(prediction=Prediction(label=str(best["label"]), probability=best["score"]))
