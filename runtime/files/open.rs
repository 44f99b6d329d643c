//! In: a path from a user. Out: an open regular file and its length. Guarantees: never waits (a pipe without a writer would), never
//! hands out a file without an end (`/dev/zero`), and what it refuses it names.

use std::fs::{self, File, FileType, Metadata};
use std::io;
use std::path::Path;

/// Why a file cannot be read, before a byte of it is looked at.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The path leads to something that is no regular file.
    #[error("expected a regular file, found {found}; give the path of the file itself")]
    NotAFile {
        /// What stands there: "a directory", "a pipe", ….
        found: &'static str,
    },
    /// The operating system refused.
    #[error("expected a file that can be read, found: {source}; {}", advice(source))]
    Io {
        /// Its own words.
        source: io::Error,
    },
}

impl From<io::Error> for Unreadable {
    fn from(source: io::Error) -> Self {
        Unreadable::Io { source }
    }
}

fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound => "check the path's spelling and the current directory",
        io::ErrorKind::PermissionDenied => "ask for permission to read it",
        _ => "check the path, its links and the disk",
    }
}

/// Opens a regular file for reading and tells its length in bytes.
pub(crate) fn open(path: &Path) -> Result<(File, u64), Unreadable> {
    // Opening a pipe waits for its writer, so the kind is looked at before; and again after, on what was really opened.
    regular(&fs::metadata(path)?)?;
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    regular(&metadata)?;
    Ok((file, metadata.len()))
}

fn regular(metadata: &Metadata) -> Result<(), Unreadable> {
    if metadata.is_file() { Ok(()) } else { Err(Unreadable::NotAFile { found: kind(metadata.file_type()) }) }
}

/// What a path that is no regular file leads to, in words.
pub(super) fn kind(file_type: FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        let kinds = [
            (file_type.is_fifo(), "a pipe"),
            (file_type.is_socket(), "a socket"),
            (file_type.is_char_device() || file_type.is_block_device(), "a device"),
        ];
        if let Some((_, kind)) = kinds.into_iter().find(|(is, _)| *is) {
            return kind;
        }
    }
    if file_type.is_dir() { "a directory" } else { "something else" }
}
