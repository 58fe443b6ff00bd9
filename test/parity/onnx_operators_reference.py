"""Writes ONNX's own tests of its operators into a folder: NAME.onnx, and NAME.json with what goes in and comes out.

Needs onnx: python test/parity/onnx_operators_reference.py FOLDER
Inputs but the first become tensors of the file, as weights are; an input of the batch alone stands before them, so that no
other axis is taken for the batch.
"""

import base64
import json
import sys

import numpy
from onnx import helper, numpy_helper
from onnx.backend.test.case.node import collect_testcases

LARGEST = 3_000_000


def encoded(array):
    if array.dtype.kind not in "fiub" or array.dtype.itemsize == 0:
        raise ValueError(array.dtype)
    kind, dtype = {"b": (numpy.uint8, "bool"), "f": (numpy.float32, None)}.get(array.dtype.kind, (numpy.int64, "int64"))
    data = base64.b64encode(numpy.ascontiguousarray(array.astype(kind)).tobytes()).decode()
    result = {"shape": list(array.shape), "data": data}
    return {**result, "dtype": dtype} if dtype else result


def write(folder, name, model, inputs, outputs):
    graph = model.graph
    stored = {tensor.name for tensor in graph.initializer}
    values = [value for value in graph.input if value.name not in stored]
    answer = {"x": encoded(numpy.asarray(inputs[0])), "y": encoded(numpy.asarray(outputs[0]))}
    for value, array in list(zip(values, inputs))[1:]:
        graph.initializer.append(numpy_helper.from_array(numpy.asarray(array), value.name))
        graph.input.remove(value)
    graph.input.insert(0, helper.make_tensor_value_info("_batch", 1, ["batch"]))
    data = model.SerializeToString()
    if len(data) > LARGEST:
        raise ValueError("large")
    with open(f"{folder}/{name}.onnx", "wb") as file:
        file.write(data)
    with open(f"{folder}/{name}.json", "w", encoding="utf-8") as file:
        json.dump(answer, file)


def main():
    folder = sys.argv[1]
    for case in collect_testcases(None):
        try:
            inputs, outputs = case.data_sets[0]
            write(folder, case.name, case.model, inputs, outputs)
        except (ValueError, TypeError, IndexError, AttributeError):
            # Texts, sequences, types of fewer bits than a byte: nothing that a layer computes.
            continue


if __name__ == "__main__":
    main()
