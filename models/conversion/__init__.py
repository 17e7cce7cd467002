"""From files of weights (GGUF, safetensors) to ONNX graphs of contrib operators, without torch.

Readers describe a model as a `Decoder`, one writer turns that into a graph. Never downloads, never runs a model.
"""

from models.conversion.convert import CONVERTER_VERSION, convert_gguf

__all__ = ["CONVERTER_VERSION", "convert_gguf"]
