//! The text of a source file, taken apart into words.

/// A source being read.
pub(crate) struct Source<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Source<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The next word, comments left out.
    pub(crate) fn word(&mut self) -> Option<&'a str> {
        loop {
            let word = self.raw_word()?;
            match word {
                "\\" => {
                    self.at += self.text[self.at..]
                        .find('\n')
                        .unwrap_or(self.text.len() - self.at)
                }
                "(" => {
                    self.until(')');
                }
                _ => return Some(word),
            }
        }
    }

    /// The next word, whatever it is.
    pub(crate) fn raw_word(&mut self) -> Option<&'a str> {
        let rest = &self.text[self.at..];
        let start = rest.find(|character: char| !character.is_whitespace())?;
        let rest = &rest[start..];
        let length = rest.find(char::is_whitespace).unwrap_or(rest.len());
        self.at += start + length;
        Some(&rest[..length])
    }

    /// The text after the one blank that ended the last word, up to a delimiter that is skipped.
    pub(crate) fn until(&mut self, delimiter: char) -> &'a str {
        let rest = self.text[self.at..].get(1..).unwrap_or_default();
        let length = rest.find(delimiter).unwrap_or(rest.len());
        self.at += 1 + length + delimiter.len_utf8();
        self.at = self.at.min(self.text.len());
        &rest[..length]
    }

    /// Number of the line reached, from 1.
    pub(crate) fn line(&self) -> usize {
        self.text[..self.at].matches('\n').count() + 1
    }
}
