//! Lines as they come, read by a thread of their own: nobody can end a read of standard input, and a process that stops
//! does not wait for a thread.

use std::{
    io::{self, BufRead, BufReader, ErrorKind, Read},
    thread,
};
use tokio::sync::mpsc;

/// How much is read at once, in bytes.
const CHUNK: usize = 64 << 10;

/// What came up to the end of a line, or of everything.
#[derive(Debug, PartialEq)]
pub(super) enum Line {
    /// All of it.
    Whole(Vec<u8>),
    /// More than may be; nothing of it is kept.
    TooLong,
}

/// Lines of at most `most` bytes, one at a time; the next is read when the last was taken.
///
/// # Errors
/// There is no thread to be had.
pub(super) fn lines(input: impl Read + Send + 'static, most: usize) -> io::Result<mpsc::Receiver<Line>> {
    let (tell, told) = mpsc::channel(1);
    let read = move || {
        let mut lines = Lines { input: BufReader::with_capacity(CHUNK, input), most, line: Some(Vec::new()) };
        loop {
            match lines.next() {
                Ok(Some(line)) => {
                    if tell.blocking_send(line).is_err() {
                        return;
                    }
                }
                Ok(None) => return,
                Err(error) => return tracing::warn!(%error, "standard input cannot be read"),
            }
        }
    };
    thread::Builder::new().name("stdin".into()).spawn(read)?;
    Ok(told)
}

struct Lines<R> {
    input: BufReader<R>,
    most: usize,
    /// The line so far; none while the rest of one that was too long is skipped.
    line: Option<Vec<u8>>,
}

impl<R: Read> Lines<R> {
    /// The next line without its end; a last one need not have an end.
    fn next(&mut self) -> io::Result<Option<Line>> {
        loop {
            let chunk = match self.input.fill_buf() {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                chunk => chunk?,
            };
            if chunk.is_empty() {
                let rest = self.line.replace(Vec::new()).filter(|rest| !rest.is_empty());
                return Ok(rest.map(Line::Whole));
            }
            let mut parts = chunk.splitn(2, |byte| *byte == b'\n');
            let (part, ends) = (parts.next().unwrap_or_default(), parts.next().is_some());
            let read = part.len() + usize::from(ends);
            let fits = self.line.as_mut().map(|line| {
                let fits = line.len() + part.len() <= self.most;
                line.extend_from_slice(if fits { part } else { &[] });
                fits
            });
            self.input.consume(read);
            match (fits, ends) {
                (Some(false), _) => {
                    // Told at once: its end may be far, or never come.
                    self.line = ends.then(Vec::new);
                    return Ok(Some(Line::TooLong));
                }
                (Some(true), true) => return Ok(self.line.replace(Vec::new()).map(Line::Whole)),
                (None, true) => self.line = Some(Vec::new()),
                (_, false) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reader that gives so many bytes at a time.
    struct Slow<'a>(&'a [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let some = self.1.min(buffer.len()).min(self.0.len());
            let (now, later) = self.0.split_at(some);
            buffer[..some].copy_from_slice(now);
            self.0 = later;
            Ok(some)
        }
    }

    fn all(text: &[u8], step: usize) -> Vec<Option<String>> {
        let mut lines = Lines { input: BufReader::new(Slow(text, step)), most: 5, line: Some(Vec::new()) };
        let mut all = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            all.push(match line {
                Line::Whole(line) => Some(String::from_utf8(line).unwrap()),
                Line::TooLong => None,
            });
        }
        all
    }

    #[test]
    fn lines_are_the_same_in_whatever_pieces_they_come() {
        let text = b"a\n\n12345\r\n123456\n123456789\nb\n12345\nlast";
        let whole = |line: &str| Some(line.to_owned());
        for step in 1..=text.len() {
            let told = all(text, step);
            let want = [whole("a"), whole(""), None, None, None, whole("b"), whole("12345"), whole("last")];
            assert_eq!(told, want, "{step}");
        }
        assert_eq!(all(b"", 1), []);
        assert_eq!(all(b"123456", 2), [None], "what never ends is told once");
    }
}
