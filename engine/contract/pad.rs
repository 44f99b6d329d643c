//! A border of zeros. Where a side is read outside of itself, each element has steps of its own: few elements of a gradient then make a block, and
//! few of one sample fill the lanes. Of a copy with zeros around it they all read the same steps, moved.
//!
//! A zero takes part in sums that had no such step. That changes none of them, unless it is multiplied by what is not finite: then the sums
//! that do have the step are not finite either, nor is what an optimiser makes of the parameter. (Of one sample forward too: there an infinite
//! weight makes what borders on zeros not a number.)

use super::choose::{MOST_OF_LANES, any_conditional, choose, fits};
use super::columns::List;
use super::describe::{Axis, Contraction, Kind, Own, Steps};
use super::moves::{all_telling, positions};
use super::planner::sort;
use crate::lanes::Element;

/// A copy takes at most so many packs: more would be read from memory, and is more memory.
const MOST: i64 = 1 << 14;
/// As many steps in a hundred have to be real ones: where there are channels, whose columns have the same steps in any case, and else.
/// Measured on convolutions.
const REAL: [usize; 2] = [94, 75];

/// The same of one sample, where the other way are steps that some of the lanes take.
const REAL_OF_ONE: usize = 50;

/// A side that may be copied with a border.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Border {
    pub(super) of_left: bool,
    /// How many packs the copy has; of one sample, numbers.
    pub(super) packs: usize,
}

/// The side for which a border may pay: the only one that is read outside. Const, for the copy's memory is part of the arena; whether it
/// does pay is seen from the steps.
pub(super) const fn border(kind: Kind, own: &[Own], sizes: [usize; 4], axes: [&[Axis]; 2]) -> Option<Border> {
    if !matches!(kind, Kind::Gradient) || sizes[2] > MOST_OF_LANES || !any_conditional(own) {
        return None;
    }
    if choose(kind, own, sizes).is_some() {
        return None;
    }
    match read_outside(axes, MOST) {
        // Blocks are to take several elements of either side.
        Some(border) if move_alone(own, !border.of_left) => Some(border),
        _ => None,
    }
}

/// The only side that is read outside.
const fn read_outside(axes: [&[Axis]; 2], most: i64) -> Option<Border> {
    match (packs(axes[0], most), packs(axes[1], most)) {
        (Some((packs, true)), Some((_, false))) => Some(Border { of_left: true, packs }),
        (Some((_, false)), Some((packs, true))) => Some(Border { of_left: false, packs }),
        _ => None,
    }
}

/// Whether several elements move one of the sides, and nothing else.
const fn move_alone(own: &[Own], left: bool) -> bool {
    let mut at = 0;
    while at < own.len() {
        let one = own[at];
        if !one.conditional && one.in_left == left && one.in_right != left && one.extent > 1 {
            return true;
        }
        at += 1;
    }
    false
}

/// How far outside an axis is read, before it and behind it; none: too far, or nobody knows.
const fn outside(axis: Axis) -> Option<(i64, i64)> {
    let Axis { extent, low, high, .. } = axis;
    if !fits(extent) || low < -extent || high > 2 * extent {
        return None;
    }
    Some((if low < 0 { -low } else { 0 }, if high < extent { 0 } else { high - extent + 1 }))
}

/// How far apart the elements of an axis are in the copy, counted in those of the next: its zeros behind one row are those before the next.
const fn pitch(axis: Axis) -> Option<i64> {
    match outside(axis) {
        Some((before, behind)) => Some(axis.extent + if before > behind { before } else { behind }),
        None => None,
    }
}

/// The packs of a copy of a side, and whether there is any border. None: more than `most`, or nobody knows.
const fn packs(axes: &[Axis], most: i64) -> Option<(usize, bool)> {
    let (mut packs, mut stride, mut any, mut at) = (1, 1, false, axes.len());
    while at > 0 {
        at -= 1;
        let (Some((before, behind)), Some(pitch)) = (outside(axes[at]), pitch(axes[at])) else { return None };
        if before + behind > 0 {
            any = true;
        }
        packs += (axes[at].extent - 1 + before + behind) * stride;
        stride *= pitch;
        // Before anything overflows.
        if packs > 1 << 20 || stride > 1 << 20 {
            return None;
        }
    }
    if any && packs > most { None } else { Some((packs as usize, any)) }
}

/// How a side is copied. Places count packs; of one sample, numbers.
#[derive(Debug)]
pub(super) struct Padded {
    /// Whether the side is the left one as described.
    pub(super) of_left: bool,
    /// How long the side's rows are: what lies side by side along its last axis.
    row: usize,
    /// Where each is in the copy.
    places: Vec<usize>,
    /// Packs of the copy.
    pub(super) packs: usize,
}

impl Padded {
    /// None where the axes are not those of a side of so many elements.
    fn new(of_left: bool, axes: &[Axis], packs: usize, size: usize) -> Option<Padded> {
        let (last, others) = axes.split_last()?;
        let mut places = vec![outside(*last)?.0];
        let mut stride = pitch(*last)?;
        for axis in others.iter().rev() {
            let start = outside(*axis)?.0;
            places = (start..start + axis.extent)
                .flat_map(|at| places.iter().map(move |place| at * stride + place))
                .collect();
            stride *= pitch(*axis)?;
        }
        let (row, places) = (last.extent as usize, places.into_iter().map(|place| place as usize).collect::<Vec<_>>());
        (places.len() * row == size).then_some(Padded { of_left, row, places, packs })
    }

    /// Where an element of the side is.
    fn place(&self, at: i64) -> i64 {
        let (row, at) = (at as usize / self.row, at as usize % self.row);
        (self.places[row] + at) as i64
    }

    /// Where the row ends that begins at a place or, last of all, before it; and the number of the next row.
    fn last_row(&self, place: usize) -> (usize, usize) {
        let next = self.places.partition_point(|start| *start <= place);
        (if next == 0 { 0 } else { self.places[next - 1] + self.row }, next)
    }

    /// Whether there is a zero at a place.
    fn is_zero(&self, place: i64) -> bool {
        usize::try_from(place).is_ok_and(|place| place < self.packs && place >= self.last_row(place).0)
    }

    /// Fills a part of the copies of some tiles, from the pack `first` on; packs have so many numbers.
    pub(super) fn fill<E: Element>(&self, from: &[E], mut first: usize, mut to: &mut [E], pack: usize) {
        while !to.is_empty() {
            // A tile, or what there is of it.
            let (tile, mut place) = (first / self.packs, first % self.packs);
            let mut part;
            (part, to) = to.split_at_mut(to.len().min((self.packs - place) * pack));
            first += part.len() / pack;
            let (mut end, mut next) = self.last_row(place);
            while !part.is_empty() {
                let until = if place < end { end } else { self.places.get(next).copied().unwrap_or(self.packs) };
                let some;
                (some, part) = part.split_at_mut(part.len().min((until - place) * pack));
                if place < end {
                    let row = tile * self.places.len() + next - 1;
                    some.copy_from_slice(&from[(row * self.row + place + self.row - end) * pack..][..some.len()]);
                } else {
                    some.fill(E::ZERO);
                    (end, next) = (until + self.row, next + 1);
                }
                place = until;
            }
        }
    }
}

/// The axes of the right side, and how far outside they would be read if all elements had the steps of the one that has most, moved.
fn read(described: &Contraction<'_>) -> Option<Vec<Axis>> {
    let (own, extents) = (described.own, described.axes[1].iter().map(|axis| axis.extent));
    if extents.clone().any(|extent| !fits(extent)) {
        return None;
    }
    let conditional = described.conditional();
    let origin = positions(own, &conditional).max_by_key(|at| described.list(at).len())?;
    let longest = described.list(&origin);
    // A place, or how far one is from another, along each axis: each as little as can be.
    let mut strides: Vec<i64> = vec![1];
    extents.clone().skip(1).rev().for_each(|extent| strides.push(strides[strides.len() - 1] * extent));
    let along = |mut place: i64, half: i64| -> Vec<i64> {
        let of_axis = |stride: &i64| {
            let at = (place + half * stride / 2).div_euclid(*stride);
            place -= at * stride;
            at
        };
        strides.iter().rev().map(of_axis).collect()
    };
    let mut read: Vec<(i64, i64)> = vec![(i64::MAX, i64::MIN); strides.len()];
    for (_, right) in &longest {
        let places = read.iter_mut().zip(along(*right, 0));
        places.for_each(|((low, high), at)| (*low, *high) = ((*low).min(at), (*high).max(at)));
    }
    for index in (0..own.len()).filter(|index| own[*index].extent > 1) {
        let (_, by) = stride(own, index, (&origin, &longest), &|at| described.list(at))?;
        for ((low, high), far) in read.iter_mut().zip(along(by, 1)) {
            let ends = [-origin[index] * far, (own[index].extent - 1 - origin[index]) * far];
            (*low, *high) = (*low + ends[0].min(ends[1]), *high + ends[0].max(ends[1]));
        }
    }
    let axes = extents.zip(read).map(|(extent, (low, high))| Axis { extent, summed: false, low, high });
    Some(axes.collect())
}

/// How far an index moves the steps of an element, those of the one that has most, by the first step of its neighbour. (One that decides steps
/// moves nothing on the first side of a list: by its place there it is found in the longest.)
fn stride(
    own: &[Own],
    index: usize,
    (origin, longest): (&[i64], &[(i64, i64)]),
    list: &dyn Fn(&[i64]) -> List,
) -> Option<(i64, i64)> {
    let by = match own[index].extent {
        1 => return Some((0, 0)),
        extent if origin[index] + 1 < extent => 1,
        _ => -1,
    };
    let mut at = origin.to_vec();
    at[index] += by;
    let there = *list(&at).first()?;
    let here = longest.iter().find(|step| !own[index].conditional || step.0 == there.0)?;
    Some(((there.0 - here.0) * by, (there.1 - here.1) * by))
}

/// A contraction with a border: every element has the same steps, moved.
pub(super) struct Bordered {
    pub(super) padded: Padded,
    pub(super) sizes: [usize; 4],
    /// The steps of the first element.
    start: List,
    /// How far each index moves both sides.
    strides: Vec<(i64, i64)>,
}

impl Bordered {
    /// That of a parameter's gradient, from tiles.
    pub(super) fn of_sixteen(described: &Contraction<'_>) -> Option<Bordered> {
        let Contraction { kind, own, axes, .. } = *described;
        let border = border(kind, own, described.sizes, axes)?;
        Bordered::new(described, border, if move_alone(own, border.of_left) { REAL[0] } else { REAL[1] })
    }

    /// Of one sample: that of what stands beside a parameter, or of a side of a parameter's gradient.
    pub(super) fn of_one(described: &Contraction<'_>) -> Option<Bordered> {
        if !any_conditional(described.own) || described.own.iter().any(|own| own.extent < 1) {
            return None;
        }
        match described.kind {
            Kind::Weights => {}
            Kind::Gradient => return Bordered::new(described, read_outside(described.axes, i64::MAX)?, REAL_OF_ONE),
            _ => return None,
        }
        let axes = read(described)?;
        let (packs, _) = packs(&axes, i64::MAX).filter(|(_, any)| *any)?;
        let described = Contraction { axes: [&[], &axes], ..*described };
        Bordered::new(&described, Border { of_left: false, packs }, REAL_OF_ONE)
    }

    /// If all is as a border needs it, which is seen from the steps themselves, and it pays: if at `least` so many in a hundred are real ones.
    fn new(described: &Contraction<'_>, border: Border, least: usize) -> Option<Bordered> {
        let Contraction { own, axes, .. } = *described;
        let Border { of_left, packs } = border;
        let (side, mut sizes) = (if of_left { 0 } else { 1 }, described.sizes);
        let padded = Padded::new(of_left, axes[side], packs, sizes[side])?;
        sizes[side] = packs;
        // The padded side's places second.
        let turned = |(left, right)| if of_left { (right, left) } else { (left, right) };
        let list = |at: &[i64]| -> List {
            described.list(at).into_iter().map(turned).map(|(other, at)| (other, padded.place(at))).collect()
        };
        let all: Vec<(Vec<i64>, usize)> =
            positions(own, &described.conditional()).map(|at| (at.clone(), list(&at).len())).collect();
        let (origin, most) = all.iter().max_by_key(|(_, count)| *count)?;
        let longest = &list(origin);
        let (real, full) = (all.iter().map(|(_, count)| count).sum::<usize>(), most * all.len());
        if real == full || 100 * real < least * full {
            return None;
        }
        let strides = (0..own.len())
            .map(|index| stride(own, index, (origin, longest), &list))
            .collect::<Option<Vec<(i64, i64)>>>()?;
        let moved =
            |at: &[i64]| shift(&at.iter().zip(origin).map(|(at, from)| at - from).collect::<Vec<_>>(), &strides);
        // Where indices that decide no steps move the padded side: by as much in the copy, wherever they are.
        let others: Vec<usize> = (0..own.len()).filter(|index| !own[*index].conditional).collect();
        let places = positions(own, &others).map(|at| (shift(&at, &strides).1, 0));
        let mut around: Vec<(i64, i64)> = places.collect();
        sort(&mut around);
        around.dedup();
        // A list is the longest, moved, and what it lacks finds zeros.
        let mut is_moved = |at: &[i64]| {
            let steps = list(at);
            let (by, mut rest) = (moved(at), &steps[..]);
            for step in longest.iter().map(|step| (step.0 + by.0, step.1 + by.1)) {
                match rest.split_first() {
                    Some((first, others)) if *first == step => rest = others,
                    _ if around.iter().all(|(around, _)| padded.is_zero(step.1 + around)) => {}
                    _ => return false,
                }
            }
            rest.is_empty()
        };
        if !all_telling(described, origin, &mut is_moved) {
            return None;
        }
        let by = moved(&vec![0; own.len()]);
        let start = longest.iter().map(|step| turned((step.0 + by.0, step.1 + by.1))).collect();
        Some(Bordered { padded, sizes, start, strides: strides.into_iter().map(turned).collect() })
    }

    /// As those of [`Contraction`].
    pub(super) fn steps(&self, at: &[i64], steps: &mut Steps) {
        let by = shift(at, &self.strides);
        self.start.iter().for_each(|(left, right)| steps.add(left + by.0, right + by.1));
    }
}

fn shift(at: &[i64], strides: &[(i64, i64)]) -> (i64, i64) {
    at.iter().zip(strides).fold((0, 0), |sum, (at, stride)| (sum.0 + at * stride.0, sum.1 + at * stride.1))
}
