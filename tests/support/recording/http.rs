//! HTTP/1.1 as it went over a connection: requests and what answered them.

/// The head of a message, and as much of its body as there is.
#[derive(Debug)]
pub struct Part {
    /// `POST /mcp HTTP/1.1` or `HTTP/1.1 200 OK`
    pub line: String,
    /// Names in lower case.
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Whether the body is there to its end.
    pub whole: bool,
}

impl Part {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find_map(|(known, value)| (known == name).then_some(value.as_str()))
    }

    /// The second word of the first line: the target of a request, the status of an answer.
    pub fn second(&self) -> &str {
        self.line.split(' ').nth(1).unwrap_or_default()
    }
}

/// A request, as far as it can be read, and its answer.
#[derive(Debug)]
pub struct Exchange {
    pub asked: Option<Part>,
    pub told: Part,
}

/// The exchanges of a connection in their order.
pub fn exchanges(asked: &[u8], told: &[u8]) -> Result<Vec<Exchange>, String> {
    let (mut asked, mut told, mut exchanges) = (Bytes(asked), Bytes(told), Vec::new());
    let mut readable = true;
    loop {
        told.skip_blank();
        if told.0.is_empty() {
            return Ok(exchanges);
        }
        let next = if readable { asked.request() } else { None };
        readable = next.as_ref().is_some_and(|part| part.whole);
        let bodiless = next.as_ref().is_some_and(|part| part.line.starts_with("HEAD "));
        let Some(answer) = told.answer(bodiless)? else { return Ok(exchanges) };
        exchanges.push(Exchange { asked: next, told: answer });
    }
}

/// Bytes that are still to be read.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn skip_blank(&mut self) {
        self.0 = self.0.trim_ascii_start();
    }

    fn line(&mut self) -> Option<&'a [u8]> {
        let end = self.0.iter().position(|byte| *byte == b'\n')?;
        let (line, rest) = self.0.split_at(end);
        self.0 = &rest[1..];
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    }

    fn take(&mut self, length: usize) -> (&'a [u8], bool) {
        let (taken, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        (taken, taken.len() == length)
    }

    fn head(&mut self) -> Option<Part> {
        let mut part = Part { line: text(self.line()?), headers: Vec::new(), body: Vec::new(), whole: true };
        loop {
            match text(self.line()?) {
                end if end.is_empty() => return Some(part),
                line => {
                    let (name, value) = line.split_once(':')?;
                    part.headers.push((name.to_lowercase(), value.trim().to_owned()));
                }
            }
        }
    }

    /// The next request; none where its head cannot be read.
    fn request(&mut self) -> Option<Part> {
        self.skip_blank();
        let mut part = self.head()?;
        if part.header("transfer-encoding").is_some() {
            self.chunks(&mut part);
        } else if let Some(length) = part.header("content-length").map(str::parse) {
            self.sized(&mut part, length.ok()?);
        }
        Some(part)
    }

    /// The next answer; none where it breaks off in its head.
    fn answer(&mut self, bodiless: bool) -> Result<Option<Part>, String> {
        loop {
            if !self.0.starts_with(b"HTTP/1.1 ") && self.0.len() > 8 {
                return Err(format!("no answer of HTTP/1.1: {:?}", text(&self.0[..self.0.len().min(200)])));
            }
            let Some(mut part) = self.head() else { return Ok(None) };
            match part.second() {
                early if early.starts_with('1') => continue,
                "204" | "304" => {}
                _ if bodiless => {}
                _ if part.header("transfer-encoding").is_some() => self.chunks(&mut part),
                _ => match part.header("content-length").map(str::parse) {
                    Some(length) => self.sized(&mut part, length.map_err(|_| "a length that is none")?),
                    None => part.body = std::mem::take(&mut self.0).to_vec(),
                },
            }
            return Ok(Some(part));
        }
    }

    fn sized(&mut self, part: &mut Part, length: usize) {
        let (body, whole) = self.take(length);
        (part.body, part.whole) = (body.to_vec(), whole);
    }

    fn chunks(&mut self, part: &mut Part) {
        part.whole = false;
        while let Some(size) = self.line() {
            let digits = text(size.split(|byte| *byte == b';').next().unwrap_or_default());
            let Ok(size) = usize::from_str_radix(digits.trim(), 16) else { return };
            if size == 0 {
                while self.line().is_some_and(|trailer| !trailer.is_empty()) {}
                part.whole = true;
                return;
            }
            let (chunk, whole) = self.take(size);
            part.body.extend_from_slice(chunk);
            if !whole || self.line().is_none() {
                return;
            }
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The data of the events of a stream, without one that has not come to its end.
pub fn events(body: &[u8]) -> Result<Vec<String>, String> {
    let (mut events, mut data, mut lines) = (Vec::new(), Vec::new(), Bytes(body));
    while let Some(line) = lines.line() {
        let line = str::from_utf8(line).map_err(|fault| format!("an event that is no text: {fault}"))?;
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => data.push(value.to_owned()),
            "event" if value == "message" => {}
            // An empty name begins a comment.
            "id" | "retry" => {}
            "" if !line.is_empty() => {}
            "" => {
                let event = data.join("\n");
                data.clear();
                if !event.is_empty() {
                    events.push(event);
                }
            }
            _ => return Err(format!("a line of a stream that is none: {line}")),
        }
    }
    Ok(events)
}
