//! From a description to a plan.

use super::choose::{MOST_OF_LANES, Spread, choose, spread};
use super::column::{Column, Shift};
use super::describe::{Contraction, Kind, Steps};
use super::lists::Lists;
use super::moves::{moves, positions};
use super::pad::Bordered;
use super::part::Cut;
use super::plan::{Plan, Sums, Transposition};
use super::prove::span;
use super::single::{self, Across};
use super::sliding;
use crate::lanes::LANES;

/// What stands in the lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum In {
    /// The samples.
    Samples,
    /// One of the target's indices, after a transposition.
    Transposed { index: usize },
    /// There is one sample.
    Single(Across),
}

pub(super) struct Planner<'a> {
    pub(super) described: &'a Contraction<'a>,
    pub(super) lanes: In,
    pub(super) rows: Vec<usize>,
    pub(super) outer: Vec<usize>,
    pub(super) columns: Vec<usize>,
    pub(super) plan: Plan,
    pub(super) lists: Lists,
    pub(super) pitch: i64,
    /// Whether an index decides steps, so that columns may differ.
    pub(super) borders: bool,
    /// Numbers for each place on each side, and in the target.
    pub(super) units: [i64; 3],
    /// Columns for each position of the indices that make columns.
    pub(super) repeats: usize,
}

/// The plan for tiles of sixteen samples: of what is described, or of a side with a border.
pub(super) fn of_sixteen(described: &Contraction<'_>) -> Plan {
    let Some(bordered) = Bordered::of_sixteen(described) else { return as_described(described) };
    let (steps, sizes) = (|at: &[i64], steps: &mut Steps| bordered.steps(at, steps), bordered.sizes);
    let mut plan = as_described(&Contraction { steps: &steps, sizes, ..*described });
    plan.padded = Some(bordered.padded);
    plan.cut = Cut::Nowhere;
    plan
}

/// Rows that belong to a sample are copied where they meet so many columns.
const MEETS: i64 = 8;

fn as_described(described: &Contraction<'_>) -> Plan {
    let own = described.own;
    let (lanes, swapped) = match (described.kind, choose(described.kind, own, described.sizes)) {
        (_, Some(lane)) => (In::Transposed { index: lane.index }, lane.of_left),
        (Kind::Weights, None) => (In::Samples, false),
        (_, None) => (In::Samples, right_moves_more(described)),
    };
    Planner::new(described, lanes, swapped).plan()
}

/// Whether more elements move the right side alone than the left one.
pub(super) fn right_moves_more(described: &Contraction<'_>) -> bool {
    let moves = moves(described);
    let alone = |left: bool| -> i64 {
        let own = described.own.iter().zip(&moves);
        own.filter(|(_, moves)| **moves == Some((left, !left))).map(|(own, _)| own.extent).product()
    };
    alone(false) > alone(true)
}

impl<'a> Planner<'a> {
    pub(super) fn new(described: &'a Contraction<'a>, lanes: In, swapped: bool) -> Planner<'a> {
        let own = described.own;
        let moves = moves(described);
        let borders = moves.iter().any(Option::is_none);
        let in_lanes = match lanes {
            In::Transposed { index } | In::Single(Across::Own { index, .. }) => Some(index),
            _ => None,
        };
        let guarded: Vec<usize> = (0..own.len()).filter(|at| own[*at].guarded).collect();
        let (mut rows, mut outer, mut columns) = (vec![], vec![], vec![]);
        for at in 0..own.len() {
            match moves[at].map(|(left, right)| if swapped { (right, left) } else { (left, right) }) {
                _ if in_lanes == Some(at) => {}
                Some((true, false)) => rows.push(at),
                Some((true, true)) if !own[at].guarded => outer.push(at),
                _ => columns.push(at),
            }
        }
        // The rows that are wanted have to lie side by side.
        if rows.len() > 1 {
            columns = (0..own.len())
                .filter(|at| columns.contains(at) || (rows.contains(at) && guarded.contains(at)))
                .collect();
            rows.retain(|at| !guarded.contains(at));
        }
        let [first, second, target, bias] = described.sizes;
        let [left, right] = if swapped { [second, first] } else { [first, second] };
        let transposition = match lanes {
            In::Transposed { index } => Some(Transposition {
                size: right,
                extent: own[index].extent as usize,
                stride: own[index].stride as usize,
            }),
            _ => None,
        };
        let lanes_left = match lanes {
            In::Samples => described.kind != Kind::Weights,
            In::Transposed { .. } => false,
            In::Single(Across::Own { lanes_left, .. }) => lanes_left,
            In::Single(Across::Summed { .. }) => true,
        };
        let sums = match lanes {
            In::Single(_) => Sums::Tiles,
            _ if described.kind != Kind::Gradient => Sums::Tiles,
            In::Samples if target <= MOST_OF_LANES => Sums::Lanes,
            _ => Sums::All,
        };
        let of_samples = |yes: bool| if yes { LANES as i64 } else { 1 };
        let units = match lanes {
            In::Single(_) => [1, 1, 1],
            _ => [
                of_samples(described.kind != Kind::Weights),
                of_samples(true),
                of_samples(described.kind != Kind::Gradient || sums == Sums::Lanes),
            ],
        };
        let over = matches!(lanes, In::Single(Across::Summed { .. }))
            || (lanes, described.kind, sums) == (In::Samples, Kind::Gradient, Sums::All);
        let stride = in_lanes.map_or(1, |index| single::step(described, index, &|at| described.target(at)) as usize);
        let bias_of_lanes = in_lanes.is_some_and(|index| bias > 0 && single::bias_step(described, index) != 0);
        let size = |side: usize, unit: i64| if side == 0 { LANES } else { side * unit as usize };
        let sizes = [size(left, units[0]), size(right, units[1]), target * units[2] as usize, bias];
        let met: i64 = columns.iter().map(|at| own[*at].extent).product();
        let pays = |spread: &Spread| !matches!(lanes, In::Single(_)) && (!spread.of_left || met >= MEETS);
        let spread = spread(described.kind, described.axes, swapped).filter(pays);
        Planner {
            described,
            lanes,
            rows,
            outer,
            columns,
            plan: Plan {
                swapped,
                shares_left: described.kind == Kind::Weights && !swapped,
                lanes_left,
                sums,
                over,
                stride,
                bias_of_lanes,
                transposition,
                spread,
                sizes,
                one: matches!(lanes, In::Single(_)),
                ..Plan::default()
            },
            lists: Lists::default(),
            pitch: 0,
            borders,
            units,
            repeats: 1,
        }
    }

    pub(super) fn plan(mut self) -> Plan {
        let own = self.described.own;
        if own.iter().any(|own| own.extent < 1) {
            return self.plan;
        }
        let columns = self.columns.clone();
        let reference = self.reference(&columns);
        self.plan.rows = self.shifts(&reference, &self.rows);
        self.plan.outer = self.shifts(&reference, &self.outer);
        self.plan.shares = 1;
        self.lists.slide = self.may_slide(&columns);
        if !self.columns_with_common_steps(&columns) {
            for at in positions(own, &columns) {
                let before = self.plan.columns.len();
                match self.lanes {
                    In::Single(across) => self.columns_of_one(&at, across),
                    _ => {
                        let list = self.steps(&at);
                        self.columns_of_sixteen(&at, list, 0);
                    }
                }
                self.repeats = self.plan.columns.len() - before;
            }
        }
        std::mem::take(&mut self.lists).finish(&mut self.plan);
        for side in [0, 1] {
            self.plan.sizes[side] += self.plan.behind(side);
        }
        self.rows_wanted();
        self.alike();
        self.plan.bias_of_columns = self.plan.columns.iter().any(|column| column.at().bias != 0);
        let (rows, columns) = (self.plan.rows.iter(), self.plan.columns.iter());
        self.plan.columns_outermost =
            reach(columns.map(|column| column.at().target)) > reach(rows.map(|row| row.target));
        self.plan.full_lanes = self.plan.columns.iter().all(Column::is_full);
        self.plan.find_spills();
        self.plan.find_late();
        self.plan.find_sets_all();
        self.plan.find_busy();
        self.plan.find_rereads();
        self.plan.cut = self.cut();
        self.plan.work = self.plan.measure();
        self.plan.prove();
        self.plan
    }

    /// Whether windows may slide: a single row, several columns.
    fn may_slide(&self, columns: &[usize]) -> bool {
        let own = self.described.own;
        self.plan.rows.len() == 1
            && (self.lanes, self.described.kind) == (In::Samples, Kind::Weights)
            && self.plan.spread.is_none()
            && columns.iter().map(|index| own[*index].extent).product::<i64>() >= sliding::LEAST as i64
    }

    /// Where the rows' and outer indices' strides are measured: the first element that has steps.
    fn reference(&self, columns: &[usize]) -> Vec<i64> {
        let own = self.described.own;
        // What stands in the lanes may begin beyond a border.
        let across = match self.lanes {
            In::Single(Across::Own { index, .. }) => Some(index),
            _ => None,
        };
        let moved: Vec<usize> = columns.iter().copied().chain(across).collect();
        let with_steps = positions(own, &moved).find(|at| !self.steps(at).is_empty());
        with_steps.unwrap_or_else(|| vec![0; own.len()])
    }

    /// The steps at a position.
    pub(super) fn steps(&self, at: &[i64]) -> Vec<(i64, i64)> {
        let mut list = self.described.list(at);
        for (left, right) in &mut list {
            if self.plan.swapped {
                (*left, *right) = (*right, *left);
            }
            if let Some(spread) = self.plan.spread {
                let place = if spread.of_left { &mut *left } else { &mut *right };
                *place += *place / spread.stride as i64 * (spread.wider() - spread.stride) as i64;
            }
            *right = self.plan.transposition.map_or(*right, |t| t.place(*right));
            (*left, *right) = (*left * self.units[0], *right * self.units[1]);
        }
        if let Some(spread) = self.plan.spread.filter(|spread| !spread.of_left) {
            // Along the axis that was spread first: its runs are long. Divided once a step, not whenever two are compared: both parts of a place
            // are below 2^31.
            let wider = spread.wider() as i64 * self.units[1];
            list.iter_mut().for_each(|step| *step = (((step.1 % wider) << 32) | (step.1 / wider), step.0));
            sort(&mut list);
            list.iter_mut().for_each(|step| *step = (step.1, (step.0 >> 32) + (step.0 & 0xffff_ffff) * wider));
        }
        list
    }

    /// The place of a column whose steps begin here on both sides.
    pub(super) fn place(&self, at: &[i64], (left, right): (i64, i64)) -> Shift {
        Shift {
            left: left as isize,
            right: right as isize,
            target: (self.described.target(at) * self.units[2]) as isize,
            bias: self.described.bias(at) as isize,
        }
    }

    /// What every element of these indices moves: each by its stride.
    fn shifts(&self, reference: &[i64], indices: &[usize]) -> Vec<Shift> {
        let own = self.described.own;
        let here = |at: &[i64]| {
            let (left, right) = self.steps(at).first().copied().unwrap_or_default();
            [left, right, self.described.target(at) * self.units[2], self.described.bias(at)]
        };
        let origin = here(reference);
        let strides: Vec<[i64; 4]> = indices
            .iter()
            .map(|index| {
                let mut at = reference.to_vec();
                at[*index] = if own[*index].extent > 1 { 1 } else { 0 };
                let there = here(&at);
                [0, 1, 2, 3].map(|k| there[k] - origin[k])
            })
            .collect();
        positions(own, indices)
            .map(|at| {
                let sum = |k: usize| indices.iter().zip(&strides).map(|(i, s)| at[*i] * s[k]).sum::<i64>() as isize;
                Shift { left: sum(0), right: sum(1), target: sum(2), bias: sum(3) }
            })
            .collect()
    }

    /// The rows of each column that are wanted.
    fn rows_wanted(&mut self) {
        let own = self.described.own;
        let guarded = own.iter().any(|own| own.guarded);
        self.plan.guarded = guarded;
        if !guarded && !self.described.wants(&vec![0; own.len()]) {
            self.plan.columns.clear();
            return;
        }
        let rows: Vec<Vec<i64>> = positions(own, &self.rows).collect();
        let columns = self.columns.clone();
        for (column, at) in positions(own, &columns).enumerate() {
            let mut wanted = (0, rows.len());
            if guarded {
                let wants = |row: &Vec<i64>| {
                    let both: Vec<i64> = at.iter().zip(row).map(|(a, b)| a + b).collect();
                    self.described.wants(&both)
                };
                let first = rows.iter().position(wants).unwrap_or(rows.len());
                wanted = (first, rows.iter().rposition(wants).map_or(first, |last| last + 1));
            }
            for column in &mut self.plan.columns[column * self.repeats..][..self.repeats] {
                column.rows = (wanted.0 as u32, wanted.1 as u32);
            }
        }
        let mut columns = std::mem::take(&mut self.plan.columns);
        let plan = &self.plan;
        // What is kept lane by lane is cleared first: there, no steps are nothing to do.
        let idle = |column: &Column| plan.sums == Sums::Lanes && plan.is_empty(column.list());
        columns.retain(|column| column.rows.0 < column.rows.1 && !idle(column));
        self.plan.columns = columns;
    }
}

/// One sort for all that is sorted here: of other numbers, or by other keys, it would be code of its own.
pub(super) fn sort(list: &mut [(i64, i64)]) {
    list.sort_unstable();
}

/// From the least to the greatest.
fn reach(places: impl Iterator<Item = isize>) -> isize {
    let (least, most) = span(places);
    most.saturating_sub(least)
}
