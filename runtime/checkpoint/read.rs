//! In: a stream, its real length and the tensors of a network. Out: their values. Guarantees that the length of the header, the sizes in
//! it and the network's shapes all agree with the real length before memory is asked for, and then only as much as the network has.

use std::io::{self, Read};

use super::error::Refusal;
use super::header::{self, Entry};
use super::stored::{Kind, Stored};
use super::{Checkpoint, Expected, Options, matching};

pub(super) enum Failure {
    Io(io::Error),
    Refused(Refusal),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::Io(error)
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Failure::Refused(refusal)
    }
}

/// The bytes that tell the header's length.
const PREFIX: u64 = 8;

/// The longest header that a file of this network may have: every entry at twice its longest form (names may be escaped), and a
/// mebibyte for metadata, or for listing what another network's file holds.
fn cap(expected: &[Expected]) -> u64 {
    let entry = |tensor: &Expected| 12 * tensor.name.len() as u64 + 42 * tensor.shape.len() as u64 + 256;
    (1 << 20) + expected.iter().map(entry).sum::<u64>()
}

pub(super) fn checkpoint<E: Stored>(
    mut stream: impl Read,
    length: u64,
    expected: &[Expected],
    options: Options,
) -> Result<Checkpoint<E>, Failure> {
    if length < PREFIX {
        return Err(Refusal::Truncated { expected: PREFIX, found: length }.into());
    }
    let mut prefix = [0; PREFIX as usize];
    stream.read_exact(&mut prefix)?;
    let (header_length, available) = (u64::from_le_bytes(prefix), length - PREFIX);
    if header_length < 2 || header_length > available {
        return Err(Refusal::HeaderLength { length: header_length, available }.into());
    }
    let cap = cap(expected);
    if header_length > cap {
        return Err(Refusal::HeaderTooLong { length: header_length, cap }.into());
    }
    let mut bytes = vec![0; header_length as usize]; // at most the cap
    stream.read_exact(&mut bytes)?;
    let header = header::parse(&bytes)?;

    let end = (PREFIX + header_length).saturating_add(header.data);
    if end > length {
        return Err(Refusal::Truncated { expected: end, found: length }.into());
    }
    if end < length {
        return Err(Refusal::TrailingBytes { expected: end, found: length }.into());
    }
    let positions = matching::positions(&header.entries, expected)?;
    let mut tensors: Vec<Vec<E>> = expected.iter().map(|_| Vec::new()).collect();
    for (entry, position) in header.entries.iter().zip(positions) {
        tensors[position] = values(&mut stream, entry, expected[position].shape, options)?;
    }
    Ok(Checkpoint { tensors, metadata: header.metadata })
}

/// The values of one tensor, which is as long as `shape` says and within the file.
fn values<E: Stored>(
    stream: &mut impl Read,
    entry: &Entry,
    shape: &[usize],
    options: Options,
) -> Result<Vec<E>, Failure> {
    let (kind, count): (Kind, usize) = (entry.kind, shape.iter().product());
    let mut values = Vec::with_capacity(count);
    let mut buffer = [0; 1 << 14];
    while values.len() < count {
        let bytes = &mut buffer[..(1 << 14).min((count - values.len()) * kind.size())];
        stream.read_exact(bytes)?;
        for element in bytes.chunks_exact(kind.size()) {
            let value = kind.value(element);
            let stored = E::narrow(value);
            if !stored.widen().is_finite() {
                let (tensor, index) = (entry.name.clone(), index(values.len(), shape));
                if value.is_finite() {
                    return Err(Refusal::TooLarge { tensor, index, value }.into());
                }
                if !options.allow_non_finite {
                    return Err(Refusal::NonFinite { tensor, index, value }.into());
                }
            }
            values.push(stored);
        }
    }
    Ok(values)
}

/// The index along each axis of a row-major position.
fn index(mut position: usize, shape: &[usize]) -> Vec<usize> {
    let mut index: Vec<usize> = shape
        .iter()
        .rev()
        .map(|&extent| {
            let along = position % extent;
            position /= extent;
            along
        })
        .collect();
    index.reverse();
    index
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_told_by_axis() {
        for (position, shape, expected) in [
            (0, &[] as &[usize], vec![]),
            (5, &[7], vec![5]),
            (5, &[2, 3], vec![1, 2]),
            (23, &[2, 3, 4], vec![1, 2, 3]),
        ] {
            assert_eq!(index(position, shape), expected);
        }
    }
}
