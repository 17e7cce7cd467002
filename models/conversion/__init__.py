"""From files of weights (GGUF, safetensors) to ONNX graphs of contrib operators, without torch.

Readers describe a model as a `Decoder`, one writer turns that into a graph. Never downloads, never runs a model.
Whoever converts imports `models.conversion.convert`.
"""

from models.conversion.version import CONVERTER_VERSION

__all__ = ["CONVERTER_VERSION"]
