"""A BERT classifier with seeded random weights, for tests of what models cost rather than of what they say."""

import json

import numpy

LABELS = ["general", "billing", "technical"]


def tensors(hidden, layers, vocabulary, positions, random):
    """Name and array of every weight, as transformers names them."""
    def weight(*shape):
        return (random.standard_normal(shape, dtype=numpy.float32) * 0.02).astype(numpy.float32)

    def linear(name, outputs, inputs):
        return {f"{name}.weight": weight(outputs, inputs), f"{name}.bias": weight(outputs)}

    def norm(name):
        return {f"{name}.weight": numpy.ones(hidden, numpy.float32), f"{name}.bias": numpy.zeros(hidden, numpy.float32)}

    all_of_them = {f"bert.embeddings.{kind}_embeddings.weight": weight(rows, hidden)
                   for kind, rows in [("word", vocabulary), ("position", positions), ("token_type", 2)]}
    all_of_them |= norm("bert.embeddings.LayerNorm")
    for layer in range(layers):
        at = f"bert.encoder.layer.{layer}"
        for name in ["attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"]:
            all_of_them |= linear(f"{at}.{name}", hidden, hidden)
        all_of_them |= norm(f"{at}.attention.output.LayerNorm") | linear(f"{at}.intermediate.dense", 4 * hidden, hidden)
        all_of_them |= linear(f"{at}.output.dense", hidden, 4 * hidden) | norm(f"{at}.output.LayerNorm")
    return all_of_them | linear("bert.pooler.dense", hidden, hidden) | linear("classifier", len(LABELS), hidden)


def write_safetensors(path, arrays):
    header, offset = {}, 0
    for name, array in arrays.items():
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [offset, offset + array.nbytes]}
        offset += array.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for array in arrays.values():
            file.write(array.tobytes())


def write_model(folder, *, hidden=256, layers=4, vocabulary=8000, positions=512, seed=0):
    """A model directory at `folder`, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcdefghijklmnopqrstuvwxyz", *(f"##{c}" for c in "abcdefghijklmnopqrstuvwxyz")]
    words += [f"word{i}" for i in range(vocabulary - len(words))]
    (folder / "vocab.txt").write_text("\n".join(words) + "\n")
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "BertTokenizer", "model_max_length": positions}))
    (folder / "config.json").write_text(json.dumps({
        "architectures": ["BertForSequenceClassification"], "model_type": "bert", "hidden_size": hidden, "num_hidden_layers": layers,
        "num_attention_heads": hidden // 32, "intermediate_size": 4 * hidden, "vocab_size": vocabulary, "max_position_embeddings": positions,
        "type_vocab_size": 2, "hidden_act": "gelu", "layer_norm_eps": 1e-12, "id2label": dict(enumerate(LABELS)),
        "label2id": {label: i for i, label in enumerate(LABELS)}}))
    write_safetensors(folder / "model.safetensors", tensors(hidden, layers, vocabulary, positions, numpy.random.default_rng(seed)))
    return folder
