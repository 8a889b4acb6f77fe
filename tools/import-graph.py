"""Imports the graph of a SavedModel in Python, which wants every required attribute of each node."""

import sys
from pathlib import Path

import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

saved = saved_model_pb2.SavedModel.FromString(Path(sys.argv[1]).read_bytes())
with tf.Graph().as_default() as graph:
    tf.import_graph_def(saved.meta_graphs[0].graph_def)
    print(f"Python's TensorFlow {tf.__version__} imported {len(graph.get_operations())} operations")
