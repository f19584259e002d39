"""The parts of tools/train_demo.py: data, vocabulary, text augmentation, linear teacher, BERT student."""
