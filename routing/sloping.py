"""Slope scaling for problems of any size: openings are priced by how the last plan filled them."""

from __future__ import annotations

import numpy as np

from routing import placing
from routing.arrays import FloatArray, IntArray
from routing.ground import Ground, Standing, stand
from routing.moving import drain_all
from routing.pricing import Chooser, Look

DEAREST = 20.0
"""A slope counts at most so many times what a full unit costs by size."""


class Sloping:
    """Prices [r, d] that stand for the cost of opening units, kept from one look to the next."""

    def __init__(self, chooser: Chooser, leave: FloatArray) -> None:
        self.chooser, self.leave = chooser, leave
        problem = self.problem = chooser.compact.problem
        self.limited = np.isfinite(problem.resource_free)
        worth = np.full(problem.unit_size.shape, np.inf)
        np.divide(problem.unit_cost[:, None], problem.unit_size, out=worth, where=problem.unit_size > 0)
        full = np.full(problem.resource_free.shape, np.inf)
        np.minimum.at(full, problem.unit_resource, worth)
        self.full = np.where(np.isfinite(full) & self.limited, full, 0.0)
        self.evenly = self.full / np.maximum((self.full > 0).sum(axis=1, keepdims=True), 1)
        self.price = self.evenly.copy()

    def look(self) -> Look:
        """Let every item choose at the present slopes."""
        return self.chooser.look(self.price, self.leave)

    def learn(self, load: FloatArray, units: IntArray, rng: np.random.Generator) -> None:
        """Spread what is open over what is loaded [r, d], on the fullest dimension."""
        target = np.minimum(slopes_of(self.chooser, load, units), DEAREST * self.full)
        opened = np.zeros(self.problem.r)
        np.add.at(opened, self.problem.unit_resource, units)
        target = np.where((opened > 0)[:, None], target, self.evenly)
        noise = rng.uniform(0.9, 1.1, (self.problem.r, 1))
        self.price = 0.5 * self.price + 0.5 * target * noise


def slopes_of(chooser: Chooser, load: FloatArray, units: IntArray) -> FloatArray:
    """What open units cost for each size that is loaded, on the fullest dimension of their resource, [r, d]."""
    problem = chooser.compact.problem
    spent = np.zeros(problem.r)
    np.add.at(spent, problem.unit_resource, units * problem.unit_cost)
    room = np.where(np.isfinite(problem.resource_free), problem.resource_free, 0.0)
    np.add.at(room, problem.unit_resource, problem.unit_size * units[:, None])
    fill = np.where(np.isfinite(problem.resource_free), load / np.maximum(room, 1e-9), 0.0)
    fullest = (fill >= fill.max(axis=1, keepdims=True) - 1e-12) & (load > 0)
    parts = np.maximum(fullest.sum(axis=1, keepdims=True), 1)
    return np.where(fullest, spent[:, None] / parts / np.where(load > 0, load, 1.0), 0.0)


def make_legal(ground: Ground, choice: IntArray, units: IntArray) -> Standing:
    """A standing plan near a wish: open what carries it, move off what is too much, place what is left out."""
    standing = stand(ground, choice, units)
    placing.open_for_load(ground, standing)
    excess = (standing.load - standing.limit).max(axis=1, initial=-np.inf)
    order = np.argsort(-excess, kind="stable")
    drain_all(ground, standing, order[excess[order] > 0])
    placing.place_left(ground, standing, np.flatnonzero(standing.choice < 0))
    return standing
