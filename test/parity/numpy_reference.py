"""Files that NumPy writes, in base64, and the values in them, as JSON.

    python test/parity/numpy_reference.py > test/fixtures/numpyFiles.json
"""

import base64
import io
import json
import sys

import numpy as np


def encoded(write):
    buffer = io.BytesIO()
    write(buffer)
    return base64.b64encode(buffer.getvalue()).decode()


def case(name, array, write=None):
    return {
        "name": name,
        "file": encoded(write or (lambda buffer: np.save(buffer, array))),
        "shape": list(array.shape),
        "values": [str(value) for value in np.asarray(array, order="C").astype(object).flatten()],
    }


numbers = np.arange(12).reshape(3, 4)
arrays = []
for kind in ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "?"]:
    for order in "<>":
        signed = -1 if kind[0] in "fi" else 1
        arrays.append(case(f"{order}{kind}", (numbers * signed).astype(order + kind)))
arrays += [
    case("fractions of f2", np.array([0.5, -1.25, 6.1e-5, 5.96e-8, 65504], dtype="f2")),
    case("the largest u8", np.array([2**64 - 1, 0], dtype="u8")),
    case("the least i8", np.array([-(2**63), 2**63 - 1], dtype="i8")),
    case("Fortran order", np.asfortranarray(np.arange(24, dtype="f4").reshape(2, 3, 4))),
    case("Fortran order of i2, big-endian", np.asfortranarray(np.arange(6).reshape(3, 2).astype(">i2"))),
    case("a scalar", np.array(3.5)),
    case("one axis", np.arange(5, dtype="f8")),
    case("no samples", np.zeros((0, 3), dtype="f4")),
    case("an axis of one", np.arange(3, dtype="i4").reshape(3, 1, 1)),
]
for version in [(1, 0), (2, 0), (3, 0)]:
    array = np.arange(4, dtype="f4").reshape(2, 2)
    arrays.append(
        case(f"version {version[0]}", array, lambda b, v=version, a=array: np.lib.format.write_array(b, a, version=v))
    )

x, y = np.arange(6, dtype="f4").reshape(3, 2), np.array([0, 1, 2])
refused = {
    "objects": encoded(lambda b: np.save(b, np.array([{"a": 1}], dtype=object), allow_pickle=True)),
    "texts": encoded(lambda b: np.save(b, np.array(["a", "bc"]))),
    "complex": encoded(lambda b: np.save(b, np.array([1 + 2j]))),
    "records": encoded(lambda b: np.save(b, np.zeros(2, dtype=[("a", "f4"), ("b", "i2")]))),
    "dates": encoded(lambda b: np.save(b, np.array(["2020-01-01"], dtype="datetime64[D]"))),
}
json.dump(
    {
        "numpy": np.__version__,
        "arrays": arrays,
        "refused": refused,
        "npz": {
            "stored": encoded(lambda b: np.savez(b, x=x, y=y)),
            "packed": encoded(lambda b: np.savez_compressed(b, x=x, y=y)),
            "unnamed": encoded(lambda b: np.savez(b, x, y)),
            "training and test": encoded(lambda b: np.savez(b, x_train=x, y_train=y, x_test=x[:1], y_test=y[:1])),
            "none": encoded(lambda b: np.savez(b)),
        },
    },
    sys.stdout,
    indent=1,
)
