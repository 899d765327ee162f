"""The rows of LKC-FUNet's ablation tables: each is what its label says, and trains."""

import pytest
import torch

from fusion.ablations.rows import entries, read
from fusion.methods.base import registry
from fusion.methods.lkc_funet.norms import BatchChannelNorm
from pipeline.params import MethodSpec

SMALL = MethodSpec.model_validate(
    {"width": 16, "init_width": 8, "kernels": [5, 3], "groups": 4, "training": {"epochs": 3}}
)


@pytest.mark.parametrize("table", ["2", "3"])
def test_every_row_trains_at_a_small_size(table) -> None:
    chosen = read("lkc_funet").rows(table)
    assert list(chosen) == list("abcdefghijk" if table == "2" else "cdefghi")
    for name, entry in entries(SMALL, "lkc_funet", table, chosen).items():
        if entry["groups"] > 8:
            continue  # divides the paper's widths, not these
        torch.manual_seed(0)
        method = registry.create(entry["type"], **MethodSpec.model_validate(entry).own)
        sum(method.losses(torch.rand(2, 1, 16, 16), torch.rand(2, 3, 16, 16)).values()).backward()
        assert all(p.grad is not None for p in method.parameters()), name


def test_rows_fit_the_released_size_and_mean_what_their_labels_say() -> None:
    with torch.device("meta"):
        built = {
            row.label: registry.create("lkc_funet", **row.params).network
            for table in "23"
            for row in read("lkc_funet").rows(table).values()
        }
    counts = {label: sum(p.numel() for p in net.parameters()) for label, net in built.items()}
    assert counts["IN + GN, LKC, MPAFM"] == counts["32 groups"] == 41_174_438
    kinds = {label: {type(m).__name__ for m in net.modules()} for label, net in built.items()}
    assert not kinds["no normalisation"] & {"GroupNorm", "BatchNorm2d", "BatchChannelNorm"}
    assert kinds["BN"] & {"GroupNorm", "BatchNorm2d"} == {"BatchNorm2d"}
    assert sum(isinstance(m, BatchChannelNorm) for m in built["BCN"].modules()) > 40
    for label, net in built.items():
        kernels = {m.kernel_size[0] for m in net.modules() if isinstance(m, torch.nn.Conv2d)}
        assert (15 in kernels) == ("LKC" in label or "group" in label)
        assert ("MPAFM" in kinds[label]) == ("MPAFM" in label or "group" in label)
    groups = {
        label: {m.num_groups for m in net.final_conv.modules() if hasattr(m, "num_groups")}
        for label, net in built.items()
        if "group" in label
    }
    assert groups == {
        **{f"{g} groups": {g} for g in (2, 4, 8, 16, 32)},
        "1 group": {1},
        "a group a channel": {128},
    }


def test_rows_are_laid_over_the_user_s_own_network() -> None:
    chosen = read("lkc_funet").rows("2", "a")
    base = SMALL.model_copy(update={"weights": "released.pth"})
    assert entries(base, "lkc_funet", "2", chosen) == {
        "lkc_funet_t2_a": {
            "type": "lkc_funet", "training": {"epochs": 3},
            "width": 16, "init_width": 8, "kernels": [5, 3], "groups": 4,
            "init_norm": "batch", "norm": "batch", "lkc": False, "mpafm": False,
        }
    }  # fmt: skip


def test_only_settings_of_the_proposed_network_count_as_the_paper_s_word() -> None:
    """The letters are inferred everywhere; see the head of the file."""
    certain = {
        (table, key)
        for table, rows in read("lkc_funet").tables.items()
        for key, row in rows.items()
        if not row.inferred
    }
    assert certain == {("2", "k"), ("3", "h")}
