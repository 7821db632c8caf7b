"""Pictures, in colours that colour-blind readers tell apart, each with a text for those who do not see it.

A function shows its picture where a notebook runs, and returns it: `picture.savefig("name.png")` keeps it.
"""

from attentif.charts.looking import (
    attention_maps,
    plot_attention,
    plot_layers,
    plot_mask,
    plot_positions,
    plot_referents,
)
from attentif.charts.nulls import plot_nulls
from attentif.charts.picture import Picture
from attentif.charts.probing import (
    label_heights,
    plot_answers,
    plot_calibration,
    plot_forest,
    plot_heads,
    plot_shares,
)
from attentif.charts.series import plot_lines
from attentif.charts.strips import plot_strips
from attentif.charts.training import LiveCurve, plot_curve, plot_schedule

__all__ = [
    "LiveCurve",
    "Picture",
    "attention_maps",
    "label_heights",
    "plot_answers",
    "plot_attention",
    "plot_calibration",
    "plot_curve",
    "plot_forest",
    "plot_heads",
    "plot_layers",
    "plot_lines",
    "plot_mask",
    "plot_nulls",
    "plot_positions",
    "plot_referents",
    "plot_schedule",
    "plot_shares",
    "plot_strips",
]
