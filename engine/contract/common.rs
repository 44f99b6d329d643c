//! Where windows meet borders, and a single row its columns: the steps that several columns have in common, apart from those that each has alone.

use super::choose::{SET, shares};
use super::columns::List;
use super::moves::positions;
use super::plan::Sums;
use super::planner::{Planner, sort};

impl Planner<'_> {
    /// Where a single row meets columns that share most of their steps (all but those near a border), these are apart from what each has
    /// beside: of steps that several columns have, a block may take several columns. All sums are kept lane by lane, to be added up at the
    /// end. Whether that is so.
    pub(super) fn columns_with_common_steps(&mut self, columns: &[usize]) -> bool {
        if self.plan.sums != Sums::Lanes || self.plan.rows.len() > 1 || self.plan.transposition.is_some() {
            return false;
        }
        let own = self.described.own;
        let shares = shares(own, self.described.sizes);
        // Nowhere else is there a border, nor room for another sum.
        if shares < 2 {
            return false;
        }
        let all: Vec<Vec<i64>> = positions(own, columns).collect();
        let lists: Vec<List> = all.iter().map(|at| self.steps(at)).collect();
        let Some(parts) = in_parts(&lists, shares) else { return false };
        for (at, parts) in all.iter().zip(parts) {
            for (share, list) in parts.into_iter().enumerate() {
                self.columns_of_sixteen(at, list, share);
            }
        }
        self.repeats = shares;
        self.plan.shares = shares;
        self.plan.sizes[2] *= shares;
        true
    }
}

/// The steps of each column in parts: those that the same columns have, all of them, or some as at one side of a border, at the same places of
/// the left side and equally far on the right one; in the last part what is left. None if that is most, or nothing.
fn in_parts(lists: &[List], most: usize) -> Option<Vec<Vec<List>>> {
    // More columns than bits: only what all of them have is told apart.
    let bits = if lists.len() < SET as usize { lists.len() } else { 0 };
    let mut sorted = lists.to_vec();
    sorted.iter_mut().for_each(|list| sort(list));
    let mut places: Vec<(i64, i64)> = vec![];
    for (column, list) in sorted.iter().enumerate() {
        places.extend(list.iter().map(|(left, _)| (*left, column as i64)));
    }
    sort(&mut places);
    if lists.len() < 2 || places.windows(2).any(|pair| pair[0] == pair[1]) {
        return None;
    }
    // For each place on the left the set of columns that have it; these in the order of the sets.
    let set = |columns: &[(i64, i64)]| match bits {
        0 => i64::from(columns.len() == lists.len()),
        _ => columns.iter().map(|(_, column)| 1 << column).sum(),
    };
    let mut sets: Vec<(i64, i64)> = places.chunk_by(|a, b| a.0 == b.0).map(|one| (set(one), one[0].0)).collect();
    sort(&mut sets);
    let right = |column: usize, left: i64| {
        let at = sorted[column].binary_search_by_key(&left, |step| step.0).ok()?;
        Some(sorted[column][at].1)
    };
    let mut kinds: Vec<(i64, List)> = vec![];
    for places in sets.chunk_by(|a, b| a.0 == b.0) {
        let (set, start) = places[0];
        if set.count_ones() < 2 && bits > 0 || set == 0 {
            continue;
        }
        let has = |column: &usize| bits == 0 || set >> column & 1 == 1;
        let equally = |(_, left): &&(i64, i64)| {
            let mut far =
                (0..lists.len()).filter(has).map(|column| Some(right(column, *left)? - right(column, start)?));
            let first = far.next().flatten();
            first.is_some() && far.all(|far| far == first)
        };
        kinds.push((set, places.iter().filter(equally).copied().collect()));
    }
    let columns_of = |set: i64| if bits == 0 { lists.len() } else { set.count_ones() as usize };
    // Those that save the most reads.
    let saved = |(set, places): &(i64, List)| places.len() * (columns_of(*set) - 1);
    let mut ranks: Vec<(i64, i64)> =
        kinds.iter().enumerate().map(|(at, kind)| (-(saved(kind) as i64), at as i64)).collect();
    sort(&mut ranks);
    let kinds: Vec<&(i64, List)> =
        ranks[..ranks.len().min(most - 1)].iter().map(|(_, at)| &kinds[*at as usize]).collect();
    let steps = |lists: &[List]| lists.iter().map(Vec::len).sum::<usize>();
    let together: usize = kinds.iter().map(|(set, places)| places.len() * columns_of(*set)).sum();
    let all_alike = kinds.first().is_some_and(|(_, places)| places.len() * lists.len() == steps(lists));
    if all_alike || 2 * together < steps(lists) {
        return None;
    }
    let part_of = |left: i64| {
        let has = |(_, places): &&(i64, List)| places.binary_search_by_key(&left, |place| place.1).is_ok();
        kinds.iter().position(has).unwrap_or(most - 1)
    };
    let parts = |list: &List| {
        let mut parts = vec![vec![]; most];
        list.iter().for_each(|step| parts[part_of(step.0)].push(*step));
        parts
    };
    Some(lists.iter().map(parts).collect())
}
