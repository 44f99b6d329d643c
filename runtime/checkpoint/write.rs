//! In: tensors and metadata. Out: a safetensors file of them, in their order, the data beginning at a multiple of eight bytes.

use std::collections::HashSet;
use std::io::{self, Write};

use super::error::Refusal;
use super::header::{METADATA, RANK, check_name};
use super::json::quoted;
use super::{Stored, Tensor};

/// Length and header, padded with blanks. Checks that the reader would accept the file.
pub(super) fn header<E: Stored>(tensors: &[Tensor<E>], metadata: &[(&str, &str)]) -> Result<Vec<u8>, Refusal> {
    let mut entries = Vec::with_capacity(tensors.len() + 1);
    let mut keys = HashSet::new();
    let mut notes = Vec::with_capacity(metadata.len());
    for &(key, value) in metadata {
        check_name(key)?;
        if !keys.insert(key) {
            return Err(Refusal::DuplicateMetadata { key: key.to_owned() });
        }
        notes.push(format!("{}:{}", quoted(key), quoted(value)));
    }
    if !notes.is_empty() {
        entries.push(format!("{}:{{{}}}", quoted(METADATA), notes.join(",")));
    }

    let (mut names, mut begin) = (HashSet::new(), 0);
    for &Tensor { name, shape, values } in tensors {
        check_name(name)?;
        if name == METADATA {
            return Err(Refusal::Name { name: name.to_owned() });
        }
        if !names.insert(name) {
            return Err(Refusal::DuplicateTensor { tensor: name.to_owned() });
        }
        if shape.len() > RANK {
            return Err(Refusal::Rank { tensor: name.to_owned(), limit: RANK });
        }
        let elements = shape.iter().try_fold(1_usize, |all, &extent| all.checked_mul(extent));
        if elements != Some(values.len()) {
            return Err(Refusal::Length { tensor: name.to_owned(), shape: shape.to_vec(), found: values.len() });
        }
        let end = begin + size_of_val(values);
        let shape: Vec<String> = shape.iter().map(usize::to_string).collect();
        entries.push(format!(
            r#"{}:{{"dtype":"{}","shape":[{}],"data_offsets":[{begin},{end}]}}"#,
            quoted(name),
            E::DTYPE,
            shape.join(","),
        ));
        begin = end;
    }

    let mut text = format!("{{{}}}", entries.join(","));
    text.extend(std::iter::repeat_n(' ', text.len().next_multiple_of(8) - text.len()));
    let mut header = (text.len() as u64).to_le_bytes().to_vec();
    header.extend(text.into_bytes());
    Ok(header)
}

/// The header, then every tensor.
pub(super) fn body<E: Stored>(out: &mut impl Write, header: &[u8], tensors: &[Tensor<E>]) -> io::Result<()> {
    out.write_all(header)?;
    tensors.iter().flat_map(|tensor| tensor.values).try_for_each(|&value| value.write(out))
}
