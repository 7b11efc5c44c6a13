//! Which of several replicas this server is: a word before the ids of what it alone keeps, for a proxy to route by.

use super::door::{Fault, SESSION, single};
use http::{HeaderMap, HeaderValue};

/// The header of a request that names another replica's session: nobody has this one.
const NOBODYS: HeaderValue = HeaderValue::from_static("-");

/// What a replica is called; nothing where there is one server alone.
#[derive(Clone, Debug, Default)]
pub(super) struct Replica(Option<String>);

impl Replica {
    /// The replica of this name: letters, digits, `-` and `_`.
    pub(super) fn named(name: &str) -> Self {
        Self(Some(format!("{name}.")))
    }

    /// An id that says where it was made.
    pub(super) fn mark(&self, id: String) -> String {
        match &self.0 {
            Some(mark) => format!("{mark}{id}"),
            None => id,
        }
    }

    /// Takes the mark off the session that a request names. Sessions of other replicas, and such that have no mark, are
    /// nobody's here.
    ///
    /// # Errors
    /// The header stands more than once, or is no text.
    pub(super) fn take_off(&self, headers: &mut HeaderMap) -> Result<(), Fault> {
        let Some(mark) = &self.0 else { return Ok(()) };
        let said = single(headers, &SESSION).map_err(|_| Fault::invalid("Mcp-Session-Id must stand once"))?;
        let Some(said) = said else { return Ok(()) };
        let own = said.strip_prefix(mark.as_str()).and_then(|id| HeaderValue::from_str(id).ok());
        headers.insert(SESSION, own.unwrap_or(NOBODYS));
        Ok(())
    }

    /// Puts the mark before the session that an answer names.
    pub(super) fn put_on(&self, headers: &mut HeaderMap) {
        let Some(id) = headers.get(SESSION).and_then(|id| id.to_str().ok()) else { return };
        if let Ok(marked) = HeaderValue::from_str(&self.mark(id.to_owned())) {
            headers.insert(SESSION, marked);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(session: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(SESSION, HeaderValue::from_static(session))])
    }

    #[test]
    fn a_replica_knows_its_own_sessions_by_their_mark() {
        let replica = Replica::named("a");
        for (said, known) in
            [("a.1f", "1f"), ("b.1f", "-"), ("1f", "-"), ("A.1f", "-"), ("a", "-"), ("ab.1f", "-")]
        {
            let mut headers = named(said);
            replica.take_off(&mut headers).unwrap();
            assert_eq!(headers[SESSION], known, "{said}");
        }
        let mut answer = named("1f");
        replica.put_on(&mut answer);
        assert_eq!(answer[SESSION], "a.1f");
        let mut none = HeaderMap::new();
        replica.put_on(&mut none);
        replica.take_off(&mut none).unwrap();
        assert!(none.is_empty());
        let mut twice = named("a.1f");
        twice.append(SESSION, HeaderValue::from_static("a.2f"));
        assert!(replica.take_off(&mut twice).is_err());
    }

    #[test]
    fn a_server_alone_marks_nothing() {
        let (alone, mut headers) = (Replica::default(), named("a.1f"));
        alone.take_off(&mut headers).unwrap();
        alone.put_on(&mut headers);
        assert_eq!((headers[SESSION].to_str().unwrap(), alone.mark("1f".into())), ("a.1f", "1f".into()));
    }
}
