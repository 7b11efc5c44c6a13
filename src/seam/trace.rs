//! The trace that a call belongs to (W3C Trace Context).

use std::fmt;

/// A call's place in a trace: the caller's trace id, or a new one, and an id of the call's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    trace: u128,
    call: u64,
}

impl Trace {
    /// A call in the trace of a `traceparent` (W3C Trace Context, section 3.2); in a new one where that is absent or
    /// malformed, as section 4.3 wants.
    #[must_use]
    pub fn new(traceparent: Option<&str>) -> Self {
        let trace = traceparent.and_then(trace_id).unwrap_or_else(rand::random::<u128>);
        Self { trace, call: rand::random::<u64>().max(1) }
    }

    /// Another call in the same trace.
    #[must_use]
    pub fn another(&self) -> Self {
        Self { trace: self.trace, call: rand::random::<u64>().max(1) }
    }

    /// The call's own id, 16 hexadecimal digits: what logs and error messages quote.
    #[must_use]
    pub fn call_id(&self) -> String {
        format!("{:016x}", self.call)
    }

    /// The `traceparent` for requests made on behalf of this call.
    #[must_use]
    pub fn traceparent(&self) -> String {
        format!("00-{:032x}-{:016x}-00", self.trace, self.call)
    }
}

impl fmt::Display for Trace {
    /// The trace id, 32 hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.trace)
    }
}

fn trace_id(traceparent: &str) -> Option<u128> {
    let hex = |s: &str, len: usize| {
        s.len() == len && s.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    };
    let mut parts = traceparent.split('-');
    let (version, trace, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    if !hex(version, 2) || version == "ff" || !hex(trace, 32) || !hex(parent, 16) || !hex(flags, 2) {
        return None;
    }
    if version == "00" && parts.next().is_some() {
        return None;
    }
    u128::from_str_radix(trace, 16).ok().filter(|id| *id != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_callers_trace_is_kept_and_a_bad_one_replaced() {
        let given = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let trace = Trace::new(Some(given));
        assert_eq!(trace.to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert!(trace.traceparent().starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-"));
        assert!(!trace.traceparent().contains("00f067aa0ba902b7"));
        for bad in
            ["", "00-0", "00-00000000000000000000000000000000-00f067aa0ba902b7-01", &given.to_uppercase()]
        {
            assert_ne!(Trace::new(Some(bad)).to_string(), "00000000000000000000000000000000", "{bad}");
            assert_ne!(Trace::new(Some(bad)).to_string(), trace.to_string(), "{bad}");
        }
    }
}
