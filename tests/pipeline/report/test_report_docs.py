import io
import shutil
from pathlib import Path

import pytest
from PIL import Image

from pipeline.report import docs

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folder in ("reports/tables", "reports/figures", "docs"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "reports/tables/segmentation.md").write_text("| new |\n", encoding="utf-8")
    shutil.copy(ROOT / "presets/demo.yaml", tmp_path / "params.yaml")
    Image.new("RGB", (4, 3), "red").save(tmp_path / "reports/figures/iou.png")
    return tmp_path


def test_tables_and_pictures_are_those_of_the_report(project):
    table = "<!-- demo/segmentation:begin -->\n| old |\n<!-- demo/segmentation:end -->\n"
    text = f"# Title\n{table}![IoU](docs/images/demo/iou.png)\n"
    (project / "README.md").write_text(text, encoding="utf-8")
    (project / "docs/other.md").write_text("nothing to fill", encoding="utf-8")
    docs.main([])
    expected = text.replace("| old |", "| new |")
    assert (project / "README.md").read_text(encoding="utf-8") == expected
    copied = (project / "docs/images/demo/iou.png").read_bytes()
    assert copied == (project / "reports/figures/iou.png").read_bytes()
    docs.main([])
    assert (project / "README.md").read_text(encoding="utf-8") == expected


def test_what_is_of_another_preset_stays(project):
    table = "<!-- msrs/segmentation:begin -->\n| old |\n<!-- msrs/segmentation:end -->\n"
    text = f"{table}![IoU](docs/images/msrs/iou.png) ![no figure](docs/images/logo.png)"
    (project / "README.md").write_text(text, encoding="utf-8")
    docs.main([])
    assert (project / "README.md").read_text(encoding="utf-8") == text
    assert not (project / "docs/images").exists()


def test_an_unknown_table_is_named_with_those_that_are_there(project, capsys):
    text = "<!-- demo/miou:begin -->\n<!-- demo/miou:end -->"
    (project / "README.md").write_text(text, encoding="utf-8")
    with pytest.raises(SystemExit) as stopped:
        docs.main([])
    assert stopped.value.code == 2
    error = "error: README.md: miou: no reports/tables/miou.md; allowed are segmentation\n"
    assert capsys.readouterr().err == error


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium here")
def test_the_page_is_photographed(project):
    page = project / "page.html"
    page.write_text("<body style='margin:0;background:rgb(10,200,30)'>", encoding="utf-8")
    with Image.open(io.BytesIO(docs.screenshot(page))) as image:
        assert image.size == docs.SIZE
        assert image.convert("RGB").getpixel((640, 300)) == (10, 200, 30)
