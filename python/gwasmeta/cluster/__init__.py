"""Where pure functions run: on threads of this process, on processes of this machine, or on a Dask cluster."""

from gwasmeta.cluster.scratch import Scratch, SharedArray, scratch_of
from gwasmeta.cluster.workers import THREADS, Cluster, Workers, workers_of

__all__ = ["THREADS", "Cluster", "Scratch", "SharedArray", "Workers", "scratch_of", "workers_of"]
