"""docs/performance.md out of the results of the benchmarks."""

from typing import Any

INTRODUCTION = """# Performance

Written by `make bench`, which takes some twenty minutes, or `python -m benchmarks.run_all --full`,
an hour, with five runs of what takes minutes; each number is from the machine named with it. A
ratio is the time of the plain version over that of the project's, both in one process by turns,
each after calls of its own that are not counted, the median of the runs given. `python -m
benchmarks.NAME --runs 9` repeats one of them.

How it works: large dense kernels are computed in the frequency domain, over overlapping tiles,
with every transform a product of matrices (`fusion/layers/frequency.py`). `conv: auto` takes
this way where it needs 8 times fewer multiplications, which is where it starts to be faster.
Networks run with the channels innermost, and freed memory is kept for the next tensor
(`pipeline/stage/allocator.py`). Stages that do not depend on each other can run side by side:
`make repro JOBS=2`, or `python -m pipeline.run --jobs 2`. `segmentation.threads` and
`fusion.training.threads` say how many cores each takes, not the environment. Small networks gain by
it: two stages of one thread do more than one stage of two.
"""

TITLES = {
    "lite": "Fusion in real time",
    "layer": "One layer",
    "growth": "How the cost grows with image and kernel",
    "network": "LKC-FUNet, forward",
    "memory": "Memory of a forward pass",
    "training": "LKC-FUNet, training step",
    "segmentation": "Segmentation, training step",
    "gpu": "On a GPU",
    "metrics": "Fusion metrics of a pair",
    "start": "The pipeline itself",
    "opening": "The report's page",
    "roofline": "What bounds a layer",
}

TRIED = """## The aims for the large kernels

Written by hand. Each against direct, by turns in one process, on two quiet machines of two cores.

| what | aim | AMD EPYC, AVX2 | Intel Xeon, AVX512 |
| --- | --- | --- | --- |
| 128→128, 15×15, 256×256, each further image | 15× | 21.2× | 13.6× |
| … the first, which transforms the weights | 15× | 14.2× | 10.8× |
| LKC-FUNet, 256×256 | 10× | 10.0× | 6.9× |
| … 480×640 | 9× | 13.9× | 6.7× |
| … its peak in three passes | 3072 MiB | 2895 MiB | 2773 MiB |
| training step, 32 crops of 64×64 | 9× | 12.6× | 9.4× |

AVX512 is worth more to direct convolutions than to ours: of the EPYC's seconds the Xeon takes 42 %
in the layer by direct and 65 % by ours, 24 % and 49 % at 480×640. So all aims are reached where
instructions are narrow, but for a layer's first image, and where they are wide the training step's.
In bf16, which this EPYC lacks, the Xeon takes 1.97 s instead of 2.20 at 256×256 and 7.62 instead of
9.12 at 480×640, 21 and 20.4 dB from float32.

## What was tried

Written by hand. An Intel Xeon (Sapphire Rapids, AVX512), 2 cores, PyTorch 2.14.1.

On two threads of the quiet machine (load 2), medians of 9 to 20 runs, passes one or two:

| what | before | after | taken |
| --- | --- | --- | --- |
| 128→128, 15×15, 256×256 against 1.64 s direct, first image | 129 ms | 128 ms, 12.8× | yes |
| … each further one, its transform kept | 127 ms | 100 ms, 16.4× | yes |
| 128→128, 15×15, 480×640, four real products | 458 ms | 444 ms | yes |
| group norm of 128×256×256 in two passes over the map instead of three | 7.3 ms | 3.1 ms | yes |
| … of 128×480×640, in the input's place where nobody else needs it | 67 ms | 19 ms | yes |
| LKC-FUNet at 256×256 against 14 to 15 s direct, with these norms | 1.83 s | 1.63 s | yes |
| … at 480×640 against 65 to 73 s direct | 9.2 s | 8.2 s | yes |
| … and the residual's convolution first, so that its input is free | 8.2 s | 7.3 s | yes |
| … and blocks of up to 232 MiB kept: no page is cleared any more | 7.3 s | 6.0 s | no: 3223 MiB |
| training: gradient of depthwise 15×15, 32×192×64×64, by its spectra | 3.5 s | 0.2 to 0.4 s | yes |
| … LKC-FUNet on 32 crops of 64×64, the third step | 20.3 s | 12.5 s | yes |
| … both gradients of a 128→128 layer at once, of kept spectra | 0.68 s | 0.57 s | yes |
| … LKC-FUNet on 32 crops of 64×64, the third and fourth step | 11.6 s | 10.6 s | yes |

So the layer's aim of 15× holds from the second image on, and 9× at 480×640; at 256×256 the network
is 8.5 to 9 times as fast as direct, not 10: half of its time is products of matrices at two thirds
of the machine's peak, a fifth is the library's convolutions, a tenth transforms of weights that
256 MiB do not hold.

These passes were alone in their process. By turns with direct in one, as in the table of the aims,
ours is slower on that Xeon: the layer takes 123 ms where, on the same day, it takes 95 to 125 by
itself, the network at 256×256 2.2 s and by itself 1.76 to 1.95, which would be 8×. Half a minute of
passes before the timed one changes nothing, and a process for each version little (119 ms, 2.04 s;
9.45 s at 480×640), so it is not the memory that direct leaves behind; why is open.

Ways to save copies and the way to memory that were tried on that day, by turns with the version
above, and are not taken:

| what | before | after |
| --- | --- | --- |
| products that read the tiles where they lie, 256×256 | 12 to 14 ms with pad and copy | 12 ms |
| … and write theirs side by side into the image, 256×256 | 8.4 ms with a copy | 17.6 ms |
| … both, 128→128, 15×15, 480×640 | 440 to 460 ms | 520 to 535 ms |
| tiles copied from the image, not from a padded one, 480×640 | 409 to 424 ms | 422 to 432 ms |
| … training step of a layer, 32×128×64×64 | 627 to 671 ms | 619 to 644 ms |
| products of 16 frequencies instead of 104 at a time, whole spectrum | 37.8 ms | 36.2 ms |

Another day, beside trainings on both cores: 200 products of 36×128 by 128×128 on one thread, by
turns, and passes at 480×640 in a process of their own, the third, in CPU seconds:

| what | before | after |
| --- | --- | --- |
| each as three products of bfloat16 (AMX) | 7.5 to 8.4 ms | 12.8 to 16.3 ms |
| … its relative error | 2e-7 | 4e-6 |
| blocks of up to 512 MiB kept, one thread | 21.8 s, 2807 MiB | 16.2 s, 2585 MiB |
| … two threads | 20.6 s, 2964 MiB | 17.9 s, 3397 MiB |

So such blocks would be kept if two threads did not pass 3 GiB; the tensors of a pass are 1482 MiB
at most, weights among them, in the first block of the last level; the rest are blocks that fit
no next one.

MMIF-AMIN on one thread of the EPYC (AVX2), beside tests, CPU seconds, the least of four to seven:

| what | before | after | taken |
| --- | --- | --- | --- |
| a dense network, 480×640: each output convolved once, nothing concatenated | 62 ms | 26 ms | yes |
| … forward and backward, 4 crops of 120×120 | 30 ms | 20 ms | yes |
| … one pair of 480×640 | 3.8 s | 2.5 s | yes |
| one pair with the channels innermost, before that | 3.9 s | 3.7 s | no |
| attention, 8 heads of 4800 places: strips of 64 for the library's | 426 ms | 577 ms | no |

Before all that, of LKC-FUNet on one thread of the Xeon, the least of up to nine runs, while others
worked on the machine (load 6 to 30):

| what | before | after | taken |
| --- | --- | --- | --- |
| 128→128, 15×15, 256×256 without the transform of its weights | 266 ms | 178 ms | up to 64 tiles |
| tiles' factors not doubled: sums of two frequencies along w | 1.55 ms | 0.73 ms | yes |
| … four products instead of one, 104 frequencies, 49 tiles | 4.26 ms | 4.81 ms | with it |
| … both, 128→128, 15×15, 256×256 with its transform | 258 ms | 266 ms | no gain |
| … both, 128→128, 11×11, 128×128 with its transform | 76 ms | 69 ms | yes |
| three real products for a complex one instead of these four | 4.81 ms | 3.98 ms | no |
| products of complex64 instead of the doubled ones | 4.26 ms | 4.36 ms | no |
| factors and group norm in strips, a first pass at 480×640 | 20.7 s | 19.0 s | yes |
| … its peak, both with blocks of up to 512 MiB kept | 2793 MiB | 2626 MiB | yes |
| such blocks kept instead of 128 MiB: the system's time in a first pass | 7.1 s | 4.3 s | no |

Passes are CPU seconds, one run each. A second pass with blocks of 512 MiB kept takes the system
0.3 s, but on two threads its peak was 3370 MiB, and 3292 MiB in another run, where 3 GiB are
allowed; so the largest maps are still cleared page by page, and that bounds 480×640. Spectra of
weights are not kept there: all that fit would add 256 MiB and save 23 of 530 ms in a layer. Three
products need half as much spectrum again and a third sum for each tile; no whole layer was timed
with them. ReLU and addition in one pass with the normalisation were not tried: all ReLUs are under
1 % of a pass.
"""


def page(before: str, results: dict[str, Any]) -> str:
    """The whole page: sections of what was measured anew, all others as they were.

    Args:
        before: the page so far.
        results: content of the JSON files by the benchmark's name.
    """
    sections = [
        section(title, results[name]) if name in results else section_in(before, title)
        for name, title in TITLES.items()
    ]
    return "\n".join([INTRODUCTION, *filter(None, sections), TRIED])


def section(title: str, result: dict[str, Any]) -> str:
    """One benchmark's part of the page."""
    body = growth(result["rows"]) if title == TITLES["growth"] else table(result["rows"])
    return f"## {title}\n\n{_capital(result['note'])}.\n\n{body}\n{_under(result)}"


def section_in(text: str, title: str) -> str:
    """A section as the page's text has it; '' if it has none."""
    _, heading, after = text.partition(f"## {title}\n")
    return heading + after[: after.index("## ")].removesuffix("\n") if heading else ""


def table(rows: list[dict[str, Any]]) -> str:
    """A Markdown table with a column for each key that any row has."""
    keys = list(dict.fromkeys(key for row in rows for key in row if _any(rows, key)))
    lines = [_line([key.replace("_", " ") for key in keys]), _line(["---"] * len(keys))]
    return "\n".join(lines + [_line([_cell(row.get(key)) for key in keys]) for row in rows]) + "\n"


def growth(rows: list[dict[str, Any]]) -> str:
    """Kernel against image size; a cell is milliseconds of the project's version and the ratio."""
    sizes = sorted({row["size"] for row in rows})
    lines = [_line(["kernel", *(f"{n}×{n}" for n in sizes)]), _line(["---"] * (len(sizes) + 1))]
    for kernel in sorted({row["kernel"] for row in rows}):
        cells = {
            row["size"]: f"{1e3 * row['after_s']:.3g} ms, {row['ratio']:.2g}×"
            for row in rows
            if row["kernel"] == kernel
        }
        lines.append(_line([f"{kernel}×{kernel}", *(cells.get(n, "") for n in sizes)]))
    return "\n".join(lines) + "\n"


def _under(result: dict[str, Any]) -> str:
    about = result["machine"]
    return (
        f"{about['cpu']}, {about['cores']} cores, {about['threads']} threads, "
        f"{about['instructions']}, PyTorch {about['torch']}, load {about['load']}; "
        f"runs: {result['runs'] or 'in the table'}.\n"
    )


def _any(rows: list[dict[str, Any]], key: str) -> bool:
    return any(row.get(key) is not None for row in rows)


def _cell(value: object) -> str:
    return "" if value is None else short(value)


def short(value: object) -> str:
    """Three digits of a number with a fraction, thousands in full; all else as it is."""
    if not isinstance(value, float):
        return str(value)
    return f"{value:.0f}" if value >= 1000 else f"{value:.3g}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"
