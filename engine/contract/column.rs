//! Where elements stand: how far the rows of a plan move what they move, and its columns, each with the list of its steps and, where windows
//! slide, its place in a chain.

use crate::lanes::LANES;

/// How far an index moves what it moves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Shift {
    pub(super) left: isize,
    pub(super) right: isize,
    pub(super) target: isize,
    pub(super) bias: isize,
}

/// A [`Shift`] of half the size: blocks of little work read many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Near {
    left: i32,
    right: i32,
    target: i32,
    bias: i32,
}

impl Near {
    /// # Panics
    /// Beyond 2³¹ numbers.
    fn new(at: Shift) -> Near {
        let [left, right, target, bias] = [at.left, at.right, at.target, at.bias]
            .map(|place| i32::try_from(place).expect("a tensor of a contraction has fewer than 2^31 numbers"));
        Near { left, right, target, bias }
    }

    #[inline(always)]
    fn shift(self) -> Shift {
        let [left, right, target, bias] = [self.left, self.right, self.target, self.bias].map(|place| place as isize);
        Shift { left, right, target, bias }
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    at: Near,
    /// Which list of steps.
    list: u32,
    /// How many columns from here on have the same list and the same place on the left, and fill the lanes or do not.
    pub(super) alike: u32,
    /// How many have the same list, wherever it begins, and fill the lanes or do not.
    pub(super) same: u32,
    /// The rows that are wanted.
    pub(super) rows: (u32, u32),
    /// How many lanes are in use, where an index stands in them.
    pub(super) lanes: u8,
    /// Whether what the other lanes would overwrite is stored by the next column.
    pub(super) spills: bool,
    /// How many columns from here on are neighbours in the target, one after the other; or, negative, how many have few of them: see `then`.
    pub(super) neighbours: i16,
}

/// A column's place in a chain: see `chains`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Link {
    /// The list of the chain's windows.
    pub(super) window: u32,
    /// How many columns from here on are one chain.
    pub(super) chain: u16,
    /// How many from here on are in chains; or, negative, are not.
    pub(super) chained: i16,
    /// Which steps of the window the column lacks.
    pub(super) edge: Edge,
}

/// Whether a column has all steps of a window, or lacks the first taps, or the last ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edge {
    None,
    First,
    Last,
}

impl Column {
    pub(super) fn new(at: Shift, list: usize, lanes: usize) -> Column {
        Column {
            at: Near::new(at),
            list: list as u32,
            alike: 1,
            same: 1,
            rows: (0, u32::MAX),
            lanes: lanes as u8,
            spills: false,
            neighbours: 1,
        }
    }

    /// The same so far from here on the right and in the target.
    pub(super) fn moved(self, right: isize, target: isize) -> Column {
        let at = self.at();
        Column { at: Near::new(Shift { right: at.right + right, target: at.target + target, ..at }), ..self }
    }

    /// The same with steps that begin elsewhere, those of another list.
    pub(super) fn begin(&mut self, left: isize, right: isize, list: usize) {
        self.at = Near::new(Shift { left, right, ..self.at() });
        self.list = list as u32;
    }

    #[inline(always)]
    pub(super) fn at(&self) -> Shift {
        self.at.shift()
    }

    /// Whether all lanes are in use.
    #[inline(always)]
    pub(super) fn is_full(&self) -> bool {
        self.lanes == LANES as u8
    }

    #[inline(always)]
    pub(super) fn list(&self) -> usize {
        self.list as usize
    }
}
