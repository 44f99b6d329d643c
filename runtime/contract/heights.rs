//! How rows fall into blocks, of 6, 4, 3, 2 rows or 1: each height is code in every program, and 5 is well done without.

use std::ops::Range;

/// The heights after the sixes.
fn tail(rows: usize) -> &'static [usize] {
    match (rows, rows % 6) {
        (1, _) => &[1],
        (2, _) => &[2],
        (_, 0) => &[],
        (_, 1) => &[4, 3],
        (_, 2) => &[4, 4],
        (_, 3) => &[3],
        (_, 4) => &[4],
        _ => &[3, 2],
    }
}

/// How many blocks there are for so many rows, with at most so many (6, or less than 5) rows a block.
pub(super) fn count(rows: usize, most: usize) -> usize {
    if most < 6 {
        return rows.div_ceil(most);
    }
    let tail = tail(rows);
    (rows - tail.iter().sum::<usize>()) / 6 + tail.len()
}

/// The rows of a block.
pub(super) fn rows(block: usize, rows: usize, most: usize) -> Range<usize> {
    if most < 6 {
        let blocks = rows.div_ceil(most);
        return block * rows / blocks..(block + 1) * rows / blocks;
    }
    let tail = tail(rows);
    let sixes = (rows - tail.iter().sum::<usize>()) / 6;
    if block < sixes {
        return 6 * block..6 * block + 6;
    }
    let (before, from) = tail.split_at(block - sixes);
    let start = 6 * sixes + before.iter().sum::<usize>();
    start..start + from[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_follow_each_other() {
        for most in [1, 2, 3, 4, 6] {
            for all in 1..50 {
                let mut next = 0;
                for block in 0..count(all, most) {
                    let rows = rows(block, all, most);
                    assert_eq!(rows.start, next);
                    assert!(rows.len() <= most && [1, 2, 3, 4, 6].contains(&rows.len()), "{all} rows: {rows:?}");
                    next = rows.end;
                }
                assert_eq!(next, all);
            }
        }
    }
}
