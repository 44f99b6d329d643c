//! What the target's own indices move, and their positions.

use super::describe::{Contraction, Own, Steps};

/// Which sides an index moves, by a stride; `None` for one that decides steps. One that could, but where the layer stands has the
/// same steps at all positions, moves what it is seen to move: a border without padding, for instance.
pub(super) fn moves(described: &Contraction<'_>) -> Vec<Option<(bool, bool)>> {
    let own = described.own;
    let conditional: Vec<usize> = (0..own.len()).filter(|at| own[*at].conditional).collect();
    let mut moves: Vec<_> = own.iter().map(|own| (!own.conditional).then_some((own.in_left, own.in_right))).collect();
    if conditional.is_empty() || own.iter().any(|own| own.extent < 1) {
        return moves;
    }
    let list = |at: &[i64]| {
        let mut steps = Steps::default();
        (described.steps)(at, &mut steps);
        steps.list
    };
    let start = list(&vec![0; own.len()]);
    let Some(origin) = start.first().copied() else { return moves };
    let stride = |index: usize| {
        let mut at = vec![0; own.len()];
        at[index] = if own[index].extent > 1 { 1 } else { 0 };
        list(&at).first().map(|there| (there.0 - origin.0, there.1 - origin.1))
    };
    let Some(strides) = conditional.iter().map(|index| stride(*index)).collect::<Option<Vec<_>>>() else {
        return moves;
    };
    let uniform = positions(own.len(), own, &conditional).all(|at| {
        let moved = conditional
            .iter()
            .zip(&strides)
            .fold((0, 0), |sum, (index, stride)| (sum.0 + at[*index] * stride.0, sum.1 + at[*index] * stride.1));
        let here = list(&at);
        here.len() == start.len() && here.iter().zip(&start).all(|(a, b)| (a.0 - moved.0, a.1 - moved.1) == *b)
    });
    if uniform {
        for (index, stride) in conditional.into_iter().zip(strides) {
            moves[index] = Some((stride.0 != 0, stride.1 != 0));
        }
    }
    moves
}

/// All positions of some of the indices, row-major; the others at 0.
pub(super) fn positions<'a>(count: usize, own: &'a [Own], indices: &'a [usize]) -> impl Iterator<Item = Vec<i64>> + 'a {
    let total: i64 = indices.iter().map(|index| own[*index].extent).product();
    (0..total).map(move |mut rest| {
        let mut at = vec![0; count];
        for index in indices.iter().rev() {
            at[*index] = rest % own[*index].extent;
            rest /= own[*index].extent;
        }
        at
    })
}
