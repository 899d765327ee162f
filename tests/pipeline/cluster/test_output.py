"""What is read from a stage's output, against what tqdm and DVC really print."""

import io

import pytest
from tqdm import tqdm

from pipeline.cluster.output import Bar, bar_of, first_error, lines


def test_bars_of_tqdm_are_read_as_it_printed_them() -> None:
    printed = io.StringIO()
    bar = tqdm(total=20, desc="train lkc_funet", file=printed, mininterval=0, unit="step")
    for _ in range(20):
        bar.update()
        bar.set_postfix(loss="0.1234")
    bar.close()
    read = [bar_of(line) for line in lines(io.BytesIO(printed.getvalue().encode()))]
    assert all(one is not None for one in read)
    assert {one.title for one in read if one} == {"train lkc_funet"}
    assert [one.done for one in read if one][-1] == 20
    assert {one.total for one in read if one} == {20}


@pytest.mark.parametrize(
    ("line", "bar"),
    [
        ("fuse vis:  25%|██▌  | 1/4 [00:03<00:09,  3.00s/pair]", Bar("fuse vis", 1, 4, 9.0)),
        ("fuse vis:   0%|     | 0/4 [00:00<?, ?pair/s]", Bar("fuse vis", 0, 4, None)),
        ("x:  50%|█ | 5/10 [01:00<1:02:03,  1.0it/s]", Bar("x", 5, 10, 3723.0)),
        ("train_fusion: nothing to train", None),
        ("50% of it", None),
    ],
)
def test_a_line_is_a_bar_or_none(line: str, bar: Bar | None) -> None:
    assert bar_of(line) == bar


def test_lines_that_come_in_pieces_are_whole() -> None:
    class Pieces(io.BytesIO):
        def read1(self, size: int = -1, /) -> bytes:
            return super().read1(3)

    assert list(lines(Pieces("eins\rzwei ä\r\n\ndrei".encode()))) == ["eins", "zwei ä", "drei"]


@pytest.mark.parametrize(
    ("printed", "error"),
    [
        (["Running", "error: params.yaml: x", "ERROR: failed to reproduce"], "params.yaml: x"),
        (["Traceback", "  File", "ValueError: no", "ERROR: failed"], "ValueError: no"),
        (["torch.OutOfMemoryError: CUDA", "ERROR: failed"], "torch.OutOfMemoryError: CUDA"),
        (["sh: 1: nothing", "ERROR: failed to reproduce 'x'"], "failed to reproduce 'x'"),
        ([], "it printed nothing"),
    ],
)
def test_the_line_that_says_best_why(printed: list[str], error: str) -> None:
    assert first_error(printed) == error
