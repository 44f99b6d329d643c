//! What the target's own indices move, and their positions.

use super::describe::{Contraction, Own};

/// Which sides an index moves, by a stride; `None` for one that decides steps. One that could, but where the layer stands has the
/// same steps at all positions, moves what it is seen to move: a border without padding, for instance.
pub(super) fn moves(described: &Contraction<'_>) -> Vec<Option<(bool, bool)>> {
    let own = described.own;
    let conditional = described.conditional();
    let mut moves: Vec<_> = own.iter().map(|own| (!own.conditional).then_some((own.in_left, own.in_right))).collect();
    if conditional.is_empty() || own.iter().any(|own| own.extent < 1) {
        return moves;
    }
    let start = described.list(&vec![0; own.len()]);
    let Some(origin) = start.first().copied() else { return moves };
    let stride = |index: usize| {
        let mut at = vec![0; own.len()];
        at[index] = if own[index].extent > 1 { 1 } else { 0 };
        described.list(&at).first().map(|there| (there.0 - origin.0, there.1 - origin.1))
    };
    let Some(strides) = conditional.iter().map(|index| stride(*index)).collect::<Option<Vec<_>>>() else {
        return moves;
    };
    let uniform = positions(own, &conditional).all(|at| {
        let moved = conditional
            .iter()
            .zip(&strides)
            .fold((0, 0), |sum, (index, stride)| (sum.0 + at[*index] * stride.0, sum.1 + at[*index] * stride.1));
        let here = described.list(&at);
        here.len() == start.len() && here.iter().zip(&start).all(|(a, b)| (a.0 - moved.0, a.1 - moved.1) == *b)
    });
    if uniform {
        for (index, stride) in conditional.into_iter().zip(strides) {
            moves[index] = Some((stride.0 != 0, stride.1 != 0));
        }
    }
    moves
}

/// Whether something is so of the elements whose steps tell those of all: along each index through `origin`, where those that decide no steps
/// are 0, and then at all positions of those that do, which may decide them together.
pub(super) fn all_telling(described: &Contraction<'_>, origin: &[i64], so: &mut dyn FnMut(&[i64]) -> bool) -> bool {
    let own = described.own;
    let along = |index: usize| {
        (0..own[index].extent).map(move |position| {
            let mut at = origin.to_vec();
            at[index] = position;
            at
        })
    };
    (0..own.len()).flat_map(along).all(|at| so(&at)) && positions(own, &described.conditional()).all(|at| so(&at))
}

/// All positions of some of the indices, row-major; the others at 0.
pub(super) fn positions<'a>(own: &'a [Own], indices: &'a [usize]) -> Positions<'a> {
    let count = indices.iter().map(|index| own[*index].extent).product();
    Positions { own, indices, next: 0, count }
}

/// See [`positions`]. (A type with a function of its own: what is made of it in a dozen places would have this in it each time.)
pub(super) struct Positions<'a> {
    own: &'a [Own],
    indices: &'a [usize],
    next: i64,
    count: i64,
}

impl Iterator for Positions<'_> {
    type Item = Vec<i64>;

    #[inline(never)]
    fn next(&mut self) -> Option<Vec<i64>> {
        let mut rest = self.next;
        if rest >= self.count {
            return None;
        }
        self.next += 1;
        let mut at = vec![0; self.own.len()];
        for index in self.indices.iter().rev() {
            at[*index] = rest % self.own[*index].extent;
            rest /= self.own[*index].extent;
        }
        Some(at)
    }
}
