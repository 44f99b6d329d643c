//! Every reason for which data is refused, each with its message: what was expected, what was found, what to do.

use std::path::PathBuf;

use crate::files::Unreadable;

/// Why there is no data set.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be read.
    #[error("`{}`: {why}", file.display())]
    Unreadable {
        /// The path.
        file: PathBuf,
        /// What stood in the way.
        why: Unreadable,
    },
    /// The file's content is not what it has to be.
    #[error("`{}`: {why}", file.display())]
    Refused {
        /// The path.
        file: PathBuf,
        /// What is wrong with it.
        why: Refusal,
    },
    /// No columns were given.
    #[error("expected at least one column, found none; pass the inputs and targets")]
    NoColumns,
    /// A column, or the selection of samples, is empty.
    #[error("column {column}: expected at least one sample, found none; is the data there?")]
    Empty {
        /// Its number.
        column: usize,
    },
    /// A column is a scalar.
    #[error("column {column}: expected a leading axis for the samples, found a scalar; insert one")]
    NoSampleAxis {
        /// Its number.
        column: usize,
    },
    /// Columns are not of one length.
    #[error(
        "column {column}: expected {expected} samples as in column 0, found {found}; pass all columns of all samples"
    )]
    Lengths {
        /// Its number.
        column: usize,
        /// The first column's length.
        expected: usize,
        /// Its own.
        found: usize,
    },
    /// There is no such column.
    #[error(
        "expected one of the {columns} columns, counted from 0, found column {column}; check the network's inputs and targets"
    )]
    NoColumn {
        /// The one asked for.
        column: usize,
        /// How many there are.
        columns: usize,
    },
    /// There is no such sample.
    #[error("expected samples below {samples}, found {sample}; count from 0")]
    NoSample {
        /// The one asked for.
        sample: usize,
        /// How many there are.
        samples: usize,
    },
    /// One part of a split would be empty.
    #[error(
        "expected a split that leaves samples on both sides of {samples}, found {at}; choose one from 1 to {samples} - 1"
    )]
    Split {
        /// The split asked for.
        at: usize,
        /// How many samples there are.
        samples: usize,
    },
    /// A label or token that the element type does not hold.
    #[error("expected whole numbers from 0 that {element} holds exactly, found {} at position {position}; number them from 0", found.map_or("a negative one".to_owned(), |n| n.to_string()))]
    Integer {
        /// Where, row-major.
        position: usize,
        /// What, unless negative.
        found: Option<u64>,
        /// The element type.
        element: &'static str,
    },
}

/// What is wrong with the content of a data file.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The file ends early.
    #[error("expected {expected} bytes, found {found}: the file is truncated; download it again")]
    Truncated {
        /// Bytes that it must have, unpacked.
        expected: u64,
        /// Bytes that it has, unpacked.
        found: u64,
    },
    /// The file goes on after its last element.
    #[error("expected {expected} bytes, found more: something follows the last element; download it again")]
    TrailingBytes {
        /// Bytes that it must have, unpacked.
        expected: u64,
    },
    /// Not an IDX file.
    #[error("expected an IDX file, which begins with two zero bytes, found {found:02x?}; is this the right file?")]
    Magic {
        /// The first two bytes.
        found: [u8; 2],
    },
    /// Another element type.
    #[error("expected elements of type {expected} (code {code:#04x}), found code {found:#04x}; read it as that type")]
    ElementType {
        /// The type asked for.
        expected: &'static str,
        /// Its code.
        code: u8,
        /// The code in the file.
        found: u8,
    },
    /// Too many axes, or none.
    #[error("expected 1 to 8 axes, found {found}; is this an IDX file?")]
    Rank {
        /// The number of axes in the file.
        found: u8,
    },
    /// More elements than a file of this length can hold.
    #[error(
        "expected no more elements than a file of {length} bytes can hold, found the shape {shape:?}; download it again"
    )]
    Claim {
        /// The shape in the file.
        shape: Vec<usize>,
        /// The file's length.
        length: u64,
    },
    /// The gzip stream is damaged.
    #[error("expected an intact gzip stream, found: {message}; download it again, or unpack it")]
    Gzip {
        /// The unpacker's words.
        message: String,
    },
    /// Something follows the gzip member.
    #[error("expected one gzip member, found more behind it; unpack it, or pack it as one")]
    GzipMembers,
    /// Arrays of another shape.
    #[error("expected the shape {expected}, found {found:?}; is this the right file?")]
    Shape {
        /// In words.
        expected: String,
        /// The shape in the file.
        found: Vec<usize>,
    },
    /// A label beyond the classes.
    #[error(
        "expected labels that are whole numbers below {classes}, found {found} in sample {sample}; are there more classes?"
    )]
    Label {
        /// Which sample, counted from 0.
        sample: usize,
        /// Its label.
        found: f64,
        /// The number of classes.
        classes: usize,
    },
    /// None of the names under which the file is known is there.
    #[error("expected one of the files {expected}, found none; download the data into this directory")]
    NoFile {
        /// The names.
        expected: String,
    },
    /// The file is compressed, where that is not read.
    #[error("expected text, found a gzip file; unpack it first")]
    Compressed,
    /// No rows.
    #[error("expected at least one row of numbers, found none; is this the right file?")]
    NoRows,
    /// A line too long to be one.
    #[error("line {line}: expected at most {cap} bytes, found more; are its line ends missing?")]
    LineTooLong {
        /// Counted from 1.
        line: usize,
        /// The most that is read.
        cap: usize,
    },
    /// A line that is not text.
    #[error("line {line}: expected UTF-8, found other bytes; convert the file")]
    NotUtf8 {
        /// Counted from 1.
        line: usize,
    },
    /// A quote that is not closed on its line, or stands in the middle of a field.
    #[error(
        "line {line}: expected quotes around whole fields, found one that is unclosed or in the middle; mend the line"
    )]
    Quote {
        /// Counted from 1.
        line: usize,
    },
    /// Rows of different lengths.
    #[error("line {line}: expected {expected} fields, found {found}; mend the line")]
    Ragged {
        /// Counted from 1.
        line: usize,
        /// As many as the first line has.
        expected: usize,
        /// As many as this one has.
        found: usize,
    },
    /// A field that is no finite number.
    #[error("line {line}, field {field}: expected a finite number, found `{}`; fill it in, drop the row, or say that line 1 is a header", found.escape_debug())]
    Number {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        field: usize,
        /// Its text, or the beginning of it.
        found: String,
    },
    /// There is no such column, or no other.
    #[error(
        "expected a label column among at least two, found {columns} columns, label column {label}; check the options"
    )]
    LabelColumn {
        /// The one asked for, counted from 0.
        label: usize,
        /// How many there are.
        columns: usize,
    },
}
