"""python learn.py FOLDER: learns the task of FOLDER/task.json with FOLDER/learner.onnx, and compares the scores with those of .NET in it.

The folder is written by: dotnet run -c Release --project samples/LearnerEverywhere -- FOLDER [learner.onnx]
Needs: pip install onnxruntime numpy
"""
import json
import pathlib
import sys

try:
    import numpy as np
    import onnxruntime as ort
except ImportError as error:
    print(f"skipped: {error}; install it with: pip install onnxruntime numpy")
    sys.exit(77)  # the usual exit status of a skipped test

TOLERANCE = 1e-4


def classify(session, support, queries):
    """Learns from labelled rows and returns, for each query row, the probability of each class.

    The classes are those that all tasks of the learner share, where it has such, and else those of the support rows.
    """
    metadata = session.get_modelmeta().custom_metadata_map
    if metadata["mlnetmeta.labels"] in ("Shared", "Binary"):
        classes = json.loads(metadata["mlnetmeta.classes"])
    else:
        classes = list(dict.fromkeys(row["label"] for row in support))
    unknown = [row["label"] for row in support if row["label"] not in classes]
    if unknown:
        raise ValueError(f"The learner knows the classes {', '.join(classes)}, not '{unknown[0]}'.")
    (scores,) = session.run(["scores"], {
        "support_features": np.array([row["features"] for row in support], dtype=np.float32),
        "support_labels": np.array([classes.index(row["label"]) for row in support], dtype=np.int64),
        "query_features": np.array(queries, dtype=np.float32),
        "steps": np.array(int(metadata["mlnetmeta.steps"]), dtype=np.int64),
    })
    return [dict(zip(classes, row)) for row in scores]


def predict(session, support, queries):
    """Learns from rows with targets and returns, for each query row, the values and, where the learner has intervals, their bounds."""
    metadata = session.get_modelmeta().custom_metadata_map
    has_intervals = "mlnetmeta.interval_coverage" in metadata
    results = session.run(["scores", "half_widths"] if has_intervals else ["scores"], {
        "support_features": np.array([row["features"] for row in support], dtype=np.float32),
        "support_labels": np.array([row["targets"] for row in support], dtype=np.float32),
        "query_features": np.array(queries, dtype=np.float32),
        "steps": np.array(int(metadata["mlnetmeta.steps"]), dtype=np.int64),
    })
    columns = {"Score": results[0]}
    if has_intervals:
        columns |= {"LowerBound": results[0] - results[1], "UpperBound": results[0] + results[1]}
    return [
        {f"{name} {output}": value for name, rows in columns.items() for output, value in enumerate(rows[query])}
        for query in range(len(queries))]


def main(folder):
    task = json.loads((folder / "task.json").read_text(encoding="utf-8"))
    session = ort.InferenceSession(str(folder / "learner.onnx"), providers=["CPUExecutionProvider"])
    learn = predict if task["support"][0].get("targets") else classify
    predictions = learn(session, task["support"], task["queries"])
    worst = max(
        abs(score - prediction[name])
        for prediction, expected in zip(predictions, task["scores"]) for name, score in expected.items())
    print(f"largest difference from .NET's scores: {worst:.1e}")
    return 0 if worst <= TOLERANCE else 1


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(pathlib.Path(sys.argv[1])))
