//! `--output FILE`: a file that is written whole or not at all. The old one stays, with its mode and owner, until the new
//! one is on the disk.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, fchown};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// The mode of a file that was not there, less what the user's mask takes away.
const MODE: u32 = 0o666;

/// Output that takes the place of a file once it is complete.
pub trait Replacement: Write {
    /// Puts it in the file's place.
    ///
    /// # Errors
    /// When it is not surely on the disk; the old file is still there then.
    fn complete(self: Box<Self>) -> io::Result<()>;
}

/// Opens what will take the place of the file at `path`. A device or a pipe is written as it is.
///
/// # Errors
/// Those of making a file beside it.
pub fn replace(path: &Path) -> io::Result<Box<dyn Replacement>> {
    let target = target(path);
    let old = match fs::metadata(&target) {
        Ok(old) if !old.is_file() => return Ok(Box::new(File::options().write(true).open(&target)?)),
        Ok(old) => Some(old),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let folder = match target.parent() {
        Some(folder) if folder != Path::new("") => folder.to_owned(),
        _ => PathBuf::from("."),
    };
    let mut errno = None;
    let new = tempfile::Builder::new().prefix(".ipvsadm-").make_in(&folder, |path| {
        let file = File::options().write(true).create_new(true).mode(MODE).open(path);
        file.inspect_err(|error| errno = error.raw_os_error())
    });
    // The user knows nothing of the new file, which tempfile names in its error.
    let new = new.map_err(|error| errno.map_or(error, io::Error::from_raw_os_error))?;
    if let Some(old) = old {
        fchown(new.as_file(), Some(old.uid()), Some(old.gid()))?;
        new.as_file().set_permissions(old.permissions())?;
    }
    Ok(Box::new(Beside { new, target, folder }))
}

/// Where links lead, if it is there or not: a link stays a link.
fn target(path: &Path) -> PathBuf {
    match (fs::canonicalize(path), fs::read_link(path)) {
        (Ok(target), _) => target,
        (Err(error), Ok(link)) if error.kind() == io::ErrorKind::NotFound => target(&path.with_file_name(link)),
        _ => path.to_owned(),
    }
}

/// A file beside the one that it will replace; it is removed if it is never completed.
struct Beside {
    new: NamedTempFile,
    target: PathBuf,
    folder: PathBuf,
}

impl Write for Beside {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.new.as_file_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.new.as_file_mut().flush()
    }
}

impl Replacement for Beside {
    fn complete(self: Box<Self>) -> io::Result<()> {
        self.new.as_file().sync_all()?;
        self.new.persist(&self.target).map_err(|failed| failed.error)?;
        File::open(&self.folder)?.sync_all()
    }
}

impl Replacement for File {
    fn complete(self: Box<Self>) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::Permissions;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn the_old_file_stays_until_the_new_one_is_complete() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rules");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        let mut new = replace(&path).unwrap();
        new.write_all(b"new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        new.complete().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o640);
        // One that is dropped leaves nothing.
        replace(&path).unwrap().write_all(b"half").unwrap();
        assert_eq!(
            (fs::read_to_string(&path).unwrap().as_str(), names(folder.path())),
            ("new", vec!["rules".to_owned()])
        );
    }

    #[test]
    fn a_link_stays_a_link_and_a_new_file_has_the_usual_mode() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("rules"), folder.path().join("link"));
        replace(&path).unwrap().complete().unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o600, 0o600);
        symlink("rules", &link).unwrap();
        let mut new = replace(&link).unwrap();
        new.write_all(b"new").unwrap();
        new.complete().unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        // So does one that leads to nothing yet, be it through others.
        let absent = folder.path().join("absent");
        fs::remove_file(&link).unwrap();
        symlink(&absent, &link).unwrap();
        symlink("link", folder.path().join("way")).unwrap();
        let mut new = replace(&folder.path().join("way")).unwrap();
        new.write_all(b"new").unwrap();
        new.complete().unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&absent).unwrap(), "new");
    }

    #[test]
    fn links_in_a_circle() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        symlink("link", &link).unwrap();
        assert_eq!(replace(&link).err().unwrap().raw_os_error(), Some(libc::ELOOP));
    }

    #[test]
    fn a_folder_that_is_not_there_and_a_device() {
        let error = replace(Path::new("/nonexistent/rules")).err().unwrap();
        assert_eq!(error.raw_os_error(), Some(libc::ENOENT));
        let mut full = replace(Path::new("/dev/full")).unwrap();
        assert_eq!(full.write_all(b"x").unwrap_err().raw_os_error(), Some(libc::ENOSPC));
    }
}
