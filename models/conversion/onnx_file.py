"""Writes an ONNX file piece by piece: the graph in one file, its weights beside it as they come.

Weights go straight to the disk, aligned so that ONNX Runtime can map them into memory instead of reading them. Knows
nothing of models.
"""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from onnx import GraphProto, NodeProto, TensorProto, ValueInfoProto

GRAPH_FILE = "model.onnx"
WEIGHT_FILE = "model.onnx.data"
CONTRIB = "com.microsoft"

_ALIGNMENT = 4096
_INLINE_BYTES = 1024
_OPSET = 24  # the first with TensorScatter
_IR_VERSION = 11


@dataclass
class Branch:
    """One side of a condition: nodes that see every value made before, and what they give."""

    name: str
    outputs: list[tuple[str, type[np.generic]]] = field(default_factory=list)
    """Names and types, in the order of the condition's outputs."""
    nodes: "list[NodeProto]" = field(default_factory=list)


class OnnxFile:
    """A graph under construction in `folder`. `close` writes it."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = name
        self._nodes: list[NodeProto] = []
        self._tensors: list[TensorProto] = []
        self._inputs: list[ValueInfoProto] = []
        self._outputs: list[ValueInfoProto] = []
        self._weights = (folder / WEIGHT_FILE).open("wb")

    def input(self, name: str, element: type[np.generic], shape: Sequence[int | str]) -> str:
        """Declare a graph input; strings in `shape` name dimensions that vary."""
        self._inputs.append(_value_info(name, element, shape))
        return name

    def output(self, name: str, element: type[np.generic], shape: Sequence[int | str]) -> None:
        """Declare that a value made by some node is a graph output."""
        self._outputs.append(_value_info(name, element, shape))

    def constant(self, name: str, array: NDArray[Any]) -> str:
        """A tensor that is part of the file. Large ones go to the disk at once."""
        from onnx import TensorProto, helper

        array = np.ascontiguousarray(array)
        element = helper.np_dtype_to_tensor_dtype(array.dtype)
        if array.nbytes <= _INLINE_BYTES:
            tensor = helper.make_tensor(name, element, array.shape, array.tobytes(), raw=True)
        else:
            offset = self._append(array)
            tensor = TensorProto(name=name, data_type=element, dims=array.shape)
            tensor.data_location = TensorProto.EXTERNAL
            for key, value in (("location", WEIGHT_FILE), ("offset", offset), ("length", array.nbytes)):
                tensor.external_data.add(key=key, value=str(value))
        self._tensors.append(tensor)
        return name

    def node(
        self, operator: str, inputs: Sequence[str], outputs: str | Sequence[str], domain: str = "", **attributes: Any
    ) -> str:
        """Add a node; an empty name stands for an input or output that is left out. Returns the first output's name."""
        from onnx import helper

        names = [outputs] if isinstance(outputs, str) else list(outputs)
        self._nodes.append(
            helper.make_node(operator, list(inputs), names, name=f"{names[0]}/{operator}", domain=domain, **attributes)
        )
        return names[0]

    @contextmanager
    def branch(self, name: str) -> Generator[Branch]:
        """Nodes added meanwhile belong to the branch; constants are always the whole graph's."""
        branch = Branch(name)
        outside, self._nodes = self._nodes, branch.nodes
        try:
            yield branch
        finally:
            self._nodes = outside

    def condition(self, name: str, then: Branch, otherwise: Branch, outputs: Sequence[str]) -> None:
        """Run one branch or the other, as the boolean value `name` says; both give the same `outputs`."""
        self.node("If", [name], outputs, then_branch=_graph(then), else_branch=_graph(otherwise))

    def close(self) -> None:
        """Write the graph. Its weights are on the disk already."""
        from onnx import helper

        self._weights.close()
        graph = helper.make_graph(self._nodes, self._name, self._inputs, self._outputs, self._tensors)
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(CONTRIB, 1)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION, producer_name="dragoman")
        (self._folder / GRAPH_FILE).write_bytes(model.SerializeToString())

    def _append(self, array: NDArray[Any]) -> int:
        offset = -(-self._weights.tell() // _ALIGNMENT) * _ALIGNMENT
        self._weights.seek(offset)
        self._weights.write(array.reshape(-1).view(np.uint8).data)
        return offset


def _graph(branch: Branch) -> "GraphProto":
    from onnx import helper

    outputs = [
        helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(np.dtype(element)), None)
        for name, element in branch.outputs
    ]
    return helper.make_graph(branch.nodes, branch.name, [], outputs)


def _value_info(name: str, element: type[np.generic], shape: Sequence[int | str]) -> "ValueInfoProto":
    from onnx import helper

    return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(np.dtype(element)), list(shape))
