"""One loader for all epochs against PyTorch's plain one, made anew in each."""

import os
import shutil
from itertools import chain
from pathlib import Path

import pytest
import segmentation_case as scene
import torch
from torch.utils.data import DataLoader

from pipeline.training.order import epoch_batches
from segmentation.data.augment import Augment
from segmentation.data.batches import Epochs, collate
from segmentation.data.samples import TrainImages, input_images

NAMES = [f"{index:03d}{'D' if index % 2 else 'N'}" for index in range(7)]
SEED = 5


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    scene.write()
    return tmp_path


def images(workers: int) -> TrainImages:
    return input_images(scene.params(runtime={"workers": workers}), "deeplabv3", "vis", NAMES)


class Plain:
    """An epoch's images for a loader of its own."""

    def __init__(self, images: TrainImages, augment: Augment, epoch: int) -> None:
        self.images, self.augment, self.epoch = images, augment, epoch

    def __getitem__(self, index: int):
        return self.augment(self.images.get(index), self.epoch, index)


@pytest.mark.parametrize("workers", [0, 2])
def test_batches_and_generators_are_those_of_a_loader_an_epoch(here: Path, workers: int) -> None:
    """What dropout draws afterwards is the same too, from the very first batch on."""
    source = images(workers)
    augment = Augment(source.params, SEED)
    epochs = Epochs(source, augment, SEED)
    for epoch in (0, 1, 2):
        steps = epoch_batches(7, 3, SEED, epoch)[:2]
        plain = DataLoader(
            Plain(source, augment, epoch), batch_sampler=steps, num_workers=workers,
            collate_fn=collate,
        )  # fmt: skip
        drawn = []
        for loader in (plain, epochs.epoch(epoch)):
            torch.manual_seed(epoch)
            batches = iter(loader)
            first = next(batches)
            drawn.append([first, torch.rand(3), *batches, torch.rand(3)])
        for expected, found in zip(*drawn, strict=True):
            pairs = zip(expected, found, strict=True)
            assert all(torch.equal(one, other) for one, other in pairs)


class Tell(Augment):
    """Says which process augments."""

    def __call__(self, sample, epoch, index):
        with Path("told").open("a") as file:
            file.write(f"{epoch} {os.getpid()}\n")
        return super().__call__(sample, epoch, index)


def test_workers_live_for_all_epochs_and_take_the_images_that_were_read(here: Path) -> None:
    source = images(2)
    source.statistics()  # reads all of them
    shutil.rmtree(here / "artifacts")
    epochs = Epochs(source, Tell(source.params, SEED), SEED)
    for epoch in (0, 1):
        assert len(list(epochs.epoch(epoch))) == 2
    told = [line.split() for line in Path("told").read_text().splitlines()]
    processes = [{pid for epoch, pid in told if epoch == str(one)} for one in (0, 1)]
    assert processes[0] == processes[1] and len(processes[0]) == 2
    assert str(os.getpid()) not in processes[0]


def test_several_processes_share_each_batch(here: Path) -> None:
    source = images(0)
    shares = [Epochs(source, Augment(source.params, SEED), SEED, rank, 3) for rank in range(3)]
    whole = Epochs(source, Augment(source.params, SEED), SEED)
    for epoch in (0, 1):
        steps = zip(*(share.steps(epoch) for share in shares), strict=True)
        together = [sorted(chain(*step)) for step in steps]
        assert together == [sorted(step) for step in whole.steps(epoch)]
