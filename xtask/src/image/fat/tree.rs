//! Files and directories, from a list of paths.

use std::io;

use super::Entry;

/// A directory: what it contains, by name, in the order it was first named.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Directory {
    /// Names and what they stand for.
    pub(super) nodes: Vec<(String, Node)>,
}

/// What a name stands for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Node {
    /// A file's bytes.
    File(Vec<u8>),
    /// A directory inside.
    Directory(Directory),
}

impl Directory {
    /// The tree of `files`.
    ///
    /// # Errors
    /// A path is no path, or stands for two things.
    pub(super) fn of(files: &[Entry]) -> io::Result<Directory> {
        let mut root = Directory::default();
        for (path, bytes) in files {
            root.put(path, bytes).map_err(|wrong| {
                let message = format!("`{path}` cannot be on the disk: {wrong}");
                io::Error::new(io::ErrorKind::InvalidInput, message)
            })?;
        }
        Ok(root)
    }

    fn put(&mut self, path: &str, bytes: &[u8]) -> Result<(), &'static str> {
        let (name, rest) = match path.split_once('/') {
            Some((name, rest)) => (name, Some(rest)),
            None => (path, None),
        };
        // The limits of long names, fatgen103 section "Long Directory Entries".
        if name.is_empty()
            || name.len() > 255
            || name.contains(['\\', ':', '*', '?', '"', '<', '>', '|'])
        {
            return Err("a name in it is not allowed");
        }
        let known = self
            .nodes
            .iter()
            .position(|(known, _)| known.eq_ignore_ascii_case(name));
        match (known.and_then(|at| self.nodes.get_mut(at)), rest) {
            (None, None) => {
                let file = Node::File(bytes.to_owned());
                self.nodes.push((name.to_owned(), file));
                Ok(())
            }
            (None, Some(rest)) => {
                let mut inner = Directory::default();
                inner.put(rest, bytes)?;
                self.nodes.push((name.to_owned(), Node::Directory(inner)));
                Ok(())
            }
            (Some((_, Node::Directory(inner))), Some(rest)) => inner.put(rest, bytes),
            _ => Err("it is there already, or a file is where a directory would have to be"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(paths: &[&str]) -> io::Result<Directory> {
        let files = paths.iter().map(|path| ((*path).to_owned(), b"x".to_vec()));
        Directory::of(&files.collect::<Vec<_>>())
    }

    #[test]
    fn paths_share_their_directories() {
        let root = tree(&["a/b", "a/c/d", "e"]).unwrap();
        let names: Vec<&str> = root.nodes.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["a", "e"]);
    }

    #[test]
    fn a_path_that_is_none_or_taken_is_refused() {
        for paths in [
            &[""][..],
            &["a//b"],
            &["a/"],
            &["a:b"],
            &["a", "A"],
            &["a", "a/b"],
            &["a/b", "a"],
        ] {
            assert!(tree(paths).is_err(), "{paths:?}");
        }
    }
}
