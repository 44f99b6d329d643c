//! Weights in files: reading and writing [safetensors](https://github.com/huggingface/safetensors) for a network whose tensors are known.
//!
//! In: names, shapes and values. Out: a file that PyTorch's `safetensors` reads too, or the values of such a file in the network's order.
//! Assumes nothing of a file that arrives; guarantees that what loads is exactly this network's, that nothing is allocated before the
//! sizes in the file have been compared with the file's own and the network's, and that [`save`] leaves the old file or the new one
//! whenever the process dies.
//!
//! The header's parser is our own: the format's grammar is a page, strictness (a name given twice, an unknown field, a size that is no
//! whole number) is most of the task, and the errors can say at which byte and in which tensor.
//!
//! ```
//! use chainrule::checkpoint::{Expected, Options, Tensor, from_bytes, to_bytes};
//!
//! let bias = Tensor { name: "fc.bias", shape: &[3], values: &[0.5_f32, -1.0, 2.0] };
//! let bytes = to_bytes(&[bias], &[("step", "12")])?;
//!
//! let network = [Expected { name: "fc.bias", shape: &[3] }];
//! let checkpoint = from_bytes::<f64>(&bytes, &network, Options::default())?;
//! assert_eq!(checkpoint.tensors, [vec![0.5, -1.0, 2.0]]);
//! assert_eq!(checkpoint.metadata, [("step".to_owned(), "12".to_owned())]);
//! # Ok::<(), chainrule::checkpoint::Refusal>(())
//! ```

mod error;
mod header;
mod json;
mod matching;
mod read;
mod stored;
mod write;

use std::path::Path;

pub use crate::files::{Unreadable, Unwritable};
pub use error::{Difference, Error, Refusal};
pub use stored::Stored;

/// A tensor that a network has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected<'a> {
    /// Its name in files, such as `conv1.weight`.
    pub name: &'a str,
    /// Its extents, outermost first; none for a scalar.
    pub shape: &'a [usize],
}

/// A tensor to be saved.
#[derive(Clone, Copy, Debug)]
pub struct Tensor<'a, E> {
    /// Its name in the file, such as `conv1.weight`.
    pub name: &'a str,
    /// Its extents, outermost first; none for a scalar.
    pub shape: &'a [usize],
    /// Its elements, row-major.
    pub values: &'a [E],
}

/// What to let through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Accept values that are infinite or not a number.
    pub allow_non_finite: bool,
}

/// What a file held.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint<E> {
    /// The values of each tensor, row-major, in the order of the network's.
    pub tensors: Vec<Vec<E>>,
    /// The file's own notes, in its order.
    pub metadata: Vec<(String, String)>,
}

/// Writes `tensors` to `path`: at any moment, also in a kill or on a full disk, the path leads to the whole old file or the whole new
/// one. An existing file keeps its mode, and temporary files of processes that died are removed from the directory.
///
/// Values that are not finite are written as they are; [`load`] refuses them unless asked.
///
/// # Errors
/// [`Error::Refused`] where names or lengths make no valid file, [`Error::Unwritable`] where the disk or its permissions refuse.
pub fn save<E: Stored>(path: &Path, tensors: &[Tensor<E>], metadata: &[(&str, &str)]) -> Result<(), Error> {
    let header = write::header(tensors, metadata).map_err(|why| Error::Refused { file: path.to_owned(), why })?;
    crate::files::replace(path, |out| write::body(out, &header, tensors))
        .map_err(|why| Error::Unwritable { file: path.to_owned(), why })
}

/// The bytes that [`save`] writes.
///
/// # Errors
/// As [`save`] for names and lengths.
pub fn to_bytes<E: Stored>(tensors: &[Tensor<E>], metadata: &[(&str, &str)]) -> Result<Vec<u8>, Refusal> {
    let header = write::header(tensors, metadata)?;
    let mut bytes = Vec::new();
    write::body(&mut bytes, &header, tensors).expect("a vector takes every byte");
    Ok(bytes)
}

/// Reads the tensors of `expected` from `path`, in that order. `F64`, `F32`, `F16` and `BF16` files are read into `f32` and `f64`;
/// narrowing rounds to nearest.
///
/// # Errors
/// [`Error::Unreadable`] where the file cannot be read or is no regular file, [`Error::Refused`] where it is damaged, not strictly in
/// the format, of another network (every difference is listed), or holds values that are not finite.
pub fn load<E: Stored>(path: &Path, expected: &[Expected], options: Options) -> Result<Checkpoint<E>, Error> {
    let unreadable = |why: Unreadable| Error::Unreadable { file: path.to_owned(), why };
    let (file, length) = crate::files::open(path).map_err(unreadable)?;
    read::checkpoint(file, length, expected, options).map_err(|failure| match failure {
        read::Failure::Io(source) => unreadable(source.into()),
        read::Failure::Refused(why) => Error::Refused { file: path.to_owned(), why },
    })
}

/// [`load`] from bytes in memory.
///
/// # Errors
/// As [`load`] for the file's content.
pub fn from_bytes<E: Stored>(bytes: &[u8], expected: &[Expected], options: Options) -> Result<Checkpoint<E>, Refusal> {
    let length = bytes.len() as u64;
    read::checkpoint(bytes, length, expected, options).map_err(|failure| match failure {
        // A slice has no other failure than its end, and its length is compared before.
        read::Failure::Io(_) => Refusal::Truncated { expected: length, found: length },
        read::Failure::Refused(why) => why,
    })
}
