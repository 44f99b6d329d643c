//! Columns that blocks may take together: those with the same steps side by side. And sums of which no block takes two, in several chains.

use super::column::Column;
use super::planner::Planner;
use super::sliding;
use std::collections::HashMap;

impl Planner<'_> {
    /// Columns with the same steps side by side, so that a block may take as many as the registers hold: at a border they are far apart.
    pub(super) fn alike(&mut self) {
        // Of a tile, columns of which other rows are wanted may be one block. Of one sample, whether a column's lanes all go to the target is
        // seen later.
        let (one, spills) = (self.plan.one, self.plan.may_spill());
        let rows = |column: &Column| if one { column.rows } else { (0, 0) };
        let is_full = |column: &Column| spills || column.is_full();
        let mut groups: Vec<Vec<Column>> = vec![];
        let mut known = HashMap::new();
        for column in self.plan.columns.drain(..) {
            let key = (column.list(), column.at().left, rows(&column), is_full(&column));
            let group = *known.entry(key).or_insert(groups.len());
            match groups.get_mut(group) {
                Some(group) => group.push(column),
                None => groups.push(vec![column]),
            }
        }
        // Those with steps in later chunks first.
        let plan = &self.plan;
        let chunks = |group: &Vec<Column>| {
            (0..plan.chunks).rfind(|chunk| !plan.steps(group[0].list(), *chunk).is_empty()).unwrap_or(0)
        };
        groups.sort_by_cached_key(|group| std::cmp::Reverse(chunks(group)));
        self.plan.arrange(groups);
        let columns = &mut self.plan.columns;
        for at in (0..columns.len().saturating_sub(1)).rev() {
            let (this, next) = (columns[at], columns[at + 1]);
            if (this.list(), rows(&this), is_full(&this)) == (next.list(), rows(&next), is_full(&next)) {
                columns[at].same = next.same + 1;
                if this.at().left == next.at().left {
                    columns[at].alike = next.alike + 1;
                }
            }
        }
        let plan = &mut self.plan;
        plan.narrow = plan.columns.iter().all(|column| column.alike == 1 || plan.is_empty(column.list()));
        self.split();
    }

    /// Lists of elements of which no block could take more than one are summed in several chains: decided here, whatever the registers, for
    /// the order of the additions depends on it.
    fn split(&mut self) {
        let plan = &mut self.plan;
        if plan.rows.len() > 1 {
            return;
        }
        let mut most = vec![0; plan.lists.len() / plan.chunks.max(1)];
        for (at, column) in plan.columns.iter().enumerate() {
            let slides = plan.links.get(at).is_some_and(|link| link.chained > 0);
            let alike = if slides { sliding::LEAST as u32 } else { column.alike };
            most[column.list()] = alike.max(most[column.list()]);
        }
        for (list, chunks) in plan.lists.chunks_mut(plan.chunks.max(1)).enumerate() {
            chunks.iter_mut().for_each(|chunk| chunk.split = most[list] == 1);
        }
    }
}
