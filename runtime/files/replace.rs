//! In: a path and what to write. Out: the file, whole, on the disk. Guarantees: at any moment the path leads to the whole old file or to
//! the whole new one, also after a kill, a full disk or a power cut; an existing file's mode is kept; temporary files that earlier
//! deaths left in the directory are gone afterwards. Assumes: the directory's other users follow the same lock.
//!
//! A temporary file is locked by the process that writes it, and the operating system drops the lock with the process, however it ends.
//! So whoever can take the lock of a file of our name knows that nobody writes it any more: no guess from process numbers or ages.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use super::open::kind;

/// Why a file could not be written. The old file, if there was one, is untouched unless the step says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum Unwritable {
    /// The path leads to something that is no regular file.
    #[error("expected a regular file or nothing, found {found}; give the path of the file itself")]
    NotAFile {
        /// What stands there: "a directory", "a pipe", ….
        found: &'static str,
    },
    /// The operating system refused a step.
    #[error("expected to be able to {step}, found: {source}; {}", advice(source))]
    Io {
        /// What was being done: "write the new file", ….
        step: &'static str,
        /// The operating system's own words.
        source: io::Error,
    },
}

fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound => "create the directory first, or check the path",
        io::ErrorKind::PermissionDenied => "ask for permission, or save elsewhere",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            "the old file, if any, is untouched: make room, or save elsewhere"
        }
        _ => "the old file, if any, is untouched: check the path and the disk",
    }
}

/// Names the step that an `io::Result` belongs to.
trait During<T> {
    fn during(self, step: &'static str) -> Result<T, Unwritable>;
}

impl<T> During<T> for io::Result<T> {
    fn during(self, step: &'static str) -> Result<T, Unwritable> {
        self.map_err(|source| Unwritable::Io { step, source })
    }
}

/// Puts what `write` writes in the place of the file at `path`: temporary file beside it, written, synchronised, renamed, directory
/// synchronised. A symbolic link stays one: the file that it leads to is replaced.
pub(crate) fn replace(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<&File>) -> io::Result<()>,
) -> Result<(), Unwritable> {
    let (target, old) = destination(path)?;
    let directory = match target.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    sweep(directory);

    let temporary = Temporary::create(directory, old.as_ref()).during("create a temporary file in its directory")?;
    let mut buffered = BufWriter::with_capacity(1 << 16, &temporary.file);
    write(&mut buffered).and_then(|()| buffered.flush()).during("write the new file")?;
    drop(buffered);
    if let Some(permissions) = old {
        temporary.file.set_permissions(permissions).during("give the new file the old one's mode")?;
    }
    temporary.file.sync_all().during("bring the new file to the disk")?;
    temporary.rename(&target).during("put the new file in the old one's place")?;
    synchronise(directory).during("bring its directory to the disk, where the new file already stands")
}

/// Where the file really goes, and the mode of the one that is there.
fn destination(path: &Path) -> Result<(PathBuf, Option<Permissions>), Unwritable> {
    let is_link = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink());
    let target = if is_link { fs::canonicalize(path).during("follow its symbolic link")? } else { path.to_owned() };
    match fs::metadata(&target) {
        Ok(metadata) if metadata.is_file() => {
            // A rename asks nobody: a file that was write-protected would be replaced all the same.
            OpenOptions::new().write(true).open(&target).during("write to the existing file")?;
            Ok((target, Some(metadata.permissions())))
        }
        Ok(metadata) => Err(Unwritable::NotAFile { found: kind(metadata.file_type()) }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok((target, None)),
        Err(source) => Err(Unwritable::Io { step: "look at the path", source }),
    }
}

#[cfg(unix)]
fn synchronise(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

#[cfg(not(unix))]
fn synchronise(_: &Path) -> io::Result<()> {
    Ok(()) // directories cannot be opened as files there; the rename itself is journalled
}

const PREFIX: &str = ".chainrule-";
const SUFFIX: &str = ".tmp";

/// A temporary file, locked by this process, removed when dropped unless renamed.
struct Temporary {
    file: File,
    path: PathBuf,
    renamed: bool,
}

impl Temporary {
    fn create(directory: &Path, mode: Option<&Permissions>) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        if let Some(permissions) = mode {
            use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
            // From the first byte on, nobody may read here who could not read the old file.
            options.mode(permissions.mode() & 0o777);
        }
        #[cfg(not(unix))]
        let _ = mode;

        let mut attempts = 0;
        loop {
            let path = directory.join(fresh_name());
            let file = match options.open(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempts < 16 => {
                    attempts += 1;
                    continue;
                }
                opened => opened?,
            };
            let temporary = Temporary { file, path, renamed: false };
            match temporary.file.try_lock() {
                // Between creation and lock a sweeper may have taken it for a stray: then it is gone, or about to be.
                Err(TryLockError::WouldBlock) if attempts < 16 => {}
                Ok(()) if !still_there(&temporary.file, &temporary.path) && attempts < 16 => {}
                // A file system without locks: sweepers cannot lock either, and leave the file alone.
                _ => return Ok(temporary),
            }
            attempts += 1;
        }
    }

    fn rename(mut self, target: &Path) -> io::Result<()> {
        fs::rename(&self.path, target)?;
        self.renamed = true;
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.renamed {
            let _ = fs::remove_file(&self.path); // best effort: the next save sweeps it
        }
    }
}

/// Digits only between prefix and suffix, independent of the target's name, which may be as long as the file system allows.
fn fresh_name() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("{PREFIX}{}-{}-{count}{SUFFIX}", std::process::id(), now.as_nanos())
}

fn is_ours(name: &OsStr) -> bool {
    let Some(middle) = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)) else {
        return false;
    };
    let mut parts = 0;
    middle.split('-').inspect(|_| parts += 1).all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
        && parts == 3
}

/// Removes temporary files of processes that died. Best effort: what it cannot look at or lock stays.
fn sweep(directory: &Path) {
    let Ok(entries) = fs::read_dir(directory) else {
        return;
    };
    for entry in entries.flatten() {
        if !is_ours(&entry.file_name()) || !entry.file_type().is_ok_and(|kind| kind.is_file()) {
            continue;
        }
        let path = entry.path();
        let Ok(file) = File::open(&path) else {
            continue;
        };
        if file.try_lock().is_ok() && still_there(&file, &path) {
            let _ = fs::remove_file(&path);
        }
    }
}

/// Whether `path` still leads to the open `file`.
#[cfg(unix)]
fn still_there(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(open), Ok(named)) => identity(open) == identity(named),
        _ => false,
    }
}

#[cfg(not(unix))]
fn still_there(_: &File, path: &Path) -> bool {
    path.exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pattern_is_swept() {
        assert!(is_ours(OsStr::new(&fresh_name())));
        for other in [
            ".chainrule-.tmp",
            ".chainrule-1-2.tmp",
            ".chainrule-1-2-3-4.tmp",
            ".chainrule-1--3.tmp",
            ".chainrule-1-x-3.tmp",
            ".chainrule-1-2-3.tmp~",
            "chainrule-1-2-3.tmp",
            "model.safetensors",
            ".chainrule-",
        ] {
            assert!(!is_ours(OsStr::new(other)), "{other}");
        }
    }
}
