//! In: the tensors of a file and those of a network. Out: for each of the file's which of the network's it is; guarantees that the two
//! have the same names and shapes, or lists every difference.

use std::collections::HashMap;

use super::Expected;
use super::error::{Difference, Refusal};
use super::header::Entry;

/// For each entry its position in `expected`.
pub(super) fn positions(entries: &[Entry], expected: &[Expected]) -> Result<Vec<usize>, Refusal> {
    let found: HashMap<&str, &Entry> = entries.iter().map(|entry| (entry.name.as_str(), entry)).collect();
    let wanted: HashMap<&str, usize> = expected.iter().enumerate().map(|(k, tensor)| (tensor.name, k)).collect();

    let mut differences = Vec::new();
    for &Expected { name, shape } in expected {
        match found.get(name) {
            None => differences.push(Difference::Missing { name: name.to_owned(), shape: shape.to_vec() }),
            Some(entry) if !same(&entry.shape, shape) => differences.push(Difference::Misshaped {
                name: name.to_owned(),
                expected: shape.to_vec(),
                found: entry.shape.clone(),
            }),
            Some(_) => {}
        }
    }
    let mut positions = Vec::with_capacity(entries.len());
    for entry in entries {
        match wanted.get(entry.name.as_str()) {
            Some(&position) => positions.push(position),
            None => {
                differences.push(Difference::Surplus { name: entry.name.clone(), shape: entry.shape.clone() });
            }
        }
    }
    if differences.is_empty() { Ok(positions) } else { Err(Refusal::OtherNetwork { differences }) }
}

fn same(found: &[u64], expected: &[usize]) -> bool {
    found.iter().copied().eq(expected.iter().map(|&extent| extent as u64))
}
