"""`params.yaml`, validated: what a stage reads has a type, a range and a meaning."""

from pipeline.params.data import DataParams, DemoParams
from pipeline.params.fusion import EvaluationParams, FusionParams, FusionTraining, MethodSpec
from pipeline.params.load import Params, flatten, load, load_medical, read_section
from pipeline.params.medical import MedicalParams
from pipeline.params.runtime import Devices, RuntimeParams
from pipeline.params.segmentation import NetworkParams, SegmentationParams

__all__ = [
    "DataParams",
    "DemoParams",
    "Devices",
    "EvaluationParams",
    "FusionParams",
    "FusionTraining",
    "MedicalParams",
    "MethodSpec",
    "NetworkParams",
    "Params",
    "RuntimeParams",
    "SegmentationParams",
    "flatten",
    "load",
    "load_medical",
    "read_section",
]
