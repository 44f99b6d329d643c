//! IDX, the format of MNIST: two zero bytes, the element type, the number of axes, their extents, the elements; all big-endian; gzipped
//! or not. In: a file from a stranger. Out: an array. Guarantees that the extents agree with the file's real length before memory is
//! asked for; a gzipped file is unpacked as far as its own extents say, never further, and has to end there, in one member.

use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::GzDecoder;
use ndarray::ArrayD;

use super::{Error, Refusal};

/// The element types of IDX files: `u8`, `i8`, `i16`, `i32`, `f32`, `f64`. Sealed.
pub trait Element: Copy + sealed::Sealed + 'static {
    /// The type's name.
    const NAME: &'static str;
    /// The type's code in the file's third byte.
    const CODE: u8;
    /// Bytes of one element.
    const SIZE: usize;
    #[doc(hidden)]
    fn from_bytes(bytes: &[u8]) -> Self;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! elements {
    ($($element:ident $code:literal,)*) => { $(
        impl sealed::Sealed for $element {}
        impl Element for $element {
            const NAME: &'static str = stringify!($element);
            const CODE: u8 = $code;
            const SIZE: usize = size_of::<$element>();
            fn from_bytes(bytes: &[u8]) -> Self {
                let mut element = [0; size_of::<$element>()];
                element.copy_from_slice(bytes);
                $element::from_be_bytes(element)
            }
        }
    )* };
}

elements! { u8 0x08, i8 0x09, i16 0x0b, i32 0x0c, f32 0x0d, f64 0x0e, }

/// Reads an IDX file of elements `T`, gzipped or not.
///
/// # Errors
/// The file cannot be read, is no whole IDX file, or holds elements of another type.
pub fn load<T: Element>(path: &Path) -> Result<ArrayD<T>, Error> {
    load_if(path, |_| Ok(()))
}

/// [`load`], but nothing beyond the header is read unless `accept` takes the shape.
pub(super) fn load_if<T: Element>(
    path: &Path,
    accept: impl Fn(&[usize]) -> Result<(), Refusal>,
) -> Result<ArrayD<T>, Error> {
    let unreadable = |why| Error::Unreadable { file: path.to_owned(), why };
    let (file, length) = crate::files::open(path).map_err(unreadable)?;
    array(BufReader::new(file), length, accept).map_err(|failure| match failure {
        Failure::Io(source) => unreadable(source.into()),
        Failure::Refused(why) => Error::Refused { file: path.to_owned(), why },
    })
}

/// [`load`] from bytes in memory.
///
/// # Errors
/// As [`load`] for the content.
pub fn from_bytes<T: Element>(bytes: &[u8]) -> Result<ArrayD<T>, Refusal> {
    let length = bytes.len() as u64;
    array(bytes, length, |_| Ok(())).map_err(|failure| match failure {
        Failure::Io(_) => Refusal::Truncated { expected: length, found: length }, // a slice has no failure but its end
        Failure::Refused(why) => why,
    })
}

enum Failure {
    Io(io::Error),
    Refused(Refusal),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Failure::Refused(refusal)
    }
}

/// A file as it stands or unpacked, of which so many bytes have been read.
struct Stream<R> {
    source: Source<R>,
    read: u64,
}

enum Source<R> {
    Plain(R),
    Gzip(GzDecoder<R>),
}

impl<R: BufRead> Stream<R> {
    /// Gzip is told by its first two bytes: IDX begins with zeros.
    fn new(mut file: R) -> io::Result<Self> {
        let packed = file.fill_buf()?.starts_with(&[0x1f, 0x8b]);
        let source = if packed { Source::Gzip(GzDecoder::new(file)) } else { Source::Plain(file) };
        Ok(Stream { source, read: 0 })
    }

    /// As many bytes as are there, up to all of `bytes`.
    fn some(&mut self, bytes: &mut [u8]) -> Result<usize, Failure> {
        let mut filled = 0;
        while filled < bytes.len() {
            let rest = &mut bytes[filled..];
            let result = match &mut self.source {
                Source::Plain(file) => file.read(rest).map_err(Failure::Io),
                Source::Gzip(unpacked) => match unpacked.read(rest) {
                    // an interruption is the operating system's, all else the stream's
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    result => result.map_err(|error| Refusal::Gzip { message: error.to_string() }.into()),
                },
            };
            match result {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(Failure::Io(error)) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(failure) => return Err(failure),
            }
        }
        self.read += filled as u64;
        Ok(filled)
    }

    /// All of `bytes`, of a file that has to have `expected` altogether.
    fn exactly(&mut self, bytes: &mut [u8], expected: u64) -> Result<(), Failure> {
        if self.some(bytes)? < bytes.len() {
            self.single()?;
            return Err(Refusal::Truncated { expected, found: self.read }.into());
        }
        Ok(())
    }

    /// Nothing follows. For gzip this also compares the checksum.
    fn end(&mut self) -> Result<(), Failure> {
        let expected = self.read;
        if self.some(&mut [0])? > 0 {
            return Err(Refusal::TrailingBytes { expected }.into());
        }
        self.single()
    }

    /// Nothing follows the gzip member that has been read to its end.
    fn single(&mut self) -> Result<(), Failure> {
        if let Source::Gzip(unpacked) = &mut self.source {
            let behind = unpacked.get_mut().fill_buf().map_err(Failure::Io)?;
            if !behind.is_empty() {
                return Err(Refusal::GzipMembers.into());
            }
        }
        Ok(())
    }
}

fn array<T: Element>(
    file: impl BufRead,
    length: u64,
    accept: impl Fn(&[usize]) -> Result<(), Refusal>,
) -> Result<ArrayD<T>, Failure> {
    let mut stream = Stream::new(file).map_err(Failure::Io)?;
    let mut head = [0; 4];
    stream.exactly(&mut head, 4)?;
    let [zero, nought, code, rank] = head;
    if [zero, nought] != [0, 0] {
        return Err(Refusal::Magic { found: [zero, nought] }.into());
    }
    if code != T::CODE {
        return Err(Refusal::ElementType { expected: T::NAME, code: T::CODE, found: code }.into());
    }
    if rank == 0 || rank > 8 {
        return Err(Refusal::Rank { found: rank }.into());
    }
    let header = 4 + 4 * u64::from(rank);
    let mut shape = Vec::new();
    for _ in 0..rank {
        let mut extent = [0; 4];
        stream.exactly(&mut extent, header)?;
        shape.push(u32::from_be_bytes(extent) as usize);
    }
    accept(&shape)?;

    // Deflate packs at most 1032 bytes into one.
    let most = match stream.source {
        Source::Plain(_) => length.saturating_sub(header),
        Source::Gzip(_) => length.saturating_mul(1032),
    };
    // With zeros left out, and within isize: ndarray wants it so of every array.
    let full = shape
        .iter()
        .filter(|&&extent| extent > 0)
        .try_fold(T::SIZE, |all, &extent| all.checked_mul(extent))
        .filter(|&full| isize::try_from(full).is_ok());
    let bytes = match full {
        Some(_) if shape.contains(&0) => 0,
        Some(full) if full as u64 <= most => full,
        Some(full) if matches!(stream.source, Source::Plain(_)) => {
            let expected = header + full as u64;
            return Err(Refusal::Truncated { expected, found: length }.into());
        }
        _ => return Err(Refusal::Claim { shape, length }.into()),
    };
    let elements = elements(&mut stream, bytes, header)?;
    stream.end()?;
    Ok(ArrayD::from_shape_vec(shape, elements).expect("as many elements as the shape has"))
}

/// The elements of so many bytes. Memory grows as they arrive.
fn elements<T: Element>(stream: &mut Stream<impl BufRead>, bytes: usize, header: u64) -> Result<Vec<T>, Failure> {
    let expected = header + bytes as u64;
    let mut elements = Vec::new();
    let mut buffer = [0; 1 << 14];
    let mut left = bytes;
    while left > 0 {
        let part = left.min(buffer.len());
        stream.exactly(&mut buffer[..part], expected)?;
        elements.extend(buffer[..part].chunks_exact(T::SIZE).map(T::from_bytes));
        left -= part;
    }
    Ok(elements)
}
