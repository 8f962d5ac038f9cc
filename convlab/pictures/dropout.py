"""Figures of lesson 6: neurons that dropout sets to zero at random."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from convlab.pictures.style import (
    FAINT,
    IMAGE,
    INK,
    INPUT,
    INPUT_EDGE,
    OUTPUT,
    OUTPUT_EDGE,
    PAGE,
    PALE,
    PICKED_EDGE,
    ROW,
    SMALL,
    WIDEST,
    Picture,
    legend,
    new_figure,
    one_by_one,
    scales,
    show_image,
    title,
)


def curves(histories: Mapping[str, Mapping[str, Sequence[float]]], measure: str = "accuracy") -> Picture:
    """Accuracy or loss of each history on training and validation pictures, epoch by epoch."""
    figure, axes = new_figure(min(WIDEST * len(histories), ROW), 2.7, columns=len(histories), sharey=True)
    told = []
    keys = measure, f"val_{measure}"
    values = [value for history in histories.values() for key in keys for value in history[key]]
    limits = (min(0.54, *values) - 0.04, 1.02) if measure == "accuracy" else (0, 1.05 * max(values))
    for ax, (name, history) in zip(axes[0], histories.items(), strict=True):
        scales(ax, xlabel="epoch", ylabel=measure)
        ax.yaxis.set_tick_params(labelleft=True)  # on a narrow page each one stands alone
        epochs = range(1, len(history[measure]) + 1)
        ax.plot(epochs, history[keys[0]], "-", color=INK, linewidth=2, label="pictures it practices with")
        ax.plot(epochs, history[keys[1]], "--", color=PICKED_EDGE, linewidth=2, label="other pictures")
        ax.fill_between(epochs, history[keys[1]], history[keys[0]], color=FAINT, alpha=0.35, linewidth=0)
        ax.set_ylim(*limits)
        ax.grid(color=FAINT, linewidth=0.5)
        legend(ax, loc="lower right" if measure == "accuracy" else "upper right")
        title(ax, name)
        last, lowest = (history[key][-1] for key in keys), min(history[keys[1]])
        told.append("{}: {:.2f} on the pictures it practices with, {:.2f} on others".format(name, *last))
        if measure == "loss":
            told[-1] += f", where the lowest was {lowest:.2f} in epoch {history[keys[1]].index(lowest) + 1}"
    return Picture(figure, f"{measure.capitalize()} over {len(epochs)} epochs. At the end {'; '.join(told)}.")


def network(rng: np.random.Generator, units: int, rate: float, steps: int) -> Picture:
    """A small dense network at several training steps, with different neurons dropped in each."""
    figure, axes = new_figure(min(2.6 * steps, ROW), 2.5, columns=steps)
    inputs, outputs, told = 5, 3, []
    for step, ax in enumerate(axes[0], start=1):
        kept = rng.random(units) >= rate
        layers = [(inputs, np.ones(inputs, bool)), (units, kept), (outputs, np.ones(outputs, bool))]
        places = [np.linspace(0, 1, count + 2)[1:-1] for count, _ in layers]
        for left in (0, 1):
            (here, speaking), (there, hearing) = zip(places[left : left + 2], layers[left : left + 2], strict=True)
            ends = [(a, b) for a in here[speaking[1]] for b in there[hearing[1]]]
            # One line with gaps is smaller than many.
            ax.plot(
                [left, left + 1, np.nan] * len(ends), [y for a, b in ends for y in (a, b, np.nan)],
                color=FAINT, linewidth=0.8, zorder=1,
            )  # fmt: skip
        for column, (face, edge) in enumerate(((INPUT, INPUT_EDGE), (OUTPUT, OUTPUT_EDGE), (OUTPUT, OUTPUT_EDGE))):
            for at, on in zip(places[column], layers[column][1], strict=True):
                ax.scatter(
                    column, at, s=1200 / max(units, 8), color=face if on else PAGE, edgecolor=edge if on else INK,
                    linestyle="-" if on else ":", linewidth=1.4, zorder=2,
                )  # fmt: skip
                if not on:
                    ax.scatter(column, at, s=480 / max(units, 8), color=INK, marker="x", linewidth=1.4, zorder=3)
        ax.set_xlim(-0.2, 2.2)
        title(ax, f"step {step}: {int(kept.sum())} of {units} speak")
        told.append(f"in step {step} {int(kept.sum())} of {units}")
    return Picture(
        figure,
        f"The same network at {steps} training steps; silenced neurons are crossed out and have no lines. {'; '.join(told)} neurons speak.",
    )


def loudness(rng: np.random.Generator, units: int, rates: Sequence[float]) -> Picture:
    """The sum of neurons that all output 1 under dropout, without and with scaling of those that are kept."""
    figure, axes = new_figure(WIDEST, 2.9)
    ax = axes[0, 0]
    scales(ax)
    blank = {"facecolor": PAGE, "edgecolor": "none", "pad": 0.5}
    places, plain, scaled = np.arange(len(rates)), [], []
    for rate in rates:
        survivors = (rng.random(units) >= rate).sum()
        plain.append(survivors)
        scaled.append(survivors / (1 - rate))
    for offset, values, name, face, edge in (
        (-0.23, plain, "survivors as they are", PALE, OUTPUT_EDGE),
        (0.23, scaled, "survivors divided by 1 − rate", OUTPUT, OUTPUT_EDGE),
    ):
        ax.bar(places + offset, values, 0.42, color=face, edgecolor=edge, label=name)
        for place, value in zip(places + offset, values, strict=True):
            ax.text(
                place,
                value + units * 0.02,
                f"{value:.0f}",
                ha="center",
                va="bottom",
                fontsize=SMALL,
                color=INK,
                bbox=blank,
            )
    ax.axhline(units, color=INK, linewidth=0.8, linestyle=":", zorder=0)
    ax.set_xticks(places, [f"rate {rate:g}" for rate in rates])
    ax.set_ylim(0, units * 1.6)
    ax.set_yticks([])
    title(ax, f"what the next layer hears of {units}")
    legend(ax, loc="upper left")
    told = "; ".join(
        f"{a:.0f} and {b:.0f} at a rate of {rate:g}" for rate, a, b in zip(rates, plain, scaled, strict=True)
    )
    return Picture(
        figure, f"What {units} neurons that say 1 add up to under dropout, without and with scaling: {told}."
    )


def certainty(images: np.ndarray, mean: np.ndarray, std: np.ndarray, names: Sequence[str]) -> Picture:
    """Pictures, and a network's predicted probability of each class: mean and standard deviation."""
    figure, axes = new_figure(
        IMAGE + WIDEST, 2.6 * len(images), columns=2, rows=len(images), width_ratios=[IMAGE, WIDEST]
    )
    told = []
    for row, image in enumerate(images):
        show_image(axes[row, 0], image)
        ax = axes[row, 1]
        scales(ax, xlabel="probability")
        # What is thin is in ink, which also stands out from a bar; dots show the means where the bars are short.
        places = np.arange(len(names))
        ax.hlines(places, 0, mean[row], color=OUTPUT_EDGE, linewidth=2.5)
        ax.errorbar(mean[row], places, xerr=std[row], fmt="none", color=INK, elinewidth=1.2, capsize=3)
        ax.scatter(mean[row], places, s=40, color=OUTPUT, edgecolor=OUTPUT_EDGE, zorder=3)
        ax.set_yticks(places, names)
        ax.set(xlim=(0, 1.02), ylim=(len(names) - 0.4, -0.6))
        best = int(mean[row].argmax())
        title(ax, f"{names[best]}: {mean[row, best]:.2f} ± {std[row, best]:.2f}")
        told.append(f"{names[best]} with {mean[row, best]:.2f} plus or minus {std[row, best]:.2f}")
    told_all = "; ".join(told)
    return Picture(
        figure,
        f"{len(images)} pictures with the mean and the deviation of the network's answers: {told_all}.",
        one_by_one(figure),
    )
