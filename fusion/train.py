"""Stage `train_fusion`: train one fusion method on the train pairs.

`python -m fusion.train METHOD`. A method with nothing to learn, or with ready weights, only gets
its `config.json`, so that every method goes through the same stages.
"""

from __future__ import annotations

from fusion.learning.learn import fresh, train_if_needed
from pipeline import tracking
from pipeline.params import Params, flatten
from pipeline.provenance.dependencies import stage_fingerprint
from pipeline.results import paths
from pipeline.stage.command import stage


@stage
def main(params: Params, method: str) -> None:
    """Train one fusion method of params.yaml."""
    training = params.fusion.training_of(method)
    fuse, config = fresh(method, params.fusion.spec_of(method), training)
    with tracking.run(params, "train_fusion", method, flatten(config)) as run:
        directories, out = [params.data.directory], paths.fusion_model(method)
        mark = stage_fingerprint(params, "train_fusion", key=method)
        train_if_needed(fuse, method, training, directories, config, mark, run, out, params.runtime)


if __name__ == "__main__":
    main()
