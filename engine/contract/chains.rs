//! Which columns a window that slides takes together: chains of neighbours, each of whose steps are those of the one before, moved on. At both
//! ends of a chain one may stand that lacks the steps beyond a border.

use super::column::{Column, Edge, Link};
use super::plan::{Chunk, Place, Plan};
use super::planner::sort;
use super::sliding::{LEAST, MOST, TAPS};

/// Columns beside chains, which are done with before the next chains come: near what was read with their neighbours, and enough for blocks.
const BESIDE: usize = 120;

/// Columns with the same steps and the same place on the left.
type Group = Vec<Linked>;

/// A column, where its window begins on the right, seen or not, and its place in a chain.
#[derive(Clone, Copy)]
struct Linked {
    column: Column,
    begins: isize,
    link: Link,
}

impl Linked {
    fn new(column: Column) -> Linked {
        let link = Link { window: u32::MAX, chain: 1, chained: -1, edge: Edge::None };
        Linked { column, begins: column.at().right, link }
    }
}

impl Plan {
    /// Puts the columns of groups in their order: in chains where windows slide. A group: columns with the same steps and the same place on the
    /// left.
    pub(super) fn arrange(&mut self, groups: Vec<Vec<Column>>) {
        let slides = |group: &Vec<Column>| self.steps(group[0].list(), 0).together > 0;
        if !groups.iter().any(slides) {
            self.columns = groups.concat();
            return;
        }
        let mut groups: Vec<Group> =
            groups.into_iter().map(|columns| columns.into_iter().map(Linked::new).collect()).collect();
        for base in 0..groups.len() {
            let Some(list) = groups[base].first().map(|linked| linked.column.list()) else { continue };
            let steps = self.steps(list, 0);
            if steps.together == 0 {
                continue;
            }
            let window = steps.places.to_vec();
            // Only of a window that is nothing but taps is it known what its neighbours at a border lack.
            if steps.together == window.len() {
                for edge in [Edge::First, Edge::Last] {
                    self.take_edge(&mut groups, (base, list), &window, edge);
                }
            }
            let by = (window[1].right - window[0].right) as isize;
            groups[base] = in_chains(&groups[base], by, list);
        }
        let mut all = groups.concat();
        for at in (1..all.len()).rev() {
            let (next, this) = (all[at].link, &mut all[at - 1].link);
            let of_one_kind = if next.chained < 0 { this.chained < 0 } else { this.window == next.window };
            if of_one_kind {
                this.chained = next.chained.saturating_add(this.chained);
            }
        }
        self.columns = all.iter().map(|linked| linked.column).collect();
        self.links = all.iter().map(|linked| linked.link).collect();
    }

    /// Moves the columns that lack the first taps (or the last ones) of a window, and nothing else, to those that have them all.
    fn take_edge(&mut self, groups: &mut [Group], (base, window_list): (usize, usize), window: &[Place], edge: Edge) {
        let left_out = if edge == Edge::First { 0 } else { TAPS - 1 };
        let taps = window.iter().enumerate().filter(|(at, _)| at % TAPS != left_out);
        let taps: Vec<(i64, i64)> = taps.map(|(_, place)| (place.left as i64, place.right as i64)).collect();
        let (shape, least) = shape(&taps);
        let left = groups[base][0].column.at().left;
        let mut list = None;
        for group in 0..groups.len() {
            let Some(&Linked { column: first, link, .. }) = groups[group].first() else { continue };
            let steps = self.steps(first.list(), 0);
            // Another window's chains may begin with such a column: they stay.
            let chained = link.edge != Edge::None;
            if chained || first.list() == window_list || steps.places.len() != taps.len() || steps.together > 0 {
                continue;
            }
            let places: Vec<(i64, i64)> =
                steps.places.iter().map(|place| (place.left as i64, place.right as i64)).collect();
            let (of_group, least_of_group) = self::shape(&places);
            // Where the window would begin, from where the steps do.
            let moved = [least_of_group.0 - least.0, least_of_group.1 - least.1].map(|by| by as isize);
            if of_group != shape || first.at().left + moved[0] != left {
                continue;
            }
            // The same steps in the order in which the window takes them: so they are added up the same way by blocks that do not slide.
            let list = *list.get_or_insert_with(|| self.add_list(&taps));
            for mut linked in std::mem::take(&mut groups[group]) {
                linked.begins += moved[1];
                linked.link.edge = edge;
                linked.column.begin(left + taps[0].0 as isize, linked.begins + taps[0].1 as isize, list);
                groups[base].push(linked);
            }
        }
    }

    /// A list of these steps, from the first on.
    fn add_list(&mut self, steps: &[(i64, i64)]) -> usize {
        let first = steps[0];
        let start = self.places.len();
        let place = |step: &(i64, i64)| Place { left: (step.0 - first.0) as i32, right: (step.1 - first.1) as i32 };
        self.places.extend(steps.iter().map(place));
        let end = self.lists.len() + self.chunks;
        self.lists.push(Chunk { places: start..self.places.len(), ..Chunk::default() });
        self.lists.resize_with(end, Chunk::default);
        end / self.chunks - 1
    }
}

/// Steps in one order, from the least on, which is returned beside.
fn shape(steps: &[(i64, i64)]) -> (Vec<(i64, i64)>, (i64, i64)) {
    let mut sorted = steps.to_vec();
    sort(&mut sorted);
    let least = sorted.first().copied().unwrap_or_default();
    (sorted.iter().map(|step| (step.0 - least.0, step.1 - least.1)).collect(), least)
}

/// Columns in chains, in which each begins `by` further on the right than the one before; those that are left over among them.
fn in_chains(columns: &Group, by: isize, list: usize) -> Group {
    let mut places: Vec<(i64, i64)> =
        columns.iter().enumerate().map(|(at, linked)| (linked.begins as i64, at as i64)).collect();
    sort(&mut places);
    let mut taken = vec![false; columns.len()];
    let (mut ordered, mut beside) = (Vec::with_capacity(columns.len()), vec![]);
    for (begins, first) in &places {
        if taken[*first as usize] {
            continue;
        }
        let mut chain = vec![*first as usize];
        while chain.len() < MOST && columns[chain[chain.len() - 1]].link.edge != Edge::Last {
            let next = begins + by as i64 * chain.len() as i64;
            let found = places.binary_search_by_key(&next, |(begins, _)| *begins).map(|found| places[found].1 as usize);
            match found {
                Ok(next) if !taken[next] && columns[next].link.edge != Edge::First => chain.push(next),
                _ => break,
            }
        }
        chain.truncate(if chain.len() < LEAST { 1 } else { chain.len() / LEAST * LEAST });
        chain.iter().for_each(|at| taken[*at] = true);
        if chain.len() == 1 {
            beside.push(columns[chain[0]]);
            if beside.len() == BESIDE {
                ordered.append(&mut beside);
            }
            continue;
        }
        let length = chain.len();
        for (at, linked) in chain.into_iter().enumerate() {
            let Linked { column, begins, link } = columns[linked];
            let link = Link { window: list as u32, chain: (length - at) as u16, chained: 1, ..link };
            ordered.push(Linked { column, begins, link });
        }
    }
    ordered.append(&mut beside);
    ordered
}
