//! In: the header's bytes. Out: its entries in the order of their data, which lies without overlap or hole from byte 0 to
//! [`Header::data`], each as long as its shape says; and the metadata. Assumes nothing.

use std::collections::HashSet;

use super::error::Refusal;
use super::json::{Cursor, Departure};
use super::stored::Kind;

/// The most axes that a tensor may have.
pub(super) const RANK: usize = 8;
/// The entry that is no tensor.
pub(super) const METADATA: &str = "__metadata__";

/// A tensor of the file.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) shape: Vec<u64>,
    begin: u64,
    end: u64,
}

#[derive(Debug, Default)]
pub(super) struct Header {
    pub(super) entries: Vec<Entry>,
    pub(super) metadata: Vec<(String, String)>,
    /// Bytes of all tensors.
    pub(super) data: u64,
}

/// Names stand in messages, file names and terminals.
pub(super) fn check_name(name: &str) -> Result<(), Refusal> {
    if name.chars().any(char::is_control) { Err(Refusal::Name { name: name.to_owned() }) } else { Ok(()) }
}

/// A departure from the grammar, in no tensor's entry.
fn outside(departure: Departure) -> Refusal {
    inside(None)(departure)
}

fn inside(tensor: Option<&str>) -> impl Fn(Departure) -> Refusal {
    move |Departure { at, expected, found }| Refusal::Syntax { tensor: tensor.map(str::to_owned), at, expected, found }
}

pub(super) fn parse(bytes: &[u8]) -> Result<Header, Refusal> {
    let text = str::from_utf8(bytes).map_err(|error| Refusal::NotUtf8 { at: error.valid_up_to() })?;
    if text.starts_with('\u{feff}') {
        return Err(Refusal::ByteOrderMark);
    }
    let mut cursor = Cursor::new(text);
    if !text.starts_with('{') {
        return Err(outside(cursor.departure("`{`")));
    }
    cursor.expect('{', "`{`").map_err(outside)?;

    let mut header = Header::default();
    let (mut names, mut first) = (HashSet::new(), true);
    while cursor.another(first, '}', "`,` or `}` after an entry").map_err(outside)? {
        let name = cursor.string("a tensor's name in quotes").map_err(outside)?;
        check_name(&name)?;
        cursor.expect(':', "`:` after a name").map_err(inside(Some(&name)))?;
        if !names.insert(name.clone()) {
            return Err(match name.as_str() {
                METADATA => Refusal::DuplicateMetadata { key: name },
                _ => Refusal::DuplicateTensor { tensor: name },
            });
        }
        match name.as_str() {
            METADATA => header.metadata = metadata(&mut cursor)?,
            _ => header.entries.push(entry(&mut cursor, name)?),
        }
        first = false;
    }
    cursor.end().map_err(outside)?;
    header.entries.sort_by_key(|entry| (entry.begin, entry.end));
    header.data = places(&header.entries)?;
    Ok(header)
}

/// `{"key": "value", …}`
fn metadata(cursor: &mut Cursor) -> Result<Vec<(String, String)>, Refusal> {
    let (mut notes, mut keys) = (Vec::new(), HashSet::new());
    cursor.expect('{', "an object of strings as `__metadata__`").map_err(outside)?;
    while cursor.another(notes.is_empty(), '}', "`,` or `}` in `__metadata__`").map_err(outside)? {
        let key = cursor.string("a metadata key in quotes").map_err(outside)?;
        check_name(&key)?;
        cursor.expect(':', "`:` after a metadata key").map_err(outside)?;
        let value = cursor.string("a metadata value in quotes").map_err(outside)?;
        if !keys.insert(key.clone()) {
            return Err(Refusal::DuplicateMetadata { key });
        }
        notes.push((key, value));
    }
    Ok(notes)
}

/// `{"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}`
fn fields(cursor: &mut Cursor, name: &str) -> Result<(String, Vec<u64>, [u64; 2]), Refusal> {
    let inside = inside(Some(name));
    let tensor = || name.to_owned();
    let (mut dtype, mut shape, mut offsets) = (None, None, None);
    let mut first = true;
    cursor.expect('{', "an object with `dtype`, `shape` and `data_offsets`").map_err(&inside)?;
    while cursor.another(first, '}', "`,` or `}` after a field").map_err(&inside)? {
        let field = cursor.string("a field's name in quotes").map_err(&inside)?;
        cursor.expect(':', "`:` after a field's name").map_err(&inside)?;
        let (field, known) = match field.as_str() {
            "dtype" => ("dtype", dtype.is_some()),
            "shape" => ("shape", shape.is_some()),
            "data_offsets" => ("data_offsets", offsets.is_some()),
            _ => {
                return Err(Refusal::UnknownField { tensor: tensor(), field: field.escape_debug().to_string() });
            }
        };
        if known {
            return Err(Refusal::DuplicateField { tensor: tensor(), field });
        }
        match field {
            "dtype" => dtype = Some(cursor.string("an element type in quotes").map_err(&inside)?),
            "shape" => {
                let sizes = sizes(cursor).map_err(&inside)?;
                if sizes.len() > RANK {
                    return Err(Refusal::Rank { tensor: tensor(), limit: RANK });
                }
                shape = Some(sizes);
            }
            _ => {
                let at = cursor.departure("two offsets, begin and end");
                offsets = Some(<[u64; 2]>::try_from(sizes(cursor).map_err(&inside)?).map_err(|_| inside(at))?);
            }
        }
        first = false;
    }
    let missing = |field| Refusal::MissingField { tensor: tensor(), field };
    Ok((
        dtype.ok_or_else(|| missing("dtype"))?,
        shape.ok_or_else(|| missing("shape"))?,
        offsets.ok_or_else(|| missing("data_offsets"))?,
    ))
}

/// An entry whose shape and place agree.
fn entry(cursor: &mut Cursor, tensor: String) -> Result<Entry, Refusal> {
    let (dtype, shape, [begin, end]) = fields(cursor, &tensor)?;
    let Some(kind) = Kind::named(&dtype) else {
        return Err(Refusal::ElementType { tensor, found: dtype.escape_debug().to_string() });
    };
    // Extents are multiplied with zeros left out: `[0, 2^63, 2^63]` is no shape of anything either.
    let elements = shape.iter().filter(|&&extent| extent > 0).try_fold(1_u64, |all, &extent| all.checked_mul(extent));
    let Some(full) = elements.and_then(|elements| elements.checked_mul(kind.size() as u64)) else {
        return Err(Refusal::Overflow { tensor, shape });
    };
    let expected = if shape.contains(&0) { 0 } else { full };
    let Some(found) = end.checked_sub(begin) else {
        return Err(Refusal::Backwards { tensor, begin, end });
    };
    if found != expected {
        return Err(Refusal::ByteCount { tensor, shape, expected, found });
    }
    Ok(Entry { name: tensor, kind, shape, begin, end })
}

/// `[2, 3]`. Reads one more than any tensor may have, and no further.
fn sizes(cursor: &mut Cursor) -> Result<Vec<u64>, Departure> {
    let mut sizes = Vec::new();
    cursor.expect('[', "a list of sizes")?;
    while sizes.len() <= RANK && cursor.another(sizes.is_empty(), ']', "`,` or `]` after a size")? {
        sizes.push(cursor.whole()?);
    }
    Ok(sizes)
}

/// Each entry begins where the one before ends. Returns where the last one does.
fn places(entries: &[Entry]) -> Result<u64, Refusal> {
    let mut before: Option<&Entry> = None;
    for entry in entries {
        let expected = before.map_or(0, |before| before.end);
        if entry.begin > expected {
            return Err(Refusal::Hole { tensor: entry.name.clone(), expected, found: entry.begin });
        }
        if let Some(before) = before.filter(|_| entry.begin < expected) {
            let (tensor, before) = (entry.name.clone(), before.name.clone());
            return Err(Refusal::Overlap { tensor, before, expected, found: entry.begin });
        }
        before = Some(entry);
    }
    Ok(before.map_or(0, |last| last.end))
}
