"""Training the default model: corpus, samples, shards, the loop, export. Plain PyTorch; needs the `torch` extra.

Prompts are made by `models.prompting`, the code that makes them when the model is used, so the two cannot drift apart.
"""
