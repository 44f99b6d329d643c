//! Every reason for which a checkpoint is refused, each with its message: what was expected, what was found, what to do.

use std::fmt;
use std::path::PathBuf;

use crate::files::{Unreadable, Unwritable};

/// Why a checkpoint was not loaded or saved.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("`{}`: {why}", file.display())]
    Unreadable {
        /// The path as given.
        file: PathBuf,
        /// What stood in the way.
        why: Unreadable,
    },
    /// The file cannot be written.
    #[error("`{}`: {why}", file.display())]
    Unwritable {
        /// The path as given.
        file: PathBuf,
        /// What stood in the way.
        why: Unwritable,
    },
    /// The content is not what it has to be.
    #[error("`{}`: {why}", file.display())]
    Refused {
        /// The path as given.
        file: PathBuf,
        /// What is wrong with it.
        why: Refusal,
    },
}

/// What is wrong with the content of a checkpoint. Positions in the header are bytes after the eight of its length.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The file ends early.
    #[error("expected {expected} bytes, found {found}: the file is truncated; copy or download it again")]
    Truncated {
        /// Bytes that the file must have, as far as it tells.
        expected: u64,
        /// Bytes that it has.
        found: u64,
    },
    /// The file goes on after its last tensor.
    #[error("expected {expected} bytes, found {found}: something follows the last tensor; copy or save the file again")]
    TrailingBytes {
        /// Bytes that the file must have.
        expected: u64,
        /// Bytes that it has.
        found: u64,
    },
    /// The header's length is zero or beyond the file: most often not a safetensors file.
    #[error(
        "expected a header of 2 to {available} bytes, found the length {length}; is this a safetensors file, and whole?"
    )]
    HeaderLength {
        /// The length that the first eight bytes tell.
        length: u64,
        /// The bytes that follow them.
        available: u64,
    },
    /// The header is longer than any file of this network needs.
    #[error("expected a header of at most {cap} bytes for this network, found {length}; is this the network's file?")]
    HeaderTooLong {
        /// The header's length.
        length: u64,
        /// The longest that is read for this network.
        cap: u64,
    },
    /// The header is not text.
    #[error("expected a header in UTF-8, found another byte at {at}; is this a safetensors file, and whole?")]
    NotUtf8 {
        /// Where in the header.
        at: usize,
    },
    /// The header begins with a byte-order mark.
    #[error("expected the header to begin with `{{`, found a byte-order mark; save the file with safetensors itself")]
    ByteOrderMark,
    /// The header departs from the format's grammar.
    #[error("{}expected {expected} at byte {at} of the header, found {found}; save the file again", of(tensor))]
    Syntax {
        /// The tensor whose entry it is, if any.
        tensor: Option<String>,
        /// Where in the header.
        at: usize,
        /// What the format allows there.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
    /// Two tensors of one name.
    #[error("expected each tensor once, found `{tensor}` twice; save the file again with distinct names")]
    DuplicateTensor {
        /// The name.
        tensor: String,
    },
    /// Two notes of one key.
    #[error("expected each metadata key once, found `{key}` twice; save the file again with distinct keys")]
    DuplicateMetadata {
        /// The key; `__metadata__` if that itself stands twice.
        key: String,
    },
    /// A field twice in one entry.
    #[error("tensor `{tensor}`: expected each field once, found `{field}` twice; save the file again")]
    DuplicateField {
        /// The entry's tensor.
        tensor: String,
        /// The field.
        field: &'static str,
    },
    /// A field that the format does not have.
    #[error("tensor `{tensor}`: expected `dtype`, `shape` and `data_offsets`, found the field `{field}`; remove it")]
    UnknownField {
        /// The entry's tensor.
        tensor: String,
        /// The field.
        field: String,
    },
    /// A field that is not there.
    #[error("tensor `{tensor}`: expected `dtype`, `shape` and `data_offsets`, found no `{field}`; save the file again")]
    MissingField {
        /// The entry's tensor.
        tensor: String,
        /// The field.
        field: &'static str,
    },
    /// An element type that weights do not have.
    #[error("tensor `{tensor}`: expected elements of type F64, F32, F16 or BF16, found `{found}`; convert them")]
    ElementType {
        /// The tensor.
        tensor: String,
        /// Its type in the file.
        found: String,
    },
    /// Too many axes.
    #[error("tensor `{tensor}`: expected at most {limit} axes, found more; save the network's own tensors only")]
    Rank {
        /// The tensor.
        tensor: String,
        /// The most that are read.
        limit: usize,
    },
    /// A size beyond what any machine holds.
    #[error("tensor `{tensor}`: expected fewer than 2^64 bytes, found the shape {shape:?}; save the file again")]
    Overflow {
        /// The tensor.
        tensor: String,
        /// Its shape in the file.
        shape: Vec<u64>,
    },
    /// The tensor's place ends before it begins.
    #[error("tensor `{tensor}`: expected `data_offsets` in order, found {begin} to {end}; save the file again")]
    Backwards {
        /// The tensor.
        tensor: String,
        /// Its first byte.
        begin: u64,
        /// The byte after its last.
        end: u64,
    },
    /// Shape and place do not agree.
    #[error("tensor `{tensor}`: expected {expected} bytes for the shape {shape:?}, found {found}; save the file again")]
    ByteCount {
        /// The tensor.
        tensor: String,
        /// Its shape in the file.
        shape: Vec<u64>,
        /// Bytes that the shape takes.
        expected: u64,
        /// Bytes that the file sets apart.
        found: u64,
    },
    /// Two tensors share bytes.
    #[error(
        "tensor `{tensor}`: expected to begin at byte {expected}, where `{before}` ends, found {found}: they overlap"
    )]
    Overlap {
        /// The tensor that begins early.
        tensor: String,
        /// The one that stands before it.
        before: String,
        /// Where that one ends.
        expected: u64,
        /// Where this one begins.
        found: u64,
    },
    /// Bytes that belong to no tensor.
    #[error(
        "tensor `{tensor}`: expected to begin at byte {expected}, found {found}: a hole before it; save the file again"
    )]
    Hole {
        /// The tensor after the hole.
        tensor: String,
        /// Where it had to begin.
        expected: u64,
        /// Where it begins.
        found: u64,
    },
    /// A name that no tensor and no metadata key may have.
    #[error("expected names without control characters other than `__metadata__`, found `{}`; rename it", name.escape_debug())]
    Name {
        /// The name.
        name: String,
    },
    /// The file's tensors are not the network's.
    #[error(
        "expected this network's tensors, found differences:{}\nload it into the network that saved it",
        lines(differences)
    )]
    OtherNetwork {
        /// All of them: missing and misshaped in the network's order, then surplus in the file's.
        differences: Vec<Difference>,
    },
    /// A value that is infinite or not a number.
    #[error("tensor `{tensor}`: expected finite values, found {value} at {index:?}; load an earlier file, or allow it")]
    NonFinite {
        /// The tensor.
        tensor: String,
        /// The first such element.
        index: Vec<usize>,
        /// Its value.
        value: f64,
    },
    /// A finite value that would become infinite as `f32`.
    #[error("tensor `{tensor}`: expected values within f32, found {value:e} at {index:?}; load it into an f64 network")]
    TooLarge {
        /// The tensor.
        tensor: String,
        /// The first such element.
        index: Vec<usize>,
        /// Its value.
        value: f64,
    },
    /// To be saved: values and shape do not agree.
    #[error("tensor `{tensor}`: expected as many values as the shape {shape:?} has, found {found}; pass all of them")]
    Length {
        /// The tensor.
        tensor: String,
        /// The shape given.
        shape: Vec<usize>,
        /// The number of values given.
        found: usize,
    },
}

/// How a file's tensor differs from the network's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Difference {
    /// The network has it, the file has not.
    #[error("missing `{name}`: expected {shape:?}, found none")]
    Missing {
        /// Its name.
        name: String,
        /// Its shape in the network.
        shape: Vec<usize>,
    },
    /// Both have it, in different shapes.
    #[error("misshaped `{name}`: expected {expected:?}, found {found:?}")]
    Misshaped {
        /// Its name.
        name: String,
        /// Its shape in the network.
        expected: Vec<usize>,
        /// Its shape in the file.
        found: Vec<u64>,
    },
    /// The file has it, the network has not.
    #[error("surplus `{name}`: expected none, found {shape:?}")]
    Surplus {
        /// Its name.
        name: String,
        /// Its shape in the file.
        shape: Vec<u64>,
    },
}

fn of(tensor: &Option<String>) -> String {
    tensor.as_ref().map(|name| format!("tensor `{}`: ", name.escape_debug())).unwrap_or_default()
}

/// One difference a line; a file of another kind may hold thousands, so the message ends after the first two hundred.
fn lines(differences: &[Difference]) -> impl fmt::Display {
    const SHOWN: usize = 200;
    let mut text: String = differences.iter().take(SHOWN).map(|difference| format!("\n  {difference}")).collect();
    if let Some(more @ 1..) = differences.len().checked_sub(SHOWN) {
        text.push_str(&format!("\n  and {more} more"));
    }
    text
}
