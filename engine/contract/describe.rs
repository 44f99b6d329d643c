//! A contraction as the macros describe it, where its layer stands.

/// What the two sides and the target are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The left side is shared by all samples (a parameter), the right side and the target belong to a sample.
    Weights,
    /// All three belong to a sample.
    Samples,
    /// Both sides belong to a sample, the target is shared: samples are summed over too (a parameter's gradient).
    Gradient,
}

/// One of the target's own indices.
#[derive(Clone, Copy, Debug)]
pub struct Own {
    /// How far it runs.
    pub extent: i64,
    /// Whether the left side's position mentions it.
    pub in_left: bool,
    /// Whether the right side's does.
    pub in_right: bool,
    /// Whether it decides which steps there are, or moves a side by anything but a fixed stride.
    pub conditional: bool,
    /// Whether it decides which elements of the target are wanted.
    pub guarded: bool,
    /// Its stride in the side that mentions it, where it is one of that side's own indices and mentioned nowhere else; else 0.
    pub stride: i64,
}

/// An axis of a side.
#[derive(Clone, Copy, Debug)]
pub struct Axis {
    /// How far it runs.
    pub extent: i64,
    /// Whether a summed index alone says where it is read.
    pub summed: bool,
    /// The least and the greatest position that is said, conditions left aside. The least and the greatest integer: nobody knows.
    pub low: i64,
    /// See `low`.
    pub high: i64,
}

/// The steps of one element of the target: where each side is read, relative to the side's first element.
#[derive(Clone, Debug, Default)]
pub struct Steps {
    pub(super) list: Vec<(i64, i64)>,
}

impl Steps {
    /// One more.
    pub fn add(&mut self, left: i64, right: i64) {
        self.list.push((left, right));
    }
}

/// What an element's position decides.
pub type Of<'a, T> = &'a dyn Fn(&[i64]) -> T;

/// `target[own] += Σ left · right`.
pub struct Contraction<'a> {
    /// What the sides are.
    pub kind: Kind,
    /// The target's own indices.
    pub own: &'a [Own],
    /// Lists the steps of the element at these positions of the own indices.
    pub steps: &'a dyn Fn(&[i64], &mut Steps),
    /// Whether it is wanted; none: all are.
    pub guard: Option<Of<'a, bool>>,
    /// Where the number that is added to it stands among what all samples share, if there is one.
    pub bias: Option<Of<'a, i64>>,
    /// Elements of the left side, the right side (0: there is none, its place is taken by ones), the target and the bias.
    pub sizes: [usize; 4],
    /// The axes of the left side and the right one, where they may decide how a side is copied first; else none.
    pub axes: [&'a [Axis]; 2],
}

impl Contraction<'_> {
    /// Where an element stands in the target: row-major.
    pub(super) fn target(&self, at: &[i64]) -> i64 {
        at.iter().zip(self.own).fold(0, |place, (at, own)| place * own.extent + at)
    }

    /// The steps of an element. (Out of line: it is asked for everywhere.)
    #[inline(never)]
    pub(super) fn list(&self, at: &[i64]) -> Vec<(i64, i64)> {
        let mut steps = Steps::default();
        (self.steps)(at, &mut steps);
        steps.list
    }

    /// The indices that decide steps.
    pub(super) fn conditional(&self) -> Vec<usize> {
        (0..self.own.len()).filter(|at| self.own[*at].conditional).collect()
    }

    pub(super) fn bias(&self, at: &[i64]) -> i64 {
        self.bias.map_or(0, |bias| bias(at))
    }

    pub(super) fn wants(&self, at: &[i64]) -> bool {
        self.guard.is_none_or(|wants| wants(at))
    }

    /// Whether the right side is left out: ones, whose place never moves.
    pub(super) fn right_is_ones(&self) -> bool {
        self.sizes[1] == 0
    }
}
