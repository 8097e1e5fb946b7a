"""Plain tuples of arrays that the loops behind explanations read and fill."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from routing.arrays import FloatArray, IntArray

Ints32 = npt.NDArray[np.int32]
Marks = npt.NDArray[np.bool_]
Index: TypeAlias = int | np.int64


class Goods(NamedTuple):
    """Items and their options as the loops read them; shapes as in the problem format.

    `left` [n] is what leaving an item out costs with the change of its booking, `change` [n] that of any other
    way than `now` [n] (0 and -1 where there is no booking), `taken` [n] the option of the plan.
    """

    item_class: Ints32
    item_size: FloatArray
    item_features: FloatArray
    left: FloatArray
    now: IntArray
    change: FloatArray
    class_ptr: IntArray
    option_rates: FloatArray
    option_ptr: IntArray
    use_resource: Ints32
    use_factor: FloatArray
    taken: IntArray


class Space(NamedTuple):
    """Resources and unit types under the plan.

    `room` [r, d] is what is left, `limit` [r, d] what there is with the `units` [t] that are open, `price`
    [r, d] what room costs at the certificate's prices. The unit types of resource r are
    `type_of[type_ptr[r]:type_ptr[r + 1]]`.
    """

    room: FloatArray
    limit: FloatArray
    price: FloatArray
    type_ptr: IntArray
    type_of: IntArray
    unit_size: FloatArray
    unit_cost: FloatArray
    unit_max: IntArray
    unit_parent: Ints32
    unit_takes: FloatArray
    units: IntArray


class Ways(NamedTuple):
    """The judged ways of one item: by option of its class [p], and by use of those options [q].

    `cost` [p] with the change of a booking; `missing` [q, d] room before anything is opened; `opening` [q]
    what it costs to open it, inf where that cannot be; `worth` [q] of the room taken, at the prices.
    `saved` is what closing the units that the item alone keeps open saves, by use of the way it takes.
    """

    cost: FloatArray
    missing: FloatArray
    opening: FloatArray
    worth: FloatArray
    saved: FloatArray


class Pairs(NamedTuple):
    """Items that use or would use a resource with room at a price: one row for each item and resource.

    `gain` is what the resource saves the item against its next best way (`lacks` 0: it is on it), or would
    save if there were room (`lacks` names the dimensions that are missing, by bit). `use` is that of its way.
    """

    resource: IntArray
    item: IntArray
    use: IntArray
    gain: FloatArray
    lacks: IntArray


class Scratch(NamedTuple):
    """Room and units that a loop changes while it looks at one item, and puts back."""

    room: FloatArray
    units: IntArray


class Tables(NamedTuple):
    """A problem and a plan as the loops read them."""

    goods: Goods
    space: Space
