//! Numbers in comma-separated lines, one column of which is the label. In: text from a stranger. Out: a data set. Guarantees that every
//! value is the finite number that stands there; memory is bounded by the file's real size, and by [`LINE`] for what is not yet checked.
//!
//! Lines end in LF or CRLF; a byte-order mark and empty lines at the end are passed over; a field may be quoted, not over several lines.
//! Lines are split here and not by the crate `csv`, which reads an unclosed quote to the end of the file, whatever its size, and says nothing.

use std::borrow::Cow;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use ndarray::{Array1, Array2};

use super::{Dataset, Error, Refusal};
use crate::checkpoint::Stored;

/// The longest line that is read, in bytes.
pub const LINE: usize = 1 << 20;

/// Which column holds the label.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Label {
    /// The last one.
    #[default]
    Last,
    /// The one of this number, counted from 0.
    At(usize),
}

/// How to read the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The first line holds names, and is passed over.
    pub header: bool,
    /// Where the label stands.
    pub label: Label,
    /// The number of classes, if labels are classes: whole numbers below it. Else any number, as in a regression.
    pub classes: Option<usize>,
}

/// Reads a file into inputs of shape `[row, column]`, the label's column left out, and labels of shape `[row]`.
///
/// # Errors
/// The file cannot be read, or is not as described above; the message names line and field.
pub fn load<E: Stored>(path: &Path, options: Options) -> Result<Dataset<E>, Error> {
    let unreadable = |why| Error::Unreadable { file: path.to_owned(), why };
    let (file, length) = crate::files::open(path).map_err(unreadable)?;
    read(BufReader::new(file.take(length)), options).map_err(|failure| match failure {
        Failure::Io(source) => unreadable(source.into()),
        Failure::Refused(why) => Error::Refused { file: path.to_owned(), why },
    })
}

/// [`load`] from text in memory.
///
/// # Errors
/// As [`load`] for the content.
pub fn from_bytes<E: Stored>(bytes: &[u8], options: Options) -> Result<Dataset<E>, Refusal> {
    read(bytes, options).map_err(|failure| match failure {
        Failure::Io(_) => Refusal::NoRows, // a slice has no failure but its end
        Failure::Refused(why) => why,
    })
}

enum Failure {
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

fn read<E: Stored>(mut stream: impl BufRead, options: Options) -> Result<Dataset<E>, Failure> {
    let (mut inputs, mut labels) = (Vec::new(), Vec::new());
    let (mut width, mut blank) = (None, None);
    let (mut bytes, mut line) = (Vec::new(), 0);
    while next(&mut stream, &mut bytes, line + 1)? {
        line += 1;
        if line == 1 && bytes.starts_with(&[0x1f, 0x8b]) {
            return Err(Refusal::Compressed.into());
        }
        let text = str::from_utf8(&bytes).map_err(|_| Refusal::NotUtf8 { line })?;
        let text = if line == 1 { text.strip_prefix('\u{feff}').unwrap_or(text) } else { text };
        if text.trim().is_empty() {
            blank = blank.or(Some(line));
            continue;
        }
        let fields = fields(text).ok_or(Refusal::Quote { line })?;
        let expected = *width.get_or_insert(fields.len());
        if let Some(line) = blank {
            // an empty line is only passed over where nothing follows
            return Err(Refusal::Ragged { line, expected, found: 0 }.into());
        }
        if fields.len() != expected {
            return Err(Refusal::Ragged { line, expected, found: fields.len() }.into());
        }
        let label = match options.label {
            Label::Last => expected - 1,
            Label::At(column) => column,
        };
        if label >= expected || expected < 2 {
            return Err(Refusal::LabelColumn { label, columns: expected }.into());
        }
        if line == 1 && options.header {
            continue;
        }
        for (column, field) in fields.iter().enumerate() {
            let value = number::<E>(field).ok_or_else(|| Refusal::Number {
                line,
                field: column + 1,
                found: field.chars().take(40).collect(),
            })?;
            if column != label {
                inputs.push(value);
                continue;
            }
            if let Some(classes) = options.classes {
                let found = value.widen();
                if found < 0.0 || found.fract() != 0.0 || found >= classes as f64 {
                    return Err(Refusal::Label { sample: labels.len(), found, classes }.into());
                }
            }
            labels.push(value);
        }
    }
    let columns = width.ok_or(Refusal::NoRows)? - 1;
    let inputs = Array2::from_shape_vec((labels.len(), columns), inputs).expect("one value a row and column");
    let labels = Array1::from_vec(labels);
    Dataset::new(vec![inputs.into_dyn(), labels.into_dyn()]).map_err(|_| Refusal::NoRows.into())
}

/// The next line without its end, into `bytes`; false where there is none.
fn next(stream: &mut impl BufRead, bytes: &mut Vec<u8>, line: usize) -> Result<bool, Failure> {
    bytes.clear();
    let read = stream.by_ref().take(LINE as u64 + 1).read_until(b'\n', bytes)?;
    if read > LINE {
        return Err(Refusal::LineTooLong { line, cap: LINE }.into());
    }
    if bytes.ends_with(b"\n") {
        bytes.pop();
        if bytes.ends_with(b"\r") {
            bytes.pop();
        }
    }
    Ok(read > 0)
}

/// The fields of a line, blanks around them taken away and quotes resolved; nothing where quotes are not around whole fields.
fn fields(line: &str) -> Option<Vec<Cow<'_, str>>> {
    let mut fields = Vec::new();
    let mut rest = line;
    loop {
        let start = rest.trim_start();
        let (field, after) = if let Some(quoted) = start.strip_prefix('"') {
            let close = closing(quoted)?;
            (Cow::Owned(quoted[..close].replace("\"\"", "\"")), quoted[close + 1..].trim_start())
        } else {
            let end = rest.find(',').unwrap_or(rest.len());
            let field = &rest[..end];
            if field.contains('"') {
                return None;
            }
            (Cow::Borrowed(field.trim()), &rest[end..])
        };
        fields.push(field);
        match after.strip_prefix(',') {
            Some(more) => rest = more,
            None => return after.is_empty().then_some(fields),
        }
    }
}

/// Where the quote stands that closes the field; two in a row are one of its characters.
fn closing(quoted: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        at += quoted[at..].find('"')?;
        if !quoted[at + 1..].starts_with('"') {
            return Some(at);
        }
        at += 2;
    }
}

fn number<E: Stored>(field: &str) -> Option<E> {
    let value = E::narrow(field.parse().ok()?);
    value.widen().is_finite().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_split_at_commas_outside_quotes() {
        for (line, expected) in [
            ("1,2", &["1", "2"] as &[&str]),
            (" 1 ,\t2", &["1", "2"]),
            ("1,", &["1", ""]),
            ("\"1\",\"a,b\"", &["1", "a,b"]),
            (" \"1\" , 2", &["1", "2"]),
            ("\"say \"\"so\"\"\",\"\"", &["say \"so\"", ""]),
        ] {
            assert_eq!(fields(line).unwrap(), expected, "{line}");
        }
        for line in ["\"1,2", "1,\"2", "1,2\"", "1\"2,3", "\"1\"2,3", "\"\"\",1", "\""] {
            assert_eq!(fields(line), None, "{line}");
        }
    }
}
