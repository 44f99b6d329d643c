//! Rows of a sample's target that leave lanes empty, one behind the other as one row: what they read is copied first, so that it lies one
//! behind the other too, once for each place in a row where a window has taps.

use super::super::describe::{Contraction, Kind, Own, Steps};
use super::super::moves::positions;
use super::super::planner::sort;
use crate::lanes::{Element, LANES, Lanes, Simd, Task};

/// A copy takes at most so many numbers.
const MOST: usize = 1 << 17;
/// Multiplications (of sixteen lanes) to be saved for each row that is copied, if that is one read and one store, and else.
const SAVED: [usize; 2] = [10, 30];

/// How the right side is copied: rows of so many numbers, from these places on.
#[derive(Debug)]
pub(in crate::contract) struct Flat {
    width: usize,
    /// How far the next row of the same tap is.
    pitch: i64,
    /// Those of one tap after those of another.
    from: Vec<i64>,
}

impl Flat {
    /// That of a contraction whose last two indices move the right side alone, as far everywhere, if it pays.
    pub(in crate::contract) fn new(described: &Contraction<'_>) -> Option<Flat> {
        let (others, [high, wide]) = described.own.split_last_chunk()?;
        let free = |own: &Own| !own.guarded && own.extent > 0;
        if described.kind != Kind::Weights
            || !free(high)
            || !free(wide)
            || others.iter().any(|own| own.extent < 1 || (own.conditional && own.extent > 1))
            || others.iter().any(|own| own.guarded && own.in_right)
        {
            return None;
        }
        let (height, width) = (usize::try_from(high.extent).ok()?, usize::try_from(wide.extent).ok()?);
        let saved = (height * width.div_ceil(LANES)).saturating_sub((height * width).div_ceil(LANES));
        let list =
            |others: &[i64], row: usize, place: usize| described.list(&[others, &[row as i64, place as i64]].concat());
        let origin = vec![0; others.len()];
        let first = list(&origin, 0, 0);
        let pitch = list(&origin, height.min(2) - 1, 0).first()?.1 - first.first()?.1;
        if pitch < 1 || saved == 0 {
            return None;
        }
        let bias = |row: usize, place: usize| described.bias(&[&origin[..], &[row as i64, place as i64]].concat());
        for row in 0..height {
            for place in 0..width {
                let by = row as i64 * pitch + place as i64;
                let moved = first.iter().map(|step| (step.0, step.1 + by));
                if !list(&origin, row, place).into_iter().eq(moved) || bias(row, place) != bias(0, 0) {
                    return None;
                }
            }
        }
        // How far the other indices move it.
        let moving: Vec<usize> = (0..others.len()).filter(|at| others[*at].in_right).collect();
        let by = |at: Vec<i64>| list(&at, 0, 0).first().map(|step| step.1 - first[0].1);
        let moves = positions(others, &moving).map(by).collect::<Option<Vec<i64>>>()?;
        let rows = || (0..height).flat_map(|row| first.iter().map(move |step| step.1 + row as i64 * pitch));
        let rows_moved = rows().count().checked_mul(moves.len()).filter(|count| *count <= MOST)?;
        let mut from = Vec::with_capacity(rows_moved);
        rows().for_each(|row| from.extend(moves.iter().map(|by| ((row + by).rem_euclid(pitch), row + by))));
        sort(&mut from);
        from.dedup();
        let flat = Flat { width, pitch, from: from.into_iter().map(|(_, from)| from).collect() };
        // They move the copy as far, whatever is read, and each by a stride.
        let far = |by: i64, row: i64| Some(flat.place(row + by)? - flat.place(row)?);
        let unit = |index: &usize| {
            let mut at = origin.clone();
            at[*index] = 1.min(others[*index].extent - 1);
            far(by(at)?, first[0].1)
        };
        let strides = moving.iter().map(unit).collect::<Option<Vec<i64>>>()?;
        for (at, by) in positions(others, &moving).zip(moves) {
            let all = moving.iter().zip(&strides).map(|(index, stride)| at[*index] * stride).sum();
            if rows().any(|row| far(by, row) != Some(all)) {
                return None;
            }
        }
        let rows: usize = others.iter().map(|own| own.extent as usize).product();
        let least = SAVED[usize::from(width > LANES)] * flat.from.len();
        let pays = first.len() * rows * saved >= least && flat.size() <= MOST;
        pays.then_some(flat)
    }

    /// Where the row is copied to that begins here.
    fn place(&self, row: i64) -> Option<i64> {
        let key = |row: i64| (row.rem_euclid(self.pitch), row);
        let at = self.from.binary_search_by_key(&key(row), |row| key(*row)).ok()?;
        Some((at * self.width) as i64)
    }

    /// Numbers of the copy.
    pub(in crate::contract) fn size(&self) -> usize {
        self.from.len() * self.width
    }

    /// The own indices: the last two are one.
    pub(in crate::contract) fn own(&self, own: &[Own]) -> Vec<Own> {
        let (mut all, last) = (own.to_vec(), own[own.len() - 1]);
        all.pop();
        if let Some(one) = all.last_mut() {
            *one = Own { extent: one.extent * last.extent, conditional: false, stride: 0, ..*one };
        }
        all
    }

    /// As those of [`Contraction`], of the first place in a row.
    pub(in crate::contract) fn first(at: &[i64]) -> Vec<i64> {
        let mut first = at.to_vec();
        first.pop();
        first.extend([0, 0]);
        first
    }

    /// The steps at a place of the one row.
    pub(in crate::contract) fn steps(&self, described: &Contraction<'_>, at: &[i64], steps: &mut Steps) {
        let place = at.last().copied().unwrap_or_default();
        for (left, right) in described.list(&Flat::first(at)) {
            steps.add(left, self.place(right).unwrap_or_default() + place);
        }
    }
}

/// Copies the rows, with the instructions at hand: most are as short as what a register holds.
pub(super) struct Filling<'a, E> {
    pub(super) flat: &'a Flat,
    pub(super) from: &'a [E],
    pub(super) to: &'a mut [E],
}

impl<E: Element> Task for Filling<'_, E> {
    type Output = ();

    #[inline(always)]
    fn run<M: Simd>(self, simd: M) {
        let Filling { flat, from, to } = self;
        for (at, start) in flat.from.iter().map(|start| *start as usize).enumerate() {
            let (from, to) = (&from[start..], &mut to[at * flat.width..]);
            match (from.first_chunk::<LANES>(), to.first_chunk_mut::<LANES>()) {
                // The next row overwrites what is too much.
                (Some(from), Some(to)) if flat.width <= LANES => *to = E::Lanes::from_array(simd, *from).to_array(),
                _ => to[..flat.width].copy_from_slice(&from[..flat.width]),
            }
        }
    }
}
