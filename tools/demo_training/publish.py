"""Writes the trained model as a Hugging Face directory with the metadata and the model card that belong to it."""

import json
from datetime import datetime, timezone

CARD = """---
license: apache-2.0
datasets: [PolyAI/banking77]
language: en
pipeline_tag: text-classification
metrics: [accuracy]
---
# Verdict demo: what does a bank's customer ask about?

A small BERT ({layers} layers of {hidden}, {parameters:.1f} million parameters, {vocabulary:,} word pieces) that sorts an English question to a
bank into one of {labels} categories. It exists so that Verdict can be tried in a minute; it is an ordinary Hugging Face directory.

**Accuracy {accuracy:.1%}** on the test split of Banking77 ({test:,} texts), which took no part in training or in any choice.

## How it was made
`tools/train_demo.py`, on two CPU cores, from {train:,} texts of the training split and nothing pretrained:
a WordPiece vocabulary learned from these texts plus single characters of other scripts; {warm_up:,} steps of filling in masked words; {steps_done:,} steps of
learning from the labels and from a linear teacher (TF-IDF of words and letter groups), on texts with dropped, swapped and misspelt words and on
texts spliced from two; the weights are a running average over the last steps. Seed {seed}. Other machines
do not end on the same bytes, since rounding differs.

## Data
Banking77 by PolyAI: I. Casanueva, T. Temčinas, D. Gerz, M. Henderson, I. Vulić, *Efficient Intent Detection with Dual Sentence Encoders*,
2nd Workshop on NLP for Conversational AI, 2020, <https://arxiv.org/abs/2003.04807>. Licensed under
[CC BY 4.0](https://creativecommons.org/licenses/by/4.0/). The texts were used for training, changed as described above; they are not part of this
repository. They are available at <https://github.com/PolyAI-LDN/task-specific-datasets> and as `PolyAI/banking77` on the Hugging Face hub.

## Limits
- English questions about retail banking only. Any other text gets one of the {labels} labels too, often with a low probability.
- Learned from 10,000 short questions: it knows few words, and long letters are far from what it saw. Longer inputs than 512 tokens are cut.
- Some categories of the data overlap, and some labels in it are wrong; confusing neighbours such as `pending_transfer` and
  `transfer_not_received_by_recipient` is the usual mistake.
- Not meant for decisions about people or money.
"""


def write(folder, model, tokenizer, facts):
    """Writes weights, configuration, tokenizer, metadata.json and README.md. `facts` are the card's figures and `categories`."""
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    tokenizer.backend_tokenizer.no_truncation()  # else the lengths of the last training batch stay in tokenizer.json
    tokenizer.backend_tokenizer.no_padding()
    tokenizer.save_pretrained(folder)
    for file in folder.iterdir():
        file.chmod(0o644)  # a service under another user has to read it
    now = datetime.now(timezone.utc).replace(microsecond=0)
    metadata = {
        "version": now.strftime("%Y%m%d_%H%M%S"),
        "training_args": {key: str(facts[key]) for key in ("seed", "warm_up", "steps_done", "hidden", "layers")},
        "label_mapping": dict(enumerate(facts["categories"])), "model_name": "verdict-demo", "training_date": now.isoformat(),
    }
    (folder / "metadata.json").write_text(json.dumps(metadata, indent=2) + "\n", encoding="utf-8")
    (folder / "README.md").write_text(CARD.format(**facts), encoding="utf-8")
